//! Keys that say how a schema is meant, on a schema that cannot mean it.

use specwright_ir::Shape;
use specwright_openapi::document::{Extension, SchemaObject, extension};
use specwright_source::{Diagnostic, codes};

use super::Body;
use crate::convention::vocabulary;
use crate::lowering::Lowering;

/// Reports the keys of a schema that had no effect on what became of it.
pub(super) fn report(lowering: &mut Lowering<'_>, schema: &SchemaObject, body: &Body) {
    let is_patch = matches!(body, Body::Shape(Shape::MergePatch(_)));
    let has_values = schema.enumeration.is_some() || schema.constant.is_some();
    let is_choice = has_values && matches!(body, Body::Shape(Shape::Choice { .. }));
    for (key, fits, problem, help) in [
        (
            vocabulary::MERGE_PATCH,
            is_patch,
            "only a map can be a merge patch",
            "a map has `additionalProperties` and no `properties`",
        ),
        (
            vocabulary::SPELLINGS,
            is_choice,
            "only an `enum` of strings has other spellings",
            "put the key on the schema that has the `enum`",
        ),
    ] {
        let stated = extension(&schema.extensions, key).filter(|_| !fits);
        if let Some(stated) = stated.filter(|stated| vocabulary::is_well_formed(stated)) {
            lowering.sink.report(misplaced(stated, problem).help(help));
        }
    }
}

/// Reports the keys of a schema that adds nothing to another one.
pub(super) fn report_beside(lowering: &mut Lowering<'_>, schema: &SchemaObject) {
    for key in [vocabulary::MERGE_PATCH, vocabulary::SPELLINGS] {
        let stated = extension(&schema.extensions, key);
        if let Some(stated) = stated.filter(|stated| vocabulary::is_well_formed(stated)) {
            let problem = "the key stands beside another schema and says nothing of it";
            let help = "put the key on the schema that is referred to";
            lowering.sink.report(misplaced(stated, problem).help(help));
        }
    }
}

/// Says that a key is left out.
pub(crate) fn misplaced(stated: &Extension, problem: &str) -> Diagnostic {
    Diagnostic::new(&codes::EXTENSION_MALFORMED, problem)
        .label(stated.at.span, "")
        .at(stated.at.pointer.clone())
        .note("left out")
}
