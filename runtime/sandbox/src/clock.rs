//! The sandbox's own time, which tests can move.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

use jiff::Timestamp;
use tokio::sync::watch;

/// The time by which tokens expire, keys are forgotten and windows roll.
///
/// Clones share one time: move any of them and the sandbox has moved.
#[derive(Clone, Debug)]
pub struct SandboxClock {
    base: Base,
    advanced_micros: Arc<AtomicU64>,
    /// Tells whoever waits that the time was moved.
    moved: Arc<watch::Sender<()>>,
}

#[derive(Clone, Copy, Debug)]
enum Base {
    /// It was this moment at that instant.
    Machine(Moment, Instant),
    Fixed(Moment),
}

impl SandboxClock {
    /// Goes on from the machine's time, plus whatever [`advance`](Self::advance) added.
    ///
    /// The machine's time of day is read once, here. Should somebody set it later, the sandbox does not
    /// notice: its time never goes back, and never jumps.
    pub fn machine() -> Self {
        #[expect(
            clippy::disallowed_methods,
            reason = "the one place where the sandbox reads the machine's clocks"
        )]
        let (time, instant) = (SystemTime::now(), Instant::now());
        let since_1970 = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Self::from_base(Base::Machine(Moment(since_1970), instant))
    }

    /// Stands at `unix_seconds` (seconds since 1970, UTC) until it is advanced.
    pub fn fixed_at(unix_seconds: u64) -> Self {
        Self::from_base(Base::Fixed(Moment(Duration::from_secs(unix_seconds))))
    }

    /// Moves time forward. There is no way back: an expired token stays expired.
    pub fn advance(&self, by: Duration) {
        let by = u64::try_from(by.as_micros()).unwrap_or(u64::MAX);
        let moved = |micros: u64| Some(micros.saturating_add(by));
        // The closure never answers `None`, so there is no error to look at.
        let _ = self.advanced_micros.fetch_update(Ordering::SeqCst, Ordering::SeqCst, moved);
        self.moved.send_replace(());
    }

    /// Whole seconds since 1970 (UTC).
    pub fn unix_seconds(&self) -> u64 {
        self.now().unix_seconds()
    }

    pub(crate) fn now(&self) -> Moment {
        let base = match self.base {
            Base::Machine(moment, instant) => moment.plus(instant.elapsed()),
            Base::Fixed(moment) => moment,
        };
        base.plus(Duration::from_micros(self.advanced_micros.load(Ordering::SeqCst)))
    }

    /// Waits until it is `moment`, however the time comes to be that.
    pub(crate) async fn reaches(&self, moment: Moment) {
        // From before the time is read: nobody moves it unnoticed.
        let mut moved = self.moved.subscribe();
        loop {
            let left = moment.since(self.now());
            if left.is_zero() {
                return;
            }
            match self.base {
                #[expect(
                    clippy::disallowed_methods,
                    reason = "who goes by the machine's clock wants to wait"
                )]
                Base::Machine(..) => tokio::select! {
                    _ = moved.changed() => {}
                    () = tokio::time::sleep(left) => {}
                },
                Base::Fixed(_) => {
                    // The sender is this clock's own, so it is there.
                    let _ = moved.changed().await;
                }
            }
        }
    }

    fn from_base(base: Base) -> Self {
        let moved = Arc::new(watch::Sender::new(()));
        Self { base, advanced_micros: Arc::new(AtomicU64::new(0)), moved }
    }
}

/// How far the `Date` of answers is from the sandbox's time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct DateOffset(i64);

impl DateOffset {
    pub(crate) fn seconds(seconds: i64) -> Self {
        Self(seconds)
    }

    pub(crate) fn of(self, moment: Moment) -> Moment {
        let distance = Duration::from_secs(self.0.unsigned_abs());
        let Moment(time) = moment;
        Moment(if self.0 < 0 {
            time.saturating_sub(distance)
        } else {
            time.saturating_add(distance)
        })
    }
}

/// A moment, as the time since 1970 (UTC).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Moment(Duration);

impl Moment {
    pub(crate) fn plus(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(duration))
    }

    pub(crate) fn before(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(duration))
    }

    /// How long it is after another one; nothing if it is before it.
    pub(crate) fn since(self, earlier: Self) -> Duration {
        self.0.saturating_sub(earlier.0)
    }

    pub(crate) fn since_1970(self) -> Duration {
        self.0
    }

    pub(crate) fn unix_seconds(self) -> u64 {
        self.0.as_secs()
    }

    /// The first whole second that is not before it.
    pub(crate) fn unix_seconds_rounded_up(self) -> u64 {
        self.0.as_secs().saturating_add(u64::from(self.0.subsec_nanos() > 0))
    }

    /// RFC 3339 in UTC with milliseconds, the form of every time in an answer.
    pub(crate) fn to_rfc3339(self) -> String {
        let millis = i64::try_from(self.0.as_millis()).unwrap_or(i64::MAX);
        let timestamp = Timestamp::from_millisecond(millis).unwrap_or(Timestamp::MAX);
        format!("{timestamp:.3}")
    }

    /// The form of the `Date` header (RFC 9110, section 5.6.7).
    pub(crate) fn to_http_date(self) -> String {
        // `httpdate` knows no year after 9999 and would panic there.
        let seconds = self.unix_seconds().min(LAST_HTTP_DATE);
        httpdate::fmt_http_date(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
    }
}

/// 9999-12-31T23:59:59Z.
const LAST_HTTP_DATE: u64 = 253_402_300_799;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fixed_clock_moves_only_when_advanced() {
        let clock = SandboxClock::fixed_at(1_767_225_600);
        assert_eq!(clock.now().to_rfc3339(), "2026-01-01T00:00:00.000Z");
        clock.advance(Duration::from_millis(1_500));
        assert_eq!(clock.now().to_rfc3339(), "2026-01-01T00:00:01.500Z");
    }

    #[test]
    fn the_time_of_day_of_the_machine_is_read_once() {
        let Base::Machine(_, instant) = SandboxClock::machine().base else {
            panic!("it should follow the machine")
        };
        // As if it had been 1970 when the clock was made, which it is not when it is read.
        let clock = SandboxClock::from_base(Base::Machine(Moment(Duration::ZERO), instant));
        assert_eq!(clock.now().to_rfc3339().get(..4), Some("1970"));
    }

    #[test]
    fn clones_share_one_time() {
        let clock = SandboxClock::fixed_at(0);
        clock.clone().advance(Duration::from_secs(7));
        assert_eq!(clock.unix_seconds(), 7);
    }

    #[test]
    fn the_end_of_time_is_still_a_date() {
        let clock = SandboxClock::fixed_at(u64::MAX);
        clock.advance(Duration::MAX);
        assert_eq!(clock.now().to_http_date(), "Fri, 31 Dec 9999 23:59:59 GMT");
        assert!(clock.now().to_rfc3339().starts_with("9999-12-30"));
    }
}
