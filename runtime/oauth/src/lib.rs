//! OAuth 2.0: the grants and the token endpoint.
//!
//! Input: a grant as a type ([`ClientCredentials`]) and the address of the endpoint. Output: an [`IssuedToken`] with the
//! time for which it is valid, or a [`TokenError`] that says whose fault it is. One call is one request.
//! [`StaticToken`] is the grant that needs no endpoint; there is no way from it to one.
//!
//! # Invariants
//!
//! - A secret is sent in the body of a POST, to `https` or to this machine, and to nowhere else.
//! - A redirect is an error; the secret is never sent a second time.
//! - No secret and no text of the server reaches a log, an error or `Debug`.
//! - A defect in one member of a token response does not lose the token.
//!
//! This crate never repeats a request, never keeps a token and never decides when to refresh: that is `refresh`.

mod channel;
mod endpoint;
mod error;
mod grant;
mod response;

pub use channel::{UrlError, confidential_url, is_confidential};
pub use endpoint::TokenEndpoint;
pub use error::{ErrorCode, TokenError, TokenErrorKind};
pub use grant::{ClientCredentials, StaticToken};
pub use response::IssuedToken;
