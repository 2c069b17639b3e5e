//! How the right to ask ends without a pair.
//!
//! Transitions, as in [`super::lease`].

use std::time::Duration;

use super::lease::{Lease, held};
use super::policy::RefreshPolicy;
use super::record::{AttemptId, LeaseMark, Phase, Prior, ReconnectReason, Record, Refusal};
use super::time::StoreTime;

/// How a lease ended without a pair.
#[derive(Clone, Debug)]
pub(crate) enum Settle {
    /// No request reached the server, or it said that it did nothing. Says when to ask again.
    NotExecuted(Duration),
    /// The server refused and did not say why, which is not believed yet. Says when to ask again.
    Unexplained(Duration),
    /// A request may have been executed, and its answer never came. Says when to ask again.
    Unknown(Duration),
    /// The server answered that it failed. It may have executed the request; an answer that it keeps under the attempt's
    /// key would be given again, so the next request is another attempt.
    Failed(Duration, AttemptId),
    /// The server refused the grant.
    Denied(Refusal, ReconnectReason),
    /// The server refused the program itself. That says nothing about the grant.
    ClientRejected,
}

/// Gives a lease back; `None` if it is somebody else's by now, who will find out for themselves.
pub(crate) fn settle(
    record: &Record,
    lease: &Lease,
    how: Settle,
    now: StoreTime,
    policy: &RefreshPolicy,
) -> Option<Record> {
    let record = held(record, lease)?;
    let mut next = record.clone();
    next.gate = match &how {
        Settle::NotExecuted(wait) | Settle::Unknown(wait) | Settle::Failed(wait, _) => {
            record.gate.failed(now, *wait)
        }
        Settle::Unexplained(wait) => record.gate.refused(now, *wait),
        Settle::Denied(..) | Settle::ClientRejected => record.gate,
    };
    let released = |attempt| Phase::Refreshing {
        lease: LeaseMark { holder: lease.holder.clone(), until: now },
        attempt,
    };
    next.phase = match (how, lease.prior) {
        (
            Settle::NotExecuted(_) | Settle::Unexplained(_) | Settle::ClientRejected,
            Prior::Clear,
        ) => Phase::Active,
        (
            Settle::NotExecuted(_) | Settle::Unexplained(_) | Settle::ClientRejected,
            Prior::Unknown,
        )
        | (Settle::Unknown(_), Prior::Clear | Prior::Unknown) => released(lease.attempt.clone()),
        (Settle::Failed(_, attempt), Prior::Clear | Prior::Unknown) => released(attempt),
        (Settle::Denied(refusal, reason), Prior::Clear) => {
            return Some(*lost(record, reason, Some(refusal), now));
        }
        (Settle::Denied(refusal, _), Prior::Unknown) => suspect(refusal, now, policy),
    };
    Some(next)
}

/// A refusal that is not believed yet.
pub(super) fn suspect(refusal: Refusal, now: StoreTime, policy: &RefreshPolicy) -> Phase {
    Phase::Suspect { until: now.after(policy.quarantine), refusal }
}

/// Nobody but the user can help. The pair stays: no error deletes one.
pub(super) fn lost(
    record: &Record,
    reason: ReconnectReason,
    refusal: Option<Refusal>,
    now: StoreTime,
) -> Box<Record> {
    let phase = Phase::ReconnectRequired { reason, since: now, refusal };
    Box::new(Record { phase, ..record.clone() })
}

#[cfg(test)]
mod tests {
    use super::super::commit::{Commit, commit};
    use super::super::lease::Begin;
    use super::super::record::Gate;
    use super::super::sample::{Process, at, attempt, connected, pair, policy, reason, refusal};
    use super::*;

    const WAIT: Duration = Duration::from_secs(4);

    #[test]
    fn nothing_sent_leaves_the_grant_as_it_was_and_closes_the_gate() {
        let one = Process::numbered(1);
        let (record, lease) = one.lease(&connected(&one.random), 100);
        let how = Settle::NotExecuted(WAIT);
        let settled = settle(&record, &lease, how, at(101), &policy()).unwrap();
        assert_eq!(settled.phase, Phase::Active);
        assert!(matches!(one.begin(&settled, 104), Begin::Wait(until) if until == at(105)));
        assert!(matches!(one.begin(&settled, 105), Begin::Mine(..)));
    }

    #[test]
    fn an_unknown_outcome_stays_unknown_whatever_happens_to_later_requests() {
        let one = Process::numbered(1);
        let (record, lease) = one.lease(&connected(&one.random), 100);
        let unknown = settle(&record, &lease, Settle::Unknown(WAIT), at(101), &policy()).unwrap();
        let (record, lease) = one.lease(&unknown, 105);
        let how = Settle::NotExecuted(WAIT);
        let settled = settle(&record, &lease, how, at(106), &policy()).unwrap();
        let (_, last) = one.lease(&settled, 110);
        assert_eq!(last.prior, Prior::Unknown);
    }

    #[test]
    fn after_an_unknown_outcome_the_attempt_stays_and_after_an_answered_failure_it_changes() {
        let one = Process::numbered(1);
        let (record, lease) = one.lease(&connected(&one.random), 100);
        let unknown = settle(&record, &lease, Settle::Unknown(WAIT), at(101), &policy()).unwrap();
        assert_eq!(one.lease(&unknown, 105).1.attempt, lease.attempt);
        let another = attempt(&one.random);
        let how = Settle::Failed(WAIT, another.clone());
        let failed = settle(&record, &lease, how, at(101), &policy()).unwrap();
        assert_eq!(one.lease(&failed, 105).1.attempt, another);
    }

    #[test]
    fn a_refusal_with_nothing_in_doubt_is_final_at_once() {
        let one = Process::numbered(1);
        let (record, lease) = one.lease(&connected(&one.random), 100);
        let how = Settle::Denied(refusal(), ReconnectReason::Revoked);
        let settled = settle(&record, &lease, how, at(101), &policy()).unwrap();
        assert_eq!(reason(&settled), ReconnectReason::Revoked);
        assert!(matches!(one.begin(&settled, 1_000), Begin::Closed));
    }

    #[test]
    fn a_grant_that_needs_the_user_keeps_its_pair() {
        let one = Process::numbered(1);
        let before = connected(&one.random);
        let (record, lease) = one.lease(&before, 100);
        let how = Settle::Denied(refusal(), ReconnectReason::Revoked);
        let settled = settle(&record, &lease, how, at(101), &policy()).unwrap();
        assert_eq!(settled.pair, before.pair);
    }

    #[test]
    fn a_refusal_in_doubt_is_a_suspicion_for_thirty_seconds_and_then_a_lost_rotation() {
        let (one, two) = (Process::numbered(1), Process::numbered(2));
        let (record, _) = one.lease(&connected(&one.random), 100);
        let (record, lease) = two.lease(&record, 108);
        let how = Settle::Denied(refusal(), ReconnectReason::Revoked);
        let suspect = settle(&record, &lease, how, at(109), &policy()).unwrap();
        assert!(matches!(two.begin(&suspect, 138), Begin::Wait(until) if until == at(139)));
        let Begin::Conclude(lost) = two.begin(&suspect, 139) else { panic!("not concluded") };
        assert_eq!(reason(&lost), ReconnectReason::LostRotation);
    }

    #[test]
    fn a_lease_that_was_taken_over_settles_nothing() {
        let (one, two) = (Process::numbered(1), Process::numbered(2));
        let (record, late) = one.lease(&connected(&one.random), 100);
        let (taken, _) = two.lease(&record, 108);
        let how = Settle::Denied(refusal(), ReconnectReason::Revoked);
        assert!(settle(&taken, &late, how, at(109), &policy()).is_none());
    }

    #[test]
    fn a_refused_program_leaves_the_grant_as_it_was() {
        let one = Process::numbered(1);
        let before = connected(&one.random);
        let (record, lease) = one.lease(&before, 100);
        let settled = settle(&record, &lease, Settle::ClientRejected, at(101), &policy());
        assert_eq!(settled, Some(before));
    }

    #[test]
    fn the_gate_opens_with_the_next_pair() {
        let one = Process::numbered(1);
        let (record, lease) = one.lease(&connected(&one.random), 100);
        let record =
            settle(&record, &lease, Settle::NotExecuted(WAIT), at(101), &policy()).unwrap();
        let (record, lease) = one.lease(&record, 105);
        let new = pair(at(105), &one.random);
        let Commit::Done(record) = commit(&record, &lease, new, at(106), &policy()) else {
            panic!("not committed")
        };
        assert_eq!(record.gate, Gate::default());
    }
}
