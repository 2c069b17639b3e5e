use std::borrow::Cow;

use shape_json_common::{DecodeError, RawJson, Span};

use crate::Object;
use crate::tree::{Kind, Slot, Tree};

/// A view on one value of a parsed document.
#[derive(Clone, Copy, Debug)]
pub struct Node<'t> {
    tree: &'t Tree<'t>,
    index: u32,
}

impl<'t> Node<'t> {
    pub(crate) fn root(tree: &'t Tree<'t>) -> Self {
        Self { tree, index: 0 }
    }

    pub(crate) fn slot(self) -> Slot {
        self.tree.slots[self.index as usize]
    }

    pub(crate) fn index(self) -> u32 {
        self.index
    }

    pub(crate) fn at(self, index: u32) -> Self {
        Self { tree: self.tree, index }
    }

    /// The text of the value, as written.
    pub(crate) fn text(self) -> &'t str {
        let slot = self.slot();
        &self.tree.text[slot.start as usize..slot.end as usize]
    }

    /// An error at this value.
    #[cold]
    pub(crate) fn fail(self, error: DecodeError) -> DecodeError {
        self.tree.locate(self.index, error)
    }

    #[cold]
    fn wrong(self, expected: &'static str) -> DecodeError {
        self.fail(DecodeError::wrong(expected))
    }

    /// Whether the value is null.
    pub fn is_null(self) -> bool {
        self.slot().kind == Kind::Null
    }

    /// The members of an object.
    pub fn object(self) -> Result<Object<'t>, DecodeError> {
        match self.slot().kind {
            Kind::Object => Ok(Object::new(self)),
            _ => Err(self.wrong("an object")),
        }
    }

    /// The text of a string.
    pub fn string(self) -> Result<Cow<'t, str>, DecodeError> {
        match self.slot().kind {
            Kind::Plain => Ok(Cow::Borrowed(self.text())),
            Kind::Escaped => Ok(Span { text: self.text(), escaped: true }.unescape()),
            _ => Err(self.wrong("a string")),
        }
    }

    /// An integer.
    pub fn int(self) -> Result<i64, DecodeError> {
        self.number("an integer")
    }

    /// A number.
    pub fn float(self) -> Result<f64, DecodeError> {
        self.number("a number")
    }

    fn number<T: std::str::FromStr>(self, expected: &'static str) -> Result<T, DecodeError> {
        match self.slot().kind {
            Kind::Number => self.text().parse().map_err(|_| self.wrong(expected)),
            _ => Err(self.wrong(expected)),
        }
    }

    /// A truth value.
    pub fn bool(self) -> Result<bool, DecodeError> {
        match self.slot().kind {
            Kind::True => Ok(true),
            Kind::False => Ok(false),
            _ => Err(self.wrong("true or false")),
        }
    }

    /// The text of the member that names a union's variant.
    pub fn tag(self, name: &'static str) -> Result<Cow<'t, str>, DecodeError> {
        self.object()?.need(name)?.string()
    }

    /// The elements of a list.
    pub fn items(self) -> Result<impl Iterator<Item = Node<'t>>, DecodeError> {
        let list = self.slot();
        if list.kind != Kind::List {
            return Err(self.wrong("a list"));
        }
        let mut next = self.index + 1;
        Ok(std::iter::from_fn(move || {
            let item = (next < list.next).then(|| self.at(next))?;
            next = item.slot().next;
            Some(item)
        }))
    }

    /// The entries of a map.
    pub fn entries(self) -> Result<impl Iterator<Item = (Cow<'t, str>, Node<'t>)>, DecodeError> {
        let map = self.slot();
        if map.kind != Kind::Object {
            return Err(self.wrong("an object"));
        }
        let mut next = self.index + 1;
        Ok(std::iter::from_fn(move || {
            let key = (next < map.next).then(|| self.at(next))?;
            let value = self.at(next + 1);
            next = value.slot().next;
            Some((key.string().expect("a key is a string"), value))
        }))
    }

    /// The value as JSON text.
    pub fn to_raw(self) -> RawJson {
        RawJson::from_checked(self.text())
    }
}
