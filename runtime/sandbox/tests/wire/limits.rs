//! Rate windows.

use std::time::Duration;

use bytes::Bytes;
use http::Request;
use specwright_sandbox::{
    Account, Api, Chaos, Fault, Limits, Options, Outcome, RateHeaders, Sandbox, SandboxClock,
    Service, Step, Target, Window, WindowKind,
};

use crate::client::{START, call, options, sandbox, send, try_send};
use crate::connected::{self, Pair, authorization_url, exchange, parameter, start};

const LIST: &str = "GET /2025-09/contacts";

#[tokio::test]
async fn there_are_no_windows_unless_asked_for() {
    let sandbox = sandbox().await;
    for _ in 0..11 {
        assert_eq!(call(&sandbox, LIST, "").await.status, 200);
    }
}

#[tokio::test]
async fn the_eleventh_request_of_a_second_is_refused() {
    let sandbox = Sandbox::start(options().with_limits(Limits::Documented)).await.unwrap();
    for _ in 0..10 {
        assert_eq!(call(&sandbox, LIST, "").await.status, 200);
    }
    let answer = call(&sandbox, LIST, "").await;
    assert_eq!((answer.status, answer.code().as_str()), (429, "too_many_requests"));
    assert_eq!(answer.header("ratelimit-limit"), Some("10"));
    assert_eq!(answer.header("ratelimit-reset"), Some((START + 1).to_string().as_str()));
}

#[tokio::test]
async fn the_sixty_first_request_of_a_minute_is_refused() {
    let sandbox = Sandbox::start(options().with_limits(Limits::Documented)).await.unwrap();
    for _ in 0..6 {
        for _ in 0..10 {
            assert_eq!(call(&sandbox, LIST, "").await.status, 200);
        }
        sandbox.advance(Duration::from_secs(1));
    }
    let answer = call(&sandbox, LIST, "").await;
    assert_eq!(answer.header("ratelimit-limit"), Some("60"));
    assert_eq!(answer.header("ratelimit-reset"), Some((START + 60).to_string().as_str()));
}

#[tokio::test]
async fn a_request_after_the_reset_is_let_in() {
    let window = Window::new(1, 10).unwrap();
    let options = options().with_limits(Limits::Windows(vec![window]));
    let sandbox = Sandbox::start(options).await.unwrap();
    call(&sandbox, LIST, "").await;
    assert_eq!(call(&sandbox, LIST, "").await.status, 429);
    sandbox.advance(Duration::from_secs(10));
    assert_eq!(call(&sandbox, LIST, "").await.status, 200);
}

#[tokio::test]
async fn a_stranger_does_not_use_up_the_windows() {
    let window = Window::new(1, 10).unwrap();
    let options = options().with_limits(Limits::Windows(vec![window]));
    let sandbox = Sandbox::start(options).await.unwrap();
    assert_eq!(send(&sandbox, LIST, &[], "").await.status, 401);
    assert_eq!(call(&sandbox, LIST, "").await.status, 200);
}

#[tokio::test]
async fn each_operator_has_windows_of_its_own() {
    let window = Window::new(1, 10).unwrap();
    let sandbox = start(options().with_limits(Limits::Windows(vec![window]))).await;
    let mut statuses = Vec::new();
    for operator in ["operator-1", "operator-2", "operator-1"] {
        let back = sandbox.approve(&authorization_url(&sandbox, ""), operator).unwrap();
        let code = parameter(&back, "code").unwrap();
        let pair = Pair::of(&exchange(&sandbox, &code, "").await);
        statuses.push(connected::call(&sandbox, &pair.access).await);
    }
    assert_eq!(statuses, [200, 200, 429]);
    let second = Duration::from_secs(1);
    let arrived = |account: Account| sandbox.ledger().peak(&account, second).arrived;
    assert_eq!(["operator-1", "operator-2"].map(|name| arrived(Account::operator(name))), [2, 1]);
}

#[tokio::test]
async fn twice_the_requests_get_through_where_a_fixed_window_ends() {
    assert_eq!(around_the_end_of_a_minute(WindowKind::Fixed).await, [200, 200, 200, 200]);
}

#[tokio::test]
async fn a_sliding_window_has_no_such_end() {
    assert_eq!(around_the_end_of_a_minute(WindowKind::Sliding).await, [200, 200, 429, 429]);
}

#[tokio::test]
async fn the_ledger_knows_the_fullest_minute_whatever_the_windows_are() {
    let sandbox = Sandbox::start(limited(&[(2, 60)])).await.unwrap();
    sandbox.advance(Duration::from_secs(59));
    for wait in [0, 0, 0, 1, 0] {
        sandbox.advance(Duration::from_secs(wait));
        call(&sandbox, LIST, "").await;
    }
    let peak = sandbox.ledger().peak(&Account::Static, Duration::from_secs(60));
    assert_eq!((peak.arrived, peak.let_in), (5, 4));
}

#[tokio::test]
async fn a_request_that_a_fault_kept_from_the_windows_arrived_all_the_same() {
    let sandbox = Sandbox::start(limited(&[(1, 60)])).await.unwrap();
    sandbox.push_fault(Target::Any, Fault::Status(503));
    for expected in [503, 200] {
        assert_eq!(call(&sandbox, LIST, "").await.status, expected);
    }
    let peak = sandbox.ledger().peak(&Account::Static, Duration::from_secs(60));
    assert_eq!((peak.arrived, peak.let_in), (2, 2));
}

#[tokio::test]
async fn a_429_that_no_window_gave_does_not_say_that_a_request_was_not_let_in() {
    let sandbox = Sandbox::start(limited(&[(1, 60)])).await.unwrap();
    sandbox.push_fault(Target::Any, Fault::StatusAfterEffect(429));
    for expected in [429, 429] {
        assert_eq!(call(&sandbox, LIST, "").await.status, expected);
    }
    let let_in: Vec<bool> = sandbox.ledger().requests.iter().map(|entry| entry.let_in).collect();
    assert_eq!(let_in, [true, false]);
    let peak = sandbox.ledger().peak(&Account::Static, Duration::from_secs(60));
    assert_eq!((peak.arrived, peak.let_in), (2, 1));
}

#[tokio::test]
async fn a_refusal_that_never_reached_its_client_is_one_all_the_same() {
    let sandbox = Sandbox::start(limited(&[(1, 60)])).await.unwrap();
    call(&sandbox, LIST, "").await;
    sandbox.push_fault(Target::Any, Fault::CloseAfterEffect);
    let bearer = format!("Bearer {}", sandbox.static_token());
    assert!(try_send(&sandbox, LIST, &[("Authorization", &bearer)], "").await.is_none());
    let peak = sandbox.ledger().peak(&Account::Static, Duration::from_secs(60));
    assert_eq!((peak.arrived, peak.let_in), (2, 1));
}

#[tokio::test]
async fn a_request_counts_when_it_arrives_however_long_its_answer_takes() {
    let clock = SandboxClock::fixed_at(START);
    let service = Service::new(Options::new().with_clock(clock)).unwrap();
    service.push_fault(Target::Any, Fault::Delay(Duration::from_secs(90)));
    let mut late = service.begin(listing(&service));
    assert!(matches!(late.step(), Step::Wait(_)));
    service.advance(Duration::from_secs(90));
    assert!(matches!(late.step(), Step::Done(_)));
    service.handle(listing(&service));
    let peak = service.ledger().peak(&Account::Static, Duration::from_secs(60));
    assert_eq!(peak.arrived, 1);
}

#[tokio::test]
async fn the_windows_count_a_request_when_it_arrives_however_long_its_answer_takes() {
    for kind in [WindowKind::Fixed, WindowKind::Sliding] {
        let service = Service::new(limited(&[(1, 60)]).with_window_kind(kind)).unwrap();
        service.push_fault(Target::Any, Fault::Delay(Duration::from_secs(90)));
        let mut late = service.begin(listing(&service));
        assert!(matches!(late.step(), Step::Wait(_)));
        assert_eq!(status(service.handle(listing(&service))), 429);
        service.advance(Duration::from_secs(90));
        let Step::Done(outcome) = late.step() else { panic!("it should have ended") };
        assert_eq!(status(outcome), 200);
        assert_eq!(status(service.handle(listing(&service))), 200);
    }
}

#[tokio::test]
async fn a_request_too_many_is_one_when_its_answer_comes_after_the_reset() {
    let service = Service::new(limited(&[(1, 60)])).unwrap();
    service.push_fault(Target::Nth("list_contacts".to_owned(), 2), Fault::HoldBeforeEffect);
    service.handle(listing(&service));
    let mut late = service.begin(listing(&service));
    let Step::Held(held) = late.step() else { panic!("it should be held") };
    service.advance(Duration::from_secs(60));
    service.release();
    assert_eq!(status(held.await), 429);
}

fn status(outcome: Outcome) -> u16 {
    outcome.into_answer().unwrap().status().as_u16()
}

fn listing(service: &Service) -> Request<Bytes> {
    let bearer = format!("Bearer {}", service.static_token());
    let request = Request::get("/2025-09/contacts").header("authorization", bearer);
    request.body(Bytes::new()).unwrap()
}

/// The answers to two requests before the end of a minute and two after it, where a minute allows two.
async fn around_the_end_of_a_minute(kind: WindowKind) -> Vec<u16> {
    let sandbox = Sandbox::start(limited(&[(2, 60)]).with_window_kind(kind)).await.unwrap();
    sandbox.advance(Duration::from_secs(59));
    let mut statuses = Vec::new();
    for wait in [0, 0, 1, 0] {
        sandbox.advance(Duration::from_secs(wait));
        statuses.push(call(&sandbox, LIST, "").await.status);
    }
    statuses
}

#[tokio::test]
async fn a_sliding_window_opens_when_it_says() {
    let options = limited(&[(1, 60)]).with_window_kind(WindowKind::Sliding);
    let sandbox = Sandbox::start(options).await.unwrap();
    sandbox.advance(Duration::from_millis(12_300));
    call(&sandbox, LIST, "").await;
    let refused = call(&sandbox, LIST, "").await;
    assert_eq!(refused.header("ratelimit-reset"), Some((START + 73).to_string().as_str()));
    sandbox.advance(Duration::from_millis(60_700));
    assert_eq!(call(&sandbox, LIST, "").await.status, 200);
}

#[tokio::test]
async fn no_window_tells_how_full_it_is_unless_asked_for() {
    let sandbox = Sandbox::start(limited(&[(1, 60)])).await.unwrap();
    assert_eq!(rate_headers(&sandbox, LIST).await, (200, None, None));
    assert_eq!(rate_headers(&sandbox, LIST).await, (429, Some(1), None));
}

#[tokio::test]
async fn every_answer_tells_of_the_window_that_has_the_fewest_left() {
    let options = limited(&[(2, 1), (3, 60)]).with_rate_headers(RateHeaders::OnEveryAnswer);
    let sandbox = Sandbox::start(options).await.unwrap();
    assert_eq!(rate_headers(&sandbox, LIST).await, (200, Some(2), Some(1)));
    sandbox.advance(Duration::from_secs(1));
    // One is left in each of the two; the minute lasts longer.
    assert_eq!(rate_headers(&sandbox, LIST).await, (200, Some(3), Some(1)));
    let unknown = "GET /2025-09/contacts/con_0";
    assert_eq!(rate_headers(&sandbox, unknown).await, (404, Some(3), Some(0)));
    assert_eq!(rate_headers(&sandbox, LIST).await, (429, Some(3), Some(0)));
}

#[tokio::test]
async fn an_answer_that_never_came_near_the_windows_tells_nothing_of_them() {
    let options = limited(&[(2, 60)]).with_rate_headers(RateHeaders::OnEveryAnswer);
    let sandbox = Sandbox::start(options).await.unwrap();
    sandbox.push_fault(Target::Any, Fault::Status(503));
    assert_eq!(rate_headers(&sandbox, LIST).await, (503, None, None));
    assert_eq!(rate_headers(&sandbox, LIST).await, (200, Some(2), Some(1)));
}

#[tokio::test]
async fn a_refusal_that_was_asked_for_has_the_headers_of_the_vendor() {
    let sandbox = sandbox().await;
    sandbox.push_fault(Target::Any, REFUSAL);
    let answer = call(&sandbox, LIST, "").await;
    assert_eq!((answer.status, answer.code().as_str()), (429, "too_many_requests"));
    assert_eq!(answer.header("ratelimit-limit"), Some("60"));
    assert_eq!(answer.header("ratelimit-reset"), Some((START + 30).to_string().as_str()));
}

#[tokio::test]
async fn a_refusal_that_was_asked_for_tells_what_the_others_tell() {
    let options = limited(&[(2, 60)]).with_rate_headers(RateHeaders::OnEveryAnswer);
    let sandbox = Sandbox::start(options).await.unwrap();
    sandbox.push_fault(Target::Any, REFUSAL);
    assert_eq!(rate_headers(&sandbox, LIST).await, (429, Some(60), Some(0)));
}

#[tokio::test]
async fn a_refusal_that_was_asked_for_has_no_headers_where_the_vendor_has_none() {
    let sandbox = Sandbox::start(options().with_api(Api::Understory)).await.unwrap();
    sandbox.push_fault(Target::Any, REFUSAL);
    let answer = call(&sandbox, "GET /v1/me", "").await;
    let told = answer.headers.iter().any(|(name, _)| name.starts_with("ratelimit"));
    assert_eq!((answer.status, told), (429, false));
}

#[tokio::test]
async fn a_storm_refuses_a_share_of_the_requests_and_is_over_after_its_time() {
    let sandbox = sandbox().await;
    let storm = Chaos::new(7, 300, [REFUSAL, Fault::Status(429)]);
    sandbox.set_chaos(Some(storm.with_duration(Duration::from_secs(100))));
    let (mut with_headers, mut without) = (0, 0);
    for _ in 0..100 {
        let answer = call(&sandbox, LIST, "").await;
        match (answer.status, answer.header("ratelimit-reset")) {
            (429, Some(_)) => with_headers += 1,
            (429, None) => without += 1,
            (status, _) => assert_eq!(status, 200),
        }
        sandbox.advance(Duration::from_secs(1));
    }
    assert!(with_headers >= 10 && without >= 10 && with_headers + without < 50);
    for _ in 0..100 {
        assert_eq!(call(&sandbox, LIST, "").await.status, 200);
    }
}

const REFUSAL: Fault = Fault::RateLimited { limit: 60, reset: Duration::from_secs(30) };

fn limited(windows: &[(u64, u64)]) -> Options {
    let window = |(requests, seconds): &(u64, u64)| Window::new(*requests, *seconds).unwrap();
    options().with_limits(Limits::Windows(windows.iter().map(window).collect()))
}

/// Status, limit and what remains of the answer to a request.
async fn rate_headers(sandbox: &Sandbox, line: &str) -> (u16, Option<u64>, Option<u64>) {
    let answer = call(sandbox, line, "").await;
    let number = |name| answer.header(name).map(|value| value.parse().unwrap());
    (answer.status, number("ratelimit-limit"), number("ratelimit-remaining"))
}
