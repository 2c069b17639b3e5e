//! JSON text (RFC 8259) to a tree.
//!
//! The reader forgives what it can name: it reports the place and goes on. It keeps its own stack,
//! so nesting costs no stack of the program, and it looks at bytes, because all of JSON's syntax is
//! ASCII and the text is known to be UTF-8.

use crate::budget::Budget;
use crate::builder::{Builder, Container, Exhausted};
use crate::codes;
use crate::diagnostic::{Diagnostic, Sink};
use crate::scalar::{self, Plain};
use crate::span::{FileId, Span};
use crate::tree::{Kind, Number, Tree};

/// Reads JSON text. `None` if there is no value in it.
///
/// Reported and read on: commas that trail or are missing, comments, control characters in strings,
/// unknown escapes, lone surrogates (read as U+FFFD), numbers and words of other notations. All
/// else ends the reading; what was read up to there is the tree.
pub(crate) fn read_json(
    text: &str,
    file: FileId,
    budget: &Budget,
    sink: &mut Sink,
) -> Option<Tree> {
    let builder = Builder::new(file, budget);
    let mut reader = Reader { text, bytes: text.as_bytes(), at: 0, file, builder, sink };
    // Either way the tree is what was read.
    let (Ok(()) | Err(Stop)) = reader.document();
    reader.builder.finish(reader.at, reader.sink)
}

/// The reading cannot go on; the diagnostic has been reported.
struct Stop;

impl From<Exhausted> for Stop {
    fn from(_: Exhausted) -> Self {
        Self
    }
}

/// What may come next.
#[derive(Clone, Copy)]
enum State {
    Value,
    /// The first element, or the end of the array.
    ItemOrEnd,
    /// The first key, or the end of the object.
    KeyOrEnd,
    Key,
    /// A comma, or the end of the container.
    After,
}

struct Reader<'t, 'b> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    file: FileId,
    builder: Builder<'b>,
    sink: &'b mut Sink,
}

impl Reader<'_, '_> {
    fn document(&mut self) -> Result<(), Stop> {
        let mut state = State::Value;
        while !self.builder.is_complete() {
            self.skip_blank();
            state = match state {
                State::Value => self.value()?,
                State::ItemOrEnd if self.peek() == Some(b']') => self.close()?,
                State::ItemOrEnd => State::Value,
                State::KeyOrEnd if self.peek() == Some(b'}') => self.close()?,
                State::KeyOrEnd | State::Key => self.key()?,
                State::After => self.after()?,
            };
        }
        self.skip_blank();
        if self.at < self.bytes.len() {
            return Err(self.stop("text goes on after the end of the JSON value"));
        }
        Ok(())
    }

    fn value(&mut self) -> Result<State, Stop> {
        let start = self.at;
        match self.peek() {
            Some(b'{') => self.open(Container::Mapping, State::KeyOrEnd),
            Some(b'[') => self.open(Container::Sequence, State::ItemOrEnd),
            Some(b'"') => {
                let text = self.string()?;
                self.scalar(Kind::String(text), start)
            }
            Some(byte) if is_word(byte) && !self.is_prose() => {
                let kind = self.word();
                self.scalar(kind, start)
            }
            None => Err(self.stop("text ends where a JSON value should be")),
            Some(_) => Err(self.stop("expected a JSON value")),
        }
    }

    fn open(&mut self, container: Container, next: State) -> Result<State, Stop> {
        self.builder.open(container, self.at, self.sink)?;
        self.at += 1;
        Ok(next)
    }

    fn close(&mut self) -> Result<State, Stop> {
        self.at += 1;
        self.builder.close(self.at, self.sink)?;
        Ok(State::After)
    }

    fn scalar(&mut self, kind: Kind, start: usize) -> Result<State, Stop> {
        let span = self.span(start, self.at);
        self.builder.scalar(kind, span, self.sink)?;
        Ok(State::After)
    }

    fn key(&mut self) -> Result<State, Stop> {
        let start = self.at;
        match self.peek() {
            Some(b'"') => {}
            None => return Err(self.stop("text ends inside an object")),
            Some(_) => return Err(self.stop("expected a key in double quotes")),
        }
        let name = self.string()?;
        self.builder.key(name, self.span(start, self.at));
        self.skip_blank();
        if self.peek() != Some(b':') {
            self.builder.drop_key();
            return Err(self.stop("expected `:` after the key"));
        }
        self.at += 1;
        Ok(State::Value)
    }

    fn after(&mut self) -> Result<State, Stop> {
        let (end, next) = match self.builder.innermost() {
            Some(Container::Sequence) => (b']', State::Value),
            Some(Container::Mapping) => (b'}', State::Key),
            None => return Ok(State::After),
        };
        match self.peek() {
            Some(b',') => {
                let comma = self.at;
                self.at += 1;
                self.skip_blank();
                if self.peek() == Some(end) {
                    self.report(comma, comma + 1, "comma before the closing bracket");
                    return self.close();
                }
                Ok(next)
            }
            Some(byte) if byte == end => self.close(),
            Some(byte) if byte == b'"' || (end == b']' && starts_value(byte)) => {
                self.report(self.at, self.at + 1, "expected a comma before this");
                Ok(next)
            }
            None => Err(self.stop("text ends inside an array or an object")),
            Some(_) => Err(self.stop("expected a comma or the closing bracket")),
        }
    }

    /// Reads a number, `true`, `false`, `null`, or whatever stands in their place.
    fn word(&mut self) -> Kind {
        let start = self.at;
        let rest = self.bytes.get(start..).unwrap_or_default();
        self.at += rest.iter().take_while(|byte| is_word(**byte)).count();
        let word = self.text.get(start..self.at).unwrap_or_default();
        match word {
            "true" => return Kind::Bool(true),
            "false" => return Kind::Bool(false),
            "null" => return Kind::Null,
            _ if is_number(word.as_bytes()) => return Kind::Number(Number(word.into())),
            _ => {}
        }
        match scalar::resolve(word) {
            Plain::Number(number) => {
                self.report(start, self.at, "number is not written as JSON writes numbers");
                Kind::Number(Number(number))
            }
            _ if matches!(word, "NaN" | "Infinity" | "-Infinity" | "+Infinity") => {
                let span = self.span(start, self.at);
                self.sink.report(
                    Diagnostic::new(
                        &codes::NUMBER_NOT_JSON,
                        format!("JSON has no number `{word}`"),
                    )
                    .label(span, "read as a string")
                    .at(self.builder.pointer()),
                );
                Kind::String(word.into())
            }
            Plain::Null | Plain::Bool(_) | Plain::NotJson | Plain::Text => {
                self.report(start, self.at, "word is not JSON; it is read as a string");
                Kind::String(word.into())
            }
        }
    }

    /// Reads a string from its opening quote to behind its closing quote.
    fn string(&mut self) -> Result<Box<str>, Stop> {
        let quote = self.at;
        self.at += 1;
        let mut start = self.at;
        // Stays empty, and so costs nothing, for the many strings without an escape.
        let mut decoded = String::new();
        loop {
            let rest = self.bytes.get(self.at..).unwrap_or_default();
            self.at += rest.iter().take_while(|byte| is_plain(**byte)).count();
            let plain = self.text.get(start..self.at).unwrap_or_default();
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    if decoded.is_empty() {
                        return Ok(plain.into());
                    }
                    decoded.push_str(plain);
                    return Ok(decoded.into_boxed_str());
                }
                Some(b'\\') => {
                    decoded.push_str(plain);
                    self.escape(&mut decoded);
                    start = self.at;
                }
                Some(control) => {
                    let message = format!("control character U+{control:04X} in a string");
                    self.report(self.at, self.at + 1, &message);
                    self.at += 1;
                }
                None => {
                    self.at = quote;
                    let stop = self.stop("string has no closing quote");
                    self.at = self.bytes.len();
                    return Err(stop);
                }
            }
        }
    }

    /// Reads one escape, which starts at a backslash.
    fn escape(&mut self, decoded: &mut String) {
        let start = self.at;
        self.at += 2;
        let character = match self.bytes.get(start + 1) {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => self.unicode_escape().unwrap_or_else(|| {
                self.report(start, self.at, "escape does not name a character");
                char::REPLACEMENT_CHARACTER
            }),
            Some(_) | None => {
                // The backslash goes, what follows it is read as it stands.
                self.at = start + 1;
                self.report(start, start + 1, "backslash before a character that needs none");
                return;
            }
        };
        decoded.push(character);
    }

    /// Reads the digits behind `\u` and, for a surrogate, the second half (RFC 8259 §7).
    fn unicode_escape(&mut self) -> Option<char> {
        let first = self.hex_digits()?;
        if !(0xD800..=0xDFFF).contains(&first) {
            return char::from_u32(first);
        }
        let after_first = self.at;
        if first <= 0xDBFF && self.bytes.get(after_first..after_first + 2) == Some(b"\\u") {
            self.at += 2;
            match self.hex_digits() {
                Some(second) if (0xDC00..=0xDFFF).contains(&second) => {
                    return char::from_u32(0x1_0000 + ((first - 0xD800) << 10) + (second - 0xDC00));
                }
                _ => self.at = after_first,
            }
        }
        None
    }

    fn hex_digits(&mut self) -> Option<u32> {
        let digits = self.bytes.get(self.at..self.at + 4)?;
        let value = digits.iter().try_fold(0, |value, digit| {
            char::from(*digit).to_digit(16).map(|digit| value * 16 + digit)
        })?;
        self.at += 4;
        Some(value)
    }

    /// Skips white space and, reporting them, comments.
    fn skip_blank(&mut self) {
        loop {
            while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
                self.at += 1;
            }
            let rest = self.text.get(self.at..).unwrap_or_default();
            let length = if rest.starts_with("//") {
                rest.find(['\n', '\r']).unwrap_or(rest.len())
            } else if rest.starts_with("/*") {
                rest.find("*/").map_or(rest.len(), |end| end + 2)
            } else {
                return;
            };
            self.report(self.at, self.at + length, "JSON has no comments");
            self.at += length;
        }
    }

    /// True if the document starts with a word: then it is YAML or prose, and nothing is forgiven.
    fn is_prose(&self) -> bool {
        let rest = self.text.get(self.at..).unwrap_or_default();
        self.builder.innermost().is_none()
            && rest.starts_with(|first: char| first.is_ascii_alphabetic())
            && !["true", "false", "null"].iter().any(|literal| rest.starts_with(literal))
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.file, start, end)
    }

    fn report(&mut self, start: usize, end: usize, message: &str) {
        let span = self.span(start, end);
        let diagnostic = Diagnostic::new(&codes::SYNTAX, message).label(span, "");
        self.sink.report(diagnostic.at(self.builder.pointer()));
    }

    /// Reports a fault at the next character that cannot be passed over.
    fn stop(&mut self, message: &str) -> Stop {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let length = rest.chars().next().map_or(0, char::len_utf8);
        let span = self.span(self.at, self.at + length);
        let diagnostic = Diagnostic::new(&codes::SYNTAX, message).label(span, "reading ends here");
        self.sink.report(diagnostic.at(self.builder.pointer()));
        Stop
    }
}

/// True for bytes that numbers and literals are made of, and for those that mistaken ones are.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.' | b'_')
}

fn starts_value(byte: u8) -> bool {
    matches!(byte, b'{' | b'[' | b'"') || is_word(byte)
}

/// True for bytes that stand for themselves in a string. RFC 8259 §7 forbids U+0000 to U+001F
/// there, and nothing else: the control characters U+007F to U+009F are legal.
fn is_plain(byte: u8) -> bool {
    byte >= 0x20 && byte != b'"' && byte != b'\\'
}

/// The grammar of RFC 8259 §6.
fn is_number(word: &[u8]) -> bool {
    let digits = |text: &[u8]| text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let rest = word.strip_prefix(b"-").unwrap_or(word);
    let whole = digits(rest);
    if whole == 0 || (whole > 1 && rest.first() == Some(&b'0')) {
        return false;
    }
    let mut rest = rest.get(whole..).unwrap_or_default();
    if let Some(fraction) = rest.strip_prefix(b".") {
        let length = digits(fraction);
        if length == 0 {
            return false;
        }
        rest = fraction.get(length..).unwrap_or_default();
    }
    if let Some(exponent) = rest.strip_prefix(b"e").or_else(|| rest.strip_prefix(b"E")) {
        let signed = exponent.strip_prefix(b"-").or_else(|| exponent.strip_prefix(b"+"));
        let exponent = signed.unwrap_or(exponent);
        let length = digits(exponent);
        return length > 0 && length == exponent.len();
    }
    rest.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::file::SourceMap;

    /// The tree in short notation, and `line:column message` of each diagnostic.
    fn read(text: &str) -> (String, Vec<String>) {
        let mut sources = SourceMap::default();
        let file = sources.add("a.json", text);
        let mut sink = Sink::default();
        let tree = read_json(text, file, &Budget::DEFAULT, &mut sink);
        let tree = tree.map_or_else(|| "nothing".to_owned(), |tree| tree.root().sketch());
        let problems = sink.diagnostics().iter().map(|diagnostic| {
            let place = sources.position(diagnostic.labels[0].span);
            format!("{}:{} {}", place.line, place.column, diagnostic.message)
        });
        (tree, problems.collect())
    }

    #[track_caller]
    fn check(text: &str, tree: &str, problems: &[&str]) {
        let (found, reported) = read(text);
        assert_eq!(found, tree);
        assert_eq!(reported, problems);
    }

    #[test]
    fn every_kind_of_value_is_read() {
        check(
            r#" {"a": [1, -0.5e+3, true, false, null, "x", [], {}]} "#,
            r#"{a: [1, -0.5e+3, true, false, null, "x", [], {}]}"#,
            &[],
        );
    }

    #[test]
    fn escapes_and_surrogate_pairs_are_decoded() {
        check(r#""\"\\\/\b\f\n\r\t\u00e9\uD83D\uDE00""#, r#""\"\\/\u{8}\u{c}\n\r\té😀""#, &[]);
    }

    #[test]
    fn c1_control_characters_are_legal() {
        check("\"\u{7f}\u{80}\u{9f}\"", r#""\u{7f}\u{80}\u{9f}""#, &[]);
    }

    #[test]
    fn raw_control_characters_are_reported_and_kept() {
        check("\"a\tb\"", r#""a\tb""#, &["1:3 control character U+0009 in a string"]);
    }

    #[test]
    fn lone_surrogates_are_reported_and_replaced() {
        let problem = "escape does not name a character";
        check(r#""\ud800x""#, "\"\u{fffd}x\"", &[&format!("1:2 {problem}")]);
        check(r#""\ud800\u0041""#, "\"\u{fffd}A\"", &[&format!("1:2 {problem}")]);
        check(r#""\udc00""#, "\"\u{fffd}\"", &[&format!("1:2 {problem}")]);
        check(r#""\u12""#, "\"\u{fffd}12\"", &[&format!("1:2 {problem}")]);
    }

    #[test]
    fn unknown_escapes_lose_their_backslash() {
        let problem = "1:3 backslash before a character that needs none";
        check(r#""a\ä""#, "\"aä\"", &[problem]);
    }

    #[test]
    fn a_trailing_comma_is_reported_and_passed_over() {
        check(
            "{\"a\": [1,\n],}",
            "{a: [1]}",
            &["1:9 comma before the closing bracket", "2:2 comma before the closing bracket"],
        );
    }

    #[test]
    fn a_missing_comma_is_reported_and_passed_over() {
        check("[1 {}]", "[1, {}]", &["1:4 expected a comma before this"]);
        check(r#"{"a":1 "b":2}"#, "{a: 1, b: 2}", &["1:8 expected a comma before this"]);
    }

    #[test]
    fn comments_are_reported_and_passed_over() {
        check("// a\n[/* b */1]", "[1]", &["1:1 JSON has no comments", "2:2 JSON has no comments"]);
    }

    #[test]
    fn numbers_of_other_notations_are_rewritten() {
        let problem = |column| format!("1:{column} number is not written as JSON writes numbers");
        check(
            "[01, +1, .5, 1.]",
            "[1, 1, 0.5, 1.0]",
            &[&problem(2), &problem(6), &problem(10), &problem(14)],
        );
    }

    #[test]
    fn words_that_json_does_not_know_become_strings() {
        check(
            "[NaN, None]",
            r#"["NaN", "None"]"#,
            &["1:2 JSON has no number `NaN`", "1:7 word is not JSON; it is read as a string"],
        );
    }

    #[test]
    fn of_a_repeated_key_the_last_value_stands_in_the_first_place() {
        let text = r#"{"a": 1, "b": 2, "a": 3}"#;
        check(text, "{a: 3, b: 2}", &["1:18 key `a` is given twice in one object"]);
    }

    #[test]
    fn what_was_read_before_a_fault_is_kept() {
        check(
            r#"{"a": [1, {"b": 2, c"#,
            "{a: [1, {b: 2}]}",
            &["1:20 expected a key in double quotes"],
        );
        check(r#"{"a": 1, "b"#, "{a: 1}", &["1:10 string has no closing quote"]);
        check("[1, 2", "[1, 2]", &["1:6 text ends inside an array or an object"]);
        check("[1] x", "[1]", &["1:5 text goes on after the end of the JSON value"]);
    }

    #[test]
    fn ten_thousand_levels_end_in_one_diagnostic() {
        let (_, problems) = read(&"[".repeat(10_000));
        assert_eq!(problems, ["1:101 arrays and objects are nested more than 100 levels deep"]);
        let (_, problems) = read(&r#"{"a":"#.repeat(10_000));
        assert_eq!(problems, ["1:501 arrays and objects are nested more than 100 levels deep"]);
    }

    #[test]
    fn keys_and_values_know_their_places() {
        let text = r#"{"a": "bc", "d": [1]}"#;
        let mut sources = SourceMap::default();
        let file = sources.add("a.json", text);
        let tree = read_json(text, file, &Budget::DEFAULT, &mut Sink::default()).unwrap();
        let array = tree.root().get("d").unwrap();
        assert_eq!(sources.slice(array.key_span()), r#""d""#);
        assert_eq!(sources.slice(array.span()), "[1]");
        assert_eq!(sources.slice(tree.root().get("a").unwrap().span()), r#""bc""#);
        assert_eq!(sources.slice(tree.root().span()), text);
    }
}
