//! Who may ask the server.
//!
//! These are transitions: functions of the record that was read, without clock, store or request. Each is applied by
//! compare-and-swap. If the swap finds another version, the function is applied to that one anew.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::policy::RefreshPolicy;
use super::record::{
    AttemptId, Gate, HolderId, LeaseMark, Phase, Prior, ReconnectReason, Record, Renewable, Want,
};
use super::settle::{lost, suspect};
use super::time::StoreTime;
use crate::bearer::Generation;

/// How many leases from now one must end to be of a time before the clock was set back. Ten are 80 s, by default: longer
/// than leases differ within one fleet, and short beside the steps in which clocks are corrected by hand.
const BEYOND: u32 = 10;

/// How far from now the server may be closed. No wait that is written into a record is longer than ten minutes; what lies
/// far beyond is of a time before the clock was set back.
const LONGEST_CLOSED: Duration = Duration::from_secs(20 * 60);

/// What somebody who wants a newer pair than that of generation `seen` is to do.
#[derive(Debug)]
pub(crate) enum Begin {
    /// Write this record, then ask the server.
    Mine(Box<Record>, Intent),
    /// The intent stands in the record already: an earlier write was made although nobody said so.
    Standing(Intent),
    /// Take the pair that is there: it is newer.
    Newer,
    /// Somebody asks right now. If nothing has changed by then, ask again.
    Busy(StoreTime),
    /// The server is not to be asked before this moment.
    Wait(StoreTime),
    /// A wait is over, and nobody brought a pair, or it begins anew: write this record.
    Conclude(Box<Record>),
    /// There is nothing to renew. The phase says why.
    Closed,
    /// The API refuses even a fresh token; another one would not help.
    Fresh,
}

/// A lease that stands in a record which is not written yet.
#[derive(Debug)]
pub(crate) struct Intent(Lease);

/// The right to ask the server with the refresh token of one generation.
///
/// It exists only once the intent is durable ([`Intent::written`]), and the request to the token endpoint cannot be made
/// without it. It can be written down beside the pair that it brought, for a store that is down.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Lease {
    pub(crate) generation: Generation,
    /// The authorization that the refresh token belongs to, by the generation at which it began.
    pub(crate) connected: Generation,
    pub(crate) holder: HolderId,
    pub(crate) attempt: AttemptId,
    pub(crate) prior: Prior,
    /// What failed before.
    pub(crate) gate: Gate,
    /// When the lease was taken.
    pub(crate) begun: StoreTime,
    /// Why.
    pub(crate) want: Want,
}

impl Intent {
    /// The store has acknowledged the record.
    pub(crate) fn written(self) -> Lease {
        self.0
    }
}

/// Decides whether the caller may ask the server.
pub(crate) fn begin(
    record: &Record,
    seen: Generation,
    want: Want,
    holder: &HolderId,
    fresh: &AttemptId,
    now: StoreTime,
    policy: &RefreshPolicy,
) -> Begin {
    if record.generation > seen {
        return Begin::Newer;
    }
    let (attempt, prior) = match &record.phase {
        Phase::Active => (fresh.clone(), Prior::Clear),
        Phase::Refreshing { attempt, .. } if attempt == fresh => {
            let (generation, holder) = (record.generation, holder.clone());
            let (attempt, prior) = (fresh.clone(), Prior::Clear);
            let (connected, gate, begun) = (record.connected, record.gate, now);
            return Begin::Standing(Intent(Lease {
                generation,
                connected,
                holder,
                attempt,
                prior,
                gate,
                begun,
                want,
            }));
        }
        Phase::Refreshing { lease, attempt, .. } => {
            // What a lease of nobody waits for is the end of the access token, whatever moment stands in it.
            let is_dead = want == Want::Refused
                || record.pair.as_ref().is_none_or(|pair| pair.expires_at <= now);
            let free = if lease.holder.is_nobody() && is_dead {
                now
            } else {
                free_at(lease, holder, policy)
            };
            if now < free && !is_of_another_time(lease, now, policy) {
                return Begin::Busy(free);
            }
            // Whoever held the lease may have asked, and did not live to say what became of it.
            (attempt.clone(), Prior::Unknown)
        }
        Phase::Suspect { until, refusal } => {
            if *until > now.after(policy.quarantine.saturating_mul(BEYOND)) {
                // The clock was set back: the suspicion begins anew, or it could last for ever.
                let phase = suspect(refusal.clone(), now, policy);
                return Begin::Conclude(Box::new(Record { phase, ..record.clone() }));
            }
            if now < *until {
                return Begin::Wait(*until);
            }
            let reason = ReconnectReason::LostRotation;
            return Begin::Conclude(lost(record, reason, Some(refusal.clone()), now));
        }
        Phase::Unconnected
        | Phase::ReconnectRequired { .. }
        | Phase::Disconnecting { .. }
        | Phase::Disconnected { .. } => return Begin::Closed,
    };
    // Only a grant that needs no refresh token has no pair here: its first request brings one.
    if let Some(pair) = &record.pair {
        if pair.renewable == Renewable::No {
            let ended = pair.expires_at <= now || want == Want::Refused;
            return if ended {
                Begin::Conclude(lost(record, ReconnectReason::Expired, None, now))
            } else {
                Begin::Closed
            };
        }
        let issued = pair.issued_at();
        // A pair of the future is one of before the clock was set back, and nobody knows of when.
        let forced_lately = pair.wanted == Want::Refused
            && now < issued.after(policy.forced_spacing)
            && issued < now.after(policy.forced_spacing);
        if want == Want::Refused && forced_lately {
            return Begin::Fresh;
        }
    }
    if now < record.gate.not_before && record.gate.not_before <= now.after(LONGEST_CLOSED) {
        return Begin::Wait(record.gate.not_before);
    }
    let lease = LeaseMark { holder: holder.clone(), until: now.after(policy.lease) };
    let phase = Phase::Refreshing { lease, attempt: attempt.clone() };
    let intent = Lease {
        generation: record.generation,
        connected: record.connected,
        holder: holder.clone(),
        attempt,
        prior,
        gate: record.gate,
        begun: now,
        want,
    };
    Begin::Mine(Box::new(Record { phase, ..record.clone() }), Intent(intent))
}

/// Whether a lease was taken before the store's clock was set back. Nobody is busy for so long, and to wait for its end
/// could take for ever.
///
/// A lease that ends a little later than one that was taken now says nothing of the kind: its holder may have another
/// policy, or the clock a small step behind it.
fn is_of_another_time(lease: &LeaseMark, now: StoreTime, policy: &RefreshPolicy) -> bool {
    !lease.holder.is_nobody() && lease.until > now.after(policy.lease.saturating_mul(BEYOND))
}

/// From when on `holder` may ask although a lease stands in the record.
fn free_at(lease: &LeaseMark, holder: &HolderId, policy: &RefreshPolicy) -> StoreTime {
    // What we left behind ourselves, nobody else is still busy with.
    let delay = if lease.holder == *holder { Duration::ZERO } else { policy.takeover_delay() };
    lease.until.after(delay)
}

/// The record was restored from a backup: somebody may have renewed since, and then the refresh token in it is spent.
///
/// That is what it is to find the intent of a process that has ended, so the record is made to look like one. What is
/// different is that nothing is gained by asking soon. The access token is used to its end, or until an API refuses it:
/// where it lives on, nobody has renewed.
pub(crate) fn distrust(record: &Record, attempt: AttemptId, now: StoreTime) -> Option<Record> {
    let until = match (&record.phase, &record.pair) {
        (Phase::Active, Some(pair)) => pair.expires_at.max(now),
        _ => return None,
    };
    let lease = LeaseMark { holder: HolderId::nobody(), until };
    Some(Record { phase: Phase::Refreshing { lease, attempt }, ..record.clone() })
}

/// Extends a lease; `None` if it is somebody else's by now.
pub(crate) fn renew(
    record: &Record,
    lease: &Lease,
    now: StoreTime,
    policy: &RefreshPolicy,
) -> Option<Record> {
    let mut next = held(record, lease)?.clone();
    if let Phase::Refreshing { lease, .. } = &mut next.phase {
        lease.until = now.after(policy.lease);
    }
    Some(next)
}

/// The record, if the lease in it is this one.
pub(super) fn held<'r>(record: &'r Record, lease: &Lease) -> Option<&'r Record> {
    match &record.phase {
        Phase::Refreshing { lease: mark, attempt, .. }
            if mark.holder == lease.holder
                && *attempt == lease.attempt
                && record.generation == lease.generation =>
        {
            Some(record)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::ending::disconnect;
    use super::super::policy::RotationModel;
    use super::super::record::Pair;
    use super::super::sample::{Process, at, attempt, connected, pair, policy, reason, refusal};
    use super::super::settle::{Settle, settle};
    use super::*;

    #[test]
    fn the_first_gets_the_lease_and_the_second_waits_for_its_end() {
        let (one, two) = (Process::numbered(1), Process::numbered(2));
        let (record, _) = one.lease(&connected(&one.random), 100);
        assert!(matches!(two.begin(&record, 101), Begin::Busy(until) if until == at(108)));
    }

    #[test]
    fn a_lease_that_was_taken_a_moment_after_our_time_is_not_taken_over() {
        let (one, two) = (Process::numbered(1), Process::numbered(2));
        let (record, _) = one.lease(&connected(&one.random), 100);
        // Our time is older than the lease: by a step of the clock, or because it was read before the row.
        assert!(matches!(two.begin(&record, 99), Begin::Busy(until) if until == at(108)));
    }

    #[test]
    fn a_lease_of_a_longer_policy_is_not_taken_over() {
        let (one, two) = (Process::numbered(1), Process::numbered(2));
        let longer = RefreshPolicy { lease: 5 * policy().lease, ..policy() };
        let begun = one.begin_with(&connected(&one.random), Want::Ahead, 100, &longer);
        let Begin::Mine(record, _) = begun else { panic!("no lease: {begun:?}") };
        assert!(matches!(two.begin(&record, 101), Begin::Busy(until) if until == at(140)));
    }

    #[test]
    fn a_lease_that_was_taken_before_the_clock_was_set_back_is_taken_over_in_doubt() {
        let (one, two) = (Process::numbered(1), Process::numbered(2));
        let (record, first) = one.lease(&connected(&one.random), 3_700);
        let (_, second) = two.lease(&record, 100);
        assert_eq!((second.attempt, second.prior), (first.attempt, Prior::Unknown));
    }

    #[test]
    fn a_wait_from_before_the_clock_was_set_back_is_over() {
        let one = Process::numbered(1);
        let (record, lease) = one.lease(&connected(&one.random), 3_700);
        let how = Settle::NotExecuted(Duration::from_secs(4));
        let settled = settle(&record, &lease, how, at(3_700), &policy()).unwrap();
        assert!(matches!(one.begin(&settled, 3_700), Begin::Wait(_)));
        assert!(matches!(one.begin(&settled, 100), Begin::Mine(..)));
    }

    #[test]
    fn a_suspicion_from_before_the_clock_was_set_back_begins_anew() {
        let (one, two) = (Process::numbered(1), Process::numbered(2));
        let (record, _) = one.lease(&connected(&one.random), 3_700);
        let (record, lease) = two.lease(&record, 3_708);
        let how = Settle::Denied(refusal(), ReconnectReason::Revoked);
        let suspect = settle(&record, &lease, how, at(3_709), &policy()).unwrap();
        let Begin::Conclude(anew) = two.begin(&suspect, 100) else { panic!("not anew") };
        assert_eq!(anew.phase, Phase::Suspect { until: at(130), refusal: refusal() });
    }

    #[test]
    fn a_pair_that_was_forced_before_the_clock_was_set_back_is_not_taken_for_a_fresh_one() {
        let one = Process::numbered(1);
        let mut record = connected(&one.random);
        record.pair = Some(Pair { wanted: Want::Refused, ..pair(at(3_700), &one.random) });
        let begin = |seconds| one.begin_with(&record, Want::Refused, seconds, &policy());
        assert!(matches!(begin(3_701), Begin::Fresh));
        assert!(matches!(begin(100), Begin::Mine(..)));
    }

    #[test]
    fn who_has_seen_an_older_generation_takes_what_is_there() {
        let one = Process::numbered(1);
        let record = connected(&one.random);
        let fresh = attempt(&one.random);
        let older = Generation::default();
        let begun = begin(&record, older, Want::Refused, &one.holder, &fresh, at(0), &policy());
        assert!(matches!(begun, Begin::Newer));
    }

    #[test]
    fn after_its_end_anybody_takes_the_lease_over_with_the_same_attempt_and_in_doubt() {
        let (one, two) = (Process::numbered(1), Process::numbered(2));
        let (record, first) = one.lease(&connected(&one.random), 100);
        let (_, second) = two.lease(&record, 108);
        assert_eq!(second.attempt, first.attempt);
        assert_eq!(second.prior, Prior::Unknown);
    }

    #[test]
    fn where_reuse_revokes_a_stranger_waits_thirty_seconds_longer_and_the_holder_itself_does_not() {
        let (one, two) = (Process::numbered(1), Process::numbered(2));
        let policy = RefreshPolicy::new(RotationModel::ReuseRevokes);
        let (record, _) = one.lease(&connected(&one.random), 100);
        let stranger = two.begin_with(&record, Want::Ahead, 108, &policy);
        assert!(matches!(stranger, Begin::Busy(until) if until == at(138)));
        let holder = one.begin_with(&record, Want::Ahead, 108, &policy);
        assert!(matches!(holder, Begin::Mine(..)));
    }

    #[test]
    fn a_restored_record_is_used_to_the_end_of_its_token_and_then_renewed_in_doubt() {
        let one = Process::numbered(1);
        let connected = connected(&one.random);
        let restored = distrust(&connected, attempt(&one.random), at(100)).unwrap();
        assert!(matches!(one.begin(&restored, 7_199), Begin::Busy(until) if until == at(7_200)));
        assert_eq!(one.lease(&restored, 7_200).1.prior, Prior::Unknown);
    }

    #[test]
    fn a_restored_record_whose_token_has_ended_waits_for_nothing_else() {
        let one = Process::numbered(1);
        let connected = connected(&one.random);
        let mut restored = distrust(&connected, attempt(&one.random), at(100)).unwrap();
        if let Phase::Refreshing { lease, .. } = &mut restored.phase {
            lease.until = at(1_000_000);
        }
        assert_eq!(one.lease(&restored, 7_200).1.prior, Prior::Unknown);
    }

    #[test]
    fn a_restored_record_whose_token_is_refused_is_renewed_at_once() {
        let one = Process::numbered(1);
        let connected = connected(&one.random);
        let restored = distrust(&connected, attempt(&one.random), at(100)).unwrap();
        let begun = one.begin_with(&restored, Want::Refused, 101, &policy());
        assert!(matches!(begun, Begin::Mine(..)), "{begun:?}");
    }

    #[test]
    fn an_intent_that_was_written_without_a_word_is_recognized() {
        let one = Process::numbered(1);
        let record = connected(&one.random);
        let fresh = attempt(&one.random);
        let begin = |record: &Record| {
            let seen = record.generation;
            begin(record, seen, Want::Ahead, &one.holder, &fresh, at(100), &policy())
        };
        let Begin::Mine(written, _) = begin(&record) else { panic!("no lease") };
        assert!(matches!(begin(&written), Begin::Standing(_)));
    }

    #[test]
    fn a_pair_that_came_after_a_refusal_is_not_renewed_for_another_one_within_a_minute() {
        let one = Process::numbered(1);
        let mut record = connected(&one.random);
        let first = one.begin_with(&record, Want::Refused, 1, &policy());
        assert!(matches!(first, Begin::Mine(..)));
        record.pair = Some(Pair { wanted: Want::Refused, ..pair(at(0), &one.random) });
        let begin = |seconds| one.begin_with(&record, Want::Refused, seconds, &policy());
        assert!(matches!(begin(59), Begin::Fresh));
        assert!(matches!(begin(60), Begin::Mine(..)));
    }

    #[test]
    fn a_lease_is_extended_by_its_holder_and_by_nobody_else() {
        let (one, two) = (Process::numbered(1), Process::numbered(2));
        let (record, mine) = one.lease(&connected(&one.random), 100);
        let extended = renew(&record, &mine, at(104), &policy()).unwrap();
        assert!(matches!(two.begin(&extended, 108), Begin::Busy(until) if until == at(112)));
        let (taken, _) = two.lease(&extended, 112);
        assert!(renew(&taken, &mine, at(113), &policy()).is_none());
    }

    #[test]
    fn a_pair_without_refresh_token_serves_to_its_end_and_then_needs_the_user() {
        let one = Process::numbered(1);
        let mut record = connected(&one.random);
        record.pair = Some(Pair { renewable: Renewable::No, ..pair(at(0), &one.random) });
        assert!(matches!(one.begin(&record, 7_199), Begin::Closed));
        let Begin::Conclude(ended) = one.begin(&record, 7_200) else { panic!("not concluded") };
        assert_eq!(reason(&ended), ReconnectReason::Expired);
    }

    #[test]
    fn nobody_renews_what_is_ended() {
        let one = Process::numbered(1);
        let record = disconnect(&connected(&one.random), at(10));
        assert!(matches!(one.begin(&record, 100), Begin::Closed));
    }
}
