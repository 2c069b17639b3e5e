//! Answers kept for an `Idempotency-Key`.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use serde_json::Value;
use specwright_sandbox::{
    Client, ConcurrentKeys, Fault, Limits, Options, OtherBody, Outcome, RateHeaders, Rotation,
    Sandbox, Service, Step, Target, Window,
};

use crate::client::{Answer, call, call_with, options, sandbox, try_send};

const CREATE: &str = "POST /2025-09/contacts";
const GRACE: &str = r#"{"email":"grace@attic.example","full_name":"Grace Field"}"#;
const ADA: &str = r#"{"email":"ada@lock-and-key.example","full_name":"Ada Holt"}"#;
const READ: &str = "public.contact:read";
/// Id and secret of a client.
const ONE: (&str, &str) = ("one", "fake-secret-1");
const TWO: (&str, &str) = ("two", "fake-secret-2");

#[tokio::test]
async fn the_same_key_gets_the_same_answer() {
    let sandbox = sandbox().await;
    let first = create(&sandbox, "key-1", GRACE).await;
    let second = create(&sandbox, "key-1", GRACE).await;
    assert_eq!((first.status, first.text), (second.status, second.text));
}

#[tokio::test]
async fn a_replay_has_no_effect() {
    let sandbox = sandbox().await;
    create(&sandbox, "key-1", GRACE).await;
    create(&sandbox, "key-1", GRACE).await;
    let ledger = sandbox.ledger();
    assert_eq!((ledger.effects().len(), ledger.replays.len()), (1, 1));
    assert_eq!(ledger.effects()[0].idempotency_key.as_deref(), Some("key-1"));
}

#[tokio::test]
async fn a_replay_names_the_request_that_was_answered_first() {
    let sandbox = sandbox().await;
    create(&sandbox, "key-1", GRACE).await;
    create(&sandbox, "key-1", GRACE).await;
    let requests = sandbox.ledger().requests;
    assert_eq!(requests[0].replay_of, None);
    assert_eq!(requests[1].replay_of, Some(requests[0].seq));
}

#[tokio::test]
async fn an_effect_names_its_request() {
    let sandbox = sandbox().await;
    call(&sandbox, "GET /2025-09/contacts", "").await;
    create(&sandbox, "key-1", GRACE).await;
    let ledger = sandbox.ledger();
    assert_eq!(ledger.effects_for_key("key-1")[0].request, ledger.requests[1].seq);
}

#[tokio::test]
async fn the_body_of_a_replay_is_not_compared() {
    let sandbox = sandbox().await;
    create(&sandbox, "key-1", GRACE).await;
    let answer = create(&sandbox, "key-1", ADA).await;
    assert_eq!(answer.at("/contact/email"), "grace@attic.example");
}

#[tokio::test]
async fn another_body_under_a_key_is_refused_if_asked_for() {
    let sandbox = Sandbox::start(options().with_other_body(OtherBody::Refused)).await.unwrap();
    create(&sandbox, "key-1", GRACE).await;
    let refused = create(&sandbox, "key-1", ADA).await;
    assert_eq!((refused.status, refused.code().as_str()), (422, "invalid_content"));
    // The kept answer stays.
    assert_eq!(create(&sandbox, "key-1", GRACE).await.status, 201);
    assert_eq!(sandbox.ledger().effects().len(), 1);
}

#[tokio::test]
async fn of_two_requests_with_one_key_at_once_one_acts() {
    let ([first, second], service) = at_once(ConcurrentKeys::OneActs);
    assert_eq!((first.status().as_u16(), second.status().as_u16()), (201, 201));
    assert_eq!(first.body(), second.body());
    assert_eq!(service.ledger().effects().len(), 1);
}

#[tokio::test]
async fn a_server_that_holds_nothing_back_lets_both_act() {
    let ([first, second], service) = at_once(ConcurrentKeys::BothAct);
    assert_eq!((first.status().as_u16(), second.status().as_u16()), (201, 201));
    assert_ne!(first.body(), second.body());
    assert_eq!(service.ledger().doubled_keys(), ["key-1"]);
    // Whoever comes after both gets the answer that was written last.
    assert_eq!(answer(service.handle(creating(&service))).body(), first.body());
}

#[tokio::test]
async fn the_second_of_two_at_once_is_a_conflict() {
    refuses_the_second(ConcurrentKeys::Conflict, 409);
}

#[tokio::test]
async fn the_second_of_two_at_once_is_one_too_many() {
    refuses_the_second(ConcurrentKeys::TooManyRequests, 429);
}

#[track_caller]
fn refuses_the_second(concurrent: ConcurrentKeys, status: u16) {
    let ([first, second], service) = at_once(concurrent);
    assert_eq!((first.status().as_u16(), second.status().as_u16()), (201, status));
    assert!(!second.headers().contains_key("ratelimit-reset"));
    // Nothing of the refusal is kept.
    assert_eq!(answer(service.handle(creating(&service))).body(), first.body());
    assert_eq!(service.ledger().effects().len(), 1);
}

#[tokio::test]
async fn a_request_that_failed_is_no_longer_under_way() {
    let options = options().with_concurrent_keys(ConcurrentKeys::Conflict);
    let sandbox = Sandbox::start(options).await.unwrap();
    sandbox.push_fault(Target::Any, Fault::Status(503));
    assert_eq!(create(&sandbox, "key-1", GRACE).await.status, 503);
    assert_eq!(create(&sandbox, "key-1", GRACE).await.status, 201);
}

/// The answers to two requests with one key, of which the second arrives, and is done, while the first one
/// is under way.
fn at_once(concurrent: ConcurrentKeys) -> ([Response<Bytes>; 2], Service) {
    // Where every answer tells of the windows, one that tells nothing of them shows.
    let window = Window::new(100, 60).unwrap();
    let options = options()
        .with_limits(Limits::Windows(vec![window]))
        .with_rate_headers(RateHeaders::OnEveryAnswer)
        .with_concurrent_keys(concurrent);
    let service = Service::new(options).unwrap();
    let answers = while_under_way(&service, creating(&service), |service| {
        answer(service.handle(creating(service)))
    });
    assert!(answers[0].headers().contains_key("ratelimit-reset"));
    (answers, service)
}

/// The answer to a request that is under way while something else happens, and what that gives.
fn while_under_way(
    service: &Service,
    request: Request<Bytes>,
    other: impl FnOnce(&Service) -> Response<Bytes>,
) -> [Response<Bytes>; 2] {
    service.push_fault(Target::Any, Fault::Delay(Duration::from_secs(1)));
    let mut first = service.begin(request);
    assert!(matches!(first.step(), Step::Wait(_)));
    let second = other(service);
    let first = match first.step() {
        Step::Done(outcome) => outcome,
        _ => Outcome::Closed,
    };
    [answer(first), second]
}

fn creating(service: &Service) -> Request<Bytes> {
    let request = Request::post("/2025-09/contacts")
        .header("authorization", format!("Bearer {}", service.static_token()))
        .header("content-type", "application/json")
        .header("idempotency-key", "key-1");
    request.body(Bytes::from_static(GRACE.as_bytes())).unwrap()
}

fn answer(outcome: Outcome) -> Response<Bytes> {
    outcome.into_answer().unwrap()
}

#[test]
fn the_second_of_two_token_requests_at_once_is_refused_as_any_other_post() {
    for (concurrent, status) in
        [(ConcurrentKeys::Conflict, 409), (ConcurrentKeys::TooManyRequests, 429)]
    {
        let service = Service::new(keyed_tokens().with_concurrent_keys(concurrent)).unwrap();
        let [first, second] = while_under_way(&service, tokens(ONE, READ), |service| {
            answer(service.handle(tokens(ONE, READ)))
        });
        assert_eq!((first.status().as_u16(), second.status().as_u16()), (200, status));
        assert_eq!(code(&second), "invalid_request");
    }
}

#[test]
fn another_token_request_under_a_key_is_refused_as_any_other_post() {
    let service = Service::new(keyed_tokens().with_other_body(OtherBody::Refused)).unwrap();
    service.handle(tokens(ONE, READ));
    let refused = answer(service.handle(tokens(ONE, "public.contact:write")));
    assert_eq!((refused.status().as_u16(), code(&refused).as_str()), (422, "invalid_request"));
}

#[test]
fn no_client_gets_the_tokens_of_another_for_its_key() {
    let service = Service::new(keyed_tokens()).unwrap();
    let [one, two] = [ONE, TWO].map(|client| answer(service.handle(tokens(client, READ))));
    assert_eq!((one.status().as_u16(), two.status().as_u16()), (200, 200));
    assert_ne!(one.body(), two.body());
    assert_eq!(answer(service.handle(tokens(TWO, READ))).body(), two.body());
}

#[test]
fn whoever_does_not_know_the_secret_gets_no_kept_tokens() {
    let service = Service::new(keyed_tokens()).unwrap();
    let first = answer(service.handle(tokens(ONE, READ)));
    let stranger = answer(service.handle(tokens((ONE.0, "fake-wrong"), READ)));
    assert_eq!((stranger.status().as_u16(), code(&stranger).as_str()), (401, "invalid_client"));
    assert_eq!(answer(service.handle(tokens(ONE, READ))).body(), first.body());
}

#[test]
fn whoever_does_not_know_the_secret_uses_up_no_key() {
    let service = Service::new(keyed_tokens()).unwrap();
    service.handle(tokens((ONE.0, "fake-wrong"), READ));
    assert_eq!(answer(service.handle(tokens(ONE, READ))).status().as_u16(), 200);
}

#[test]
fn a_key_means_what_it_meant_when_its_request_arrived() {
    for (then, now, kept) in
        [(Rotation::OnUse, honoring_keys(), false), (honoring_keys(), Rotation::OnUse, true)]
    {
        let service = Service::new(keyed_tokens().with_rotation(then)).unwrap();
        let [first, _] = while_under_way(&service, tokens(ONE, READ), |service| {
            service.set_rotation(now);
            Response::new(Bytes::new())
        });
        assert_eq!(first.status().as_u16(), 200);
        service.set_rotation(honoring_keys());
        let again = answer(service.handle(tokens(ONE, READ)));
        assert_eq!(first.body() == again.body(), kept);
    }
}

/// A vendor whose token endpoint honors keys, and its two clients.
fn keyed_tokens() -> Options {
    let client = |(id, secret)| Client::new(id, secret);
    options().with_rotation(honoring_keys()).with_client(client(ONE)).with_client(client(TWO))
}

fn honoring_keys() -> Rotation {
    Rotation::Replayed(Box::new(Rotation::Strict))
}

/// A request of a client for a token of its own, with the key `key-1`.
fn tokens((id, secret): (&str, &str), scope: &str) -> Request<Bytes> {
    let scope = scope.replace(':', "%3A");
    let form = format!(
        "grant_type=client_credentials&scope={scope}&client_id={id}&client_secret={secret}"
    );
    let request = Request::post("/oauth2/token")
        .header("content-type", "application/x-www-form-urlencoded")
        .header("idempotency-key", "key-1");
    request.body(Bytes::from(form)).unwrap()
}

/// The code of an error in the form of RFC 6749.
fn code(answer: &Response<Bytes>) -> String {
    let body: Value = serde_json::from_slice(answer.body()).unwrap();
    body["error"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_request_too_many_is_not_kept() {
    let window = Window::new(1, 10).unwrap();
    let options = options().with_limits(Limits::Windows(vec![window]));
    let sandbox = Sandbox::start(options).await.unwrap();
    call(&sandbox, "GET /2025-09/contacts", "").await;
    assert_eq!(create(&sandbox, "key-1", GRACE).await.status, 429);
    sandbox.advance(Duration::from_secs(10));
    assert_eq!(create(&sandbox, "key-1", GRACE).await.status, 201);
}

#[tokio::test]
async fn another_key_is_another_contact() {
    let sandbox = sandbox().await;
    create(&sandbox, "key-1", GRACE).await;
    create(&sandbox, "key-2", GRACE).await;
    assert_eq!(sandbox.ledger().effects().len(), 2);
}

#[tokio::test]
async fn a_key_is_new_again_after_a_day() {
    let sandbox = sandbox().await;
    create(&sandbox, "key-1", GRACE).await;
    sandbox.advance(Duration::from_secs(86_399));
    create(&sandbox, "key-1", GRACE).await;
    assert_eq!(sandbox.ledger().effects().len(), 1);
    sandbox.advance(Duration::from_secs(1));
    create(&sandbox, "key-1", GRACE).await;
    assert_eq!(sandbox.ledger().effects().len(), 2);
}

#[tokio::test]
async fn a_refusal_is_kept_too() {
    let sandbox = sandbox().await;
    assert_eq!(create(&sandbox, "key-1", "{}").await.status, 422);
    assert_eq!(create(&sandbox, "key-1", GRACE).await.status, 422);
}

#[tokio::test]
async fn a_failure_of_the_application_is_final_for_its_key() {
    let sandbox = sandbox().await;
    sandbox.push_fault(Target::Any, Fault::StoredStatus(500));
    assert_eq!(create(&sandbox, "key-1", GRACE).await.status, 500);
    assert_eq!(create(&sandbox, "key-1", GRACE).await.status, 500);
    assert_eq!(sandbox.ledger().effects(), []);
}

#[tokio::test]
async fn a_failure_before_the_application_is_not_kept() {
    let sandbox = sandbox().await;
    sandbox.push_fault(Target::Any, Fault::Status(503));
    assert_eq!(create(&sandbox, "key-1", GRACE).await.status, 503);
    assert_eq!(create(&sandbox, "key-1", GRACE).await.status, 201);
}

#[tokio::test]
async fn a_request_without_credentials_is_not_kept() {
    let sandbox = sandbox().await;
    let headers = [("Idempotency-Key", "key-1"), ("Content-Type", "application/json")];
    let refused = try_send(&sandbox, CREATE, &headers, GRACE).await;
    assert_eq!(refused.map(|answer| answer.status), Some(401));
    assert_eq!(create(&sandbox, "key-1", GRACE).await.status, 201);
}

#[tokio::test]
async fn an_answer_that_was_lost_can_be_had_again() {
    let sandbox = sandbox().await;
    sandbox.push_fault(Target::Any, Fault::CloseAfterEffect);
    let token = format!("Bearer {}", sandbox.static_token());
    let headers = [
        ("Authorization", token.as_str()),
        ("Idempotency-Key", "key-1"),
        ("Content-Type", "application/json"),
    ];
    assert!(try_send(&sandbox, CREATE, &headers, GRACE).await.is_none());
    assert_eq!(create(&sandbox, "key-1", GRACE).await.status, 201);
    assert_eq!(sandbox.ledger().effects().len(), 1);
}

#[tokio::test]
async fn a_change_is_no_post_and_takes_no_key() {
    let sandbox = sandbox().await;
    let id = sandbox.seed_contacts(1).remove(0);
    let line = format!("PATCH /2025-09/contacts/{id}");
    let key = [("Idempotency-Key", "key-1")];
    call_with(&sandbox, &line, &key, r#"{"full_name":"One"}"#).await;
    call_with(&sandbox, &line, &key, r#"{"full_name":"Two"}"#).await;
    let shown = call(&sandbox, &format!("GET /2025-09/contacts/{id}"), "").await;
    assert_eq!(shown.at("/contact/full_name"), "Two");
}

async fn create(sandbox: &Sandbox, key: &str, body: &str) -> Answer {
    call_with(sandbox, CREATE, &[("Idempotency-Key", key)], body).await
}
