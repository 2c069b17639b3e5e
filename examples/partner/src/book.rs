//! What the application itself knows: its customers, and whom of them the vendor has confirmed.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::Connection;

use crate::app::Failure;

/// Somebody who is to be a contact at the vendor.
pub(crate) struct Customer {
    /// The application's own name for it, which never changes.
    pub(crate) reference: String,
    pub(crate) email: String,
    pub(crate) name: String,
    pub(crate) phone: String,
}

/// Where the application keeps what it is told. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Book {
    database: Arc<Mutex<Connection>>,
}

impl Book {
    pub(crate) fn open(folder: &Path) -> Result<Self, Failure> {
        let database = Connection::open(folder.join("book.db"))?;
        database.execute(
            "CREATE TABLE IF NOT EXISTS confirmed (reference TEXT PRIMARY KEY) STRICT",
            [],
        )?;
        Ok(Self { database: Arc::new(Mutex::new(database)) })
    }

    /// So many customers. They are invented, and the domain belongs to nobody (RFC 2606).
    pub(crate) fn customers(count: usize) -> Vec<Customer> {
        let customer = |number| Customer {
            reference: format!("customer-{number:04}"),
            email: format!("customer-{number:04}@partner.example"),
            name: format!("Invented Customer {number}"),
            // 555-0100 to 555-0199 are kept for fiction.
            phone: format!("+1 202 555 01{:02}", number % 100),
        };
        (1..=count).map(customer).collect()
    }

    /// Writes down that the vendor has told of this customer's contact. To be told twice changes nothing.
    pub(crate) async fn confirm(&self, reference: String) -> Result<(), Failure> {
        let book = self.clone();
        let write = move || {
            let written = "INSERT OR IGNORE INTO confirmed (reference) VALUES (?1)";
            book.database().execute(written, [reference])
        };
        tokio::task::spawn_blocking(write).await??;
        Ok(())
    }

    /// How many customers were confirmed.
    pub(crate) fn confirmed(&self) -> Result<usize, Failure> {
        let count = "SELECT count(*) FROM confirmed";
        let count: u32 = self.database().query_row(count, [], |row| row.get(0))?;
        Ok(usize::try_from(count)?)
    }

    fn database(&self) -> MutexGuard<'_, Connection> {
        self.database.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
