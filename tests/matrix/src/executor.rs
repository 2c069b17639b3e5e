//! Tasks on one thread, in an order that follows from a seed, some of which may be gone from one moment to the next.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Wake, Waker};

use specwright_core::random::Random as _;
use specwright_core::transport::BoxFuture;
use specwright_testkit::SeededRandom;

/// Runs tasks. Clones share them.
#[derive(Clone)]
pub(crate) struct Executor {
    shared: Arc<Shared>,
}

/// To whom a task belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Owner {
    /// The number of the process.
    pub(crate) process: u32,
    /// What it does there.
    pub(crate) role: Role,
}

/// What a task does in its process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// It waits for a token.
    Caller,
    /// It works for whoever waits.
    Worker,
}

struct Shared {
    random: SeededRandom,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    tasks: BTreeMap<u64, Task>,
    /// The tasks that can go on.
    ready: Vec<u64>,
    next: u64,
}

struct Task {
    owner: Owner,
    /// `None` while it is polled.
    future: Option<BoxFuture<'static, ()>>,
}

impl Executor {
    /// No tasks, and the order of this seed.
    pub(crate) fn new(seed: u64) -> Self {
        let (random, state) = (SeededRandom::new(seed), Mutex::default());
        Self { shared: Arc::new(Shared { random, state }) }
    }

    /// Adds a task.
    pub(crate) fn spawn(&self, owner: Owner, future: BoxFuture<'static, ()>) {
        let mut state = self.shared.state();
        let number = state.next;
        state.next += 1;
        state.tasks.insert(number, Task { owner, future: Some(future) });
        state.ready.push(number);
    }

    /// Lets one of the tasks that can go on do so; `false` if there is none.
    pub(crate) fn step(&self) -> bool {
        let Some((number, mut future)) = self.shared.take() else { return false };
        let wakes = Wakes { number, shared: Arc::downgrade(&self.shared) };
        let waker = Waker::from(Arc::new(wakes));
        let goes_on = future.as_mut().poll(&mut Context::from_waker(&waker)).is_pending();
        // What is not put back is dropped here, and not under the lock: a task may wake others when it ends.
        if let Some(task) = self.shared.state().tasks.get_mut(&number).filter(|_| goes_on) {
            task.future = Some(future);
            return true;
        }
        drop(future);
        let mut state = self.shared.state();
        let ended = state.tasks.remove(&number);
        // It may have been woken while it came to its end.
        state.ready.retain(|ready| *ready != number);
        drop(state);
        drop(ended);
        true
    }

    /// Ends all tasks of a process that do this. One that is polled right now ends when it next waits for anything.
    pub(crate) fn end(&self, owner: Owner) {
        let mut state = self.shared.state();
        let numbers: Vec<u64> = state
            .tasks
            .iter()
            .filter(|(_, task)| task.owner == owner)
            .map(|(number, _)| *number)
            .collect();
        let ended: Vec<_> =
            numbers.iter().filter_map(|number| state.tasks.remove(number)).collect();
        state.ready.retain(|number| !numbers.contains(number));
        drop(state);
        drop(ended);
    }

    /// Whether there is no task.
    pub(crate) fn is_idle(&self) -> bool {
        self.shared.state().tasks.is_empty()
    }
}

impl Shared {
    // Nothing under this lock can panic halfway.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self) -> Option<(u64, BoxFuture<'static, ()>)> {
        let mut state = self.state();
        let last = state.ready.len().checked_sub(1)?;
        let drawn = self.random.up_to(u64::try_from(last).unwrap_or(0));
        let number = state.ready.swap_remove(usize::try_from(drawn).unwrap_or(0));
        let future = state.tasks.get_mut(&number)?.future.take()?;
        Some((number, future))
    }
}

impl fmt::Debug for Executor {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.debug_struct("Executor").finish_non_exhaustive()
    }
}

/// Wakes one task.
struct Wakes {
    number: u64,
    shared: Weak<Shared>,
}

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        let Some(shared) = self.shared.upgrade() else { return };
        let mut state = shared.state();
        if state.tasks.contains_key(&self.number) && !state.ready.contains(&self.number) {
            state.ready.push(self.number);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, poll_fn};
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::task::Poll;

    use super::*;

    const ONE: Owner = Owner { process: 1, role: Role::Worker };
    const OTHER: Owner = Owner { process: 2, role: Role::Worker };

    fn run(executor: &Executor) {
        while executor.step() {}
    }

    /// Counts its drops.
    struct Counts(Arc<AtomicU32>);

    impl Drop for Counts {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// The order in which three tasks, each of which lets others go first, come to their ends.
    fn order(seed: u64) -> Vec<u32> {
        let (executor, ends) = (Executor::new(seed), Arc::<Mutex<Vec<u32>>>::default());
        for number in 0..3 {
            let ends = Arc::clone(&ends);
            executor.spawn(
                ONE,
                Box::pin(async move {
                    let mut waits = 3;
                    poll_fn(|context| {
                        if waits == 0 {
                            return Poll::Ready(());
                        }
                        waits -= 1;
                        context.waker().wake_by_ref();
                        Poll::Pending
                    })
                    .await;
                    ends.lock().unwrap().push(number);
                }),
            );
        }
        run(&executor);
        assert!(executor.is_idle());
        ends.lock().unwrap().clone()
    }

    #[test]
    fn a_seed_is_an_order() {
        assert_eq!(order(7), order(7));
    }

    #[test]
    fn seeds_are_different_orders() {
        let orders: std::collections::BTreeSet<_> = (0..32).map(order).collect();
        assert_eq!(orders.len(), 6);
    }

    #[test]
    fn what_ends_leaves_nothing_and_others_go_on() {
        let (executor, dropped) = (Executor::new(1), Arc::new(AtomicU32::new(0)));
        for owner in [ONE, OTHER] {
            let counts = Counts(Arc::clone(&dropped));
            executor.spawn(
                owner,
                Box::pin(async move {
                    pending::<()>().await;
                    drop(counts);
                }),
            );
        }
        run(&executor);
        executor.end(ONE);
        assert_eq!(dropped.load(Ordering::Relaxed), 1);
        assert!(!executor.is_idle());
    }

    #[test]
    fn who_is_woken_and_ends_at_once_stands_in_nobodys_way() {
        for seed in 0..8 {
            let executor = Executor::new(seed);
            for owner in [ONE, OTHER] {
                let woken = poll_fn(|context| {
                    context.waker().wake_by_ref();
                    Poll::Ready(())
                });
                executor.spawn(owner, Box::pin(woken));
            }
            assert!(executor.step() && executor.step());
            assert!(executor.is_idle());
        }
    }

    #[test]
    fn a_task_that_ends_its_own_process_does_not_come_back() {
        let (executor, came_back) = (Executor::new(1), Arc::new(AtomicU32::new(0)));
        let (ends, back) = (executor.clone(), Arc::clone(&came_back));
        executor.spawn(
            ONE,
            Box::pin(async move {
                ends.end(ONE);
                let mut first = true;
                poll_fn(|context| {
                    context.waker().wake_by_ref();
                    if std::mem::take(&mut first) { Poll::Pending } else { Poll::Ready(()) }
                })
                .await;
                back.fetch_add(1, Ordering::Relaxed);
            }),
        );
        run(&executor);
        assert_eq!(came_back.load(Ordering::Relaxed), 0);
        assert!(executor.is_idle());
    }
}
