//! How a new pair gets into a record.
//!
//! Transitions, as in [`super::lease`].

use std::time::Duration;

use super::ending::{give_back, give_up};
use super::lease::Lease;
use super::policy::RefreshPolicy;
use super::record::{Gate, Pair, Phase, Record, Replaced, Salvage, Spare};
use super::seal::Sealed;
use super::time::StoreTime;
use crate::bearer::Generation;

/// The waits after pairs without an access token: none, then 1 s, 2 s … 60 s.
const DAMAGED_STEP: Duration = Duration::from_secs(1);
const DAMAGED_MOST: Duration = Duration::from_secs(60);

/// How many pairs of before are remembered. Each costs as much room as a pair, and one request when the grant ends. Most of
/// them are dead: one lives only if its successor was renewed before anybody used it.
const REPLACED_MOST: usize = 8;

/// What becomes of a pair that the server issued for a lease.
#[derive(Debug)]
pub(crate) enum Commit {
    /// It is the pair of the next generation.
    Done(Record),
    /// Somebody else was faster, and theirs stands. Ours lives too, for all we know, so it is kept for a while.
    Overtaken(Record),
    /// The grant was given up meanwhile, or connected anew. The pair is to be revoked.
    Retired(Record),
    /// An earlier write was made although nobody said so. The pair stands there.
    Standing(Standing),
}

/// Where a pair stands in a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It is in use.
    InUse,
    /// It is kept beside the pair in use, or that took its place.
    Beside,
    /// It is among those that are to be revoked.
    Retired,
}

/// Takes a pair into the record, whoever holds the lease by now.
///
/// The fence is the generation and not the lease: a holder that was slow has the only living pair if nobody has renewed
/// since, even if everybody believed it lost.
pub(crate) fn commit(
    record: &Record,
    lease: &Lease,
    pair: Pair,
    now: StoreTime,
    policy: &RefreshPolicy,
) -> Commit {
    let generation = lease.generation.next();
    if let Some(standing) = record.standing_of(&pair.sealed) {
        return Commit::Standing(standing);
    }
    match &record.phase {
        Phase::Disconnecting { .. } | Phase::Disconnected { .. } => {
            Commit::Retired(give_back(record, generation, pair.sealed, now))
        }
        Phase::Unconnected
        | Phase::Active
        | Phase::Refreshing { .. }
        | Phase::Suspect { .. }
        | Phase::ReconnectRequired { .. } => {
            if record.connected > lease.connected {
                // The user has connected anew since, and what stands there is of that authorization.
                return Commit::Retired(give_back(record, generation, pair.sealed, now));
            }
            if record.generation > lease.generation {
                let mut next = record.clone();
                let spare = Spare { generation, pair, until: now.after(policy.spare) };
                if let Some(before) = next.spare.replace(spare) {
                    next.replace(before.generation, before.pair.sealed);
                }
                return Commit::Overtaken(next);
            }
            // Also where the record is older than the lease: it was restored from a backup, and our pair is the newest
            // that there is.
            let mut next = record.clone();
            next.gate = after(&pair, record.gate, now);
            if let Some(before) = next.pair.replace(pair) {
                if policy.rotation.may_keep_the_old_pair() {
                    next.replace(record.generation, before.sealed.clone());
                }
                next.superseded = Some(before.sealed);
            }
            next.generation = generation;
            next.connected = lease.connected;
            next.phase = Phase::Active;
            // Whatever was lost, this pair came after it.
            next.salvage = None;
            Commit::Done(next)
        }
    }
}

/// The first damaged pair is renewed at once. A server that damages every one is not asked without end.
fn after(pair: &Pair, gate: Gate, now: StoreTime) -> Gate {
    if pair.is_whole() {
        return Gate::default();
    }
    let wait = DAMAGED_STEP.saturating_mul(gate.failures).min(DAMAGED_MOST);
    Gate { unexplained: None, ..gate }.failed(now, wait)
}

impl Record {
    /// Remembers a pair that may live on. A server ends a pair when its successor is used, and nobody knows which were.
    fn replace(&mut self, generation: Generation, sealed: Sealed) {
        self.replaced.push(Replaced { generation, sealed });
        let surplus = self.replaced.len().saturating_sub(REPLACED_MOST);
        self.replaced.drain(..surplus);
    }

    fn standing_of(&self, sealed: &Sealed) -> Option<Standing> {
        if self.pair.as_ref().is_some_and(|held| held.sealed == *sealed) {
            Some(Standing::InUse)
        } else if self.spare.as_ref().is_some_and(|spare| spare.pair.sealed == *sealed)
            || self.replaced.iter().any(|replaced| replaced.sealed == *sealed)
            || self.superseded.as_ref() == Some(sealed)
        {
            Some(Standing::Beside)
        } else if self.retired.iter().any(|retired| retired.sealed == *sealed) {
            Some(Standing::Retired)
        } else {
            None
        }
    }
}

/// Keeps an answer that nobody could read; `None` if a pair was committed since, or the grant was given up.
pub(crate) fn set_aside(record: &Record, lease: &Lease, salvage: Salvage) -> Option<Record> {
    match record.phase {
        Phase::Unconnected | Phase::Disconnecting { .. } | Phase::Disconnected { .. } => None,
        Phase::Active
        | Phase::Refreshing { .. }
        | Phase::Suspect { .. }
        | Phase::ReconnectRequired { .. } => (record.generation == lease.generation)
            .then(|| Record { salvage: Some(salvage), ..record.clone() }),
    }
}

/// Makes the spare the pair in use, because the server refused the one that was. It gets a generation of its own.
///
/// `pair` is the spare, sealed anew for that generation. `None` if the record has moved on.
pub(crate) fn promote(record: &Record, refused: Generation, pair: Pair) -> Option<Record> {
    if record.generation != refused || record.spare.is_none() {
        return None;
    }
    Some(Record {
        generation: refused.next(),
        phase: Phase::Active,
        pair: Some(pair),
        spare: None,
        gate: Gate::default(),
        ..record.clone()
    })
}

/// The user connected, for the first time or again.
///
/// A pair that is held from before is to be revoked: two living pairs of one grant are one too many.
pub(crate) fn connect(record: Option<&Record>, pair: Pair, now: StoreTime) -> Record {
    let unasked = Record::unasked();
    let record = record.unwrap_or(&unasked);
    let mut next = give_up(record, now);
    next.generation = record.generation.next();
    next.connected = next.generation;
    next.exchange = None;
    next.phase = Phase::Active;
    next.pair = Some(pair);
    next.gate = Gate::default();
    next
}

#[cfg(test)]
mod tests {
    use super::super::ending::disconnect;
    use super::super::lease::{Begin, begin};
    use super::super::policy::RotationModel;
    use super::super::record::{HolderId, ReconnectReason, Refusal, Want};
    use super::super::sample::{Counting, at, attempt, connected, holder, pair, policy};
    use super::super::settle::{Settle, settle};
    use super::*;

    fn lease(
        record: &Record,
        holder: &HolderId,
        random: &Counting,
        seconds: u64,
    ) -> (Record, Lease) {
        let (seen, fresh) = (record.generation, attempt(random));
        match begin(record, seen, Want::Ahead, holder, &fresh, at(seconds), &policy()) {
            Begin::Mine(record, intent) => (*record, intent.written()),
            other => panic!("no lease: {other:?}"),
        }
    }

    fn done(outcome: Commit) -> Record {
        match outcome {
            Commit::Done(record) => record,
            other => panic!("not done: {other:?}"),
        }
    }

    /// A record, and the lease that was taken at 200 after it had been renewed.
    fn backup_and_the_lease_after_the_next(random: &Counting) -> (Record, Lease) {
        let (backup, holder) = (connected(random), holder(random));
        let (record, first) = lease(&backup, &holder, random, 100);
        let newer = done(commit(&record, &first, pair(at(100), random), at(101), &policy()));
        let (_, second) = lease(&newer, &holder, random, 200);
        (backup, second)
    }

    #[test]
    fn a_pair_raises_the_generation_by_one() {
        let random = Counting::default();
        let (record, lease) = lease(&connected(&random), &holder(&random), &random, 100);
        let new = pair(at(100), &random);
        let committed = done(commit(&record, &lease, new.clone(), at(101), &policy()));
        assert_eq!(committed.generation, record.generation.next());
        assert_eq!((committed.phase, committed.pair), (Phase::Active, Some(new)));
    }

    #[test]
    fn a_server_that_damages_every_pair_is_asked_less_and_less_often() {
        let random = Counting::default();
        let holder = holder(&random);
        let mut record = connected(&random);
        for (seconds, wait) in [(100, 0), (101, 1), (103, 2), (106, 3)] {
            let (leased, lease) = lease(&record, &holder, &random, seconds);
            let damaged = Pair { life_millis: 0, ..pair(at(seconds), &random) };
            record = done(commit(&leased, &lease, damaged, at(seconds), &policy()));
            assert_eq!(record.gate.not_before, at(seconds + wait));
        }
    }

    #[test]
    fn a_late_answer_counts_if_nobody_has_renewed_since() {
        let random = Counting::default();
        let (slow, quick) = (holder(&random), holder(&random));
        let (record, late) = lease(&connected(&random), &slow, &random, 100);
        let (taken, _) = lease(&record, &quick, &random, 108);
        let new = pair(at(100), &random);
        done(commit(&taken, &late, new, at(109), &policy()));
    }

    #[test]
    fn a_late_answer_brings_back_a_grant_that_was_believed_lost() {
        let random = Counting::default();
        let (slow, quick) = (holder(&random), holder(&random));
        let (record, late) = lease(&connected(&random), &slow, &random, 100);
        let (taken, other) = lease(&record, &quick, &random, 108);
        let refusal = Refusal { code: None, status: 400, request_id: None };
        let denied = Settle::Denied(refusal, ReconnectReason::Revoked);
        let suspect = settle(&taken, &other, denied, at(109), &policy()).unwrap();
        let (seen, fresh) = (suspect.generation, attempt(&random));
        let concluded = begin(&suspect, seen, Want::Ahead, &quick, &fresh, at(139), &policy());
        let Begin::Conclude(lost) = concluded else { panic!("{concluded:?}") };
        let new = pair(at(100), &random);
        for record in [&suspect, &lost] {
            let back = done(commit(record, &late, new.clone(), at(140), &policy()));
            assert_eq!(back.phase, Phase::Active);
        }
    }

    #[test]
    fn an_answer_that_was_overtaken_is_kept_beside_the_newer_pair() {
        let random = Counting::default();
        let (slow, quick) = (holder(&random), holder(&random));
        let (record, late) = lease(&connected(&random), &slow, &random, 100);
        let (taken, first) = lease(&record, &quick, &random, 108);
        let newer = done(commit(&taken, &first, pair(at(108), &random), at(109), &policy()));
        let ours = pair(at(100), &random);
        match commit(&newer, &late, ours.clone(), at(110), &policy()) {
            Commit::Overtaken(record) => {
                let spare = record.spare.unwrap();
                assert_eq!((record.pair, record.generation), (newer.pair, newer.generation));
                assert_eq!((spare.pair, spare.until), (ours, at(710)));
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn of_two_answers_that_were_overtaken_none_is_forgotten() {
        let random = Counting::default();
        let (slow, quick) = (holder(&random), holder(&random));
        let (record, late) = lease(&connected(&random), &slow, &random, 100);
        let (taken, first) = lease(&record, &quick, &random, 108);
        let mut record = done(commit(&taken, &first, pair(at(108), &random), at(109), &policy()));
        let answers = [pair(at(100), &random), pair(at(101), &random)];
        for answer in &answers {
            let outcome = commit(&record, &late, answer.clone(), at(110), &policy());
            let Commit::Overtaken(next) = outcome else { panic!("{outcome:?}") };
            record = next;
        }
        let ended = disconnect(&record, at(120));
        for answer in answers {
            assert!(ended.retired.iter().any(|retired| retired.sealed == answer.sealed));
        }
    }

    #[test]
    fn the_newest_eight_pairs_of_before_are_remembered() {
        let random = Counting::default();
        let policy = RefreshPolicy::new(RotationModel::OnFirstUse);
        let holder = holder(&random);
        let mut record = connected(&random);
        let mut before = Vec::new();
        for seconds in 100..120 {
            before.push(record.pair.clone().unwrap().sealed);
            let (leased, lease) = lease(&record, &holder, &random, seconds);
            record =
                done(commit(&leased, &lease, pair(at(seconds), &random), at(seconds), &policy));
        }
        let remembered: Vec<_> = record.replaced.iter().map(|pair| &pair.sealed).collect();
        assert_eq!(remembered, before[before.len() - 8..].iter().collect::<Vec<_>>());
    }

    #[test]
    fn a_commit_that_nobody_confirmed_is_recognized_and_not_made_twice() {
        let random = Counting::default();
        let (record, lease) = lease(&connected(&random), &holder(&random), &random, 100);
        let new = pair(at(100), &random);
        let written = done(commit(&record, &lease, new.clone(), at(101), &policy()));
        let again = commit(&written, &lease, new, at(102), &policy());
        assert!(matches!(again, Commit::Standing(Standing::InUse)));
    }

    #[test]
    fn a_pair_that_was_retired_without_a_word_is_recognized_and_not_taken_for_the_one_in_use() {
        let random = Counting::default();
        let (record, lease) = lease(&connected(&random), &holder(&random), &random, 100);
        let new = pair(at(100), &random);
        let ended = disconnect(&record, at(101));
        let outcome = commit(&ended, &lease, new.clone(), at(102), &policy());
        let Commit::Retired(written) = outcome else { panic!("{outcome:?}") };
        let again = commit(&written, &lease, new, at(103), &policy());
        assert!(matches!(again, Commit::Standing(Standing::Retired)), "{again:?}");
    }

    #[test]
    fn a_pair_that_was_committed_without_a_word_and_renewed_by_somebody_else_is_no_spare() {
        for model in [
            RotationModel::Immediate,
            RotationModel::OnFirstUse,
            RotationModel::ReuseRevokes,
            RotationModel::Grace,
        ] {
            let (random, policy) = (Counting::default(), RefreshPolicy::new(model));
            let (slow, quick) = (holder(&random), holder(&random));
            let (record, first) = lease(&connected(&random), &slow, &random, 100);
            let ours = pair(at(100), &random);
            let written = done(commit(&record, &first, ours.clone(), at(101), &policy));
            let (record, second) = lease(&written, &quick, &random, 102);
            let newer = done(commit(&record, &second, pair(at(102), &random), at(103), &policy));
            let again = commit(&newer, &first, ours, at(104), &policy);
            assert!(matches!(again, Commit::Standing(Standing::Beside)), "{model:?}: {again:?}");
        }
    }

    #[test]
    fn an_answer_to_the_authorization_of_before_is_revoked_and_no_spare_of_the_new_one() {
        let random = Counting::default();
        let (record, late) = lease(&connected(&random), &holder(&random), &random, 100);
        let again = connect(Some(&record), pair(at(101), &random), at(101));
        let after_an_end =
            connect(Some(&disconnect(&record, at(101))), again.pair.clone().unwrap(), at(102));
        for connected in [again, after_an_end] {
            let ours = pair(at(100), &random);
            let outcome = commit(&connected, &late, ours.clone(), at(103), &policy());
            let Commit::Retired(mut next) = outcome else { panic!("{outcome:?}") };
            assert_eq!(next.retired.pop().unwrap().sealed, ours.sealed);
            assert_eq!(next, connected);
        }
    }

    #[test]
    fn an_answer_to_the_authorization_of_before_is_revoked_although_a_backup_was_put_back() {
        let random = Counting::default();
        let (backup, second) = backup_and_the_lease_after_the_next(&random);
        let again = connect(Some(&backup), pair(at(201), &random), at(201));
        let outcome = commit(&again, &second, pair(at(200), &random), at(202), &policy());
        assert!(matches!(outcome, Commit::Retired(_)), "{outcome:?}");
    }

    #[test]
    fn an_answer_that_comes_after_a_disconnect_is_revoked_and_never_used() {
        let random = Counting::default();
        let (record, lease) = lease(&connected(&random), &holder(&random), &random, 100);
        let ended = disconnect(&record, at(101));
        let new = pair(at(100), &random);
        match commit(&ended, &lease, new.clone(), at(102), &policy()) {
            Commit::Retired(record) => {
                assert_eq!(record.pair, None);
                assert!(record.retired.iter().any(|pair| pair.sealed == new.sealed));
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn an_answer_for_a_record_that_was_restored_from_a_backup_is_the_newest_there_is() {
        let random = Counting::default();
        let (backup, second) = backup_and_the_lease_after_the_next(&random);
        let committed = done(commit(&backup, &second, pair(at(200), &random), at(201), &policy()));
        assert_eq!(committed.generation, second.generation.next());
    }

    #[test]
    fn a_spare_takes_the_place_of_a_refused_pair_once() {
        let random = Counting::default();
        let mut record = connected(&random);
        let spare = pair(at(5), &random);
        record.spare =
            Some(Spare { generation: record.generation, pair: spare.clone(), until: at(600) });
        let promoted = promote(&record, record.generation, spare.clone()).unwrap();
        assert_eq!(promoted.generation, record.generation.next());
        assert_eq!((&promoted.pair, &promoted.spare), (&Some(spare.clone()), &None));
        assert_eq!(promote(&promoted, record.generation, spare), None);
    }

    #[test]
    fn connecting_again_puts_the_old_pair_on_the_list_of_those_to_be_revoked() {
        let random = Counting::default();
        let before = connected(&random);
        let new = pair(at(50), &random);
        let after = connect(Some(&before), new.clone(), at(50));
        assert_eq!(after.generation, before.generation.next());
        assert_eq!((after.phase, after.pair), (Phase::Active, Some(new)));
        let retired: Vec<_> = after.retired.iter().map(|pair| &pair.sealed).collect();
        assert_eq!(retired, [&before.pair.unwrap().sealed]);
    }
}
