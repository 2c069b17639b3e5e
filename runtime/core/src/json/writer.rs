//! JSON text, built piece by piece.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::io::Write as _;

use super::encode::Encode;
use super::node::Node;
use super::reader;
use crate::request::EncodeError;
use crate::types::{Json, Maybe, MergePatch};

/// Appends JSON text to a buffer.
#[derive(Default)]
pub struct Writer {
    text: Vec<u8>,
    /// Tags that the next object begins with. See [`Self::tagged`].
    tags: Vec<Tag>,
    /// A value that JSON cannot write was met. Encoding goes on, so that `Encode` needs no `Result`.
    unwritable: Option<EncodeError>,
}

#[derive(Clone, Copy)]
struct Tag {
    property: &'static str,
    value: &'static str,
}

impl Writer {
    /// A writer without text.
    pub fn new() -> Self {
        Self::default()
    }

    /// The text, unless a value was met that JSON cannot write.
    pub fn finish(self) -> Result<Vec<u8>, EncodeError> {
        self.unwritable.map_or(Ok(self.text), Err)
    }

    /// Writes `null`.
    pub fn null(&mut self) {
        self.raw("null");
    }

    /// Writes a boolean.
    pub fn bool(&mut self, value: bool) {
        self.raw(if value { "true" } else { "false" });
    }

    /// Writes an integer.
    pub fn integer(&mut self, value: i128) {
        self.display(value);
    }

    /// Writes a number in the shortest form that reads back as the same `f64`.
    ///
    /// JSON has no infinity and no NaN (RFC 8259 §6); with one of them [`Self::finish`] fails.
    pub fn float(&mut self, value: f64) {
        self.finite(value.is_finite(), format_args!("{value:?}"));
    }

    /// Writes a number in the shortest form that reads back as the same `f32`.
    pub fn float32(&mut self, value: f32) {
        self.finite(value.is_finite(), format_args!("{value:?}"));
    }

    /// Writes a string.
    pub fn str(&mut self, value: &str) {
        self.text.push(b'"');
        let mut rest = value;
        while let Some((plain, special, after)) = split_at_special(rest) {
            self.raw(plain);
            match special {
                b'"' => self.raw("\\\""),
                b'\\' => self.raw("\\\\"),
                b'\n' => self.raw("\\n"),
                b'\r' => self.raw("\\r"),
                b'\t' => self.raw("\\t"),
                control => self.display(format_args!("\\u{control:04x}")),
            }
            rest = after;
        }
        self.raw(rest);
        self.text.push(b'"');
    }

    /// Writes a list. The iterator is `dyn` so that the loop is compiled once.
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

    /// Starts an object. [`ObjectWriter::end`] closes it.
    pub fn object(&mut self) -> ObjectWriter<'_> {
        let start = self.text.len();
        self.text.push(b'{');
        let tags = std::mem::take(&mut self.tags);
        let mut object = ObjectWriter { writer: self, start, tags: Vec::new() };
        for tag in tags {
            object.required(tag.property, &tag.value);
            object.tags.push(tag);
        }
        object
    }

    /// Writes an alternative of a union: an object that begins with its tag.
    ///
    /// The tag is written exactly once. If `value` has a member of that name itself, the tag stands and the member is
    /// left out: the Rust variant is what the caller chose.
    pub fn tagged(&mut self, property: &'static str, tag: &'static str, value: &dyn Encode) {
        self.tags.push(Tag { property, value: tag });
        value.encode(self);
        // A value that is no object has no place for a tag. The tag must not slip into the next object.
        self.tags.clear();
    }

    /// Writes text that was read as JSON.
    pub(crate) fn raw_value(&mut self, text: &str) {
        self.raw(text);
    }

    /// Writes any JSON value.
    pub fn value(&mut self, value: &Json) {
        match value {
            Json::Null => self.null(),
            Json::Bool(value) => self.bool(*value),
            Json::Number(value) => self.display(value),
            Json::String(value) => self.str(value),
            Json::Array(items) => self.list(&mut items.iter().map(|item| item as &dyn Encode)),
            Json::Object(members) => {
                let mut object = self.object();
                for (name, value) in members {
                    object.required(name, value);
                }
                object.end();
            }
        }
    }

    fn finite(&mut self, finite: bool, text: impl Display) {
        if finite {
            self.display(text);
        } else {
            self.unwritable("holds a number that JSON cannot write (infinite or not a number)");
        }
    }

    /// Remembers that a value has no text, which makes [`Self::finish`] fail, and keeps the text well-formed meanwhile.
    /// `problem` completes the sentence that begins with "the body".
    pub(crate) fn unwritable(&mut self, problem: &'static str) {
        self.null();
        self.unwritable = Some(EncodeError::body(problem));
    }

    /// Writes text that needs no escape.
    fn raw(&mut self, text: &str) {
        self.text.extend_from_slice(text.as_bytes());
    }

    fn display(&mut self, value: impl Display) {
        // Writing to memory does not fail.
        let _ = write!(self.text, "{value}");
    }
}

/// Shows how much was written, never what: bodies hold secrets.
impl std::fmt::Debug for Writer {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(to, "Writer({} bytes)", self.text.len())
    }
}

/// The text up to the first byte that cannot stand for itself, that byte, and the text after it.
fn split_at_special(text: &str) -> Option<(&str, u8, &str)> {
    let at = text.bytes().position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20))?;
    let (plain, rest) = text.split_at_checked(at)?;
    Some((plain, *rest.as_bytes().first()?, rest.get(1..)?))
}

/// Writes the members of one object.
#[derive(Debug)]
#[must_use = "an object is closed by `end`"]
pub struct ObjectWriter<'w> {
    writer: &'w mut Writer,
    /// Where the object's brace stands.
    start: usize,
    /// Tags that are written already.
    tags: Vec<Tag>,
}

impl ObjectWriter<'_> {
    /// Writes a member.
    pub fn required(&mut self, name: &str, value: &dyn Encode) {
        if self.tags.iter().any(|tag| tag.property == name) {
            return;
        }
        if self.writer.text.len() > self.start + 1 {
            self.writer.text.push(b',');
        }
        self.writer.str(name);
        self.writer.text.push(b':');
        value.encode(self.writer);
    }

    /// Writes a member unless it is `None`.
    pub fn optional<T: Encode>(&mut self, name: &str, value: &Option<T>) {
        if let Some(value) = value {
            self.required(name, value);
        }
    }

    /// Writes a member that must be there; `None` is `null`.
    pub fn nullable<T: Encode>(&mut self, name: &str, value: &Option<T>) {
        self.required(name, value);
    }

    /// Writes a member unless it is absent.
    pub fn maybe<T: Encode>(&mut self, name: &str, value: &Maybe<T>) {
        match value {
            Maybe::Absent => {}
            Maybe::Null => self.required(name, &()),
            Maybe::Value(value) => self.required(name, value),
        }
    }

    /// Writes a member that is merged into what the server has, unless it changes nothing.
    pub fn merge_patch<T: Encode>(&mut self, name: &str, value: &MergePatch<T>) {
        if !value.is_unchanged() {
            self.required(name, value);
        }
    }

    /// Writes a member whose only value is this text.
    pub fn constant(&mut self, name: &str, value: &str) {
        self.required(name, &value);
    }

    /// Writes the members that the type does not name: OpenAPI's `additionalProperties`.
    ///
    /// Call it last. A name that is written already is left out, as a name twice in an object has no meaning.
    pub fn rest<T: Encode>(&mut self, members: &BTreeMap<String, T>) {
        if members.is_empty() {
            return;
        }
        let written = self.written_names();
        for (name, value) in members.iter().filter(|(name, _)| !written.contains(name)) {
            self.required(name, value);
        }
    }

    /// Closes the object.
    pub fn end(self) {
        self.writer.text.push(b'}');
    }

    /// Reads the names back from the text. Keeping a list instead would cost every object that has no rest.
    fn written_names(&self) -> Vec<String> {
        let mut text = self.writer.text.get(self.start..).unwrap_or_default().to_vec();
        text.push(b'}');
        let Ok(tree) = reader::read(&text) else { return Vec::new() };
        let Ok(entries) = Node::root(&tree).entries() else { return Vec::new() };
        entries.map(|(name, _)| name.to_owned()).collect()
    }
}

impl std::fmt::Debug for Tag {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(to, "{}={}", self.property, self.value)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::Map;

    use super::Writer;
    use crate::json::{Encode, to_vec};
    use crate::types::{Json, Maybe};

    /// Encodes by a function, so that each test shows its own shape.
    struct By<F>(F);

    impl<F: Fn(&mut Writer)> Encode for By<F> {
        fn encode(&self, to: &mut Writer) {
            (self.0)(to);
        }
    }

    #[track_caller]
    fn writes(encode: impl Fn(&mut Writer), expected: &str) {
        assert_eq!(String::from_utf8(to_vec(&By(encode)).unwrap()).unwrap(), expected);
    }

    #[test]
    fn each_kind_of_member_has_its_rule() {
        writes(
            |to| {
                let mut object = to.object();
                object.required("a", &1);
                object.optional("b", &None::<i64>);
                object.optional("c", &Some(2));
                object.nullable("d", &None::<i64>);
                object.maybe("e", &Maybe::<i64>::Absent);
                object.maybe("f", &Maybe::<i64>::Null);
                object.maybe("g", &Maybe::Value(3));
                object.constant("h", "fixed");
                object.end();
            },
            r#"{"a":1,"c":2,"d":null,"f":null,"g":3,"h":"fixed"}"#,
        );
    }

    #[test]
    fn the_rest_does_not_repeat_a_name() {
        writes(
            |to| {
                let mut object = to.object();
                object.required("a\"", &1);
                object.rest(&BTreeMap::from([("a\"".to_owned(), 8), ("b".to_owned(), 9)]));
                object.end();
            },
            r#"{"a\"":1,"b":9}"#,
        );
    }

    #[test]
    fn the_tag_is_written_once_whether_or_not_the_record_writes_it() {
        let with = serde_json::json!({"grant_type": "other", "scope": "s"});
        let without = serde_json::json!({"scope": "s"});
        for record in [with, without] {
            writes(
                |to| to.tagged("grant_type", "refresh_token", &record),
                r#"{"grant_type":"refresh_token","scope":"s"}"#,
            );
        }
    }

    #[test]
    fn the_tag_belongs_to_the_outermost_object_only() {
        let record = serde_json::json!({"inner": {"kind": "kept"}});
        writes(|to| to.tagged("kind", "a", &record), r#"{"kind":"a","inner":{"kind":"kept"}}"#);
    }

    #[test]
    fn a_union_in_a_union_has_both_tags() {
        let inner = By(|to: &mut Writer| {
            to.tagged("color", "red", &By(|to: &mut Writer| to.object().end()));
        });
        writes(|to| to.tagged("shape", "disk", &inner), r#"{"shape":"disk","color":"red"}"#);
    }

    #[test]
    fn a_tag_does_not_slip_into_a_later_object() {
        writes(
            |to| {
                let scalar = By(|to: &mut Writer| to.tagged("kind", "a", &1));
                to.list(&mut [&scalar as &dyn Encode, &Json::Object(Map::default())].into_iter());
            },
            "[1,{}]",
        );
    }

    #[test]
    fn debug_shows_no_text() {
        let mut writer = Writer::new();
        writer.str("canary");
        assert_eq!(format!("{writer:?}"), "Writer(8 bytes)");
        assert!(!format!("{:?}", writer.object()).contains("canary"));
    }
}
