//! Limiters that share the windows of an account through one file, as those of two processes do.

use std::sync::Arc;
use std::time::Duration;

use specwright_core::security::RateWindow;
use specwright_core::spawn::Spawn;
use specwright_core::transport::BoxFuture;
use specwright_limiter::{Lane, Limiter, LimiterParts, Sending, Sharing};
use specwright_store_sqlite::SqliteRows;
use specwright_testkit::{SeededRandom, VirtualClock};
use tempfile::TempDir;

const SECOND: Duration = Duration::from_secs(1);

const ACCOUNT: &str = "operator-1";

const WINDOWS: [RateWindow; 2] = [
    RateWindow { requests: 10, period: SECOND },
    RateWindow { requests: 60, period: Duration::from_secs(60) },
];

/// A file, and a clock that stands still until it is advanced.
struct Site {
    clock: VirtualClock,
    folder: TempDir,
}

impl Site {
    fn new() -> Self {
        Self { clock: VirtualClock::new(), folder: tempfile::tempdir().unwrap() }
    }

    /// Two limiters that have nothing but the file in common.
    fn two(&self) -> [Arc<Limiter>; 2] {
        [1, 2].map(|seed| {
            let (path, clock) = (self.folder.path().join("rows.db"), Arc::new(self.clock.clone()));
            let rows = SqliteRows::open_with_clock(path, Arc::clone(&clock) as _).unwrap();
            Arc::new(Limiter::new(LimiterParts {
                windows: WINDOWS.to_vec(),
                sharing: Sharing::rows(Arc::new(rows)),
                longest: 30 * SECOND,
                clock,
                random: Arc::new(SeededRandom::new(seed)),
                spawn: Arc::new(Tasks),
            }))
        })
    }
}

#[derive(Debug)]
struct Tasks;

impl Spawn for Tasks {
    fn spawn(&self, task: BoxFuture<'static, ()>) {
        tokio::spawn(task);
    }
}

/// Begins a request, if there is room for it now.
async fn send(limiter: &Limiter) -> Option<Sending> {
    let permit = limiter.permit(ACCOUNT, Lane::Bulk, SECOND / 2).await.ok()?;
    Some(permit.send())
}

#[tokio::test]
async fn two_limiters_on_one_file_share_the_windows_of_an_account() {
    let site = Site::new();
    let limiters = site.two();
    for _ in 0..6 {
        for number in 0..10 {
            let [one, other] = &limiters;
            send(if number % 2 == 0 { one } else { other }).await.unwrap().was_answered();
        }
        for limiter in &limiters {
            assert!(send(limiter).await.is_none(), "an eleventh in a second");
        }
        site.clock.advance(2 * SECOND);
    }
    for limiter in &limiters {
        assert!(send(limiter).await.is_none(), "a sixty-first in a minute");
    }
    site.clock.advance(60 * SECOND);
    for limiter in &limiters {
        assert!(send(limiter).await.is_some());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_crowd_at_two_limiters_on_one_file_ten_send_in_a_second() {
    let site = Site::new();
    let mut tasks = Vec::new();
    for limiter in site.two() {
        for _ in 0..30 {
            let limiter = Arc::clone(&limiter);
            tasks.push(tokio::spawn(async move { send(&limiter).await }));
        }
    }
    let mut on_their_way = Vec::new();
    for task in tasks {
        on_their_way.extend(task.await.unwrap());
    }
    assert_eq!(on_their_way.len(), 10);
}
