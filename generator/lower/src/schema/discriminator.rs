//! Alternatives that a string in one of their members tells apart.

use std::collections::{BTreeMap, BTreeSet};

use specwright_ir::{Dispatch, JsonKind, Shape, Ty, Words};
use specwright_openapi::document::{Discriminator, JsonType, SchemaId, SchemaObject, Value};
use specwright_source::{Diagnostic, codes};

use super::union::{Branch, record, type_hint, variant};
use super::{all_of, last_target, stands_for};
use crate::lowering::Lowering;

/// Who says which member holds the tag.
pub(super) enum TagSource<'s> {
    /// The keyword.
    Stated(&'s Discriminator),
    /// Every alternative has fixed values for this required member.
    Common(String),
}

/// A required member with fixed values in every alternative, no value in two of them.
pub(super) fn common_constant(
    lowering: &mut Lowering<'_>,
    branches: &[Branch<'_>],
) -> Option<TagSource<'static>> {
    let first = record(branches.first()?)?.clone();
    first
        .required
        .iter()
        .find(|name| {
            let mut seen = BTreeSet::new();
            branches.iter().all(|branch| {
                let tags = fixed_tags(lowering, branch, name, Presence::Required);
                !tags.is_empty() && tags.into_iter().all(|tag| seen.insert(tag))
            })
        })
        .map(|name| TagSource::Common(name.clone()))
}

/// A union by tag; `None` if an alternative has no tag, which is reported if the document states
/// that there is one.
pub(super) fn by_tag(
    lowering: &mut Lowering<'_>,
    schema: &SchemaObject,
    source: &TagSource<'_>,
    branches: &[Branch<'_>],
) -> Option<Shape> {
    let property = match source {
        TagSource::Stated(discriminator) => &discriminator.property_name,
        TagSource::Common(name) => name,
    };
    let mut variants = Vec::new();
    let mut position_of: BTreeMap<String, usize> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    for branch in branches {
        let mut tags = tags(lowering, source, property, branch);
        tags.retain(|tag| seen.insert(tag.clone()));
        let Some(first) = tags.first() else {
            report_incomplete(lowering, schema, source, branch);
            return None;
        };
        let known = match &branch.found.ty {
            Ty::Def(id) => Some(format!("{}", id.0)),
            _ => None,
        };
        // Alternatives of one type are one alternative with several tags.
        if let Some(variant) = known
            .as_ref()
            .and_then(|key| position_of.get(key))
            .and_then(|index| variants.get_mut(*index))
        {
            let variant: &mut specwright_ir::Variant = variant;
            variant.tags.extend(tags);
            continue;
        }
        if let Some(key) = known {
            position_of.insert(key, variants.len());
        }
        let words = Words::split(first);
        let hint =
            if words.is_empty() { type_hint(lowering, branch, JsonKind::Object) } else { words };
        variants.push(variant(hint, branch, tags));
    }
    let dispatch = Dispatch::Tag { property: property.clone() };
    Some(Shape::Union { variants, dispatch, open: true })
}

/// Tags of an alternative, the one to write first: fixed values of the member itself, then what the
/// mapping says; without both, the name of the component (OpenAPI 3.1.1 §4.8.25).
fn tags(
    lowering: &mut Lowering<'_>,
    source: &TagSource<'_>,
    property: &str,
    branch: &Branch<'_>,
) -> Vec<String> {
    let mut tags = fixed_tags(lowering, branch, property, Presence::Any);
    let TagSource::Stated(discriminator) = source else {
        return tags;
    };
    if is_other_than_text(lowering, branch, property) {
        return Vec::new();
    }
    let target = last_target(lowering, branch.id);
    let mut mapped: Vec<String> = discriminator
        .mapping
        .iter()
        .filter(|(_, id)| last_target(lowering, *id) == target || *id == branch.id)
        .map(|(tag, _)| tag.clone())
        .collect();
    // The mapping is an object, so its order says nothing.
    mapped.sort();
    if !mapped.is_empty() {
        // The mapping is the authority; a fixed value only says which tag is written.
        tags.retain(|tag| mapped.contains(tag));
        tags.extend(mapped.into_iter().filter(|tag| !tags.contains(tag)).collect::<Vec<_>>());
    }
    if tags.is_empty() && lowering.is_named(branch_target(lowering, branch.id)) {
        let at = lowering.place(branch_target(lowering, branch.id));
        tags.extend(at.pointer.last().map(str::to_owned));
    }
    tags
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Presence {
    Required,
    Any,
}

/// The fixed strings of one member of an alternative.
fn fixed_tags(
    lowering: &mut Lowering<'_>,
    branch: &Branch<'_>,
    property: &str,
    presence: Presence,
) -> Vec<String> {
    let Some(schema) = record(branch) else {
        return Vec::new();
    };
    if presence == Presence::Required && !schema.required.iter().any(|name| name == property) {
        return Vec::new();
    }
    let Some((_, id)) = schema.properties.iter().find(|(name, _)| name == property) else {
        return Vec::new();
    };
    let Some(member) = all_of::flatten(lowering, *id) else {
        return Vec::new();
    };
    let values: Vec<&Value> = match (&member.constant, &member.enumeration) {
        (Some(value), _) => vec![value],
        (None, Some(values)) => values.iter().collect(),
        (None, None) => Vec::new(),
    };
    values.into_iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// True if the member is a number, an object or the like. Tags are text (OpenAPI 3.1.1 §4.8.25).
fn is_other_than_text(lowering: &mut Lowering<'_>, branch: &Branch<'_>, property: &str) -> bool {
    let schema = branch.schema.as_ref();
    let member = schema.and_then(|schema| {
        schema.properties.iter().find(|(name, _)| name == property).map(|(_, id)| *id)
    });
    let member = member.and_then(|id| all_of::flatten(lowering, id));
    member.is_some_and(|member| {
        let says_type = !member.types.is_empty() && !member.types.contains(&JsonType::String);
        let mut values = member.enumeration.iter().flatten().chain(&member.constant);
        says_type || values.any(|value| matches!(value, Value::Number(_) | Value::Bool(_)))
    })
}

/// The component that an alternative refers to, by one reference.
fn branch_target(lowering: &Lowering<'_>, id: SchemaId) -> SchemaId {
    let id = lowering.taken_in(id);
    if lowering.is_named(id) { id } else { stands_for(lowering, id).unwrap_or(id) }
}

fn report_incomplete(
    lowering: &mut Lowering<'_>,
    schema: &SchemaObject,
    source: &TagSource<'_>,
    branch: &Branch<'_>,
) {
    let TagSource::Stated(discriminator) = source else {
        return;
    };
    let at = lowering.place(branch.id);
    lowering.sink.report(
        Diagnostic::new(
            &codes::DISCRIMINATOR_INCOMPLETE,
            "an alternative has no tag of its own in the `discriminator`",
        )
        .label(at.span, "no tag, one that is no text, or the tag of another alternative")
        .label(discriminator.at.span, "the discriminator")
        .at(schema.at.pointer.clone())
        .note("read as if there were no discriminator")
        .help("name the alternative in `mapping`, or give its tag member a `const`"),
    );
}
