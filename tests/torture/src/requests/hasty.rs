//! A client that does not wait long between its attempts.

use std::time::{Duration, SystemTime};

use stora_2025_09::runtime::transport::BoxFuture;
use stora_2025_09::runtime::{Clock, SystemClock};

/// The machine's clock, on which what a client waits between its attempts is short. Its limits, which are longer, stay.
#[derive(Debug)]
pub struct Hasty(SystemClock);

/// The longest wait that is made short, and by how much.
const LONGEST_WAIT: Duration = Duration::from_secs(20);
const HASTE: u32 = 100;

impl Hasty {
    /// A clock whose monotonic time starts now.
    pub fn new() -> Self {
        Self(SystemClock::new())
    }
}

impl Default for Hasty {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for Hasty {
    fn now(&self) -> SystemTime {
        self.0.now()
    }

    fn monotonic(&self) -> Duration {
        self.0.monotonic()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        self.0.sleep(if duration < LONGEST_WAIT { duration / HASTE } else { duration })
    }
}
