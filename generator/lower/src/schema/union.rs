//! `oneOf`, `anyOf` and several `type`s: one of several alternatives.
//!
//! The two keywords are read alike: what counts is whether a reader can tell the alternatives
//! apart. One recogniser for each way, tried in a fixed order, and "no" is an answer. Trying the
//! alternatives in turn is never chosen: an alternative that gains an
//! optional member would then change what another document decodes to.

use std::collections::BTreeSet;

use specwright_ir::{Dispatch, GuessKind, JsonKind, Scalar, Shape, Ty, Variant, Words};
use specwright_openapi::document::{JsonType, SchemaId, SchemaObject};
use specwright_source::codes;

use super::discriminator::{self, TagSource};
use super::texts::has_texts_only;
use super::{Body, all_of, alternatives, members, null, texts, use_of};
use crate::lowering::{Keywords, Lowering, Use, docs};
use crate::unsupported::unsupported;

/// An alternative, looked into as far as needed to tell it from the others.
pub(super) struct Branch<'d> {
    pub(super) id: SchemaId,
    pub(super) found: Use,
    /// Keywords with everything merged; `None` for booleans and what cannot be merged.
    pub(super) schema: Option<Keywords<'d>>,
    pub(super) kinds: BTreeSet<JsonKind>,
}

pub(super) fn lower(lowering: &mut Lowering<'_>, schema: &Keywords<'_>) -> Body {
    if !schema.one_of.is_empty() && !schema.any_of.is_empty() {
        return give_up(lowering, schema, "`oneOf` beside `anyOf`");
    }
    let ids: Vec<SchemaId> = schema.one_of.iter().chain(&schema.any_of).copied().collect();
    let ids: Vec<SchemaId> = ids.into_iter().filter(|id| !null::is_null(lowering, *id)).collect();
    if ids.is_empty() {
        // Nothing but null.
        return Body::ty(Ty::Json);
    }
    if let Some(body) = texts::lower(lowering, schema, &ids) {
        return body;
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
    let stated = schema.discriminator.as_ref().map(TagSource::Stated);
    if let Some(shape) =
        stated.and_then(|source| discriminator::by_tag(lowering, schema, &source, &branches))
    {
        return Body::Shape(shape);
    }
    let guessed = discriminator::common_constant(lowering, &branches)
        .and_then(|source| discriminator::by_tag(lowering, schema, &source, &branches))
        .or_else(|| by_kind(lowering, &branches))
        .or_else(|| members::tell_apart(lowering, &branches));
    match guessed {
        Some(shape) => {
            guess_dispatch(lowering, schema, &shape);
            Body::Shape(shape)
        }
        None => give_up(
            lowering,
            schema,
            "alternatives that cannot be told apart by one member or by their JSON kind",
        ),
    }
}

/// Notes how alternatives are told apart that the document gives no discriminator for.
pub(super) fn guess_dispatch(lowering: &mut Lowering<'_>, schema: &SchemaObject, shape: &Shape) {
    let Shape::Union { variants, dispatch, .. } = shape else {
        return;
    };
    let tags = variants.iter().flat_map(|variant| &variant.tags).map(String::as_str);
    let (value, because) = match dispatch {
        Dispatch::Tag { property } => (
            format!("by `{property}`: {}", tags.collect::<Vec<_>>().join(" | ")),
            "each alternative requires this member and has values of its own for it",
        ),
        Dispatch::Kind(kinds) => {
            let kinds: Vec<&str> = kinds.iter().map(|kind| kind.as_str()).collect();
            (
                format!("by kind: {}", kinds.join(" | ")),
                "each alternative has a JSON kind of its own",
            )
        }
        Dispatch::Members(questions) => {
            // The first one stands for the others: that more of them come is no news.
            let asked = questions.iter().filter_map(|question| question.members.first());
            (
                format!("by members: {}", asked.cloned().collect::<Vec<_>>().join(" | ")),
                "each alternative requires a member that none of those after it has",
            )
        }
        Dispatch::Literal => (
            format!("by text: {}", tags.collect::<Vec<_>>().join(" | ")),
            "the fixed texts have no form that the other alternative asks for",
        ),
    };
    lowering.guess(&schema.at, GuessKind::Dispatch, &value, because);
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

pub(super) fn branch<'d>(lowering: &mut Lowering<'d>, id: SchemaId) -> Branch<'d> {
    let found = use_of(lowering, id);
    let schema = all_of::flatten(lowering, id);
    let kinds = kinds(lowering, id);
    Branch { id, found, schema, kinds }
}

/// The JSON kinds that a schema has values of, other than null; empty if that is not known.
fn kinds(lowering: &mut Lowering<'_>, id: SchemaId) -> BTreeSet<JsonKind> {
    let says_type = |schema: &SchemaObject| schema.types_without_null().next().is_some();
    let leaves = alternatives::leaves(lowering, id, says_type).unwrap_or_default();
    let mut all = BTreeSet::new();
    for schema in leaves {
        let named: BTreeSet<JsonKind> = schema.types_without_null().map(kind).collect();
        match () {
            () if !named.is_empty() => all.extend(named),
            () if has_texts_only(&schema) => all.extend([JsonKind::String]),
            () if super::is_object(&schema) => all.extend([JsonKind::Object]),
            () if schema.items.is_some() => all.extend([JsonKind::Array]),
            () => return BTreeSet::new(),
        }
    }
    all
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
        Ty::Scalar(scalar) if scalar_words(*scalar).is_some() => {
            scalar_words(*scalar).unwrap_or_default()
        }
        Ty::Scalar(_) | Ty::List(_) | Ty::Map(_) | Ty::Nullable(_) | Ty::Json | Ty::Nothing => {
            // What programs call an array of JSON.
            if kind == JsonKind::Array { "list" } else { kind.as_str() }
        }
    };
    Words::split(word)
}

/// Words of scalars that say more than their JSON kind.
fn scalar_words(scalar: Scalar) -> Option<&'static str> {
    match scalar {
        Scalar::I32 | Scalar::I64 | Scalar::U64 => Some("integer"),
        Scalar::Date => Some("date"),
        Scalar::DateTime => Some("date time"),
        Scalar::LocalDateTime => Some("local date time"),
        Scalar::Bool
        | Scalar::F64
        | Scalar::String
        | Scalar::Secret
        | Scalar::Base64
        | Scalar::ExpiresIn => None,
    }
}

fn give_up(lowering: &mut Lowering<'_>, schema: &SchemaObject, feature: &str) -> Body {
    lowering.sink.report(
        unsupported(&codes::UNION_UNSUPPORTED, &schema.at, feature, "read as any JSON value")
            .help("add a `discriminator`, in the document or with an overlay"),
    );
    Body::ty(Ty::Json)
}
