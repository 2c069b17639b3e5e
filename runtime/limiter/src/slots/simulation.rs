//! Tenants that call, and requests that are in flight for one slot of time each. Waits are counted in such slots: no clock
//! has a part in it. Each run is a function of its seed.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};

use specwright_core::random::Random as _;
use specwright_testkit::SeededRandom;

use super::{InFlight, Slot, Slots, TooManyInFlight};
use crate::quota::Lane;

const TENANTS: usize = 1_000;

/// The tenant that may be noisy. It calls first, so that everybody else lines up behind it.
const NOISY: usize = 0;

/// What users get.
const USUAL: InFlight = InFlight { of_all: 256, per_tenant: 8 };

/// Limits with which nothing but the turns protects the others.
const WITHOUT_SHARES: InFlight = InFlight { of_all: 256, per_tenant: 256 };

/// So few that a hundred calls in their order of arrival would hold up the others for three slots.
const FEW: InFlight = InFlight { of_all: 32, per_tenant: 8 };

const ONE_AT_A_TIME: InFlight = InFlight { of_all: 1, per_tenant: 2 };

/// Everybody who calls, and what is in flight.
struct Hall {
    tenants: Vec<Slots>,
    now: usize,
    waiting: BTreeMap<usize, Caller>,
    woken: Arc<Mutex<Vec<usize>>>,
    in_flight: Vec<Slot>,
    calls: usize,
    /// For how many slots the calls of each tenant waited, in their order.
    waits: Vec<Vec<Option<usize>>>,
}

struct Caller {
    tenant: usize,
    /// Which call of the tenant.
    call: usize,
    since: usize,
    slot: Pin<Box<dyn Future<Output = Slot> + Send>>,
}

/// Says which caller was woken. Nobody else is looked after, so whoever is served and not woken waits for ever.
struct Bell {
    caller: usize,
    woken: Arc<Mutex<Vec<usize>>>,
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.woken.lock().unwrap().push(self.caller);
    }
}

impl Hall {
    fn new(most: InFlight, tenants: usize) -> Self {
        let slots = Slots::new(most);
        Self {
            tenants: (0..tenants).map(|name| slots.of_tenant(&name.to_string())).collect(),
            now: 0,
            waiting: BTreeMap::new(),
            woken: Arc::default(),
            in_flight: Vec::new(),
            calls: 0,
            waits: vec![Vec::new(); tenants],
        }
    }

    fn call(&mut self, tenant: usize) {
        self.call_in(Lane::default(), tenant);
    }

    fn call_in(&mut self, lane: Lane, tenant: usize) {
        let slots = self.tenants[tenant].clone();
        let slot = Box::pin(async move { slots.take(lane).await });
        let call = self.waits[tenant].len();
        self.waits[tenant].push(None);
        self.waiting.insert(self.calls, Caller { tenant, call, since: self.now, slot });
        self.look_after(self.calls);
        self.calls += 1;
    }

    fn look_after(&mut self, number: usize) {
        let Some(caller) = self.waiting.get_mut(&number) else { return };
        let bell = Bell { caller: number, woken: Arc::clone(&self.woken) };
        let waker = Waker::from(Arc::new(bell));
        if let Poll::Ready(slot) = caller.slot.as_mut().poll(&mut Context::from_waker(&waker)) {
            self.in_flight.push(slot);
            self.waits[caller.tenant][caller.call] = Some(self.now - caller.since);
            self.waiting.remove(&number);
        }
    }

    fn look_after_the_woken(&mut self) {
        let woken = std::mem::take(&mut *self.woken.lock().unwrap());
        for caller in woken {
            self.look_after(caller);
        }
    }

    /// One slot of time passes: what is in flight ends, and others take its place.
    fn pass(&mut self) {
        self.now += 1;
        let ended = std::mem::take(&mut self.in_flight);
        drop(ended);
        self.look_after_the_woken();
    }

    fn pass_until_all_are_served(&mut self) {
        while !self.waiting.is_empty() {
            self.pass();
            assert!(self.now < 100_000, "{} wait for ever", self.waiting.len());
        }
        self.pass();
    }

    /// How many tenants are in memory, and turns of them.
    fn remembered(&self) -> (usize, usize) {
        self.tenants[0].turns().remembered()
    }
}

/// How often a tenant calls: once in so many slots of time, at random within the first few of them. It never lines up behind
/// a call of its own, for whose turn it would wait as well.
#[derive(Clone, Copy, Debug)]
struct Round {
    length: u32,
    spread: u32,
}

/// For how long everybody waits if one tenant makes so many calls where the others make one.
fn waits(most: InFlight, round: Round, noise: usize) -> Vec<Vec<Option<usize>>> {
    let mut hall = Hall::new(most, TENANTS);
    let chance = SeededRandom::new(7);
    for _ in 0..30 {
        let moments: Vec<u32> = (0..TENANTS).map(|_| below(round.spread, &chance)).collect();
        for now in 0..round.length {
            for (tenant, moment) in moments.iter().enumerate() {
                if *moment == now {
                    let calls = if tenant == NOISY { noise } else { 1 };
                    (0..calls).for_each(|_| hall.call(tenant));
                }
            }
            hall.pass();
        }
    }
    hall.pass_until_all_are_served();
    assert_eq!(hall.remembered(), (0, 0));
    hall.waits
}

fn below(most: u32, chance: &SeededRandom) -> u32 {
    let mut bytes = [0; 4];
    chance.fill(&mut bytes);
    u32::from_le_bytes(bytes) % most
}

#[test]
fn one_tenant_at_a_hundred_times_the_calls_costs_no_call_of_999_others_more_than_one_slot() {
    for (most, length, spread) in [
        (USUAL, 4, 1),
        (USUAL, 5, 3),
        (WITHOUT_SHARES, 4, 1),
        (WITHOUT_SHARES, 5, 3),
        (FEW, 35, 1),
        (FEW, 35, 20),
    ] {
        let round = Round { length, spread };
        let others = |noise| waits(most, round, noise).into_iter().skip(NOISY + 1).flatten();
        let (mut delay, mut wait) = (0, 0);
        for (calm, noisy) in others(1).zip(others(100)) {
            let (calm, noisy) = (calm.unwrap(), noisy.unwrap());
            delay = delay.max(noisy.saturating_sub(calm));
            wait = wait.max(calm);
        }
        assert!(wait > 0, "nobody waits with {most:?} and {round:?}");
        assert!(delay <= 1, "{delay} slots longer with {most:?} and {round:?}");
    }
}

#[test]
fn of_slots_that_come_one_by_one_a_crowd_of_one_tenant_takes_one_before_each_other_is_served() {
    let mut hall = Hall::new(ONE_AT_A_TIME, TENANTS);
    (0..100).for_each(|_| hall.call(NOISY));
    (1..TENANTS).for_each(|tenant| hall.call(tenant));
    hall.pass_until_all_are_served();
    for (place, waits) in hall.waits.iter().enumerate().skip(1) {
        // The first call of the noisy one had the slot at once. One more of its calls goes before all others.
        assert_eq!(*waits, [Some(place + 1)]);
    }
}

#[test]
fn tenants_with_many_calls_each_are_served_in_turn() {
    let mut hall = Hall::new(ONE_AT_A_TIME, 3);
    for tenant in [0, 0, 0, 1, 1, 2] {
        hall.call(tenant);
    }
    hall.pass_until_all_are_served();
    assert_eq!(hall.waits, [[0, 1, 4].map(Some).to_vec(), vec![Some(2), Some(5)], vec![Some(3)]]);
}

#[test]
fn within_a_tenant_the_interactive_lane_goes_first_and_each_lane_keeps_its_order() {
    let mut hall = Hall::new(ONE_AT_A_TIME, 1);
    for lane in [Lane::Bulk, Lane::Bulk, Lane::Interactive, Lane::Bulk, Lane::Interactive] {
        hall.call_in(lane, 0);
    }
    hall.pass_until_all_are_served();
    assert_eq!(hall.waits[0], [0, 3, 1, 4, 2].map(Some));
}

#[test]
fn no_tenant_holds_more_than_its_share_and_what_it_cannot_have_others_get() {
    let mut hall = Hall::new(InFlight { of_all: 5, per_tenant: 2 }, 3);
    for tenant in [0, 0, 0, 0, 1, 2] {
        hall.call(tenant);
    }
    assert_eq!(hall.waits, [vec![Some(0), Some(0), None, None], vec![Some(0)], vec![Some(0)]]);
    let free = |tenant: usize| hall.tenants[tenant].take_free().map(drop);
    assert_eq!([0, 1].map(free), [Err(TooManyInFlight::OfTenant(2)), Ok(())]);
}

#[test]
fn nobody_waits_while_a_slot_is_free_that_they_could_have() {
    let mut hall = Hall::new(USUAL, 40);
    for _ in 0..20 {
        (0..40).for_each(|tenant| hall.call(tenant));
    }
    let mut served = Vec::new();
    while !hall.waiting.is_empty() {
        served.push(hall.in_flight.len());
        hall.pass();
    }
    assert_eq!(served, [256, 256, 256]);
}

#[test]
fn nothing_leaks_when_half_of_those_who_wait_are_dropped() {
    let mut hall = Hall::new(WITHOUT_SHARES, 50);
    let chance = SeededRandom::new(11);
    for _ in 0..100 {
        for _ in 0..500 {
            hall.call(below(50, &chance) as usize);
        }
        // Some of them have a slot by now, and have not seen it yet.
        hall.in_flight.clear();
        hall.waiting.retain(|_, _| below(2, &chance) == 0);
        hall.look_after_the_woken();
        assert!(hall.in_flight.len() <= 256);
        let is_full = hall.in_flight.len() == 256;
        assert!(is_full || hall.waiting.is_empty(), "{} wait", hall.waiting.len());
    }
    hall.pass_until_all_are_served();
    assert_eq!(hall.remembered(), (0, 0));
}

#[test]
fn a_slot_that_its_caller_never_saw_goes_to_the_next_one() {
    let mut hall = Hall::new(ONE_AT_A_TIME, 3);
    (0..3).for_each(|tenant| hall.call(tenant));
    hall.in_flight.clear();
    hall.waiting.remove(&1);
    hall.look_after_the_woken();
    assert_eq!(hall.waits[2], [Some(0)]);
}

#[test]
fn a_tenant_is_in_memory_while_it_waits_or_holds() {
    let mut hall = Hall::new(ONE_AT_A_TIME, 3);
    (0..3).for_each(|tenant| hall.call(tenant));
    assert_eq!(hall.remembered(), (3, 2));
    hall.waiting.clear();
    assert_eq!(hall.remembered(), (1, 0));
    hall.in_flight.clear();
    assert_eq!(hall.remembered(), (0, 0));
}
