//! A clock that moves when it is told to, or when everybody sleeps.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use specwright_core::clock::Clock;
use specwright_core::transport::BoxFuture;

/// Tuesday, 10 March 2026, 08:00:00 UTC, in seconds since 1970.
const START: u64 = 1_773_129_600;

/// Where the monotonic clock starts: not at zero, so that nobody takes the start for the beginning of time.
const EPOCH: Duration = Duration::from_secs(1_000);

/// How often the next sleeper lets everybody else run before it moves the clock. Each time every other task that can
/// run does so once, so this is the longest chain of tasks that may wake one another without the clock noticing.
const PATIENCE: u32 = 64;

/// A clock for tests. Clones share their time.
///
/// It starts on 10 March 2026 at 08:00 UTC. [`Self::new`] stands still until [`Self::advance`]. [`Self::automatic`] jumps
/// to the end of the shortest sleep when nothing else is left to do, which it notices on a single-threaded runtime whose
/// tasks wait for nothing real, such as a socket.
#[derive(Clone, Debug)]
pub struct VirtualClock {
    shared: Arc<Mutex<Shared>>,
}

#[derive(Debug)]
struct Shared {
    mode: Mode,
    wall: SystemTime,
    monotonic: Duration,
    /// By end, then by number, so that sleeps of equal length end in the order in which they began.
    sleepers: BTreeMap<(Duration, u64), Waker>,
    next_number: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Manual,
    Automatic,
}

impl VirtualClock {
    /// A clock that stands still until it is advanced.
    pub fn new() -> Self {
        Self::with(Mode::Manual)
    }

    /// A clock that moves on when everybody sleeps.
    pub fn automatic() -> Self {
        Self::with(Mode::Automatic)
    }

    fn with(mode: Mode) -> Self {
        let shared = Shared {
            mode,
            wall: UNIX_EPOCH + Duration::from_secs(START),
            monotonic: EPOCH,
            sleepers: BTreeMap::new(),
            next_number: 0,
        };
        Self { shared: Arc::new(Mutex::new(shared)) }
    }

    /// Lets time pass on both clocks and wakes whoever has slept long enough.
    pub fn advance(&self, time: Duration) {
        let end = self.lock().monotonic.saturating_add(time);
        self.lock().move_to(end);
    }

    /// Moves on to the end of the shortest sleep; `false` if nobody sleeps. For whoever runs the tasks, and so knows when
    /// none of them has anything left to do: [`Self::automatic`] has to guess it.
    pub fn advance_to_next_end(&self) -> bool {
        let mut shared = self.lock();
        let Some((end, _)) = shared.sleepers.keys().next().copied() else { return false };
        shared.move_to(end);
        true
    }

    /// Sets the wall clock, as an administrator would. The monotonic clock does not notice.
    pub fn set_wall(&self, moment: SystemTime) {
        self.lock().wall = moment;
    }

    /// Time since the clock was made, on the monotonic clock.
    pub fn elapsed(&self) -> Duration {
        self.lock().monotonic.saturating_sub(EPOCH)
    }

    /// How many sleeps have not ended.
    pub fn sleepers(&self) -> usize {
        self.lock().sleepers.len()
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for VirtualClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> SystemTime {
        self.lock().wall
    }

    fn monotonic(&self) -> Duration {
        self.lock().monotonic
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        let mut shared = self.lock();
        let key = (shared.monotonic.saturating_add(duration), shared.next_number);
        shared.next_number += 1;
        Box::pin(Sleep { clock: self.clone(), key, turns: 0 })
    }
}

impl Shared {
    fn move_to(&mut self, end: Duration) {
        let passed = end.saturating_sub(self.monotonic);
        self.monotonic += passed;
        self.wall += passed;
        let still_asleep = self.sleepers.split_off(&(self.monotonic, u64::MAX));
        for (_, waker) in std::mem::replace(&mut self.sleepers, still_asleep) {
            waker.wake();
        }
        self.rouse_first();
    }

    /// The first sleeper is the one that moves an automatic clock, so it must be awake to do so.
    fn rouse_first(&self) {
        if self.mode == Mode::Automatic
            && let Some(waker) = self.sleepers.values().next()
        {
            waker.wake_by_ref();
        }
    }

    fn is_first(&self, key: (Duration, u64)) -> bool {
        self.sleepers.keys().next() == Some(&key)
    }
}

struct Sleep {
    clock: VirtualClock,
    key: (Duration, u64),
    turns: u32,
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let (clock, key) = (self.clock.clone(), self.key);
        let mut shared = clock.lock();
        let (end, _) = key;
        if shared.monotonic >= end {
            return Poll::Ready(());
        }
        shared.sleepers.insert(key, context.waker().clone());
        if shared.mode == Mode::Manual || !shared.is_first(key) {
            return Poll::Pending;
        }
        self.turns += 1;
        if self.turns < PATIENCE {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        shared.move_to(end);
        Poll::Ready(())
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        let mut shared = self.clock.lock();
        shared.sleepers.remove(&self.key);
        shared.rouse_first();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    async fn sleep_and_note(clock: VirtualClock, time: u64, notes: Arc<Mutex<Vec<u64>>>) {
        clock.sleep(seconds(time)).await;
        notes.lock().unwrap().push(time);
    }

    #[tokio::test]
    async fn a_sleep_ends_when_the_clock_is_advanced_far_enough() {
        let clock = VirtualClock::new();
        let notes = Arc::default();
        let task = tokio::spawn(sleep_and_note(clock.clone(), 10, Arc::clone(&notes)));
        tokio::task::yield_now().await;
        clock.advance(seconds(9));
        tokio::task::yield_now().await;
        assert!(notes.lock().unwrap().is_empty());
        clock.advance(seconds(1));
        task.await.unwrap();
        assert_eq!(*notes.lock().unwrap(), [10]);
    }

    #[tokio::test]
    async fn an_automatic_clock_ends_sleeps_in_their_order() {
        let clock = VirtualClock::automatic();
        let notes = Arc::default();
        let tasks: Vec<_> = [30, 10, 20]
            .map(|time| tokio::spawn(sleep_and_note(clock.clone(), time, Arc::clone(&notes))))
            .into();
        for task in tasks {
            task.await.unwrap();
        }
        assert_eq!(*notes.lock().unwrap(), [10, 20, 30]);
        assert_eq!(clock.elapsed(), seconds(30));
    }

    #[tokio::test]
    async fn a_dropped_sleep_holds_nobody_up() {
        let clock = VirtualClock::automatic();
        let long = clock.sleep(seconds(5));
        let task = tokio::spawn(clock.sleep(seconds(10)));
        drop(long);
        task.await.unwrap();
        assert_eq!(clock.elapsed(), seconds(10));
        assert_eq!(clock.sleepers(), 0);
    }

    #[tokio::test]
    async fn whoever_runs_the_tasks_moves_the_clock_from_end_to_end() {
        let clock = VirtualClock::new();
        let task = tokio::spawn(clock.sleep(seconds(10)));
        tokio::task::yield_now().await;
        assert!(clock.advance_to_next_end());
        task.await.unwrap();
        assert_eq!(clock.elapsed(), seconds(10));
        assert!(!clock.advance_to_next_end());
    }

    #[test]
    fn setting_the_wall_clock_leaves_the_monotonic_one_alone() {
        let clock = VirtualClock::new();
        let before = clock.monotonic();
        clock.set_wall(UNIX_EPOCH);
        assert_eq!((clock.now(), clock.monotonic()), (UNIX_EPOCH, before));
    }
}
