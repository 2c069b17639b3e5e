//! From a request to an event that is handed off, once.

use std::error::Error as StdError;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use specwright_core::clock::Clock as _;
use specwright_core::transport::BoxFuture;
use specwright_core::types::UnknownJson;
use specwright_testkit::VirtualClock;
use specwright_webhooks::{
    Claim, Claimed, DedupeStore, EventKey, MemoryDedupe, ReceiveError, Received, Receiver,
    StoreError, StoreErrorKind, Ticket,
};

use super::*;

const HOUR: Duration = Duration::from_secs(3_600);
const WEEK: Duration = Duration::from_secs(7 * 86_400);
const SECOND: Duration = Duration::from_secs(1);

type Outcome = Result<(), Box<dyn StdError>>;

/// An endpoint at a time that moves when it is told to.
struct Endpoint {
    clock: VirtualClock,
    receiver: Receiver,
}

impl Endpoint {
    fn new() -> Self {
        Self::of(verifier())
    }

    fn of(verifier: Verifier) -> Self {
        let clock = VirtualClock::new();
        let store = Arc::new(MemoryDedupe::volatile(Arc::new(clock.clone())));
        Self::with(clock, verifier, store)
    }

    fn with(clock: VirtualClock, verifier: Verifier, store: Arc<dyn DedupeStore>) -> Self {
        clock.set_wall(now());
        let receiver = Receiver::new("fake", verifier, store, Arc::new(clock.clone()));
        Self { clock, receiver }
    }

    /// With a store that fails so often when an event is done. Nobody waits for the clock.
    fn with_troubles(times: u32) -> Self {
        let clock = VirtualClock::automatic();
        let store = MemoryDedupe::volatile(Arc::new(clock.clone()));
        Self::with(clock, verifier(), Arc::new(Troubled { store, left: AtomicU32::new(times) }))
    }

    /// A delivery that is signed now, as vendors sign each anew.
    async fn deliver(&self, body: &str) -> Result<Received, ReceiveError> {
        let signer = Signer::new(TIMESTAMPED, SECRET).unwrap();
        let headers = signer.sign(&id(), self.clock.now(), body.as_bytes()).unwrap();
        self.receiver.receive(&headers, body.to_owned()).await
    }

    /// A delivery that was signed at the start.
    async fn deliver_again(&self) -> Result<Received, ReceiveError> {
        self.receiver.receive(&header(header_text()), BODY).await
    }
}

fn new(received: Result<Received, ReceiveError>) -> Result<Claimed, Box<dyn StdError>> {
    match received? {
        Received::New(claimed) => Ok(claimed),
        other => Err(format!("received {other:?}").into()),
    }
}

#[tokio::test]
async fn an_event_that_was_handed_off_is_done() -> Outcome {
    let endpoint = Endpoint::new();
    assert_eq!(new(endpoint.deliver(BODY).await)?.done().await?.status(), 204);
    endpoint.clock.advance(HOUR);
    assert!(matches!(endpoint.deliver(BODY).await?, Received::Done));
    Ok(())
}

#[tokio::test]
async fn an_event_is_remembered_for_seven_days() -> Outcome {
    let endpoint = Endpoint::new();
    let _ = new(endpoint.deliver(BODY).await)?.done().await?;
    endpoint.clock.advance(WEEK.saturating_sub(SECOND));
    assert!(matches!(endpoint.deliver(BODY).await?, Received::Done));
    endpoint.clock.advance(SECOND);
    assert!(matches!(endpoint.deliver(BODY).await?, Received::New(_)));
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_seven_deliveries_at_once_one_is_new() -> Outcome {
    let endpoint = Arc::new(Endpoint::new());
    let tasks: Vec<_> = (0..7)
        .map(|_| {
            let endpoint = Arc::clone(&endpoint);
            tokio::spawn(async move { endpoint.deliver(BODY).await })
        })
        .collect();
    let (mut new, mut in_progress) = (0, 0);
    for task in tasks {
        match task.await?? {
            Received::New(_) => new += 1,
            Received::InProgress(_) => in_progress += 1,
            other => return Err(format!("received {other:?}").into()),
        }
    }
    assert_eq!((new, in_progress), (1, 6));
    Ok(())
}

#[tokio::test]
async fn an_event_that_is_being_handled_says_how_long_to_wait() -> Outcome {
    let endpoint = Endpoint::new();
    let _claimed = new(endpoint.deliver(BODY).await)?;
    endpoint.clock.advance(Duration::from_secs(20));
    let received = endpoint.deliver(BODY).await?;
    let Received::InProgress(left) = received else { return Err("not in progress".into()) };
    assert_eq!(left, Duration::from_secs(40));
    Ok(())
}

#[tokio::test]
async fn an_event_whose_handler_vanished_is_new_after_its_lease() -> Outcome {
    let endpoint = Endpoint::new();
    drop(new(endpoint.deliver(BODY).await)?);
    assert!(matches!(endpoint.deliver(BODY).await?, Received::InProgress(_)));
    endpoint.clock.advance(Receiver::DEFAULT_LEASE);
    assert!(matches!(endpoint.deliver(BODY).await?, Received::New(_)));
    Ok(())
}

#[tokio::test]
async fn an_event_that_was_given_up_is_new_at_once() -> Outcome {
    let endpoint = Endpoint::new();
    new(endpoint.deliver(BODY).await)?.release().await?;
    assert!(matches!(endpoint.deliver(BODY).await?, Received::New(_)));
    Ok(())
}

#[tokio::test]
async fn who_gives_up_after_the_lease_takes_nothing_from_the_next() -> Outcome {
    let endpoint = Endpoint::new();
    let slow = new(endpoint.deliver(BODY).await)?;
    endpoint.clock.advance(Receiver::DEFAULT_LEASE);
    let _next = new(endpoint.deliver(BODY).await)?;
    slow.release().await?;
    assert!(matches!(endpoint.deliver(BODY).await?, Received::InProgress(_)));
    Ok(())
}

#[tokio::test]
async fn a_claimed_event_is_read_as_its_type() -> Outcome {
    let claimed = new(Endpoint::new().deliver(BODY).await)?;
    assert_eq!(claimed.key(), &EventKey::new("fake", EventId::new("evt_fake_0001")?));
    let event: UnknownJson = claimed.event()?;
    assert_eq!(specwright_core::json::to_vec(&event)?, BODY.as_bytes());
    Ok(())
}

#[tokio::test]
async fn an_event_without_an_id_is_refused_after_its_signature_was_verified() {
    let endpoint = Endpoint::new();
    for body in [r#"{"event":{}}"#, r#"{"event":{"id":7}}"#, r#"{"event":{"id":""}}"#, "[", ""] {
        let error = endpoint.deliver(body).await.unwrap_err();
        assert!(matches!(error, ReceiveError::Unidentified(_)), "{body}: {error:?}");
        assert_eq!(error.status(), 400);
    }
}

#[tokio::test]
async fn a_forged_delivery_claims_nothing() -> Outcome {
    let endpoint = Endpoint::new();
    let forged = endpoint.receiver.receive(&header(format!("t={NOW},v1=00")), BODY).await;
    assert_eq!(forged.unwrap_err().status(), 401);
    assert!(matches!(endpoint.deliver(BODY).await?, Received::New(_)));
    Ok(())
}

#[tokio::test]
async fn a_stale_delivery_is_refused_unless_that_is_asked_for() -> Outcome {
    let endpoint = Endpoint::new();
    endpoint.clock.advance(HOUR);
    assert_eq!(refusal(&endpoint.deliver_again().await), Some(VerifyErrorKind::Stale));
    Ok(())
}

#[tokio::test]
async fn a_stale_delivery_of_an_unseen_event_can_be_taken() -> Outcome {
    let endpoint = accepting_stale(HOUR);
    endpoint.clock.advance(HOUR);
    assert!(matches!(endpoint.deliver_again().await?, Received::New(_)));
    Ok(())
}

#[tokio::test]
async fn a_stale_delivery_of_an_event_that_was_seen_is_not_new() -> Outcome {
    let endpoint = accepting_stale(HOUR);
    let claimed = new(endpoint.deliver(BODY).await)?;
    endpoint.clock.advance(Duration::from_secs(30));
    assert!(matches!(endpoint.deliver_again().await?, Received::InProgress(_)));
    let _ = claimed.done().await?;
    endpoint.clock.advance(HOUR / 2);
    assert!(matches!(endpoint.deliver_again().await?, Received::Done));
    Ok(())
}

#[tokio::test]
async fn a_delivery_that_is_too_stale_is_refused() -> Outcome {
    let endpoint = accepting_stale(HOUR);
    endpoint.clock.advance(HOUR + SECOND);
    assert_eq!(refusal(&endpoint.deliver_again().await), Some(VerifyErrorKind::Stale));
    Ok(())
}

#[tokio::test]
async fn a_delivery_from_before_what_is_remembered_is_refused() -> Outcome {
    let endpoint = accepting_stale(52 * WEEK);
    endpoint.clock.advance(WEEK.saturating_sub(Verifier::DEFAULT_FUTURE));
    assert!(matches!(endpoint.deliver_again().await?, Received::New(_)));
    endpoint.clock.advance(SECOND);
    assert_eq!(refusal(&endpoint.deliver_again().await), Some(VerifyErrorKind::Stale));
    Ok(())
}

#[tokio::test]
async fn a_delivery_from_before_what_is_remembered_is_refused_whatever_the_verifier_takes()
-> Outcome {
    let endpoint = Endpoint::of(verifier().with_past(52 * WEEK));
    endpoint.clock.advance(WEEK);
    assert_eq!(refusal(&endpoint.deliver_again().await), Some(VerifyErrorKind::Stale));
    Ok(())
}

#[tokio::test]
async fn a_forged_delivery_is_not_taken_for_a_stale_one() -> Outcome {
    let endpoint = accepting_stale(HOUR);
    endpoint.clock.advance(HOUR);
    let forged = endpoint.receiver.receive(&header(header_text()), "{}").await;
    assert_eq!(refusal(&forged), Some(VerifyErrorKind::Forged));
    Ok(())
}

#[tokio::test]
async fn a_delivery_that_is_early_is_refused_also_if_stale_ones_are_not() -> Outcome {
    let endpoint = accepting_stale(HOUR);
    endpoint.clock.set_wall(now() - HOUR);
    assert_eq!(refusal(&endpoint.deliver_again().await), Some(VerifyErrorKind::Early));
    Ok(())
}

#[tokio::test]
async fn a_store_that_fails_leaves_the_event_to_the_next_delivery() {
    let clock = VirtualClock::new();
    let endpoint = Endpoint::with(clock, verifier(), Arc::new(Broken));
    let error = endpoint.deliver(BODY).await.unwrap_err();
    assert!(matches!(error, ReceiveError::Store(_)), "{error:?}");
    assert_eq!(error.status(), 503);
}

#[tokio::test]
async fn a_short_trouble_of_the_store_leaves_the_event_done() -> Outcome {
    let endpoint = Endpoint::with_troubles(5);
    let _ = new(endpoint.deliver(BODY).await)?.done().await?;
    assert!(matches!(endpoint.deliver(BODY).await?, Received::Done));
    Ok(())
}

#[tokio::test]
async fn who_could_not_say_that_an_event_is_done_can_say_it_again() -> Outcome {
    let endpoint = Endpoint::with_troubles(6);
    let claimed = new(endpoint.deliver(BODY).await)?;
    let error = claimed.done().await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Unavailable);
    assert_eq!(endpoint.clock.elapsed(), Duration::from_millis(3_100));
    let _ = claimed.done().await?;
    endpoint.clock.advance(Receiver::DEFAULT_LEASE);
    assert!(matches!(endpoint.deliver(BODY).await?, Received::Done));
    Ok(())
}

fn accepting_stale(max_age: Duration) -> Endpoint {
    let endpoint = Endpoint::new();
    let receiver = endpoint.receiver.accept_stale_if_unseen(max_age);
    Endpoint { receiver, ..endpoint }
}

fn refusal(received: &Result<Received, ReceiveError>) -> Option<VerifyErrorKind> {
    match received {
        Err(ReceiveError::Unverified(error)) => Some(error.kind()),
        _ => None,
    }
}

/// A store that is out of reach for a while when an event is done.
#[derive(Debug)]
struct Troubled {
    store: MemoryDedupe,
    left: AtomicU32,
}

impl DedupeStore for Troubled {
    fn claim<'a>(
        &'a self,
        event: &'a EventKey,
        lease: Duration,
    ) -> BoxFuture<'a, Result<Claim, StoreError>> {
        self.store.claim(event, lease)
    }

    fn done<'a>(
        &'a self,
        event: &'a EventKey,
        keep: Duration,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        let left = self.left.load(Ordering::SeqCst);
        if left == 0 {
            return self.store.done(event, keep);
        }
        self.left.store(left - 1, Ordering::SeqCst);
        Box::pin(async { Err(StoreError::new(StoreErrorKind::Unavailable, "out of reach")) })
    }

    fn release<'a>(
        &'a self,
        event: &'a EventKey,
        ticket: Ticket,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        self.store.release(event, ticket)
    }
}

/// A store that is not there.
#[derive(Debug)]
pub(super) struct Broken;

impl DedupeStore for Broken {
    fn claim<'a>(
        &'a self,
        _: &'a EventKey,
        _: Duration,
    ) -> BoxFuture<'a, Result<Claim, StoreError>> {
        Box::pin(async { Err(StoreError::new(StoreErrorKind::Unavailable, "nobody is there")) })
    }

    fn done<'a>(&'a self, _: &'a EventKey, _: Duration) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async { Err(StoreError::new(StoreErrorKind::Unavailable, "nobody is there")) })
    }

    fn release<'a>(&'a self, _: &'a EventKey, _: Ticket) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async { Err(StoreError::new(StoreErrorKind::Unavailable, "nobody is there")) })
    }
}
