//! Objects: records with known members, maps without.

use specwright_ir::{Field, Presence, Rest, Shape, Ty, Words};
use specwright_openapi::document::{Place, SchemaId, SchemaObject, Value, extension};
use specwright_source::{Diagnostic, codes};

use super::{Body, default, facets, sensitive, use_of};
use crate::convention::vocabulary;
use crate::lowering::{Lowering, origin};
use crate::unsupported::unsupported;

/// An object with members of its own is a record, one without is a map.
///
/// `additionalProperties` with a schema keeps other members; `true` and its absence drop them,
/// because almost every schema allows them and almost none means them; `false` limits what is sent
/// and never what is read.
pub(super) fn lower(lowering: &mut Lowering<'_>, schema: &SchemaObject) -> Body {
    let others = others(lowering, schema);
    if let Some(patch) = merge_patch(schema, &others) {
        return patch;
    }
    if schema.properties.is_empty() {
        return match others {
            Others::Forbidden => record(Vec::new(), Rest::Ignore),
            Others::Open => Body::ty(Ty::Map(Box::new(Ty::Json))),
            Others::Of(ty) => Body::ty(Ty::Map(Box::new(ty))),
        };
    }
    if schema.discriminator.is_some() {
        lowering.sink.report(unsupported(
            &codes::SUBTYPES_UNSUPPORTED,
            &schema.at,
            "a `discriminator` without `oneOf`, which means every schema that extends this one",
            "read as this schema alone",
        ));
    }
    let mut fields = Vec::new();
    for (name, id) in &schema.properties {
        // The schema `false` says that there is no such member.
        if lowering.boolean(*id) != Some(false) {
            fields.push(field(lowering, schema, name, *id));
        }
    }
    match others {
        Others::Of(ty) => record(fields, Rest::Collect(ty)),
        Others::Open | Others::Forbidden => {
            for name in &schema.required {
                if !schema.properties.iter().any(|(known, _)| known == name) {
                    report_undescribed(lowering, &schema.at, name);
                }
            }
            record(fields, Rest::Ignore)
        }
    }
}

/// A map of which the document says that it is a change of one.
fn merge_patch(schema: &SchemaObject, others: &Others) -> Option<Body> {
    let stated = extension(&schema.extensions, vocabulary::MERGE_PATCH)?;
    (stated.value.member("empty").and_then(Value::as_str) == Some("clear")).then_some(())?;
    let has_map = schema.properties.is_empty() && schema.additional_properties.is_some();
    let value = match others {
        Others::Open if has_map => Ty::Json,
        Others::Of(Ty::Nullable(ty)) if has_map => (**ty).clone(),
        Others::Of(ty) if has_map => ty.clone(),
        Others::Open | Others::Forbidden | Others::Of(_) => return None,
    };
    Some(Body::Shape(Shape::MergePatch(value)))
}

fn record(fields: Vec<Field>, rest: Rest) -> Body {
    Body::Shape(Shape::Record { fields, constants: Vec::new(), rest })
}

fn field(lowering: &mut Lowering<'_>, schema: &SchemaObject, name: &str, id: SchemaId) -> Field {
    let found = use_of(lowering, id);
    let (facets, at) = facets(lowering, id);
    let access = facets.access();
    Field {
        wire: name.to_owned(),
        hint: Words::split(name),
        presence: Presence {
            required: schema.required.iter().any(|required| required == name),
            nullable: found.nullable,
        },
        default: default::lower(lowering, facets.default.as_ref(), &found, &at),
        ty: sensitive::by_name(lowering, name, id, found.ty),
        access,
        indirect: false,
        constraints: facets.constraints,
        format: facets.format,
        docs: facets.docs,
        deprecated: facets.deprecated,
        origin: origin(&at),
    }
}

/// What is said of members without a name.
enum Others {
    Open,
    Forbidden,
    Of(Ty),
}

fn others(lowering: &mut Lowering<'_>, schema: &SchemaObject) -> Others {
    let patterns: Vec<SchemaId> = schema.pattern_properties.iter().map(|(_, id)| *id).collect();
    let rest = schema.additional_properties.or(schema.unevaluated_properties);
    let mut types: Vec<Ty> =
        patterns.into_iter().map(|id| use_of(lowering, id).in_place()).collect();
    match rest {
        None => {}
        Some(id) => match lowering.boolean(id) {
            Some(false) if types.is_empty() => return Others::Forbidden,
            Some(_) => {}
            None => types.push(use_of(lowering, id).in_place()),
        },
    }
    types.dedup();
    match types.as_slice() {
        // `{}` says what `true` says.
        [] | [Ty::Json] => Others::Open,
        [one] => Others::Of(one.clone()),
        _ => {
            lowering.sink.report(unsupported(
                &codes::PATTERNS_UNSUPPORTED,
                &schema.at,
                "members whose type depends on their name (`patternProperties`)",
                "read as members of any JSON value",
            ));
            Others::Of(Ty::Json)
        }
    }
}

/// Says that a member is required of which nothing is known.
pub(super) fn report_undescribed(lowering: &mut Lowering<'_>, at: &Place, name: &str) {
    lowering.sink.report(
        Diagnostic::new(
            &codes::REQUIRED_UNDESCRIBED,
            format!("required member `{name}` is not described"),
        )
        .label(at.span, "no such name under `properties`")
        .at(at.pointer.clone())
        .note("the member is left out")
        .help("correct the name in `required`, or describe the member"),
    );
}
