//! Somebody else who uses up the windows of an account.

use std::time::Duration;

use crate::chance::Chance;
use crate::clock::Moment;

/// Another program on the same account: it sends so many requests a minute, each at a moment of its own
/// that the seed decides, and does not care for refusals. None of its requests is in the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ForeignUse {
    seed: u64,
    per_minute: u64,
}

impl ForeignUse {
    /// `per_minute` requests in each minute: one in each equal part of it.
    pub fn new(seed: u64, per_minute: u64) -> Self {
        Self { seed, per_minute }
    }
}

/// Such a program at work.
#[derive(Debug)]
pub(super) struct ForeignClient {
    using: ForeignUse,
    since: Moment,
    /// Its requests up to now.
    sent: u64,
}

impl ForeignClient {
    pub(super) fn new(using: ForeignUse, since: Moment) -> Self {
        Self { using, since, sent: 0 }
    }

    /// When it sends the next of its requests, if that is not after `now`.
    ///
    /// What it sent longer ago than `memory` fills no window any more, and is passed over: time may have
    /// been moved by years.
    pub(super) fn next(&mut self, now: Moment, memory: Duration) -> Option<Moment> {
        let passed = now.since(self.since).saturating_sub(memory);
        self.sent = self.sent.max(self.parts_within(passed));
        let at = self.moment(self.sent)?;
        if at > now {
            return None;
        }
        self.sent += 1;
        Some(at)
    }

    /// How many whole parts of a minute have one request each.
    fn parts_within(&self, time: Duration) -> u64 {
        let parts = time.as_micros() * u128::from(self.using.per_minute) / MINUTE;
        u64::try_from(parts).unwrap_or(u64::MAX)
    }

    /// The moment of a request, counted from 0. `None` if it sends none.
    fn moment(&self, number: u64) -> Option<Moment> {
        let per_minute = u128::from(self.using.per_minute);
        let part = MINUTE.checked_div(per_minute)?;
        let within = u128::from(Chance::after(self.using.seed, number).draw());
        let micros = u128::from(number) * MINUTE / per_minute + within % part.max(1);
        Some(self.since.plus(Duration::from_micros(u64::try_from(micros).ok()?)))
    }
}

/// In microseconds.
const MINUTE: u128 = 60_000_000;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SandboxClock;

    const MEMORY: Duration = Duration::from_secs(3600);

    fn client(seed: u64, per_minute: u64) -> (ForeignClient, SandboxClock) {
        let clock = SandboxClock::fixed_at(600);
        (ForeignClient::new(ForeignUse::new(seed, per_minute), clock.now()), clock)
    }

    /// The moments of its requests in the first ten minutes.
    fn moments(seed: u64, per_minute: u64) -> Vec<Moment> {
        let (mut client, clock) = client(seed, per_minute);
        clock.advance(Duration::from_secs(600));
        std::iter::from_fn(|| client.next(clock.now(), MEMORY)).collect()
    }

    #[test]
    fn each_minute_has_as_many_requests_as_were_asked_for() {
        let mut counts = [0; 10];
        for moment in moments(7, 30) {
            counts[usize::try_from(moment.unix_seconds() - 600).unwrap() / 60] += 1;
        }
        assert_eq!(counts, [30; 10]);
    }

    #[test]
    fn one_seed_gives_one_sequence_of_moments() {
        assert_eq!(moments(7, 30), moments(7, 30));
        assert_ne!(moments(7, 30), moments(8, 30));
        assert!(moments(7, 30).is_sorted());
    }

    #[test]
    fn neighboring_seeds_give_moments_that_have_nothing_to_do_with_each_other() {
        // Where in its part of two seconds each request is sent, in microseconds.
        let places = |seed| -> Vec<u128> {
            let moments = moments(seed, 30).into_iter().zip(0..);
            let place = |(moment, number): (Moment, u32)| {
                moment.since_1970().as_micros() - u128::from(600 + 2 * number) * 1_000_000
            };
            moments.map(place).collect()
        };
        let (one, next) = (places(7), places(8));
        let kept = next.iter().filter(|place| one.contains(place)).count();
        assert!(kept < 10, "{kept} of {}", next.len());
    }

    #[test]
    fn nothing_is_sent_before_its_moment() {
        let (mut client, clock) = client(7, 1);
        assert_eq!(client.next(clock.now(), MEMORY), None);
        clock.advance(Duration::from_secs(60));
        assert!(client.next(clock.now(), MEMORY).is_some());
        assert_eq!(client.next(clock.now(), MEMORY), None);
    }

    #[test]
    fn none_a_minute_is_none() {
        assert_eq!(moments(7, 0), []);
    }

    #[test]
    fn of_a_time_that_was_moved_by_years_only_the_end_is_played() {
        let (mut client, clock) = client(7, 30);
        clock.advance(Duration::from_secs(1_000_000_000));
        let played = std::iter::from_fn(|| client.next(clock.now(), Duration::from_secs(60)));
        assert!((30..=31).contains(&played.count()));
    }
}
