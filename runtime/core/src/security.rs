//! What a generated crate tells the runtime about its API: plain data, written as one `const`.
//!
//! The fields are public and the types are not `#[non_exhaustive]`, because generated crates write them as literals. A
//! new field is a new version of this crate, and regenerating adds it everywhere.

use std::time::Duration;

/// One API at one version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ApiProfile {
    /// Short name, as in `stora`. It appears in logs and in the `User-Agent`.
    pub name: &'static str,
    /// Version of the API, as in `2025-09`.
    pub version: &'static str,
    /// Base URL that paths are appended to, without a slash at its end.
    pub server: &'static str,
    /// Where tokens come from, if the API uses OAuth 2.0.
    pub oauth: Option<OAuthProfile>,
    /// Each of these windows holds at the same time.
    pub rate_windows: &'static [RateWindow],
    /// How to read the number in the API's rate-limit reset header.
    pub rate_reset: RateReset,
    /// The least time to wait after a 429, if the document states one. What a server asks for counts where it is longer.
    /// It makes no retry free: only a time that the server itself names does.
    pub rate_limit_wait: Option<Duration>,
    /// How errors of the API itself are told from those of what stands before it, if the document says so.
    pub error_envelope: Option<ErrorEnvelope>,
    /// The security schemes that [`crate::operation::OperationMeta::security`] names.
    pub schemes: &'static [Scheme],
}

/// An authorization server: its endpoints (RFC 6749 §3, RFC 7009 §2), and what an OpenAPI document has no words for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OAuthProfile {
    /// URL of the token endpoint.
    pub token: &'static str,
    /// URL of the authorization endpoint, if there is a grant with a user.
    pub authorization: Option<&'static str>,
    /// URL of the revocation endpoint, if there is one.
    pub revocation: Option<&'static str>,
    /// The API that tokens are for, where the server wants to know. It is no part of RFC 6749; several servers have it.
    pub audience: Option<&'static str>,
    /// The scope that asks for a refresh token, as in `offline`, where the server gives none without it.
    pub offline_scope: Option<&'static str>,
    /// What becomes of a refresh token that is used.
    pub rotation: Rotation,
    /// The time after which a refresh token ends that nobody uses, if the vendor states it.
    pub refresh_token_life: Option<Duration>,
    /// Whether a lost answer of the token endpoint can be had again by a key.
    pub token_key: TokenKey,
}

/// What becomes of a refresh token when it is used. RFC 6749 §6 leaves it to the server, and it decides whether an answer
/// that was lost can be had again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rotation {
    /// It is dead with the answer.
    Immediate,
    /// It is dead once the new access token is used.
    OnFirstUse,
    /// It is dead with the answer, and sending it again revokes every token of the grant (RFC 9700 §4.14.2).
    ReuseRevokes,
    /// It can be sent again for a while.
    Grace,
    /// It can be sent again if the answer was lost.
    LostAnswer,
    /// It stays the refresh token.
    None,
    /// The document does not say.
    Undocumented,
}

/// Under which key an authorization server gives the answer to a token request again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKey {
    /// Under none, as far as the document says.
    None,
    /// Under that in `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header).
    IdempotencyKey,
}

/// Where an error of the API says what it is.
///
/// An error answer without a request id in its place, or without a code where the API names no request, was made on the
/// way, by a gateway or a load balancer. The difference matters for repeating: such an answer was not stored under an
/// idempotency key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ErrorEnvelope {
    /// JSON Pointer (RFC 6901) to the API's name for the request, if it gives one.
    pub request_id: Option<&'static str>,
    /// JSON Pointer to the kind of the error.
    pub code: &'static str,
    /// Kinds that are a failure of the server although their status is 4XX.
    pub server_faults: &'static [&'static str],
}

/// So many requests in so much time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateWindow {
    /// The most requests in any stretch of [`Self::period`].
    pub requests: u32,
    /// Length of the window.
    pub period: Duration,
}

/// Meaning of the number in a rate-limit reset header. APIs disagree, and a wrong guess waits for decades or not at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RateReset {
    /// Seconds since 1970-01-01 UTC at which the window starts anew.
    EpochSeconds,
    /// Seconds from the moment of the answer.
    DelaySeconds,
    /// The document does not say: a number of at least 1,000,000,000 is an epoch, a smaller one a delay.
    Undocumented,
}

/// A security scheme of the document (OpenAPI 3.1, Security Scheme Object).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scheme {
    /// Name in the document's `securitySchemes`.
    pub name: &'static str,
    /// How it authenticates a request.
    pub kind: SchemeKind,
}

/// How a security scheme authenticates a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SchemeKind {
    /// `Authorization: Bearer` (RFC 6750 §2.1).
    Bearer,
    /// `Authorization: Basic` (RFC 7617).
    Basic,
    /// A key in a parameter.
    ApiKey {
        /// Where the key goes.
        place: KeyPlace,
        /// Name of the parameter.
        name: &'static str,
    },
    /// An OAuth 2.0 access token, sent as a bearer token.
    OAuth2,
    /// One that this runtime cannot satisfy, such as mutual TLS or Digest.
    Other,
}

/// Where an API key goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyPlace {
    /// A request header.
    Header,
    /// The query. It ends in other people's logs; the document asks for it.
    Query,
    /// A cookie.
    Cookie,
}
