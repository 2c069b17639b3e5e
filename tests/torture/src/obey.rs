//! What a worker does that goes on.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use specwright_refresh::{GrantProblem, GrantStatus, Grants};
use specwright_testkit::SeededRandom;
use stora_2025_09::Client;
use stora_2025_09::runtime::{ApiGrants, Random as _};

use crate::command::Command;
use crate::health::Health;
use crate::outcomes::Outcomes;
use crate::setting::{Trouble, key, wait};

/// The most grants that are looked after at once.
const ROUND: usize = 1_000;

/// How often grants that end are looked after, and the time between two looks. What has not ended by then stays as it is,
/// for the judge to see.
const LOOKS: u32 = 250;
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// Does what the lines of the input say, each on a task of its own, until there is none. To be called on a runtime of
/// tokio.
pub fn obey(grants: &ApiGrants<Client>, health: &Health) -> Result<(), Trouble> {
    let mut clients = Clients { grants, made: Vec::new() };
    for line in std::io::stdin().lines() {
        match serde_json::from_str(&line?)? {
            Command::Call { grants, calls } => {
                let each = clients.of(grants).into_iter().cycle().take(usize::try_from(calls)?);
                report(call(each.collect()));
            }
            Command::KeepCalling { grants, every } => {
                for client in clients.of(grants) {
                    tokio::spawn(keep_calling(client, every));
                }
                Outcomes::default().tell()?;
            }
            Command::End { grants: which, within, seed } => {
                report(end(grants.grants().clone(), which, within, seed));
            }
            Command::Store(condition) => {
                health.set(condition)?;
                Outcomes::default().tell()?;
            }
        }
    }
    Ok(())
}

/// Does something on a task of its own, and says how it went. If it breaks down, the judge waits in vain and gives up.
fn report(work: impl Future<Output = Result<Outcomes, Trouble>> + Send + 'static) {
    tokio::spawn(async move { work.await?.tell() });
}

/// The clients of a program, each made once: what the calls of one grant share is in it.
struct Clients<'g> {
    grants: &'g ApiGrants<Client>,
    made: Vec<Arc<Client>>,
}

impl Clients<'_> {
    fn of(&mut self, grants: Range<u32>) -> Vec<Arc<Client>> {
        for number in (0..grants.end).skip(self.made.len()) {
            self.made.push(Arc::new(self.grants.client(key(number))));
        }
        let numbered = (0..grants.end).zip(&self.made);
        let chosen = numbered.filter(|(number, _)| grants.contains(number));
        chosen.map(|(_, client)| Arc::clone(client)).collect()
    }
}

async fn call(clients: Vec<Arc<Client>>) -> Result<Outcomes, Trouble> {
    let outcomes = Outcomes::default();
    let one = |client: Arc<Client>| {
        let outcomes = outcomes.clone();
        tokio::spawn(async move { outcomes.call(&client).await })
    };
    for call in clients.into_iter().map(one).collect::<Vec<_>>() {
        call.await?;
    }
    Ok(outcomes)
}

/// What becomes of the calls is in the ledger.
async fn keep_calling(client: Arc<Client>, every: Duration) {
    let outcomes = Outcomes::default();
    loop {
        outcomes.call(&client).await;
        wait(every).await;
    }
}

async fn end(
    grants: Grants,
    which: Range<u32>,
    within: Duration,
    seed: u64,
) -> Result<Outcomes, Trouble> {
    let outcomes = Outcomes::default();
    let random = SeededRandom::new(seed);
    let latest = u64::try_from(within.as_micros())?;
    let one = |number| {
        let (grants, moment) = (grants.clone(), Duration::from_micros(random.up_to(latest)));
        tokio::spawn(async move {
            wait(moment).await;
            grants.disconnect(&key(number)).await
        })
    };
    for disconnect in which.clone().map(one).collect::<Vec<_>>() {
        if let Err(problem) = disconnect.await? {
            outcomes.fail(&problem);
        }
    }
    for _ in 0..LOOKS {
        if have_ended(&grants, which.clone()).await? {
            break;
        }
        grants.attend_once(ROUND).await?;
        wait(LOOK_AGAIN).await;
    }
    Ok(outcomes)
}

async fn have_ended(grants: &Grants, which: Range<u32>) -> Result<bool, GrantProblem> {
    for number in which {
        let status = grants.status(&key(number)).await?;
        if !matches!(status, GrantStatus::Disconnected { .. }) {
            return Ok(false);
        }
    }
    Ok(true)
}
