//! What is asked of a record, and told to it.

use std::time::Duration;

use specwright_core::security::RateWindow;

use crate::quota::{Evidence, PermitId, Quota};

/// For so long a request may still be on its way that nobody waits for any more: the bytes have left, and a connection that
/// lost some sends them again.
const STRAY: Duration = Duration::from_secs(5);

/// Whether a request may be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Now.
    Granted,
    /// Not now. Ask again after this time, or when something has changed here.
    Wait(Duration),
    /// Nobody knows: the record may hold the permit. Ask again after this time, or give it back.
    Unknown(Duration),
}

/// What became known of a permit or of the windows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum News {
    /// Nothing was sent.
    Refunded(PermitId),
    /// What was sent is answered.
    Settled(PermitId),
    /// What was sent, or may have been, has no answer.
    GivenUp(PermitId),
    /// Somebody interactive has waited in vain, and nobody else does.
    Left,
    /// The server has told something, in an answer that took so long.
    Learned { evidence: Evidence, took: Duration },
}

impl News {
    /// Writes it into a record.
    pub(crate) fn apply(self, quota: &mut Quota, windows: &[RateWindow], now: Duration) {
        match self {
            Self::Refunded(permit) => quota.refund(permit),
            Self::Settled(permit) => quota.settle(permit, now),
            Self::GivenUp(permit) => quota.settle(permit, now.saturating_add(STRAY)),
            Self::Left => quota.leave(),
            Self::Learned { evidence, took } => quota.learn(windows, evidence, took, now),
        }
    }
}
