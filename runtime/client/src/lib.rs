//! The request loop behind every generated client, and the one import that they need.
//!
//! Input: an [`ApiProfile`](profile::ApiProfile) and the values of a call. Output: the operation's typed answer, or an
//! [`Error`] that says what failed and whether calling again is safe. All behavior of a call is one function
//! (`execute`); it is not generic, so a generated crate of a thousand operations compiles it once.
//!
//! Generated code imports [`operation`], [`json`], [`types`] and [`profile`]. Users of a generated crate need what
//! stands here at the top: credentials, the builder's options, errors, and [`http::Method`] for
//! [`Client::request`].
//!
//! # Invariants
//!
//! - A request is encoded once; every attempt sends the same bytes under the same idempotency key. That of an operation with a
//!   name is the one that its journal has written down.
//! - Credentials go to the configured origin only, over https or to this machine, and never along a redirect.
//! - No call outlives its deadline, waits and retries included. A download has arrived when its head has; from then on
//!   the server may be silent for a bounded time. An upload may take as long as it goes on, unless its call has a deadline of
//!   its own.
//! - A request that may have been executed is repeated only if that cannot double its effect.
//! - No secret, body or header value appears in `Debug`, `Display` or an error's text, but for the idempotency key of an
//!   unknown outcome, which is no secret.
//!
//! The crate never polls in the background. The tasks that it starts are renewals and revocations of tokens that somebody
//! asked for, the word of what became of an operation, and what the limiter writes into shared rows.

mod account;
mod answered;
mod attempt;
mod authority;
mod builder;
mod client;
mod clock;
mod credential_source;
mod doubt;
mod download;
mod execute;
mod failure;
mod finished;
mod grants;
mod identify;
mod inner;
mod once;
mod operations;
mod options;
mod pace;
mod pages;
mod prepared;
mod progress;
mod rate_limits;
mod raw_request;
mod ready;
mod refresh_policy;
mod replays;
mod response;
mod scope_check;
mod security;
mod sending;
mod trace;
mod turn;
mod upload;
mod user_agent;
mod wait;

pub use builder::Builder;
pub use client::{Client, DownloadFuture, SendFuture};
pub use clock::{SystemClock, TokioSpawn};
pub use credential_source::CredentialSource;
pub use doubt::{OperationInDoubt, UnknownOutcome};
pub use download::Download;
pub use grants::{ApiGrants, GrantsBuilder};
pub use options::CallOptions;
pub use pages::{Drift, Items, Pages};
pub use rate_limits::RateLimits;
pub use raw_request::RawRequest;
pub use response::Response;
pub use scope_check::ScopeCheck;
pub use upload::Upload;

#[cfg(feature = "stream")]
pub use futures_core::Stream;
pub use http::{HeaderMap, HeaderValue, Method};
pub use specwright_core::clock::Clock;
pub use specwright_core::error::{AnyError, Error, ErrorKind, ErrorReport};
pub use specwright_core::interceptor::{CallEnd, CallInfo, CallOutcome, Interceptor, Notice};
pub use specwright_core::operation::RequestBody;
pub use specwright_core::random::{OsRandom, Random};
pub use specwright_core::timeline::{GaveUp, Happened, RequestEnd, Timeline, TimelineEntry};
pub use specwright_core::{
    integer_newtype, json, operation, security as profile, text_newtype, transport, types,
};
pub use specwright_idempotency::{
    Doubt, FingerprintKey, FingerprintKeyError, IdempotencyKey, Journal, JournalError, KeyError,
    OperationId, OperationIdError, ReconcileError, Reconciled, Reissue, VolatileRows,
};
pub use specwright_limiter::{Exhausted, Lane, TooManyInFlight, Usage};
pub use specwright_oauth::{
    AuthorizationRequest, AuthorizationRequestError, AuthorizationUrl, Callback, CallbackError,
    ClientAuthentication, ClientCredentials, ClientRegistration, ErrorCode, IssuedToken, Session,
    StaticToken, StaticTokenStatus, TokenError, TokenErrorKind,
};
#[cfg(feature = "loopback")]
pub use specwright_oauth::{LoopbackError, LoopbackRedirect, WaitingBrowser};
pub use specwright_refresh::{
    AccountId, Bearer, BearerError, ConnectError, Credentials, CredentialsError, Generation,
    GrantChange, GrantCredentials, GrantKey, GrantProblem, GrantStatus, GrantStore, Grants,
    Hindrance, KeyProvider, KeyRing, KeyRingError, Margins, MemoryStore, Observer, Pace,
    ReconnectReason, RecordError, RefreshPolicy, Refusal, Renewal, Revocation, RotationModel,
    SalvagedAnswer, Scopes, SealError, SealingKey, SpillJournal, Step, StoreError, StoreErrorKind,
    TokenIdempotency, Version, WishEnd, WishOutcome,
};
pub use specwright_store::{MemoryRows, Rows};
#[cfg(feature = "reqwest")]
pub use specwright_transport_reqwest::ReqwestProxy as Proxy;
#[cfg(feature = "webhooks")]
pub use specwright_webhooks as webhooks;
