//! How a grant ends: every pair that was given up is revoked, and the record says how far that is.
//!
//! Transitions, as in [`super::lease`].

use std::time::Duration;

use super::policy::RefreshPolicy;
use super::record::{Phase, Record, Retired, Revocation};
use super::seal::Sealed;
use super::time::StoreTime;
use crate::bearer::Generation;

/// The user, or the caller, ends the grant. What is being renewed right now ends as [`Commit::Retired`].
pub(crate) fn disconnect(record: &Record, now: StoreTime) -> Record {
    match &record.phase {
        Phase::Unconnected | Phase::Disconnecting { .. } | Phase::Disconnected { .. } => {
            record.clone()
        }
        Phase::Active
        | Phase::Refreshing { .. }
        | Phase::Suspect { .. }
        | Phase::ReconnectRequired { .. } => {
            let mut next = give_up(record, now);
            next.phase = if next.retired.is_empty() {
                // No server ever gave it a token, so there is none to be revoked.
                Phase::Disconnected { since: now, revocation: Revocation::Confirmed }
            } else {
                Phase::Disconnecting { since: now }
            };
            // From here on another account may be connected.
            next.account = None;
            next
        }
    }
}

/// Moves every pair of a record to those that are to be revoked. An answer that nobody could read has none to revoke.
pub(super) fn give_up(record: &Record, now: StoreTime) -> Record {
    let mut next = record.clone();
    next.salvage = None;
    next.superseded = None;
    let pair = next.pair.take().map(|pair| (record.generation, pair.sealed));
    let replaced = std::mem::take(&mut next.replaced).into_iter().rev();
    let replaced = replaced.map(|pair| (pair.generation, pair.sealed));
    let spare = next.spare.take().map(|spare| (spare.generation, spare.pair.sealed));
    for (generation, sealed) in pair.into_iter().chain(replaced).chain(spare) {
        next.retire(generation, sealed, now);
    }
    next
}

/// A pair that came too late for the grant is to be revoked.
pub(crate) fn give_back(
    record: &Record,
    generation: Generation,
    sealed: Sealed,
    now: StoreTime,
) -> Record {
    let mut next = record.clone();
    next.phase = match next.phase {
        Phase::Disconnecting { since } | Phase::Disconnected { since, .. } => {
            Phase::Disconnecting { since }
        }
        phase @ (Phase::Unconnected
        | Phase::Active
        | Phase::Refreshing { .. }
        | Phase::Suspect { .. }
        | Phase::ReconnectRequired { .. }) => phase,
    };
    next.retire(generation, sealed, now);
    next
}

/// What a server said about a pair that it was asked to revoke.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Revoked {
    /// The pair is dead.
    Yes,
    /// It has no revocation endpoint.
    Unsupported,
    /// Nothing that counts. Says when to ask again.
    NotYet(Duration),
}

/// One pair less to revoke, or one attempt more.
pub(crate) fn revoked(
    record: &Record,
    sealed: &Sealed,
    answer: Revoked,
    now: StoreTime,
    policy: &RefreshPolicy,
) -> Record {
    let mut next = record.clone();
    let mut revocation = Revocation::Confirmed;
    match answer {
        Revoked::Yes => next.retired.retain(|pair| pair.sealed != *sealed),
        Revoked::Unsupported => {
            next.retired.retain(|pair| pair.sealed != *sealed);
            revocation = Revocation::Unsupported;
        }
        Revoked::NotYet(wait) => {
            for pair in next.retired.iter_mut().filter(|pair| pair.sealed == *sealed) {
                pair.tries = pair.tries.saturating_add(1);
                pair.next_try = now.after(wait);
            }
        }
    }
    let given_up = |pair: &Retired| pair.since.after(policy.revocation_tries) <= now;
    if next.retired.iter().any(given_up) {
        revocation = Revocation::Unconfirmed;
    }
    next.retired.retain(|pair| now < pair.since.after(policy.shred_after));
    let settled = next.retired.iter().all(given_up);
    if let Phase::Disconnecting { since } = next.phase
        && settled
    {
        next.phase = Phase::Disconnected { since, revocation };
    }
    next
}

impl Record {
    fn retire(&mut self, generation: Generation, sealed: Sealed, now: StoreTime) {
        self.retired.push(Retired { generation, sealed, since: now, tries: 0, next_try: now });
    }
}

#[cfg(test)]
mod tests {
    use super::super::commit::connect;
    use super::super::record::Spare;
    use super::super::sample::{Counting, at, connected, pair, policy};
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);
    const DAY: u64 = 86_400;

    fn revocation(record: &Record) -> Option<Revocation> {
        match record.phase {
            Phase::Disconnected { revocation, .. } => Some(revocation),
            _ => None,
        }
    }

    fn first(record: &Record) -> Sealed {
        record.retired.first().unwrap().sealed.clone()
    }

    #[test]
    fn a_disconnect_leaves_no_pair_that_could_be_used_and_lists_all_of_them() {
        let random = Counting::default();
        let mut record = connected(&random);
        let spare = pair(at(1), &random);
        record.spare = Some(Spare { generation: record.generation, pair: spare, until: at(600) });
        let ended = disconnect(&record, at(10));
        assert_eq!((&ended.pair, &ended.spare, ended.retired.len()), (&None, &None, 2));
    }

    #[test]
    fn a_grant_that_never_had_a_pair_is_disconnected_at_once() {
        let ended = disconnect(&Record::unasked(), at(10));
        assert_eq!((revocation(&ended), ended.due(&policy())), (Some(Revocation::Confirmed), None));
    }

    #[test]
    fn a_second_disconnect_changes_nothing() {
        let ended = disconnect(&connected(&Counting::default()), at(10));
        assert_eq!(disconnect(&ended, at(20)), ended);
    }

    #[test]
    fn a_grant_is_disconnected_when_the_last_pair_is_dead() {
        let ended = disconnect(&connected(&Counting::default()), at(10));
        let dead = revoked(&ended, &first(&ended), Revoked::Yes, at(11), &policy());
        assert_eq!(revocation(&dead), Some(Revocation::Confirmed));
        assert_eq!(dead.retired, []);
    }

    #[test]
    fn the_moment_of_an_end_is_that_of_the_disconnect_however_late_the_last_pair_is_dead() {
        let random = Counting::default();
        let ended = disconnect(&connected(&random), at(10));
        let dead = revoked(&ended, &first(&ended), Revoked::Yes, at(11), &policy());
        let late = give_back(&dead, dead.generation, pair(at(5), &random).sealed, at(12));
        assert_eq!(late.phase, Phase::Disconnecting { since: at(10) });
        let dead = revoked(&late, &first(&late), Revoked::Yes, at(13), &policy());
        let revocation = Revocation::Confirmed;
        assert_eq!(dead.phase, Phase::Disconnected { since: at(10), revocation });
    }

    #[test]
    fn a_server_without_revocation_is_said() {
        let ended = disconnect(&connected(&Counting::default()), at(10));
        let left = revoked(&ended, &first(&ended), Revoked::Unsupported, at(11), &policy());
        assert_eq!(revocation(&left), Some(Revocation::Unsupported));
    }

    #[test]
    fn a_revocation_that_failed_is_tried_again_for_a_day_and_the_tokens_are_forgotten_after_a_week()
    {
        let ended = disconnect(&connected(&Counting::default()), at(0));
        let sealed = first(&ended);
        let once = revoked(&ended, &sealed, Revoked::NotYet(MINUTE), at(1), &policy());
        assert_eq!((revocation(&once), once.due(&policy())), (None, Some(at(61))));
        let given_up = revoked(&once, &sealed, Revoked::NotYet(MINUTE), at(DAY), &policy());
        assert_eq!(revocation(&given_up), Some(Revocation::Unconfirmed));
        assert_eq!((given_up.retired.len(), given_up.due(&policy())), (1, Some(at(7 * DAY))));
        let week = revoked(&given_up, &sealed, Revoked::NotYet(MINUTE), at(7 * DAY), &policy());
        assert_eq!((week.retired.len(), week.due(&policy())), (0, None));
    }

    #[test]
    fn a_pair_that_was_replaced_is_revoked_while_the_grant_goes_on() {
        let random = Counting::default();
        let again = connect(Some(&connected(&random)), pair(at(50), &random), at(50));
        let dead = revoked(&again, &first(&again), Revoked::Yes, at(51), &policy());
        assert_eq!((dead.phase, dead.retired.len()), (Phase::Active, 0));
    }
}
