//! How long a request fills a window.

use std::time::Duration;

use specwright_core::security::RateWindow;

/// Clocks tell whole milliseconds, of which two may hide almost one.
const TRUNCATION: Duration = Duration::from_millis(1);

/// Two clocks differ in rate by at most one part in so many: twice what NTP may slew a clock by (500 parts in a million,
/// RFC 5905 §11.3).
const DRIFT: u32 = 1_000;

/// For how long after it may last have arrived a request counts.
///
/// A server counts a request between the moment it was sent and the moment its answer was there. Whoever waits for the
/// period from the *answer* on can therefore not be early, however long the way is: no margin for latency is needed, and
/// none would be enough. What is added is for clocks alone.
pub(crate) fn hold(window: RateWindow) -> Duration {
    window.period.saturating_add(window.period / DRIFT).saturating_add(TRUNCATION)
}
