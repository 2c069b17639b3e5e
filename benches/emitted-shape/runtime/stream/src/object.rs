use shape_json_common::DecodeError;

use crate::{Decode, Reader};

/// The members of the object that is being read.
#[derive(Debug)]
pub struct Object<'r, 't> {
    reader: &'r mut Reader<'t>,
    fields: &'static [&'static str],
    first: bool,
    current: usize,
    /// Which member comes next if the server keeps to the order of the schema.
    guess: usize,
}

impl<'r, 't> Object<'r, 't> {
    pub(crate) fn new(reader: &'r mut Reader<'t>, fields: &'static [&'static str]) -> Self {
        Self { reader, fields, first: true, current: 0, guess: 0 }
    }

    /// Moves to the next member and returns its index in the table; an unknown member has the table's length.
    pub fn next_field(&mut self) -> Result<Option<usize>, DecodeError> {
        if self.reader.close(b'}', &mut self.first)? {
            return Ok(None);
        }
        let key = self.reader.lexer.string()?.unescape();
        self.reader.lexer.expect(b':', "a colon")?;
        let key = &*key;
        self.current = if self.fields.get(self.guess) == Some(&key) {
            self.guess
        } else {
            self.fields.iter().position(|field| *field == key).unwrap_or(self.fields.len())
        };
        if self.current < self.fields.len() {
            self.guess = self.current + 1;
        }
        Ok(Some(self.current))
    }

    /// Reads the member's value.
    pub fn value<T: Decode>(&mut self) -> Result<T, DecodeError> {
        T::decode(self.reader).map_err(|error| error.in_field(self.fields[self.current]))
    }

    /// Passes over the member's value.
    pub fn skip(&mut self) -> Result<(), DecodeError> {
        self.reader.lexer.skip(self.reader.depth)
    }
}
