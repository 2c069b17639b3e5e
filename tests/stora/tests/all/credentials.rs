//! Tokens: how they are had, when they are replaced, and what happens when they are refused.

use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use specwright_testkit::Sandbox;
use specwright_testkit::sandbox::{Client as KnownClient, ExpiresIn, TokenEvent};
use stora_2025_09::Client;
use stora_2025_09::meta::PROFILE;
use stora_2025_09::model::{ErrorCode, ErrorResponse};
use stora_2025_09::runtime::profile::TokenKey;
use stora_2025_09::runtime::{
    AnyError, ClientCredentials, ClientRegistration, GrantKey, GrantProblem, KeyRing, MemoryStore,
    SealingKey, Session, StaticToken, SystemClock,
};

use crate::setup::{
    SCOPES, START, builder, client, grant, options, sandbox, sandbox_with, statuses, token_client,
    until,
};
use stora_tests::inputs::smallest_contact;

/// How long a token of the sandbox lasts, in seconds.
const LIFE: u64 = 7_200;

#[tokio::test]
async fn client_credentials_are_enough_to_list_contacts() {
    let sandbox = sandbox().await;
    sandbox.seed_contacts(3);
    let page = token_client(&sandbox).contacts().list().await.unwrap();
    assert_eq!(page.contacts.len(), 3);
}

#[tokio::test]
async fn an_operator_is_asked_for_the_scopes_of_the_program_and_nothing_else() {
    let store = MemoryStore::volatile(Arc::new(SystemClock::new()));
    let keys = KeyRing::new("test", SealingKey::new([7; 32]));
    let grants = Client::builder("Example/Tests")
        .grants(ClientRegistration::confidential("fake-id", "fake-secret"))
        .store(store)
        .keys(keys)
        .build()
        .unwrap();
    let request = grants.authorization("https://acme.example/back").unwrap().scope(SCOPES);
    let key = GrantKey::new("operator", "stora");
    let url = grants.grants().authorize(&key, &request, Session::None).await.unwrap();
    let (page, query) = url.as_str().split_once('?').unwrap();
    assert_eq!(page, "https://app.stora.co/oauth2/authorize");
    let asked: Vec<&str> = query.split('&').collect();
    let scope = "scope=public.contact%3Aread+public.contact%3Awrite";
    assert!(asked.contains(&scope), "{asked:?}");
    assert!(!query.contains("audience="), "{asked:?}");
}

#[test]
fn a_token_request_is_a_post_that_may_carry_a_key() {
    assert_eq!(PROFILE.oauth.unwrap().token_key, TokenKey::IdempotencyKey);
}

#[tokio::test]
async fn one_token_serves_many_calls() {
    let sandbox = sandbox().await;
    let client = token_client(&sandbox);
    for _ in 0..3 {
        client.contacts().list().await.unwrap();
    }
    assert_eq!(sandbox.ledger().token_posts(), 1);
}

#[tokio::test]
async fn a_static_token_asks_for_no_other() {
    let sandbox = sandbox().await;
    client(&sandbox).contacts().list().await.unwrap();
    assert_eq!(sandbox.ledger().token_posts(), 0);
}

#[tokio::test]
async fn a_static_token_whose_end_has_come_is_not_sent() {
    let sandbox = sandbox().await;
    let end = UNIX_EPOCH + Duration::from_secs(START);
    let token = StaticToken::new(sandbox.static_token()).expires_at(end);
    let client = builder(&sandbox).credentials(token).build().unwrap();
    client.contacts().list().await.unwrap_err();
    assert_eq!(sandbox.ledger().requests, []);
}

#[tokio::test]
async fn a_call_that_needs_credentials_is_not_sent_without() {
    let sandbox = sandbox().await;
    let client = builder(&sandbox).build().unwrap();
    client.contacts().list().await.unwrap_err();
    assert_eq!(sandbox.ledger().requests, []);
}

#[tokio::test]
async fn a_token_is_replaced_before_its_end() {
    let sandbox = sandbox().await;
    let client = token_client(&sandbox);
    client.contacts().list().await.unwrap();
    // A tenth of the life before its end; the old token is good for the call that notices.
    sandbox.advance(Duration::from_secs(LIFE - LIFE / 10));
    client.contacts().list().await.unwrap();
    until(|| sandbox.ledger().token_posts() == 2).await;
    sandbox.advance(Duration::from_secs(LIFE / 10));
    client.contacts().list().await.unwrap();
    assert_eq!(statuses(&sandbox, "list_contacts"), [Some(200); 3]);
}

#[tokio::test]
async fn a_token_is_not_replaced_early() {
    for mode in [ExpiresIn::Seconds, ExpiresIn::Epoch] {
        let sandbox = sandbox_with(options().with_expires_in(mode)).await;
        let client = token_client(&sandbox);
        client.contacts().list().await.unwrap();
        sandbox.advance(Duration::from_secs(LIFE / 10 * 8));
        client.contacts().list().await.unwrap();
        assert_eq!(sandbox.ledger().token_posts(), 1, "{mode:?}");
    }
}

#[tokio::test]
async fn a_token_that_ended_meanwhile_is_not_sent() {
    for mode in [ExpiresIn::Seconds, ExpiresIn::Epoch] {
        let sandbox = sandbox_with(options().with_expires_in(mode)).await;
        let client = token_client(&sandbox);
        client.contacts().list().await.unwrap();
        sandbox.advance(Duration::from_secs(LIFE));
        client.contacts().list().await.unwrap();
        assert_eq!(statuses(&sandbox, "list_contacts"), [Some(200); 2], "{mode:?}");
    }
}

#[tokio::test]
async fn two_hundred_calls_at_once_share_one_token_request() {
    let sandbox = sandbox().await;
    let client = token_client(&sandbox);
    let calls: Vec<_> = (0..200).map(|_| tokio::spawn(client.contacts().list().send())).collect();
    for call in calls {
        call.await.unwrap().unwrap();
    }
    assert_eq!(sandbox.ledger().token_posts(), 1);
}

#[tokio::test]
async fn a_revoked_token_is_replaced_and_the_call_replayed() {
    let sandbox = sandbox().await;
    let client = token_client(&sandbox);
    revoke_after_first_call(&sandbox, &client).await;
    client.contacts().list().await.unwrap();
    assert_eq!(statuses(&sandbox, "list_contacts"), [Some(200), Some(401), Some(200)]);
}

#[tokio::test]
async fn a_revoked_token_costs_one_token_request() {
    let sandbox = sandbox().await;
    let client = token_client(&sandbox);
    revoke_after_first_call(&sandbox, &client).await;
    client.contacts().list().await.unwrap();
    assert_eq!(sandbox.ledger().token_posts(), 2);
}

#[tokio::test]
async fn many_calls_with_a_revoked_token_share_one_token_request() {
    let sandbox = sandbox().await;
    // All of them go out before the first is refused.
    let client = builder(&sandbox).credentials(grant(&sandbox)).max_in_flight_per_tenant(50);
    let client = client.build().unwrap();
    revoke_after_first_call(&sandbox, &client).await;
    let calls: Vec<_> = (0..50).map(|_| tokio::spawn(client.contacts().list().send())).collect();
    for call in calls {
        call.await.unwrap().unwrap();
    }
    assert_eq!(sandbox.ledger().token_posts(), 2);
}

#[tokio::test]
async fn a_create_that_met_a_revoked_token_is_done_once() {
    let sandbox = sandbox().await;
    let client = token_client(&sandbox);
    revoke_after_first_call(&sandbox, &client).await;
    client.contacts().create(smallest_contact()).await.unwrap();
    assert_eq!(sandbox.ledger().effects().len(), 1);
}

#[tokio::test]
async fn a_refused_static_token_is_sent_once() {
    let sandbox = sandbox().await;
    sandbox.revoke_token(1);
    client(&sandbox).contacts().list().await.unwrap_err();
    assert_eq!(statuses(&sandbox, "list_contacts"), [Some(401)]);
}

#[tokio::test]
async fn a_missing_scope_is_told_by_the_api() {
    let sandbox =
        sandbox_with(options().with_static_token("fake-read-only", ["public.contact:read"])).await;
    let token = StaticToken::new("fake-read-only");
    let client = builder(&sandbox).credentials(token).build().unwrap();
    let error = client.contacts().create(smallest_contact()).await.unwrap_err();
    assert_eq!(error.api().map(|answer| &answer.error.code), Some(&ErrorCode::Forbidden));
}

#[tokio::test]
async fn a_missing_scope_asks_for_no_other_token() {
    let sandbox = sandbox().await;
    let read_only = grant(&sandbox).scope("public.contact:read");
    let client = builder(&sandbox).credentials(read_only).build().unwrap();
    client.contacts().create(smallest_contact()).await.unwrap_err();
    assert_eq!(sandbox.ledger().token_posts(), 1);
}

#[tokio::test]
async fn a_wrong_secret_is_a_credentials_error() {
    assert!(error_of_wrong_secret().await.is_credentials());
}

#[tokio::test]
async fn the_cause_of_a_wrong_secret_is_the_refusal_of_the_token_endpoint() {
    let error = error_of_wrong_secret().await;
    let said = match GrantProblem::of(&error) {
        Some(GrantProblem::ClientRejected { refusal, .. }) => {
            Some((refusal.code.as_deref(), refusal.status))
        }
        _ => None,
    };
    assert_eq!(said, Some((Some("invalid_client"), 401)));
}

#[tokio::test]
async fn a_wrong_secret_is_in_no_text_of_the_error() {
    let error = error_of_wrong_secret().await;
    let mut shown = vec![format!("{error} {error:?} {error:#?}")];
    let mut source = error.source();
    while let Some(cause) = source {
        shown.push(format!("{cause} {cause:?} {cause:#?}"));
        source = cause.source();
    }
    assert!(shown.iter().all(|text| !text.contains("canary")), "{shown:?}");
}

#[tokio::test]
async fn a_wrong_secret_is_tried_once() {
    let sandbox = sandbox_with(options().with_client(KnownClient::new("fake-id", "right"))).await;
    let wrong = ClientCredentials::new("fake-id", "wrong").scope("public.contact:read");
    let client = builder(&sandbox).credentials(wrong).build().unwrap();
    client.contacts().list().await.unwrap_err();
    assert_eq!(sandbox.ledger().token_posts(), 1);
}

#[tokio::test]
async fn the_error_of_any_operation_still_holds_its_model() {
    let sandbox = sandbox().await;
    sandbox.revoke_token(1);
    let error: AnyError = client(&sandbox).contacts().list().await.unwrap_err().into();
    let answer = error.api::<ErrorResponse>().unwrap();
    assert_eq!(answer.error.code, ErrorCode::InvalidToken);
}

async fn error_of_wrong_secret() -> AnyError {
    let sandbox = sandbox_with(options().with_client(KnownClient::new("fake-id", "right"))).await;
    let wrong = ClientCredentials::new("fake-id", "canary-wrong").scope("public.contact:read");
    let client = builder(&sandbox).credentials(wrong).build().unwrap();
    client.contacts().list().await.unwrap_err().into()
}

/// Has the client get a token, then ends it behind the client's back.
async fn revoke_after_first_call(sandbox: &Sandbox, client: &Client) {
    client.contacts().list().await.unwrap();
    let minted = sandbox.ledger().tokens.into_iter().rev();
    let mut minted = minted.filter(|entry| matches!(entry.event, TokenEvent::Minted { .. }));
    sandbox.revoke_token(minted.next().unwrap().token);
}
