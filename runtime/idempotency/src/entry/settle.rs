//! What became of an attempt.
//!
//! Transitions, as in [`super::begin`].

use std::time::Duration;

use specwright_store::StoreTime;

use super::record::{AttemptId, Earlier, Entry, Inconclusive, State};
use crate::reuse::Reuse;

/// How long a request may at least go on after its sender has given it up: the server does not hear of that, and finishes
/// what it does. Many times what one request takes, and little beside the time of an attempt.
const AFTERMATH: Duration = Duration::from_secs(5);

/// What became of one attempt, as far as is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// It was executed.
    Succeeded,
    /// The server has looked at it, refused it, and did nothing: most of the 400 family, in the words of the application. So
    /// is an answer that stands for [`NotExecuted`](Self::NotExecuted) and that the server keeps giving for the key.
    Rejected,
    /// It did not reach the server, or was refused before it was looked at (401, 429). It may be sent again as it is.
    NotExecuted,
    /// The application answered that it failed (500, or a 400 for a fault that is not the caller's). Maybe it was executed.
    Failed {
        /// The status of the answer.
        status: u16,
    },
    /// There is no answer, or none of the application. Maybe it was executed.
    Unanswered,
}

/// An attempt that was written down.
#[derive(Debug)]
pub(crate) struct Made {
    pub(crate) attempt: AttemptId,
    pub(crate) reuse: Reuse,
    /// The entry as it was written. It takes the place of one that is gone.
    pub(crate) entry: Entry,
}

/// What the entry is to be after an attempt; `None` if it stays.
///
/// An answer is the end of the request that it answers, and of no other: with one without answer before it, the time of the
/// attempt is waited for all the same.
pub(crate) fn settle(
    there: Option<&Entry>,
    made: &Made,
    outcome: Outcome,
    now: StoreTime,
) -> Option<Entry> {
    let there = there.unwrap_or(&made.entry);
    let (until, earlier) = match &there.state {
        State::UnderWay { attempt, until, earlier } if *attempt == made.attempt => {
            (*until, *earlier)
        }
        // Of others' attempts nobody else knows better, and what one of us found out holds. Only a success is news.
        _ if outcome == Outcome::Succeeded => return found(Some(there), &made.entry),
        _ => return None,
    };
    // What has no further effect may be sent again after any failure.
    let in_doubt = |answer, over| match made.reuse {
        Reuse::Never | Reuse::Within(_) => State::Unknown { answer, until: over },
        Reuse::Always => State::Unanswered { until },
    };
    let state = match (outcome, earlier) {
        (Outcome::Succeeded, _) => State::Succeeded,
        (Outcome::Rejected, Earlier::WithoutEffect) => State::Rejected,
        // The effect of the first is nothing that the second could be refused for: it would be the same once more.
        (Outcome::Rejected, Earlier::Unknown) if made.reuse == Reuse::Always => State::Rejected,
        (Outcome::Rejected, Earlier::Unknown) => in_doubt(Inconclusive::RejectedLater, until),
        (Outcome::NotExecuted, Earlier::WithoutEffect) => State::Prepared,
        (Outcome::NotExecuted, Earlier::Unknown) => State::Unanswered { until },
        (Outcome::Unanswered, _) => State::Unanswered { until: until.max(now.after(AFTERMATH)) },
        (Outcome::Failed { status }, earlier) => {
            let over = match earlier {
                Earlier::WithoutEffect => now,
                Earlier::Unknown => until,
            };
            in_doubt(Inconclusive::Stored { status }, over)
        }
    };
    Some(Entry { state, ..there.clone() })
}

/// What the entry is to be once an effect is known; `None` if it stays.
///
/// A success is written whatever stands there and whoever brings it, even under a key that was given up: it keeps everybody
/// from sending again.
pub(crate) fn found(there: Option<&Entry>, own: &Entry) -> Option<Entry> {
    let there = there.unwrap_or(own);
    let is_known = there.state == State::Succeeded;
    let attempts = there.attempts;
    (!is_known).then(|| Entry { state: State::Succeeded, attempts, ..own.clone() })
}

#[cfg(test)]
mod tests {
    use super::super::begin::{Begin, Halt, begin};
    use super::super::sample::{LASTING, at, attempt, entry, fingerprint, key, mine, wish};
    use super::*;

    /// The entry while the first attempt is made.
    fn first() -> Entry {
        mine(begin(None, &wish(1), LASTING, at(0)))
    }

    /// The entry while the second attempt is made, of which the first had no answer.
    fn second() -> Entry {
        let first = first();
        let unanswered =
            settle(Some(&first), &made(1, &first), Outcome::Unanswered, at(1)).unwrap();
        mine(begin(Some(&unanswered), &wish(2), LASTING / 2, at(60)))
    }

    /// The attempt of this number, for which this entry was written.
    fn made(number: u8, entry: &Entry) -> Made {
        let reuse = wish(number).reuse;
        Made { attempt: attempt(number), reuse, entry: entry.clone() }
    }

    fn after(entry: &Entry, number: u8, outcome: Outcome) -> State {
        settle(Some(entry), &made(number, entry), outcome, at(1)).unwrap().state
    }

    fn unknown(answer: Inconclusive, until: u64) -> State {
        State::Unknown { answer, until: at(until) }
    }

    #[test]
    fn the_first_attempt_ends_as_it_was_answered() {
        let first = first();
        assert_eq!(after(&first, 1, Outcome::Succeeded), State::Succeeded);
        assert_eq!(after(&first, 1, Outcome::Rejected), State::Rejected);
        assert_eq!(after(&first, 1, Outcome::NotExecuted), State::Prepared);
        let stored = unknown(Inconclusive::Stored { status: 500 }, 1);
        assert_eq!(after(&first, 1, Outcome::Failed { status: 500 }), stored);
        assert_eq!(after(&first, 1, Outcome::Unanswered), State::Unanswered { until: at(60) });
    }

    #[test]
    fn a_rejection_after_an_attempt_without_answer_is_not_believed() {
        assert_eq!(
            after(&second(), 2, Outcome::Rejected),
            unknown(Inconclusive::RejectedLater, 90)
        );
    }

    #[test]
    fn an_answer_says_nothing_of_when_the_one_before_is_over() {
        let stored = unknown(Inconclusive::Stored { status: 500 }, 90);
        assert_eq!(after(&second(), 2, Outcome::Failed { status: 500 }), stored);
    }

    #[test]
    fn what_is_given_up_at_the_end_of_its_time_is_on_its_way_for_5_seconds_more() {
        let first = first();
        let given_up = |seconds| {
            settle(Some(&first), &made(1, &first), Outcome::Unanswered, at(seconds)).unwrap().state
        };
        assert_eq!(given_up(55), State::Unanswered { until: at(60) });
        assert_eq!(given_up(60), State::Unanswered { until: at(65) });
    }

    #[test]
    fn an_attempt_that_was_not_executed_says_nothing_of_the_one_before() {
        assert_eq!(after(&second(), 2, Outcome::NotExecuted), State::Unanswered { until: at(90) });
    }

    #[test]
    fn what_may_be_repeated_anyway_is_never_in_doubt() {
        let after = |entry: &Entry, number, outcome| {
            let made = Made { reuse: Reuse::Always, ..made(number, entry) };
            settle(Some(entry), &made, outcome, at(1)).unwrap().state
        };
        let failed = after(&first(), 1, Outcome::Failed { status: 500 });
        assert_eq!(failed, State::Unanswered { until: at(60) });
        assert_eq!(after(&second(), 2, Outcome::Rejected), State::Rejected);
    }

    #[test]
    fn an_attempt_that_was_taken_over_settles_nothing_but_a_success() {
        let (first, second) = (first(), second());
        let others = [
            Outcome::Rejected,
            Outcome::NotExecuted,
            Outcome::Failed { status: 500 },
            Outcome::Unanswered,
        ];
        for outcome in others {
            assert_eq!(
                settle(Some(&second), &made(1, &first), outcome, at(70)),
                None,
                "{outcome:?}"
            );
        }
        let settled = settle(Some(&second), &made(1, &first), Outcome::Succeeded, at(70)).unwrap();
        assert_eq!(settled.state, State::Succeeded);
    }

    #[test]
    fn a_success_is_written_with_its_own_key_and_request_whatever_stands_there() {
        let late = first();
        let states = [
            State::Prepared,
            State::Rejected,
            State::Unanswered { until: at(60) },
            unknown(Inconclusive::Stored { status: 500 }, 60),
            second().state,
        ];
        for state in states {
            let fingerprint = fingerprint(b"other");
            let there = Entry { key: key(7), attempts: 5, fingerprint, ..entry(state) };
            let settled =
                settle(Some(&there), &made(1, &late), Outcome::Succeeded, at(70)).unwrap();
            assert_eq!(settled, Entry { state: State::Succeeded, attempts: 5, ..late.clone() });
        }
    }

    #[test]
    fn nothing_displaces_a_success() {
        let (there, own) = (entry(State::Succeeded), first());
        for outcome in [Outcome::Unanswered, Outcome::Rejected, Outcome::Succeeded] {
            assert_eq!(settle(Some(&there), &made(1, &own), outcome, at(1)), None, "{outcome:?}");
        }
    }

    #[test]
    fn what_became_of_an_attempt_is_written_although_its_entry_is_gone() {
        let own = first();
        let rejected = settle(None, &made(1, &own), Outcome::Rejected, at(1)).unwrap();
        assert_eq!(rejected.state, State::Rejected);
        let succeeded = settle(None, &made(1, &own), Outcome::Succeeded, at(1)).unwrap();
        assert_eq!(succeeded.state, State::Succeeded);
    }

    #[test]
    fn an_effect_that_was_found_is_a_success() {
        let there = entry(unknown(Inconclusive::RejectedLater, 90));
        let known = found(Some(&there), &there).unwrap();
        assert!(matches!(
            begin(Some(&known), &wish(2), LASTING, at(1)),
            Begin::Not(Halt::Succeeded(_))
        ));
    }
}
