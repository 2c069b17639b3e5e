//! One grant: what is kept of it, and how that may change.
//!
//! `record` is what stands in the store, and `seal` keeps the tokens in it unreadable. `lease`, `settle`, `commit`,
//! `connection`, `candidate` and `ending` are every way to change it, as pure functions. Nothing in here waits, sends or
//! locks.

mod candidate;
mod commit;
mod connection;
mod due;
mod ending;
mod key;
mod lease;
mod policy;
mod record;
#[cfg(test)]
pub(crate) mod sample;
mod seal;
mod settle;
#[cfg(test)]
mod simulation;
mod text;
mod time;

pub(crate) use candidate::{Candidate, Identified, TIME_TO_IDENTIFY, hold, identified, rejected};
pub(crate) use commit::{Commit, Standing, commit, connect, promote, set_aside};
pub(crate) use connection::{Connection, Course, establish};
pub(crate) use ending::{Revoked, disconnect, give_back, revoked};
pub(crate) use lease::{Begin, Intent, Lease, begin, distrust, renew};
pub(crate) use record::{
    AttemptId, HolderId, Pair, Phase, Prior, Record, Renewable, Retired, Salvage, Want,
};
pub(crate) use seal::{Field, Place, Sealed};
pub(crate) use settle::{Settle, settle};

pub use key::GrantKey;
pub use policy::{Pace, RefreshPolicy, RotationModel, TokenIdempotency};
pub use record::{ReconnectReason, Refusal, Revocation};
pub use seal::{KeyProvider, KeyRing, KeyRingError, SealError, SealingKey};
pub use text::RecordError;
pub use time::StoreTime;
