//! The store in memory does what every store must.

use std::sync::Arc;
use std::time::Duration;

use specwright_core::transport::{BoxError, BoxFuture};
use specwright_refresh::{Durability, GrantStore, MemoryStore};
use specwright_testkit::VirtualClock;
use specwright_testkit::grant_store::{Outcome, Subject, model};

struct InMemory {
    clock: VirtualClock,
    store: Arc<MemoryStore>,
}

impl InMemory {
    fn new() -> Self {
        let clock = VirtualClock::new();
        Self { store: Arc::new(MemoryStore::volatile(Arc::new(clock.clone()))), clock }
    }
}

impl Subject for InMemory {
    fn handle(&self) -> BoxFuture<'_, Result<Arc<dyn GrantStore>, BoxError>> {
        Box::pin(async { Ok(Arc::clone(&self.store) as Arc<dyn GrantStore>) })
    }

    fn advance(&self, time: Duration) {
        self.clock.advance(time);
    }
}

specwright_testkit::grant_store_cases!(InMemory::new());

#[test]
fn it_says_that_it_is_volatile() {
    assert_eq!(InMemory::new().store.durability(), Durability::Volatile);
}

#[tokio::test]
async fn random_operations_do_what_the_model_says() -> Outcome {
    model::diverges(&InMemory::new(), 1, model::sequences(20_000)).await
}
