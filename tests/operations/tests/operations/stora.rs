//! Stora: the calls, group by group.

mod billing;
mod catalog;
mod contacts;
mod deals;
mod ids;
mod oauth2;
mod orders;
mod sites;
mod tasks;
mod timeline;
mod types;
mod unit_allocations;
mod unit_types;
mod units;
mod webhook_endpoints;

use std::sync::Arc;

use shared_clock::{START, SharedClock};
use specwright_testkit::sandbox::{Options, SandboxClock};
use specwright_testkit::{Sandbox, SeededRandom};
use stora_2025_09::Client;
use stora_2025_09::runtime::StaticToken;
use stora_2025_09::runtime::types::DateTime;

use crate::exchange::{Exchanges, Recorder};
use vendors::Document;

pub(crate) use types::TYPES;

/// A client and the account that its calls change.
pub(crate) struct Account {
    client: Client,
    sandbox: Sandbox,
    recorder: Recorder,
}

pub(crate) fn document() -> Document {
    Document::of("stora-2025-09")
}

/// Calls each operation twice: with few inputs, then with all.
pub(crate) async fn run() -> Exchanges {
    let account = Account::open().await;
    contacts::required(&account).await;
    contacts::all(&account).await;
    sites::required(&account).await;
    sites::all(&account).await;
    units::required(&account).await;
    units::all(&account).await;
    unit_types::required(&account).await;
    unit_types::all(&account).await;
    unit_allocations::required(&account).await;
    unit_allocations::all(&account).await;
    catalog::required(&account).await;
    catalog::all(&account).await;
    orders::required(&account).await;
    orders::all(&account).await;
    billing::required(&account).await;
    billing::all(&account).await;
    deals::required(&account).await;
    deals::all(&account).await;
    tasks::required(&account).await;
    tasks::all(&account).await;
    timeline::required(&account).await;
    timeline::all(&account).await;
    webhook_endpoints::required(&account).await;
    webhook_endpoints::all(&account).await;
    oauth2::required(&account).await;
    oauth2::all(&account).await;
    account.exchanges()
}

/// Sends the alternatives that [`run`] does not.
pub(crate) async fn others() -> Exchanges {
    let account = Account::open().await;
    orders::others(&account).await;
    oauth2::others(&account).await;
    account.exchanges()
}

impl Account {
    async fn open() -> Self {
        let options = Options::new().with_clock(SandboxClock::fixed_at(START)).with_examples();
        let sandbox = Sandbox::start_with(options).await.unwrap();
        let recorder = Recorder::new();
        let client = Client::builder("Example/Tests")
            .base_url(sandbox.base_url())
            .transport(Arc::new(recorder.clone()))
            .without_rate_limits()
            .clock(Arc::new(SharedClock::new(&sandbox)))
            .random(Arc::new(SeededRandom::new(1)))
            .credentials(StaticToken::new(sandbox.static_token()))
            .build();
        Self { client: client.unwrap(), sandbox, recorder }
    }

    /// The id of a new resource that no call has changed yet.
    fn seed<I: From<String>>(&self, collection: &str) -> I {
        self.sandbox.seed(collection, 1).remove(0).into()
    }

    /// The id and the secret of the program.
    fn credentials(&self) -> (&str, &str) {
        (self.sandbox.client_id(), self.sandbox.client_secret())
    }

    fn exchanges(&self) -> Exchanges {
        Exchanges { ledger: self.sandbox.ledger(), answers: self.recorder.answers() }
    }
}

fn moment(text: &str) -> DateTime {
    text.parse().unwrap()
}

/// Names of associations.
fn names<const N: usize>(names: [&str; N]) -> [String; N] {
    names.map(str::to_owned)
}
