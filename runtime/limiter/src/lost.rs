//! What a process does while it cannot reach the rows that it shares with others.
//!
//! What the others send is unknown then. So for as long as the longest window nobody sends anything, after which the
//! windows hold nothing of anybody who does the same; then each sends its part of what was theirs when the rows were seen
//! last: whoever else uses the windows goes on to do so. When the rows are there again, the others may not have written yet
//! what they have sent without them, so for one more window nobody sends more than its part.
//!
//! Where a window has fewer requests than there are processes, no part is small enough: each has one request in a longer
//! period, and begins at a random moment of it. That keeps to the window on average, and not in each stretch of time.

use std::sync::Arc;
use std::time::Duration;

use specwright_core::random::Random;
use specwright_core::security::RateWindow;

use crate::news::{Answer, News};
use crate::quota::{Evidence, Lane, PermitId, Quota, Take, hold};

/// How often a lost store is looked for.
const PROBE: Duration = Duration::from_secs(1);

/// The quota without its store. Moments are those of the monotonic clock.
pub(crate) struct Lost {
    /// Among how many processes the windows are parted.
    parts: u32,
    /// How long this process stays silent for the others' sake, and to begin at another moment than they do.
    silence: Duration,
    since: Option<Since>,
}

/// What was seen of the rows before they were lost.
pub(crate) struct LastSeen {
    /// The windows, with as many requests as were ours of each.
    pub(crate) ours: Vec<RateWindow>,
    /// The record, in moments of the monotonic clock.
    pub(crate) quota: Quota,
}

struct Since {
    /// What each window allows this process alone.
    part: Arc<[RateWindow]>,
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
    pub(crate) fn new(windows: &[RateWindow], parts: u32, random: &dyn Random) -> Self {
        let parts = parts.max(1);
        let longer = windows
            .iter()
            .map(|window| part_of(*window, parts).period.saturating_sub(window.period));
        let spread = longer.max().unwrap_or_default();
        let millis = u64::try_from(spread.as_millis()).unwrap_or(u64::MAX);
        let longest = windows.iter().map(|window| hold(*window)).max().unwrap_or_default();
        let silence = longest.saturating_add(Duration::from_millis(random.up_to(millis)));
        Self { parts, silence, since: None }
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

    /// The store did not answer.
    pub(crate) fn lose(&mut self, seen: impl FnOnce() -> LastSeen, now: Duration) {
        let (silence, parts) = (self.silence, self.parts);
        let since = self.since.get_or_insert_with(|| {
            let LastSeen { ours, quota } = seen();
            Since {
                part: ours.into_iter().map(|window| part_of(window, parts)).collect(),
                opens: now.saturating_add(silence),
                probe: now.saturating_add(PROBE),
                back: None,
                quota,
            }
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
        let silence = self.silence;
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
        Some(match since.quota.take(permit, &since.part, lane, longest, now) {
            Take::Granted => Answer::Granted,
            Take::NotBefore(moment) => Answer::Wait(moment.saturating_sub(now).min(PROBE)),
        })
    }

    /// Takes in what became known, if the store is lost. Of what a server says about its windows, that is how long it wants
    /// to hear nothing: how full they are for everybody is no word about a part of them.
    pub(crate) fn tell(&mut self, news: News, now: Duration) {
        let Some(since) = &mut self.since else { return };
        match news {
            News::Learned { evidence: Evidence::Refused { wait, .. }, .. } => {
                since.quota.pause(wait, now);
            }
            News::Learned { evidence: Evidence::Left { .. }, .. } => {}
            News::Refunded(_) | News::Settled(_) | News::GivenUp(_) | News::Left => {
                news.apply(&mut since.quota, &since.part, now);
            }
        }
    }

    /// Whether the store is lost, or was lost a moment ago.
    pub(crate) fn is_felt(&self) -> bool {
        self.since.is_some()
    }

    /// Whether it is of no use to write now.
    pub(crate) fn is_away(&self) -> bool {
        self.since.as_ref().is_some_and(|since| since.back.is_none())
    }
}

/// What one of so many processes may send.
fn part_of(window: RateWindow, parts: u32) -> RateWindow {
    let requests = window.requests.max(1);
    RateWindow {
        requests: (requests / parts).max(1),
        period: window.period.saturating_mul(parts.div_ceil(requests)),
    }
}

#[cfg(test)]
mod tests {
    use specwright_testkit::SeededRandom;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);
    const WINDOW: RateWindow = RateWindow { requests: 10, period: SECOND };

    #[test]
    fn a_part_is_so_many_requests_or_one_in_a_longer_period() {
        let part = |requests, seconds| RateWindow { requests, period: SECOND * seconds };
        assert_eq!([1, 4, 10].map(|parts| part_of(WINDOW, parts)), [10, 2, 1].map(|n| part(n, 1)));
        assert_eq!([11, 20, 25].map(|parts| part_of(WINDOW, parts)), [2, 2, 3].map(|s| part(1, s)));
    }

    #[test]
    fn a_part_is_one_of_what_was_ours() {
        for (ours, part) in [(10, 5), (4, 2)] {
            let mut lost = Lost::new(&[WINDOW], 2, &SeededRandom::new(1));
            let ours = vec![RateWindow { requests: ours, ..WINDOW }];
            lost.lose(|| LastSeen { ours, quota: Quota::default() }, Duration::ZERO);
            let now = hold(WINDOW);
            let granted = (0..9).map(|number| PermitId { holder: 0, number }).filter(|permit| {
                lost.take(*permit, Lane::Bulk, SECOND, now) == Some(Answer::Granted)
            });
            assert_eq!(granted.count(), part);
        }
    }

    #[test]
    fn where_there_are_more_processes_than_requests_they_begin_at_different_moments() {
        let random = SeededRandom::new(1);
        let silence = |parts| Lost::new(&[WINDOW], parts, &random).silence;
        assert_eq!([silence(10), silence(10)], [hold(WINDOW); 2]);
        let mut moments: Vec<Duration> = (0..20).map(|_| silence(40)).collect();
        moments.sort_unstable();
        moments.dedup();
        assert!(moments.len() > 15, "{moments:?}");
        assert!(moments.iter().all(|moment| *moment <= hold(WINDOW) + 3 * SECOND));
    }
}
