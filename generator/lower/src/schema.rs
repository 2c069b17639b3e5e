//! Schemas to definitions and uses of them.
//!
//! A schema that others refer to gets its definition before its shape, and the shape of such a
//! schema is found from a queue. So recursion of schemas costs nothing here, and no chain of
//! references, however long, is a chain of calls.

mod all_of;
mod alternatives;
mod array;
mod assertion;
pub(crate) mod default;
mod discriminator;
mod distribution;
mod enumeration;
mod facet;
mod members;
mod misplaced;
mod null;
mod object;
mod scalar;
mod sensitive;
mod spellings;
mod texts;
mod union;

use std::collections::BTreeSet;

use specwright_ir::{Docs, GuessKind, Shape, Ty};
use specwright_openapi::Document;
use specwright_openapi::document::{JsonType, Schema, SchemaId, SchemaObject};

use crate::lowering::{Keywords, Lowering, Use, docs};

pub(crate) use facet::{Facets, facets};
pub(crate) use misplaced::misplaced;

/// What a schema describes: something that deserves a definition, or not.
enum Body {
    Shape(Shape),
    Use(Use),
}

impl Body {
    fn ty(ty: Ty) -> Self {
        Self::Use(Use::of(ty))
    }
}

/// Schemas whose uses are uses of a definition: the components, and whatever else a reference leads
/// to unless it is a scalar.
pub(crate) fn named(document: &Document) -> BTreeSet<SchemaId> {
    let components = document.components.iter().map(|(_, id)| *id);
    let targets = document.schemas.iter().filter_map(Schema::as_object).filter_map(reference);
    let has_parts = |id: &SchemaId| document.schema(*id).as_object().is_some_and(has_parts);
    components.chain(targets.filter(has_parts)).collect()
}

/// Gives every component a definition, used or not: what a document names, a program may want.
pub(crate) fn declare_components(lowering: &mut Lowering<'_>) {
    let mut components: Vec<&(String, SchemaId)> = lowering.document.components.iter().collect();
    components.sort();
    for (_, id) in components {
        use_of(lowering, *id);
    }
}

/// Finds the shape of every definition that waits for one.
///
/// Before: definitions are declared. After: each has its shape, and so have those that were declared
/// on the way. Ends because a schema is declared once.
pub(crate) fn define_declared(lowering: &mut Lowering<'_>) {
    while let Some((id, ty)) = lowering.next_declared() {
        let shape = match body(lowering, id) {
            Body::Shape(shape) => shape,
            Body::Use(inner) => named_shape(lowering, id, inner.ty),
        };
        let (docs, deprecated) = prose(lowering, id);
        if let Some(def) = lowering.definition(ty) {
            def.shape = shape;
            def.docs = docs;
            def.deprecated = deprecated;
        }
    }
}

/// The shape of a component that is no more than a use of a type. Text and whole numbers that have a
/// name are kinds of their own: ids, numbers of things. What has a type of its own already (moments,
/// secrets) or a name (another component) gets a second name for it.
fn named_shape(lowering: &mut Lowering<'_>, id: SchemaId, ty: Ty) -> Shape {
    let scalar = match ty {
        Ty::Scalar(scalar) if scalar.can_be_newtype() => scalar,
        ty => return Shape::Alias(ty),
    };
    let (value, noun) = if scalar.is_whole_number() {
        ("whole number", "a whole number")
    } else {
        ("text", "text")
    };
    let at = lowering.place(id);
    lowering.guess(&at, GuessKind::Newtype, value, &format!("the document gives {noun} a name"));
    Shape::Newtype(scalar)
}

/// The type of a schema where it is used. Cost: each schema is looked at once.
pub(crate) fn use_of(lowering: &mut Lowering<'_>, id: SchemaId) -> Use {
    if let Some(known) = lowering.uses.get(&id) {
        return known.clone();
    }
    let found = if lowering.is_named(id) {
        let ty = Ty::Def(lowering.declare(id));
        Use { ty, nullable: null::is_allowed(lowering, id) }
    } else {
        match body(lowering, id) {
            Body::Use(found) => found,
            Body::Shape(shape) => {
                let nullable = null::is_allowed(lowering, id);
                let at = lowering.place(id);
                let (docs, deprecated) = prose(lowering, id);
                let ty = lowering.define(&at, shape);
                if let Some(def) = lowering.definition(ty) {
                    def.docs = docs;
                    def.deprecated = deprecated;
                }
                Use { ty: Ty::Def(ty), nullable }
            }
        }
    };
    lowering.uses.insert(id, found.clone());
    found
}

/// What a schema describes.
fn body(lowering: &mut Lowering<'_>, id: SchemaId) -> Body {
    match lowering.boolean(id) {
        Some(true) => return Body::ty(Ty::Json),
        Some(false) => return Body::ty(Ty::Nothing),
        None => {}
    }
    let nullable = null::is_allowed(lowering, id);
    let body = match stands_for(lowering, id) {
        Some(next) => {
            if let Some(schema) = lowering.keywords(id) {
                misplaced::report_beside(lowering, &schema);
            }
            Body::Use(use_of(lowering, next))
        }
        None => own_body(lowering, id),
    };
    match sensitive::apply(lowering, id, body) {
        Body::Use(found) => Body::Use(Use { nullable: nullable || found.nullable, ..found }),
        body @ Body::Shape(_) => body,
    }
}

/// The recognisers stand in the order of their claim: fixed values say more than alternatives, and
/// alternatives more than a type.
fn own_body(lowering: &mut Lowering<'_>, id: SchemaId) -> Body {
    let Some(schema) = all_of::flatten(lowering, id) else {
        return Body::ty(Ty::Json);
    };
    assertion::report(lowering, &schema);
    let body = if schema.constant.is_some() || schema.enumeration.is_some() {
        enumeration::lower(lowering, &schema)
    } else if !schema.one_of.is_empty() || !schema.any_of.is_empty() {
        union::lower(lowering, &schema)
    } else {
        by_type(lowering, &schema)
    };
    misplaced::report(lowering, &schema, &body);
    body
}

fn by_type(lowering: &mut Lowering<'_>, schema: &Keywords<'_>) -> Body {
    let mut types: Vec<JsonType> = schema.types_without_null().collect();
    if types.contains(&JsonType::Number) {
        types.retain(|ty| *ty != JsonType::Integer);
    }
    match types.as_slice() {
        [] if is_object(schema) => object::lower(lowering, schema),
        [] if schema.items.is_some() || !schema.prefix_items.is_empty() => {
            array::lower(lowering, schema)
        }
        [] => Body::ty(Ty::Json),
        [JsonType::Object] => object::lower(lowering, schema),
        [JsonType::Array] => array::lower(lowering, schema),
        [scalar] => Body::ty(Ty::Scalar(scalar::lower(lowering, schema, *scalar))),
        several => union::of_types(lowering, schema, several),
    }
}

/// The one other schema that says all this one says, apart from prose: behind a `$ref`, in an
/// `allOf`, `oneOf` or `anyOf` of one, or beside `null` in a `oneOf` or `anyOf` of two.
fn stands_for(lowering: &Lowering<'_>, id: SchemaId) -> Option<SchemaId> {
    let schema = lowering.keywords(id)?;
    if has_own_parts(&schema) {
        return None;
    }
    let mut said: Vec<SchemaId> = reference(&schema).into_iter().collect();
    said.extend(schema.all_of.iter().copied().filter(|id| !is_prose(lowering, *id)));
    for branches in [&schema.one_of, &schema.any_of] {
        let real: Vec<SchemaId> =
            branches.iter().copied().filter(|id| !null::is_null(lowering, *id)).collect();
        match real.as_slice() {
            [] => {}
            [one] => said.push(*one),
            _ => return None,
        }
    }
    match said.as_slice() {
        [one] => Some(*one),
        _ => None,
    }
}

/// What is at the end of a chain of references, so that two ways to one schema are the same.
fn last_target(lowering: &Lowering<'_>, id: SchemaId) -> SchemaId {
    /// References followed; the reader refuses cycles, this bounds what it lets through.
    const MAX_DEPTH: usize = 64;
    let mut target = lowering.taken_in(id);
    for _ in 0..MAX_DEPTH {
        match stands_for(lowering, target) {
            Some(next) => target = next,
            None => break,
        }
    }
    target
}

/// True if a schema beside another one adds nothing to the form of a value: prose, limits, a type.
fn is_prose(lowering: &Lowering<'_>, id: SchemaId) -> bool {
    match lowering.keywords(id) {
        Some(schema) => {
            reference(&schema).is_none()
                && !has_own_parts(&schema)
                && schema.all_of.is_empty()
                && schema.any_of.is_empty()
                && schema.one_of.is_empty()
        }
        None => lowering.boolean(id) == Some(true),
    }
}

/// True if a schema describes more than a scalar.
fn has_parts(schema: &SchemaObject) -> bool {
    has_own_parts(schema)
        || !schema.all_of.is_empty()
        || !schema.any_of.is_empty()
        || !schema.one_of.is_empty()
        || schema.types.contains(&JsonType::Object)
        || schema.types.contains(&JsonType::Array)
}

/// True if the schema itself gives a value members, elements or fixed values.
fn has_own_parts(schema: &SchemaObject) -> bool {
    schema.enumeration.is_some()
        || schema.constant.is_some()
        || schema.items.is_some()
        || !schema.prefix_items.is_empty()
        || !schema.required.is_empty()
        || is_object(schema)
}

/// True if the keywords are those of an object, whether or not `type` says so.
fn is_object(schema: &SchemaObject) -> bool {
    !schema.properties.is_empty()
        || schema.additional_properties.is_some()
        || !schema.pattern_properties.is_empty()
        || schema.unevaluated_properties.is_some()
}

/// `$ref`, or `$dynamicRef` without its dynamic scope.
fn reference(schema: &SchemaObject) -> Option<SchemaId> {
    schema.reference.or(schema.dynamic_reference)
}

/// Prose of a definition: its own, not that of what it stands for.
fn prose(lowering: &Lowering<'_>, id: SchemaId) -> (Docs, bool) {
    lowering.keywords(id).map_or((Docs::default(), false), |schema| {
        let docs = docs(schema.title.as_ref(), schema.description.as_ref());
        (docs, schema.deprecated)
    })
}
