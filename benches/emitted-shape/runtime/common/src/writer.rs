use std::io::Write as _;

use crate::Encode;

/// Appends JSON text to a buffer.
#[derive(Debug, Default)]
pub struct Writer {
    text: Vec<u8>,
}

impl Writer {
    /// The text written so far.
    pub fn into_bytes(self) -> Vec<u8> {
        self.text
    }

    /// Writes text that is JSON already.
    pub fn raw(&mut self, json: &str) {
        self.text.extend_from_slice(json.as_bytes());
    }

    /// Writes `null`.
    pub fn null(&mut self) {
        self.raw("null");
    }

    /// Writes a truth value.
    pub fn bool(&mut self, value: bool) {
        self.raw(if value { "true" } else { "false" });
    }

    /// Writes an integer.
    pub fn int(&mut self, value: i64) {
        // From the last digit forward, without the formatter: integers are too frequent for it.
        let mut digits = [0u8; 20];
        let mut start = digits.len();
        let mut rest = value.unsigned_abs();
        loop {
            start -= 1;
            digits[start] = b'0' + (rest % 10) as u8;
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        if value < 0 {
            self.text.push(b'-');
        }
        self.text.extend_from_slice(&digits[start..]);
    }

    /// Writes a number; what JSON cannot say (infinite, not a number) becomes null.
    pub fn float(&mut self, value: f64) {
        if value.is_finite() {
            write!(self.text, "{value:?}").expect("writing to memory");
        } else {
            self.null();
        }
    }

    /// Writes a string with the escapes that JSON demands.
    pub fn string(&mut self, value: &str) {
        self.text.push(b'"');
        let mut plain = 0;
        for (at, &byte) in value.as_bytes().iter().enumerate() {
            if byte >= 0x20 && byte != b'"' && byte != b'\\' {
                continue;
            }
            self.text.extend_from_slice(&value.as_bytes()[plain..at]);
            plain = at + 1;
            match byte {
                b'"' => self.raw("\\\""),
                b'\\' => self.raw("\\\\"),
                b'\n' => self.raw("\\n"),
                _ => write!(self.text, "\\u{byte:04x}").expect("writing to memory"),
            }
        }
        self.text.extend_from_slice(&value.as_bytes()[plain..]);
        self.text.push(b'"');
    }

    /// Writes a list. The iterator is dynamic so that the loop is compiled once, here.
    pub fn list(&mut self, items: &mut dyn Iterator<Item = &dyn Encode>) {
        self.text.push(b'[');
        for (index, item) in items.enumerate() {
            if index > 0 {
                self.text.push(b',');
            }
            item.encode(self);
        }
        self.text.push(b']');
    }

    /// Starts an object; [`ObjectWriter::end`] closes it.
    pub fn object(&mut self) -> ObjectWriter<'_> {
        self.text.push(b'{');
        ObjectWriter { writer: self, empty: true }
    }

    /// Starts an object that carries its variant's name in `tag`; the variant's own members follow by `members`.
    pub fn tagged(&mut self, tag: &str, variant: &str, members: &dyn Encode) {
        let start = self.text.len();
        members.encode(self);
        // The variant wrote a whole object. The tag goes in after its brace, so that no type needs a second method.
        let mut head = Writer::default();
        head.string(tag);
        head.text.push(b':');
        head.string(variant);
        if self.text[start + 1] != b'}' {
            head.text.push(b',');
        }
        self.text.splice(start + 1..start + 1, head.text);
    }
}

/// Writes the members of one object.
#[derive(Debug)]
pub struct ObjectWriter<'w> {
    writer: &'w mut Writer,
    empty: bool,
}

impl ObjectWriter<'_> {
    /// Writes a member that is always there.
    pub fn field(&mut self, name: &str, value: &dyn Encode) {
        if !self.empty {
            self.writer.text.push(b',');
        }
        self.empty = false;
        self.writer.string(name);
        self.writer.text.push(b':');
        value.encode(self.writer);
    }

    /// Writes a member unless it is `None`.
    pub fn optional(&mut self, name: &str, value: &dyn Encode) {
        if !value.is_absent() {
            self.field(name, value);
        }
    }

    /// Writes a three-state member unless it is absent.
    pub fn maybe(&mut self, name: &str, value: &dyn Encode) {
        self.optional(name, value);
    }

    /// Closes the object.
    pub fn end(self) {
        self.writer.text.push(b'}');
    }
}
