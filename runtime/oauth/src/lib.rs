//! OAuth 2.0: the grants and the token endpoint.
//!
//! **Input**: a grant as a type ([`ClientCredentials`], [`AuthorizationCode`], [`RefreshToken`]), the program that shows it
//! ([`ClientRegistration`]) and the address of the endpoint. **Output**: an [`IssuedToken`] with the time for which it is
//! valid, or a [`TokenError`] that says whose fault it is. One call is one request.
//! [`StaticToken`] is the grant that needs no endpoint; there is no way from it to one.
//!
//! # Invariants
//!
//! - A secret is sent in a POST, to `https` or to this machine, and to nowhere else.
//! - A redirect is an error; the secret is never sent a second time.
//! - No secret and no text of the server reaches a log, an error or `Debug`. The server's name for a request does, if it
//!   is plain.
//! - A defect in one member of a token answer does not lose another: what can be read of a success is handed on, and
//!   where a refresh token may be missing, the answer is an error that holds the rest.
//!
//! This crate never repeats a request, never keeps a token and never decides when to refresh: that is `refresh`.

mod authorization_code;
mod channel;
mod client_credentials;
mod endpoint;
mod error;
mod form;
mod grant;
mod lifetime;
mod refresh_token;
mod refusal;
mod registration;
mod response;
mod salvage;
mod secret_bytes;
mod static_token;

pub use authorization_code::AuthorizationCode;
pub use channel::{UrlError, confidential_url, is_confidential};
pub use client_credentials::ClientCredentials;
pub use endpoint::TokenEndpoint;
pub use error::{TokenError, TokenErrorKind};
pub use grant::TokenRequest;
pub use refresh_token::RefreshToken;
pub use refusal::{Author, ErrorCode};
pub use registration::{ClientAuthentication, ClientRegistration};
pub use response::{IssuedToken, Salvaged};
pub use secret_bytes::SecretBytes;
pub use static_token::StaticToken;
