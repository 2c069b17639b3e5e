//! Who has slots, who waits for one, and whose turn it is. No time, and nothing that waits.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::Notify;

use super::{InFlight, TooManyInFlight};
use crate::quota::Lane;

/// The slots of all tenants together.
///
/// Where a slot is free, nobody waits who could have it. Everything else follows from that: one slot that comes back serves
/// one caller at most, and whoever finds a free slot overtakes nobody.
#[derive(Debug)]
pub(super) struct Turns {
    most: InFlight,
    in_flight: u32,
    /// Those who hold slots or wait, and nobody else.
    tenants: BTreeMap<Arc<str>, Tenant>,
    /// Those for whom somebody waits who could have a slot, in the order in which they are served.
    order: BTreeMap<u64, Arc<str>>,
    /// The next number, of a turn or of a place.
    next: u64,
}

#[derive(Debug, Default)]
struct Tenant {
    in_flight: u32,
    /// By lane, and first come first served within one.
    waiting: BTreeMap<(Lane, u64), Arc<Notify>>,
    /// Its place in the order.
    turn: Option<u64>,
}

/// The place of one caller that waits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    lane: Lane,
    number: u64,
}

impl Turns {
    pub(super) fn new(most: InFlight) -> Self {
        Self { most, in_flight: 0, tenants: BTreeMap::new(), order: BTreeMap::new(), next: 0 }
    }

    /// Takes a slot for this tenant, if one is free.
    pub(super) fn take(&mut self, name: &Arc<str>) -> Result<(), TooManyInFlight> {
        let of_tenant = self.tenants.get(name).map_or(0, |tenant| tenant.in_flight);
        if of_tenant >= self.most.per_tenant {
            return Err(TooManyInFlight::OfTenant(of_tenant));
        }
        if self.in_flight >= self.most.of_all {
            return Err(TooManyInFlight::OfAll(self.in_flight));
        }
        self.in_flight += 1;
        self.change(name, |tenant| tenant.in_flight += 1);
        Ok(())
    }

    /// Lines up for a slot, of which none is free. `served` is told when there is one, which is held from then on.
    pub(super) fn line_up(&mut self, name: &Arc<str>, lane: Lane, served: Arc<Notify>) -> Place {
        let place = Place { lane, number: self.next };
        self.next += 1;
        self.change(name, |tenant| tenant.waiting.insert((lane, place.number), served));
        place
    }

    /// Steps out of the line. Whoever was served meanwhile has a slot, and gives it back: to the one that is to be told.
    pub(super) fn leave(&mut self, name: &Arc<str>, place: Place) -> Option<Arc<Notify>> {
        let waited = self.change(name, |tenant| tenant.waiting.remove(&(place.lane, place.number)));
        match waited {
            Some(_) => None,
            None => self.give_back(name),
        }
    }

    /// Gives a slot back, and on to the one that is to be told.
    pub(super) fn give_back(&mut self, name: &Arc<str>) -> Option<Arc<Notify>> {
        self.in_flight -= 1;
        self.change(name, |tenant| tenant.in_flight -= 1);
        let (_, next) = self.order.pop_first()?;
        let served = self.change(&next, |tenant| {
            // It has had its turn, and lines up behind all others for the next one.
            tenant.turn = None;
            let (_, served) = tenant.waiting.pop_first()?;
            tenant.in_flight += 1;
            Some(served)
        })?;
        self.in_flight += 1;
        Some(served)
    }

    /// Changes a tenant, and with it whether it has a turn and has to be kept.
    fn change<T>(&mut self, name: &Arc<str>, change: impl FnOnce(&mut Tenant) -> T) -> T {
        let tenant = self.tenants.entry(Arc::clone(name)).or_default();
        let outcome = change(tenant);
        let could_be_served = !tenant.waiting.is_empty() && tenant.in_flight < self.most.per_tenant;
        match tenant.turn {
            None if could_be_served => {
                tenant.turn = Some(self.next);
                self.order.insert(self.next, Arc::clone(name));
                self.next += 1;
            }
            Some(turn) if !could_be_served => {
                tenant.turn = None;
                self.order.remove(&turn);
            }
            None | Some(_) => {}
        }
        if tenant.in_flight == 0 && tenant.waiting.is_empty() {
            self.tenants.remove(name);
        }
        outcome
    }

    /// How many tenants are kept, and how many of them have a turn.
    #[cfg(test)]
    pub(super) fn remembered(&self) -> (usize, usize) {
        (self.tenants.len(), self.order.len())
    }
}
