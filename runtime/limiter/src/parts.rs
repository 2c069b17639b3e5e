//! What a limiter is made of.

use std::sync::Arc;
use std::time::Duration;

use specwright_core::clock::Clock;
use specwright_core::random::Random;
use specwright_core::security::RateWindow;
use specwright_core::spawn::Spawn;
use specwright_store::Rows;

/// For so long a permit may be used: long enough to look for a token once more. Whoever was frozen for longer may hold a
/// permit that counts no more.
pub(crate) const GOOD_FOR: Duration = Duration::from_secs(10);

/// Processes that a fleet is taken to have where nobody says how many.
const PARTS: u32 = 4;

/// What a limiter is made of.
#[derive(Clone, Debug)]
pub struct LimiterParts {
    /// The windows of the API, for each account.
    pub windows: Vec<RateWindow>,
    /// With whom the windows are shared.
    pub sharing: Sharing,
    /// The longest that a request can take from its first byte to its answer or its end.
    pub longest: Duration,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Draws the name of this process.
    pub random: Arc<dyn Random>,
    /// Where what became known is written.
    pub spawn: Arc<dyn Spawn>,
}

impl LimiterParts {
    /// The longest from when a permit is asked for until what was sent with it has ended.
    pub(crate) fn longest_from_permit(&self) -> Duration {
        GOOD_FOR.saturating_add(self.longest)
    }
}

/// With whom windows are shared.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Sharing {
    /// With nobody: this process is the only one.
    Alone,
    /// With every process that has the same rows.
    Rows {
        /// The rows.
        rows: Arc<dyn Rows>,
        /// How many processes there are at most, for the time in which the rows cannot be reached: each then sends that
        /// part of a window.
        processes: u32,
    },
}

impl Sharing {
    /// With every process that has the same rows; four of them, if the rows cannot be reached.
    pub fn rows(rows: Arc<dyn Rows>) -> Self {
        Self::Rows { rows, processes: PARTS }
    }
}
