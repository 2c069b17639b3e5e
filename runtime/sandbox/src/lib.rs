//! A server that plays a vendor: for tests of programs that use a generated client, and as the
//! oracle for the client's own tests.
//!
//! *Input*: an effective document (OpenAPI 3.1 in JSON, overlays applied) and a [`Profile`] that
//! says what a document does not. *Output*: an HTTP server, on loopback unless told otherwise; webhooks
//! to endpoints on this machine, which are all that it sends by itself; and a [`Ledger`] of every
//! request, token, effect and attempt to deliver a webhook.
//!
//! Invariants:
//! - **It can disagree with us.** It reads the raw document, splits paths, queries and forms by code
//!   of its own and validates with the `jsonschema` package. It links no other crate of the
//!   workspace, so one mistake cannot be made on both sides.
//! - **It is strict.** What the document does not declare is refused, with the reason, as the vendor
//!   refuses.
//! - **It is strict with itself.** An answer that breaks the document does not leave: the client gets
//!   500, and the ledger a defect.
//! - **The ledger holds no secret.** Tokens are known by an ordinal, credential headers are cut.
//! - **Time stands in one place.** Tokens, keys and windows go by a [`SandboxClock`].
//!
//! # How to bring about each error
//!
//! | Stora | how |
//! |---|---|
//! | 400 `invalid_request` | a body that is not JSON, or an empty `Idempotency-Key` |
//! | 400 `api_error` | [`Fault::Code`] |
//! | 401 `invalid_token` | no token, an unknown, expired or revoked one |
//! | 403 `forbidden` | a token without the scope, of the operation or of what it expands |
//! | 404 `resource_not_found` | an id that is not there |
//! | 404 `invalid_endpoint` | a path or method that is not in the document |
//! | 406 `invalid_format` | `Accept` without a documented media type; the PDF of an unsigned contract |
//! | 409 `conflict` | the deletion of a contact that has a tenancy; [`ConcurrentKeys::Conflict`] |
//! | 422 `invalid_url_param` | a parameter that breaks its schema, is not known or cannot be expanded |
//! | 422 `invalid_content` | a field that breaks its schema, or refers to what is not there; [`OtherBody::Refused`] |
//! | 429 `too_many_requests` | [`Limits`] and one request too many; [`Fault::RateLimited`]; [`ConcurrentKeys::TooManyRequests`] |
//! | 500 `internal_server_error` | [`Fault::Code`], [`Fault::Status`] or [`Fault::StoredStatus`] |
//!
//! | Understory | how |
//! |---|---|
//! | 400 | whatever Stora answers with 400 or 422; a cursor that is over; an unknown language |
//! | 401 `UNAUTHORIZED` | no token, an unknown, expired or revoked one |
//! | 403 `UNAUTHORIZED` | a token without the scope |
//! | 404 | an id, path or method that is not there |
//! | 409 | a booking of an event that is not active |
//! | 429 | [`Limits::Windows`] and one request too many; [`Fault::RateLimited`] |
//! | 500 `INTERNAL_SERVER_ERROR` | [`Fault::Code`], [`Fault::Status`] or [`Fault::StoredStatus`] |
//!
//! | token endpoint | how |
//! |---|---|
//! | 400 `invalid_request` | a missing, unknown or repeated field; for Understory the wrong `audience` |
//! | 401 `invalid_client` | an unknown client or a wrong secret |
//! | 400 `invalid_grant` | a code or a refresh token that is unknown, over, or of another client |
//! | 400 `unauthorized_client` | a grant that [`Client::with_grants`] leaves out; another's token revoked |
//! | 400 `unsupported_grant_type` | a grant type that RFC 6749 does not know |
//! | 400 `invalid_scope` | a scope that [`Client::with_scopes`] leaves out |
//! | 409, 422, 429 `invalid_request` | with [`Rotation::Replayed`], a key as for any other POST of Stora |
//!
//! How a refresh token is rotated is a [`Rotation`]; who consents, and who takes it back, is up to
//! [`Service::approve`], [`Service::deny`] and [`Service::revoke_grant`].
//!
//! Any row of a vendor's table can be had at any operation by [`Fault::Code`], and any status by
//! [`Fault::Status`].
//!
//! It must never be reachable by others unless asked for, and never fetch anything.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), specwright_sandbox::StartError> {
//! use specwright_sandbox::{Options, Sandbox};
//!
//! let sandbox = Sandbox::start(Options::new().with_contacts(3)).await?;
//! assert!(sandbox.base_url().starts_with("http://127.0.0.1:"));
//! // … point a client at it, then ask what the server saw:
//! assert_eq!(sandbox.ledger().token_posts(), 0);
//! # Ok(())
//! # }
//! ```

mod account;
mod act;
mod answer;
mod blanks;
mod body;
mod chance;
mod change;
mod chaos;
mod churn;
mod clock;
mod control;
mod cursor;
mod decide;
mod document;
mod error;
mod examples;
mod exchange;
mod fault;
mod files;
mod held;
mod idempotency;
mod ids;
mod json;
mod language;
mod ledger;
mod limits;
mod list;
mod money;
mod negotiate;
mod oauth;
mod operation;
mod options;
mod outcome;
mod params;
mod percent;
mod perform;
mod profile;
mod recipe;
mod references;
mod refusal;
mod route;
mod sandbox;
mod secret;
mod security;
mod server;
mod service;
mod shape;
mod steps;
mod store;
mod undeclared;
mod validate;
mod view;
mod webhooks;

pub use account::Account;
pub use chaos::Chaos;
pub use churn::Churn;
pub use clock::SandboxClock;
pub use decide::NotSentBack;
pub use error::StartError;
pub use fault::{Fault, Target};
pub use held::Held;
pub use idempotency::{ConcurrentKeys, OtherBody};
pub use ledger::{
    AttemptEntry, AttemptVerdict, AuthorizationEntry, AuthorizationEvent, DefectEntry, EffectEntry,
    EffectKind, FaultEntry, Ledger, Peak, ReplayEntry, RequestEntry, TokenEntry, TokenEvent,
    TokenKind, TokenOutcome, TokenRequestEntry, Verdict,
};
pub use limits::{ForeignUse, Limits, RateHeaders, Window, WindowKind};
pub use list::BeyondTheEnd;
pub use oauth::{Client, EarlierTokens, ExpiresIn, Rotation, UnknownRotation};
pub use options::Options;
pub use outcome::Outcome;
pub use profile::{Api, Profile};
pub use sandbox::Sandbox;
pub use service::Service;
pub use steps::{Exchange, Step};
pub use webhooks::WebhookSettings;
