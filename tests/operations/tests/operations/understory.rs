//! Understory: the calls, group by group.

mod bookings;
mod ids;
mod offers;
mod orders;
mod types;
mod webhook_subscriptions;

use std::sync::Arc;

use shared_clock::{START, SharedClock};
use specwright_testkit::sandbox::{Options, Profile, SandboxClock};
use specwright_testkit::{Sandbox, SeededRandom};
use understory_v1::Client;
use understory_v1::runtime::StaticToken;
use understory_v1::runtime::types::{DateTime, LocalDateTime};

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
    Document::of("understory-v1")
}

/// Calls each operation twice: with few inputs, then with all.
pub(crate) async fn run() -> Exchanges {
    let account = Account::open().await;
    bookings::required(&account).await;
    bookings::all(&account).await;
    offers::required(&account).await;
    offers::all(&account).await;
    orders::required(&account).await;
    orders::all(&account).await;
    webhook_subscriptions::required(&account).await;
    webhook_subscriptions::all(&account).await;
    account.exchanges()
}

/// Sends the alternatives that [`run`] does not.
pub(crate) async fn others() -> Exchanges {
    let account = Account::open().await;
    bookings::others(&account).await;
    account.exchanges()
}

impl Account {
    async fn open() -> Self {
        let options = Options::new().with_clock(SandboxClock::fixed_at(START));
        let options = options.with_profile(Profile::understory().unwrap()).with_examples();
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

    fn exchanges(&self) -> Exchanges {
        Exchanges { ledger: self.sandbox.ledger(), answers: self.recorder.answers() }
    }
}

fn moment(text: &str) -> DateTime {
    text.parse().unwrap()
}

fn local(text: &str) -> LocalDateTime {
    text.parse().unwrap()
}
