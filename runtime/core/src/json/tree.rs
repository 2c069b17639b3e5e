//! The parsed text: one slot for each key and value, in the order of the text.

/// A parsed text. Nothing is copied but strings that hold escapes.
pub(super) struct Tree<'t> {
    pub(super) text: &'t str,
    /// A container's children follow it at once. The slots of one value are a slice, which is what a node holds.
    pub(super) slots: Vec<Slot>,
    /// Strings that hold escapes, without them.
    pub(super) unescaped: Vec<Box<str>>,
}

/// One key or value: sixteen bytes, as offsets fit 32 bits because longer texts are refused.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slot {
    pub(super) start: u32,
    pub(super) end: u32,
    pub(super) value: Value,
}

/// What a slot holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Value {
    Null,
    True,
    False,
    Number,
    /// A string whose text is as written. Its span is without the quotes.
    Plain,
    /// A string with escapes, and where it stands in [`Tree::unescaped`].
    Escaped(u32),
    /// A list, and how many slots it takes with all below it.
    List(u32),
    /// An object, and how many slots it takes. Each child is a key's slot and then the slots of its value.
    Object(u32),
}

impl Slot {
    /// How many slots the value takes, itself included.
    pub(super) fn size(self) -> usize {
        match self.value {
            Value::List(size) | Value::Object(size) => size as usize,
            _ => 1,
        }
    }
}

impl<'t> Tree<'t> {
    /// The text of a slot, as written.
    pub(super) fn written(&self, slot: Slot) -> &'t str {
        self.text.get(slot.start as usize..slot.end as usize).unwrap_or_default()
    }

    /// The string of a slot; `None` if it holds no string.
    pub(super) fn string(&self, slot: Slot) -> Option<&str> {
        match slot.value {
            Value::Plain => Some(self.written(slot)),
            Value::Escaped(index) => self.unescaped.get(index as usize).map(Box::as_ref),
            _ => None,
        }
    }

    /// The JSON Pointer (RFC 6901) of the value that starts at `offset` in the text.
    ///
    /// A slot knows its place, so the way is found here, once, and no decoder has to carry it.
    pub(super) fn pointer(&self, offset: u32) -> String {
        let mut pointer = String::new();
        let mut rest = self.slots.as_slice();
        while let Some((&container, children)) = rest.split_first() {
            let within =
                |child: &Slot| child.start <= offset && offset < child.end.max(child.start + 1);
            let children = children.get(..container.size() - 1).unwrap_or_default();
            let found = match container.value {
                Value::Object(_) => entries(children)
                    .find(|(_, value)| value.first().is_some_and(within))
                    .map(|(key, value)| (self.string(key).unwrap_or_default().to_owned(), value)),
                Value::List(_) => items(children)
                    .enumerate()
                    .find(|(_, value)| value.first().is_some_and(within))
                    .map(|(position, value)| (position.to_string(), value)),
                _ => None,
            };
            let Some((token, value)) = found else { break };
            pointer.push('/');
            pointer.push_str(&token.replace('~', "~0").replace('/', "~1"));
            rest = value;
        }
        pointer
    }
}

/// Splits the slots below a list into one slice for each item.
pub(super) fn items(mut rest: &[Slot]) -> impl Iterator<Item = &[Slot]> {
    std::iter::from_fn(move || take(&mut rest))
}

/// Splits the slots below an object into a key and a slice for each member.
pub(super) fn entries(mut rest: &[Slot]) -> impl Iterator<Item = (Slot, &[Slot])> {
    std::iter::from_fn(move || take_entry(&mut rest))
}

/// Takes the first member off the slots below an object.
pub(super) fn take_entry<'s>(rest: &mut &'s [Slot]) -> Option<(Slot, &'s [Slot])> {
    let key = take(rest)?.first()?;
    Some((*key, take(rest)?))
}

fn take<'s>(rest: &mut &'s [Slot]) -> Option<&'s [Slot]> {
    let (value, after) = rest.split_at_checked(rest.first()?.size())?;
    *rest = after;
    Some(value)
}
