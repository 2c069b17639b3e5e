//! When a grant needs somebody, although nobody calls.

use super::policy::RefreshPolicy;
use super::record::{Pair, Phase, Record};
use super::time::StoreTime;

impl Record {
    /// When somebody should look at this grant although nobody calls.
    pub(crate) fn due(&self, policy: &RefreshPolicy) -> Option<StoreTime> {
        let revocation = self.retired.iter().map(|pair| {
            if pair.next_try < pair.since.after(policy.revocation_tries) {
                pair.next_try
            } else {
                pair.since.after(policy.shred_after)
            }
        });
        self.renewal_due(policy).into_iter().chain(revocation).min()
    }

    /// When somebody should renew this grant although nobody calls.
    pub(crate) fn renewal_due(&self, policy: &RefreshPolicy) -> Option<StoreTime> {
        match &self.phase {
            Phase::Active => {
                let keep_alive = self.pair.as_ref().and_then(Pair::keep_alive_at);
                keep_alive.map(|at| at.max(self.gate.not_before))
            }
            // The answer that its holder lost may be had again, but not for long.
            Phase::Refreshing { lease, .. } => {
                let free = lease.until.after(policy.takeover_delay());
                Some(free.max(self.gate.not_before))
            }
            Phase::Suspect { until, .. } => Some(*until),
            Phase::Unconnected
            | Phase::ReconnectRequired { .. }
            | Phase::Disconnecting { .. }
            | Phase::Disconnected { .. } => None,
        }
    }
}

impl Pair {
    /// Halfway through the life of an unused refresh token.
    fn keep_alive_at(&self) -> Option<StoreTime> {
        let issued = self.issued_at();
        self.refresh_expires_at.map(|end| issued.after(issued.until(end) / 2))
    }
}
