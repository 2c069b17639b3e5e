//! Permits: who may send now, and who has to wait until when.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use specwright_core::security::RateWindow;

use super::share::{Evidence, Share};
use super::window::hold;

/// No server closes its windows for longer; a wait that is longer was written by another clock.
const LONGEST_PAUSE: Duration = Duration::from_secs(3_600);

/// For so long it is known what has left the windows. No slower answer says anything about others.
const REMEMBERED: Duration = Duration::from_secs(10);

/// What has been sent within the windows of one quota, by everyone who shares this record.
///
/// Times are durations since a moment that all who share it agree on, and never run backwards by more than they say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Quota {
    /// Names the record, so that one that was made anew is not taken for the one that was lost.
    record: u64,
    /// From this moment on it holds everything that was sent.
    #[serde(with = "super::millis")]
    since: Duration,
    sends: Vec<Send>,
    /// What has left the windows a moment ago. An answer that was slow still speaks of it.
    past: Vec<Send>,
    shares: Vec<Share>,
    /// Until then nobody sends: the server has said so.
    #[serde(with = "super::millis")]
    paused_until: Duration,
    /// Until then nobody sends in bulk: somebody interactive waits.
    #[serde(with = "super::millis")]
    interactive_until: Duration,
}

/// A request that fills the windows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Send {
    permit: PermitId,
    /// The last moment at which the server can have counted it.
    #[serde(with = "super::millis")]
    arrived_by: Duration,
}

/// Names a permit. Whoever asks for it names it, so that asking again when the answer was lost takes no second one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct PermitId {
    /// Who asks: drawn at random for each process.
    pub(crate) holder: u64,
    /// Which of its permits.
    pub(crate) number: u64,
}

/// How urgent a request is; the more urgent one is less.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lane {
    /// Somebody waits for it.
    #[default]
    Interactive,
    /// It can wait: imports, exports, pages of a list.
    Bulk,
}

/// The answer to who wants to send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Take {
    /// Send now, or give it back.
    Granted,
    /// Not before this moment; earlier only if a request is given back or answered.
    NotBefore(Duration),
}

impl Quota {
    /// A record of what is sent from now on.
    pub(crate) fn beginning(record: u64, now: Duration) -> Self {
        Self { record, since: now, ..Self::default() }
    }

    /// Whether another record is a later state of this one.
    pub(crate) fn is_before(&self, other: &Self) -> bool {
        self.record == other.record
    }

    /// Asks to send one request now. Its answer, or its end, comes within `longest`.
    pub(crate) fn take(
        &mut self,
        permit: PermitId,
        windows: &[RateWindow],
        lane: Lane,
        longest: Duration,
        now: Duration,
    ) -> Take {
        let latest = now.saturating_add(longest);
        self.forget(windows, now);
        self.bound(windows, latest, now);
        // Whoever asks again did not hear the answer, and has sent nothing with it.
        self.refund(permit);
        let free = self.free_at(windows, now);
        if free > now {
            if lane == Lane::Interactive {
                let soonest = self.answered(now).free_at(windows, now);
                self.interactive_until = self.interactive_until.max(soonest);
            }
            return Take::NotBefore(free);
        }
        if lane == Lane::Bulk && self.interactive_until > now {
            return Take::NotBefore(self.interactive_until);
        }
        if lane == Lane::Interactive {
            self.interactive_until = Duration::ZERO;
        }
        self.sends.push(Send { permit, arrived_by: latest });
        Take::Granted
    }

    /// Nobody interactive waits any more, as far as anybody here knows.
    pub(crate) fn leave(&mut self) {
        self.interactive_until = Duration::ZERO;
    }

    /// Nothing was sent with this permit.
    pub(crate) fn refund(&mut self, permit: PermitId) {
        self.sends.retain(|send| send.permit != permit);
    }

    /// What was sent with this permit is answered, or given up: the server cannot count it later than now.
    pub(crate) fn settle(&mut self, permit: PermitId, now: Duration) {
        for send in self.sends.iter_mut().filter(|send| send.permit == permit) {
            send.arrived_by = send.arrived_by.min(now);
        }
    }

    /// The server has refused a request for being one too many, or told how much is left, in an answer that took so long. A
    /// refused request is settled besides.
    pub(crate) fn learn(
        &mut self,
        windows: &[RateWindow],
        evidence: Evidence,
        took: Duration,
        now: Duration,
    ) {
        self.forget(windows, now);
        if let Evidence::Refused { wait, .. } = evidence {
            let is_known = self.paused_until > now;
            self.pause(wait, now);
            if is_known {
                // It left before the first refusal was there, so it says nothing new.
                return;
            }
        }
        let ours: Vec<_> = windows.iter().map(|window| self.ours(*window, took, now)).collect();
        super::share::learn(&mut self.shares, windows, &ours, evidence, now);
    }

    /// How many requests of ours a window held at most when the server spoke, somewhen in the time that its answer took.
    /// `None` if the record does not go back so far: it is young, or the answer was slow.
    fn ours(&self, window: RateWindow, took: Duration, now: Duration) -> Option<u32> {
        let spoke = now.saturating_sub(took);
        if took > REMEMBERED || spoke < self.since.saturating_add(window.period) {
            return None;
        }
        let hold = hold(window);
        let held = |send: &&Send| send.arrived_by.saturating_add(hold) > spoke;
        let count = self.sends.iter().chain(&self.past).filter(held).count();
        Some(u32::try_from(count).unwrap_or(u32::MAX))
    }

    /// The server wants to hear nothing for so long.
    pub(crate) fn pause(&mut self, wait: Duration, now: Duration) {
        let until = now.saturating_add(wait.min(LONGEST_PAUSE));
        self.paused_until = self.paused_until.max(until);
    }

    /// The record, if everything that is on its way were answered now.
    fn answered(&self, now: Duration) -> Self {
        let mut answered = self.clone();
        for send in &mut answered.sends {
            send.arrived_by = send.arrived_by.min(now);
        }
        answered
    }

    /// Takes in what another record holds, whose clock is so much behind this one's. Of what others use it is the newer one
    /// that counts, and that is this one as soon as it knows anything.
    pub(crate) fn absorb(&mut self, other: &Self, behind: Duration) {
        for send in &other.sends {
            let arrived_by = send.arrived_by.saturating_add(behind);
            match self.sends.iter_mut().find(|known| known.permit == send.permit) {
                // It was asked for again since.
                Some(known) => known.arrived_by = known.arrived_by.max(arrived_by),
                None => self.sends.push(Send { permit: send.permit, arrived_by }),
            }
        }
        if self.shares.is_empty() {
            let ahead = |share: &Share| share.on_clock_ahead(behind);
            self.shares = other.shares.iter().map(ahead).collect();
        }
        if !other.paused_until.is_zero() {
            let until = other.paused_until.saturating_add(behind);
            self.paused_until = self.paused_until.max(until);
        }
    }

    /// What it holds, on a clock that is so much behind.
    #[must_use]
    pub(crate) fn on_clock_behind(&self, behind: Duration) -> Self {
        let send =
            |send: &Send| Send { arrived_by: send.arrived_by.saturating_sub(behind), ..*send };
        Self {
            sends: self.sends.iter().map(send).collect(),
            shares: self.shares.iter().map(|share| share.on_clock_behind(behind)).collect(),
            paused_until: self.paused_until.saturating_sub(behind),
            ..Self::default()
        }
    }

    /// For how long the record says more than a fresh one: what it holds, and the shares that are still low.
    pub(crate) fn matters_for(&self, windows: &[RateWindow], now: Duration) -> Duration {
        let held = windows.iter().flat_map(|window| self.releases(*window, now)).max();
        let low = self.shares.iter().filter(|share| share.is_low()).map(|share| share.back_by(now));
        let latest = held.into_iter().chain(low).max().unwrap_or(now).max(self.paused_until);
        latest.saturating_sub(now)
    }

    /// The first moment at which one more request can be sent, if nothing is answered before.
    pub(super) fn free_at(&self, windows: &[RateWindow], now: Duration) -> Duration {
        let opens = windows.iter().enumerate().filter_map(|(at, window)| {
            let allowed = self.allowed(at, *window);
            let mut releases: Vec<Duration> = self.releases(*window, now).collect();
            let surplus = releases.len().checked_sub(allowed)?;
            releases.sort_unstable();
            releases.get(surplus).copied()
        });
        opens.fold(self.paused_until.max(now), Duration::max)
    }

    /// The moments at which the requests that fill a window leave it.
    pub(super) fn releases(
        &self,
        window: RateWindow,
        now: Duration,
    ) -> impl Iterator<Item = Duration> {
        let hold = hold(window);
        let releases = self.sends.iter().map(move |send| send.arrived_by.saturating_add(hold));
        releases.filter(move |release| *release > now)
    }

    /// How many requests of ours a window may hold.
    pub(super) fn allowed(&self, at: usize, window: RateWindow) -> usize {
        let share = self.shares.get(at).filter(|share| share.is_of(window));
        let allowed = share.map_or(window.requests, Share::allowed);
        usize::try_from(allowed.max(1)).unwrap_or(usize::MAX)
    }

    /// Until when the server wants to hear nothing.
    pub(super) fn paused_until(&self) -> Duration {
        self.paused_until
    }

    /// No request that was sent by now arrives after `latest`, nobody waits for longer than for the windows then, and no
    /// server closes them for longer than [`LONGEST_PAUSE`]. What says so was written before the clock was set back.
    fn bound(&mut self, windows: &[RateWindow], latest: Duration, now: Duration) {
        for send in &mut self.sends {
            send.arrived_by = send.arrived_by.min(latest);
        }
        let longest = windows.iter().map(|window| hold(*window)).max().unwrap_or_default();
        self.interactive_until = self.interactive_until.min(latest.saturating_add(longest));
        self.paused_until = self.paused_until.min(now.saturating_add(LONGEST_PAUSE));
        self.since = self.since.min(now);
        for share in &mut self.shares {
            share.bound(now);
        }
    }

    /// Drops what fills no window any more, and lets shares grow back.
    fn forget(&mut self, windows: &[RateWindow], now: Duration) {
        let longest = windows.iter().map(|window| hold(*window)).max().unwrap_or_default();
        let left = |send: &Send| send.arrived_by.saturating_add(longest);
        self.past.extend(self.sends.iter().filter(|send| left(send) <= now));
        self.past.retain(|send| left(send).saturating_add(REMEMBERED) > now);
        self.sends.retain(|send| left(send) > now);
        for share in &mut self.shares {
            share.grow(now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOWS: [RateWindow; 2] = [
        RateWindow { requests: 2, period: Duration::from_secs(1) },
        RateWindow { requests: 3, period: Duration::from_secs(60) },
    ];
    const LONGEST: Duration = Duration::from_secs(30);

    fn ms(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    fn id(number: u64) -> PermitId {
        PermitId { holder: 0, number }
    }

    /// Asks with an id that the moment names, which is another one for each moment.
    fn take(quota: &mut Quota, lane: Lane, now: Duration) -> Take {
        let number = u64::try_from(now.as_millis()).unwrap();
        quota.take(id(number), &WINDOWS, lane, LONGEST, now)
    }

    /// Sends one request that is answered at once.
    #[track_caller]
    fn send(quota: &mut Quota, number: u64, now: Duration) {
        let taken = quota.take(id(number), &WINDOWS, Lane::Interactive, LONGEST, now);
        assert_eq!(taken, Take::Granted);
        quota.settle(id(number), now);
    }

    #[test]
    fn a_full_window_opens_a_period_after_the_answer_that_leaves_it_first() {
        let mut quota = Quota::default();
        send(&mut quota, 1, ms(0));
        send(&mut quota, 2, ms(400));
        let moment = ms(1_000 + 1 + 1);
        assert_eq!(take(&mut quota, Lane::Interactive, ms(500)), Take::NotBefore(moment));
        assert_eq!(take(&mut quota, Lane::Interactive, moment), Take::Granted);
    }

    #[test]
    fn a_request_on_its_way_fills_the_window_until_it_is_answered() {
        let (mut quota, one) = (Quota::default(), [RateWindow { requests: 1, ..WINDOWS[0] }]);
        let take = |quota: &mut Quota, number, now| {
            quota.take(id(number), &one, Lane::Interactive, LONGEST, now)
        };
        assert_eq!(take(&mut quota, 1, ms(0)), Take::Granted);
        assert_eq!(take(&mut quota, 2, ms(5_000)), Take::NotBefore(LONGEST + ms(1_002)));
        quota.settle(id(1), ms(5_000));
        assert_eq!(take(&mut quota, 2, ms(5_000)), Take::NotBefore(ms(6_002)));
    }

    #[test]
    fn of_two_full_windows_the_one_that_opens_last_decides() {
        let mut quota = Quota::default();
        send(&mut quota, 1, ms(0));
        send(&mut quota, 2, ms(1_100));
        send(&mut quota, 3, ms(1_100));
        assert_eq!(take(&mut quota, Lane::Interactive, ms(1_200)), Take::NotBefore(ms(60_061)));
    }

    #[test]
    fn a_permit_that_is_given_back_leaves_no_trace() {
        let mut quota = Quota::default();
        send(&mut quota, 1, ms(0));
        let before = quota.clone();
        assert_eq!(take(&mut quota, Lane::Interactive, ms(2)), Take::Granted);
        quota.refund(id(2));
        assert_eq!(quota, before);
        quota.refund(id(2));
        assert_eq!(quota, before);
    }

    #[test]
    fn asking_again_for_the_same_permit_takes_no_second_one() {
        let mut quota = Quota::default();
        assert_eq!(take(&mut quota, Lane::Bulk, ms(7)), Take::Granted);
        let before = quota.clone();
        assert_eq!(take(&mut quota, Lane::Bulk, ms(7)), Take::Granted);
        assert_eq!(quota, before);
    }

    #[test]
    fn a_permit_that_is_asked_for_again_counts_from_then() {
        let mut quota = Quota::default();
        for now in [ms(0), ms(40_000)] {
            assert_eq!(quota.take(id(1), &WINDOWS, Lane::Bulk, LONGEST, now), Take::Granted);
        }
        let expected = [Send { permit: id(1), arrived_by: ms(40_000) + LONGEST }];
        assert_eq!(quota.sends, expected);
    }

    #[test]
    fn what_is_held_twice_counts_by_the_later_moment() {
        let (mut one, mut other) = (Quota::default(), Quota::default());
        assert_eq!(take(&mut one, Lane::Bulk, ms(1)), Take::Granted);
        other.sends.clone_from(&one.sends);
        other.settle(id(1), ms(5));
        let expected = [Send { permit: id(1), arrived_by: LONGEST + ms(1) }];
        let before = one.clone();
        one.absorb(&other, Duration::ZERO);
        other.absorb(&before, Duration::ZERO);
        assert_eq!([one.sends, other.sends], [expected; 2]);
    }

    #[test]
    fn an_interactive_caller_holds_bulk_back_for_what_it_needs_and_not_for_what_is_on_its_way() {
        let mut quota = Quota::default();
        for number in 1..=2 {
            assert_eq!(take(&mut quota, Lane::Bulk, ms(number)), Take::Granted);
        }
        take(&mut quota, Lane::Interactive, ms(100));
        for number in 1..=2 {
            quota.settle(id(number), ms(200));
        }
        assert_eq!(take(&mut quota, Lane::Bulk, ms(1_300)), Take::Granted);
    }

    #[test]
    fn an_interactive_caller_that_leaves_holds_nobody_back() {
        let mut quota = Quota { interactive_until: ms(30_000), ..Quota::default() };
        quota.leave();
        assert_eq!(take(&mut quota, Lane::Bulk, ms(1)), Take::Granted);
    }

    #[test]
    fn an_answer_after_the_latest_moment_does_not_hold_longer() {
        let mut quota = Quota::default();
        assert_eq!(take(&mut quota, Lane::Interactive, ms(0)), Take::Granted);
        let before = quota.clone();
        quota.settle(id(0), LONGEST + ms(1));
        assert_eq!(quota, before);
    }

    #[test]
    fn a_clock_that_is_set_back_closes_no_window_for_longer_than_a_request_and_its_period() {
        let mut quota = Quota::default();
        for number in 1..=2 {
            send(&mut quota, number, ms(3_600_000));
        }
        let latest = Take::NotBefore(LONGEST + ms(1_002));
        assert_eq!(take(&mut quota, Lane::Interactive, ms(0)), latest);
    }

    #[test]
    fn a_clock_that_is_set_back_keeps_nobody_waiting_for_as_long_as_it_was_set_back() {
        let day = Duration::from_secs(86_400);
        let evidence = Evidence::Refused { wait: ms(60_000), limit: Some(3) };
        let mut quota = Quota { interactive_until: day, ..Quota::default() };
        send(&mut quota, 1, day);
        quota.learn(&WINDOWS, evidence, ms(0), day);
        let Take::NotBefore(paused) = take(&mut quota, Lane::Bulk, ms(0)) else { unreachable!() };
        assert!(paused <= LONGEST_PAUSE, "{paused:?}");
        assert!(quota.interactive_until <= LONGEST + ms(60_061), "{:?}", quota.interactive_until);
        assert!(quota.matters_for(&WINDOWS, ms(0)) <= 2 * LONGEST_PAUSE);
    }

    #[test]
    fn a_record_that_is_younger_than_a_window_shows_no_foreign_use_of_it() {
        let evidence = Evidence::Left { limit: 3, remaining: 0 };
        for (age, allowed) in [(59_999, 3), (60_000, 1)] {
            let mut quota = Quota::beginning(1, ms(5));
            quota.learn(&WINDOWS, evidence, ms(0), ms(5 + age));
            assert_eq!(quota.allowed(1, WINDOWS[1]), allowed, "{age} ms");
        }
    }

    #[test]
    fn an_answer_that_took_longer_than_is_remembered_shows_no_foreign_use() {
        let evidence = Evidence::Left { limit: 3, remaining: 0 };
        for (took, allowed) in [(10_001, 3), (10_000, 1)] {
            let mut quota = Quota::default();
            quota.learn(&WINDOWS, evidence, ms(took), ms(100_000));
            assert_eq!(quota.allowed(1, WINDOWS[1]), allowed, "{took} ms");
        }
    }

    #[test]
    fn bulk_waits_while_somebody_interactive_waits() {
        let mut quota = Quota::default();
        send(&mut quota, 1, ms(0));
        send(&mut quota, 2, ms(0));
        assert_eq!(take(&mut quota, Lane::Interactive, ms(10)), Take::NotBefore(ms(1_002)));
        let mut quota = Quota { interactive_until: ms(1_500), ..quota };
        assert_eq!(take(&mut quota, Lane::Bulk, ms(1_100)), Take::NotBefore(ms(1_500)));
        assert_eq!(take(&mut quota, Lane::Interactive, ms(1_100)), Take::Granted);
    }

    #[test]
    fn a_refusal_stops_everybody_until_the_moment_that_the_server_named() {
        let mut quota = Quota::default();
        let evidence = Evidence::Refused { wait: ms(20_000), limit: None };
        quota.learn(&WINDOWS, evidence, ms(0), ms(500));
        assert_eq!(take(&mut quota, Lane::Interactive, ms(600)), Take::NotBefore(ms(20_500)));
        assert_eq!(take(&mut quota, Lane::Interactive, ms(20_500)), Take::Granted);
    }

    #[test]
    fn what_fills_no_window_is_forgotten() {
        let mut quota = Quota::default();
        send(&mut quota, 1, ms(0));
        send(&mut quota, 2, ms(60_100));
        assert_eq!(quota.sends.len(), 1);
    }

    #[test]
    fn without_windows_everybody_sends() {
        let mut quota = Quota::default();
        for number in 0..1_000 {
            assert_eq!(quota.take(id(number), &[], Lane::Bulk, LONGEST, ms(0)), Take::Granted);
        }
    }
}
