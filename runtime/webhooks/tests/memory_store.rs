//! The store in memory does what every store of events must.

use std::sync::Arc;
use std::time::Duration;

use specwright_core::transport::{BoxError, BoxFuture};
use specwright_testkit::VirtualClock;
use specwright_testkit::dedupe_store::Subject;
use specwright_webhooks::{DedupeStore, MemoryDedupe};

struct InMemory {
    clock: VirtualClock,
    store: Arc<MemoryDedupe>,
}

impl InMemory {
    fn new() -> Self {
        let clock = VirtualClock::new();
        let store = Arc::new(MemoryDedupe::volatile(Arc::new(clock.clone())));
        Self { clock, store }
    }
}

impl Subject for InMemory {
    fn handle(&self) -> BoxFuture<'_, Result<Arc<dyn DedupeStore>, BoxError>> {
        Box::pin(async { Ok(Arc::clone(&self.store) as Arc<dyn DedupeStore>) })
    }

    fn advance(&self, time: Duration) {
        self.clock.advance(time);
    }
}

specwright_testkit::dedupe_store_cases!(InMemory::new());
