//! From text to tree (RFC 8259).

use super::error::DecodeError;
use super::tree::{Slot, Tree, Value};

/// How deep arrays and objects may nest. The reader and every decoder recurse once a level, so that a hostile text must
/// not choose the depth. Real answers stay below 20.
const MAX_DEPTH: u32 = 128;

/// Parses a whole text.
pub(super) fn read(body: &[u8]) -> Result<Tree<'_>, DecodeError> {
    let text = match str::from_utf8(body) {
        Ok(text) => text,
        Err(error) => return Err(DecodeError::encoding(body, error.valid_up_to())),
    };
    if u32::try_from(text.len()).is_err() {
        return Err(DecodeError::syntax(text, 0, "a text under 4 GiB"));
    }
    // Real answers have a slot for about 16 bytes of text. A low first guess costs only a copy.
    let tree = Tree { text, slots: Vec::with_capacity(text.len() / 16 + 1), unescaped: Vec::new() };
    let at = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let mut reader = Reader { bytes: text.as_bytes(), at, tree };
    reader.value(0)?;
    if reader.next_token().is_some() {
        return Err(reader.unexpected("the end"));
    }
    Ok(reader.tree)
}

struct Reader<'t> {
    bytes: &'t [u8],
    at: usize,
    tree: Tree<'t>,
}

impl Reader<'_> {
    fn value(&mut self, depth: u32) -> Result<(), DecodeError> {
        match self.next_token() {
            Some(b'"') => self.string(),
            Some(b'{') => self.object(depth + 1),
            Some(b'[') => self.list(depth + 1),
            Some(b't') => self.word("true", Value::True),
            Some(b'f') => self.word("false", Value::False),
            Some(b'n') => self.word("null", Value::Null),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => Err(self.unexpected("a JSON value")),
        }
    }

    fn object(&mut self, depth: u32) -> Result<(), DecodeError> {
        let opened = self.open(depth)?;
        if self.next_token() != Some(b'}') {
            loop {
                if self.next_token() != Some(b'"') {
                    return Err(self.unexpected("a member name"));
                }
                self.string()?;
                self.expect(b':', "a colon")?;
                self.value(depth)?;
                if self.next_token() != Some(b',') {
                    break;
                }
                self.at += 1;
            }
        }
        self.expect(b'}', "a comma or `}`")?;
        self.close(opened, Value::Object);
        Ok(())
    }

    fn list(&mut self, depth: u32) -> Result<(), DecodeError> {
        let opened = self.open(depth)?;
        if self.next_token() != Some(b']') {
            loop {
                self.value(depth)?;
                if self.next_token() != Some(b',') {
                    break;
                }
                self.at += 1;
            }
        }
        self.expect(b']', "a comma or `]`")?;
        self.close(opened, Value::List);
        Ok(())
    }

    /// Takes the bracket and makes the container's slot, whose end and size are not known yet.
    fn open(&mut self, depth: u32) -> Result<usize, DecodeError> {
        if depth > MAX_DEPTH {
            return Err(self.unexpected("at most 128 levels of nesting"));
        }
        let index = self.tree.slots.len();
        let start = self.at;
        self.at += 1;
        self.push(start, self.at, Value::Null);
        Ok(index)
    }

    fn close(&mut self, opened: usize, value: fn(u32) -> Value) {
        let size = short(self.tree.slots.len() - opened);
        if let Some(slot) = self.tree.slots.get_mut(opened) {
            slot.end = short(self.at);
            slot.value = value(size);
        }
    }

    fn word(&mut self, word: &'static str, value: Value) -> Result<(), DecodeError> {
        let start = self.at;
        if !self.rest().starts_with(word.as_bytes()) {
            return Err(self.unexpected("a JSON value"));
        }
        self.at += word.len();
        self.push(start, self.at, value);
        Ok(())
    }

    fn number(&mut self) -> Result<(), DecodeError> {
        let start = self.at;
        self.skip(b"-");
        let leading_zero = self.byte() == Some(b'0');
        if self.digits()? > 1 && leading_zero {
            return Err(self.unexpected("a number without leading zeros"));
        }
        if self.skip(b".") {
            self.digits()?;
        }
        if self.skip(b"eE") {
            self.skip(b"+-");
            self.digits()?;
        }
        self.push(start, self.at, Value::Number);
        Ok(())
    }

    fn digits(&mut self) -> Result<usize, DecodeError> {
        let count = self.rest().iter().take_while(|byte| byte.is_ascii_digit()).count();
        self.at += count;
        if count == 0 { Err(self.unexpected("a digit")) } else { Ok(count) }
    }

    fn string(&mut self) -> Result<(), DecodeError> {
        self.at += 1;
        let start = self.at;
        self.plain();
        if self.byte() == Some(b'"') {
            self.push(start, self.at, Value::Plain);
        } else {
            let text = self.escaped(start)?;
            let index = short(self.tree.unescaped.len());
            self.tree.unescaped.push(text);
            self.push(start, self.at, Value::Escaped(index));
        }
        self.at += 1;
        Ok(())
    }

    /// Goes to the next byte that cannot stand for itself: quote, backslash, control character.
    fn plain(&mut self) {
        let stop = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..0x20);
        self.at += self.rest().iter().position(stop).unwrap_or(self.rest().len());
    }

    /// Reads on in a string that is not plain, to its closing quote.
    fn escaped(&mut self, start: usize) -> Result<Box<str>, DecodeError> {
        let mut text = String::from(self.between(start, self.at));
        loop {
            match self.byte() {
                Some(b'"') => return Ok(text.into()),
                Some(b'\\') => text.push(self.escape()?),
                _ => return Err(self.unexpected("the end of the string")),
            }
            let from = self.at;
            self.plain();
            text.push_str(self.between(from, self.at));
        }
    }

    fn escape(&mut self) -> Result<char, DecodeError> {
        let meaning = match self.bytes.get(self.at + 1) {
            Some(&byte @ (b'"' | b'\\' | b'/')) => char::from(byte),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode_escape(),
            _ => return Err(self.unexpected("an escape")),
        };
        self.at += 2;
        Ok(meaning)
    }

    /// Half of a surrogate pair becomes U+FFFD: servers cut texts in the middle of an emoji, and one cut title must not
    /// make a whole list unreadable.
    fn unicode_escape(&mut self) -> Result<char, DecodeError> {
        let Some(unit) = self.code_unit() else { return Err(self.unexpected("an escape")) };
        self.at += 6;
        let scalar = match (unit, self.code_unit()) {
            (0xd800..0xdc00, Some(low @ 0xdc00..0xe000)) => {
                self.at += 6;
                0x1_0000 + ((unit - 0xd800) << 10) + (low - 0xdc00)
            }
            _ => unit,
        };
        Ok(char::from_u32(scalar).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    /// The number in the `\uXXXX` that stands here, if one does.
    fn code_unit(&self) -> Option<u32> {
        let digits = self.rest().strip_prefix(b"\\u")?.get(..4)?;
        digits.iter().try_fold(0, |sum, &digit| Some(sum * 16 + char::from(digit).to_digit(16)?))
    }

    /// Skips white space and looks at what follows.
    fn next_token(&mut self) -> Option<u8> {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.byte() {
            self.at += 1;
        }
        self.byte()
    }

    fn expect(&mut self, byte: u8, expected: &'static str) -> Result<(), DecodeError> {
        if self.next_token() != Some(byte) {
            return Err(self.unexpected(expected));
        }
        self.at += 1;
        Ok(())
    }

    fn skip(&mut self, one_of: &[u8]) -> bool {
        let found = self.byte().is_some_and(|byte| one_of.contains(&byte));
        self.at += usize::from(found);
        found
    }

    fn byte(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn rest(&self) -> &[u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    /// Both ends are next to ASCII bytes, so they never split a character.
    fn between(&self, start: usize, end: usize) -> &str {
        self.tree.text.get(start..end).unwrap_or_default()
    }

    fn push(&mut self, start: usize, end: usize, value: Value) {
        self.tree.slots.push(Slot { start: short(start), end: short(end), value });
    }

    #[cold]
    fn unexpected(&self, expected: &'static str) -> DecodeError {
        DecodeError::syntax(self.tree.text, self.at, expected)
    }
}

/// `read` refuses texts beyond 4 GiB, and there are not more slots than bytes: this never cuts.
fn short(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use crate::json::{from_slice, to_vec};
    use crate::types::Json;

    #[track_caller]
    fn refused(text: &str, message: &str) {
        let error = from_slice::<Json>(text.as_bytes()).unwrap_err();
        assert_eq!(error.to_string(), message);
    }

    #[track_caller]
    fn string(text: &str, expected: &str) {
        assert_eq!(from_slice::<String>(text.as_bytes()).unwrap(), expected);
    }

    #[test]
    fn every_escape_has_its_meaning() {
        string(r#""\" \\ \/ \b \f \n \r \t \u00e9""#, "\" \\ / \u{8} \u{c} \n \r \t \u{e9}");
    }

    #[test]
    fn a_surrogate_pair_is_one_character() {
        string(r#""a\ud83d\udcda""#, "a\u{1f4da}");
    }

    #[test]
    fn half_a_surrogate_pair_is_replaced() {
        string(r#""a\ud83d""#, "a\u{fffd}");
        string(r#""\ud83d\u0041""#, "\u{fffd}A");
        string(r#""\udcda""#, "\u{fffd}");
    }

    #[test]
    fn a_byte_order_mark_is_skipped() {
        string("\u{feff}\"a\"", "a");
    }

    #[test]
    fn broken_text_is_refused_at_its_place() {
        refused("", "expected a JSON value at line 1, column 1, found the end");
        refused("{\"a\":1,\n \"b\" 2}", "expected a colon at line 2, column 6, found a number");
        refused("[1 2]", "expected a comma or `]` at line 1, column 4, found a number");
        refused("[1,]", "expected a JSON value at line 1, column 4, found other text");
        refused("{\"a\":1,}", "expected a member name at line 1, column 8, found other text");
        refused("01", "expected a number without leading zeros at line 1, column 3, found the end");
        refused("1.", "expected a digit at line 1, column 3, found the end");
        refused("nul", "expected a JSON value at line 1, column 1, found other text");
        refused("\"a\nb\"", "expected the end of the string at line 1, column 3, found other text");
        refused(r#""\x""#, "expected an escape at line 1, column 2, found other text");
        refused("1 1", "expected the end at line 1, column 3, found a number");
        refused("<html>", "expected a JSON value at line 1, column 1, found other text");
    }

    #[test]
    fn nesting_is_bounded() {
        let nested = |depth| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(from_slice::<Json>(nested(128).as_bytes()).is_ok());
        refused(
            &nested(129),
            "expected at most 128 levels of nesting at line 1, column 129, found an array",
        );
        assert!(from_slice::<Json>("[".repeat(1_000_000).as_bytes()).is_err());
    }

    #[test]
    fn agrees_with_serde_json_on_what_is_json() {
        for text in [
            "{}",
            "[]",
            " [ 1 , 2 ] ",
            "-0",
            "1e5",
            "1E+5",
            "0.5e-1",
            "-",
            "+1",
            ".5",
            "1e",
            "tru",
            "[",
            "{\"a\"}",
            "{\"a\":}",
            "{a:1}",
            "'a'",
            "\"\\u12\"",
            "\"\u{7f}\"",
            "\"\u{1}\"",
            "[1],",
            "{\"a\":{\"b\":[null,true]}}",
            "\u{b}1",
            "nullx",
        ] {
            let theirs = serde_json::from_str::<Json>(text).ok();
            let ours = from_slice::<Json>(text.as_bytes()).ok();
            assert_eq!(ours, theirs, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_read_or_refused_as_serde_json_does(text in "[\\[\\]{}\",:0-9eE.+\\- \\\\untfalsr]{0,24}") {
            // A number beyond the range of `f64` is refused by both, but not at the same stage.
            let theirs = serde_json::from_str::<Json>(&text).ok();
            let ours = from_slice::<Json>(text.as_bytes()).ok();
            proptest::prop_assert_eq!(&ours, &theirs);
            if let Some(value) = ours {
                let written = to_vec(&value).unwrap();
                proptest::prop_assert_eq!(from_slice::<Json>(&written).unwrap(), value);
            }
        }
    }
}
