//! A pair whose account is not known yet.
//!
//! To find out whose it is, it has to be used, and no pair is used before it is written down. So it stands among the pairs
//! that are to be revoked, for a later time: if nobody comes back to it, it does not live on.
//!
//! Transitions, as in [`super::lease`].

use std::time::Duration;

use super::connection::{Connection, Course, establish};
use super::record::{Pair, Phase, Record, Retired};
use super::time::StoreTime;
use crate::identify::AccountId;

/// Time to find out whose a pair is: enough for a call of the API with its retries. Nobody is waited for longer.
pub(crate) const TIME_TO_IDENTIFY: Duration = Duration::from_secs(5 * 60);

/// A pair as it stands among those that are to be revoked.
#[derive(Clone, Debug)]
pub(crate) struct Candidate {
    /// What brought it.
    pub(crate) connection: Connection,
    pub(crate) pair: Pair,
}

/// What becomes of a candidate whose account is known.
#[derive(Debug)]
pub(crate) enum Identified {
    /// It is the pair of the grant.
    Connected(Record),
    /// It has been that already. Nobody may have said so, and it may be renewed since.
    Standing,
    /// The grant is of another account, and keeps its pair. The candidate is to be revoked now.
    Switched(Record, AccountId),
    /// The grant was ended or connected anew meanwhile, and that stands. The candidate is to be revoked now.
    Overtaken(Record),
    /// It took too long, and the candidate is being revoked.
    Late,
}

/// Writes a candidate down.
pub(crate) fn hold(record: Option<Record>, candidate: &Candidate, now: StoreTime) -> Record {
    let never = Record { phase: Phase::Unconnected, ..Record::unasked() };
    let mut next = record.unwrap_or(never);
    next.retired.push(Retired {
        generation: candidate.connection.generation.next(),
        sealed: candidate.pair.sealed.clone(),
        since: now,
        tries: 0,
        next_try: now.after(TIME_TO_IDENTIFY),
    });
    next
}

/// Makes a candidate the pair of the grant, unless the grant is of another account or the user has ended it or connected
/// anew since the code was shown. `pair` is the candidate, sealed anew for the next generation.
pub(crate) fn identified(
    record: &Record,
    candidate: &Candidate,
    account: &AccountId,
    pair: Pair,
    now: StoreTime,
) -> Identified {
    match candidate.connection.course(record) {
        Course::Open => {}
        Course::Connected => return Identified::Standing,
        Course::Replaced | Course::Ended => {
            return Identified::Overtaken(rejected(record, candidate, now));
        }
    }
    let is_candidate = |pair: &Retired| pair.sealed == candidate.pair.sealed;
    if !record.retired.iter().any(|pair| is_candidate(pair) && now < pair.next_try) {
        return Identified::Late;
    }
    match &record.account {
        Some(before) if before != account => {
            Identified::Switched(rejected(record, candidate, now), before.clone())
        }
        Some(_) | None => {
            let mut rest = record.clone();
            rest.retired.retain(|pair| !is_candidate(pair));
            let account = Some(account.clone());
            let connected = establish(Some(&rest), &candidate.connection, pair, now);
            Identified::Connected(Record { account, ..connected })
        }
    }
}

/// The candidate is to be revoked now.
pub(crate) fn rejected(record: &Record, candidate: &Candidate, now: StoreTime) -> Record {
    let mut next = record.clone();
    for pair in next.retired.iter_mut().filter(|pair| pair.sealed == candidate.pair.sealed) {
        pair.next_try = pair.next_try.min(now);
    }
    next
}

#[cfg(test)]
mod tests {
    use super::super::commit::connect;
    use super::super::ending::disconnect;
    use super::super::sample::{Counting, at, attempt, connected, pair, policy};
    use super::*;

    fn account(name: &str) -> AccountId {
        AccountId::new(name)
    }

    /// What a code brings that is shown for a grant with this record.
    fn candidate(before: Option<&Record>, random: &Counting) -> Candidate {
        let connection = Connection::begin(before, attempt(random), at(49));
        Candidate { connection, pair: pair(at(50), random) }
    }

    fn grant_of(name: &str, random: &Counting) -> Record {
        Record { account: Some(account(name)), ..connected(random) }
    }

    #[test]
    fn a_candidate_nobody_comes_back_to_is_revoked_after_five_minutes() {
        let random = Counting::default();
        let before = connected(&random);
        let held = hold(Some(before.clone()), &candidate(Some(&before), &random), at(50));
        assert_eq!(held.due(&policy()), Some(at(350)));
    }

    #[test]
    fn the_first_candidate_of_a_grant_connects_nothing() {
        let random = Counting::default();
        let held = hold(None, &candidate(None, &random), at(50));
        assert_eq!((held.phase, held.pair), (Phase::Unconnected, None));
    }

    #[test]
    fn a_candidate_of_the_same_account_takes_the_place_of_the_pair() {
        let random = Counting::default();
        let before = grant_of("one", &random);
        let (candidate, new) = (candidate(Some(&before), &random), pair(at(50), &random));
        let held = hold(Some(before.clone()), &candidate, at(50));
        let named = identified(&held, &candidate, &account("one"), new.clone(), at(51));
        let Identified::Connected(after) = named else { panic!("{named:?}") };
        let retired: Vec<_> = after.retired.iter().map(|pair| &pair.sealed).collect();
        assert_eq!(retired, [&before.pair.unwrap().sealed]);
        assert_eq!((after.pair, after.account), (Some(new), Some(account("one"))));
    }

    #[test]
    fn a_candidate_of_another_account_leaves_the_pair_and_is_revoked_at_once() {
        let random = Counting::default();
        let before = grant_of("one", &random);
        let candidate = candidate(Some(&before), &random);
        let held = hold(Some(before.clone()), &candidate, at(50));
        let new = pair(at(50), &random);
        let named = identified(&held, &candidate, &account("two"), new, at(51));
        let Identified::Switched(after, of) = named else { panic!("{named:?}") };
        assert_eq!((after.pair.clone(), of), (before.pair, account("one")));
        assert_eq!(after.due(&policy()), Some(at(51)));
    }

    #[test]
    fn a_grant_that_was_ended_may_be_connected_by_any_account() {
        let random = Counting::default();
        let ended = disconnect(&grant_of("one", &random), at(40));
        let (candidate, new) = (candidate(Some(&ended), &random), pair(at(50), &random));
        let held = hold(Some(ended), &candidate, at(50));
        let named = identified(&held, &candidate, &account("two"), new, at(51));
        assert!(matches!(named, Identified::Connected(_)), "{named:?}");
    }

    #[test]
    fn a_candidate_whose_grant_was_ended_or_connected_anew_meanwhile_is_revoked_at_once() {
        let random = Counting::default();
        let before = grant_of("one", &random);
        let candidate = candidate(Some(&before), &random);
        let held = hold(Some(before), &candidate, at(50));
        let again = connect(Some(&held), pair(at(51), &random), at(51));
        for record in [disconnect(&held, at(51)), again] {
            let new = pair(at(50), &random);
            let named = identified(&record, &candidate, &account("one"), new, at(52));
            let Identified::Overtaken(after) = named else { panic!("{named:?}") };
            assert_eq!((&after.phase, &after.pair), (&record.phase, &record.pair));
            let retired = |pair: &&Retired| pair.sealed == candidate.pair.sealed;
            assert_eq!(after.retired.iter().find(retired).unwrap().next_try, at(52));
        }
    }

    #[test]
    fn a_candidate_that_was_made_the_pair_without_a_word_is_recognized_after_it_was_renewed() {
        let random = Counting::default();
        let before = connected(&random);
        let candidate = candidate(Some(&before), &random);
        let held = hold(Some(before), &candidate, at(50));
        let new = pair(at(50), &random);
        let named = identified(&held, &candidate, &account("one"), new, at(51));
        let Identified::Connected(after) = named else { panic!("{named:?}") };
        let renewed = Record {
            generation: after.generation.next(),
            pair: Some(pair(at(52), &random)),
            ..after
        };
        let new = pair(at(50), &random);
        let again = identified(&renewed, &candidate, &account("one"), new, at(53));
        assert!(matches!(again, Identified::Standing), "{again:?}");
    }

    #[test]
    fn a_candidate_that_is_being_revoked_is_not_made_the_pair() {
        let random = Counting::default();
        let before = connected(&random);
        let candidate = candidate(Some(&before), &random);
        let held = hold(Some(before), &candidate, at(50));
        let new = pair(at(50), &random);
        let named = identified(&held, &candidate, &account("one"), new, at(350));
        assert!(matches!(named, Identified::Late), "{named:?}");
    }
}
