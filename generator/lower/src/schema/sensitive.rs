//! `x-specwright-sensitive`: values that no log may hold.

use specwright_ir::{Scalar, Ty};
use specwright_openapi::document::{JsonType, SchemaId, Value, extension};
use specwright_source::{Diagnostic, codes};

use super::{Body, all_of};
use crate::convention::vocabulary;
use crate::lowering::{Lowering, Use};

/// Makes a string that the schema calls sensitive a secret. Anything else that is called so is
/// reported: its members have to be marked one by one.
pub(super) fn apply(lowering: &mut Lowering<'_>, id: SchemaId, body: Body) -> Body {
    let Some(schema) = lowering.keywords(id) else {
        return body;
    };
    let Some(mark) = extension(&schema.extensions, vocabulary::SENSITIVE) else {
        return body;
    };
    if mark.value != Value::Bool(true) {
        return body;
    }
    let at = mark.at.clone();
    if let Body::Use(found) = &body {
        let is_text = match &found.ty {
            Ty::Scalar(Scalar::String | Scalar::Secret | Scalar::Base64) => true,
            Ty::Def(_) => is_plain_string(lowering, id),
            Ty::Scalar(_) | Ty::List(_) | Ty::Map(_) | Ty::Nullable(_) | Ty::Json | Ty::Nothing => {
                false
            }
        };
        if is_text {
            return Body::Use(Use { ty: Ty::Scalar(Scalar::Secret), nullable: found.nullable });
        }
    }
    lowering.sink.report(
        Diagnostic::new(&codes::SENSITIVE_NOT_TEXT, "only a string can be sensitive")
            .label(at.span, "on a schema that is no string")
            .at(at.pointer)
            .help("mark each string inside it that must not be shown"),
    );
    body
}

/// True for a name of a string without fixed values.
fn is_plain_string(lowering: &mut Lowering<'_>, id: SchemaId) -> bool {
    all_of::flatten(lowering, id).is_some_and(|schema| {
        schema.types_without_null().eq([JsonType::String])
            && schema.enumeration.is_none()
            && schema.constant.is_none()
    })
}
