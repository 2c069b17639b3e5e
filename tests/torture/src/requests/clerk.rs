//! What the judge tells a process that carries out operations with names, and how such a process ends at a point of one.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use rustix::process::{Signal, getpid, kill_process};
use serde::{Deserialize, Serialize};
use specwright_store::{Durability, KeptRow, Loaded, Rows, StoreError, Swap, Table, Version};
use specwright_store_sqlite::SqliteRows;
use specwright_transport_reqwest::ReqwestTransport;
use stora_2025_09::Client;
use stora_2025_09::model::ContactCreate;
use stora_2025_09::runtime::transport::{
    AttemptLimits, BoxFuture, SendError, Transport, TransportRequest, TransportResponse,
};
use stora_2025_09::runtime::{AnyError, FingerprintKey, Journal, OsRandom, StaticToken};
use tokio::process::Child;
use tokio::task::JoinSet;

use super::program::start;
use crate::setting::{Trouble, wait};

/// Name of the variable that holds the order.
pub const ORDER: &str = "TORTURE_CLERK";

/// The program, which stands beside that of the workers.
pub const PROGRAM: &str = "torture-clerk";

/// What a process is to do: each of these operations creates a contact.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Order {
    /// Where the sandbox is.
    pub server: String,
    /// The token of the calls.
    pub token: String,
    /// The file of the journal.
    pub journal: PathBuf,
    /// Which operations, by number.
    pub operations: Range<u32>,
    /// How many of them at once.
    pub at_once: usize,
    /// For how long each call may go on.
    pub deadline: Duration,
    /// Where the process ends; `None` if it comes to its end by itself.
    pub end: Option<Point>,
}

/// A point of an operation at which its process is killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Point {
    /// Before it is written down that a request is sent.
    Unwritten,
    /// That is written, and nothing is sent.
    Written,
    /// So many microseconds after the request began to be sent, which may be after its answer.
    OnItsWay(u64),
    /// The answer is there, and nobody has looked at it.
    Answered,
    /// The answer was read, and is not written down.
    Unsettled,
    /// It is written down, and not told.
    Settled,
}

/// What became of the operations.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Carried {
    /// Those that succeeded now.
    pub succeeded: u32,
    /// Those that had succeeded before.
    pub before: u32,
    /// What others were told.
    pub failed: Vec<String>,
}

impl Order {
    /// Starts a process that carries it out. It ends with the judge.
    pub fn start(&self, program: &Path) -> Result<Child, Trouble> {
        start(program, ORDER, self)
    }

    /// Carries it out.
    pub async fn carry_out(&self) -> Result<Carried, Trouble> {
        let client = self.client()?;
        let (mut carried, mut calls) = (Carried::default(), JoinSet::new());
        let mut left = self.operations.clone();
        loop {
            while calls.len() < self.at_once
                && let Some(number) = left.next()
            {
                calls.spawn(create(client.clone(), number, self.deadline));
            }
            let Some(told) = calls.join_next().await else { break };
            match told? {
                Ok(()) => carried.succeeded += 1,
                Err(error) if error.is_already_succeeded() => carried.before += 1,
                Err(error) => carried.failed.push(error.to_string()),
            }
        }
        // A request may be faster than the kill that is to meet it on its way.
        if let Some(Point::OnItsWay(_)) = self.end {
            wait(Duration::from_secs(1)).await;
        }
        Ok(carried)
    }

    fn client(&self) -> Result<Client, Trouble> {
        let end = self.end.map(|point| End { point, changes: Arc::default() });
        let rows = Mortal { inner: SqliteRows::open(&self.journal)?, end: end.clone() };
        // One for all processes, as an installation has it.
        let secret = FingerprintKey::new([7; 32]);
        let journal = Journal::new(Arc::new(rows), secret, Arc::new(OsRandom))
            .map_err(|error| error.to_string())?;
        let inner = Arc::new(ReqwestTransport::builder().build()?);
        Ok(Client::builder("Specwright/Torture")
            .base_url(&self.server)
            .credentials(StaticToken::new(self.token.clone()))
            .without_rate_limits()
            .transport(Arc::new(Wire { inner, end }))
            .journal(journal)
            .build()?)
    }
}

async fn create(client: Client, number: u32, deadline: Duration) -> Result<(), AnyError> {
    let contact = ContactCreate::new(format!("contact-{number}@attic.example"), "Grace Field");
    let call = client.contacts().create(contact).with_operation(&format!("contact/{number}"));
    call.with_deadline(deadline).await.map(drop).map_err(AnyError::from)
}

/// The end of a process.
#[derive(Clone, Debug)]
struct End {
    point: Point,
    /// Changes of the journal up to now: the first says that a request is sent, the second what became of it.
    changes: Arc<AtomicU32>,
}

impl End {
    /// Ends the process if this is where it is to end.
    fn comes(&self, point: Point) {
        if self.point == point {
            // It cannot fail: the process is there, and may end itself.
            let _ = kill_process(getpid(), Signal::KILL);
        }
    }
}

/// The journal of a process that ends beside a change of it.
#[derive(Debug)]
struct Mortal {
    inner: SqliteRows,
    end: Option<End>,
}

impl Rows for Mortal {
    fn load<'a>(&'a self, table: Table, key: &'a str) -> BoxFuture<'a, Result<Loaded, StoreError>> {
        self.inner.load(table, key)
    }

    fn swap<'a>(
        &'a self,
        table: Table,
        key: &'a str,
        expected: Option<Version>,
        row: KeptRow,
    ) -> BoxFuture<'a, Result<Swap, StoreError>> {
        Box::pin(async move {
            let Some(end) = &self.end else {
                return self.inner.swap(table, key, expected, row).await;
            };
            let (before, after) = match end.changes.fetch_add(1, Ordering::Relaxed) {
                0 => (Point::Unwritten, Point::Written),
                _ => (Point::Unsettled, Point::Settled),
            };
            end.comes(before);
            let swapped = self.inner.swap(table, key, expected, row).await;
            end.comes(after);
            swapped
        })
    }

    fn durability(&self, table: Table) -> Durability {
        self.inner.durability(table)
    }
}

/// The wire of a process that ends while a request is on its way, or with its answer.
#[derive(Debug)]
struct Wire {
    inner: Arc<ReqwestTransport>,
    end: Option<End>,
}

impl Transport for Wire {
    fn send(
        &self,
        request: TransportRequest,
        limits: AttemptLimits,
    ) -> BoxFuture<'_, Result<TransportResponse, SendError>> {
        Box::pin(async move {
            if let Some(end) = self.end.clone()
                && let Point::OnItsWay(micros) = end.point
            {
                tokio::spawn(async move {
                    wait(Duration::from_micros(micros)).await;
                    end.comes(end.point);
                });
            }
            let answer = self.inner.send(request, limits).await;
            if let Some(end) = &self.end {
                end.comes(Point::Answered);
            }
            answer
        })
    }
}
