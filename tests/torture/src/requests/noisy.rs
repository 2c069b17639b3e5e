//! One tenant that calls a hundred times as often as each of the others, who share slots with it.

use std::collections::BTreeMap;
use std::time::{Duration, UNIX_EPOCH};

use specwright_refresh::GrantKey;
use specwright_testkit::sandbox::{Chaos, Fault, Ledger, Options};
use specwright_testkit::{SandboxTransport, SeededRandom, VirtualClock};
use stora_2025_09::Client;
use stora_2025_09::runtime::{Builder, Clock as _, IssuedToken, Random as _};
use tokio::task::JoinSet;

use super::alone::alone;
use super::tenants::tenants;
use crate::setting::Trouble;
use crate::table::{Line, Row};

/// A row with the slots as they are shipped, and one with so few that calls in their order of arrival would hold up the others
/// for three slots of time.
pub fn rows() -> Vec<Row> {
    [256, 32]
        .map(|slots| {
            let hall = Hall { tenants: 1_000, rounds: 5, times: 100, slots, seed: 83 };
            let Hall { tenants, times, .. } = hall;
            let name =
                format!("one noisy tenant at {times} times, {tenants} tenants, {slots} slots");
            Row::new(name, move |_| async move {
                let heard = hall.run().await?;
                Ok(Line {
                    expected: "no call of others waits more than 1 slot longer than without the noise"
                        .to_owned(),
                    found: format!(
                        "at most {} longer; {} calls of others wait for at most {} without it, {} of the noisy one for {} with it",
                        heard.delay, heard.others, heard.calm, heard.noise, heard.noisy
                    ),
                    met: hall.is_met(&heard),
                })
            })
        })
        .into()
}

/// Tenants of one program, each of whom calls once in a round and has 8 slots at most, as shipped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hall {
    /// How many.
    pub tenants: u32,
    /// How often each of them calls.
    pub rounds: u32,
    /// What the noisy one calls where others call once.
    pub times: u32,
    /// Slots of all of them.
    pub slots: u32,
    /// From what the moments of the calls are drawn.
    pub seed: u64,
}

/// What came of it. Waits are counted in slots of time: each answer takes one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Heard {
    /// Calls of the others.
    pub others: usize,
    /// The longest wait of one, where nobody is noisy.
    pub calm: u64,
    /// By how much longer one of them waits at most, where somebody is.
    pub delay: u64,
    /// Calls of the noisy one.
    pub noise: usize,
    /// The longest wait of one.
    pub noisy: u64,
}

/// The noisy one. It calls first, so that everybody else lines up behind it.
const NOISY: u32 = 0;

/// For how long an answer takes its slot.
const SLOT: Duration = Duration::from_secs(1);

/// A round is so much longer than one call of everybody takes, so that nobody lines up behind a call of its own.
const SPARE: u32 = 3;

/// The header by which the ledger knows a call again.
const CALL: &str = "x-torture-call";

/// A tenant, its round, and which of its calls in that.
type Call = (u32, u32, u32);

/// When each call was made, and for how many slots it waited.
type Waits = BTreeMap<Call, u64>;

impl Hall {
    /// Whether the noise cost nobody else more than a slot, and somebody had to wait.
    pub fn is_met(self, heard: &Heard) -> bool {
        let others = self.tenants.saturating_sub(1).saturating_mul(self.rounds);
        let noise = self.times.saturating_mul(self.rounds);
        heard.others == others as usize
            && heard.noise == noise as usize
            && heard.delay <= 1
            && heard.calm > 0
            && heard.noisy > heard.calm
    }

    /// How long a round is.
    fn round(self) -> Duration {
        SLOT * (self.tenants.div_ceil(self.slots) + SPARE)
    }

    /// Plays it without the noise, and with it.
    pub async fn run(self) -> Result<Heard, Trouble> {
        let calm = alone(move || self.play(1)).await?;
        let noisy = alone(move || self.play(self.times)).await?;
        let mut heard = Heard::default();
        for (call, wait) in &noisy {
            if call.0 == NOISY {
                heard.noise += 1;
                heard.noisy = heard.noisy.max(*wait);
                continue;
            }
            let before = *calm.get(call).ok_or("somebody has called who did not before")?;
            heard.others += 1;
            heard.calm = heard.calm.max(before);
            heard.delay = heard.delay.max(wait.saturating_sub(before));
        }
        Ok(heard)
    }

    /// For how many slots each call waits.
    async fn play(self, times: u32) -> Result<Waits, Trouble> {
        let clock = VirtualClock::automatic();
        let tokens = (0..self.tenants).map(token);
        let options = tokens.fold(Options::new(), |options, token| {
            options.with_static_token(token, ["public.contact:read"])
        });
        let transport = SandboxTransport::start(options.with_contacts(1), clock.clone())?;
        transport.service().set_chaos(Some(Chaos::new(self.seed, 1_000, [Fault::Delay(SLOT)])));
        let set =
            |builder: Builder<Client>| builder.without_rate_limits().max_in_flight(self.slots);
        let grants = tenants(&clock, &transport, self.seed, set)?;
        let random = SeededRandom::new(self.seed);
        // All of them before the first call: time goes on as soon as somebody waits for it.
        let mut clients = Vec::new();
        for tenant in 0..self.tenants {
            let key = GrantKey::new(format!("tenant-{tenant}"), "stora");
            grants.grants().adopt(&key, IssuedToken::new(token(tenant), LIFE)).await?;
            clients.push((tenant, grants.client(key)));
        }
        // That of the ledger, which goes by the same clock.
        let start = clock.now().duration_since(UNIX_EPOCH)?;
        let (mut calling, mut made) = (JoinSet::new(), BTreeMap::new());
        for (tenant, client) in clients {
            for round in 0..self.rounds {
                let moment = self.round() * round + SLOT * u32::from(random.up_to(1) == 1);
                for number in 0..if tenant == NOISY { times } else { 1 } {
                    let call = (tenant, round, number);
                    made.insert(name(call), (call, start + moment));
                    let (client, clock) = (client.clone(), clock.clone());
                    calling.spawn(async move {
                        clock.sleep(moment).await;
                        let list = client.contacts().list().limit(1).with_header(CALL, &name(call));
                        list.with_deadline(LIFE).await.map(drop)
                    });
                }
            }
        }
        for called in calling.join_all().await {
            called?;
        }
        waits(&transport.service().ledger(), made)
    }
}

/// Longer than anything here takes.
const LIFE: Duration = Duration::from_secs(7_200);

fn token(tenant: u32) -> String {
    format!("fake-token-of-tenant-{tenant}")
}

fn name((tenant, round, number): Call) -> String {
    format!("{tenant}/{round}/{number}")
}

/// Looks up when each call arrived, beside when it was made.
fn waits(ledger: &Ledger, mut made: BTreeMap<String, (Call, Duration)>) -> Result<Waits, Trouble> {
    let mut waits = Waits::new();
    for request in &ledger.requests {
        let made = request.header(CALL).and_then(|name| made.remove(name));
        let (call, moment) =
            made.ok_or("a request is of no call, or of one that was sent before")?;
        waits.insert(call, request.arrived().saturating_sub(moment).as_secs());
    }
    match made.len() {
        0 => Ok(waits),
        unsent => Err(format!("{unsent} calls were not sent").into()),
    }
}
