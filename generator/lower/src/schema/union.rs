//! `oneOf`, `anyOf` and several `type`s: one of several alternatives.
//!
//! The two keywords are read alike: what counts is whether a reader can tell the alternatives
//! apart. One recogniser for each way, tried in a fixed order, and "no" is an answer. Trying the
//! alternatives in turn is never chosen: an alternative that gains an
//! optional member would then change what another document decodes to.

use std::collections::BTreeSet;

use specwright_ir::{ChoiceValue, Dispatch, JsonKind, Scalar, Shape, Ty, Variant, Words};
use specwright_openapi::document::{JsonType, SchemaId, SchemaObject};
use specwright_source::codes;

use super::discriminator::{self, TagSource};
use super::{Body, all_of, body, null, stands_for, use_of};
use crate::lowering::{Keywords, Lowering, Use, docs};
use crate::unsupported::unsupported;

/// An alternative, looked into as far as needed to tell it from the others.
pub(super) struct Branch<'d> {
    pub(super) id: SchemaId,
    pub(super) found: Use,
    /// Keywords with everything merged; `None` for booleans and what cannot be merged.
    pub(super) schema: Option<Keywords<'d>>,
    kinds: BTreeSet<JsonKind>,
}

pub(super) fn lower(lowering: &mut Lowering<'_>, schema: &Keywords<'_>) -> Body {
    if !schema.one_of.is_empty() && !schema.any_of.is_empty() {
        return give_up(lowering, schema, "`oneOf` beside `anyOf`");
    }
    let ids: Vec<SchemaId> = schema.one_of.iter().chain(&schema.any_of).copied().collect();
    if has_members(lowering, schema) {
        return beside_members(lowering, schema, &ids);
    }
    let ids: Vec<SchemaId> = ids.into_iter().filter(|id| !null::is_null(lowering, *id)).collect();
    if let Some(shape) = strings(lowering, &ids) {
        return shape;
    }
    let branches: Vec<Branch<'_>> = ids.iter().map(|id| branch(lowering, *id)).collect();
    let nullable = branches.iter().any(|branch| branch.found.nullable);
    let all_same = branches.windows(2).all(|pair| match pair {
        [one, two] => one.found.ty == two.found.ty,
        _ => true,
    });
    if let (true, Some(first)) = (all_same, branches.first()) {
        return Body::Use(Use { ty: first.found.ty.clone(), nullable });
    }
    let tag = schema.discriminator.as_ref().map(TagSource::Stated);
    tag.or_else(|| discriminator::common_constant(lowering, &branches))
        .and_then(|source| discriminator::by_tag(lowering, schema, &source, &branches))
        .or_else(|| by_kind(lowering, &branches))
        .or_else(|| by_members(lowering, &branches))
        .map_or_else(
            || {
                give_up(
                    lowering,
                    schema,
                    "alternatives that cannot be told apart by one member or by their JSON kind",
                )
            },
            Body::Shape,
        )
}

/// `type: [string, integer]`: alternatives that differ in their kind.
pub(super) fn of_types(
    lowering: &mut Lowering<'_>,
    schema: &SchemaObject,
    types: &[JsonType],
) -> Body {
    let mut branches = Vec::new();
    for ty in types {
        let mut alone = schema.clone();
        alone.types = vec![*ty];
        // Fixed values of several kinds were reported; they belong to no alternative alone.
        alone.enumeration = None;
        alone.constant = None;
        let name = JsonType::ALL.iter().find(|(_, known)| known == ty).map_or("", |(name, _)| name);
        alone.at.pointer = schema.at.pointer.join("type").join(name);
        let id = lowering.add_schema(alone);
        branches.push(branch(lowering, id));
    }
    by_kind(lowering, &branches).map_or(Body::ty(Ty::Json), Body::Shape)
}

/// Alternatives beside members of the schema itself. If they do nothing but ask for members, they
/// are an assertion; else each would have to take the members in.
fn beside_members(lowering: &mut Lowering<'_>, schema: &Keywords<'_>, ids: &[SchemaId]) -> Body {
    let only_asks = |id: &SchemaId| {
        lowering.keywords(*id).is_some_and(|branch| {
            branch.properties.is_empty()
                && branch.reference.is_none()
                && branch.all_of.is_empty()
                && branch.one_of.is_empty()
                && branch.any_of.is_empty()
                && branch.items.is_none()
                && branch.enumeration.is_none()
                && branch.constant.is_none()
        })
    };
    if !ids.iter().all(only_asks) {
        return give_up(lowering, schema, "alternatives (`oneOf`, `anyOf`) beside other keywords");
    }
    lowering.sink.report(unsupported(
        &codes::ASSERTION_UNSUPPORTED,
        &schema.at,
        "alternatives that only say which members are required together",
        "left to the server to check",
    ));
    let mut rest: SchemaObject = (**schema).clone();
    rest.one_of.clear();
    rest.any_of.clear();
    let id = lowering.add_schema(rest);
    body(lowering, id)
}

/// Alternatives that are all strings, at least one with fixed values: one open choice. A plain
/// string among them says "these values, and others", which an open choice is.
fn strings(lowering: &mut Lowering<'_>, ids: &[SchemaId]) -> Option<Body> {
    let mut schemas = Vec::new();
    for id in ids {
        let schema = all_of::flatten(lowering, *id)?;
        if !schema.types_without_null().eq([JsonType::String]) && !has_texts_only(&schema) {
            return None;
        }
        if schema.one_of.len() + schema.any_of.len() > 0 {
            return None;
        }
        schemas.push((*id, schema));
    }
    let mut values: Vec<ChoiceValue> = Vec::new();
    let mut nullable = false;
    for (id, schema) in schemas.iter().filter(|(_, schema)| has_fixed_values(schema)) {
        nullable |= null::is_allowed(lowering, *id);
        if let Body::Shape(Shape::Choice { values: more, base: Scalar::String, .. }) =
            super::enumeration::lower(lowering, schema)
        {
            let is_new = |value: &ChoiceValue| !values.iter().any(|old| old.wire == value.wire);
            let more: Vec<ChoiceValue> = more.into_iter().filter(is_new).collect();
            values.extend(more);
        }
    }
    // One component beside plain text is that component: it is open already.
    let fixed: Vec<SchemaId> =
        schemas.iter().filter(|(_, schema)| has_fixed_values(schema)).map(|(id, _)| *id).collect();
    if let [one] = fixed.as_slice()
        && (lowering.is_named(*one) || stands_for(lowering, *one).is_some())
    {
        let found = use_of(lowering, *one);
        return Some(Body::Use(Use { nullable: found.nullable || nullable, ..found }));
    }
    (!values.is_empty()).then_some(Body::Shape(Shape::Choice {
        values,
        base: Scalar::String,
        open: true,
    }))
}

/// True if the schema has a form besides its alternatives. `required` and a closed
/// `additionalProperties` have none.
fn has_members(lowering: &Lowering<'_>, schema: &SchemaObject) -> bool {
    !schema.properties.is_empty()
        || !schema.pattern_properties.is_empty()
        || schema.items.is_some()
        || !schema.prefix_items.is_empty()
        || schema.additional_properties.is_some_and(|id| lowering.boolean(id).is_none())
}

fn has_fixed_values(schema: &SchemaObject) -> bool {
    schema.constant.is_some() || schema.enumeration.is_some()
}

fn has_texts_only(schema: &SchemaObject) -> bool {
    let values = schema.enumeration.iter().flatten().chain(&schema.constant);
    schema.types.is_empty()
        && has_fixed_values(schema)
        && values.into_iter().all(|v| v.as_str().is_some())
}

fn branch<'d>(lowering: &mut Lowering<'d>, id: SchemaId) -> Branch<'d> {
    let found = use_of(lowering, id);
    let schema = all_of::flatten(lowering, id);
    let kinds = kinds(lowering, id, 0);
    Branch { id, found, schema, kinds }
}

/// The JSON kinds that a schema has values of, other than null; empty if that is not known.
fn kinds(lowering: &mut Lowering<'_>, id: SchemaId, depth: usize) -> BTreeSet<JsonKind> {
    /// Unions inside unions that are looked into.
    const MAX_DEPTH: usize = 8;
    let Some(schema) = all_of::flatten(lowering, id).filter(|_| depth < MAX_DEPTH) else {
        return BTreeSet::new();
    };
    let named: BTreeSet<JsonKind> = schema.types_without_null().map(kind).collect();
    if !named.is_empty() {
        return named;
    }
    let branches: Vec<SchemaId> = schema.one_of.iter().chain(&schema.any_of).copied().collect();
    if !branches.is_empty() {
        let mut all = BTreeSet::new();
        for id in
            branches.into_iter().filter(|id| !null::is_null(lowering, *id)).collect::<Vec<_>>()
        {
            let kinds = kinds(lowering, id, depth + 1);
            if kinds.is_empty() {
                return kinds;
            }
            all.extend(kinds);
        }
        return all;
    }
    match () {
        () if has_texts_only(&schema) => BTreeSet::from([JsonKind::String]),
        () if super::is_object(&schema) => BTreeSet::from([JsonKind::Object]),
        () if schema.items.is_some() => BTreeSet::from([JsonKind::Array]),
        () => BTreeSet::new(),
    }
}

fn kind(ty: JsonType) -> JsonKind {
    match ty {
        JsonType::Null => JsonKind::Null,
        JsonType::Boolean => JsonKind::Bool,
        JsonType::Object => JsonKind::Object,
        JsonType::Array => JsonKind::Array,
        JsonType::Number | JsonType::Integer => JsonKind::Number,
        JsonType::String => JsonKind::String,
    }
}

/// Each alternative is of one kind, and no two are of the same.
fn by_kind(lowering: &mut Lowering<'_>, branches: &[Branch<'_>]) -> Option<Shape> {
    let mut seen = BTreeSet::new();
    let mut dispatch = Vec::new();
    for branch in branches {
        let mut kinds = branch.kinds.iter();
        let (Some(kind), None) = (kinds.next(), kinds.next()) else {
            return None;
        };
        if !seen.insert(*kind) {
            return None;
        }
        dispatch.push(*kind);
    }
    let variants = branches
        .iter()
        .zip(&dispatch)
        .map(|(branch, kind)| variant(type_hint(lowering, branch, *kind), branch, Vec::new()))
        .collect();
    Some(Shape::Union { variants, dispatch: Dispatch::Kind(dispatch), open: true })
}

/// Each alternative is an object that requires a member none of the others knows.
fn by_members(lowering: &mut Lowering<'_>, branches: &[Branch<'_>]) -> Option<Shape> {
    let mut dispatch = Vec::new();
    for (index, branch) in branches.iter().enumerate() {
        let schema = record(branch)?;
        let others: Vec<&Branch<'_>> = branches
            .iter()
            .enumerate()
            .filter(|(other, _)| *other != index)
            .map(|(_, other)| other)
            .collect();
        let own: Vec<String> = schema
            .required
            .iter()
            .filter(|name| schema.properties.iter().any(|(known, _)| known == *name))
            .filter(|name| {
                !others.iter().any(|other| {
                    record(other).is_none_or(|schema| {
                        schema.properties.iter().any(|(known, _)| known == *name)
                            || schema.required.contains(name)
                    })
                })
            })
            .cloned()
            .collect();
        if own.is_empty() {
            return None;
        }
        dispatch.push(own);
    }
    let variants = branches
        .iter()
        .map(|branch| variant(type_hint(lowering, branch, JsonKind::Object), branch, Vec::new()))
        .collect();
    Some(Shape::Union { variants, dispatch: Dispatch::Members(dispatch), open: true })
}

/// The keywords of an alternative that is an object with members.
pub(super) fn record<'b, 'd>(branch: &'b Branch<'d>) -> Option<&'b Keywords<'d>> {
    branch.schema.as_ref().filter(|schema| {
        !schema.properties.is_empty()
            && schema.one_of.len() + schema.any_of.len() == 0
            && branch.kinds.iter().eq([&JsonKind::Object])
    })
}

pub(super) fn variant(hint: Words, branch: &Branch<'_>, tags: Vec<String>) -> Variant {
    let description = branch.schema.as_ref().and_then(|schema| schema.description.as_ref());
    Variant { hint, ty: branch.found.ty.clone(), tags, docs: docs(None, description) }
}

/// Words of the alternative's type: of its definition, else of its kind.
pub(super) fn type_hint(lowering: &mut Lowering<'_>, branch: &Branch<'_>, kind: JsonKind) -> Words {
    let word = match &branch.found.ty {
        Ty::Def(id) => {
            if let Some(def) = lowering.definition(*id) {
                return def.hint.clone();
            }
            "value"
        }
        Ty::Scalar(Scalar::I32 | Scalar::I64 | Scalar::U64) => "integer",
        Ty::Scalar(Scalar::Date) => "date",
        Ty::Scalar(Scalar::DateTime) => "date time",
        Ty::Scalar(_) | Ty::List(_) | Ty::Map(_) | Ty::Nullable(_) | Ty::Json | Ty::Nothing => {
            match kind {
                JsonKind::Null => "null",
                JsonKind::Bool => "boolean",
                JsonKind::Number => "number",
                JsonKind::String => "string",
                JsonKind::Array => "list",
                JsonKind::Object => "object",
            }
        }
    };
    Words::split(word)
}

fn give_up(lowering: &mut Lowering<'_>, schema: &SchemaObject, feature: &str) -> Body {
    lowering.sink.report(
        unsupported(&codes::UNION_UNSUPPORTED, &schema.at, feature, "read as any JSON value")
            .help("add a `discriminator`, in the document or with an overlay"),
    );
    Body::ty(Ty::Json)
}
