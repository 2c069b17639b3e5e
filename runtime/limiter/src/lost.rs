//! What a process does while it cannot reach the rows that it shares with others.
//!
//! What the others send is unknown then. So for as long as the longest window nobody sends anything, after which the
//! windows hold nothing of anybody who does the same; then each sends its part. When the rows are there again, the others
//! may not have written yet what they have sent without them, so for one more window nobody sends more than its part.

use std::sync::Arc;
use std::time::Duration;

use specwright_core::security::RateWindow;

use crate::home::{Answer, News};
use crate::quota::{Lane, PermitId, Quota, Take, hold};

/// How often a lost store is looked for.
const PROBE: Duration = Duration::from_secs(1);

/// The quota without its store. Moments are those of the monotonic clock.
pub(crate) struct Lost {
    /// What each window allows this process alone.
    part: Arc<[RateWindow]>,
    since: Option<Since>,
}

struct Since {
    /// When the part may be sent.
    opens: Duration,
    /// When to look for the store.
    probe: Duration,
    /// Until when the part holds, once the store is there again.
    back: Option<Duration>,
    quota: Quota,
}

impl Lost {
    /// A store that is there. Without it, this process sends one of so many parts.
    pub(crate) fn new(windows: &[RateWindow], parts: u32) -> Self {
        let part = |window: &RateWindow| RateWindow {
            requests: (window.requests / parts.max(1)).max(1),
            period: window.period,
        };
        Self { part: windows.iter().map(part).collect(), since: None }
    }

    /// Whether the store is to be asked: it is there, or it is time to look.
    pub(crate) fn should_ask(&mut self, now: Duration) -> bool {
        match &mut self.since {
            Some(since) if since.back.is_none() && now < since.probe => false,
            Some(since) => {
                since.probe = now.saturating_add(PROBE);
                true
            }
            None => true,
        }
    }

    /// The store did not answer. `seen` is what was last seen of it, in moments of the monotonic clock.
    pub(crate) fn lose(&mut self, seen: impl FnOnce() -> Quota, now: Duration) {
        let silence = self.silence();
        let since = self.since.get_or_insert_with(|| Since {
            opens: now.saturating_add(silence),
            probe: now.saturating_add(PROBE),
            back: None,
            quota: seen(),
        });
        if since.back.take().is_some() {
            since.opens = now.saturating_add(silence);
        }
    }

    /// What was sent without the store and stands in no row, in moments of the monotonic clock.
    pub(crate) fn sent(&self) -> Option<&Quota> {
        self.since.as_ref().filter(|since| since.back.is_none()).map(|since| &since.quota)
    }

    /// The store has answered, and knows what was sent without it.
    pub(crate) fn find(&mut self, now: Duration) {
        let silence = self.silence();
        let Some(since) = &mut self.since else { return };
        if now >= *since.back.get_or_insert(now.saturating_add(silence)) {
            self.since = None;
        }
    }

    /// Asks for a request of this process's part; `None` if it is not bound to one.
    pub(crate) fn take(
        &mut self,
        permit: PermitId,
        lane: Lane,
        longest: Duration,
        now: Duration,
    ) -> Option<Answer> {
        let since = self.since.as_mut()?;
        if since.back.is_none() && now < since.opens {
            return Some(Answer::Wait(since.opens.saturating_sub(now).min(PROBE)));
        }
        Some(match since.quota.take(permit, &self.part, lane, longest, now) {
            Take::Granted => Answer::Granted,
            Take::NotBefore(moment) => Answer::Wait(moment.saturating_sub(now).min(PROBE)),
        })
    }

    /// Takes in what became known, if the store is lost.
    pub(crate) fn tell(&mut self, news: News, now: Duration) {
        if let Some(since) = &mut self.since {
            news.apply(&mut since.quota, &self.part, now);
        }
    }

    fn silence(&self) -> Duration {
        self.part.iter().map(|window| hold(*window)).max().unwrap_or_default()
    }
}
