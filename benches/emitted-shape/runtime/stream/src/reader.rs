use std::borrow::Cow;

use shape_json_common::{DecodeError, Lexer, MAX_DEPTH, RawJson};

use crate::Object;

/// Reads one JSON text from front to back.
#[derive(Clone, Debug)]
pub struct Reader<'t> {
    pub(crate) lexer: Lexer<'t>,
    pub(crate) depth: u32,
}

impl<'t> Reader<'t> {
    pub(crate) fn new(body: &'t [u8]) -> Result<Self, DecodeError> {
        Ok(Self { lexer: Lexer::new(body)?, depth: 0 })
    }

    /// Takes a null, if one is next.
    pub fn null(&mut self) -> Result<bool, DecodeError> {
        if self.lexer.peek() != b'n' {
            return Ok(false);
        }
        self.lexer.literal("null").map(|()| true)
    }

    /// Opens an object whose members `fields` names.
    pub fn object(
        &mut self,
        fields: &'static [&'static str],
    ) -> Result<Object<'_, 't>, DecodeError> {
        self.open(b'{', "an object")?;
        Ok(Object::new(self, fields))
    }

    /// Takes the opening byte of a list or an object, one level deeper.
    pub(crate) fn open(&mut self, byte: u8, expected: &'static str) -> Result<(), DecodeError> {
        if !self.lexer.take(byte) {
            return Err(DecodeError::wrong(expected));
        }
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.lexer.unexpected("less nesting"));
        }
        Ok(())
    }

    /// Takes the closing byte, if it is next; otherwise the comma that must follow an earlier element.
    pub(crate) fn close(&mut self, byte: u8, first: &mut bool) -> Result<bool, DecodeError> {
        if self.lexer.take(byte) {
            self.depth -= 1;
            return Ok(true);
        }
        if !std::mem::take(first) {
            self.lexer.expect(b',', "a comma")?;
        }
        Ok(false)
    }

    /// The text of a string.
    pub fn string(&mut self) -> Result<Cow<'t, str>, DecodeError> {
        if self.lexer.peek() != b'"' {
            return Err(DecodeError::wrong("a string"));
        }
        Ok(self.lexer.string()?.unescape())
    }

    /// An integer.
    pub fn int(&mut self) -> Result<i64, DecodeError> {
        self.number("an integer")
    }

    /// A number.
    pub fn float(&mut self) -> Result<f64, DecodeError> {
        self.number("a number")
    }

    fn number<T: std::str::FromStr>(&mut self, expected: &'static str) -> Result<T, DecodeError> {
        if !matches!(self.lexer.peek(), b'-' | b'0'..=b'9') {
            return Err(DecodeError::wrong(expected));
        }
        self.lexer.number()?.parse().map_err(|_| DecodeError::wrong(expected))
    }

    /// A truth value.
    pub fn bool(&mut self) -> Result<bool, DecodeError> {
        match self.lexer.peek() {
            b't' => self.lexer.literal("true").map(|()| true),
            b'f' => self.lexer.literal("false").map(|()| false),
            _ => Err(DecodeError::wrong("true or false")),
        }
    }

    /// The text of the member that names a union's variant.
    ///
    /// It may stand last, so a copy of the reader runs ahead and the object is read twice up to it.
    pub fn tag(&self, name: &'static str) -> Result<Cow<'t, str>, DecodeError> {
        let mut ahead = self.clone();
        ahead.open(b'{', "an object")?;
        let mut first = true;
        while !ahead.close(b'}', &mut first)? {
            let key = ahead.lexer.string()?.unescape();
            ahead.lexer.expect(b':', "a colon")?;
            if key == name {
                return ahead.string().map_err(|error| error.in_field(name));
            }
            ahead.lexer.skip(ahead.depth)?;
        }
        Err(DecodeError::missing(name))
    }

    /// The next value as JSON text.
    pub fn raw(&mut self) -> Result<RawJson, DecodeError> {
        self.lexer.peek();
        let start = self.lexer.at();
        self.lexer.skip(self.depth)?;
        Ok(RawJson::from_checked(&self.lexer.text()[start..self.lexer.at()]))
    }
}
