//! Rate windows.

use std::time::Duration;

use specwright_sandbox::{Limits, Sandbox, Window};

use crate::client::{START, call, options, sandbox, send};
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
}
