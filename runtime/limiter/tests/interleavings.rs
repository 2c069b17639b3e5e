//! Slots under every order in which callers may take them, give them back and give up, as far as a seeded search finds them.
//!
//! Shuttle decides which thread goes on between any two of these. A caller that nobody wakes is a deadlock, which it reports
//! with the schedule that led there.

#![allow(clippy::unwrap_used, reason = "what a test cannot do without stops it")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use shuttle::future::{block_on, spawn};
use shuttle::scheduler::{PctScheduler, RandomScheduler};
use shuttle::{Config, Runner, thread};
use specwright_limiter::{InFlight, Lane, Slots};

/// Runs a scenario in many orders: any order, and such as differ from a plain one in few places, where most mistakes lie.
fn explore(scenario: impl Fn() + Send + Sync + Copy + 'static) {
    let mut config = Config::new();
    config.stack_size = 1 << 18;
    Runner::new(RandomScheduler::new_from_seed(SEED, ORDERS), config.clone()).run(scenario);
    Runner::new(PctScheduler::new_from_seed(SEED, 3, ORDERS), config).run(scenario);
}

const SEED: u64 = 20_261_122;
const ORDERS: usize = 1_000;

/// Two slots, of which a tenant may have one.
const FEW: InFlight = InFlight { of_all: 2, per_tenant: 1 };

/// What is in flight, counted by those who fly.
#[derive(Clone)]
struct Sky {
    slots: Slots,
    of_all: Arc<AtomicU32>,
    of_tenant: Arc<AtomicU32>,
}

impl Sky {
    /// The sky as each of three tenants sees it.
    fn of_three_tenants() -> [Self; 3] {
        let (slots, of_all) = (Slots::new(FEW), Arc::<AtomicU32>::default());
        ["a", "b", "c"].map(|tenant| Self {
            slots: slots.of_tenant(tenant),
            of_all: Arc::clone(&of_all),
            of_tenant: Arc::default(),
        })
    }

    async fn fly(&self) {
        let slot = self.slots.take(Lane::Bulk).await;
        for (count, most) in [(&self.of_all, FEW.of_all), (&self.of_tenant, FEW.per_tenant)] {
            assert!(count.fetch_add(1, Ordering::Relaxed) < most, "one too many is in flight");
        }
        thread::sleep(Duration::ZERO);
        self.of_all.fetch_sub(1, Ordering::Relaxed);
        self.of_tenant.fetch_sub(1, Ordering::Relaxed);
        drop(slot);
    }
}

#[test]
fn every_caller_gets_its_slot_and_no_limit_is_exceeded() {
    explore(|| {
        let tenants = Sky::of_three_tenants();
        let callers = [0, 0, 1, 1, 2].map(|tenant| {
            let sky = tenants[tenant].clone();
            thread::spawn(move || block_on(sky.fly()))
        });
        for caller in callers {
            caller.join().unwrap();
        }
    });
}

#[test]
fn a_caller_that_gives_up_at_any_point_leaves_no_hole() {
    explore(|| {
        let tenants = Sky::of_three_tenants();
        let given_up = [0, 1].map(|tenant| {
            let slots = tenants[tenant].slots.clone();
            // It holds nothing that it counted, whenever it is dropped.
            spawn(async move { drop(slots.take(Lane::Interactive).await) })
        });
        let callers = [0, 1, 2].map(|tenant| {
            let sky = tenants[tenant].clone();
            thread::spawn(move || block_on(sky.fly()))
        });
        for caller in &given_up {
            caller.abort();
        }
        for caller in callers {
            caller.join().unwrap();
        }
        // Some of them had their slot before they were told to give up.
        for caller in given_up {
            block_on(caller).ok();
        }
        let taken = [0, 1].map(|tenant: usize| tenants[tenant].slots.take_free().map(Some));
        assert!(taken.iter().all(Result::is_ok), "{taken:?}");
    });
}
