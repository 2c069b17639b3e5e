//! Callers who wait for a permit and are dropped.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use specwright_testkit::sandbox::WindowKind;
use specwright_testkit::{SeededRandom, VirtualClock};
use stora_2025_09::Client;
use stora_2025_09::runtime::transport::BoxFuture;
use stora_2025_09::runtime::{
    Bearer, Clock as _, Credentials, CredentialsError, Generation, Random as _, RateLimits,
    Renewal, Rows,
};
use tokio::sync::Notify;
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
                    expected: "0 permits held at the end, at least 0.97 of the quota, 0 × 429, 40 to 60 % dropped, some of them with a permit in hand".to_owned(),
                    found: format!(
                        "{} held, {} of {}, {:?}, {} × 429, {} of {} dropped, {} with a permit",
                        dropped.held,
                        dropped.count.let_in,
                        most(&STORA, drops.lasts),
                        dropped.count.peaks,
                        dropped.count.refused,
                        dropped.dropped,
                        dropped.calls,
                        dropped.in_hand
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
    /// Those of them that had a permit and had sent nothing yet.
    pub in_hand: usize,
    /// Permits that are held when nobody has called for two minutes.
    pub held: u32,
}

/// No caller that is dropped waits longer than so many milliseconds, which is less than the queue takes.
const PATIENCE: u64 = 20_000;

/// For so many milliseconds whoever has waited for its permit looks for its token again.
const LOOK: u64 = 200;

#[derive(Clone)]
struct Tally {
    random: Arc<SeededRandom>,
    calls: Arc<AtomicUsize>,
    dropped: Arc<AtomicUsize>,
    in_hand: Arc<AtomicUsize>,
}

/// A token that is there at once when a call begins, and takes a while when it has waited and looks again: by then it has its
/// permit.
#[derive(Debug)]
struct SlowToken {
    bearer: Arc<Bearer>,
    clock: VirtualClock,
}

/// How often a call has looked for its token.
#[derive(Debug, Default)]
struct Looks {
    has_looked: AtomicBool,
    again: Notify,
}

tokio::task_local! {
    /// Those of the call that this task makes.
    static LOOKS: Arc<Looks>;
}

impl Drops {
    /// Whether nothing was lost by it.
    pub fn is_met(&self, dropped: &Dropped) -> bool {
        let share = dropped.dropped * 100 / dropped.calls.max(1);
        dropped.count.is_within(&STORA)
            && (dropped.held, dropped.count.refused, dropped.count.failed) == (0, 0, 0)
            && dropped.count.let_in * 100 >= most(&STORA, self.lasts) * 97
            && (40..=60).contains(&share)
            && dropped.in_hand * 10 >= dropped.dropped
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
            in_hand: Arc::default(),
        };
        let bearer = Arc::new(Bearer::new(&site.token().into(), Generation::new(1))?);
        let slow = || SlowToken { bearer: Arc::clone(&bearer), clock: site.clock.clone() };
        let (mut calls, mut clients) = (JoinSet::new(), Vec::new());
        for _ in 0..self.processes {
            let client = site.client_with(Arc::new(slow()) as Arc<dyn Credentials>, limits())?;
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
            in_hand: tally.in_hand.load(Ordering::SeqCst),
            // The look itself is one.
            held: used.saturating_sub(1),
        })
    }
}

impl Tally {
    async fn keep_calling(&self, site: &Site, client: &Client, lasts: Duration) {
        let end = site.clock.monotonic().saturating_add(lasts);
        while site.clock.monotonic() < end {
            let looks = Arc::<Looks>::default();
            LOOKS.scope(Arc::clone(&looks), self.call(site, client, &looks)).await;
            self.calls.fetch_add(1, Ordering::SeqCst);
        }
    }

    async fn call(&self, site: &Site, client: &Client, looks: &Looks) {
        tokio::select! {
            answer = client.contacts().list().limit(1).send() => if answer.is_err() {
                site.clock.sleep(AFTER_FAILURE).await;
            },
            in_hand = self.patience(site, looks) => {
                self.dropped.fetch_add(1, Ordering::SeqCst);
                self.in_hand.fetch_add(usize::from(in_hand), Ordering::SeqCst);
            }
        }
    }

    /// Ends when a caller has had enough, and says whether it has a permit in its hand. Every other caller never has enough;
    /// of those who have, every other one waits for its permit first.
    async fn patience(&self, site: &Site, looks: &Looks) -> bool {
        let up_to = |millis| Duration::from_millis(self.random.up_to(millis));
        let waits_for_permit = match self.random.up_to(3) {
            0 | 1 => pending().await,
            number => number == 2,
        };
        if waits_for_permit {
            looks.again.notified().await;
        }
        let longest = if waits_for_permit { LOOK - 1 } else { PATIENCE };
        site.clock.sleep(up_to(longest)).await;
        waits_for_permit
    }
}

impl Credentials for SlowToken {
    fn bearer(&self) -> BoxFuture<'_, Result<Arc<Bearer>, CredentialsError>> {
        let looks = LOOKS.try_with(Arc::clone).ok();
        let again = looks.filter(|looks| looks.has_looked.swap(true, Ordering::SeqCst));
        Box::pin(async move {
            if let Some(looks) = again {
                looks.again.notify_one();
                self.clock.sleep(Duration::from_millis(LOOK)).await;
            }
            Ok(Arc::clone(&self.bearer))
        })
    }

    fn refuse(&self, _: Generation) -> Renewal {
        Renewal::Impossible
    }
}
