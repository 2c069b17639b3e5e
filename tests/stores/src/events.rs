//! Events in a store.

use std::path::Path;
use std::sync::Arc;

use specwright_core::transport::BoxError;
use specwright_store_sqlite::SqliteRows;
use specwright_testkit::VirtualClock;
use specwright_webhooks::{EventId, EventKey, RowsDedupe};

/// The clock that all processes have: it stands still, at the same moment in each of them.
pub fn clock() -> VirtualClock {
    VirtualClock::new()
}

/// Opens the events in a file.
pub fn open(file: &Path, clock: VirtualClock) -> Result<RowsDedupe, BoxError> {
    let rows = SqliteRows::open_with_clock(file, Arc::new(clock))?;
    Ok(RowsDedupe::new(Arc::new(rows)))
}

/// The event with this number.
pub fn event(number: u32) -> Result<EventKey, BoxError> {
    Ok(EventKey::new("source", EventId::new(format!("evt_{number}"))?))
}

/// Whether a handler says of this event that it was handed off.
pub fn is_finished(number: u32) -> bool {
    number.is_multiple_of(2)
}
