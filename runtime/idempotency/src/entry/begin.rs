//! Who may send, under which key.

use std::time::Duration;

use specwright_store::StoreTime;

use super::record::{AttemptId, Doubt, Earlier, Entry, GivenUp, State};
use crate::fingerprint::Fingerprint;
use crate::key::IdempotencyKey;
use crate::reuse::{Reuse, is_of_another_time};

/// What somebody wants who is about to send a request.
#[derive(Clone, Debug)]
pub(crate) struct Wish {
    pub(crate) fingerprint: Fingerprint,
    pub(crate) reuse: Reuse,
    /// The name of the attempt.
    pub(crate) attempt: AttemptId,
    /// The key of the operation, if it needs a new one.
    pub(crate) fresh: IdempotencyKey,
    /// The key that is given up although nobody knows what became of it.
    pub(crate) given_up: Option<GivenUp>,
}

/// What somebody who wants to send is to do.
#[derive(Debug)]
pub(crate) enum Begin {
    /// Write this entry, then send under its key.
    Mine(Entry),
    /// Send: the entry is written already. An earlier write was made although nobody said so.
    Standing(Entry),
    /// Do not send.
    Not(Halt),
    /// Write this entry, and do not send: the clock was set back, and its moments are in the time of now.
    Redated(Entry, Halt),
}

/// Why somebody is not to send.
#[derive(Debug)]
pub(crate) enum Halt {
    /// Somebody sends right now, or what was sent may be on its way. If nothing has changed by then, ask again.
    Busy(StoreTime),
    /// There is nothing left to do.
    Succeeded(Entry),
    /// It may have been executed, and sending it again could do it twice.
    InDoubt(Entry, Doubt),
    /// The operation was begun with another request, which was or may have been executed.
    OtherRequest,
}

/// Decides whether an attempt may be made that lasts so long.
pub(crate) fn begin(
    entry: Option<&Entry>,
    wish: &Wish,
    lasting: Duration,
    now: StoreTime,
) -> Begin {
    let Some(redated) = entry.and_then(|entry| redated(entry, now)) else {
        return begin_in_time(entry, wish, lasting, now);
    };
    match begin_in_time(Some(&redated), wish, lasting, now) {
        // Or it would be waited for anew each time that somebody asks.
        Begin::Not(halt) => Begin::Redated(redated, halt),
        begin => begin,
    }
}

/// As [`begin`], of an entry that was not written before the clock was set back.
fn begin_in_time(entry: Option<&Entry>, wish: &Wish, lasting: Duration, now: StoreTime) -> Begin {
    let end = now.after(lasting);
    let anew = |attempts, earlier| Begin::Mine(wish.anew(attempts, earlier, end, now));
    let Some(entry) = entry else { return anew(0, Earlier::WithoutEffect) };
    let in_doubt = |doubt| match &wish.given_up {
        Some(given_up) if given_up.is_still(entry) => anew(entry.attempts, given_up.earlier),
        _ => Begin::Not(Halt::InDoubt(entry.clone(), doubt)),
    };
    let is_same = entry.fingerprint == wish.fingerprint;
    let reuse = wish.reuse.allows(entry.first_sent, now, end);
    if !is_same && entry.state.may_have_effect() {
        return Begin::Not(Halt::OtherRequest);
    }
    match &entry.state {
        State::Prepared if is_same && reuse.is_ok() => {
            Begin::Mine(wish.again(entry, Earlier::WithoutEffect, end, now))
        }
        // Nothing was executed, so it may even be another request: the caller has mended it.
        State::Prepared | State::Rejected => anew(entry.attempts, Earlier::WithoutEffect),
        State::UnderWay { attempt, .. } if *attempt == wish.attempt => {
            Begin::Standing(entry.clone())
        }
        // A server need not hold back a second request while it executes the first, and nobody could tell by looking that
        // something has not happened which may still arrive.
        State::UnderWay { until, .. } | State::Unknown { until, .. } if now < *until => {
            Begin::Not(Halt::Busy(*until))
        }
        State::Unanswered { until } if wish.reuse != Reuse::Always && now < *until => {
            Begin::Not(Halt::Busy(*until))
        }
        // Whoever sent did not live to say what became of it, or had no answer.
        State::UnderWay { until, .. } | State::Unanswered { until } => match reuse {
            // What is on its way from before counts too.
            Ok(()) => Begin::Mine(wish.again(entry, Earlier::Unknown, end.max(*until), now)),
            Err(doubt) => in_doubt(doubt),
        },
        State::Unknown { answer, .. } => in_doubt((*answer).into()),
        State::Succeeded => Begin::Not(Halt::Succeeded(entry.clone())),
    }
}

impl Wish {
    /// An entry for the first request under a new key.
    fn anew(&self, attempts: u32, earlier: Earlier, until: StoreTime, now: StoreTime) -> Entry {
        Entry {
            key: self.fresh.clone(),
            fingerprint: self.fingerprint,
            first_sent: Some(now),
            last_sent: now,
            attempts: attempts.saturating_add(1),
            state: State::UnderWay { attempt: self.attempt.clone(), until, earlier },
        }
    }

    /// An entry for a further request under the key that is there.
    fn again(&self, entry: &Entry, earlier: Earlier, until: StoreTime, now: StoreTime) -> Entry {
        Entry {
            last_sent: now,
            attempts: entry.attempts.saturating_add(1),
            state: State::UnderWay { attempt: self.attempt.clone(), until, earlier },
            ..entry.clone()
        }
    }
}

/// An entry of which nobody knows how long ago it was written, because the clock was set back since; `None` for any other.
///
/// What may be on its way is waited for as long as it was to last, from now on.
fn redated(entry: &Entry, now: StoreTime) -> Option<Entry> {
    let of_this_time = |until: StoreTime| now.after(entry.last_sent.until(until));
    let state = match &entry.state {
        State::UnderWay { attempt, until, earlier } => {
            let (attempt, until) = (attempt.clone(), of_this_time(*until));
            State::UnderWay { attempt, until, earlier: *earlier }
        }
        State::Unanswered { until } => State::Unanswered { until: of_this_time(*until) },
        State::Unknown { answer, until } => {
            State::Unknown { answer: *answer, until: of_this_time(*until) }
        }
        // Nothing is waited for, and what is begun anew has another key.
        State::Prepared | State::Succeeded | State::Rejected => return None,
    };
    let mut moments = entry.first_sent.into_iter().chain([entry.last_sent]);
    let is_of_now = moments.all(|moment| !is_of_another_time(moment, now));
    (!is_of_now).then(|| Entry { first_sent: None, last_sent: now, state, ..entry.clone() })
}

#[cfg(test)]
mod tests {
    use super::super::record::Inconclusive;
    use super::super::sample::{
        HOUR, LASTING, at, attempt, entry, fingerprint, key, keyless, mine, repeatable, wish,
    };
    use super::*;

    fn under_way(number: u8) -> Entry {
        entry(State::UnderWay {
            attempt: attempt(number),
            until: at(60),
            earlier: Earlier::WithoutEffect,
        })
    }

    fn unanswered() -> Entry {
        entry(State::Unanswered { until: at(60) })
    }

    /// Somebody who looked when the entry was so, and found nothing.
    fn looked(entry: &Entry, wish: Wish) -> Wish {
        Wish { given_up: Some(GivenUp::of(entry, Earlier::WithoutEffect)), ..wish }
    }

    fn begun(entry: &Entry, wish: &Wish, seconds: u64) -> Begin {
        begin(Some(entry), wish, LASTING, at(seconds))
    }

    #[test]
    fn the_first_request_goes_under_the_fresh_key_and_stands_in_the_entry_before() {
        let written = mine(begin(None, &wish(2), LASTING, at(100)));
        let state = State::UnderWay {
            attempt: attempt(2),
            until: at(160),
            earlier: Earlier::WithoutEffect,
        };
        assert_eq!(written.state, state);
        assert_eq!((written.key, written.first_sent, written.attempts), (key(2), Some(at(100)), 1));
    }

    #[test]
    fn nobody_sends_while_somebody_else_does() {
        assert!(
            matches!(begun(&under_way(1), &wish(2), 59), Begin::Not(Halt::Busy(until)) if until == at(60))
        );
    }

    #[test]
    fn after_its_time_anybody_goes_on_under_the_same_key_and_in_doubt() {
        let taken = mine(begun(&under_way(1), &wish(2), 60));
        assert_eq!((taken.key, taken.first_sent, taken.last_sent), (key(1), Some(at(0)), at(60)));
        assert!(matches!(taken.state, State::UnderWay { earlier: Earlier::Unknown, .. }));
        assert_eq!(taken.attempts, 2);
    }

    #[test]
    fn what_was_sent_before_the_clock_was_set_back_is_waited_for_once_and_its_key_is_too_old() {
        let until = at(10 * HOUR + 60);
        let earlier = Earlier::WithoutEffect;
        let states = [
            (State::UnderWay { attempt: attempt(1), until, earlier }, Doubt::WindowExpired),
            (State::Unanswered { until }, Doubt::WindowExpired),
            (State::Unknown { answer: Inconclusive::RejectedLater, until }, Doubt::RejectedLater),
        ];
        for (state, expected) in states {
            let moment = at(10 * HOUR);
            let entry = Entry { first_sent: Some(moment), last_sent: moment, ..entry(state) };
            let Begin::Redated(redated, Halt::Busy(until)) = begun(&entry, &wish(2), 100) else {
                panic!("not waited for: {entry:?}");
            };
            assert_eq!(until, at(160), "{redated:?}");
            let busy = begun(&redated, &wish(2), 159);
            assert!(matches!(busy, Begin::Not(Halt::Busy(until)) if until == at(160)), "{busy:?}");
            for seconds in [160, 10 * HOUR, 20 * HOUR, 33 * HOUR, 100 * HOUR] {
                let begun = begun(&redated, &wish(2), seconds);
                let Begin::Not(Halt::InDoubt(_, doubt)) = begun else { panic!("{begun:?}") };
                assert_eq!(doubt, expected, "{seconds}");
            }
        }
    }

    #[test]
    fn a_clock_that_is_set_back_by_less_than_half_an_hour_makes_others_wait_longer() {
        let entry = Entry { first_sent: Some(at(1_800)), last_sent: at(1_800), ..under_way(1) };
        let entry = Entry {
            state: State::UnderWay {
                attempt: attempt(1),
                until: at(1_860),
                earlier: Earlier::WithoutEffect,
            },
            ..entry
        };
        let busy = begun(&entry, &wish(2), 0);
        assert!(matches!(busy, Begin::Not(Halt::Busy(until)) if until == at(1_860)), "{busy:?}");
    }

    #[test]
    fn a_key_that_was_sent_again_before_the_clock_was_set_back_is_too_old() {
        let unanswered = State::Unanswered { until: at(10 * HOUR + 60) };
        let entry = Entry { last_sent: at(10 * HOUR), ..entry(unanswered) };
        let Begin::Redated(redated, _) = begun(&entry, &wish(2), 1) else { panic!("{entry:?}") };
        let begun = begun(&redated, &wish(2), 61);
        assert!(matches!(begun, Begin::Not(Halt::InDoubt(_, Doubt::WindowExpired))), "{begun:?}");
    }

    #[test]
    fn an_attempt_that_was_written_without_a_word_is_recognized() {
        assert!(matches!(begun(&under_way(2), &wish(2), 1), Begin::Standing(_)));
    }

    #[test]
    fn what_had_no_answer_is_sent_again_under_its_key_once_it_is_no_longer_on_its_way() {
        let busy = begun(&unanswered(), &wish(2), 59);
        assert!(matches!(busy, Begin::Not(Halt::Busy(until)) if until == at(60)), "{busy:?}");
        let again = mine(begun(&unanswered(), &wish(2), 60));
        assert_eq!(again.key, key(1));
        assert!(matches!(again.state, State::UnderWay { earlier: Earlier::Unknown, .. }));
    }

    #[test]
    fn what_may_be_repeated_anyway_is_sent_again_at_once() {
        assert_eq!(mine(begun(&unanswered(), &repeatable(2), 1)).attempts, 2);
    }

    #[test]
    fn what_is_on_its_way_from_before_counts_for_the_next_attempt() {
        let again = mine(begin(Some(&unanswered()), &repeatable(2), Duration::ZERO, at(1)));
        assert!(matches!(again.state, State::UnderWay { until, .. } if until == at(60)));
    }

    #[test]
    fn after_23_hours_what_had_no_answer_is_in_doubt() {
        for entry in [under_way(1), unanswered()] {
            assert_eq!(mine(begun(&entry, &wish(2), 23 * HOUR - 60)).key, key(1));
            let begun = begun(&entry, &wish(2), 23 * HOUR - 59);
            assert!(
                matches!(begun, Begin::Not(Halt::InDoubt(_, Doubt::WindowExpired))),
                "{begun:?}"
            );
        }
    }

    #[test]
    fn without_a_key_what_had_no_answer_is_in_doubt_once_it_is_no_longer_on_its_way() {
        for entry in [under_way(1), unanswered()] {
            let busy = begun(&entry, &keyless(2), 59);
            assert!(matches!(busy, Begin::Not(Halt::Busy(until)) if until == at(60)), "{busy:?}");
            let over = begun(&entry, &keyless(2), 60);
            assert!(matches!(over, Begin::Not(Halt::InDoubt(_, Doubt::NoKey))), "{over:?}");
        }
    }

    #[test]
    fn a_request_that_was_not_executed_is_sent_again_under_its_key_while_the_server_knows_it() {
        let prepared = entry(State::Prepared);
        let again = mine(begun(&prepared, &wish(2), 1));
        assert_eq!((again.key, again.first_sent), (key(1), Some(at(0))));
        assert!(matches!(again.state, State::UnderWay { earlier: Earlier::WithoutEffect, .. }));
        let later = mine(begun(&prepared, &wish(2), 23 * HOUR));
        assert_eq!((later.key, later.first_sent), (key(2), Some(at(23 * HOUR))));
    }

    #[test]
    fn after_a_rejection_the_key_is_another_one() {
        let again = mine(begun(&entry(State::Rejected), &wish(2), 1));
        assert_eq!((again.key, again.attempts), (key(2), 2));
    }

    #[test]
    fn what_succeeded_is_not_sent_again() {
        let begun = begun(&entry(State::Succeeded), &wish(2), 1);
        assert!(matches!(begun, Begin::Not(Halt::Succeeded(entry)) if entry.key == key(1)));
    }

    #[test]
    fn what_is_in_doubt_is_not_sent_again_unless_its_key_is_given_up() {
        for answer in [Inconclusive::Stored { status: 500 }, Inconclusive::RejectedLater] {
            let entry = entry(State::Unknown { answer, until: at(0) });
            assert!(
                matches!(begun(&entry, &wish(2), 1), Begin::Not(Halt::InDoubt(_, of)) if of == answer.into())
            );
            let given_up = looked(&entry, wish(2));
            assert_eq!(mine(begun(&entry, &given_up, 1)).key, key(2));
            let other = Entry { key: key(7), ..entry.clone() };
            let another = looked(&other, wish(2));
            assert!(matches!(begun(&entry, &another, 1), Begin::Not(Halt::InDoubt(..))));
        }
    }

    #[test]
    fn a_key_is_not_given_up_by_who_has_not_seen_its_last_request() {
        let entry = Entry { attempts: 2, ..unanswered() };
        let wish = looked(&unanswered(), keyless(3));
        let begun = begun(&entry, &wish, 60);
        assert!(matches!(begun, Begin::Not(Halt::InDoubt(_, Doubt::NoKey))), "{begun:?}");
    }

    #[test]
    fn nobody_is_told_of_a_doubt_while_something_may_be_on_its_way() {
        let entry = entry(State::Unknown { answer: Inconclusive::RejectedLater, until: at(60) });
        let given_up = looked(&entry, wish(2));
        for wish in [wish(2), given_up] {
            let busy = begun(&entry, &wish, 59);
            assert!(matches!(busy, Begin::Not(Halt::Busy(until)) if until == at(60)), "{busy:?}");
        }
        assert!(matches!(begun(&entry, &wish(2), 60), Begin::Not(Halt::InDoubt(..))));
    }

    #[test]
    fn who_gives_up_a_key_without_a_look_leaves_the_doubt_in_the_entry() {
        let unknown = entry(State::Unknown { answer: Inconclusive::RejectedLater, until: at(0) });
        for earlier in [Earlier::WithoutEffect, Earlier::Unknown] {
            let given_up = Wish { given_up: Some(GivenUp::of(&unknown, earlier)), ..wish(2) };
            let next = mine(begun(&unknown, &given_up, 1));
            assert!(
                matches!(next.state, State::UnderWay { earlier: known, .. } if known == earlier)
            );
        }
    }

    #[test]
    fn a_key_that_the_server_still_knows_is_not_given_up() {
        let given_up = looked(&unanswered(), wish(2));
        assert_eq!(mine(begun(&unanswered(), &given_up, 60)).key, key(1));
        assert!(matches!(
            begun(&entry(State::Succeeded), &given_up, 1),
            Begin::Not(Halt::Succeeded(_))
        ));
    }

    #[test]
    fn another_request_is_refused_once_the_first_may_have_been_executed() {
        let other = Wish { fingerprint: fingerprint(b"other"), ..wish(2) };
        let states = [
            under_way(1).state,
            State::Unanswered { until: at(0) },
            State::Succeeded,
            State::Unknown { answer: Inconclusive::RejectedLater, until: at(0) },
        ];
        for state in states {
            let begun = begun(&entry(state), &other, 30 * HOUR);
            assert!(matches!(begun, Begin::Not(Halt::OtherRequest)), "{begun:?}");
        }
    }

    #[test]
    fn another_request_may_follow_one_that_was_not_executed_and_has_another_key() {
        let other = Wish { fingerprint: fingerprint(b"other"), ..wish(2) };
        for state in [State::Prepared, State::Rejected] {
            let begun = mine(begun(&entry(state), &other, 1));
            assert_eq!((begun.key, begun.fingerprint), (key(2), other.fingerprint));
        }
    }
}
