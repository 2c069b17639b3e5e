//! One account: its quota, and those who wait for it.

use std::fmt;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::time::Duration;

use specwright_core::clock::Clock;

use crate::home::{Answer, Home, News};
use crate::limiter::Exhausted;
use crate::permit::Permit;
use crate::queue::{Queue, Ticket};
use crate::quota::{Lane, PermitId};

/// Calls that may wait for one quota. More would wait for minutes, and take memory for it.
const ROOM: usize = 256;

/// One account, as this process knows it.
pub(crate) struct Account {
    home: Home,
    queue: Mutex<Queue>,
    clock: Arc<dyn Clock>,
}

impl Account {
    pub(crate) fn new(home: Home, clock: Arc<dyn Clock>) -> Self {
        Self { home, queue: Mutex::default(), clock }
    }

    /// Waits for its turn and for the windows, at most for `patience`.
    pub(crate) async fn permit(
        self: &Arc<Self>,
        id: PermitId,
        lane: Lane,
        longest: Duration,
        patience: Duration,
    ) -> Result<Permit, Exhausted> {
        let end = self.clock.monotonic().saturating_add(patience);
        let place = Place::enter(self, lane)?;
        // Whoever cannot be served in time is told so at once, and holds nobody up.
        let least = self.home.estimate(place.ahead.saturating_add(1));
        if least > patience {
            return Err(Exhausted::new(least));
        }
        let mut permit = Permit::new(Arc::clone(self), id);
        loop {
            let asked = self.ask(&place, &mut permit, lane, longest).await;
            let left = end.saturating_sub(self.clock.monotonic());
            let wait = match asked {
                Some(Answer::Granted) => return Ok(permit),
                Some(Answer::Wait(wait)) => wait.min(left),
                None => left,
            };
            if left.is_zero() {
                return Err(Exhausted::new(self.home.estimate(1)));
            }
            self.changed(&place.ticket, wait).await;
        }
    }

    /// Asks, if it is its turn.
    async fn ask(
        &self,
        place: &Place<'_>,
        permit: &mut Permit,
        lane: Lane,
        longest: Duration,
    ) -> Option<Answer> {
        if !self.queue().is_first(&place.ticket) {
            return None;
        }
        let answer = self.home.take(permit.ask(), lane, longest).await;
        if let Answer::Wait(_) = answer {
            permit.was_not_given();
        }
        Some(answer)
    }

    /// Takes in what became known, and lets the first one try.
    pub(crate) fn tell(&self, news: News) {
        self.home.tell(news);
        self.queue().wake();
    }

    pub(crate) fn home(&self) -> &Home {
        &self.home
    }

    /// Whether it can be forgotten.
    pub(crate) fn is_idle(&self) -> bool {
        self.queue().is_empty() && self.home.is_fresh()
    }

    /// Waits until something may have changed for the holder of a ticket.
    async fn changed(&self, ticket: &Ticket, wait: Duration) {
        let mut changed = pin!(ticket.changed());
        let mut sleep = self.clock.sleep(wait);
        poll_fn(|context| match changed.as_mut().poll(context) {
            Poll::Ready(()) => Poll::Ready(()),
            Poll::Pending => sleep.as_mut().poll(context),
        })
        .await;
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        // No change of the queue can break off half way.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.debug_struct("Account").field("home", &self.home).finish_non_exhaustive()
    }
}

/// A place in the queue. It is left when it is dropped.
struct Place<'a> {
    account: &'a Account,
    ticket: Arc<Ticket>,
    /// How many are served before.
    ahead: u32,
}

impl<'a> Place<'a> {
    fn enter(account: &'a Account, lane: Lane) -> Result<Self, Exhausted> {
        let mut queue = account.queue();
        let ahead = u32::try_from(queue.ahead(lane)).unwrap_or(u32::MAX);
        let ticket = queue.enter(lane, ROOM);
        drop(queue);
        match ticket {
            Some(ticket) => Ok(Self { account, ticket, ahead }),
            None => Err(Exhausted::new(account.home.estimate(ahead))),
        }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.account.queue().leave(&self.ticket);
    }
}
