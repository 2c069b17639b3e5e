//! Callers who wait for a permit and are dropped.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use specwright_testkit::SeededRandom;
use specwright_testkit::sandbox::WindowKind;
use stora_2025_09::Client;
use stora_2025_09::runtime::{Clock as _, Random as _, RateLimits, Rows};
use tokio::task::JoinSet;

use super::alone::alone;
use super::ledger::{Count, STORA, most};
use super::lossy::LossyRows;
use super::site::{AFTER_FAILURE, Site};
use crate::setting::Trouble;
use crate::table::{Line, Row};

/// A row for each place of the record.
pub fn rows() -> Vec<Row> {
    [(1, "1 process, memory"), (4, "4 processes, rows")]
        .map(|(processes, place)| {
            let drops =
                Drops { lasts: Duration::from_secs(3_600), processes, waiting: 60, seed: 71 };
            let name = format!("half of all waiters dropped, 1 h of virtual time, {place}");
            Row::new(name, move |_| async move {
                let dropped = alone(move || drops.run()).await?;
                Ok(Line {
                    expected: "0 permits held at the end, at least 0.97 of the quota, 0 × 429, 40 to 60 % dropped".to_owned(),
                    found: format!(
                        "{} held, {} of {}, {:?}, {} × 429, {} of {} dropped",
                        dropped.held,
                        dropped.count.let_in,
                        most(&STORA, drops.lasts),
                        dropped.count.peaks,
                        dropped.count.refused,
                        dropped.dropped,
                        dropped.calls
                    ),
                    met: drops.is_met(&dropped),
                })
            })
        })
        .into()
}

/// Callers of whom every other one loses patience.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Drops {
    /// For how long.
    pub lasts: Duration,
    /// One keeps the record of the windows in its memory; several share rows.
    pub processes: u32,
    /// Callers of all of them who wait at once.
    pub waiting: u32,
    /// From what is drawn who is dropped, and when.
    pub seed: u64,
}

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dropped {
    /// What the server counted.
    pub count: Count,
    /// All calls.
    pub calls: usize,
    /// Those that were dropped before they had ended.
    pub dropped: usize,
    /// Permits that are held when nobody has called for two minutes.
    pub held: u32,
}

/// No caller that is dropped waits longer than so many milliseconds, which is less than the queue takes.
const PATIENCE: u64 = 20_000;

#[derive(Clone)]
struct Tally {
    random: Arc<SeededRandom>,
    calls: Arc<AtomicUsize>,
    dropped: Arc<AtomicUsize>,
}

impl Drops {
    /// Whether nothing was lost by it.
    pub fn is_met(&self, dropped: &Dropped) -> bool {
        let share = dropped.dropped * 100 / dropped.calls.max(1);
        dropped.count.is_within(&STORA)
            && (dropped.held, dropped.count.refused, dropped.count.failed) == (0, 0, 0)
            && dropped.count.let_in * 100 >= most(&STORA, self.lasts) * 97
            && (40..=60).contains(&share)
    }

    /// Plays it. On a thread that has other work the clock would run ahead of it.
    pub async fn run(self) -> Result<Dropped, Trouble> {
        let site = Site::new(self.seed, WindowKind::Sliding)?;
        let rows: Arc<dyn Rows> = Arc::new(LossyRows::new(&site.clock));
        let limits = || match self.processes {
            1 => RateLimits::documented(),
            processes => RateLimits::documented().among(processes, Arc::clone(&rows)),
        };
        let tally = Tally {
            random: Arc::new(SeededRandom::new(self.seed)),
            calls: Arc::default(),
            dropped: Arc::default(),
        };
        let (mut calls, mut clients) = (JoinSet::new(), Vec::new());
        for _ in 0..self.processes {
            let client = site.client(limits())?;
            for _ in 0..self.waiting / self.processes {
                let (site, client, tally) = (site.clone(), client.clone(), tally.clone());
                calls.spawn(async move { tally.keep_calling(&site, &client, self.lasts).await });
            }
            clients.push(client);
        }
        calls.join_all().await;
        site.clock.sleep(Duration::from_secs(120)).await;
        // A process sees what others hold when it looks, which it does when it sends.
        let looking = site.client(limits())?;
        let watch = if self.processes == 1 { clients.first() } else { Some(&looking) };
        let watch = watch.ok_or("there is no client")?;
        watch.contacts().list().limit(1).await?;
        let used = watch.quota().iter().map(|window| window.used).max().unwrap_or(u32::MAX);
        Ok(Dropped {
            count: Count::of(&site.ledger(), &STORA, self.lasts),
            calls: tally.calls.load(Ordering::SeqCst),
            dropped: tally.dropped.load(Ordering::SeqCst),
            // The look itself is one.
            held: used.saturating_sub(1),
        })
    }
}

impl Tally {
    async fn keep_calling(&self, site: &Site, client: &Client, lasts: Duration) {
        let end = site.clock.monotonic().saturating_add(lasts);
        while site.clock.monotonic() < end {
            let call = client.contacts().list().limit(1).send();
            let patience = match self.random.up_to(1) {
                0 => lasts,
                _ => Duration::from_millis(self.random.up_to(PATIENCE)),
            };
            tokio::select! {
                answer = call => if answer.is_err() {
                    site.clock.sleep(AFTER_FAILURE).await;
                },
                () = site.clock.sleep(patience) => {
                    self.dropped.fetch_add(1, Ordering::SeqCst);
                }
            }
            self.calls.fetch_add(1, Ordering::SeqCst);
        }
    }
}
