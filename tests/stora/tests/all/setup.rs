//! A sandbox and a client that share one time.

use std::fs;
use std::path::Path;
use std::sync::Arc;

pub(crate) use shared_clock::START;
use shared_clock::SharedClock;
use specwright_testkit::sandbox::{Options, RequestEntry, SandboxClock};
use specwright_testkit::{Sandbox, SeededRandom};
use stora_2025_09::Client;
use stora_2025_09::runtime::{Builder, ClientCredentials, StaticToken};
use vendors::Document;

/// Both scopes of contacts.
pub(crate) const SCOPES: &str = "public.contact:read public.contact:write";

pub(crate) fn options() -> Options {
    Options::new().with_clock(SandboxClock::fixed_at(START))
}

pub(crate) async fn sandbox() -> Sandbox {
    sandbox_with(options()).await
}

pub(crate) async fn sandbox_with(options: Options) -> Sandbox {
    Sandbox::start_with(options).await.unwrap()
}

/// A builder that sends to the sandbox and goes by its time; credentials are still missing.
///
/// It keeps to no windows: that time stands still while a client waits for room.
pub(crate) fn builder(sandbox: &Sandbox) -> Builder<Client> {
    Client::builder("Example/Tests")
        .base_url(sandbox.base_url())
        .without_rate_limits()
        .clock(Arc::new(SharedClock::new(sandbox)))
        .random(Arc::new(SeededRandom::new(1)))
}

/// A client with the sandbox's static token, which has every scope and no end.
pub(crate) fn client(sandbox: &Sandbox) -> Client {
    let token = StaticToken::new(sandbox.static_token());
    builder(sandbox).credentials(token).build().unwrap()
}

/// A client that gets its tokens from the sandbox's token endpoint.
pub(crate) fn token_client(sandbox: &Sandbox) -> Client {
    builder(sandbox).credentials(grant(sandbox)).build().unwrap()
}

pub(crate) fn grant(sandbox: &Sandbox) -> ClientCredentials {
    grant_of(sandbox, SCOPES)
}

pub(crate) fn grant_of(sandbox: &Sandbox, scopes: &str) -> ClientCredentials {
    ClientCredentials::new(sandbox.client_id(), sandbox.client_secret()).scope(scopes)
}

/// How often the other tasks may run until what is waited for has happened.
pub(crate) const MOST_TURNS: u32 = 1_000_000;

/// Lets the other tasks run until something has happened.
pub(crate) async fn until(happened: impl Fn() -> bool) {
    for _ in 0..MOST_TURNS {
        if happened() {
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("it never happened");
}

/// The status of each request that meant `operation`, in the order of arrival.
pub(crate) fn statuses(sandbox: &Sandbox, operation: &str) -> Vec<Option<u16>> {
    let ledger = sandbox.ledger();
    ledger.requests_for(operation).into_iter().map(RequestEntry::status).collect()
}

/// The document with its overlays applied: what the sandbox plays, and what the client was made of.
pub(crate) fn document() -> Document {
    Document::of("stora-2025-09")
}

/// The text of a file of the repository.
pub(crate) fn read(path: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    fs::read_to_string(root.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}
