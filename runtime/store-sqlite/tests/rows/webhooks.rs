//! Receivers of webhooks that remember events in one file, as those of several processes do.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use specwright_core::clock::Clock as _;
use specwright_core::transport::{BoxError, BoxFuture};
use specwright_store_sqlite::SqliteRows;
use specwright_testkit::VirtualClock;
use specwright_testkit::dedupe_store::Subject;
use specwright_webhooks::{
    Claim, Claimed, DedupeStore, EventId, EventKey, Received, Receiver, RowsDedupe, Scheme, Signer,
    Verifier,
};
use tempfile::TempDir;

const SECRET: &str = "whsec_aW52ZW50ZWQgZm9yIHRlc3RzLCAzMiBieXRlcyBub3c=";
const BODY: &str = r#"{"type":"v1.booking.created"}"#;
const HOUR: Duration = Duration::from_secs(3_600);

/// A file, and a clock that stands still until it is advanced.
struct Site {
    clock: VirtualClock,
    folder: TempDir,
    /// As many as a case uses at once, and no more: to open a file takes its time.
    open: [Arc<RowsDedupe>; 7],
    given: AtomicUsize,
}

impl Site {
    fn new() -> Self {
        let clock = VirtualClock::new();
        // Memory where there is some: what a disk keeps is not what these cases are about.
        let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
        let open = [(); 7].map(|()| {
            let path = folder.path().join("rows.db");
            let rows = SqliteRows::open_with_clock(path, Arc::new(clock.clone())).unwrap();
            Arc::new(RowsDedupe::new(Arc::new(rows)))
        });
        Self { clock, folder, open, given: AtomicUsize::new(0) }
    }

    /// A handle that has nothing but the file in common with the one before.
    fn store(&self) -> Arc<RowsDedupe> {
        let number = self.given.fetch_add(1, Ordering::Relaxed);
        Arc::clone(&self.open[number % self.open.len()])
    }

    fn receiver(&self) -> Receiver {
        let verifier = Verifier::new(Scheme::STANDARD, [SECRET]).unwrap();
        Receiver::new("fake", verifier, self.store(), Arc::new(self.clock.clone()))
    }

    fn set_wall(&self, moment: SystemTime) {
        self.clock.set_wall(moment);
    }
}

impl Subject for Site {
    fn handle(&self) -> BoxFuture<'_, Result<Arc<dyn DedupeStore>, BoxError>> {
        Box::pin(async { Ok(self.store() as Arc<dyn DedupeStore>) })
    }

    fn advance(&self, time: Duration) {
        self.clock.advance(time);
    }
}

specwright_testkit::dedupe_store_cases!(Site::new());

/// A delivery that is signed now.
async fn deliver(site: &Site, receiver: &Receiver) -> Received {
    let id = EventId::new("msg_fake").unwrap();
    let signer = Signer::new(Scheme::STANDARD, SECRET).unwrap();
    let headers = signer.sign(&id, site.clock.now(), BODY.as_bytes()).unwrap();
    receiver.receive(&headers, BODY).await.unwrap()
}

fn new(received: Received) -> Claimed {
    let Received::New(claimed) = received else { unreachable!("received {received:?}") };
    claimed
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_seven_deliveries_at_once_to_two_receivers_on_one_file_one_is_new() {
    let site = Arc::new(Site::new());
    let receivers = [site.receiver(), site.receiver()];
    let tasks: Vec<_> = (0..7)
        .map(|number| {
            let (site, receiver) = (Arc::clone(&site), receivers[number % 2].clone());
            tokio::spawn(async move { deliver(&site, &receiver).await })
        })
        .collect();
    let (mut claimed, mut in_progress) = (Vec::new(), 0);
    for task in tasks {
        match task.await.unwrap() {
            Received::New(event) => claimed.push(event),
            Received::InProgress(_) => in_progress += 1,
            other => unreachable!("received {other:?}"),
        }
    }
    assert_eq!((claimed.len(), in_progress), (1, 6));
}

#[tokio::test]
async fn what_one_receiver_handed_off_is_done_for_the_other() {
    let site = Site::new();
    let _ = new(deliver(&site, &site.receiver()).await).done().await.unwrap();
    assert!(matches!(deliver(&site, &site.receiver()).await, Received::Done));
}

#[tokio::test]
async fn what_was_handed_off_is_done_after_all_have_ended() {
    let site = Site::new();
    let _ = new(deliver(&site, &site.receiver()).await).done().await.unwrap();
    let Site { clock, folder, .. } = site;
    let path = folder.path().join("rows.db");
    let rows = SqliteRows::open_with_clock(path, Arc::new(clock)).unwrap();
    let event = EventKey::new("fake", EventId::new("msg_fake").unwrap());
    let claim = RowsDedupe::new(Arc::new(rows)).claim(&event, HOUR).await.unwrap();
    assert_eq!(claim, Claim::Done);
}

#[tokio::test]
async fn an_event_that_was_given_up_is_new_when_the_clock_was_set_back() {
    let site = Site::new();
    let before = site.clock.now();
    site.clock.advance(HOUR);
    new(deliver(&site, &site.receiver()).await).release().await.unwrap();
    // The row has ended, and is there again.
    site.set_wall(before);
    let _claimed = new(deliver(&site, &site.receiver()).await);
}

#[tokio::test]
async fn a_claim_of_who_is_gone_ends_one_lease_after_the_clock_was_set_back() {
    let site = Site::new();
    let before = site.clock.now();
    site.clock.advance(HOUR);
    drop(new(deliver(&site, &site.receiver()).await));
    site.set_wall(before);
    assert!(matches!(deliver(&site, &site.receiver()).await, Received::InProgress(_)));
    site.clock.advance(Receiver::DEFAULT_LEASE);
    let _claimed = new(deliver(&site, &site.receiver()).await);
}
