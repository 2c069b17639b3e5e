//! A sandbox that plays Understory, and a client that shares its time.

use std::sync::Arc;
use std::time::Duration;

use shared_clock::{START, SharedClock};
use specwright_testkit::sandbox::{Options, Profile, RequestEntry, SandboxClock};
use specwright_testkit::{Sandbox, SeededRandom};
use understory_v1::Client;
use understory_v1::runtime::{Builder, ClientCredentials, StaticToken};
use vendors::Document;

/// What these tests give a call: enough for several minutes of waiting.
const DEADLINE: Duration = Duration::from_secs(3600);

pub(crate) fn options() -> Options {
    let options = Options::new().with_clock(SandboxClock::fixed_at(START));
    options.with_profile(Profile::understory().unwrap()).with_examples()
}

pub(crate) async fn sandbox() -> Sandbox {
    Sandbox::start_with(options()).await.unwrap()
}

/// A builder that sends to the sandbox and goes by its time; credentials are still missing.
pub(crate) fn builder(sandbox: &Sandbox, clock: SharedClock) -> Builder<Client> {
    Client::builder("Example/Tests")
        .base_url(sandbox.base_url())
        .token_url(format!("{}/oauth2/token", sandbox.base_url()))
        .clock(Arc::new(clock))
        .random(Arc::new(SeededRandom::new(1)))
        .deadline(DEADLINE)
}

/// A client with the sandbox's static token, which has every scope and no end.
pub(crate) fn client(sandbox: &Sandbox) -> Client {
    client_of(sandbox, clock(sandbox))
}

pub(crate) fn client_of(sandbox: &Sandbox, clock: SharedClock) -> Client {
    let token = StaticToken::new(sandbox.static_token());
    builder(sandbox, clock).credentials(token).build().unwrap()
}

/// A clock that takes the minute after a 429, and what it is spread over, for a pause. An attempt to write is given a minute
/// without that.
pub(crate) fn clock(sandbox: &Sandbox) -> SharedClock {
    SharedClock::new(sandbox)
        .with_long_pauses(Duration::from_millis(60_001)..=Duration::from_secs(61))
}

/// A client that gets its tokens from the sandbox's token endpoint.
pub(crate) fn token_client(sandbox: &Sandbox, scopes: &str) -> Client {
    let grant = ClientCredentials::new(sandbox.client_id(), sandbox.client_secret()).scope(scopes);
    builder(sandbox, clock(sandbox)).credentials(grant).build().unwrap()
}

pub(crate) async fn started() -> (Sandbox, Client) {
    let sandbox = sandbox().await;
    let client = client(&sandbox);
    (sandbox, client)
}

/// The status of each request that meant `operation`, in the order of arrival.
pub(crate) fn statuses(sandbox: &Sandbox, operation: &str) -> Vec<Option<u16>> {
    let ledger = sandbox.ledger();
    ledger.requests_for(operation).into_iter().map(RequestEntry::status).collect()
}

/// The document with its overlays applied: what the sandbox plays, and what the client was made of.
pub(crate) fn document() -> Document {
    Document::of("understory-v1")
}
