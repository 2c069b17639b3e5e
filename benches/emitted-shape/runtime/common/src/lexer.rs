use std::borrow::Cow;

use crate::DecodeError;

/// How deep arrays and objects may nest.
///
/// Every reader here recurses once a level, so a hostile document must not choose the depth.
pub const MAX_DEPTH: u32 = 128;

/// Reads the tokens of one JSON text.
#[derive(Clone, Debug)]
pub struct Lexer<'t> {
    text: &'t str,
    at: usize,
}

/// A string token: the text between the quotes, and whether it holds escapes.
#[derive(Clone, Copy, Debug)]
pub struct Span<'t> {
    /// The text between the quotes, as written.
    pub text: &'t str,
    /// Whether it holds escapes.
    pub escaped: bool,
}

impl<'t> Span<'t> {
    /// The string that is meant. Borrowed unless it holds escapes.
    pub fn unescape(self) -> Cow<'t, str> {
        if self.escaped { Cow::Owned(unescape(self.text)) } else { Cow::Borrowed(self.text) }
    }
}

/// Bytes at which the scan of a string stops: quote, backslash, control characters.
const STOPS: [bool; 256] = {
    let mut stops = [false; 256];
    let mut byte = 0;
    while byte < 0x20 {
        stops[byte] = true;
        byte += 1;
    }
    stops[b'"' as usize] = true;
    stops[b'\\' as usize] = true;
    stops
};

impl<'t> Lexer<'t> {
    /// Starts at the beginning of a document.
    pub fn new(body: &'t [u8]) -> Result<Self, DecodeError> {
        let text = std::str::from_utf8(body)
            .map_err(|error| DecodeError::syntax(error.valid_up_to(), "UTF-8"))?;
        Ok(Self { text, at: 0 })
    }

    /// The whole text.
    pub fn text(&self) -> &'t str {
        self.text
    }

    /// The position of the next byte.
    pub fn at(&self) -> usize {
        self.at
    }

    /// An error at the next byte.
    pub fn unexpected(&self, expected: &'static str) -> DecodeError {
        DecodeError::syntax(self.at, expected)
    }

    /// Skips white space and looks at the next byte; zero at the end, which no token starts with.
    pub fn peek(&mut self) -> u8 {
        while let Some(&byte) = self.text.as_bytes().get(self.at) {
            if !matches!(byte, b' ' | b'\n' | b'\r' | b'\t') {
                return byte;
            }
            self.at += 1;
        }
        0
    }

    /// Takes the next byte if it is `byte`.
    pub fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == byte;
        self.at += usize::from(found);
        found
    }

    /// Takes `byte` or fails.
    pub fn expect(&mut self, byte: u8, expected: &'static str) -> Result<(), DecodeError> {
        if self.take(byte) { Ok(()) } else { Err(self.unexpected(expected)) }
    }

    /// Takes a literal such as `null`, whose first byte has been seen.
    pub fn literal(&mut self, word: &'static str) -> Result<(), DecodeError> {
        if !self.text[self.at..].starts_with(word) {
            return Err(self.unexpected(word));
        }
        self.at += word.len();
        Ok(())
    }

    /// Takes a string.
    pub fn string(&mut self) -> Result<Span<'t>, DecodeError> {
        self.expect(b'"', "a string")?;
        let bytes = self.text.as_bytes();
        let start = self.at;
        let mut escaped = false;
        loop {
            while self.at < bytes.len() && !STOPS[usize::from(bytes[self.at])] {
                self.at += 1;
            }
            match bytes.get(self.at) {
                Some(b'"') => break,
                Some(b'\\') => {
                    escaped = true;
                    self.escape()?;
                }
                _ => return Err(self.unexpected("the end of the string")),
            }
        }
        let text = &self.text[start..self.at];
        self.at += 1;
        Ok(Span { text, escaped })
    }

    fn escape(&mut self) -> Result<(), DecodeError> {
        let rest = &self.text.as_bytes()[self.at + 1..];
        let length = match rest.first() {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => 2,
            Some(b'u') if rest.len() > 4 && rest[1..5].iter().all(u8::is_ascii_hexdigit) => 6,
            _ => return Err(self.unexpected("an escape")),
        };
        self.at += length;
        Ok(())
    }

    /// Takes a number and returns its text.
    pub fn number(&mut self) -> Result<&'t str, DecodeError> {
        self.peek();
        let start = self.at;
        self.at += usize::from(self.byte() == b'-');
        let first = self.byte();
        if self.digits()? > 1 && first == b'0' {
            return Err(self.unexpected("no leading zero"));
        }
        if self.byte() == b'.' {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.byte(), b'e' | b'E') {
            self.at += 1;
            self.at += usize::from(matches!(self.byte(), b'+' | b'-'));
            self.digits()?;
        }
        Ok(&self.text[start..self.at])
    }

    fn byte(&self) -> u8 {
        self.text.as_bytes().get(self.at).copied().unwrap_or(0)
    }

    fn digits(&mut self) -> Result<usize, DecodeError> {
        let start = self.at;
        while self.byte().is_ascii_digit() {
            self.at += 1;
        }
        match self.at - start {
            0 => Err(self.unexpected("a digit")),
            count => Ok(count),
        }
    }

    /// Takes a whole value without keeping it.
    pub fn skip(&mut self, depth: u32) -> Result<(), DecodeError> {
        if depth > MAX_DEPTH {
            return Err(self.unexpected("less nesting"));
        }
        match self.peek() {
            b'"' => self.string().map(drop),
            b'{' => {
                self.at += 1;
                let mut first = true;
                while !self.take(b'}') {
                    if !std::mem::take(&mut first) {
                        self.expect(b',', "a comma")?;
                    }
                    self.string()?;
                    self.expect(b':', "a colon")?;
                    self.skip(depth + 1)?;
                }
                Ok(())
            }
            b'[' => {
                self.at += 1;
                let mut first = true;
                while !self.take(b']') {
                    if !std::mem::take(&mut first) {
                        self.expect(b',', "a comma")?;
                    }
                    self.skip(depth + 1)?;
                }
                Ok(())
            }
            b't' => self.literal("true"),
            b'f' => self.literal("false"),
            b'n' => self.literal("null"),
            _ => self.number().map(drop),
        }
    }

    /// Fails unless only white space is left.
    pub fn finish(mut self) -> Result<(), DecodeError> {
        if self.peek() == 0 && self.at == self.text.len() {
            Ok(())
        } else {
            Err(self.unexpected("the end"))
        }
    }
}

/// Resolves the escapes of text that the lexer has accepted. A lone surrogate becomes U+FFFD.
fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        let kind = rest.as_bytes()[at + 1];
        rest = &rest[at + 2..];
        match kind {
            b'b' => out.push('\u{8}'),
            b'f' => out.push('\u{c}'),
            b'n' => out.push('\n'),
            b'r' => out.push('\r'),
            b't' => out.push('\t'),
            b'u' => {
                let unit = hex(&rest[..4]);
                rest = &rest[4..];
                let low = rest.strip_prefix("\\u").map(|low| hex(&low[..4]));
                let scalar = match low {
                    Some(low)
                        if (0xd800..0xdc00).contains(&unit) && (0xdc00..0xe000).contains(&low) =>
                    {
                        rest = &rest[6..];
                        0x1_0000 + ((unit - 0xd800) << 10) + (low - 0xdc00)
                    }
                    _ => unit,
                };
                out.push(char::from_u32(scalar).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            other => out.push(char::from(other)),
        }
    }
    out.push_str(rest);
    out
}

fn hex(digits: &str) -> u32 {
    u32::from_str_radix(digits, 16).expect("the lexer has checked the digits")
}
