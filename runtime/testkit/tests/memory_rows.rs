//! Rows in memory, held to what every store of rows must do.

use std::sync::Arc;
use std::time::Duration;

use specwright_core::transport::{BoxError, BoxFuture};
use specwright_store::{MemoryRows, Rows};
use specwright_testkit::VirtualClock;
use specwright_testkit::rows::Subject;

struct InMemory(VirtualClock, Arc<MemoryRows>);

impl InMemory {
    fn new() -> Self {
        let clock = VirtualClock::new();
        Self(clock.clone(), Arc::new(MemoryRows::volatile(Arc::new(clock))))
    }
}

impl Subject for InMemory {
    fn handle(&self) -> BoxFuture<'_, Result<Arc<dyn Rows>, BoxError>> {
        Box::pin(async { Ok(Arc::clone(&self.1) as Arc<dyn Rows>) })
    }

    fn advance(&self, time: Duration) {
        self.0.advance(time);
    }
}

specwright_testkit::rows_cases!(InMemory::new());
