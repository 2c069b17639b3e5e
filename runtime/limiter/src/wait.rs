//! Those who wait for a permit of an account: for their turn first, then for the windows.

use std::sync::Arc;
use std::time::Duration;

use specwright_core::clock::within;

use crate::account::Account;
use crate::exhausted::Exhausted;
use crate::news::{Answer, News};
use crate::permit::Permit;
use crate::queue::Ticket;
use crate::quota::{Lane, PermitId};

/// Calls that may wait for one quota. More would wait for minutes, and take memory for it.
const ROOM: usize = 256;

/// Waits for its turn and for the windows, at most for `patience`.
pub(crate) async fn permit(
    account: &Arc<Account>,
    id: PermitId,
    lane: Lane,
    longest: Duration,
    patience: Duration,
) -> Result<Permit, Exhausted> {
    let end = account.now().saturating_add(patience);
    let mut place = Place::enter(account, lane)?;
    // Whoever cannot be served in time is told so at once, and holds nobody up.
    let least = account.home().fresh_estimate(place.ahead.saturating_add(1));
    if let Some(least) = least.filter(|least| *least > patience) {
        return Err(Exhausted::new(least));
    }
    let mut permit = Permit::new(Arc::clone(account), id);
    loop {
        let left = end.saturating_sub(account.now());
        let asked = ask(account, &mut place, &mut permit, longest);
        let wait = match within(account.clock(), left, asked).await {
            Some(Some(Answer::Granted)) => {
                place.is_served();
                return Ok(permit);
            }
            Some(Some(Answer::Wait(wait) | Answer::Unknown(wait))) => wait,
            // Not its turn, or no answer in time.
            Some(None) | None => left,
        };
        let left = end.saturating_sub(account.now());
        let least = account.home().estimate(1);
        // The first one has just looked, so what it knows is new.
        let is_in_vain = place.was_refused && least > left;
        if left.is_zero() || is_in_vain {
            return Err(Exhausted::new(least));
        }
        within(account.clock(), wait.min(left), place.ticket.changed()).await;
    }
}

/// Asks, if it is its turn.
async fn ask(
    account: &Account,
    place: &mut Place<'_>,
    permit: &mut Permit,
    longest: Duration,
) -> Option<Answer> {
    if !account.queue().is_first(&place.ticket) {
        return None;
    }
    let answer = account.home().take(permit.ask(), place.lane, longest).await;
    if let Answer::Wait(_) = answer {
        permit.was_not_given();
        place.was_refused = true;
    }
    Some(answer)
}

/// A place in the queue. It is left when it is dropped.
struct Place<'a> {
    account: &'a Account,
    ticket: Arc<Ticket>,
    lane: Lane,
    /// How many are served before.
    ahead: u32,
    /// Whether it was its turn, and there was no room. If it is interactive, bulk waits for it from then on.
    was_refused: bool,
}

impl<'a> Place<'a> {
    fn enter(account: &'a Account, lane: Lane) -> Result<Self, Exhausted> {
        let mut queue = account.queue();
        let ahead = u32::try_from(queue.ahead(lane)).unwrap_or(u32::MAX);
        let ticket = queue.enter(lane, ROOM);
        drop(queue);
        match ticket {
            Some(ticket) => Ok(Self { account, ticket, lane, ahead, was_refused: false }),
            None => Err(Exhausted::new(account.home().estimate(ahead.saturating_add(1)))),
        }
    }

    /// It has its permit, and with that nobody waits for it any more.
    fn is_served(&mut self) {
        self.was_refused = false;
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut queue = self.account.queue();
        queue.leave(&self.ticket);
        let others_wait = queue.ahead(Lane::Interactive) > 0;
        drop(queue);
        if self.was_refused && self.lane == Lane::Interactive && !others_wait {
            self.account.tell(News::Left);
        }
    }
}
