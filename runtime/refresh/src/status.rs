//! What a program sees of a grant.

use std::time::SystemTime;

use crate::grant::{GrantKey, Phase, ReconnectReason, Record, Refusal, Revocation};
use crate::identify::AccountId;
use crate::store::Version;

/// How a grant is doing, as the store knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum GrantStatus {
    /// Nobody has connected it.
    NotConnected,
    /// It works.
    Connected {
        /// When the access token ends. It is renewed before.
        expires_at: Option<SystemTime>,
        /// The scopes that the grant has, with blanks between them, if they are known: as the server said last, or as they
        /// were asked for if it never named any (RFC 6749 §5.1).
        scope: Option<String>,
        /// Whose account it is at the vendor, if that was found out: see [`Identify`](crate::Identify).
        account: Option<AccountId>,
    },
    /// Only the user can help, by connecting again.
    ReconnectRequired {
        /// Why.
        reason: ReconnectReason,
        /// Since when.
        since: SystemTime,
        /// What the server said, if it said anything.
        refusal: Option<Refusal>,
    },
    /// It was ended, and its tokens are being revoked.
    Disconnecting,
    /// It was ended.
    Disconnected {
        /// Whether the server confirmed that the tokens are dead.
        revocation: Revocation,
    },
}

/// A grant that changed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct GrantChange {
    /// Where to go on reading.
    pub version: Version,
    /// The grant.
    pub key: GrantKey,
    /// How it is doing now. `None` if what the store holds cannot be read.
    pub status: Option<GrantStatus>,
}

impl From<&Record> for GrantStatus {
    fn from(record: &Record) -> Self {
        match &record.phase {
            Phase::Unconnected => Self::NotConnected,
            // A refusal that is not yet believed, or a request under way, is no news for anybody.
            Phase::Active | Phase::Refreshing { .. } | Phase::Suspect { .. } => Self::Connected {
                expires_at: record.pair.as_ref().map(|pair| pair.expires_at.into()),
                scope: record.pair.as_ref().and_then(|pair| pair.scope.clone()),
                account: record.account.clone(),
            },
            Phase::ReconnectRequired { reason, since, refusal } => Self::ReconnectRequired {
                reason: *reason,
                since: (*since).into(),
                refusal: refusal.clone(),
            },
            Phase::Disconnecting { .. } => Self::Disconnecting,
            Phase::Disconnected { revocation, .. } => {
                Self::Disconnected { revocation: *revocation }
            }
        }
    }
}
