//! The rows in SQLite do what all rows must.

use std::sync::Arc;
use std::time::Duration;

use specwright_core::transport::{BoxError, BoxFuture};
use specwright_store::{Durability, Rows, Table};
use specwright_store_sqlite::SqliteRows;
use specwright_testkit::VirtualClock;
use specwright_testkit::rows::Subject;
use tempfile::TempDir;

struct InFiles {
    clock: VirtualClock,
    folder: TempDir,
}

impl InFiles {
    fn new() -> Self {
        // Memory where there is some: what a disk keeps is not what these cases are about, and the slowness of one
        // would be most of their time.
        let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir());
        Self { clock: VirtualClock::new(), folder: folder.unwrap() }
    }
}

impl Subject for InFiles {
    fn handle(&self) -> BoxFuture<'_, Result<Arc<dyn Rows>, BoxError>> {
        Box::pin(async {
            let path = self.folder.path().join("rows.db");
            let clock = Arc::new(self.clock.clone());
            Ok(Arc::new(SqliteRows::open_with_clock(path, clock)?) as Arc<dyn Rows>)
        })
    }

    fn advance(&self, time: Duration) {
        self.clock.advance(time);
    }
}

specwright_testkit::rows_cases!(InFiles::new());

#[tokio::test]
async fn only_quotas_may_end_with_the_machine() {
    let rows = InFiles::new().handle().await.unwrap();
    for table in Table::ALL {
        let expected = match table {
            Table::Quotas => Durability::BestEffort,
            _ => Durability::Durable,
        };
        assert_eq!(rows.durability(table), expected, "{table:?}");
    }
}
