//! How full one window of one account is.

use std::collections::VecDeque;

use super::{Window, WindowKind};
use crate::clock::Moment;

/// What was let in to a window and still counts there.
#[derive(Debug)]
pub(super) struct Counter {
    window: Window,
    counted: Counted,
}

#[derive(Debug)]
enum Counted {
    /// This many since this second.
    Fixed { start: u64, requests: u64 },
    /// Those that were let in at these moments, oldest first.
    Sliding(VecDeque<Moment>),
}

impl Counter {
    pub(super) fn new(window: Window, kind: WindowKind) -> Self {
        let counted = match kind {
            WindowKind::Fixed => Counted::Fixed { start: 0, requests: 0 },
            WindowKind::Sliding => Counted::Sliding(VecDeque::new()),
        };
        Self { window, counted }
    }

    /// Forgets what no longer counts.
    pub(super) fn roll(&mut self, now: Moment) {
        let length = self.window.length();
        match &mut self.counted {
            Counted::Fixed { start, requests } => {
                let current = now.unix_seconds() / self.window.seconds * self.window.seconds;
                if *start != current {
                    (*start, *requests) = (current, 0);
                }
            }
            Counted::Sliding(moments) => {
                while moments.front().is_some_and(|moment| moment.plus(length) <= now) {
                    moments.pop_front();
                }
            }
        }
    }

    /// Counts a request.
    pub(super) fn take(&mut self, now: Moment) {
        match &mut self.counted {
            Counted::Fixed { requests, .. } => *requests += 1,
            Counted::Sliding(moments) => moments.push_back(now),
        }
    }

    /// How many requests it allows.
    pub(super) fn limit(&self) -> u64 {
        self.window.requests
    }

    /// How many more requests it lets in now.
    pub(super) fn remaining(&self) -> u64 {
        let counted = match &self.counted {
            Counted::Fixed { requests, .. } => *requests,
            Counted::Sliding(moments) => u64::try_from(moments.len()).unwrap_or(u64::MAX),
        };
        self.window.requests.saturating_sub(counted)
    }

    /// The first second since 1970 in which it has more room than now.
    pub(super) fn reset(&self, now: Moment) -> u64 {
        match &self.counted {
            Counted::Fixed { start, .. } => start.saturating_add(self.window.seconds),
            // Rounded up: whoever comes at that second must not be too early by a part of it.
            Counted::Sliding(moments) => {
                let oldest = moments.front().copied().unwrap_or(now);
                oldest.plus(self.window.length()).unix_seconds_rounded_up()
            }
        }
    }

    /// Why one request more is refused.
    pub(super) fn refusal(&self) -> String {
        let Window { requests, seconds } = self.window;
        format!("There were more than {requests} requests in {seconds} seconds.")
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::clock::SandboxClock;

    /// A window of two requests in ten seconds that was used at 600 s and at 604.5 s.
    fn used(kind: WindowKind) -> (Counter, SandboxClock) {
        let clock = SandboxClock::fixed_at(600);
        let mut counter = Counter::new(Window::new(2, 10).unwrap(), kind);
        for wait in [0, 4_500] {
            clock.advance(Duration::from_millis(wait));
            counter.roll(clock.now());
            counter.take(clock.now());
        }
        (counter, clock)
    }

    fn remaining_after(millis: u64, kind: WindowKind) -> u64 {
        let (mut counter, clock) = used(kind);
        clock.advance(Duration::from_millis(millis));
        counter.roll(clock.now());
        counter.remaining()
    }

    #[test]
    fn a_fixed_window_forgets_everything_at_once() {
        let kind = WindowKind::Fixed;
        assert_eq!([5_499, 5_500].map(|millis| remaining_after(millis, kind)), [0, 2]);
    }

    #[test]
    fn a_sliding_window_forgets_each_request_by_itself() {
        let kind = WindowKind::Sliding;
        let remaining = [5_499, 5_500, 9_999, 10_000].map(|millis| remaining_after(millis, kind));
        assert_eq!(remaining, [0, 1, 1, 2]);
    }

    #[test]
    fn the_reset_of_a_sliding_window_is_never_too_early() {
        let (mut counter, clock) = used(WindowKind::Sliding);
        assert_eq!(counter.reset(clock.now()), 610);
        clock.advance(Duration::from_millis(5_500));
        counter.roll(clock.now());
        // Its oldest request is one of 604.5 s now.
        assert_eq!(counter.reset(clock.now()), 615);
    }

    #[test]
    fn the_end_of_time_is_no_reason_to_panic() {
        let clock = SandboxClock::fixed_at(u64::MAX);
        for kind in [WindowKind::Fixed, WindowKind::Sliding] {
            let mut counter = Counter::new(Window::new(1, u64::MAX).unwrap(), kind);
            counter.roll(clock.now());
            counter.take(clock.now());
            assert_eq!(counter.reset(clock.now()), u64::MAX);
        }
    }
}
