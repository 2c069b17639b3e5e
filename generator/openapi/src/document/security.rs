//! Security schemes and what an operation asks of them.

use super::{Extension, Place};

/// Index into [`super::Document::schemes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SchemeId(pub usize);

/// Schemes of which all must be satisfied; no scheme means that no credentials are needed.
///
/// A requirement that is damaged, or that names a scheme nobody declares, holds a scheme of kind
/// [`SecuritySchemeKind::Unreadable`]: damage never makes an operation anonymous.
#[derive(Clone, Debug)]
pub struct SecurityRequirement {
    /// The schemes in file order.
    pub schemes: Vec<SchemeUse>,
    /// Where it stands.
    pub at: Place,
}

/// A scheme with the scopes that are needed of it.
#[derive(Clone, Debug)]
pub struct SchemeUse {
    /// The scheme.
    pub scheme: SchemeId,
    /// OAuth 2.0 scopes; roles, if the scheme is of another kind.
    pub scopes: Vec<String>,
}

/// A security scheme.
#[derive(Clone, Debug)]
pub struct SecurityScheme {
    /// The key under `components.securitySchemes`.
    pub name: String,
    /// The kind with its data.
    pub kind: SecuritySchemeKind,
    /// `description`.
    pub description: Option<String>,
    /// `deprecated` (OpenAPI 3.2).
    pub deprecated: bool,
    /// `x-` members.
    pub extensions: Vec<Extension>,
    /// Where it stands; for a scheme that stands for damage, where the damage is.
    pub at: Place,
}

/// Kinds of security scheme.
#[derive(Clone, Debug)]
pub enum SecuritySchemeKind {
    /// `type: apiKey`.
    ApiKey {
        /// `name`: of the header field, query parameter or cookie.
        name: String,
        /// `in`.
        location: ApiKeyLocation,
    },
    /// `type: http`.
    Http {
        /// `scheme` in lower case: names of authentication schemes ignore case (RFC 9110 §11.1).
        scheme: String,
        /// `bearerFormat`.
        bearer_format: Option<String>,
    },
    /// `type: mutualTLS`.
    MutualTls,
    /// `type: oauth2`.
    OAuth2 {
        /// `flows`.
        flows: Box<OAuthFlows>,
        /// `oauth2MetadataUrl` (OpenAPI 3.2; RFC 8414).
        metadata_url: Option<String>,
    },
    /// `type: openIdConnect`.
    OpenIdConnect {
        /// `openIdConnectUrl`.
        url: String,
    },
    /// Damaged, undeclared or of a type that OpenAPI does not know: credentials are needed, and how
    /// they are sent is not known.
    Unreadable,
}

/// Where an API key goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ApiKeyLocation {
    /// A query parameter.
    Query,
    /// A header field.
    Header,
    /// A cookie.
    Cookie,
}

/// `flows` of an OAuth 2.0 scheme.
#[derive(Clone, Debug)]
pub struct OAuthFlows {
    /// `implicit` (RFC 6749 §4.2).
    pub implicit: Option<OAuthFlow>,
    /// `password` (RFC 6749 §4.3).
    pub password: Option<OAuthFlow>,
    /// `clientCredentials` (RFC 6749 §4.4).
    pub client_credentials: Option<OAuthFlow>,
    /// `authorizationCode` (RFC 6749 §4.1).
    pub authorization_code: Option<OAuthFlow>,
    /// `deviceAuthorization` (OpenAPI 3.2; RFC 8628).
    pub device_authorization: Option<OAuthFlow>,
    /// `x-` members.
    pub extensions: Vec<Extension>,
    /// Where it stands.
    pub at: Place,
}

/// One OAuth 2.0 flow. URLs may be relative to the API's server.
#[derive(Clone, Debug)]
pub struct OAuthFlow {
    /// `authorizationUrl`.
    pub authorization_url: Option<String>,
    /// `deviceAuthorizationUrl` (OpenAPI 3.2).
    pub device_authorization_url: Option<String>,
    /// `tokenUrl`.
    pub token_url: Option<String>,
    /// `refreshUrl`.
    pub refresh_url: Option<String>,
    /// `scopes`: name and meaning, in file order.
    pub scopes: Vec<(String, String)>,
    /// `x-` members.
    pub extensions: Vec<Extension>,
    /// Where it stands.
    pub at: Place,
}
