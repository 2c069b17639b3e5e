//! How far an import is, and how long the vendor's windows make it last.

use std::io::{IsTerminal as _, stderr};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use stora_2025_09::Client;
use stora_2025_09::runtime::Usage;

use crate::app::Failure;
use crate::book::Customer;

/// Of each customer there is the contact and the event.
const STEPS: usize = 2;

/// Where nobody watches a bar, it is said so many times in all.
const WORDS: u32 = 8;

/// A bar on a terminal, and a line now and then elsewhere.
pub(crate) struct Progress {
    bar: Option<ProgressBar>,
    steps: u32,
    done: AtomicU32,
    failed: AtomicU32,
}

impl Progress {
    /// Says what there is to do, and how long that takes.
    pub(crate) fn begin(client: &Client, customers: usize, there: usize) -> Self {
        let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let (steps, done) = (number(customers.saturating_mul(STEPS)), number(there));
        println!("   {there} of {customers} contacts are there");
        for Usage { window, allowed, used, .. } in client.quota() {
            let period = spoken(window.period);
            println!(
                "   of {} requests in {period} {allowed} are ours, {used} used",
                window.requests
            );
        }
        let requests = steps.saturating_sub(done);
        let time = spoken(client.estimate(requests));
        println!("   at most {requests} requests, which the windows let through in {time}");

        let bar = stderr().is_terminal().then(|| bar(steps, done, time));
        Self { bar, steps, done: AtomicU32::new(done), failed: AtomicU32::new(0) }
    }

    /// One step more is done.
    pub(crate) fn step(&self, client: &Client) {
        let done = self.done.fetch_add(1, Ordering::Relaxed).saturating_add(1);
        let left = client.estimate(self.steps.saturating_sub(done));
        match &self.bar {
            Some(bar) => {
                bar.set_message(spoken(left));
                bar.set_position(u64::from(done));
            }
            None if done.is_multiple_of(self.steps.div_ceil(WORDS).max(1)) => {
                println!("   {done} of {} steps, {} left", self.steps, spoken(left));
            }
            None => {}
        }
    }

    /// A customer was not imported.
    pub(crate) fn failed(&self, customer: &Customer, error: &Failure) {
        self.failed.fetch_add(1, Ordering::Relaxed);
        let words = format!("   {} was not imported: {error}", customer.reference);
        match &self.bar {
            Some(bar) => bar.println(words),
            None => println!("{words}"),
        }
    }

    pub(crate) fn end(&self) -> Result<(), Failure> {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        match self.failed.load(Ordering::Relaxed) {
            0 => Ok(()),
            failed => Err(format!("{failed} customers were not imported; start it again").into()),
        }
    }
}

fn bar(steps: u32, done: u32, time: String) -> ProgressBar {
    let style = ProgressStyle::with_template("   {bar:40} {pos}/{len}, {msg} left")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    let bar = ProgressBar::new(u64::from(steps)).with_style(style);
    bar.set_message(time);
    bar.set_position(u64::from(done));
    bar
}

/// As people say it: `9 min 6 s`. What is left of a second counts as one.
pub(crate) fn spoken(time: Duration) -> String {
    let seconds = time.as_secs() + u64::from(time.subsec_nanos() > 0);
    match (seconds / 60, seconds % 60) {
        (0, seconds) => format!("{seconds} s"),
        (minutes, 0) => format!("{minutes} min"),
        (minutes, seconds) => format!("{minutes} min {seconds} s"),
    }
}
