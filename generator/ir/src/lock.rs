//! `api.lock`: every guess that reaches the public surface, frozen.
//!
//! A TOML file with one decision a line, sorted by key. A decision that is there is obeyed; a new
//! node gets a decision and a line; a node that is gone keeps its line until the next major
//! version, so that a name never moves to another thing.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde::Deserialize;

use crate::guess::Guess;

/// The decisions of one API version.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lock {
    /// Decisions on types, by [`crate::TypeDef::key`].
    #[serde(default)]
    pub types: BTreeMap<String, TypeLock>,
    /// Decisions on operations, by [`crate::Operation::key`].
    #[serde(default)]
    pub operations: BTreeMap<String, OperationLock>,
    /// Names of handles, by the modules that lead to them with `/` between. Those of handles that are
    /// gone stay.
    #[serde(default)]
    pub handles: BTreeMap<String, String>,
    /// Names of events, by [`crate::Webhook::name`]. Those of events that are gone stay.
    #[serde(default)]
    pub events: BTreeMap<String, String>,
    /// Answers to questions that the document leaves open, by [`crate::Guess::key`] and
    /// [`crate::Guess::kind`]. Nothing obeys them: they show when an answer changes.
    #[serde(default)]
    pub guesses: BTreeMap<String, BTreeMap<String, String>>,
}

/// Decisions on one type.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TypeLock {
    /// Name of the type.
    pub name: String,
    /// Names of members, enum values or variants, by their name on the wire.
    #[serde(default)]
    pub members: BTreeMap<String, String>,
    /// Members that are called what they are called on the wire, sorted. That is no decision, but it
    /// takes a name.
    #[serde(default)]
    pub plain: BTreeSet<String>,
    /// Members held behind a pointer, by their name on the wire, sorted.
    #[serde(default)]
    pub indirect: Vec<String>,
    /// True if the type is no longer in the document.
    #[serde(default)]
    pub gone: bool,
}

/// Decisions on one operation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OperationLock {
    /// Names of the modules that lead to the group.
    pub group: Vec<String>,
    /// Name of the method on the group's handle.
    pub method: String,
    /// Name of the request type.
    pub request: String,
    /// Inputs that a caller gives by position, by place and name on the wire (`path:contact_id`),
    /// in order.
    #[serde(default)]
    pub positional: Vec<String>,
    /// Names of parameters, by place and name on the wire.
    #[serde(default)]
    pub params: BTreeMap<String, String>,
    /// Parameters that are called what they are called on the wire, by place and name, sorted.
    #[serde(default)]
    pub plain: BTreeSet<String>,
    /// Names of the methods that give an answer as it comes, by its media type.
    #[serde(default)]
    pub media: BTreeMap<String, String>,
    /// True if the operation is no longer in the document.
    #[serde(default)]
    pub gone: bool,
}

impl Lock {
    /// Reads the text of an `api.lock`.
    ///
    /// # Errors
    ///
    /// The message of the TOML reader, with line and column, if the text is no lock.
    pub fn parse(text: &str) -> Result<Self, String> {
        toml::from_str(text).map_err(|error| error.to_string())
    }

    /// Puts the guesses of an API in the place of the ones that were there.
    pub fn record_guesses(&mut self, guesses: &[Guess]) {
        self.guesses.clear();
        for guess in guesses {
            let about = self.guesses.entry(guess.key.clone()).or_default();
            about.insert(guess.kind.to_owned(), guess.value.clone());
        }
    }

    /// The text of the lock: sorted, one decision a line.
    pub fn to_text(&self) -> String {
        let mut text = String::from(
            "# Decisions that the public surface rests on. Written by `cargo xtask regen`.\n\n[types]\n",
        );
        for (key, ty) in &self.types {
            let mut line = format!("{} = {{ name = {}", quote(key), quote(&ty.name));
            push_map(&mut line, "members", &ty.members);
            push_list(&mut line, "plain", &ty.plain);
            push_list(&mut line, "indirect", &ty.indirect);
            push_gone(&mut line, ty.gone);
            let _ = writeln!(text, "{line} }}");
        }
        text.push_str("\n[operations]\n");
        for (key, op) in &self.operations {
            let mut line = format!("{} = {{ group = [", quote(key));
            let group: Vec<String> = op.group.iter().map(|name| quote(name)).collect();
            let _ = write!(
                line,
                "{}], method = {}, request = {}",
                group.join(", "),
                quote(&op.method),
                quote(&op.request)
            );
            push_list(&mut line, "positional", &op.positional);
            push_map(&mut line, "params", &op.params);
            push_list(&mut line, "plain", &op.plain);
            push_map(&mut line, "media", &op.media);
            push_gone(&mut line, op.gone);
            let _ = writeln!(text, "{line} }}");
        }
        push_table(&mut text, "handles", &self.handles);
        push_table(&mut text, "events", &self.events);
        text.push_str("\n[guesses]\n");
        for (key, about) in &self.guesses {
            let answers: Vec<String> = about
                .iter()
                .map(|(kind, value)| format!("{} = {}", bare(kind), quote(value)))
                .collect();
            let _ = writeln!(text, "{} = {{ {} }}", quote(key), answers.join(", "));
        }
        text
    }
}

fn push_map(line: &mut String, name: &str, map: &BTreeMap<String, String>) {
    if !map.is_empty() {
        let pairs: Vec<String> =
            map.iter().map(|(key, value)| format!("{} = {}", quote(key), quote(value))).collect();
        let _ = write!(line, ", {name} = {{ {} }}", pairs.join(", "));
    }
}

fn push_table(text: &mut String, name: &str, map: &BTreeMap<String, String>) {
    let _ = writeln!(text, "\n[{name}]");
    for (key, value) in map {
        let _ = writeln!(text, "{} = {}", quote(key), quote(value));
    }
}

fn push_list<'a>(line: &mut String, name: &str, list: impl IntoIterator<Item = &'a String>) {
    let items: Vec<String> = list.into_iter().map(|item| quote(item)).collect();
    if !items.is_empty() {
        let _ = write!(line, ", {name} = [{}]", items.join(", "));
    }
}

fn push_gone(line: &mut String, gone: bool) {
    if gone {
        line.push_str(", gone = true");
    }
}

/// A key without quotes where TOML needs none.
fn bare(key: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if !key.is_empty() && key.bytes().all(plain) { key.to_owned() } else { quote(key) }
}

/// A string on one line: a key of TOML cannot have more, and a decision is one line.
fn quote(text: &str) -> String {
    let written = toml::Value::String(text.to_owned()).to_string();
    if !written.starts_with(r#"""""#) && !written.starts_with("'''") {
        return written;
    }
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            control if control.is_control() => {
                let _ = write!(quoted, "\\u{:04X}", u32::from(control));
            }
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_with_lines_and_quotes_reads_back_equal() {
        let mut lock = Lock::default();
        for key in ["a\nb", "\"a\" 'b'", "\r\n\t\u{0}\u{7f}\u{85}", "\\\n", "", "'''", r#"""""#] {
            lock.events.insert(key.to_owned(), "Event".to_owned());
        }
        assert_eq!(Lock::parse(&lock.to_text()), Ok(lock));
    }

    #[test]
    fn text_reads_back_equal() {
        let mut lock = Lock::default();
        let members = BTreeMap::from([("sf:new \"order\"".to_owned(), "sf_new_order".to_owned())]);
        lock.types.insert(
            "/components/schemas/Contact".to_owned(),
            TypeLock {
                name: "Contact".to_owned(),
                members,
                plain: BTreeSet::from(["note".to_owned()]),
                gone: true,
                ..TypeLock::default()
            },
        );
        lock.operations.insert(
            "GET /contacts/{id}".to_owned(),
            OperationLock {
                group: vec!["contacts".to_owned()],
                method: "get".to_owned(),
                request: "GetContact".to_owned(),
                positional: vec!["path:id".to_owned()],
                media: BTreeMap::from([("text/csv".to_owned(), "send_csv".to_owned())]),
                ..OperationLock::default()
            },
        );
        lock.handles.insert("contacts".to_owned(), "Contacts".to_owned());
        lock.events.insert("contact.created".to_owned(), "ContactCreated".to_owned());
        let answers = [("dispatch", "by members: \"a\" | b"), ("group", "contacts")];
        let answers = answers.map(|(kind, value)| (kind.to_owned(), value.to_owned()));
        lock.guesses.insert("/components/schemas/\"X\"".to_owned(), BTreeMap::from(answers));
        assert_eq!(Lock::parse(&lock.to_text()), Ok(lock));
    }
}
