//! What a call does next: the matrix, the attempts, the waits and the deadline in one pure function.

use std::time::Duration;

use specwright_core::random::Random;

use crate::delay::{Backoff, spread};
use crate::hint::Hint;
use crate::matrix::{Class, Decision, Event, decide};

/// How often a call gets a newer credential. The first one may have been waiting in a store, brought there by another
/// process before the API began to refuse it, so nobody has asked the server yet.
const RENEWALS: usize = 2;

/// How many waits that a 429 asked for cost a call nothing. They are there for windows that others use too, and whoever is
/// refused so often after each of them stands before a gateway that turns everybody away: obeyed without end, it would get a
/// request every second or two from each caller.
const FREE_WAITS: u32 = 5;

/// How often and how patiently a call is repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Policy {
    /// Sends within one call, the first included. Default: 3. Three kinds do not count: the replays after a 401, of
    /// which there are two, the sends after waits that a 429 asked for, of which there are five, and those of a key that is
    /// in use by a request before, of which there are three.
    pub attempts: u32,
    /// The waits that no server asked for.
    pub backoff: Backoff,
}

impl Default for Policy {
    fn default() -> Self {
        Self { attempts: 3, backoff: Backoff::DEFAULT }
    }
}

/// What the attempts of one call came to so far, oldest first.
#[derive(Clone, Debug, Default)]
pub struct History {
    events: Vec<Event>,
    counted: u32,
    /// Waits that cost nothing.
    free: u32,
}

/// The next thing to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The call succeeded.
    Accept,
    /// Get a newer credential, then send again.
    Renew,
    /// Sleep, then send again.
    Resend {
        /// How long to sleep.
        after: Duration,
        /// Whether the client's [`RetryBudget`](crate::RetryBudget) must agree.
        cost: Cost,
    },
    /// The call is over.
    Stop(Stop),
}

/// Whether a resend weighs on the retry budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cost {
    /// Spends one retry.
    OneRetry,
    /// The server named the time after a 429; obeying it is no burden to it, the first five times.
    Free,
}

/// Why a call is over without success.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The answer stands.
    Final,
    /// The request may have been executed and cannot be sent again without doubling its effect.
    Unknown,
    /// The server keeps this answer under the key; whether the effect took place is unknown.
    Stored,
    /// It may be sent again, but not within this call: attempts used up.
    Exhausted,
    /// It may be sent again after this wait, which is longer than the deadline leaves or than anyone should sleep.
    TooLate {
        /// The wait.
        wait: Duration,
    },
}

impl History {
    /// Whether any attempt may have been executed without a usable answer saying so.
    pub fn leaves_outcome_unknown(&self) -> bool {
        self.events.iter().any(|event| event.leaves_outcome_unknown())
    }

    /// Whether a single request before the last one may have reached the server, and may have been executed without a usable
    /// answer saying so.
    pub fn only_other_is_unknown(&self) -> bool {
        let earlier = self.events.split_last().map_or(&[][..], |(_, earlier)| earlier);
        let mut others = earlier.iter().filter(|event| **event != Event::NotSent);
        let only = others.next().filter(|_| others.next().is_none());
        only.is_some_and(|event| event.leaves_outcome_unknown())
    }

    /// Whether this event of the next attempt says that the key is in use by an earlier one, which may still be running: a
    /// 429 that says nothing of a wait, as the middleware of some servers answers then. It is about no rate.
    pub fn is_key_in_use(&self, event: Event, class: Class, hint: Option<Hint>) -> bool {
        let is_bare = event == Event::Throttled && hint.is_none();
        is_bare && class == Class::Keyed && self.leaves_outcome_unknown()
    }

    /// How often an event has occurred.
    fn times(&self, event: Event) -> usize {
        self.events.iter().filter(|earlier| **earlier == event).count()
    }
}

/// Notes the event of the attempt that just ended and says what comes next.
///
/// `time_left` is what the deadline of the call leaves now. A step never asks for a sleep that ends after it.
pub fn next_step(
    policy: &Policy,
    history: &mut History,
    event: Event,
    class: Class,
    hint: Option<Hint>,
    time_left: Duration,
    random: &dyn Random,
) -> Step {
    let before = history.times(event);
    let is_key_in_use = history.is_key_in_use(event, class, hint);
    history.events.push(event);
    let times = match decide(event, class) {
        Decision::Accept => return Step::Accept,
        Decision::Unknown => return Step::Stop(Stop::Unknown),
        Decision::Stored => return Step::Stop(Stop::Stored),
        Decision::Renew if before < RENEWALS => return Step::Renew,
        Decision::Final | Decision::Renew => return Step::Stop(Stop::Final),
        Decision::Resend { times } => usize::from(times),
    };
    if before >= times {
        return Step::Stop(Stop::Exhausted);
    }
    if is_key_in_use {
        return match IN_USE.get(before) {
            Some(wait) if *wait < time_left => Step::Resend { after: *wait, cost: Cost::OneRetry },
            Some(wait) => Step::Stop(Stop::TooLate { wait: *wait }),
            None => Step::Stop(Stop::Exhausted),
        };
    }
    let (wait, named) = match hint {
        Some(Hint::TooLong(wait)) => return Step::Stop(Stop::TooLate { wait }),
        // A wait of nothing is a moment that has passed; it says no more than no hint at all.
        None | Some(Hint::Wait(Duration::ZERO)) => (None, false),
        Some(Hint::Wait(wait)) => (Some(wait), true),
        Some(Hint::Documented(wait)) => (Some(wait), false),
    };
    // Both words of the server: it did not look at the request, and when it will. Nothing is repeated in vain.
    let invited = event == Event::Throttled && named && history.free < FREE_WAITS;
    if invited {
        history.free += 1;
    } else {
        history.counted = history.counted.saturating_add(1);
        if history.counted >= policy.attempts {
            return Step::Stop(Stop::Exhausted);
        }
    }
    let own = policy.backoff.delay(history.counted.saturating_sub(1), random);
    let least = floor(event, class);
    // Spread, so that a fleet that was told the same moment, or lost its answers in one, does not arrive together.
    let after = match wait {
        Some(wait) => wait.max(least).saturating_add(spread(random)),
        None => least.saturating_add(own),
    };
    if after >= time_left {
        return Step::Stop(Stop::TooLate { wait: after });
    }
    Step::Resend { after, cost: if invited { Cost::Free } else { Cost::OneRetry } }
}

/// For so long a request may go on at the server although nobody waits for it any more: this client, or a proxy that has
/// answered for it or broken the connection.
pub const AFTERMATH: Duration = Duration::from_secs(5);

/// The waits while a key is in use. What began before the request that found it so is mostly over soon.
const IN_USE: [Duration; 3] =
    [Duration::from_secs(1), Duration::from_secs(2), Duration::from_secs(4)];

/// The least wait before a key is used again while its first request may still be running: not every server holds the
/// second back until the first is done. Without a key nothing is doubled by sending at once what may be sent again at all.
fn floor(event: Event, class: Class) -> Duration {
    if class == Class::Keyed && event.leaves_outcome_unknown() { AFTERMATH } else { Duration::ZERO }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Always the largest number, so that a wait is its bound.
    #[derive(Debug)]
    struct Highest;

    impl Random for Highest {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(0xff);
        }

        fn up_to(&self, max: u64) -> u64 {
            max
        }
    }

    const PLENTY: Duration = Duration::from_secs(120);

    fn steps(events: &[Event], class: Class, hint: Option<Hint>) -> Vec<Step> {
        let mut history = History::default();
        let policy = Policy::default();
        events
            .iter()
            .map(|event| next_step(&policy, &mut history, *event, class, hint, PLENTY, &Highest))
            .collect()
    }

    fn after(millis: u64) -> Step {
        Step::Resend { after: Duration::from_millis(millis), cost: Cost::OneRetry }
    }

    #[test]
    fn three_sends_and_no_more() {
        assert_eq!(
            steps(&[Event::Lost; 3], Class::Safe, None),
            [after(500), after(1_000), Step::Stop(Stop::Exhausted)]
        );
    }

    #[test]
    fn a_foreign_fault_is_tried_once_more() {
        assert_eq!(
            steps(&[Event::UpstreamFault; 2], Class::Safe, None),
            [after(500), Step::Stop(Stop::Exhausted)]
        );
    }

    #[test]
    fn a_credential_is_renewed_twice() {
        assert_eq!(
            steps(&[Event::Unauthorized; 3], Class::Post, None),
            [Step::Renew, Step::Renew, Step::Stop(Stop::Final)]
        );
    }

    #[test]
    fn a_renewal_uses_up_no_attempt() {
        assert_eq!(
            steps(&[Event::Unauthorized, Event::Lost, Event::Lost], Class::Safe, None),
            [Step::Renew, after(500), after(1_000)]
        );
    }

    #[test]
    fn a_wait_that_a_429_asks_for_is_spread_and_costs_neither_attempt_nor_budget() {
        let step = Step::Resend { after: Duration::from_secs(8), cost: Cost::Free };
        let hint = Some(Hint::Wait(Duration::from_secs(7)));
        assert_eq!(steps(&[Event::Throttled; 5], Class::Post, hint), [step; 5]);
    }

    #[test]
    fn after_five_waits_that_cost_nothing_a_429_counts_as_any_other_failure() {
        let free = Step::Resend { after: Duration::from_secs(2), cost: Cost::Free };
        let hint = Some(Hint::Wait(Duration::from_secs(1)));
        let stop = Step::Stop(Stop::Exhausted);
        assert_eq!(
            steps(&[Event::Throttled; 8], Class::Post, hint),
            [free, free, free, free, free, after(2_000), after(2_000), stop]
        );
    }

    #[test]
    fn a_wait_that_only_the_document_states_is_kept_and_counts_as_any_retry() {
        let hint = Some(Hint::Documented(Duration::from_secs(7)));
        assert_eq!(
            steps(&[Event::Throttled; 3], Class::Post, hint),
            [after(8_000), after(8_000), Step::Stop(Stop::Exhausted)]
        );
    }

    #[test]
    fn a_429_whose_moment_has_passed_backs_off_as_without_a_hint() {
        let hint = Some(Hint::Wait(Duration::ZERO));
        assert_eq!(
            steps(&[Event::Throttled; 3], Class::Safe, hint),
            [after(500), after(1_000), Step::Stop(Stop::Exhausted)]
        );
    }

    #[test]
    fn a_hint_beyond_its_cap_ends_the_call_with_the_wait() {
        let wait = Duration::from_secs(5_000);
        assert_eq!(
            steps(&[Event::Throttled], Class::Safe, Some(Hint::TooLong(wait))),
            [Step::Stop(Stop::TooLate { wait })]
        );
    }

    /// What may go on at the server after this client has heard the last of it.
    const STILL_RUNNING: [Event; 5] =
        [Event::TimedOut, Event::Lost, Event::EdgeFault, Event::Unavailable, Event::Busy];

    #[test]
    fn a_key_whose_first_request_may_still_run_waits_five_seconds_and_what_is_drawn() {
        for event in STILL_RUNNING {
            assert_eq!(steps(&[event; 2], Class::Keyed, None), [after(5_500), after(6_000)]);
        }
    }

    #[test]
    fn a_key_whose_first_request_may_still_run_waits_five_seconds_whatever_the_server_asks_for() {
        for event in STILL_RUNNING {
            for (asked, expected) in [(1, 6_000), (7, 8_000)] {
                let hint = Some(Hint::Wait(Duration::from_secs(asked)));
                assert_eq!(steps(&[event], Class::Keyed, hint), [after(expected)], "{event:?}");
            }
        }
    }

    #[test]
    fn what_has_no_key_or_did_not_run_waits_for_nothing_of_the_kind() {
        for event in STILL_RUNNING {
            assert_eq!(steps(&[event], Class::Put, None), [after(500)], "{event:?}");
        }
        for event in [Event::NotSent, Event::RequestTimeout, Event::Throttled] {
            assert_eq!(steps(&[event], Class::Keyed, None), [after(500)], "{event:?}");
        }
    }

    #[test]
    fn a_key_that_is_in_use_by_a_request_before_is_asked_for_after_one_two_and_four_seconds() {
        let events = [Event::Lost].into_iter().chain([Event::Throttled; 4]).collect::<Vec<_>>();
        let stop = Step::Stop(Stop::Exhausted);
        assert_eq!(
            steps(&events, Class::Keyed, None),
            [after(5_500), after(1_000), after(2_000), after(4_000), stop]
        );
    }

    #[test]
    fn a_bare_429_is_of_a_key_in_use_only_after_a_request_that_may_still_run() {
        let wait = Some(Hint::Wait(Duration::from_secs(7)));
        let after = |event| {
            let mut history = History::default();
            next_step(&Policy::default(), &mut history, event, Class::Put, None, PLENTY, &Highest);
            history
        };
        let is_in_use =
            |event, class, hint| after(event).is_key_in_use(Event::Throttled, class, hint);
        assert!(is_in_use(Event::Lost, Class::Keyed, None));
        assert!(!is_in_use(Event::NotSent, Class::Keyed, None));
        assert!(!is_in_use(Event::Lost, Class::Put, None));
        assert!(!is_in_use(Event::Lost, Class::Keyed, wait));
    }

    #[test]
    fn no_sleep_reaches_the_deadline() {
        let mut history = History::default();
        let step = next_step(
            &Policy::default(),
            &mut history,
            Event::Lost,
            Class::Safe,
            None,
            Duration::from_millis(500),
            &Highest,
        );
        assert_eq!(step, Step::Stop(Stop::TooLate { wait: Duration::from_millis(500) }));
    }

    #[test]
    fn one_attempt_means_one_send() {
        let policy = Policy { attempts: 1, ..Policy::default() };
        let mut history = History::default();
        let step =
            next_step(&policy, &mut history, Event::NotSent, Class::Safe, None, PLENTY, &Highest);
        assert_eq!(step, Step::Stop(Stop::Exhausted));
    }

    #[test]
    fn the_history_remembers_an_unknown_outcome() {
        let mut history = History::default();
        let policy = Policy::default();
        for (event, unknown) in
            [(Event::NotSent, false), (Event::Lost, true), (Event::NotSent, true)]
        {
            next_step(&policy, &mut history, event, Class::Safe, None, PLENTY, &Highest);
            assert_eq!(history.leaves_outcome_unknown(), unknown, "{event:?}");
        }
    }
}
