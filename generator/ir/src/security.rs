//! Credentials that an API asks for.

use crate::api::{Api, Docs, Origin};

/// Index into [`crate::Api::schemes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SchemeId(pub usize);

/// A way to show who one is.
#[derive(Clone, Debug)]
pub struct SecurityScheme {
    /// The key under `securitySchemes`.
    pub name: String,
    /// The kind with its data.
    pub kind: SchemeKind,
    /// Prose.
    pub docs: Docs,
    /// Where the scheme stands.
    pub origin: Origin,
}

impl SecurityScheme {
    /// The flows by which tokens can be asked for: those of OAuth 2.0 with a token endpoint.
    pub fn token_flows(&self) -> Option<&OAuthFlows> {
        match &self.kind {
            SchemeKind::OAuth2(flows) => Some(flows).filter(|flows| flows.token.is_some()),
            SchemeKind::Bearer
            | SchemeKind::Basic
            | SchemeKind::ApiKey { .. }
            | SchemeKind::Other { .. } => None,
        }
    }
}

impl Api {
    /// The flows by which a client asks for tokens: those of the first scheme that has some. A client has one
    /// authorization server.
    pub fn token_flows(&self) -> Option<&OAuthFlows> {
        self.schemes.iter().find_map(SecurityScheme::token_flows)
    }
}

/// Kinds of security scheme.
#[derive(Clone, Debug)]
pub enum SchemeKind {
    /// `Authorization: Bearer` (RFC 6750): `http` with scheme `bearer`.
    Bearer,
    /// `Authorization: Basic` (RFC 7617).
    Basic,
    /// A key in a header field, the query or a cookie.
    ApiKey {
        /// Where the key goes.
        place: crate::operation::Place,
        /// Its name there.
        name: String,
    },
    /// OAuth 2.0 (RFC 6749).
    OAuth2(OAuthFlows),
    /// Anything else, or a damaged scheme: credentials are needed and the caller brings them.
    Other {
        /// What the document says it is.
        kind: String,
    },
}

/// Endpoints of an OAuth 2.0 authorization server, as URLs or paths on the API's own server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OAuthFlows {
    /// `tokenUrl` of the flows, which agree.
    pub token: Option<String>,
    /// `authorizationUrl` of the authorization code flow.
    pub authorization: Option<String>,
    /// `x-specwright-revocation-url` (RFC 7009).
    pub revocation: Option<String>,
    /// `x-specwright-audience`: the API that a token is asked for.
    pub audience: Option<String>,
    /// `x-specwright-offline-scope`: the scope that asks for a refresh token.
    pub offline_scope: Option<String>,
    /// `x-specwright-rotation`.
    pub rotation: Rotation,
    /// `x-specwright-refresh-token-life`: the seconds after which a refresh token ends that nobody uses.
    pub refresh_token_life: Option<u32>,
    /// `x-specwright-token-idempotency`.
    pub token_key: TokenKey,
    /// True if the client credentials flow is offered.
    pub client_credentials: bool,
    /// True if the authorization code flow is offered.
    pub authorization_code: bool,
    /// Scopes with their meaning, sorted.
    pub scopes: Vec<(String, String)>,
}

/// What becomes of a refresh token when it is used (RFC 6749 §6 leaves it to the server).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Rotation {
    /// `immediate`: it is dead with the answer.
    Immediate,
    /// `on-first-use`: it is dead once the new access token is used.
    OnFirstUse,
    /// `reuse-revokes`: it is dead with the answer, and sending it again ends the grant.
    ReuseRevokes,
    /// `grace`: it can be sent again for a while.
    Grace,
    /// `lost-answer`: it can be sent again if the answer was lost.
    LostAnswer,
    /// `none`: it stays the refresh token.
    None,
    /// `undocumented`, or nothing is stated.
    #[default]
    Undocumented,
}

/// Under which key the server gives a lost answer of the token endpoint again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TokenKey {
    /// Under none, as far as the document says.
    #[default]
    None,
    /// Under that in `Idempotency-Key`.
    IdempotencyKey,
}

/// Schemes of which all must be satisfied, with the scopes each needs.
///
/// An empty list means that no credentials are needed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Requirement {
    /// Scheme and scopes.
    pub schemes: Vec<(SchemeId, Vec<String>)>,
}
