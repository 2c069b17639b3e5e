//! Processes that receive webhooks through one file and are killed at any instruction: what was handed off is done, and
//! what was not is handed off again.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what a test cannot do without stops it")]

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread;

use specwright_core::random::Random as _;
use specwright_testkit::SeededRandom;
use specwright_webhooks::{Claim, DedupeStore as _, Receiver};
use stores::events;

/// Events that a process is given.
const EVENTS: u32 = 40;

/// A process that handles events. It is killed when it is dropped.
struct Handler {
    child: Child,
    lines: BufReader<ChildStdout>,
}

/// What processes were told by the store.
#[derive(Default)]
struct Told {
    claimed: BTreeSet<u32>,
    done: BTreeSet<u32>,
}

impl Handler {
    fn start(file: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_handler"))
            .arg(file)
            .arg(EVENTS.to_string())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap());
        Self { child, lines }
    }

    /// The next line, if there is one more.
    fn read(&mut self, told: &mut Told) -> Option<()> {
        let mut line = String::new();
        self.lines.read_line(&mut line).unwrap();
        // A line without its end was broken off by the kill.
        let (what, number) = line.strip_suffix('\n')?.split_once(' ').unwrap();
        let number: u32 = number.parse().unwrap();
        let is_first = match what {
            "claimed" => told.claimed.insert(number),
            "done" => told.done.insert(number),
            other => panic!("{other}: nothing that a handler says"),
        };
        assert!(is_first, "event {number} was {what} twice");
        Some(())
    }

    /// Ends the process at whatever instruction it is, and reads what it has said by then.
    fn kill(mut self, told: &mut Told) {
        self.child.kill().unwrap();
        while self.read(told).is_some() {}
    }
}

impl Drop for Handler {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn an_event_whose_handler_was_killed_is_handed_off_again_after_its_lease() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("rows.db");
    let random = SeededRandom::new(1);
    let mut told = Told::default();
    while u32::try_from(told.claimed.len()).unwrap() < EVENTS / 2 {
        let mut handler = Handler::start(&file);
        for _ in 0..=random.up_to(6) {
            handler.read(&mut told).unwrap();
        }
        handler.kill(&mut told);
    }
    let clock = events::clock();
    let store = events::open(&file, clock.clone()).unwrap();
    let claim = async |number| {
        store.claim(&events::event(number).unwrap(), Receiver::DEFAULT_LEASE).await.unwrap()
    };
    for number in &told.claimed {
        let claim = claim(*number).await;
        assert!(!matches!(claim, Claim::New(_)), "event {number} is somebody's: {claim:?}");
    }
    clock.advance(Receiver::DEFAULT_LEASE);
    let mut left = 0;
    for number in 0..EVENTS {
        match claim(number).await {
            Claim::New(_) => {
                assert!(!told.done.contains(&number), "event {number} was handed off");
                left += usize::from(told.claimed.contains(&number));
            }
            Claim::Done => assert!(events::is_finished(number), "nobody handed event {number} off"),
            other => panic!("event {number} is nobody's any more: {other:?}"),
        }
    }
    assert!(left > 0, "no event was left by who was killed");
}

#[test]
fn no_event_is_claimed_by_two_processes() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("rows.db");
    let processes = [Handler::start(&file), Handler::start(&file)];
    let reading = processes.map(|mut handler| {
        thread::spawn(move || {
            let mut told = Told::default();
            while handler.read(&mut told).is_some() {}
            told.claimed
        })
    });
    let [one, other] = reading.map(|thread| thread.join().unwrap());
    assert!(one.is_disjoint(&other), "{one:?} and {other:?}");
    assert_eq!(u32::try_from(one.len() + other.len()).unwrap(), EVENTS);
}
