//! Values that no log may hold: what `x-specwright-sensitive` marks, and what OAuth calls a
//! credential.

use specwright_ir::{GuessKind, Scalar, Ty};
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

/// Makes a string that bears the name of a credential of OAuth a secret, unless its schema says
/// `x-specwright-sensitive: false`.
///
/// Documents seldom mark them, and one that a log has shown cannot be taken back. The name alone
/// decides, so nothing else in a document can change the reading.
pub(super) fn by_name(lowering: &mut Lowering<'_>, name: &str, id: SchemaId, ty: Ty) -> Ty {
    let Some((_, source)) = CREDENTIALS.iter().find(|(credential, _)| *credential == name) else {
        return ty;
    };
    let is_text = match &ty {
        Ty::Scalar(Scalar::String) => true,
        Ty::Def(_) => is_plain_string(lowering, id),
        Ty::Scalar(_) | Ty::List(_) | Ty::Map(_) | Ty::Nullable(_) | Ty::Json | Ty::Nothing => {
            false
        }
    };
    let refused = all_of::flatten(lowering, id).is_some_and(|schema| {
        let mut marks = schema.extensions.iter().filter(|key| key.name == vocabulary::SENSITIVE);
        marks.any(|mark| mark.value == Value::Bool(false))
    });
    if !is_text || refused {
        return ty;
    }
    let at = lowering.place(id);
    lowering.guess(
        &at,
        GuessKind::Secret,
        "secret",
        &format!("{source} calls a credential `{name}`"),
    );
    lowering.sink.report(
        Diagnostic::new(&codes::CREDENTIAL_RECOGNIZED, format!("`{name}` is read as a secret"))
            .label(at.span, "")
            .at(at.pointer)
            .note(format!("{source} calls a credential so"))
            .help("`x-specwright-sensitive: false` on its schema makes it plain text"),
    );
    Ty::Scalar(Scalar::Secret)
}

/// Parameters whose value is a credential, and the specification that names them.
const CREDENTIALS: &[(&str, &str)] = &[
    ("access_token", "RFC 6749"),
    ("client_assertion", "RFC 7521"),
    ("client_secret", "RFC 6749"),
    ("code_verifier", "RFC 7636"),
    ("device_code", "RFC 8628"),
    ("id_token", "OpenID Connect Core 1.0"),
    ("password", "RFC 6749"),
    ("refresh_token", "RFC 6749"),
];

/// True for a name of a string without fixed values.
fn is_plain_string(lowering: &mut Lowering<'_>, id: SchemaId) -> bool {
    all_of::flatten(lowering, id).is_some_and(|schema| {
        schema.types_without_null().eq([JsonType::String])
            && schema.enumeration.is_none()
            && schema.constant.is_none()
    })
}
