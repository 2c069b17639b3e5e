//! OAuth 2.0: asking a user, and asking for tokens.
//!
//! **Connecting**: an [`AuthorizationRequest`] gives the address for a user's browser and a [`PendingAuthorization`]
//! to keep. The browser comes back with a [`Callback`], and the pending authorization makes an [`AuthorizationCode`]
//! of it or says why not ([`CallbackError`]). With the feature `loopback` a program without a server of its own
//! receives the callback.
//!
//! **Tokens**: input is a grant as a type ([`ClientCredentials`], [`AuthorizationCode`], [`RefreshToken`]), the
//! program that shows it ([`ClientRegistration`]) and a [`TokenEndpoint`]; output an [`IssuedToken`] with the time for
//! which it is valid, or a [`TokenError`] that says whose fault it is. [`StaticToken`] is the grant that needs no
//! endpoint; there is no way from it to one.
//!
//! **Disconnecting**: a [`RevocationEndpoint`] gives a token back.
//!
//! # Invariants
//!
//! - One call is one request.
//! - A secret is sent in a POST, to `https` or to this machine, and to nowhere else.
//! - A redirect is an error; the secret is never sent a second time.
//! - No secret and no text of the server reaches a log, an error or `Debug`. The server's name for a request does, if
//!   it is plain.
//! - A defect in one member of a token answer does not lose another: what can be read of a success is handed on, and
//!   where a refresh token may be missing, the answer is an error that holds the rest.
//! - A pending authorization is redeemed once, by its own callback in its own browser, in time.
//!
//! This crate never repeats a request, never keeps a token and never decides when to refresh: that is `refresh`.

mod authorization_code;
mod authorize;
mod callback;
mod channel;
mod client_credentials;
mod endpoint;
mod error;
mod fingerprint;
mod form;
mod grant;
mod lifetime;
#[cfg(feature = "loopback")]
mod loopback;
mod pending;
mod pkce;
mod refresh_token;
mod refusal;
mod registration;
mod response;
mod revoke;
mod salvage;
mod secret_bytes;
mod static_token;

pub use authorization_code::AuthorizationCode;
pub use authorize::{
    AuthorizationRequest, AuthorizationRequestError, AuthorizationUrl, StartedAuthorization,
};
pub use callback::{Callback, CallbackError};
pub use channel::{UrlError, confidential_url, is_confidential};
pub use client_credentials::ClientCredentials;
pub use endpoint::TokenEndpoint;
pub use error::{TokenError, TokenErrorKind};
pub use grant::TokenRequest;
#[cfg(feature = "loopback")]
pub use loopback::{LoopbackError, LoopbackRedirect, WaitingBrowser};
pub use pending::{PendingAuthorization, PendingAuthorizationError, Session};
pub use refresh_token::RefreshToken;
pub use refusal::{Author, ErrorCode};
pub use registration::{ClientAuthentication, ClientRegistration};
pub use response::{IssuedToken, Salvaged};
pub use revoke::{RevocationEndpoint, RevocationError, RevocationErrorKind, TokenTypeHint};
pub use secret_bytes::SecretBytes;
pub use static_token::{StaticToken, StaticTokenStatus};
