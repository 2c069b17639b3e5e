//! Trials in virtual time.

use tokio::runtime::Builder;
use tokio::task::spawn_blocking;

use crate::setting::Trouble;

/// Plays a trial on a thread of its own that has nothing else to do: a virtual clock that moves by itself has to see when
/// nothing is left to do at its time.
pub async fn alone<T, F>(play: impl FnOnce() -> F + Send + 'static) -> Result<T, Trouble>
where
    T: Send + 'static,
    F: Future<Output = Result<T, Trouble>>,
{
    spawn_blocking(|| Builder::new_current_thread().build()?.block_on(play())).await?
}
