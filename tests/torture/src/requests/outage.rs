//! A vendor that answers nobody for a while, and all who call it.

use std::time::Duration;

use specwright_refresh::GrantKey;
use specwright_testkit::sandbox::{Chaos, Fault, Options};
use specwright_testkit::{SandboxTransport, VirtualClock};
use stora_2025_09::Client;
use stora_2025_09::model::ContactCreate;
use stora_2025_09::runtime::{ApiGrants, Callback, Clock as _, Session};
use tokio::task::JoinSet;

use super::alone::alone;
use super::tenants::tenants;
use crate::setting::Trouble;
use crate::table::{Line, Row};

/// A row for each kind.
pub fn rows() -> Vec<Row> {
    let second = Duration::from_secs(1);
    let dead = Outage {
        door: Door::Dead,
        tenants: 1_000,
        lasts: second * 600,
        every: second * 10,
        seed: 73,
    };
    let busy = Outage { door: Door::Busy, tenants: 100, lasts: second * 60, ..dead };
    [
        (dead, "an outage of 10 min with 1000 tenants, virtual time"),
        (busy, "429 with `Retry-After: 1` for 1 min with 100 tenants, virtual time"),
    ]
    .map(|(outage, name)| {
        Row::new(name, move |_| async move {
            let borne = alone(move || outage.run()).await?;
            let Borne { calls, sends, succeeded, after } = &borne;
            let (whole, tenths) = (outage.door.tenths() / 10, outage.door.tenths() % 10);
            Ok(Line {
                expected: format!(
                    "at most {whole}.{tenths} sends a call, 0 successes; all succeed after it"
                ),
                found: format!(
                    "{sends} sends for {calls} calls, {succeeded} successes; {after} of {} after it",
                    outage.tenants
                ),
                met: outage.is_met(&borne),
            })
        })
    })
    .into()
}

/// What stands before a vendor who answers nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// A gateway with nothing behind it, and connections that break.
    Dead,
    /// A gateway that turns everybody away, and says when to come back.
    Busy,
}

impl Door {
    fn faults(self) -> Vec<Fault> {
        match self {
            Self::Dead => vec![
                Fault::Status(502),
                Fault::Status(503),
                Fault::CloseBeforeAnswer,
                Fault::CloseAfterEffect,
            ],
            Self::Busy => {
                let field = ("Retry-After".to_owned(), "1".to_owned());
                vec![Fault::StatusWithHeaders(429, vec![field])]
            }
        }
    }

    /// The most sends that ten calls may cost. One and a fifth each; behind a busy door the five waits that cost nothing come
    /// on top.
    fn tenths(self) -> usize {
        match self {
            Self::Dead => 12,
            Self::Busy => 62,
        }
    }
}

/// A time without any usable answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outage {
    /// What those who call meet.
    pub door: Door,
    /// Operators who call with one program.
    pub tenants: usize,
    /// How long it lasts.
    pub lasts: Duration,
    /// How often each of them calls.
    pub every: Duration,
    /// From what is drawn.
    pub seed: u64,
}

/// What it cost.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Borne {
    /// Calls during the outage.
    pub calls: usize,
    /// Requests that these made.
    pub sends: usize,
    /// Calls of them that succeeded.
    pub succeeded: usize,
    /// Tenants whose first call after it succeeded.
    pub after: usize,
}

const REDIRECT: &str = "https://app.example/callback";
const SCOPES: &str = "public.contact:read public.contact:write";

impl Outage {
    /// Whether the calls were tried, and tried again seldom enough.
    pub fn is_met(self, borne: &Borne) -> bool {
        let rounds = self.lasts.as_secs() / self.every.as_secs().max(1);
        borne.calls as u64 == rounds * self.tenants as u64
            && borne.sends > borne.calls
            && borne.sends * 10 <= borne.calls * self.door.tenths()
            && borne.succeeded == 0
            && borne.after == self.tenants
    }

    /// Plays it. On a thread that has other work the clock would run ahead of it.
    pub async fn run(self) -> Result<Borne, Trouble> {
        let clock = VirtualClock::automatic();
        let names: Vec<_> = (0..self.tenants).map(|number| format!("operator-{number}")).collect();
        let options = Options::new().with_seeded_secrets(self.seed).with_redirect_uri(REDIRECT);
        let options = names.iter().fold(options, Options::with_operator);
        let transport = SandboxTransport::start(options, clock.clone())?;
        let grants = tenants(&clock, &transport, self.seed, |as_shipped| as_shipped)?;
        let mut clients = Vec::new();
        for name in &names {
            clients.push(connect(&grants, &transport, name).await?);
        }
        let before = transport.service().ledger().requests.len();
        transport.service().set_chaos(Some(Chaos::new(self.seed, 1_000, self.door.faults())));
        let start = clock.monotonic();
        let mut calling = JoinSet::new();
        for (number, client) in clients.iter().enumerate() {
            // They are even: not all of them call at one moment.
            let first = self.every * u32::try_from(number)? / u32::try_from(self.tenants)?;
            let (client, clock) = (client.clone(), clock.clone());
            calling.spawn(async move {
                let mut outcomes = Vec::new();
                let mut next = first;
                while next < self.lasts {
                    clock.sleep((start + next).saturating_sub(clock.monotonic())).await;
                    outcomes.push(call(&client, outcomes.len()).await);
                    next += self.every;
                }
                outcomes
            });
        }
        let outcomes: Vec<bool> = calling.join_all().await.into_iter().flatten().collect();
        let sends = transport.service().ledger().requests.len() - before;
        transport.service().set_chaos(None);
        clock.sleep(Duration::from_secs(60)).await;
        let mut after = 0;
        for client in &clients {
            after += usize::from(call(client, 0).await);
        }
        let succeeded = outcomes.iter().filter(|outcome| **outcome).count();
        Ok(Borne { calls: outcomes.len(), sends, succeeded, after })
    }
}

/// Connects an operator.
async fn connect(
    grants: &ApiGrants<Client>,
    transport: &SandboxTransport,
    name: &str,
) -> Result<Client, Trouble> {
    let key = GrantKey::new(name, "stora");
    let request = grants.authorization(REDIRECT)?.scope(SCOPES);
    let url = grants.grants().authorize(&key, &request, Session::None).await?;
    let back = transport.service().approve(url.as_str(), name)?;
    grants.grants().receive(Callback::from_url(&back)?, Session::None).await?;
    Ok(grants.client(key))
}

/// Reads and writes in turn; whether that succeeded.
async fn call(client: &Client, number: usize) -> bool {
    if number.is_multiple_of(2) {
        return client.contacts().list().limit(1).await.is_ok();
    }
    let contact = ContactCreate::new("grace@attic.example", "Grace Field");
    client.contacts().create(contact).await.is_ok()
}
