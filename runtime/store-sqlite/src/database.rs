//! A database that is open: what is asked of it goes to the thread that writes or to the one that reads.

use std::path::{Path, PathBuf, absolute};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Receiver;

use specwright_store::{Durability, StoreError};

use crate::clock::StoreClock;
use crate::failure::Failure;
use crate::file;
use crate::lane::{Job, Lane};
use crate::link::Link;
use crate::schema::{Layout, Loss};
use crate::tables::Tables;
use crate::wait::wait_patiently;
use crate::writer::Writer;

/// A database and the two threads that use it.
#[derive(Debug)]
pub(crate) struct Database {
    path: PathBuf,
    layout: &'static Layout,
    restored: Arc<AtomicBool>,
    // Dropped before the writer, so that the last one to close the file is the one that may write.
    reader: Lane,
    writer: Lane,
}

impl Database {
    /// Opens the file, or makes it.
    pub(crate) fn open(
        path: &Path,
        layout: &'static Layout,
        clock: StoreClock,
    ) -> Result<Self, StoreError> {
        // Names such as `:memory:` mean something else to SQLite, and a relative path something else after a change of
        // the current folder.
        let path = absolute(path).map_err(|error| Failure::io(path, &error).at(path))?;
        let (reader, writer, restored) =
            start(&path, layout, clock).map_err(|failure| failure.at(&path))?;
        Ok(Self { path, layout, restored, reader, writer })
    }

    /// Does one statement, without waiting for anybody who writes.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        work: impl FnMut(&mut Tables<'_>) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.reader.ask(work).await.map_err(|failure| failure.at(&self.path))
    }

    /// Does something with the write lock held, and waits for its commit.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        work: impl FnMut(&mut Tables<'_>) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.writer.ask(work).await.map_err(|failure| failure.at(&self.path))
    }

    /// Whether it was found that the file was replaced by an older copy of itself.
    pub(crate) fn restored(&self) -> bool {
        self.restored.load(Ordering::Relaxed)
    }

    /// What an acknowledged change survives.
    pub(crate) fn durability(&self) -> Durability {
        match self.layout.loss {
            Loss::Harmful => Durability::Durable,
            Loss::Bearable => Durability::BestEffort,
        }
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

fn start(
    path: &Path,
    layout: &'static Layout,
    clock: StoreClock,
) -> Result<(Lane, Lane, Arc<AtomicBool>), Failure> {
    file::create(path)?;
    let restored = Arc::new(AtomicBool::new(false));
    let mut writer = Writer::to(path, layout, wait_patiently, clock.clone(), Arc::clone(&restored));
    writer.open()?;
    let link = Link::to(path.to_owned(), layout, wait_patiently);
    let name = |does| format!("{}-{does}", layout.holds);
    let reader = Lane::start(name("reader"), path, move |queue| read(link, &clock, &queue))?;
    let writer = Lane::start(name("writer"), path, move |queue| writer.serve(&queue))?;
    Ok((reader, writer, restored))
}

/// Serves those who read, until the queue ends. They wait for no one who writes.
fn read(mut link: Link, clock: &StoreClock, queue: &Receiver<Box<dyn Job>>) {
    while let Ok(mut job) = queue.recv() {
        // Each job is one statement, which is a transaction of its own.
        let outcome = link
            .begin(|_| Ok(()))
            .and_then(|connection| job.run(&mut Tables::reading(connection, clock)));
        if let Err(failure) = &outcome {
            link.give_up(failure);
        }
        job.answer(outcome);
    }
}
