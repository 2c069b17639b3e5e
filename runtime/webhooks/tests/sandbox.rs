//! A receiver on loopback and a sandbox that posts to it: two codes of one scheme that share no line.

#![expect(clippy::unwrap_used, clippy::panic, reason = "what a test cannot do without stops it")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use axum::Router;
use axum::extract::{FromRef, State};
use axum::http::{Request, StatusCode};
use axum::routing::post;
use bytes::Bytes;
use serde_json::{Value, json};
use specwright_core::types::UnknownJson;
use specwright_store::MemoryRows;
use specwright_testkit::sandbox::{
    Api, AttemptEntry, AttemptVerdict, Options, Outcome, SandboxClock, WebhookSettings,
};
use specwright_testkit::{Sandbox, VirtualClock};
use specwright_webhooks::{Claimed, HandedOff, Receiver, RowsDedupe, Scheme, Verifier};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

/// Tuesday, 10 March 2026, 08:00:00 UTC.
const NOW: u64 = 1_773_129_600;
const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

const STORA: Scheme = Scheme::timestamped("X-Stora-Signature", "/event/id");

/// A vendor and who receives from it. Their clocks move together.
struct Site {
    sandbox: Sandbox,
    clock: VirtualClock,
    /// The events that were handed off.
    handled: mpsc::UnboundedReceiver<String>,
}

#[derive(Clone)]
struct App {
    receiver: Receiver,
    /// How often the handler fails before it works.
    failures: Arc<AtomicUsize>,
    handled: mpsc::UnboundedSender<String>,
}

impl FromRef<App> for Receiver {
    fn from_ref(app: &App) -> Self {
        app.receiver.clone()
    }
}

async fn on_event(State(app): State<App>, claimed: Claimed) -> Result<HandedOff, StatusCode> {
    let fails = |left: usize| left.checked_sub(1);
    if app.failures.fetch_update(Ordering::SeqCst, Ordering::SeqCst, fails).is_ok() {
        claimed.release().await.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
        return Err(StatusCode::INTERNAL_SERVER_ERROR);
    }
    let event: UnknownJson = claimed.event().map_err(|_| StatusCode::BAD_REQUEST)?;
    let body = specwright_core::json::to_vec(&event).map_err(|_| StatusCode::BAD_REQUEST)?;
    app.handled.send(String::from_utf8_lossy(&body).into_owned()).unwrap();
    claimed.done().await.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)
}

impl Site {
    /// A receiver whose handler fails so often at first, and which has asked for events of these types.
    async fn new(api: Api, event_types: &[&str], failures: usize) -> Self {
        let options = Options::new().with_api(api).with_clock(SandboxClock::fixed_at(NOW));
        let sandbox = Sandbox::start_with(options).await.unwrap();
        sandbox.seed_examples();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (scheme, secret) = endpoint(&sandbox, api, &address.to_string(), event_types);
        let clock = VirtualClock::new();
        clock.set_wall(SystemTime::UNIX_EPOCH + Duration::from_secs(NOW));
        let rows = Arc::new(MemoryRows::volatile(Arc::new(clock.clone())));
        let store = Arc::new(RowsDedupe::new(rows));
        let verifier = Verifier::new(scheme, [secret.as_str()]).unwrap();
        let receiver = Receiver::new("fake", verifier, store, Arc::new(clock.clone()));
        let (tell, handled) = mpsc::unbounded_channel();
        let failures = Arc::new(AtomicUsize::new(failures));
        let app = App { receiver, failures, handled: tell };
        let router = Router::new().route("/webhooks", post(on_event)).with_state(app);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { sandbox, clock, handled }
    }

    fn create_contact(&self) {
        create_contact(&self.sandbox);
    }

    fn advance(&self, time: Duration) {
        self.clock.advance(time);
        self.sandbox.advance(time);
    }

    async fn attempts(&self, count: usize) -> Vec<AttemptEntry> {
        attempts(&self.sandbox, count).await
    }

    async fn statuses(&self, count: usize) -> Vec<u16> {
        let status = |entry: AttemptEntry| match entry.verdict {
            AttemptVerdict::Answered { status } => status,
            other => panic!("an attempt ended as {other:?}"),
        };
        self.attempts(count).await.into_iter().map(status).collect()
    }
}

fn create_contact(sandbox: &Sandbox) {
    let body = json!({ "email": "fake@example.test", "full_name": "Fake Contact" });
    call(sandbox, "/2025-09/contacts", &body);
}

/// The first attempts, as soon as so many have ended.
async fn attempts(sandbox: &Sandbox, count: usize) -> Vec<AttemptEntry> {
    loop {
        let attempts = sandbox.ledger().attempts.into_iter().take(count);
        let ended = attempts.filter(|entry| entry.verdict != AttemptVerdict::Open);
        let ended: Vec<AttemptEntry> = ended.collect();
        if ended.len() == count {
            return ended;
        }
        tokio::task::yield_now().await;
    }
}

/// Makes an endpoint through the operation of the vendor: how it is signed for, and with which secret.
fn endpoint(sandbox: &Sandbox, api: Api, address: &str, types: &[&str]) -> (Scheme, String) {
    match api {
        Api::Understory => {
            let url = format!("http://{address}/webhooks");
            let body = json!({ "url": url, "event_types": types, "state": "ENABLED" });
            let made = call(sandbox, "/v1/webhook-subscriptions", &body);
            (Scheme::STANDARD, made["secret"].as_str().unwrap().to_owned())
        }
        _ => {
            // The document wants https; the sandbox has no certificate and posts without TLS.
            let url = format!("https://{address}/webhooks");
            let (name, version) = ("fake", "2025-09");
            let body = json!({
                "name": name, "api_version": version, "url": url, "event_types": types,
            });
            let made = call(sandbox, "/2025-09/webhook_endpoints", &body);
            (STORA, made["endpoint"]["secret"].as_str().unwrap().to_owned())
        }
    }
}

/// Posts to an operation as a client with all rights. Null is no body.
fn call(sandbox: &Sandbox, path: &str, body: &Value) -> Value {
    let mut request = Request::post(path)
        .header("authorization", format!("Bearer {}", sandbox.static_token()))
        .header("user-agent", "Fake/Tests");
    let mut bytes = Bytes::new();
    if !body.is_null() {
        request = request.header("content-type", "application/json");
        bytes = Bytes::from(body.to_string());
    }
    let request = request.body(bytes).unwrap();
    let Outcome::Answer(answer) = sandbox.handle(request) else { panic!("there is no answer") };
    let text = String::from_utf8_lossy(answer.body());
    assert!(answer.status().is_success(), "{path}: {} {text}", answer.status());
    serde_json::from_slice(answer.body()).unwrap()
}

#[tokio::test]
async fn a_contact_that_is_created_is_an_event_that_is_verified_and_handed_off() {
    let mut site = Site::new(Api::Stora, &["contact.created"], 0).await;
    site.create_contact();
    assert_eq!(site.statuses(1).await, [204]);
    let event: Value = serde_json::from_str(&site.handled.recv().await.unwrap()).unwrap();
    assert_eq!(event["event"]["type"], "contact.created");
    assert_eq!(event["event"]["data"]["contact"]["email"], "fake@example.test");
    assert_eq!(site.sandbox.ledger().defects, []);
}

#[tokio::test]
async fn an_event_whose_handler_failed_comes_again_after_a_minute() {
    let mut site = Site::new(Api::Stora, &["contact.created"], 1).await;
    site.create_contact();
    assert_eq!(site.statuses(1).await, [500]);
    site.advance(MINUTE.saturating_sub(Duration::from_secs(1)));
    // Whatever is due comes before this.
    site.create_contact();
    assert_eq!(site.statuses(2).await, [500, 204]);
    site.advance(Duration::from_secs(1));
    site.create_contact();
    assert_eq!(site.statuses(3).await, [500, 204, 204]);
    let [first, between, again]: [AttemptEntry; 3] = site.attempts(3).await.try_into().unwrap();
    assert_ne!(between.event, first.event);
    assert_eq!((again.event, again.attempt, again.signed_at), (first.event, 2, NOW + 60));
    for _ in 0..2 {
        site.handled.recv().await.unwrap();
    }
}

#[tokio::test]
async fn an_endpoint_that_fails_is_tried_as_often_as_documented_and_no_more() {
    let site = Site::new(Api::Stora, &["contact.created"], usize::MAX).await;
    site.create_contact();
    for attempt in 1..=7 {
        assert_eq!(site.attempts(attempt).await[attempt - 1].attempt, attempt);
        site.advance(DAY);
    }
    site.advance(30 * DAY);
    // Whatever was due before comes before this.
    site.create_contact();
    assert_eq!(site.attempts(8).await[7].attempt, 1);
}

#[tokio::test]
async fn an_endpoint_that_does_not_answer_in_time_is_tried_again() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let options = Options::new().with_clock(SandboxClock::fixed_at(NOW));
    let sandbox = Sandbox::start_with(options).await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    endpoint(&sandbox, Api::Stora, &address, &["contact.created"]);
    create_contact(&sandbox);
    let mut open = Vec::new();
    for attempt in 1..=2 {
        open.push(listener.accept().await.unwrap());
        sandbox.advance(Duration::from_secs(10));
        let attempts = attempts(&sandbox, attempt).await;
        assert_eq!(attempts[attempt - 1].verdict, AttemptVerdict::Late);
        sandbox.advance(MINUTE);
    }
}

#[tokio::test]
async fn an_endpoint_elsewhere_is_sent_nothing() {
    let options = Options::new().with_clock(SandboxClock::fixed_at(NOW));
    let sandbox = Sandbox::start_with(options).await.unwrap();
    endpoint(&sandbox, Api::Stora, "endpoint.example:443", &["contact.created"]);
    create_contact(&sandbox);
    assert_eq!(attempts(&sandbox, 1).await[0].verdict, AttemptVerdict::Elsewhere);
}

#[tokio::test]
async fn copies_of_an_event_are_handed_off_once() {
    let mut site = Site::new(Api::Stora, &["contact.created"], 0).await;
    site.sandbox.set_webhooks(WebhookSettings::new().with_copies(3));
    site.create_contact();
    assert_eq!(site.statuses(3).await.len(), 3);
    site.handled.recv().await.unwrap();
    assert!(site.handled.try_recv().is_err(), "it was handed off twice");
}

#[tokio::test]
async fn an_event_with_a_wrong_signature_is_never_handed_off() {
    for (api, event_type, collection) in [STORA_EVENTS[8], UNDERSTORY_EVENTS[0]] {
        let mut site = Site::new(api, &[event_type], 0).await;
        site.sandbox.set_webhooks(WebhookSettings::new().with_wrong_signatures());
        assert!(site.sandbox.emit(event_type, &site.sandbox.ids(collection)[0]));
        assert_eq!(site.statuses(1).await, [401]);
        assert!(site.handled.try_recv().is_err());
    }
}

#[tokio::test]
async fn an_event_that_was_signed_long_ago_is_not_handed_off() {
    let mut site = Site::new(Api::Stora, &["contact.created"], 0).await;
    site.sandbox.set_webhooks(WebhookSettings::new().with_age(10 * MINUTE));
    site.create_contact();
    assert!(!(200..300).contains(&site.statuses(1).await[0]));
    assert!(site.handled.try_recv().is_err());
}

#[tokio::test]
async fn of_what_is_due_the_newest_can_come_first() {
    let mut site = Site::new(Api::Stora, &["contact.created"], 2).await;
    for _ in 0..2 {
        site.create_contact();
    }
    let first: Vec<String> = site.attempts(2).await.into_iter().map(|entry| entry.event).collect();
    site.sandbox.set_webhooks(WebhookSettings::new().with_newest_first());
    site.advance(MINUTE);
    let again: Vec<String> =
        site.attempts(4).await.into_iter().skip(2).map(|entry| entry.event).collect();
    assert_eq!(again, first.into_iter().rev().collect::<Vec<_>>());
    site.handled.recv().await.unwrap();
}

#[tokio::test]
async fn every_event_of_stora_keeps_to_the_document_and_is_handed_off() {
    hands_off_every_one(&STORA_EVENTS).await;
}

#[tokio::test]
async fn every_event_of_understory_keeps_to_the_document_and_is_handed_off() {
    hands_off_every_one(&UNDERSTORY_EVENTS).await;
}

async fn hands_off_every_one(events: &[(Api, &str, &str)]) {
    let types: Vec<&str> = events.iter().map(|(_, event_type, _)| *event_type).collect();
    let mut site = Site::new(events[0].0, &types, 0).await;
    for (_, event_type, collection) in events {
        assert!(site.sandbox.emit(event_type, &site.sandbox.ids(collection)[0]), "{event_type}");
    }
    assert_eq!(site.statuses(events.len()).await, vec![204; events.len()]);
    for (_, event_type, _) in events {
        let event = site.handled.recv().await.unwrap();
        assert!(event.contains(event_type), "{event}");
    }
    assert_eq!(site.sandbox.ledger().defects, []);
}

#[tokio::test]
async fn an_endpoint_that_was_disabled_gets_nothing() {
    let site = Site::new(Api::Stora, &["contact.created"], usize::MAX).await;
    site.create_contact();
    let off = site.attempts(1).await[0].endpoint.clone();
    let path = format!("/2025-09/webhook_endpoints/{off}/disable");
    call(&site.sandbox, &path, &Value::Null);
    endpoint(&site.sandbox, Api::Stora, "endpoint.example:443", &["contact.created"]);
    site.advance(MINUTE);
    // Whatever was due before comes before this.
    site.create_contact();
    assert_ne!(site.attempts(2).await[1].endpoint, off);
}

/// Each type of event, and the collection of what it is about.
const STORA_EVENTS: [(Api, &str, &str); 9] = [
    (Api::Stora, "contact.created", "contacts"),
    (Api::Stora, "credit_note.created", "credit_notes"),
    (Api::Stora, "deal.updated", "deals"),
    (Api::Stora, "identity_verification.processing", "identity_verifications"),
    (Api::Stora, "identity_verification.succeeded", "identity_verifications"),
    (Api::Stora, "invoice.created", "invoices"),
    (Api::Stora, "invoice.paid", "invoices"),
    (Api::Stora, "order.created", "orders"),
    (Api::Stora, "unit.updated", "units"),
];

const UNDERSTORY_EVENTS: [(Api, &str, &str); 11] = [
    (Api::Understory, "v1.booking.created", "bookings"),
    (Api::Understory, "v1.booking.updated", "bookings"),
    (Api::Understory, "v1.booking.cancelled", "bookings"),
    (Api::Understory, "v1.event.created", "events"),
    (Api::Understory, "v1.event.updated", "events"),
    (Api::Understory, "v1.event.cancelled", "events"),
    (Api::Understory, "v1.event.completed", "events"),
    (Api::Understory, "v1.event.deleted", "events"),
    (Api::Understory, "v1.experience.created", "experiences"),
    (Api::Understory, "v1.experience.updated", "experiences"),
    (Api::Understory, "v1.experience.deleted", "experiences"),
];
