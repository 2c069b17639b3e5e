//! What one process knows of a grant, under every order in which its tasks may run, as far as a seeded search finds them.
//!
//! The code under test is the one that users run: shuttle decides which task goes on wherever it touches the world
//! ([`stage`]), and that is before and after every lock of the slot. A task that nobody wakes is a deadlock, which shuttle
//! reports, with the schedule that led there.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what a test cannot do without stops it")]

mod stage;

use std::time::Duration;

use shuttle::scheduler::{PctScheduler, RandomScheduler};
use shuttle::{Config, Runner, thread};
use specwright_refresh::{Generation, Renewal};

use crate::stage::Stage;

/// A time at which the first token is not served any more.
const EXPIRED: Duration = Duration::from_secs(7_190);

/// A time at which the first token is served, and the next one fetched.
const SOON: Duration = Duration::from_secs(7_000);

/// The generation of the pair that the grant was connected with.
const FIRST: Generation = Generation::new(1);

/// Runs a scenario in many orders: any order, and such as differ from a plain one in few places, where most mistakes lie.
fn explore(scenario: impl Fn() + Send + Sync + Copy + 'static) {
    let mut config = Config::new();
    config.stack_size = 1 << 18;
    Runner::new(RandomScheduler::new_from_seed(SEED, ORDERS), config.clone()).run(scenario);
    Runner::new(PctScheduler::new_from_seed(SEED, 3, ORDERS), config).run(scenario);
}

const SEED: u64 = 20_261_122;
const ORDERS: usize = 500;

#[test]
fn callers_at_expiry_are_one_flight_and_all_of_them_wake() {
    explore(|| {
        let stage = Stage::connected(EXPIRED);
        let callers =
            [(); 3].map(|()| stage.clone()).map(|stage| thread::spawn(move || stage.token()));
        let tokens = callers.map(|caller| caller.join().unwrap().unwrap().generation());
        assert_eq!(tokens, [FIRST.next(); 3]);
        assert_eq!((stage.flights(), stage.requests()), (1, 1));
    });
}

#[test]
fn refusals_of_one_token_are_one_flight_however_late_they_come() {
    explore(|| {
        let stage = Stage::connected(Duration::ZERO);
        let callers = [(); 3].map(|()| stage.clone()).map(|stage| {
            thread::spawn(move || {
                assert_eq!(stage.refuse(FIRST), Renewal::Possible);
                stage.token().unwrap().generation()
            })
        });
        let tokens = callers.map(|caller| caller.join().unwrap());
        assert_eq!(tokens, [FIRST.next(); 3]);
        assert_eq!((stage.flights(), stage.requests()), (1, 1));
    });
}

#[test]
fn whoever_refuses_a_token_while_it_is_renewed_ahead_gets_a_newer_one() {
    explore(|| {
        let stage = Stage::connected(SOON);
        let other = stage.clone();
        let caller = thread::spawn(move || other.token().unwrap().generation());
        let seen = stage.token().unwrap().generation();
        assert_eq!(stage.refuse(seen), Renewal::Possible);
        let after = stage.token().unwrap().generation();
        assert!(after > seen, "{after:?} after {seen:?}");
        assert!(caller.join().unwrap() <= after);
    });
}

#[test]
fn a_flight_that_is_dropped_at_any_point_gives_way_to_another() {
    explore(|| {
        let stage = Stage::connected(EXPIRED);
        let executor = stage.clone();
        let shutdown = thread::spawn(move || executor.drop_a_flight());
        let callers = [(); 2].map(|()| stage.clone()).map(|stage| {
            thread::spawn(move || {
                // One flight is dropped, so whoever waited for it succeeds with the next one.
                let token = stage.token().or_else(|_| stage.token());
                token.unwrap().generation()
            })
        });
        assert_eq!(callers.map(|caller| caller.join().unwrap()), [FIRST.next(); 2]);
        shutdown.join().unwrap();
        assert!(stage.flights() <= 2);
    });
}
