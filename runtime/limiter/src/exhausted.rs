//! No permit in time.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

/// No permit in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exhausted {
    least: Duration,
}

impl Exhausted {
    pub(crate) fn new(least: Duration) -> Self {
        Self { least }
    }

    /// How long it takes at least until there is one.
    pub fn retry_in(&self) -> Duration {
        self.least
    }
}

impl fmt::Display for Exhausted {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "the rate limit leaves no room in time; there may be some in {:?}", self.least)
    }
}

impl StdError for Exhausted {}
