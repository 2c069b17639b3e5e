//! Windows that another program uses too, while those who share their record lose it.

use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use specwright_testkit::sandbox::{ForeignUse, Ledger, WindowKind};
use stora_2025_09::runtime::{Clock as _, RateLimits, Rows};
use tokio::task::JoinSet;

use super::alone::alone;
use super::ledger::{ACCOUNT, Count, STORA, are_within, requests};
use super::lossy::LossyRows;
use super::site::Site;
use crate::setting::Trouble;
use crate::table::{Line, Row};

const MINUTE: Duration = Duration::from_secs(60);

/// From then on refusals are counted: whoever has just begun does not know of others yet.
const BEGINNING: Duration = Duration::from_secs(180);

/// A row for each that may be done to the rows.
pub fn rows() -> Vec<Row> {
    [
        (Loss::Never, "rows are kept"),
        (Loss::Away { after: MINUTE * 20, lasts: MINUTE * 5 }, "rows are out of reach for 5 min"),
        (Loss::Emptied { after: MINUTE * 30 }, "rows are removed"),
    ]
    .map(|(loss, name)| {
        let name = format!("windows beside 30 foreign requests a minute, {} × 1 h of virtual time, 4 processes, {name}", SEEDS.count());
        Row::new(name, move |_| async move {
            let (fixed, sliding) = (Hours::of(loss, WindowKind::Fixed).await?, Hours::of(loss, WindowKind::Sliding).await?);
            Ok(Line {
                expected: format!("429 for at most 2 % from minute 3 on, at least {LEAST} an hour sent from then on, at most 10 let in within any 1 s and 60 within any 60 s"),
                found: format!("at worst, fixed: {}; sliding: {}", fixed.told(), sliding.told()),
                met: fixed.are_met && sliding.are_met,
            })
        })
    })
    .into()
}

/// From what each hour draws.
const SEEDS: RangeInclusive<u64> = 1..=10;

/// The least that is sent in an hour. The other one leaves 1,800; who stays at the least share for ever sends 360.
const LEAST: usize = 1_500;

/// What came of some hours.
#[derive(Debug, Default)]
struct Hours {
    /// That with the most refusals.
    refused: Shared,
    /// The fewest requests of one.
    fewest: usize,
    /// Whether all of them are as they must be.
    are_met: bool,
}

impl Hours {
    /// Plays one for each seed.
    async fn of(loss: Loss, kind: WindowKind) -> Result<Self, Trouble> {
        let mut hours = Self { fewest: usize::MAX, are_met: true, ..Self::default() };
        for seed in SEEDS {
            let hour = Beside { lasts: MINUTE * 60, processes: 4, per_minute: 30, loss, seed };
            let shared = alone(move || hour.run(kind)).await?;
            hours.are_met &= hour.is_met(&shared);
            hours.fewest = hours.fewest.min(shared.sent);
            if shared.refused * hours.refused.sent >= hours.refused.refused * shared.sent {
                hours.refused = shared;
            }
        }
        Ok(hours)
    }

    fn told(&self) -> String {
        let Shared { count, sent, refused } = &self.refused;
        let (peaks, others, fewest) = (&count.let_in_peaks, count.failed, self.fewest);
        format!("{refused} of {sent}, {peaks:?} let in, {others} others, {fewest} sent")
    }
}

/// Programs that share an account with somebody whom they do not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Beside {
    /// For how long.
    pub lasts: Duration,
    /// Those who share rows.
    pub processes: u32,
    /// What the other one sends.
    pub per_minute: u64,
    /// What becomes of the rows.
    pub loss: Loss,
    /// From what is drawn.
    pub seed: u64,
}

/// What becomes of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// Nothing.
    Never,
    /// Nobody reaches them for a time.
    Away {
        /// When that begins.
        after: Duration,
        /// How long it lasts.
        lasts: Duration,
    },
    /// They are gone.
    Emptied {
        /// When.
        after: Duration,
    },
}

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shared {
    /// What the server counted.
    pub count: Count,
    /// Requests from minute 3 on.
    pub sent: usize,
    /// Those of them that were answered 429.
    pub refused: usize,
}

impl Beside {
    /// Whether few were refused, most of what the other one leaves was used, and no window held more than it allows.
    pub fn is_met(&self, shared: &Shared) -> bool {
        let seconds = self.lasts.saturating_sub(BEGINNING).as_secs();
        seconds > 0
            && shared.sent as u64 * 3_600 >= LEAST as u64 * seconds
            && shared.refused * 100 <= shared.sent * 2
            && are_within(&shared.count.let_in_peaks, &STORA)
            && shared.count.failed == 0
    }

    /// Plays it. On a thread that has other work the clock would run ahead of it.
    pub async fn run(self, kind: WindowKind) -> Result<Shared, Trouble> {
        let site = Site::new(self.seed, kind)?;
        let using = ForeignUse::new(self.seed, self.per_minute);
        site.transport.service().set_foreign_use(ACCOUNT, Some(using));
        let rows = Arc::new(LossyRows::new(&site.clock));
        let mut calls = JoinSet::new();
        for _ in 0..self.processes {
            let shared = Arc::clone(&rows) as Arc<dyn Rows>;
            let client = site.client(RateLimits::documented().among(self.processes, shared))?;
            site.keep_calling(&mut calls, &client, 4, self.lasts);
        }
        let clock = site.clock.clone();
        calls.spawn(async move {
            match self.loss {
                Loss::Never => {}
                Loss::Away { after, lasts } => {
                    clock.sleep(after).await;
                    let lost = rows.lose();
                    clock.sleep(lasts).await;
                    rows.find(lost);
                }
                Loss::Emptied { after } => {
                    clock.sleep(after).await;
                    rows.empty();
                }
            }
        });
        calls.join_all().await;
        Ok(Shared::of(&site.ledger(), self.lasts))
    }
}

impl Shared {
    fn of(ledger: &Ledger, lasts: Duration) -> Self {
        let requests = requests(ledger);
        let start = requests.first().map(|first| first.arrived()).unwrap_or_default();
        let late: Vec<_> = requests
            .iter()
            .filter(|entry| entry.arrived().saturating_sub(start) >= BEGINNING)
            .collect();
        let refused = late.iter().filter(|entry| entry.status() == Some(429)).count();
        Self { count: Count::of(ledger, &STORA, lasts), sent: late.len(), refused }
    }
}
