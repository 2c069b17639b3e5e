//! The store in SQLite does what every store must, and what a durable one must.

use std::sync::Arc;
use std::time::Duration;

use specwright_core::transport::{BoxError, BoxFuture};
use specwright_refresh::GrantStore;
use specwright_store_sqlite::SqliteStore;
use specwright_testkit::VirtualClock;
use specwright_testkit::grant_store::{Outcome, Subject, model};
use tempfile::TempDir;

struct InFile {
    clock: VirtualClock,
    folder: TempDir,
}

impl InFile {
    fn new() -> Self {
        // Memory where there is some: what a disk keeps is not what these cases are about, and the slowness of one
        // would be most of their time.
        let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir());
        Self { clock: VirtualClock::new(), folder: folder.unwrap() }
    }
}

impl Subject for InFile {
    fn handle(&self) -> BoxFuture<'_, Result<Arc<dyn GrantStore>, BoxError>> {
        Box::pin(async {
            let path = self.folder.path().join("grants.db");
            let clock = Arc::new(self.clock.clone());
            Ok(Arc::new(SqliteStore::open_with_clock(path, clock)?) as Arc<dyn GrantStore>)
        })
    }

    fn advance(&self, time: Duration) {
        self.clock.advance(time);
    }
}

specwright_testkit::grant_store_cases!(InFile::new());
specwright_testkit::grant_store_durable_cases!(InFile::new());

#[tokio::test]
async fn random_operations_do_what_the_model_says() -> Outcome {
    model::diverges(&InFile::new(), 1, model::sequences(4_000)).await
}
