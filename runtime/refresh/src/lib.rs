//! Grants that are not lost: a valid token for every caller, with one token request for any number of callers in any
//! number of processes.
//!
//! Input: a token endpoint, a [`GrantStore`], and keys that seal what is in it ([`GrantParts`]). Output: [`Grants`], which
//! connect, renew and end grants, and hand out their [`Credentials`]: the header of a token and the [`Generation`] it
//! belongs to. [`StaticCredentials`] serve a token that nothing renews.
//!
//! `grant` is what is kept of one grant and every way to change it, as pure functions. `renewal` is what happens around
//! them: the way of one wish through the store, the request, the commit, the wait of many callers for one outcome.
//!
//! # Invariants
//!
//! - A refresh token is sent by the holder of a lease, and by nobody else: the request cannot be made without one, and a
//!   lease comes from an intent that the store has acknowledged.
//! - A pair is committed before anybody may use it.
//! - A renewal runs on a task of its own. A caller that is dropped changes nothing.
//! - An answer that arrives late is kept, whoever holds the lease by then.
//! - A valid token is served while the next one is fetched, and no error displaces it.
//! - Nothing is deleted because of an error. That a user is needed stands in the store, with the reason.
//! - A refusal names the generation it saw, so a late 401 cannot discard a newer token.
//! - Tokens are sealed in the store, and open in their own place only.
//!
//! This crate never sends an API request and never shows a token. There is no polling: where nobody calls and nobody
//! attends, nothing is renewed.

mod authority;
mod bearer;
mod cells;
mod connect;
mod credentials;
mod grant;
mod grants;
mod identify;
mod lifetime;
mod memory;
mod observer;
mod problem;
mod renewal;
mod salvaged;
mod scopes;
mod spill;
mod static_token;
mod status;
mod store;
mod under_way;

pub use authority::GrantSource;
pub use bearer::{Bearer, BearerError, Generation};
pub use connect::ConnectError;
pub use credentials::{Credentials, CredentialsError, Renewal};
pub use grant::{
    GrantKey, KeyProvider, KeyRing, KeyRingError, Pace, ReconnectReason, RecordError,
    RefreshPolicy, Refusal, Revocation, RotationModel, SealError, SealingKey, StoreTime,
    TokenIdempotency,
};
pub use grants::{GrantCredentials, GrantParts, Grants};
pub use identify::{AccountId, Identify};
pub use lifetime::Margins;
pub use memory::MemoryStore;
pub use observer::{Hindrance, Observer, Step, Unobserved, WishEnd, WishOutcome};
pub use problem::GrantProblem;
pub use salvaged::SalvagedAnswer;
pub use scopes::Scopes;
pub use specwright_core::spawn::Spawn;
pub use spill::SpillJournal;
pub use static_token::StaticCredentials;
pub use status::{GrantChange, GrantStatus};
pub use store::{
    Change, Durability, GrantStore, Loaded, NewRow, Row, StoreError, StoreErrorKind, Swap, Version,
};
