//! Definitions and uses of types as text.

use std::fmt::Write as _;

use super::Text;
use crate::api::Api;
use crate::literal::Literal;
use crate::ty::{
    Access, Constraints, Dispatch, Field, Rest, Shape, Takes, Ty, TypeDef, TypeId, Variant,
};

pub(super) fn def(text: &mut Text, api: &Api, def: &TypeDef) {
    let key = short(&def.key);
    let hint = &def.hint;
    let mut marks = String::new();
    for (mark, set) in [
        (", request", def.usage.request),
        (", response", def.usage.response),
        (", deprecated", def.deprecated),
    ] {
        if set {
            marks.push_str(mark);
        }
    }
    match &def.shape {
        Shape::Record { fields, constants, rest } => {
            text.line(0, format_args!("record {key} ({hint}){marks}"));
            text.docs(1, &def.docs);
            for (wire, value) in constants {
                text.line(1, format_args!("constant {wire:?} = {}", literal(value)));
            }
            for field in fields {
                self::field(text, api, field);
            }
            match rest {
                Rest::Ignore => {}
                Rest::Collect(ty) => text.line(1, format_args!("rest {}", self::ty(api, ty))),
            }
        }
        Shape::Choice { values, base, open } => {
            let (base, open) = (base.as_str(), openness(*open));
            text.line(0, format_args!("choice {key} ({hint}) of {base}, {open}{marks}"));
            text.docs(1, &def.docs);
            for value in values {
                let mut line = format!("value {:?} ({})", value.wire, value.hint);
                for text in &value.also {
                    let _ = write!(line, " or {text:?}");
                }
                text.line(1, format_args!("{line}"));
                text.docs(2, &value.docs);
            }
        }
        Shape::Union { variants, dispatch, open } => {
            let open = openness(*open);
            let by = match dispatch {
                Dispatch::Tag { property } => format!("tag {property:?}"),
                Dispatch::Kind(_) => "kind".to_owned(),
                Dispatch::Members(_) => "members".to_owned(),
                Dispatch::Literal => "text".to_owned(),
            };
            text.line(0, format_args!("union {key} ({hint}) by {by}, {open}{marks}"));
            text.docs(1, &def.docs);
            for (index, variant) in variants.iter().enumerate() {
                self::variant(text, api, variant, &sign(dispatch, index));
            }
        }
        Shape::Newtype(scalar) => {
            text.line(0, format_args!("newtype {key} ({hint}) of {}{marks}", scalar.as_str()));
            text.docs(1, &def.docs);
        }
        Shape::Expandable { id, whole, signs } => {
            let (id, whole) = (ty(api, id), ty(api, whole));
            text.line(
                0,
                format_args!("expandable {key} ({hint}): {id} or {whole} {signs:?}{marks}"),
            );
            text.docs(1, &def.docs);
        }
        Shape::MergePatch(ty) => {
            let ty = self::ty(api, ty);
            text.line(0, format_args!("merge patch {key} ({hint}) of {ty}{marks}"));
            text.docs(1, &def.docs);
        }
        Shape::Alias(ty) => {
            text.line(0, format_args!("alias {key} ({hint}) = {}{marks}", self::ty(api, ty)));
            text.docs(1, &def.docs);
        }
    }
}

/// A use of a type: `@Contact`, `string`, `[string]`, `{i64}`, `string?`, `json`, `nothing`.
pub(super) fn ty(api: &Api, ty: &Ty) -> String {
    match ty {
        Ty::Def(TypeId(index)) => {
            format!("@{}", api.types.get(*index).map_or("?".to_owned(), |def| short(&def.key)))
        }
        Ty::Scalar(scalar) => scalar.as_str().to_owned(),
        Ty::List(item) => format!("[{}]", self::ty(api, item)),
        Ty::Map(value) => format!("{{{}}}", self::ty(api, value)),
        Ty::Nullable(inner) => format!("{}?", self::ty(api, inner)),
        Ty::Json => "json".to_owned(),
        Ty::Nothing => "nothing".to_owned(),
    }
}

pub(super) fn literal(value: &Literal) -> String {
    match value {
        Literal::Null => "null".to_owned(),
        Literal::Bool(value) => value.to_string(),
        Literal::Number(digits) => digits.clone(),
        Literal::String(text) => format!("{text:?}"),
        Literal::List(items) => {
            let items: Vec<String> = items.iter().map(literal).collect();
            format!("[{}]", items.join(", "))
        }
        Literal::Object(members) => {
            let members: Vec<String> =
                members.iter().map(|(key, value)| format!("{key:?}: {}", literal(value))).collect();
            format!("{{{}}}", members.join(", "))
        }
    }
}

/// What parameters and fields say about a value beyond its type.
pub(super) fn details(
    default: Option<&Literal>,
    format: Option<&str>,
    constraints: &Constraints,
    deprecated: bool,
) -> String {
    let mut text = String::new();
    if let Some(format) = format {
        let _ = write!(text, ", format {format:?}");
    }
    if let Some(value) = default {
        let _ = write!(text, ", default {}", literal(value));
    }
    for (keyword, value) in &constraints.rules {
        let _ = write!(text, ", {keyword} {}", literal(value));
    }
    if deprecated {
        text.push_str(", deprecated");
    }
    text
}

fn field(text: &mut Text, api: &Api, field: &Field) {
    let mut line = format!("field {:?} ({}): {}", field.wire, field.hint, ty(api, &field.ty));
    line.push_str(if field.presence.required { ", required" } else { ", optional" });
    if field.presence.nullable {
        line.push_str(", nullable");
    }
    match field.access {
        Access::ReadWrite => {}
        Access::ReadOnly => line.push_str(", read only"),
        Access::WriteOnly => line.push_str(", write only"),
    }
    if field.indirect {
        line.push_str(", indirect");
    }
    line.push_str(&details(
        field.default.as_ref(),
        field.format.as_deref(),
        &field.constraints,
        field.deprecated,
    ));
    text.line(1, format_args!("{line}"));
    text.docs(2, &field.docs);
}

fn variant(text: &mut Text, api: &Api, variant: &Variant, sign: &str) {
    let tags: Vec<String> = variant.tags.iter().map(|tag| format!("{tag:?}")).collect();
    let tags = if tags.is_empty() { String::new() } else { format!(" {}", tags.join(" | ")) };
    let ty = ty(api, &variant.ty);
    text.line(1, format_args!("variant ({}): {ty}{tags}{sign}", variant.hint));
    text.docs(2, &variant.docs);
}

fn sign(dispatch: &Dispatch, index: usize) -> String {
    match dispatch {
        Dispatch::Tag { .. } | Dispatch::Literal => String::new(),
        Dispatch::Kind(kinds) => {
            kinds.get(index).map_or(String::new(), |k| format!(" {}", k.as_str()))
        }
        Dispatch::Members(questions) => {
            let asked = questions.iter().position(|question| question.variant == index);
            let question = asked.and_then(|place| questions.get(place));
            question.map_or(String::new(), |question| {
                let takes = match question.takes {
                    Takes::All => "",
                    Takes::Any if question.members.len() == 1 => "",
                    Takes::Any => " any of",
                };
                let place = match asked {
                    Some(place) if place != index => format!(", question {}", place + 1),
                    _ => String::new(),
                };
                format!("{takes} {:?}{place}", question.members)
            })
        }
    }
}

fn short(key: &str) -> String {
    key.strip_prefix("/components/schemas/").unwrap_or(key).escape_debug().to_string()
}

fn openness(open: bool) -> &'static str {
    if open { "open" } else { "closed" }
}
