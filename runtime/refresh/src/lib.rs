//! A valid token for every caller, with one token request for any number of them.
//!
//! Input: a [`TokenSource`] that can ask for a token once. Output: [`Credentials`], which hand out a [`Bearer`]: the
//! header of the token and the [`Generation`] it belongs to. [`Refreshing`] asks ahead of expiry, [`StaticCredentials`]
//! never. The decisions are one pure state machine (`slot`); `flight` is the asynchronous shell around it.
//!
//! # Invariants
//!
//! - At most one token request is under way, whatever the number of callers.
//! - A refresh runs on a task of its own. A caller that is dropped changes nothing.
//! - A valid token is served while the next one is fetched, and no error displaces it.
//! - A refusal names the generation it saw, so a late 401 cannot discard a newer token.
//! - After a failure there is a wait before the next request, however many callers ask.
//! - A token is committed before anybody may use it: the generation is raised, then the token is handed out.
//!
//! This crate never sends an API request and never shows a token. There is no polling: where nobody calls, nothing is
//! refreshed.

mod bearer;
mod credentials;
mod flight;
mod grant;
mod lifetime;
mod memory;
mod slot;
mod static_token;
mod store;

pub use bearer::{Bearer, BearerError, Generation};
pub use credentials::{Credentials, CredentialsError, Renewal};
pub use flight::{ClientCredentialsSource, Refreshing, Spawn, TokenSource};
pub use grant::{GrantKey, StoreTime};
pub use lifetime::Margins;
pub use memory::MemoryStore;
pub use static_token::StaticCredentials;
pub use store::{
    Change, Durability, GrantStore, Loaded, NewRow, Row, StoreError, StoreErrorKind, Swap, Version,
};
