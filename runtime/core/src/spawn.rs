//! Where tasks run.

use std::fmt::Debug;

use crate::transport::BoxFuture;

/// Runs a task to its end, whatever happens to the caller that asked for it.
///
/// An executor that drops a task unfinished, as on shutdown, only makes its waiters fail. What the task had begun stands
/// in the store, and the next process takes it from there.
pub trait Spawn: Debug + Send + Sync + 'static {
    /// Starts `task` and returns at once.
    fn spawn(&self, task: BoxFuture<'static, ()>);
}
