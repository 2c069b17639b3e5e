//! A process that calls the sandbox with grants of a shared store, and may end in the middle.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::process::{Signal, getpid, kill_process};
use specwright_refresh::{
    Generation, GrantKey, GrantStatus, KeyRing, Observer, SpillJournal, Step, StoreError,
};
use specwright_store_sqlite::SqliteStore;
use specwright_testkit::{StoreVerb, StoreWatcher, WatchedStore};
use stora_2025_09::Client;
use stora_2025_09::runtime::transport::BoxFuture;
use stora_2025_09::runtime::{ApiGrants, ClientRegistration};
use torture::health::Health;
use torture::obey::obey;
use torture::order::{At, End, ORDER, Order, Task, Times, policy};
use torture::outcomes::Outcomes;
use torture::setting::{Trouble, key};

#[tokio::main]
async fn main() -> Result<(), Trouble> {
    let order: Order = serde_json::from_str(&std::env::var(ORDER)?)?;
    let health = Health::good();
    let grants = grants(&order, &health)?;
    let outcomes = Outcomes::default();
    match order.task {
        Task::Call(number) => outcomes.call(&grants.client(key(number))).await,
        Task::Disconnect(number) => {
            grants.grants().disconnect(&key(number)).await?;
        }
        Task::Attend(number) => {
            while !matches!(
                grants.grants().status(&key(number)).await?,
                GrantStatus::Disconnected { .. }
            ) {
                grants.grants().attend_once(10).await?;
                tokio::task::yield_now().await;
            }
        }
        Task::Obey => return obey(&grants, &health),
    }
    outcomes.tell()
}

fn grants(order: &Order, health: &Health) -> Result<ApiGrants<Client>, Trouble> {
    let (id, secret) = &order.client;
    let committing = Arc::new(AtomicBool::new(false));
    let unheard = Unheard { committing: Arc::clone(&committing), end: order.end };
    let store = WatchedStore::new(Arc::new(SqliteStore::open(&order.database)?), Arc::new(unheard));
    let store = WatchedStore::new(Arc::new(store), Arc::new(health.clone()));
    let open = |path: &PathBuf| OpenOptions::new().append(true).create(true).open(path);
    let acknowledged = order.acknowledged.as_ref().map(open).transpose()?;
    let builder = Client::builder("Specwright/Torture")
        .without_rate_limits()
        .base_url(&order.server)
        .authorization_server(&order.server);
    let builder = match &order.token_url {
        Some(url) => builder.token_url(url),
        None => builder,
    };
    let builder = builder
        .grants(ClientRegistration::confidential(id.as_str(), secret.as_str()))
        .store(store)
        .keys(KeyRing::parse(&order.keys)?)
        .observer(Watching { end: order.end, committing, acknowledged });
    let builder = match order.times {
        Times::Scaled => builder.policy(policy(order.rotation)),
        Times::Shipped => builder,
    };
    let builder = match &order.spill {
        Some(folder) => builder.spill(SpillJournal::open(folder)?),
        None => builder,
    };
    Ok(builder.build()?)
}

/// Ends this very process, so that nothing of it runs any more: no destructor, no other thread.
fn end() {
    let _ = kill_process(getpid(), Signal::KILL);
}

/// Ends the process at a step, and writes down which pairs the store has acknowledged.
#[derive(Debug)]
struct Watching {
    end: Option<End>,
    committing: Arc<AtomicBool>,
    acknowledged: Option<File>,
}

impl Observer for Watching {
    fn step(&self, key: &GrantKey, generation: Generation, step: Step) {
        let here = match step {
            Step::Decided => At::Decided,
            Step::Intended => At::Intended,
            Step::Answered => At::Answered,
            Step::Read => At::Read,
            Step::Committing => At::Committing,
            Step::Committed => At::Committed,
            Step::Published => At::Published,
            Step::Revoking => At::Revoking,
            _ => return,
        };
        if here == At::Committing {
            self.committing.store(true, Ordering::SeqCst);
        }
        if let (At::Committed, Some(mut file)) = (here, self.acknowledged.as_ref()) {
            let line = format!("{} {}\n", key.tenant(), generation.next().number());
            // One write, so that a kill leaves whole lines. What cannot be noted was acknowledged all the same.
            let _ = file.write_all(line.as_bytes());
        }
        if self.end == Some(End::Step(here)) {
            end();
        }
    }
}

/// Ends the process when the store has written the first pair, before anybody has heard of it.
#[derive(Debug)]
struct Unheard {
    committing: Arc<AtomicBool>,
    end: Option<End>,
}

impl StoreWatcher for Unheard {
    fn around<'a>(
        &'a self,
        verb: StoreVerb,
        operation: BoxFuture<'a, Result<(), StoreError>>,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            let done = operation.await;
            let unheard = verb == StoreVerb::Swap && self.end == Some(End::CommitUnheard);
            if unheard && self.committing.load(Ordering::SeqCst) {
                end();
            }
            done
        })
    }
}
