//! What the ledger holds, and what it does not.

use serde_json::json;
use specwright_sandbox::{Client, Sandbox, Verdict};

use crate::client::{Answer, call, options, sandbox, send};

#[tokio::test]
async fn a_request_is_written_down_as_it_came() {
    let sandbox = sandbox().await;
    call(&sandbox, "GET /2025-09/contacts?limit=2", "").await;
    let ledger = sandbox.ledger();
    let request = &ledger.requests[0];
    assert_eq!(request.operation.as_deref(), Some("list_contacts"));
    assert_eq!((request.method.as_str(), request.path.as_str()), ("GET", "/2025-09/contacts"));
    assert_eq!((request.query.as_str(), request.body_size), ("limit=2", 0));
    assert_eq!(request.header("host"), Some("sandbox"));
    assert_eq!(request.status(), Some(200));
}

#[tokio::test]
async fn a_refusal_is_written_down_with_its_reason() {
    let sandbox = sandbox().await;
    call(&sandbox, "GET /2025-09/contacts?limit=0", "").await;
    let reason = "invalid_url_param: /query/limit: value is less than the minimum of 1";
    let verdict = Verdict::Answered { status: 422, reason: Some(reason.to_owned()) };
    assert_eq!(sandbox.ledger().requests[0].verdict, verdict);
}

#[tokio::test]
async fn a_request_for_nothing_is_written_down_too() {
    let sandbox = sandbox().await;
    call(&sandbox, "GET /nowhere", "").await;
    assert_eq!(sandbox.ledger().requests[0].operation, None);
}

#[tokio::test]
async fn entries_of_all_lists_are_in_one_order() {
    let sandbox = sandbox().await;
    let body = r#"{"email":"grace@attic.example","full_name":"Grace Field"}"#;
    call(&sandbox, "POST /2025-09/contacts", body).await;
    let ledger = sandbox.ledger();
    assert!(ledger.requests[0].seq < ledger.effects()[0].seq);
}

/// Sends every credential to every place where a client might put it by mistake.
#[tokio::test]
async fn no_credential_is_in_the_ledger() {
    let client = Client::new("fake-client", "canary-client-secret");
    let options = options()
        .with_client(client)
        .with_static_token("canary-static-token", ["public.contact:read"]);
    let sandbox = Sandbox::start(options).await.unwrap();
    let minted = mint(&sandbox).await.at("/access_token").as_str().unwrap().to_owned();
    let known = ["canary-client-secret", "canary-static-token", &minted, sandbox.static_token()];
    for secret in known {
        let bearer = format!("Bearer {secret}");
        let lines = [
            format!("GET /2025-09/contacts?email={secret}"),
            format!("GET /2025-09/contacts?{secret}=1"),
            format!("GET /2025-09/contacts/{secret}"),
            format!("GET /{secret}"),
        ];
        for line in lines {
            let headers =
                [("Authorization", bearer.as_str()), ("X-Debug", secret), ("Cookie", secret)];
            send(&sandbox, &line, &headers, "").await;
            send(&sandbox, &line.replace(secret, &escaped(secret)), &headers, "").await;
        }
        let body = json!({"email": secret, (secret): {(secret): secret}}).to_string();
        call(&sandbox, "POST /2025-09/contacts", &body).await;
    }
    // A value the sandbox has never seen is known by its place only.
    let headers = [("Authorization", "Bearer canary-unknown")];
    send(&sandbox, "GET /2025-09/contacts?access_token=canary-unknown", &headers, "").await;

    let written = crate::control::get(&sandbox, "ledger").await.text;
    assert!(written.contains("[token 1]") && written.contains("[client secret]"));
    for secret in known.into_iter().chain(["canary-unknown"]) {
        assert!(!written.contains(secret), "{secret}");
        assert!(!written.contains(&escaped(secret)), "{secret}");
    }
}

#[tokio::test]
async fn no_credential_is_in_debug() {
    let client = Client::new("fake-client", "canary-client-secret");
    let options = options().with_client(client).with_static_token("canary-static-token", ["a"]);
    let shown = format!("{options:?}{:?}", Sandbox::start(options.clone()).await.unwrap());
    assert!(!shown.contains("canary"), "{shown}");
}

#[tokio::test]
async fn the_ledger_over_http_is_the_one_in_process() {
    let sandbox = sandbox().await;
    call(&sandbox, "GET /2025-09/contacts", "").await;
    let answer = crate::control::get(&sandbox, "ledger").await;
    assert_eq!(answer.json(), json!(sandbox.ledger()));
}

/// Every byte percent-encoded: as good as the text itself for whoever reads it.
fn escaped(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect::<Vec<_>>().concat()
}

async fn mint(sandbox: &Sandbox) -> Answer {
    let body = json!({
        "grant_type": "client_credentials",
        "client_id": sandbox.client_id(),
        "client_secret": sandbox.client_secret(),
        "scope": "public.contact:read",
    });
    let json = [("Content-Type", "application/json")];
    send(sandbox, "POST /oauth2/token", &json, &body.to_string()).await
}
