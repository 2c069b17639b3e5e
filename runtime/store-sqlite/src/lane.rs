//! A thread that does what is asked of it, one thing after the other.

use std::path::Path;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::{self, JoinHandle};

use tokio::sync::oneshot;

use crate::failure::Failure;
use crate::tables::Tables;

/// Something to do with the tables, and somebody who waits for its answer.
pub(crate) trait Job: Send {
    /// Does it. It may be done again, after the transaction was rolled back.
    fn run(&mut self, tables: &mut Tables<'_>) -> Result<(), Failure>;

    /// Gives the answer of the last run, or what went wrong with its transaction. Whoever asked may have left.
    fn answer(self: Box<Self>, transaction: Result<(), Failure>);
}

/// A thread with a queue. Dropping it ends the thread after what is in the queue.
#[derive(Debug)]
pub(crate) struct Lane {
    queue: Option<Sender<Box<dyn Job>>>,
    thread: Option<JoinHandle<()>>,
}

impl Lane {
    /// Starts a thread that serves a queue until its end.
    pub(crate) fn start(
        name: String,
        path: &Path,
        serve: impl FnOnce(Receiver<Box<dyn Job>>) + Send + 'static,
    ) -> Result<Self, Failure> {
        let (queue, jobs) = mpsc::channel();
        let thread = thread::Builder::new()
            .name(name)
            .spawn(move || serve(jobs))
            .map_err(|error| Failure::io(path, &error))?;
        Ok(Self { queue: Some(queue), thread: Some(thread) })
    }

    /// Has the thread do something, and waits for the answer. It is done even if nobody waits any more.
    pub(crate) async fn ask<T: Send + 'static>(
        &self,
        work: impl FnMut(&mut Tables<'_>) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Failure> {
        let (job, answer) = job(work);
        let queue = self.queue.as_ref().ok_or(Failure::Ended)?;
        queue.send(job).map_err(|_| Failure::Ended)?;
        answer.await.map_err(|_| Failure::Ended)?
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        self.queue = None;
        // Waited for, so that the file is closed when the store is gone. The thread itself may be who drops the store:
        // it wakes the tasks that it answers, and one of those may have been the last to hold it.
        if let Some(thread) = self.thread.take()
            && thread.thread().id() != thread::current().id()
        {
            let _ = thread.join();
        }
    }
}

/// A job, and where its answer comes.
pub(crate) fn job<T: Send + 'static>(
    work: impl FnMut(&mut Tables<'_>) -> Result<T, Failure> + Send + 'static,
) -> (Box<dyn Job>, oneshot::Receiver<Result<T, Failure>>) {
    let (reply, answer) = oneshot::channel();
    (Box::new(Asked { work, done: None, reply }), answer)
}

struct Asked<F, T> {
    work: F,
    done: Option<T>,
    reply: oneshot::Sender<Result<T, Failure>>,
}

impl<F, T> Job for Asked<F, T>
where
    F: FnMut(&mut Tables<'_>) -> Result<T, Failure> + Send,
    T: Send,
{
    fn run(&mut self, tables: &mut Tables<'_>) -> Result<(), Failure> {
        self.done = Some((self.work)(tables)?);
        Ok(())
    }

    fn answer(self: Box<Self>, transaction: Result<(), Failure>) {
        let Self { done, reply, .. } = *self;
        // Whoever asked may have left.
        let _ = reply.send(transaction.and_then(|()| done.ok_or(Failure::Ended)));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn a_thread_that_drops_its_own_lane_ends() {
        let (ended, end) = mpsc::channel();
        let lane = Lane::start("test".to_owned(), Path::new("test"), move |queue| {
            // Takes every job and drops it, and with the last one the lane.
            queue.into_iter().for_each(drop);
            let _ = ended.send(());
        });
        let lane = Arc::new(lane.unwrap());
        let held = Arc::clone(&lane);
        let (job, _answer) = job(move |_| Ok(held.queue.is_some()));
        let queue = lane.queue.clone().unwrap();
        drop(lane);
        queue.send(job).unwrap();
        drop(queue);
        end.recv().unwrap();
    }
}
