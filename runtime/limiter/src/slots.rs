//! Slots: so many requests may be in flight at once, and tenants get them in turn.

#[cfg(test)]
mod simulation;
mod turns;

use std::error::Error as StdError;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::quota::Lane;
use turns::{Place, Turns};

/// The slots of one tenant. Cheap to clone.
///
/// All tenants share the slots of one [`Slots::new`], and none holds more than its limit. While no slot is free, those who wait
/// are served in turn: one request of each tenant that has some waiting, then the next one of each. So however many one
/// tenant lines up, the others wait for one of them at most.
#[derive(Clone)]
pub struct Slots {
    turns: Arc<Mutex<Turns>>,
    tenant: Arc<str>,
}

/// How many requests may be in flight at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InFlight {
    /// Of all tenants together.
    pub of_all: u32,
    /// Of each tenant.
    pub per_tenant: u32,
}

/// The right to have one request in flight. Dropping it gives it on to whoever's turn it is.
#[derive(Debug)]
#[must_use = "a slot that is dropped is given on"]
pub struct Slot {
    slots: Slots,
}

/// Why there is no slot now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TooManyInFlight {
    /// So many requests of the tenant are in flight, and more must not be.
    OfTenant(u32),
    /// So many requests of all tenants are in flight, and more must not be.
    OfAll(u32),
}

impl Slots {
    /// So many slots, and those of the tenant without a name. A limit of 0 would hold everybody for ever; it is taken for 1.
    pub fn new(most: InFlight) -> Self {
        let InFlight { of_all, per_tenant } = most;
        let most = InFlight { of_all: of_all.max(1), per_tenant: per_tenant.max(1) };
        Self { turns: Arc::new(Mutex::new(Turns::new(most))), tenant: Arc::from("") }
    }

    /// The same slots, for a tenant.
    pub fn of_tenant(&self, tenant: &str) -> Self {
        Self { turns: Arc::clone(&self.turns), tenant: Arc::from(tenant) }
    }

    /// A slot, as soon as it is this tenant's turn. Within the tenant those who wait are served in their order, the
    /// interactive lane first.
    ///
    /// Whoever drops the future has left the line, and a slot that it was about to get goes on to the next one.
    pub async fn take(&self, lane: Lane) -> Slot {
        let Some(waiting) = self.line_up(lane) else { return Slot { slots: self.clone() } };
        waiting.served.notified().await;
        waiting.into_slot()
    }

    /// A slot if one is free now.
    ///
    /// # Errors
    ///
    /// Says which limit leaves none.
    pub fn take_free(&self) -> Result<Slot, TooManyInFlight> {
        self.turns().take(&self.tenant).map(|()| Slot { slots: self.clone() })
    }

    /// Takes a slot if one is free, or else a place in the line.
    fn line_up(&self, lane: Lane) -> Option<Waiting<'_>> {
        let mut turns = self.turns();
        if turns.take(&self.tenant).is_ok() {
            return None;
        }
        let served = Arc::new(Notify::new());
        let place = turns.line_up(&self.tenant, lane, Arc::clone(&served));
        Some(Waiting { slots: self, served, place: Some(place) })
    }

    fn turns(&self) -> MutexGuard<'_, Turns> {
        // No change of the turns can break off half way.
        self.turns.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place in the line. It is left when it is dropped.
struct Waiting<'a> {
    slots: &'a Slots,
    served: Arc<Notify>,
    /// Until the slot is in somebody's hand.
    place: Option<Place>,
}

impl Waiting<'_> {
    /// The slot that this place was served with.
    fn into_slot(mut self) -> Slot {
        self.place = None;
        Slot { slots: self.slots.clone() }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let Some(place) = self.place else { return };
        let next = self.slots.turns().leave(&self.slots.tenant, place);
        tell(next);
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let next = self.slots.turns().give_back(&self.slots.tenant);
        tell(next);
    }
}

/// Tells the next one that it has its slot. Never under the lock: who wakes a task may run it at once.
fn tell(next: Option<Arc<Notify>>) {
    if let Some(next) = next {
        next.notify_one();
    }
}

impl fmt::Debug for Slots {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.debug_struct("Slots").field("tenant", &self.tenant).finish_non_exhaustive()
    }
}

impl fmt::Display for TooManyInFlight {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OfTenant(most) => {
                write!(to, "{most} requests of this tenant are in flight, and none ended in time")
            }
            Self::OfAll(most) => {
                write!(to, "{most} requests of all tenants are in flight, and none ended in time")
            }
        }
    }
}

impl StdError for TooManyInFlight {}
