//! `api.lock`: the decisions that the public surface rests on.
//!
//! A TOML file with one decision a line, sorted by key. A name that is there is obeyed, and so are
//! positional inputs and members behind a pointer; a new node gets a name and a line; a node that is
//! gone keeps its line until the next major version, so that a name never moves to another thing.
//! Guesses are those of the last run: the next one compares its own with them and obeys none.
//!
//! Each name is checked once, while the text is read: whoever has a [`Lock`] from a text can write its
//! names as they are, and no two things in one place have the same.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use crate::guess::Guess;

mod twins;

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
    #[serde(default, deserialize_with = "names")]
    pub handles: BTreeMap<String, String>,
    /// Names of events, by [`crate::Webhook::name`]. Those of events that are gone stay.
    #[serde(default, deserialize_with = "names")]
    pub events: BTreeMap<String, String>,
    /// Answers to questions that the document leaves open, by [`crate::Guess::key`] and
    /// the word of [`crate::Guess::kind`]. Nothing obeys them: they show when an answer changes.
    #[serde(default)]
    pub guesses: BTreeMap<String, BTreeMap<String, String>>,
}

/// Decisions on one type.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TypeLock {
    /// Name of the type.
    #[serde(deserialize_with = "name")]
    pub name: String,
    /// Names of members, enum values or variants, by their name on the wire.
    #[serde(default, deserialize_with = "names")]
    pub members: BTreeMap<String, String>,
    /// Members that are called what they are called on the wire, sorted. That is no decision, but it
    /// takes a name.
    #[serde(default, deserialize_with = "plain_members")]
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
    /// Names of the modules that lead to the group, at least one.
    #[serde(deserialize_with = "path")]
    pub group: Vec<String>,
    /// Name of the method on the group's handle.
    #[serde(deserialize_with = "name")]
    pub method: String,
    /// Name of the request type.
    #[serde(deserialize_with = "name")]
    pub request: String,
    /// Inputs that a caller gives by position, by place and name on the wire (`path:contact_id`),
    /// in order.
    #[serde(default)]
    pub positional: Vec<String>,
    /// Names of parameters, by place and name on the wire.
    #[serde(default, deserialize_with = "names")]
    pub params: BTreeMap<String, String>,
    /// Parameters that are called what they are called on the wire, by place and name, sorted.
    #[serde(default, deserialize_with = "plain_params")]
    pub plain: BTreeSet<String>,
    /// Names of the methods that give an answer as it comes, by its media type.
    #[serde(default, deserialize_with = "names")]
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
    /// The message of the TOML reader, with line and column, if the text is no lock or a name in it is
    /// none; the name and its things, if two things in one place have the same.
    pub fn parse(text: &str) -> Result<Self, String> {
        let lock: Self = toml::from_str(text).map_err(|error| error.to_string())?;
        twins::find(&lock).map_or(Ok(lock), Err)
    }

    /// Puts the guesses of an API in the place of the ones that were there.
    pub fn record_guesses(&mut self, guesses: &[Guess]) {
        self.guesses.clear();
        for guess in guesses {
            let about = self.guesses.entry(guess.key.clone()).or_default();
            about.insert(guess.kind.as_str().to_owned(), guess.value.clone());
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

/// A name as a lock may hold it: an identifier, keywords included.
#[derive(Deserialize)]
#[serde(try_from = "String")]
struct Name(String);

impl TryFrom<String> for Name {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let is_identifier = text.chars().all(is_word)
            && !text.starts_with(|c: char| c.is_ascii_digit())
            && text.contains(|c: char| c != '_');
        // No prefix makes identifiers of these four (The Rust Reference, Identifiers).
        if is_identifier && !matches!(text.as_str(), "self" | "Self" | "super" | "crate") {
            return Ok(Self(text));
        }
        Err(format!(
            "`{}` is no name: letters, digits and underscores make one",
            text.escape_debug()
        ))
    }
}

fn name<'de, D: Deserializer<'de>>(text: D) -> Result<String, D::Error> {
    Name::deserialize(text).map(|name| name.0)
}

fn names<'de, D: Deserializer<'de>>(text: D) -> Result<BTreeMap<String, String>, D::Error> {
    let names = BTreeMap::<String, Name>::deserialize(text)?;
    Ok(names.into_iter().map(|(key, name)| (key, name.0)).collect())
}

fn path<'de, D: Deserializer<'de>>(text: D) -> Result<Vec<String>, D::Error> {
    let path = Vec::<Name>::deserialize(text)?;
    if path.is_empty() {
        return Err(D::Error::custom("an operation stands in a group, and this names none"));
    }
    Ok(path.into_iter().map(|name| name.0).collect())
}

fn plain_members<'de, D: Deserializer<'de>>(text: D) -> Result<BTreeSet<String>, D::Error> {
    let names = Vec::<Name>::deserialize(text)?;
    Ok(names.into_iter().map(|name| name.0).collect())
}

fn plain_params<'de, D: Deserializer<'de>>(text: D) -> Result<BTreeSet<String>, D::Error> {
    let keys = BTreeSet::<String>::deserialize(text)?;
    for key in &keys {
        let Some((_, wire)) = key.split_once(':') else {
            let key = key.escape_debug();
            return Err(D::Error::custom(format!(
                "`{key}` is no place and name: `query:limit` is"
            )));
        };
        Name::try_from(wire.to_owned()).map_err(D::Error::custom)?;
    }
    Ok(keys)
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
        let keys = ["a\nb", "\"a\" 'b'", "\r\n\t\u{0}\u{7f}\u{85}", "\\\n", "", "'''", r#"""""#];
        for (index, key) in keys.into_iter().enumerate() {
            lock.events.insert(key.to_owned(), format!("Event{index}"));
        }
        assert_eq!(Lock::parse(&lock.to_text()), Ok(lock));
    }

    #[test]
    fn a_name_that_is_none_is_refused_with_its_place() {
        for line in [
            r#"handles = { a = "List A" }"#,
            r#"events = { a = "" }"#,
            r#"types = { a = { name = "A R" } }"#,
            r#"types = { a = { name = "A", members = { b = "2b" } } }"#,
            r#"types = { a = { name = "A", plain = ["li-st"] } }"#,
            r#"operations = { a = { group = ["../../zz"], method = "a", request = "A" } }"#,
            r#"operations = { a = { group = [], method = "a", request = "A" } }"#,
            r#"operations = { a = { group = ["a"], method = "self", request = "A" } }"#,
            r#"operations = { a = { group = ["a"], method = "a", request = "__" } }"#,
            r#"operations = { a = { group = ["a"], method = "a", request = "A", params = { b = "ü" } } }"#,
            r#"operations = { a = { group = ["a"], method = "a", request = "A", plain = ["query:a b"] } }"#,
            r#"operations = { a = { group = ["a"], method = "a", request = "A", plain = ["limit"] } }"#,
            r#"operations = { a = { group = ["a"], method = "a", request = "A", media = { b = "send csv" } } }"#,
        ] {
            let error = Lock::parse(&format!("# A comment.\n{line}\n")).map(|_| ());
            assert!(
                error.as_ref().is_err_and(|error| error.contains("line 2")),
                "{line}: {error:?}"
            );
        }
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
