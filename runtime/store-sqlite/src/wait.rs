//! Waiting for a lock that another connection holds.

use std::thread;
use std::time::Duration;

/// Waits before an attempt to get a lock that another connection holds, the first of which has number 0. `false` ends
/// the waiting.
pub(crate) type Wait = fn(attempt: i32) -> bool;

/// Five seconds at least, in steps of a millisecond.
///
/// SQLite's own waiting grows to steps of 100 milliseconds. Among eight processes that write all the time it missed every
/// moment at which the lock was free for up to four seconds (measured); with short steps for less than one.
pub(crate) fn wait_patiently(attempt: i32) -> bool {
    thread::sleep(Duration::from_millis(1));
    attempt < 5_000
}
