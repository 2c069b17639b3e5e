//! Faults around a refresh, seen by a client that knows nothing of them.

use std::time::Duration;

use serde_json::Value;
use specwright_sandbox::{Chaos, ExpiresIn, Fault, Rotation, Sandbox, Target};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::client::options;
use crate::connected::{
    Pair, authorization_url, call, code, connect, error, exchange, refresh, revoke, start,
    try_refresh,
};

const TOKEN: &str = "oauth2_token";

/// A connected operator at a server that forgives nothing.
async fn connected() -> (Sandbox, Pair) {
    let sandbox = start(options().with_rotation(Rotation::AtOnce)).await;
    let pair = connect(&sandbox).await;
    (sandbox, pair)
}

/// Whether the refresh token was traded, although nobody saw the answer.
fn was_traded(sandbox: &Sandbox) -> bool {
    sandbox.ledger().token_posts_for(1).len() == 2
}

#[tokio::test]
async fn a_refresh_that_is_dropped_before_the_commit_trades_nothing() {
    let (sandbox, pair) = connected().await;
    sandbox.push_fault(Target::operation(TOKEN), Fault::CloseBeforeAnswer);
    assert!(try_refresh(&sandbox, &pair.refresh).await.is_none());
    assert!(!was_traded(&sandbox));
}

#[tokio::test]
async fn a_refresh_that_is_dropped_after_the_commit_is_traded() {
    let (sandbox, pair) = connected().await;
    sandbox.push_fault(Target::operation(TOKEN), Fault::CloseAfterEffect);
    assert!(try_refresh(&sandbox, &pair.refresh).await.is_none());
    assert!(was_traded(&sandbox));
}

#[tokio::test]
async fn an_answer_is_cut_at_the_byte_that_was_asked_for() {
    for length in [0, 1, 40] {
        let (sandbox, pair) = connected().await;
        sandbox.push_fault(Target::operation(TOKEN), Fault::CutAfter(length));
        let answer = try_refresh(&sandbox, &pair.refresh).await.unwrap();
        assert_eq!((answer.status, answer.text.len()), (200, length));
        let whole: usize = answer.header("content-length").unwrap().parse().unwrap();
        assert!(whole > length);
        assert!(was_traded(&sandbox));
    }
}

#[tokio::test]
async fn a_status_after_the_commit_hides_the_pair() {
    let (sandbox, pair) = connected().await;
    sandbox.push_fault(Target::operation(TOKEN), Fault::StatusAfterEffect(502));
    assert_eq!(refresh(&sandbox, &pair.refresh).await.status, 502);
    assert!(was_traded(&sandbox));
}

#[tokio::test]
async fn a_status_before_the_commit_trades_nothing() {
    let (sandbox, pair) = connected().await;
    sandbox.push_fault(Target::operation(TOKEN), Fault::Status(503));
    assert_eq!(refresh(&sandbox, &pair.refresh).await.status, 503);
    assert_eq!(refresh(&sandbox, &pair.refresh).await.status, 200);
}

#[tokio::test]
async fn a_collision_is_an_invalid_request_that_trades_nothing() {
    let (sandbox, pair) = connected().await;
    sandbox.push_fault(Target::operation(TOKEN), Fault::Code("invalid_request".to_owned()));
    let answer = refresh(&sandbox, &pair.refresh).await;
    assert_eq!(error(&answer), (400, "invalid_request".to_owned()));
    assert_eq!(refresh(&sandbox, &pair.refresh).await.status, 200);
}

#[tokio::test]
async fn an_answer_under_another_label_still_has_the_pair() {
    let (sandbox, pair) = connected().await;
    sandbox.push_fault(Target::operation(TOKEN), Fault::ContentType("text/plain".to_owned()));
    let answer = refresh(&sandbox, &pair.refresh).await;
    assert_eq!(answer.header("content-type"), Some("text/plain"));
    assert_eq!(call(&sandbox, &Pair::of(&answer).access).await, 200);
}

#[tokio::test]
async fn truncated_json_is_whole_as_http_and_broken_as_json() {
    let (sandbox, pair) = connected().await;
    sandbox.push_fault(Target::operation(TOKEN), Fault::TruncatedJson);
    let answer = refresh(&sandbox, &pair.refresh).await;
    assert_eq!(answer.header("content-length"), Some(&*answer.text.len().to_string()));
    assert!(serde_json::from_str::<Value>(&answer.text).is_err(), "{}", answer.text);
}

#[tokio::test]
async fn a_page_of_a_proxy_trades_nothing() {
    let (sandbox, pair) = connected().await;
    sandbox.push_fault(Target::operation(TOKEN), Fault::Html(502));
    let answer = refresh(&sandbox, &pair.refresh).await;
    assert_eq!((answer.status, answer.header("content-type")), (502, Some("text/html")));
    assert!(!was_traded(&sandbox));
}

#[tokio::test]
async fn a_request_that_is_not_read_to_its_end_trades_nothing() {
    let (sandbox, pair) = connected().await;
    sandbox.push_fault(Target::operation(TOKEN), Fault::HoldRequest);
    let client = send_refresh(&sandbox, &pair).await;
    until_held(&sandbox).await;
    assert_eq!(sandbox.release(), 1);
    assert_eq!(answer_of(client).await, "");
    assert_eq!(refresh(&sandbox, &pair.refresh).await.status, 200);
}

#[tokio::test]
async fn a_request_that_is_held_before_the_commit_is_done_although_its_client_goes() {
    let (sandbox, pair) = connected().await;
    sandbox.push_fault(Target::operation(TOKEN), Fault::HoldBeforeEffect);
    drop(send_refresh(&sandbox, &pair).await);
    until_held(&sandbox).await;
    assert!(!was_traded(&sandbox));
    sandbox.release();
    assert!(was_traded(&sandbox));
}

#[tokio::test]
async fn an_answer_that_is_held_arrives_when_it_is_let_go() {
    let (sandbox, pair) = connected().await;
    sandbox.push_fault(Target::operation(TOKEN), Fault::HoldAfterEffect);
    let client = send_refresh(&sandbox, &pair).await;
    until_held(&sandbox).await;
    assert!(was_traded(&sandbox));
    sandbox.release();
    assert!(answer_of(client).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn a_fault_may_wait_for_the_second_request() {
    let (sandbox, pair) = connected().await;
    sandbox.push_fault(Target::Nth(TOKEN.to_owned(), 2), Fault::Status(503));
    let next = Pair::of(&refresh(&sandbox, &pair.refresh).await);
    assert_eq!(refresh(&sandbox, &next.refresh).await.status, 503);
}

#[tokio::test]
async fn faults_by_chance_are_the_same_for_the_same_seed() {
    let mut runs = Vec::new();
    for _ in 0..2 {
        let sandbox = start(options()).await;
        let faults = [Fault::CloseBeforeAnswer, Fault::Status(503)];
        sandbox.set_chaos(Some(Chaos::new(4711, 500, faults).with_operation(TOKEN)));
        for _ in 0..20 {
            try_refresh(&sandbox, "fake-unknown").await;
        }
        let met = sandbox.ledger().faults.into_iter().map(|entry| entry.fault);
        runs.push(met.collect::<Vec<String>>());
    }
    assert_eq!(runs[0], runs[1]);
    assert!((1..20).contains(&runs[0].len()), "{:?}", runs[0]);
}

#[tokio::test]
async fn faults_reach_the_authorization_endpoint_and_that_for_revocation_too() {
    let (sandbox, pair) = connected().await;
    sandbox.push_fault(Target::operation("authorize"), Fault::Status(503));
    assert!(sandbox.approve(&authorization_url(&sandbox, ""), "operator-1").is_err());
    sandbox.push_fault(Target::operation("oauth2_revoke"), Fault::StatusAfterEffect(503));
    assert_eq!(revoke(&sandbox, &pair.refresh).await.status, 503);
    assert_eq!(call(&sandbox, &pair.access).await, 401);
}

#[tokio::test]
async fn either_token_revokes_the_pair() {
    for by_access in [true, false] {
        let (sandbox, pair) = connected().await;
        let token = if by_access { &pair.access } else { &pair.refresh };
        assert_eq!(revoke(&sandbox, token).await.status, 200);
        assert_eq!(call(&sandbox, &pair.access).await, 401);
        assert_eq!(refresh(&sandbox, &pair.refresh).await.status, 400);
        assert!(sandbox.ledger().live_tokens("operator-1").is_empty());
    }
}

#[tokio::test]
async fn revoking_ends_the_family_where_a_consent_is_one_thing() {
    let window = Rotation::GRACE;
    let sandbox = start(options().with_rotation(Rotation::Grace(window))).await;
    let first = connect(&sandbox).await;
    let second = Pair::of(&refresh(&sandbox, &first.refresh).await);
    revoke(&sandbox, &second.refresh).await;
    assert!(sandbox.ledger().live_tokens("operator-1").is_empty());
    assert_eq!(refresh(&sandbox, &first.refresh).await.status, 400);
}

#[tokio::test]
async fn expires_in_takes_every_form_that_servers_use() {
    for (form, expected) in [
        (ExpiresIn::Text, "\"7200\""),
        (ExpiresIn::Float, "7200.5"),
        (ExpiresIn::Negative, "-7200"),
        (ExpiresIn::Absent, "null"),
    ] {
        let sandbox = start(options().with_expires_in(form)).await;
        let answer = exchange(&sandbox, &code(&sandbox), "").await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert_eq!(answer.at("/expires_in").to_string(), expected, "{form:?}");
    }
}

#[tokio::test]
async fn the_date_of_answers_may_be_wrong() {
    let (sandbox, pair) = connected().await;
    sandbox.set_date_offset(-3600);
    let answer = refresh(&sandbox, &pair.refresh).await;
    assert_eq!(answer.header("date"), Some("Wed, 31 Dec 2025 23:00:00 GMT"));
}

#[tokio::test]
async fn a_secret_that_was_changed_behind_the_client_refuses_it() {
    let (sandbox, pair) = connected().await;
    assert!(sandbox.set_client_secret(sandbox.client_id(), "fake-other-secret"));
    let answer = refresh(&sandbox, &pair.refresh).await;
    assert_eq!(error(&answer), (401, "invalid_client".to_owned()));
    assert_eq!(call(&sandbox, &pair.access).await, 200);
}

#[tokio::test(start_paused = true)]
async fn a_delayed_refresh_is_traded_after_the_delay() {
    let (sandbox, pair) = connected().await;
    sandbox.push_fault(Target::operation(TOKEN), Fault::Delay(Duration::from_secs(12)));
    let before = tokio::time::Instant::now();
    assert_eq!(refresh(&sandbox, &pair.refresh).await.status, 200);
    assert!(before.elapsed() >= Duration::from_secs(12));
}

/// Sends a refresh and reads nothing.
async fn send_refresh(sandbox: &Sandbox, pair: &Pair) -> TcpStream {
    let mut stream = TcpStream::connect(sandbox.address()).await.unwrap();
    let (id, secret, token) = (sandbox.client_id(), sandbox.client_secret(), &pair.refresh);
    let body = format!(
        "grant_type=refresh_token&refresh_token={token}&client_id={id}&client_secret={secret}"
    );
    let head = format!(
        "POST /oauth2/token HTTP/1.1\r\nHost: sandbox\r\nConnection: close\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
    stream
}

async fn answer_of(mut stream: TcpStream) -> String {
    let mut text = String::new();
    // A connection that the server resets has no answer either.
    let _ = stream.read_to_string(&mut text).await;
    text
}

/// Lets the server work until it holds something.
async fn until_held(sandbox: &Sandbox) {
    while sandbox.held() == 0 {
        tokio::task::yield_now().await;
    }
}
