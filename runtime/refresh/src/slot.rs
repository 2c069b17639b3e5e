//! The state of one credential: pure decisions, no clock, no lock, no request.

use std::sync::Arc;
use std::time::Duration;

use specwright_backoff::Backoff;
use specwright_core::random::Random;

use crate::bearer::{Bearer, Generation};
use crate::credentials::Renewal;
use crate::lifetime::{Lifetime, Now};

/// The bound of the waits after passing failures: 1 s, 2 s, 4 s … 60 s.
const AFTER_PASSING: Backoff =
    Backoff { base: Duration::from_secs(1), cap: Duration::from_secs(60) };

/// The waits after a refusal that will not pass by itself: 1 min, 2 min, 4 min … 15 min.
const AFTER_REFUSAL: Backoff =
    Backoff { base: Duration::from_secs(60), cap: Duration::from_secs(900) };

/// How long a token that was fetched because of a refusal is kept through further refusals. An API that refuses a
/// fresh token refuses the next one too.
const FORCED_SPACING: Duration = Duration::from_secs(60);

/// One credential's newest token and what is under way.
#[derive(Debug, Default)]
pub(crate) struct Slot {
    held: Option<Held>,
    generation: Generation,
    flight: Flight,
    failures: u32,
    /// No request before this time of the monotonic clock.
    not_before: Duration,
    last_forced: Option<Duration>,
}

#[derive(Debug)]
struct Held {
    bearer: Arc<Bearer>,
    lifetime: Lifetime,
    standing: Standing,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Good,
    Refused,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Flight {
    #[default]
    Idle,
    UnderWay,
}

/// What a caller is to do.
#[derive(Clone, Debug)]
pub(crate) enum Ask {
    /// Use this token.
    Serve(Arc<Bearer>),
    /// Use this token, and start the refresh: nobody else will.
    ServeAndStart(Arc<Bearer>),
    /// Start the refresh and wait for it.
    Start,
    /// Wait for the refresh that is under way.
    Join,
    /// There is no token, and the wait after the last failure is not over.
    Closed {
        /// What is left of it.
        wait: Duration,
    },
}

/// Whether a failed refresh may succeed later by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// It may. The server may have said when.
    Passing { hint: Option<Duration> },
    /// It was refused; somebody must act.
    Refused,
}

impl Slot {
    /// Decides for one caller. After `Start` or `ServeAndStart` the refresh counts as under way until [`Self::commit`],
    /// [`Self::fail`] or [`Self::abandon`].
    pub(crate) fn ask(&mut self, now: Now) -> Ask {
        let closed = self.not_before.saturating_sub(now.monotonic);
        let startable = self.flight == Flight::Idle && closed.is_zero();
        if let Some(held) = self.usable(now) {
            let bearer = Arc::clone(&held.bearer);
            if !held.lifetime.soft.has_come(now) || !startable {
                return Ask::Serve(bearer);
            }
            self.flight = Flight::UnderWay;
            return Ask::ServeAndStart(bearer);
        }
        if self.flight == Flight::UnderWay {
            return Ask::Join;
        }
        if !startable {
            return Ask::Closed { wait: closed };
        }
        self.flight = Flight::UnderWay;
        Ask::Start
    }

    /// The generation of the token that the refresh under way will bring.
    pub(crate) fn next_generation(&self) -> Generation {
        self.generation.next()
    }

    /// The refresh brought a token.
    pub(crate) fn commit(&mut self, bearer: Arc<Bearer>, lifetime: Lifetime) {
        self.generation = bearer.generation();
        self.held = Some(Held { bearer, lifetime, standing: Standing::Good });
        self.flight = Flight::Idle;
        self.failures = 0;
        self.not_before = Duration::ZERO;
    }

    /// The refresh brought none. The token that is held stays as it is. Gives the wait until the next request.
    pub(crate) fn fail(&mut self, failure: Failure, now: Now, random: &dyn Random) -> Duration {
        let wait = match failure {
            Failure::Passing { hint } => {
                AFTER_PASSING.delay(self.failures, random).max(hint.unwrap_or_default())
            }
            Failure::Refused => AFTER_REFUSAL.bound(self.failures),
        };
        self.flight = Flight::Idle;
        self.failures = self.failures.saturating_add(1);
        self.not_before = now.monotonic.saturating_add(wait);
        wait
    }

    /// The refresh was dropped before it was done.
    pub(crate) fn abandon(&mut self) {
        self.flight = Flight::Idle;
    }

    /// The API refused the token of a generation.
    pub(crate) fn refuse(&mut self, generation: Generation, now: Now) -> Renewal {
        let Some(held) = self.held.as_mut().filter(|held| held.bearer.generation() == generation)
        else {
            // Another token is held by now. What is said about an older one is no news of it.
            return Renewal::Possible;
        };
        if held.standing == Standing::Refused {
            return Renewal::Possible;
        }
        let forced_lately = self
            .last_forced
            .is_some_and(|then| now.monotonic.saturating_sub(then) < FORCED_SPACING);
        if forced_lately {
            return Renewal::Impossible;
        }
        held.standing = Standing::Refused;
        self.last_forced = Some(now.monotonic);
        Renewal::Possible
    }

    fn usable(&self, now: Now) -> Option<&Held> {
        self.held
            .as_ref()
            .filter(|held| held.standing == Standing::Good && !held.lifetime.hard.has_come(now))
    }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;
    use crate::lifetime::Margins;

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

    const LIFE: u64 = 7_200;

    /// Within the soft window of a token issued at 0, and before its hard margin.
    const SOFT: u64 = LIFE - 100;

    /// After the hard margin of a token issued at 0.
    const HARD: u64 = LIFE - 10;

    fn at(seconds: u64) -> Now {
        let passed = Duration::from_secs(seconds);
        Now { wall: SystemTime::UNIX_EPOCH + passed, monotonic: passed }
    }

    fn commit(slot: &mut Slot, issued: u64) -> Generation {
        let generation = slot.next_generation();
        let bearer = Arc::new(Bearer::new(&"fake-token".into(), generation).unwrap());
        let life = Duration::from_secs(LIFE);
        slot.commit(bearer, Lifetime::new(at(issued), life, &Margins::default(), &Highest));
        generation
    }

    fn slot_with_token() -> Slot {
        let mut slot = Slot::default();
        assert!(matches!(slot.ask(at(0)), Ask::Start));
        commit(&mut slot, 0);
        slot
    }

    fn fail(slot: &mut Slot, seconds: u64) -> u64 {
        slot.fail(Failure::Passing { hint: None }, at(seconds), &Highest).as_secs()
    }

    #[test]
    fn the_first_caller_starts_and_all_others_join() {
        let mut slot = Slot::default();
        assert!(matches!(slot.ask(at(0)), Ask::Start));
        for _ in 0..10 {
            assert!(matches!(slot.ask(at(0)), Ask::Join));
        }
    }

    #[test]
    fn a_fresh_token_is_served_and_nothing_starts() {
        assert!(matches!(slot_with_token().ask(at(1)), Ask::Serve(_)));
    }

    #[test]
    fn in_the_soft_window_one_caller_starts_and_all_are_served() {
        let mut slot = slot_with_token();
        assert!(matches!(slot.ask(at(SOFT)), Ask::ServeAndStart(_)));
        assert!(matches!(slot.ask(at(SOFT)), Ask::Serve(_)));
    }

    #[test]
    fn within_the_hard_margin_nobody_is_served() {
        let mut slot = slot_with_token();
        assert!(matches!(slot.ask(at(HARD)), Ask::Start));
        assert!(matches!(slot.ask(at(HARD)), Ask::Join));
    }

    #[test]
    fn a_failure_leaves_a_valid_token_in_place() {
        let mut slot = slot_with_token();
        assert!(matches!(slot.ask(at(SOFT)), Ask::ServeAndStart(_)));
        fail(&mut slot, SOFT);
        assert!(matches!(slot.ask(at(SOFT)), Ask::Serve(_)));
    }

    #[test]
    fn after_a_failure_the_gate_is_closed_for_a_while() {
        let mut slot = Slot::default();
        slot.ask(at(100));
        assert_eq!(fail(&mut slot, 100), 1);
        assert!(matches!(slot.ask(at(100)), Ask::Closed { wait } if wait.as_secs() == 1));
        assert!(matches!(slot.ask(at(101)), Ask::Start));
    }

    #[test]
    fn the_gate_doubles_up_to_a_minute_and_a_success_resets_it() {
        let mut slot = Slot::default();
        let waits: Vec<u64> = (0..8).map(|_| fail(&mut slot, 0)).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60]);
        commit(&mut slot, 0);
        assert_eq!(fail(&mut slot, 0), 1);
    }

    #[test]
    fn the_server_may_ask_for_a_longer_wait() {
        let mut slot = Slot::default();
        let hint = Some(Duration::from_secs(30));
        let wait = slot.fail(Failure::Passing { hint }, at(0), &Highest);
        assert_eq!(wait, Duration::from_secs(30));
    }

    #[test]
    fn a_refused_program_asks_at_most_once_a_minute() {
        let mut slot = Slot::default();
        let waits: Vec<u64> =
            (0..6).map(|_| slot.fail(Failure::Refused, at(0), &Highest).as_secs()).collect();
        assert_eq!(waits, [60, 120, 240, 480, 900, 900]);
    }

    #[test]
    fn a_refused_token_is_not_served_again() {
        let mut slot = slot_with_token();
        assert_eq!(slot.refuse(slot.generation, at(10)), Renewal::Possible);
        assert!(matches!(slot.ask(at(10)), Ask::Start));
    }

    #[test]
    fn many_refusals_of_one_generation_are_one() {
        let mut slot = slot_with_token();
        let seen = slot.generation;
        for _ in 0..10 {
            assert_eq!(slot.refuse(seen, at(10)), Renewal::Possible);
        }
        assert!(matches!(slot.ask(at(10)), Ask::Start));
        assert!(matches!(slot.ask(at(10)), Ask::Join));
    }

    #[test]
    fn a_late_refusal_of_an_older_generation_changes_nothing() {
        let mut slot = slot_with_token();
        let old = slot.generation;
        commit(&mut slot, 5);
        assert_eq!(slot.refuse(old, at(10)), Renewal::Possible);
        assert!(matches!(slot.ask(at(10)), Ask::Serve(_)));
    }

    #[test]
    fn a_fresh_token_that_is_refused_again_is_kept_for_a_minute() {
        let mut slot = slot_with_token();
        slot.refuse(slot.generation, at(10));
        commit(&mut slot, 10);
        assert_eq!(slot.refuse(slot.generation, at(11)), Renewal::Impossible);
        assert!(matches!(slot.ask(at(11)), Ask::Serve(_)));
        assert_eq!(slot.refuse(slot.generation, at(70)), Renewal::Possible);
    }

    #[test]
    fn each_token_has_a_higher_generation() {
        let mut slot = slot_with_token();
        let first = slot.generation;
        assert!(commit(&mut slot, 5) > first);
    }

    #[test]
    fn an_abandoned_refresh_lets_the_next_caller_start() {
        let mut slot = Slot::default();
        slot.ask(at(0));
        slot.abandon();
        assert!(matches!(slot.ask(at(0)), Ask::Start));
    }
}
