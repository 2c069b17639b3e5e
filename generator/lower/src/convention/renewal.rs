//! What a document states of how tokens are renewed: `x-specwright-offline-scope`, `x-specwright-rotation`,
//! `x-specwright-refresh-token-life` and `x-specwright-token-idempotency`.

use specwright_ir::{OAuthFlows, Rotation, TokenKey};
use specwright_openapi::document::{Extension, Value, extension};
use specwright_source::{Diagnostic, Sink, codes};

use super::rate;
use super::vocabulary::{
    OFFLINE_SCOPE, REFRESH_TOKEN_LIFE, ROTATION, TOKEN_IDEMPOTENCY, is_well_formed,
};

/// Gives the flows of a scheme what its extensions state, or says that nothing of it is about these flows: of those that
/// are supported, the authorization code flow alone gives refresh tokens (RFC 6749 §4.4.3 for client credentials).
///
/// Before: the flows are known. Cost: one look at each extension.
pub(crate) fn recognise(extensions: &[Extension], flows: &mut OAuthFlows, sink: &mut Sink) {
    if !flows.authorization_code {
        for key in [OFFLINE_SCOPE, ROTATION, REFRESH_TOKEN_LIFE, TOKEN_IDEMPOTENCY] {
            if let Some(stated) = extension(extensions, key).filter(|it| is_well_formed(it)) {
                sink.report(unfounded(stated));
            }
        }
        return;
    }
    let stated = |key| extension(extensions, key).map(|stated| &stated.value);
    flows.offline_scope = stated(OFFLINE_SCOPE).and_then(scope).map(str::to_owned);
    flows.rotation = stated(ROTATION).and_then(rotation).unwrap_or_default();
    flows.refresh_token_life = stated(REFRESH_TOKEN_LIFE).and_then(rate::positive);
    flows.token_key = stated(TOKEN_IDEMPOTENCY).and_then(token_key).unwrap_or_default();
}

fn unfounded(stated: &Extension) -> Diagnostic {
    let name = &stated.name;
    Diagnostic::new(
        &codes::RENEWAL_UNFOUNDED,
        format!("`{name}` stands where nobody connects by authorization code"),
    )
    .label(stated.at.span, "")
    .at(stated.at.pointer.clone())
    .note("left out")
    .help("state the `authorizationCode` flow, or remove the key")
}

/// A `scope-token` (RFC 6749 §3.3).
pub(super) fn scope(value: &Value) -> Option<&str> {
    let is_allowed = |byte: u8| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\';
    value.as_str().filter(|text| !text.is_empty() && text.bytes().all(is_allowed))
}

pub(super) fn rotation(value: &Value) -> Option<Rotation> {
    match value.as_str()? {
        "immediate" => Some(Rotation::Immediate),
        "on-first-use" => Some(Rotation::OnFirstUse),
        "reuse-revokes" => Some(Rotation::ReuseRevokes),
        "grace" => Some(Rotation::Grace),
        "lost-answer" => Some(Rotation::LostAnswer),
        "none" => Some(Rotation::None),
        "undocumented" => Some(Rotation::Undocumented),
        _ => None,
    }
}

/// Names of header fields have no case (RFC 9110 §5.1).
pub(super) fn token_key(value: &Value) -> Option<TokenKey> {
    let known = value.as_str()?.eq_ignore_ascii_case("Idempotency-Key");
    known.then_some(TokenKey::IdempotencyKey)
}
