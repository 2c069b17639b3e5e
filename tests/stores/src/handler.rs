//! `handler FILE EVENTS`: claims so many events, one after the other, and says of every second one that it was handed off.
//! Prints what the store acknowledged.
//!
//! A line is `claimed <event>` or `done <event>`, written after the acknowledgement and before whatever comes next.

use std::io::{self, Write as _};
use std::path::Path;
use std::process::ExitCode;

use specwright_core::transport::BoxError;
use specwright_webhooks::{Claim, DedupeStore as _, Receiver};
use stores::events;

#[tokio::main(worker_threads = 2)]
async fn main() -> ExitCode {
    let Err(error) = run().await else { return ExitCode::SUCCESS };
    // Whoever would read it may be gone.
    let _ = writeln!(io::stderr(), "{error}");
    ExitCode::FAILURE
}

async fn run() -> Result<(), BoxError> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [file, events] = arguments.as_slice() else {
        return Err("usage: handler FILE EVENTS".into());
    };
    let store = events::open(Path::new(file), events::clock())?;
    for number in 0..events.parse()? {
        let event = events::event(number)?;
        if let Claim::New(_) = store.claim(&event, Receiver::DEFAULT_LEASE).await? {
            acknowledge("claimed", number)?;
            if events::is_finished(number) {
                store.done(&event, Receiver::KEEP).await?;
                acknowledge("done", number)?;
            }
        }
    }
    Ok(())
}

/// One write, so that a kill leaves whole lines.
fn acknowledge(what: &str, number: u32) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(format!("{what} {number}\n").as_bytes())?;
    out.flush()
}
