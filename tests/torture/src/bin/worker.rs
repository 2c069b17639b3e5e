//! A process that calls the sandbox with grants of a shared store, and may end in the middle.

#![expect(clippy::print_stdout, reason = "the report is what the judge reads")]

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rustix::process::{Signal, getpid, kill_process};
use specwright_refresh::{
    Generation, GrantKey, GrantProblem, GrantStatus, KeyRing, Observer, Step, StoreError,
};
use specwright_store_sqlite::SqliteStore;
use specwright_testkit::{StoreVerb, StoreWatcher, WatchedStore};
use stora_2025_09::Client;
use stora_2025_09::runtime::transport::BoxFuture;
use stora_2025_09::runtime::{ApiGrants, ClientRegistration};
use torture::order::{At, End, ORDER, Order, Report, Task};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let order: Order = serde_json::from_str(&std::env::var(ORDER)?)?;
    let grants = grants(&order)?;
    match order.task {
        Task::Call(number) => {
            let report = Counts::default();
            call(Arc::new(grants.client(key(number))), report.clone()).await;
            say(&report)
        }
        Task::Disconnect(number) => {
            grants.grants().disconnect(&key(number)).await?;
            say(&Counts::default())
        }
        Task::Attend(number) => {
            while !matches!(
                grants.grants().status(&key(number)).await?,
                GrantStatus::Disconnected { .. }
            ) {
                grants.grants().attend_once(10).await?;
                tokio::task::yield_now().await;
            }
            say(&Counts::default())
        }
        Task::Crowd { grants: number, calls } => {
            let clients: Vec<_> =
                (0..number).map(|number| Arc::new(grants.client(key(number)))).collect();
            for line in std::io::stdin().lines() {
                line?;
                crowd(&clients, calls).await?;
            }
            Ok(())
        }
    }
}

/// So many calls at once, in turn with each client.
async fn crowd(clients: &[Arc<Client>], calls: u32) -> Result<(), Box<dyn Error>> {
    let report = Counts::default();
    let each = clients.iter().cycle().take(usize::try_from(calls)?);
    let tasks: Vec<_> =
        each.map(|client| tokio::spawn(call(Arc::clone(client), report.clone()))).collect();
    for task in tasks {
        task.await?;
    }
    say(&report)
}

/// Outcomes, with how often.
type Counts = Arc<Mutex<BTreeMap<String, u64>>>;

fn say(counts: &Counts) -> Result<(), Box<dyn Error>> {
    let counts = std::mem::take(&mut *counts.lock().unwrap_or_else(PoisonError::into_inner));
    let (succeeded, failed): (Vec<_>, Vec<_>) =
        counts.into_iter().partition(|(outcome, _)| outcome == SUCCEEDED);
    let report = Report { succeeded: succeeded.iter().map(|(_, times)| times).sum(), failed };
    println!("{}", serde_json::to_string(&report)?);
    Ok(())
}

const SUCCEEDED: &str = "succeeded";

fn key(number: u32) -> GrantKey {
    GrantKey::new(format!("operator-{number}"), "stora")
}

async fn call(client: Arc<Client>, report: Counts) {
    let outcome = match client.contacts().list().limit(1).await {
        Ok(_) => SUCCEEDED.to_owned(),
        Err(error) => GrantProblem::of(&error).map_or_else(|| error.to_string(), named),
    };
    count(&report, outcome);
}

fn count(report: &Mutex<BTreeMap<String, u64>>, outcome: String) {
    *report.lock().unwrap_or_else(PoisonError::into_inner).entry(outcome).or_default() += 1;
}

fn named(problem: &GrantProblem) -> String {
    match problem {
        GrantProblem::ReconnectRequired { reason, .. } => format!("reconnect required: {reason:?}"),
        other => format!("{other:?}"),
    }
}

fn grants(order: &Order) -> Result<ApiGrants<Client>, Box<dyn Error>> {
    let (id, secret) = &order.client;
    let committing = Arc::new(AtomicBool::new(false));
    let unheard = Unheard { committing: Arc::clone(&committing), end: order.end };
    let store = WatchedStore::new(Arc::new(SqliteStore::open(&order.database)?), Arc::new(unheard));
    let builder = Client::builder("Specwright/Torture")
        .base_url(&order.server)
        .authorization_server(&order.server);
    let builder = match &order.token_url {
        Some(url) => builder.token_url(url),
        None => builder,
    };
    Ok(builder
        .grants(ClientRegistration::confidential(id.as_str(), secret.as_str()))
        .store(store)
        .keys(KeyRing::parse(&order.keys)?)
        .policy(order.rotation.policy())
        .observer(Watching { end: order.end, committing })
        .build()?)
}

/// Ends this very process, so that nothing of it runs any more: no destructor, no other thread.
fn end() {
    let _ = kill_process(getpid(), Signal::KILL);
}

/// Ends the process at a step.
#[derive(Debug)]
struct Watching {
    end: Option<End>,
    committing: Arc<AtomicBool>,
}

impl Observer for Watching {
    fn step(&self, _: &GrantKey, _: Generation, step: Step) {
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
