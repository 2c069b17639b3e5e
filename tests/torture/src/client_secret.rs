//! The program's own secret is wrong: that is said once, and no grant is blamed for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use specwright_refresh::{GrantKey, GrantProblem, GrantStatus, Observer, Refusal};
use stora_2025_09::Client;
use stora_2025_09::runtime::ApiGrants;
use tokio::task::JoinSet;

use crate::office::Office;
use crate::setting::{SHORT, Trouble, wait};
use crate::table::{Line, Row};

/// The row of the program's secret.
pub fn rows() -> Vec<Row> {
    vec![Rotated { grants: 10_000, renewed: 100 }.row()]
}

/// A secret that was changed at the vendor, with so many grants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rotated {
    /// All of them have an access token that has ended.
    pub grants: u32,
    /// So many are called with after the secret is right again, at ten token requests a second.
    pub renewed: u32,
}

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Blamed {
    /// Calls that said that the program is refused.
    pub told: usize,
    /// Grants that are not connected any more.
    pub marked: usize,
    /// How often the observer was told.
    pub events: usize,
    /// Token requests.
    pub posts: usize,
    /// Grants that are renewed after the secret is right again.
    pub renewed: usize,
}

/// The most token requests of one program at once, by default. They may all be under way when the first is refused.
const AT_ONCE: usize = 8;

/// How many grants are connected at once.
const CONNECTING: u32 = 64;

impl Rotated {
    fn row(self) -> Row {
        let Self { grants, renewed } = self;
        Row::new(format!("a wrong client secret with {grants} grants"), move |_| async move {
            let blamed = self.run().await?;
            Ok(Line {
                expected: format!(
                    "{grants} calls told, 0 marked, 1 event, at most {AT_ONCE} token requests; {renewed} renewed with \
                     the right one"
                ),
                found: format!(
                    "{}, {}, {}, {}; {}",
                    blamed.told, blamed.marked, blamed.events, blamed.posts, blamed.renewed
                ),
                met: self.is_met(&blamed),
            })
        })
    }

    /// Whether this is what must come of it.
    pub fn is_met(self, blamed: &Blamed) -> bool {
        let Blamed { told, marked, events, posts, renewed } = *blamed;
        told == self.grants as usize
            && (marked, events) == (0, 1)
            && (1..=AT_ONCE).contains(&posts)
            && renewed == self.renewed as usize
    }

    /// Connects, changes the secret, calls with all grants at once, and changes it back.
    pub async fn run(self) -> Result<Blamed, Trouble> {
        let office = Arc::new(Office::open().await?);
        let events = Events::default();
        let program = office.watched_program(events.clone())?;
        office.sandbox.set_token_lifetime(SHORT);
        for first in (0..self.grants).step_by(CONNECTING as usize) {
            connect(&office, &program, first..self.grants.min(first + CONNECTING)).await?;
        }
        wait(SHORT).await;
        let (id, secret) = (office.sandbox.client_id(), office.sandbox.client_secret());
        office.sandbox.set_client_secret(id, "fake-secret-that-nobody-told");
        let posts = office.requests().1;
        let told = calls(&program, 0..self.grants)
            .await
            .into_iter()
            .filter(|outcome| matches!(outcome, Err(Some(GrantProblem::ClientRejected { .. }))));
        let (told, posts) = (told.count(), office.requests().1 - posts);
        let changes = program.grants().changes(None, usize::try_from(self.grants)?).await?;
        let connected = changes
            .iter()
            .filter(|change| matches!(change.status, Some(GrantStatus::Connected { .. })));
        let marked = self.grants as usize - connected.count();
        office.sandbox.set_client_secret(id, secret);
        drop(program);
        let restarted = office.program()?;
        let renewed = calls(&restarted, 0..self.renewed).await;
        let renewed = renewed.into_iter().flatten().count();
        Ok(Blamed { told, marked, events: events.0.load(Ordering::SeqCst), posts, renewed })
    }
}

async fn connect(
    office: &Arc<Office>,
    program: &ApiGrants<Client>,
    numbers: std::ops::Range<u32>,
) -> Result<(), Trouble> {
    let mut connecting = JoinSet::new();
    for number in numbers {
        let (office, program) = (Arc::clone(office), program.clone());
        connecting.spawn(async move { office.connect(&program, &key(number)).await });
    }
    connecting.join_all().await.into_iter().collect()
}

/// A call with each of these grants, all at once.
async fn calls(
    program: &ApiGrants<Client>,
    numbers: std::ops::Range<u32>,
) -> Vec<Result<(), Option<GrantProblem>>> {
    let mut calling = JoinSet::new();
    for number in numbers {
        let client = program.client(key(number));
        calling.spawn(async move {
            let called = client.contacts().list().limit(1).await;
            called.map(|_| ()).map_err(|error| GrantProblem::of(&error).cloned())
        });
    }
    calling.join_all().await
}

fn key(number: u32) -> GrantKey {
    GrantKey::new(format!("tenant-{number}"), "grant")
}

/// Counts how often the program was refused.
#[derive(Clone, Debug, Default)]
struct Events(Arc<AtomicUsize>);

impl Observer for Events {
    fn client_rejected(&self, _: &Refusal) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}
