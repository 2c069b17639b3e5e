//! Documentation of items: prose of the document, then facts.

use proc_macro2::TokenStream;
use quote::quote;
use specwright_ir::{Access, Constraints, Docs, Field, Literal, Param, Place, TypeDef};
use specwright_source::Pointer;

use crate::names::Name;
use crate::prose;

/// `#[doc]` attributes, one a line.
pub(super) fn attributes(lines: &[String]) -> TokenStream {
    let lines =
        lines.iter().map(|line| if line.is_empty() { String::new() } else { format!(" {line}") });
    quote!(#(#[doc = #lines])*)
}

/// `#![doc]` attributes, one a line.
pub(super) fn inner_attributes(lines: &[String]) -> TokenStream {
    let lines =
        lines.iter().map(|line| if line.is_empty() { String::new() } else { format!(" {line}") });
    quote!(#(#![doc = #lines])*)
}

/// The attribute of what the document marks as deprecated.
pub(super) fn deprecated(marked: bool, what: &str) -> Option<TokenStream> {
    let note = format!("the API marks this {what} as deprecated");
    marked.then(|| quote!(#[deprecated(note = #note)]))
}

/// Summary and description, or `otherwise` if there is neither.
pub(super) fn prose_or(docs: &Docs, otherwise: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let summary = docs.summary.as_deref().and_then(prose::summary).map(sentence);
    lines.extend(summary.clone());
    if let Some(description) = &docs.description {
        let description = prose::paragraphs(description);
        let repeats = description.len() == 1
            && summary.as_deref() == description.first().cloned().map(sentence).as_deref();
        if !description.is_empty() && !repeats {
            if !lines.is_empty() {
                lines.push(String::new());
            }
            lines.extend(description);
        }
    }
    if lines.is_empty() {
        lines.push(otherwise.to_owned());
    }
    lines
}

/// The first paragraph of the docs as one sentence.
pub(super) fn summary_or(docs: &Docs, otherwise: &str) -> String {
    let text = docs.summary.as_deref().or(docs.description.as_deref());
    text.and_then(prose::summary).map_or_else(|| otherwise.to_owned(), sentence)
}

/// Documentation of a type, before what its shape adds.
pub(super) fn of_type(ty: &TypeDef, name: &Name) -> Vec<String> {
    let mut lines = prose_or(&ty.docs, &format!("The {}.", prose::escape(&ty.hint.to_string())));
    let key = Pointer::parse(&ty.key).and_then(|key| match key.tokens().collect::<Vec<_>>()[..] {
        ["components", _, written] => Some(written.to_owned()),
        _ => None,
    });
    if let Some(written) = key.filter(|written| plain(written) != plain(name.as_str())) {
        lines.extend([String::new(), format!("Named {} in the API.", prose::code(&written))]);
    }
    lines
}

/// Documentation of a record's member.
pub(super) fn of_field(field: &Field, name: &Name) -> Vec<String> {
    let mut facts = facts(&field.constraints, field.default.as_ref(), field.format.as_deref());
    match field.access {
        Access::ReadWrite => {}
        Access::ReadOnly => facts.push("Set by the API alone.".to_owned()),
        Access::WriteOnly => facts.push("Never in an answer.".to_owned()),
    }
    with_facts(&field.docs, &field.wire, name, facts)
}

/// Documentation of a parameter.
pub(super) fn of_param(param: &Param, name: &Name) -> Vec<String> {
    let facts = facts(&param.constraints, param.default.as_ref(), param.format.as_deref());
    let has_prose = param.docs.description.is_some() || param.docs.summary.is_some();
    if !has_prose && facts.is_empty() {
        let place = match param.place {
            Place::Path => "path",
            Place::Query => "query",
            Place::Header => "header",
            Place::Cookie => "cookie",
        };
        return vec![format!("{} in the {place}.", prose::code(&param.wire))];
    }
    with_facts(&param.docs, &param.wire, name, facts)
}

fn with_facts(docs: &Docs, wire: &str, name: &Name, mut facts: Vec<String>) -> Vec<String> {
    if plain(name.as_str()) != plain(wire) {
        facts.push(format!("Named {} in the API.", prose::code(wire)));
    }
    let has_prose = docs.description.is_some() || docs.summary.is_some();
    if !has_prose && !facts.is_empty() {
        return vec![facts.join(" ")];
    }
    let mut lines = prose_or(docs, &format!("{}.", prose::code(wire)));
    if !facts.is_empty() {
        lines.push(String::new());
        lines.push(facts.join(" "));
    }
    lines
}

/// A name as far as a reader cares: neither case nor what stands between words counts.
fn plain(name: &str) -> String {
    name.chars().filter(|c| !matches!(c, '_' | '-')).flat_map(char::to_lowercase).collect()
}

/// Limits, default and format as short sentences.
pub(super) fn facts(
    constraints: &Constraints,
    default: Option<&Literal>,
    format: Option<&str>,
) -> Vec<String> {
    let mut facts: Vec<String> =
        constraints.rules.iter().map(|(keyword, value)| rule(keyword, value)).collect();
    facts.extend(default.map(|default| format!("Default: {}.", literal(default))));
    let silent = [
        "date-time",
        "date-time-local",
        "date",
        "int32",
        "int64",
        "float",
        "double",
        "password",
        "byte",
        "binary",
    ];
    let format = format.filter(|format| !silent.contains(format));
    facts.extend(format.map(|format| format!("Format: {}.", prose::code(format))));
    facts
}

fn rule(keyword: &str, value: &Literal) -> String {
    let value = literal(value);
    let plural = |unit: &str| if value == "1" { unit.to_owned() } else { format!("{unit}s") };
    match keyword {
        "minimum" => format!("At least {value}."),
        "maximum" => format!("At most {value}."),
        "exclusiveMinimum" => format!("More than {value}."),
        "exclusiveMaximum" => format!("Less than {value}."),
        "multipleOf" => format!("A multiple of {value}."),
        "minLength" => format!("At least {value} {}.", plural("character")),
        "maxLength" => format!("At most {value} {}.", plural("character")),
        "minItems" => format!("At least {value} {}.", plural("item")),
        "maxItems" => format!("At most {value} {}.", plural("item")),
        "const" => format!("Always {value}."),
        "uniqueItems" => "No item twice.".to_owned(),
        "minProperties" => format!("At least {value} {}.", plural("key")),
        "maxProperties" => format!("At most {value} {}.", plural("key")),
        "pattern" => format!("Matches {value}."),
        other => format!("{}: {value}.", prose::code(other)),
    }
}

/// A fixed text as a sentence or as inline code.
pub(super) fn text(wire: &str) -> String {
    if wire.is_empty() { "The empty text.".to_owned() } else { prose::code(wire) }
}

/// A value of the document as inline text.
pub(super) fn literal(value: &Literal) -> String {
    match value {
        Literal::Null => "`null`".to_owned(),
        Literal::Bool(value) => format!("`{value}`"),
        Literal::Number(digits) => prose::escape(digits),
        Literal::String(text) if text.is_empty() => "the empty text".to_owned(),
        Literal::String(text) => prose::code(text),
        Literal::List(items) if items.is_empty() => "`[]`".to_owned(),
        Literal::List(items) => items.iter().map(literal).collect::<Vec<_>>().join(", "),
        Literal::Object(_) => "an object".to_owned(),
    }
}

fn sentence(text: String) -> String {
    if text.ends_with(['.', '!', '?', ':']) { text } else { format!("{text}.") }
}
