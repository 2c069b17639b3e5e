//! Windows for a day of virtual time.

use std::sync::Arc;
use std::time::Duration;

use specwright_testkit::sandbox::{Chaos, Fault, Limits, Options, WindowKind};
use specwright_testkit::{SandboxTransport, SeededRandom, VirtualClock};
use stora_2025_09::Client;
use stora_2025_09::runtime::{Clock as _, StaticToken};
use tokio::task::JoinSet;

use super::alone::alone;
use super::ledger::{Count, STORA, most};
use crate::setting::Trouble;
use crate::table::{Line, Row};

/// A row for each kind of windows.
pub fn rows() -> Vec<Row> {
    let day = Day { lasts: Duration::from_secs(24 * 3_600), at_once: 16, seed: 61 };
    [(WindowKind::Fixed, "fixed"), (WindowKind::Sliding, "sliding")]
        .map(|(kind, name)| {
            let name = format!("windows for 24 h of virtual time, {name}, memory");
            Row::new(name, move |_| async move {
                let count = alone(move || day.run(kind)).await?;
                let Count { peaks, let_in, refused, failed, .. } = &count;
                Ok(Line {
                    expected: "at most 10 in any 1 s and 60 in any 60 s, at least 0.97 of the quota, 0 × 429"
                        .to_owned(),
                    found: format!(
                        "{peaks:?}, {let_in} of {}, {refused} × 429, {failed} others",
                        day.most()
                    ),
                    met: day.is_met(&count),
                })
            })
        })
        .into()
}

/// One program with more to send than it may, at a server whose answers take their time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day {
    /// How long it is.
    pub lasts: Duration,
    /// Tasks that call.
    pub at_once: u32,
    /// From what the times of answers are drawn.
    pub seed: u64,
}

/// How long an answer takes, in milliseconds: one of these.
const ANSWERS: [u64; 5] = [5, 20, 50, 120, 300];

impl Day {
    /// How many requests the windows let through at best.
    pub fn most(&self) -> usize {
        most(&STORA, self.lasts)
    }

    /// Whether the windows were kept and at least 97 percent of them used, and nobody was refused.
    pub fn is_met(&self, count: &Count) -> bool {
        count.is_within(&STORA)
            && (count.refused, count.failed) == (0, 0)
            && count.let_in * 100 >= self.most() * 97
    }

    /// Plays it. On a thread that has other work the clock would run ahead of it.
    pub async fn run(self, kind: WindowKind) -> Result<Count, Trouble> {
        let clock = VirtualClock::automatic();
        let options = Options::new()
            .with_seeded_secrets(self.seed)
            .with_limits(Limits::Documented)
            .with_window_kind(kind)
            .with_contacts(1);
        let transport = SandboxTransport::start(options, clock.clone())?;
        let delays = ANSWERS.map(|millis| Fault::Delay(Duration::from_millis(millis)));
        transport.service().set_chaos(Some(Chaos::new(self.seed, 1_000, delays)));
        let client = Client::builder("Specwright/Torture")
            .transport(Arc::new(transport.clone()))
            .clock(Arc::new(clock.clone()))
            .random(Arc::new(SeededRandom::new(self.seed)))
            .credentials(StaticToken::new(transport.service().static_token().to_owned()))
            .build()?;
        let end = clock.monotonic().saturating_add(self.lasts);
        let mut calls = JoinSet::new();
        for _ in 0..self.at_once {
            let (client, clock) = (client.clone(), clock.clone());
            calls.spawn(async move {
                while clock.monotonic() < end {
                    // What became of it is in the ledger.
                    drop(client.contacts().list().limit(1).await);
                }
            });
        }
        calls.join_all().await;
        Ok(Count::of(&transport.service().ledger(), &STORA, self.lasts))
    }
}
