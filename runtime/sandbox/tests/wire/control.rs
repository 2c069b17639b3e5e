//! The control API, used as a test in another process uses it.

use std::time::Duration;

use serde_json::{Value, json};
use specwright_sandbox::{Limits, Sandbox, Window};

use crate::client::{Answer, options, send};
use crate::connected::{
    Pair, authorization_url, call, connect, exchange, parameter, refresh, stora, try_refresh,
};

pub(crate) async fn get(sandbox: &Sandbox, path: &str) -> Answer {
    let bearer = format!("Bearer {}", sandbox.control_token());
    send(sandbox, &format!("GET /__sandbox/{path}"), &[("Authorization", &bearer)], "").await
}

async fn ask(sandbox: &Sandbox, line: &str, body: &Value) -> Answer {
    let bearer = format!("Bearer {}", sandbox.control_token());
    let (method, path) = line.split_once(' ').unwrap();
    let line = format!("{method} /__sandbox/{path}");
    send(sandbox, &line, &[("Authorization", &bearer)], &body.to_string()).await
}

#[tokio::test]
async fn nobody_is_let_in_without_the_control_token() {
    let sandbox = stora().await;
    for path in ["ledger", "operators", "nowhere"] {
        for bearer in ["", "Bearer fake-wrong-token", sandbox.control_token()] {
            let line = format!("GET /__sandbox/{path}");
            let answer = send(&sandbox, &line, &[("Authorization", bearer)], "").await;
            assert_eq!(answer.status, 401, "{path} {bearer}");
        }
    }
    let post = send(&sandbox, "POST /__sandbox/release", &[], "{}").await;
    assert_eq!(post.status, 401);
}

#[tokio::test]
async fn a_call_that_is_not_known_is_an_error() {
    let sandbox = stora().await;
    assert_eq!(get(&sandbox, "nowhere").await.status, 404);
    let answer = ask(&sandbox, "POST clock", &json!({"advance": 1, "colour": "red"})).await;
    assert_eq!(answer.status, 400);
    assert!(answer.text.contains("unknown field `colour`"), "{}", answer.text);
}

#[tokio::test]
async fn an_event_that_there_is_not_is_an_error() {
    let sandbox = stora().await;
    let id = &sandbox.seed_contacts(1)[0];
    for (event_type, id) in [("contact.painted", id.as_str()), ("contact.created", "con_fake")] {
        let answer = ask(&sandbox, "POST emit", &json!({"type": event_type, "id": id})).await;
        assert_eq!(answer.status, 400, "{event_type}");
    }
    let known = ask(&sandbox, "POST emit", &json!({"type": "contact.created", "id": id})).await;
    assert_eq!(known.status, 200);
}

#[tokio::test]
async fn each_way_to_send_webhooks_is_taken_and_no_other() {
    let sandbox = stora().await;
    let all = json!({
        "copies": 2, "newest_first": true, "wrong_signatures": true,
        "age": 600, "retries": [1, 2], "timeout": 0.5,
    });
    assert_eq!(ask(&sandbox, "POST webhooks", &all).await.status, 200);
    let unknown = ask(&sandbox, "POST webhooks", &json!({"colour": "red"})).await;
    assert_eq!(unknown.status, 400);
}

#[tokio::test]
async fn every_fault_of_the_page_is_taken() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/sandbox.md");
    let page = std::fs::read_to_string(page).unwrap();
    let table = page.lines().skip_while(|line| !line.starts_with("| fault |"));
    let table = table.take_while(|line| line.starts_with('|')).skip(2);
    // Every second piece of a line is between two marks of code.
    let faults = table.flat_map(|line| line.split('`').skip(1).step_by(2));
    let sandbox = stora().await;
    let mut count = 0;
    for fault in faults {
        let fault: Value = serde_json::from_str(fault).unwrap();
        let answer = ask(&sandbox, "POST faults", &json!({ "fault": fault })).await;
        assert_eq!(answer.status, 200, "{fault}: {}", answer.text);
        count += 1;
    }
    // As many as `Fault` has.
    assert_eq!(count, 18);
}

#[tokio::test]
async fn a_member_of_a_fault_that_is_not_known_is_an_error() {
    let sandbox = stora().await;
    let refusal = json!({"rate_limited": {"limit": 60, "reset": 30, "remaining": 0}});
    let answer = ask(&sandbox, "POST faults", &json!({"fault": refusal})).await;
    assert_eq!(answer.status, 400);
    assert!(answer.text.contains("unknown field `remaining`"), "{}", answer.text);
}

#[tokio::test]
async fn a_presented_token_is_known_by_its_ordinal() {
    let sandbox = stora().await;
    let pair = connect(&sandbox).await;
    let expected = json!({
        "token": 3, "kind": "refresh", "live": true, "traded": false,
        "operator": "operator-1", "family": 1, "generation": 1,
    });
    let token = json!({"token": pair.refresh});
    assert_eq!(ask(&sandbox, "POST token", &token).await.json(), expected);
    let unknown = json!({"token": "fake-unknown"});
    assert_eq!(ask(&sandbox, "POST token", &unknown).await.status, 404);
}

#[tokio::test]
async fn an_operator_approves_and_denies_without_a_browser() {
    let sandbox = stora().await;
    let url = authorization_url(&sandbox, "");
    let approve = json!({"url": url, "operator": "operator-2"});
    let callback = ask(&sandbox, "POST approve", &approve).await.at("/callback");
    let code = parameter(callback.as_str().unwrap(), "code").unwrap();
    Pair::of(&exchange(&sandbox, &code, "").await);
    let denied = ask(&sandbox, "POST deny", &json!({"url": url})).await.at("/callback");
    assert_eq!(parameter(denied.as_str().unwrap(), "error").as_deref(), Some("access_denied"));
    let operators = get(&sandbox, "operators").await;
    assert_eq!(
        operators.at("/1"),
        json!({
            "operator": "operator-2", "live_tokens": [2, 3], "families": [1],
        })
    );
}

#[tokio::test]
async fn the_most_requests_of_an_account_can_be_asked_for() {
    let sandbox = stora().await;
    let pair = connect(&sandbox).await;
    call(&sandbox, &pair.access).await;
    call(&sandbox, &pair.access).await;
    for (account, count) in [(json!({"operator": "operator-1"}), 2), (json!("static"), 0)] {
        let asked = json!({"account": account, "stretch": 0.5});
        let answer = ask(&sandbox, "POST peak", &asked).await;
        assert_eq!(answer.json(), json!({"arrived": count, "let_in": count}));
    }
}

#[tokio::test]
async fn a_storm_of_refusals_is_over_after_its_time() {
    let sandbox = stora().await;
    let refusal = json!({"rate_limited": {"limit": 60, "reset": 0.5}});
    let storm = json!({"seed": 7, "per_thousand": 1000, "duration": 60, "faults": [refusal]});
    assert_eq!(ask(&sandbox, "POST chaos", &storm).await.status, 200);
    assert_eq!(call(&sandbox, sandbox.static_token()).await, 429);
    sandbox.advance(Duration::from_secs(60));
    assert_eq!(call(&sandbox, sandbox.static_token()).await, 200);
}

#[tokio::test]
async fn another_program_takes_from_the_windows_of_an_account() {
    let windows = vec![Window::new(60, 60).unwrap()];
    let sandbox = Sandbox::start(options().with_limits(Limits::Windows(windows))).await.unwrap();
    let foreign = json!({"account": "static", "seed": 7, "per_minute": 6000});
    ask(&sandbox, "POST foreign", &foreign).await;
    sandbox.advance(Duration::from_secs(59));
    assert_eq!(call(&sandbox, sandbox.static_token()).await, 429);
    let none = json!({"account": "static", "seed": 7, "per_minute": 0});
    ask(&sandbox, "POST foreign", &none).await;
    // Half a minute into the next window: whoever still ran would have filled it.
    sandbox.advance(Duration::from_secs(31));
    assert_eq!(call(&sandbox, sandbox.static_token()).await, 200);
    assert_eq!(sandbox.ledger().requests.len(), 2);
}

#[tokio::test]
async fn an_account_that_nobody_can_have_is_an_error() {
    let sandbox = stora().await;
    for (line, mut call) in [
        ("POST peak", json!({"stretch": 60})),
        ("POST foreign", json!({"seed": 7, "per_minute": 30})),
    ] {
        for (kind, known) in [("operator", "operator-1"), ("client", sandbox.client_id())] {
            call["account"] = json!({ kind: known });
            assert_eq!(ask(&sandbox, line, &call).await.status, 200, "{call}");
            call["account"] = json!({ kind: "nobody" });
            let answer = ask(&sandbox, line, &call).await;
            let reason = json!({ "error": format!("there is no {kind} `nobody`") });
            assert_eq!((answer.status, answer.json()), (400, reason), "{line}");
        }
    }
}

#[tokio::test]
async fn an_operator_takes_everything_back() {
    let sandbox = stora().await;
    let pair = connect(&sandbox).await;
    let answer = ask(&sandbox, "POST revoke", &json!({"operator": "operator-1"})).await;
    assert_eq!(answer.json(), json!({"revoked": 2}));
    assert_eq!(call(&sandbox, &pair.access).await, 401);
}

#[tokio::test]
async fn faults_are_pushed_taken_back_and_let_go() {
    let sandbox = stora().await;
    let pair = connect(&sandbox).await;
    let fault = json!({"operation": "oauth2_token", "fault": "close_before_answer"});
    ask(&sandbox, "POST faults", &fault).await;
    ask(&sandbox, "DELETE faults", &json!({})).await;
    let nth = json!({"operation": "oauth2_token", "nth": 1, "fault": {"cut_after": 7}});
    assert_eq!(ask(&sandbox, "POST faults", &nth).await.status, 200);
    assert_eq!(try_refresh(&sandbox, &pair.refresh).await.unwrap().text.len(), 7);
    assert_eq!(get(&sandbox, "held").await.json(), json!({"held": 0}));
    assert_eq!(ask(&sandbox, "POST release", &json!({})).await.json(), json!({"released": 0}));
}

#[tokio::test]
async fn chaos_says_its_seed() {
    let sandbox = stora().await;
    let chaos = json!({"seed": 4711, "per_thousand": 1000, "faults": [{"status": 503}]});
    assert_eq!(ask(&sandbox, "POST chaos", &chaos).await.json(), json!({"seed": 4711}));
    assert_eq!(refresh(&sandbox, "fake-unknown").await.status, 503);
    ask(&sandbox, "DELETE chaos", &json!({})).await;
    assert_eq!(refresh(&sandbox, "fake-unknown").await.status, 400);
}

#[tokio::test]
async fn a_collection_changes_after_each_page_of_its_list() {
    let sandbox = stora().await;
    let there = sandbox.ids("contacts").len();
    let mut churn = json!({"collection": "contacts", "seed": 7, "inserted": 3, "turns": 2});
    assert_eq!(ask(&sandbox, "POST churn", &churn).await.json(), json!({"seed": 7}));
    for more in [3, 6, 6] {
        assert_eq!(call(&sandbox, sandbox.static_token()).await, 200);
        assert_eq!(sandbox.ids("contacts").len(), there + more);
    }
    ask(&sandbox, "POST churn", &churn).await;
    ask(&sandbox, "DELETE churn", &json!({})).await;
    call(&sandbox, sandbox.static_token()).await;
    assert_eq!(sandbox.ids("contacts").len(), there + 6);
    churn["collection"] = json!("nothing");
    let answer = ask(&sandbox, "POST churn", &churn).await;
    let reason = json!({"error": "there is no collection `nothing`"});
    assert_eq!((answer.status, answer.json()), (400, reason));
}

#[tokio::test]
async fn settings_and_clock_are_changed_while_it_runs() {
    let sandbox = stora().await;
    let settings = json!({
        "rotation": "m4", "window": 10, "token_lifetime": 5, "expires_in": "text",
        "earlier_tokens": "kept", "date_offset": 60, "client_secret": sandbox.client_secret(),
    });
    assert_eq!(ask(&sandbox, "POST settings", &settings).await.json(), json!({"rotation": "M4"}));
    let pair = connect(&sandbox).await;
    let answer = refresh(&sandbox, &pair.refresh).await;
    assert_eq!(answer.at("/expires_in"), "5");
    let now = ask(&sandbox, "POST clock", &json!({"advance": 9.5})).await.at("/now");
    assert_eq!(now, crate::client::START + 9);
    assert_eq!(refresh(&sandbox, &pair.refresh).await.status, 200);
    ask(&sandbox, "POST clock", &json!({"advance": 1})).await;
    assert_eq!(refresh(&sandbox, &pair.refresh).await.status, 400);
}

#[tokio::test]
async fn a_window_is_for_a_model_that_has_one() {
    let sandbox = stora().await;
    let answer = ask(&sandbox, "POST settings", &json!({"rotation": "M1", "window": 10})).await;
    assert_eq!(answer.status, 400);
}
