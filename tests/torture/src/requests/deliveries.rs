//! Webhooks that were changed on the way, and those that come several times at once.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use http::{HeaderMap, HeaderValue};
use stora_2025_09::runtime::webhooks::{
    EventId, MemoryDedupe, ReceiveError, Received, Receiver, Scheme, Signer, Verifier,
};
use stora_2025_09::runtime::{Clock as _, SystemClock};
use stora_2025_09::webhooks::SCHEME;
use tokio::sync::Barrier;
use tokio::task::JoinSet;

use crate::setting::Trouble;
use crate::table::{Line, Row, listed};

/// The rows.
pub fn rows() -> Vec<Row> {
    vec![
        Row::new(
            "webhooks with one bit flipped in body, header or secret, or an extreme time",
            |_| async {
                let forged = forge().await?;
                Ok(Line {
                    expected: format!(
                        "{} of {} refused, and those as they were signed are not",
                        forged.changed, forged.changed
                    ),
                    found: format!(
                        "{} refused, {} as they were signed taken; wrong: {}",
                        forged.refused,
                        forged.taken,
                        listed(&forged.wrong.iter().take(5).cloned().collect::<Vec<_>>())
                    ),
                    met: forged.is_met(),
                })
            },
        ),
        Row::new("webhooks, 7 parallel deliveries of each of 1000 events", |_| async {
            let parallel = deliver(1_000, 7).await?;
            Ok(Line {
                expected: "1000 new, 6000 in progress or done".to_owned(),
                found: format!(
                    "{} new, {} in progress or done; wrong: {}",
                    parallel.new,
                    parallel.others,
                    listed(&parallel.wrong)
                ),
                met: parallel.is_met(1_000, 7),
            })
        }),
    ]
}

const SECRET: &str = "fake-endpoint-secret-0001";
const STANDARD_SECRET: &str = "whsec_ZmFrZS1zdGFuZGFyZC13ZWJob29rcy1zZWNyZXQ=";
const BODY: &str = r#"{"event":{"id":"evt_0001","type":"contact.created"},"data":{"id":"con_1"}}"#;

/// The vendor's scheme and the standard one, each with a secret.
const SCHEMES: [(Scheme, &str); 2] = [(SCHEME, SECRET), (Scheme::STANDARD, STANDARD_SECRET)];

/// What came of changed deliveries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Forged {
    /// Deliveries that were changed, or signed at another time.
    pub changed: usize,
    /// Those that were refused.
    pub refused: usize,
    /// Deliveries as they were signed that were taken, one of each scheme.
    pub taken: usize,
    /// What should have been refused, or taken.
    pub wrong: Vec<String>,
}

impl Forged {
    /// Whether everything that was changed was refused, and nothing else.
    pub fn is_met(&self) -> bool {
        self.changed > 0
            && self.refused == self.changed
            && self.taken == SCHEMES.len()
            && self.wrong.is_empty()
    }

    async fn try_one(
        &mut self,
        name: String,
        receiver: &Receiver,
        headers: &HeaderMap,
        body: Vec<u8>,
    ) {
        self.changed += 1;
        match receiver.receive(headers, body).await {
            Err(ReceiveError::Unverified(_)) => self.refused += 1,
            other => self.wrong.push(format!("{name}: {other:?}")),
        }
    }
}

/// Changes deliveries of either scheme in every bit.
pub async fn forge() -> Result<Forged, Trouble> {
    let mut forged = Forged::default();
    for (scheme, secret) in SCHEMES {
        let good = sign(scheme, secret, 1, SystemClock::new().now(), BODY)?;
        let endpoint = receiver(scheme, secret)?;
        match endpoint.receive(&good, BODY).await {
            Ok(Received::New(_)) => forged.taken += 1,
            other => forged.wrong.push(format!("as it was signed: {other:?}")),
        }
        for body in flips(BODY.as_bytes()) {
            let name = format!("body {body:?}");
            forged.try_one(name, &endpoint, &good, body).await;
        }
        for (name, value) in &good {
            for changed in flips(value.as_bytes()) {
                // What no header can hold does not arrive, and hex means the same in either case.
                let Ok(changed) = HeaderValue::from_bytes(&changed) else { continue };
                if is_same_hex(value, &changed) {
                    continue;
                }
                let mut headers = good.clone();
                headers.insert(name, changed.clone());
                let name = format!("{name}: {changed:?}");
                forged.try_one(name, &endpoint, &headers, BODY.into()).await;
            }
        }
        for changed in flips(secret.as_bytes()) {
            // A secret is text, and in the form of its scheme.
            let Ok(changed) = String::from_utf8(changed) else { continue };
            let Ok(endpoint) = receiver(scheme, &changed) else { continue };
            forged.try_one(format!("secret {changed}"), &endpoint, &good, BODY.into()).await;
        }
        at_extreme_times(&mut forged, scheme, secret, &endpoint).await?;
    }
    Ok(forged)
}

/// Times that were signed and are too far away, and texts in the place of a time that nobody has signed.
async fn at_extreme_times(
    forged: &mut Forged,
    scheme: Scheme,
    secret: &str,
    endpoint: &Receiver,
) -> Result<(), Trouble> {
    let (now, second) = (SystemClock::new().now(), Duration::from_secs(1));
    let last = SystemTime::UNIX_EPOCH + second * u32::MAX;
    for at in [
        SystemTime::UNIX_EPOCH,
        SystemTime::UNIX_EPOCH + second,
        now - second * 310,
        now + second * 90,
        last,
    ] {
        let headers = sign(scheme, secret, 2, at, BODY)?;
        forged.try_one(format!("signed at {at:?}"), endpoint, &headers, BODY.into()).await;
    }
    let good = sign(scheme, secret, 3, now, BODY)?;
    let time = now.duration_since(SystemTime::UNIX_EPOCH)?.as_secs().to_string();
    for text in TIMES {
        let mut headers = HeaderMap::new();
        for (name, value) in &good {
            let value = value.to_str()?.replacen(&time, text, 1);
            headers.insert(name, HeaderValue::from_str(&value)?);
        }
        forged.try_one(format!("time {text:?}"), endpoint, &headers, BODY.into()).await;
    }
    Ok(())
}

const TIMES: [&str; 12] = [
    "",
    "0",
    "-1",
    "+1",
    "00000000000000000000",
    "99999999999",
    "100000000000",
    "9223372036854775807",
    "-9223372036854775808",
    "18446744073709551616",
    "1e10",
    "NaN",
];

/// What came of deliveries at once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parallel {
    /// Those whose event was new.
    pub new: usize,
    /// Those whose event somebody else had.
    pub others: usize,
    /// What else came of them, and events that were not new exactly once.
    pub wrong: Vec<String>,
}

impl Parallel {
    /// Whether each event was new once.
    pub fn is_met(&self, events: usize, each: usize) -> bool {
        events > 0
            && (self.new, self.others) == (events, events * (each - 1))
            && self.wrong.is_empty()
    }
}

/// Delivers events, each several times at once.
pub async fn deliver(events: usize, each: usize) -> Result<Parallel, Trouble> {
    let endpoint = receiver(SCHEME, SECRET)?;
    let mut parallel = Parallel::default();
    for event in 0..events {
        let body = BODY.replace("evt_0001", &format!("evt_parallel_{event}"));
        let headers = sign(SCHEME, SECRET, event, SystemClock::new().now(), &body)?;
        let start = Arc::new(Barrier::new(each));
        let mut deliveries = JoinSet::new();
        for _ in 0..each {
            let (endpoint, start) = (endpoint.clone(), Arc::clone(&start));
            let (headers, body) = (headers.clone(), body.clone());
            deliveries.spawn(async move {
                start.wait().await;
                match endpoint.receive(&headers, body).await {
                    Ok(Received::New(claimed)) => {
                        claimed.done().await.map(|_| true).map_err(|error| error.to_string())
                    }
                    Ok(_) => Ok(false),
                    Err(error) => Err(error.to_string()),
                }
            });
        }
        let before = parallel.new;
        for received in deliveries.join_all().await {
            match received {
                Ok(true) => parallel.new += 1,
                Ok(false) => parallel.others += 1,
                Err(error) => parallel.wrong.push(error),
            }
        }
        if parallel.new != before + 1 {
            parallel.wrong.push(format!("event {event} was new {} times", parallel.new - before));
        }
    }
    Ok(parallel)
}

fn receiver(scheme: Scheme, secret: &str) -> Result<Receiver, Trouble> {
    let clock = Arc::new(SystemClock::new());
    let store = Arc::new(MemoryDedupe::volatile(clock.clone()));
    Ok(Receiver::new("torture", Verifier::new(scheme, [secret])?, store, clock))
}

fn sign(
    scheme: Scheme,
    secret: &str,
    event: usize,
    at: SystemTime,
    body: &str,
) -> Result<HeaderMap, Trouble> {
    let id = EventId::new(format!("evt_{event}"))?;
    Ok(Signer::new(scheme, secret)?.sign(&id, at, body.as_bytes())?)
}

/// The bytes with one bit changed, for each bit.
fn flips(bytes: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    (0..bytes.len() * 8).map(|bit| {
        let flipped =
            |(at, byte): (usize, &u8)| if at == bit / 8 { byte ^ (1 << (bit % 8)) } else { *byte };
        bytes.iter().enumerate().map(flipped).collect()
    })
}

/// Whether both are a time and a signature in hex that differ in case alone.
fn is_same_hex(one: &HeaderValue, other: &HeaderValue) -> bool {
    let parts = |value: &HeaderValue| {
        let (before, hex) = value.to_str().ok()?.split_once("v1=")?;
        before.starts_with("t=").then(|| (before.to_owned(), hex.to_ascii_lowercase()))
    };
    parts(one).is_some() && parts(one) == parts(other)
}
