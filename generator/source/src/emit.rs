//! A tree as text again: the effective document, after overlays.
//!
//! The output is a function of the tree: members keep their order, numbers keep their digits in
//! JSON. These functions recurse; [`Budget::depth`](crate::Budget::depth) bounds how deep.

use std::fmt::Write as _;

use crate::tree::{Kind, NodeRef, Number};

/// Writes a node as JSON with two spaces of indentation and a line break at the end.
pub fn to_json(node: NodeRef<'_>) -> String {
    let mut text = String::new();
    write_json(node, 0, &mut text);
    text.push('\n');
    text
}

/// Writes a node as YAML.
///
/// Numbers are written by value, see [`to_value`]. Some strings cannot be entrusted to the YAML
/// library; a document that holds one is written in JSON notation, which is YAML too. An error
/// means that the library refused the value; no tree is known that it refuses.
pub fn to_yaml(node: NodeRef<'_>) -> Result<String, serde_yaml::Error> {
    if any_string(node, &|text| text == "<<" || text.contains(['\u{2028}', '\u{2029}'])) {
        return Ok(to_json(node));
    }
    serde_yaml::to_string(&yaml_value(node))
}

/// Converts a node to the value type of `serde_json`.
///
/// A number becomes an `i64` or a `u64` if it is whole and fits, else the nearest `f64`, else, as
/// `1e999` has none, its text.
pub fn to_value(node: NodeRef<'_>) -> serde_json::Value {
    use serde_json::Value;
    match node.kind() {
        Kind::Null => Value::Null,
        Kind::Bool(value) => Value::Bool(*value),
        Kind::Number(number) => match fit(number) {
            Fit::Signed(value) => Value::from(value),
            Fit::Unsigned(value) => Value::from(value),
            Fit::Float(value) => Value::from(value),
            Fit::None => Value::from(number.as_str()),
        },
        Kind::String(text) => Value::from(&**text),
        Kind::Sequence(_) => node.items().map(to_value).collect(),
        Kind::Mapping(_) => {
            node.members().map(|(key, value)| (key.to_owned(), to_value(value))).collect()
        }
    }
}

fn yaml_value(node: NodeRef<'_>) -> serde_yaml::Value {
    use serde_yaml::Value;
    match node.kind() {
        Kind::Null => Value::Null,
        Kind::Bool(value) => Value::Bool(*value),
        Kind::Number(number) => match fit(number) {
            Fit::Signed(value) => Value::from(value),
            Fit::Unsigned(value) => Value::from(value),
            Fit::Float(value) => Value::from(value),
            Fit::None => Value::from(number.as_str()),
        },
        Kind::String(text) => Value::from(&**text),
        Kind::Sequence(_) => Value::Sequence(node.items().map(yaml_value).collect()),
        Kind::Mapping(_) => Value::Mapping(
            node.members().map(|(key, value)| (Value::from(key), yaml_value(value))).collect(),
        ),
    }
}

/// True if a key or a string in the node is of this kind.
///
/// The YAML library writes `<<` without quotes, which makes it a merge key, and takes the line and
/// paragraph separators for line breaks, as YAML 1.1 does, which adds spaces to them in YAML 1.2.
fn any_string(node: NodeRef<'_>, is_wanted: &dyn Fn(&str) -> bool) -> bool {
    match node.kind() {
        Kind::Null | Kind::Bool(_) | Kind::Number(_) => false,
        Kind::String(text) => is_wanted(text),
        Kind::Sequence(_) => node.items().any(|item| any_string(item, is_wanted)),
        Kind::Mapping(_) => {
            node.members().any(|(key, value)| is_wanted(key) || any_string(value, is_wanted))
        }
    }
}

/// The machine number that holds a number of a document.
enum Fit {
    Signed(i64),
    Unsigned(u64),
    Float(f64),
    None,
}

fn fit(number: &Number) -> Fit {
    // JSON libraries read `-0` as a float, because it has a sign.
    let whole = (number.as_str() != "-0").then(|| number.as_i64()).flatten();
    if let Some(value) = whole {
        return Fit::Signed(value);
    }
    if let Some(value) = number.as_u64() {
        return Fit::Unsigned(value);
    }
    match number.as_f64() {
        Some(value) if value.is_finite() => Fit::Float(value),
        Some(_) | None => Fit::None,
    }
}

fn write_json(node: NodeRef<'_>, level: usize, text: &mut String) {
    match node.kind() {
        Kind::Null => text.push_str("null"),
        Kind::Bool(true) => text.push_str("true"),
        Kind::Bool(false) => text.push_str("false"),
        Kind::Number(number) => text.push_str(number.as_str()),
        Kind::String(value) => write_string(value, text),
        Kind::Sequence(items) if items.is_empty() => text.push_str("[]"),
        Kind::Mapping(entries) if entries.is_empty() => text.push_str("{}"),
        Kind::Sequence(_) => {
            text.push('[');
            for (index, item) in node.items().enumerate() {
                start_line(index, level + 1, text);
                write_json(item, level + 1, text);
            }
            start_line(0, level, text);
            text.push(']');
        }
        Kind::Mapping(_) => {
            text.push('{');
            for (index, (key, value)) in node.members().enumerate() {
                start_line(index, level + 1, text);
                write_string(key, text);
                text.push_str(": ");
                write_json(value, level + 1, text);
            }
            start_line(0, level, text);
            text.push('}');
        }
    }
}

/// Ends the line, after a comma if there is an element before.
fn start_line(index: usize, level: usize, text: &mut String) {
    if index > 0 {
        text.push(',');
    }
    text.push('\n');
    text.extend(std::iter::repeat_n("  ", level));
}

/// Writes a string, escaping what RFC 8259 §7 demands and no more.
fn write_string(value: &str, text: &mut String) {
    text.push('"');
    for character in value.chars() {
        match character {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            '\0'..='\u{1f}' => {
                // Writing to a string cannot fail.
                let _ = write!(text, "\\u{:04x}", u32::from(character));
            }
            other => text.push(other),
        }
    }
    text.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Budget, Sink, SourceMap, read};

    fn emit(text: &str, write: impl Fn(NodeRef<'_>) -> String) -> String {
        let mut sources = SourceMap::default();
        let tree = read(&mut sources, "a", text.as_bytes(), &Budget::DEFAULT, &mut Sink::default());
        write(tree.unwrap().1.root())
    }

    #[test]
    fn json_keeps_the_order_of_members_and_the_digits_of_numbers() {
        let text = emit(r#"{"b": [1.50, 1e999], "a": {}, "c": "\u0001\"é"}"#, to_json);
        let lines = [
            "{",
            "  \"b\": [",
            "    1.50,",
            "    1e999",
            "  ],",
            "  \"a\": {},",
            "  \"c\": \"\\u0001\\\"é\"",
            "}",
        ];
        assert_eq!(text, lines.join("\n") + "\n");
    }

    #[test]
    fn yaml_keeps_the_order_of_members_and_quotes_what_is_no_text() {
        let yaml = |node: NodeRef<'_>| to_yaml(node).unwrap();
        let text = emit(r#"{"b": ["1", "true", "x"], "200": 1.5, "a": 2}"#, yaml);
        assert_eq!(text, "b:\n- '1'\n- 'true'\n- x\n'200': 1.5\na: 2\n");
    }

    #[test]
    fn values_hold_the_nearest_number() {
        let value =
            emit("[-1, 18446744073709551615, 1e2, 1e999]", |node| to_value(node).to_string());
        assert_eq!(value, r#"[-1,18446744073709551615,100.0,"1e999"]"#);
    }
}
