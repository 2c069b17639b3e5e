//! What was asked of people, and how they decided.

use serde::Serialize;

use super::Journal;
use crate::clock::Moment;

/// A step of an authorization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct AuthorizationEntry {
    /// Position in the ledger.
    pub seq: u64,
    /// RFC 3339, by the sandbox clock.
    pub at: String,
    /// The client, if it is known.
    pub client: Option<String>,
    /// What happened.
    pub event: AuthorizationEvent,
}

/// A step of an authorization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AuthorizationEvent {
    /// A person was asked.
    Asked {
        /// The scopes that the client wants, sorted.
        scopes: Vec<String>,
    },
    /// Nobody was asked.
    Refused {
        /// The code of RFC 6749, section 4.1.2.1, with which the person was sent back; `None` if the person was
        /// not sent back.
        error: Option<String>,
    },
    /// A person consented, and was sent back with a code.
    Approved {
        /// The operator that the person chose.
        operator: String,
    },
    /// A person did not consent, and was sent back with `access_denied`.
    Denied,
}

impl Journal {
    pub(crate) fn authorization(
        &mut self,
        at: Moment,
        client: Option<&str>,
        event: AuthorizationEvent,
    ) {
        let (seq, at) = self.next(at);
        let client = client.map(str::to_owned);
        self.ledger.authorizations.push(AuthorizationEntry { seq, at, client, event });
    }
}
