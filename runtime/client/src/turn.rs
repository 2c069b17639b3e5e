//! The right to make one attempt, and its end: a slot among what is in flight, and a permit of the windows where there are any.
//!
//! Both are waited for with empty hands (ADR 0017). A permit fills the windows from the moment it is taken, so whoever has one
//! waits for nothing else. A slot is one that another tenant may want, so whoever has one does not wait for its windows.

use std::pin::pin;
use std::time::Duration;

use specwright_backoff::windows::{full_window, windows_told};
use specwright_backoff::{Event, Hint};
use specwright_core::clock::within;
use specwright_core::error::{ErrorKind, ErrorReport, Retry};
use specwright_core::security::{ApiProfile, RateWindow};
use specwright_core::transport::Sent;
use specwright_limiter::{Lane, Permit, Sending, Slot};

use crate::attempt::Attempt;
use crate::inner::Inner;
use crate::rate_limits::Quota;
use crate::wait::Deadline;

/// For so long a slot is held while the windows are asked for a permit that is there: rows in a file may take that long.
const AT_ONCE: Duration = Duration::from_millis(100);

/// The right to make one attempt.
pub(crate) struct Turn {
    pub(crate) slot: Slot,
    pub(crate) permit: Option<Permit>,
}

/// Waits for a turn, at most for `patience`.
pub(crate) async fn turn(
    inner: &Inner,
    lane: Lane,
    patience: Duration,
) -> Result<Turn, ErrorReport> {
    let clock = &*inner.clock;
    let end = Deadline::after(clock, patience);
    loop {
        // The slot first, because it costs nothing to give it back: a permit may be a row that others read.
        let slot = slot(inner, lane, end.left(clock)).await?;
        let Some(quota) = &inner.quota else { return Ok(Turn { slot, permit: None }) };
        let at_once = AT_ONCE.min(end.left(clock));
        if let Ok(permit) = quota.permit(lane, at_once).await {
            return Ok(Turn { slot, permit: Some(permit) });
        }
        drop(slot);
        let permit = permit(quota, lane, end.left(clock)).await?;
        if let Ok(slot) = inner.slots.take_free() {
            return Ok(Turn { slot, permit: Some(permit) });
        }
        // Somebody else has sent meanwhile. The permit is given back, and both are waited for anew.
    }
}

impl Turn {
    /// Waits for something that is mostly there already, at most for `time`. Whoever has to wait leaves the slot to others;
    /// the turn is over if there is none afterwards.
    pub(crate) async fn during<T>(
        self,
        inner: &Inner,
        time: Duration,
        work: impl Future<Output = T>,
    ) -> Option<(Self, T)> {
        let Self { slot, permit } = self;
        let clock = &*inner.clock;
        let mut work = pin!(work);
        if let Some(done) = within(clock, Duration::ZERO, work.as_mut()).await {
            return Some((Self { slot, permit }, done));
        }
        drop(slot);
        let done = within(clock, time, work).await?;
        let slot = inner.slots.take_free().ok()?;
        Some((Self { slot, permit }, done))
    }
}

/// The period of the window that was full when a request was refused: one that the document names, if the answer says which.
pub(crate) fn refusing_window(api: &ApiProfile, attempt: &Attempt) -> Option<Duration> {
    let Attempt::Answered(received, _) = attempt else { return None };
    let full = full_window(received.answer.headers())?;
    let is_meant = |window: &&RateWindow| {
        window.requests == full.limit && full.period.is_none_or(|period| period == window.period)
    };
    api.rate_windows.iter().find(is_meant).map(|window| window.period)
}

/// Tells the limiter what became of a request.
pub(crate) fn settle(sending: Sending, attempt: &Attempt, event: Event, hint: Option<Hint>) {
    match attempt {
        Attempt::Unanswered(error) if error.sent == Sent::No => sending.was_not_sent(),
        Attempt::Unanswered(_) => drop(sending),
        Attempt::Answered(received, _) => {
            let headers = received.answer.headers();
            if event == Event::Throttled {
                let full = full_window(headers).map(|window| window.limit);
                sending.was_refused(hint.map_or(Duration::ZERO, Hint::duration), full);
                return;
            }
            for window in windows_told(headers) {
                if let Some(remaining) = window.remaining {
                    sending.was_told(window.limit, remaining);
                }
            }
            sending.was_answered();
        }
    }
}

async fn slot(inner: &Inner, lane: Lane, patience: Duration) -> Result<Slot, ErrorReport> {
    // Mostly there is one, and nothing has to be timed.
    if let Ok(slot) = inner.slots.take_free() {
        return Ok(slot);
    }
    if let Some(slot) = within(&*inner.clock, patience, inner.slots.take(lane)).await {
        return Ok(slot);
    }
    inner.slots.take_free().map_err(|too_many| {
        ErrorReport::new(ErrorKind::Deadline).with_retry(Retry::Worthwhile).with_source(too_many)
    })
}

async fn permit(quota: &Quota, lane: Lane, patience: Duration) -> Result<Permit, ErrorReport> {
    quota.permit(lane, patience).await.map_err(|exhausted| {
        ErrorReport::new(ErrorKind::RateLimited)
            .with_retry(Retry::Worthwhile)
            .with_retry_after(exhausted.retry_in())
            .with_source(exhausted)
    })
}
