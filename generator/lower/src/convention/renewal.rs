//! What a document states of how tokens are renewed: `x-specwright-offline-scope`, `x-specwright-rotation`,
//! `x-specwright-refresh-token-life` and `x-specwright-token-idempotency`.

use specwright_ir::{OAuthFlows, Rotation, TokenKey};
use specwright_openapi::document::{Extension, Value, extension};

use super::{rate, vocabulary};

/// Gives the flows of a scheme what its extensions state.
pub(crate) fn recognise(extensions: &[Extension], flows: &mut OAuthFlows) {
    let stated = |key| extension(extensions, key).map(|stated| &stated.value);
    flows.offline_scope = stated(vocabulary::OFFLINE_SCOPE).and_then(scope).map(str::to_owned);
    flows.rotation = stated(vocabulary::ROTATION).and_then(rotation).unwrap_or_default();
    flows.refresh_token_life = stated(vocabulary::REFRESH_TOKEN_LIFE).and_then(rate::positive);
    flows.token_key = stated(vocabulary::TOKEN_IDEMPOTENCY).and_then(token_key).unwrap_or_default();
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
