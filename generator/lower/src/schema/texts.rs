//! Alternatives that are all text.

use std::collections::BTreeSet;

use specwright_ir::{ChoiceValue, Dispatch, Docs, JsonKind, Scalar, Shape, Ty, Variant, Words};
use specwright_openapi::document::{JsonType, SchemaId, SchemaObject, Value};

use super::union::{branch, guess_dispatch, type_hint, variant};
use super::{Body, all_of, enumeration, null, scalar, stands_for, use_of};
use crate::lowering::{Keywords, Lowering, Use, docs};

/// A union or a choice of texts; `None` if an alternative is none, or if nothing is fixed.
pub(super) fn lower(
    lowering: &mut Lowering<'_>,
    union: &SchemaObject,
    ids: &[SchemaId],
) -> Option<Body> {
    let mut texts = Vec::new();
    for id in ids {
        let schema = all_of::flatten(lowering, *id)?;
        if !schema.types_without_null().eq([JsonType::String]) && !has_texts_only(&schema) {
            return None;
        }
        if schema.one_of.len() + schema.any_of.len() > 0 {
            return None;
        }
        texts.push((*id, schema));
    }
    literals(lowering, union, &texts).or_else(|| choice(lowering, &texts))
}

/// True if fixed values say that there is nothing but text, without a `type`.
pub(super) fn has_texts_only(schema: &SchemaObject) -> bool {
    let values = schema.enumeration.iter().flatten().chain(&schema.constant);
    let mut values = values.filter(|value| **value != Value::Null).peekable();
    schema.types.is_empty()
        && values.peek().is_some()
        && values.all(|value| value.as_str().is_some())
}

/// Fixed texts beside one other text that has a form of its own: a moment, or `now`.
fn literals(
    lowering: &mut Lowering<'_>,
    union: &SchemaObject,
    texts: &[(SchemaId, Keywords<'_>)],
) -> Option<Body> {
    let mut variants: Vec<Variant> = Vec::new();
    let mut formatted = None;
    for (id, schema) in texts {
        if has_fixed_values(schema) {
            variants.extend(literal_values(lowering, schema).into_iter().map(literal));
        } else if !scalar::is_formatted_text(schema)
            || formatted.replace((variants.len(), *id)).is_some()
        {
            return None;
        }
    }
    let (place, id) = formatted?;
    let mut seen = BTreeSet::new();
    let mut tags = variants.iter().flat_map(|variant| &variant.tags);
    if variants.is_empty() || !tags.all(|tag| seen.insert(tag)) {
        return None;
    }
    let branch = branch(lowering, id);
    let hint = type_hint(lowering, &branch, JsonKind::String);
    variants.insert(place, variant(hint, &branch, Vec::new()));
    let shape = Shape::Union { variants, dispatch: Dispatch::Literal, open: true };
    guess_dispatch(lowering, union, &shape);
    Some(Body::Shape(shape))
}

/// The fixed texts of an alternative. What it says about itself is said of its only text.
fn literal_values(lowering: &mut Lowering<'_>, schema: &Keywords<'_>) -> Vec<ChoiceValue> {
    let mut values = values(lowering, schema);
    if let [only] = values.as_mut_slice()
        && only.docs == Docs::default()
    {
        only.docs = docs(None, schema.description.as_ref());
    }
    values
}

fn literal(value: ChoiceValue) -> Variant {
    Variant {
        hint: if value.hint.is_empty() { Words::split("empty") } else { value.hint },
        ty: Ty::Nothing,
        tags: [value.wire].into_iter().chain(value.also).collect(),
        docs: value.docs,
    }
}

/// At least one text with fixed values: one open choice. A plain text among them says "these values,
/// and others", which an open choice is.
fn choice(lowering: &mut Lowering<'_>, texts: &[(SchemaId, Keywords<'_>)]) -> Option<Body> {
    let fixed: Vec<&(SchemaId, Keywords<'_>)> =
        texts.iter().filter(|(_, schema)| has_fixed_values(schema)).collect();
    let mut all: Vec<ChoiceValue> = Vec::new();
    let mut nullable = false;
    for (id, schema) in &fixed {
        nullable |= null::is_allowed(lowering, *id);
        let is_new = |value: &ChoiceValue| {
            !all.iter().any(|old| old.wire == value.wire || old.also.contains(&value.wire))
        };
        let more: Vec<ChoiceValue> = values(lowering, schema).into_iter().filter(is_new).collect();
        all.extend(more);
    }
    // One component beside plain text is that component: it is open already.
    if let [(one, _)] = fixed.as_slice()
        && (lowering.is_named(*one) || stands_for(lowering, *one).is_some())
    {
        let found = use_of(lowering, *one);
        return Some(Body::Use(Use { nullable: found.nullable || nullable, ..found }));
    }
    (!all.is_empty()).then_some(Body::Shape(Shape::Choice {
        values: all,
        base: Scalar::String,
        open: true,
    }))
}

fn has_fixed_values(schema: &SchemaObject) -> bool {
    schema.constant.is_some() || schema.enumeration.is_some()
}

/// The fixed texts of one alternative.
fn values(lowering: &mut Lowering<'_>, schema: &Keywords<'_>) -> Vec<ChoiceValue> {
    match enumeration::lower(lowering, schema) {
        Body::Shape(Shape::Choice { values, base: Scalar::String, .. }) => values,
        Body::Shape(_) | Body::Use(_) => Vec::new(),
    }
}
