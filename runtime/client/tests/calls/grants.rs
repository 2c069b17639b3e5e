//! An application that many operators connect.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use specwright_client::profile::{ApiProfile, OAuthProfile, RateWindow, TokenKey};
use specwright_client::{
    ApiGrants, Builder, CallOptions, Callback, Client, ClientRegistration, Clock as _, GrantKey,
    GrantProblem, GrantStatus, GrantStore as _, GrantsBuilder, IssuedToken, KeyRing, MemoryStore,
    RefreshPolicy, Revocation, RotationModel, SealingKey, Session,
};
use specwright_testkit::{Script, ScriptedTransport, SeededRandom, VirtualClock};

use crate::shelf::{BOOKS, GetBook, OAUTH, PROFILE, TOKEN, found, signed};

const CONNECTED: ApiProfile = ApiProfile {
    oauth: Some(OAuthProfile {
        authorization: Some("https://app.example/oauth/authorize"),
        revocation: Some("/oauth/revoke"),
        audience: Some("https://shelf.example"),
        offline_scope: Some("offline"),
        token_key: TokenKey::IdempotencyKey,
        ..OAUTH
    }),
    rate_windows: &[RateWindow { requests: 10, period: Duration::from_secs(60) }],
    ..PROFILE
};

const REDIRECT: &str = "https://acme.example/callback";

struct Application {
    grants: ApiGrants<Client>,
    store: Arc<MemoryStore>,
    transport: ScriptedTransport,
    clock: VirtualClock,
}

fn builder(transport: &ScriptedTransport, clock: &VirtualClock) -> Builder<Client> {
    Client::builder(&CONNECTED, "Acme/App")
        .transport(Arc::new(transport.clone()))
        .clock(Arc::new(clock.clone()))
        .random(Arc::new(SeededRandom::new(1)))
}

fn registration() -> ClientRegistration {
    ClientRegistration::confidential("fake-client", "canary-secret")
}

fn keys() -> KeyRing {
    KeyRing::new("k1", SealingKey::new([3; 32]))
}

impl Application {
    fn new() -> Self {
        Self::with(|grants| grants)
    }

    fn with(more: impl FnOnce(GrantsBuilder<Client>) -> GrantsBuilder<Client>) -> Self {
        let clock = VirtualClock::automatic();
        let transport = ScriptedTransport::new(clock.clone());
        let store = Arc::new(MemoryStore::volatile(Arc::new(clock.clone())));
        let grants = builder(&transport, &clock).grants(registration());
        let grants = more(grants.store(store.clone()).keys(keys())).build().unwrap();
        Self { grants, store, transport, clock }
    }

    /// Another process that shares the store.
    fn beside(&self) -> ApiGrants<Client> {
        let grants = builder(&self.transport, &self.clock).grants(registration());
        grants.store(self.store.clone()).keys(keys()).build().unwrap()
    }

    /// The operator goes to the address, agrees, and comes back.
    async fn connect(&self, operator: &str) {
        let request = self.grants.authorization(REDIRECT).unwrap().scope("books:read");
        let session = Session::Browser("cookie");
        let grants = self.grants.grants();
        let url = grants.authorize(&key(operator), &request, session).await.unwrap();
        let state = query(url.as_str(), "state");
        let callback = Callback::from_query(&format!("code=canary-code&state={state}")).unwrap();
        self.transport.push(TOKEN, pair(operator));
        assert_eq!(grants.receive(callback, session).await.unwrap(), key(operator));
    }
}

fn key(operator: &str) -> GrantKey {
    GrantKey::new(operator, "shelf")
}

fn query(url: &str, name: &str) -> String {
    let query = url.split_once('?').unwrap().1;
    let pair = query.split('&').find_map(|pair| pair.split_once('=').filter(|pair| pair.0 == name));
    pair.unwrap().1.to_owned()
}

fn pair(name: &str) -> Script {
    Script::json(
        200,
        format!(
            r#"{{"access_token":"canary-{name}","refresh_token":"canary-refresh-{name}","expires_in":7200}}"#
        ),
    )
}

fn tokens(transport: &ScriptedTransport) -> Vec<String> {
    let requests = transport.requests_to(BOOKS);
    requests.iter().map(|request| request.header("authorization").unwrap().to_owned()).collect()
}

#[tokio::test]
async fn each_operators_calls_carry_that_operators_token() {
    let application = Application::new();
    for operator in ["one", "two"] {
        application.connect(operator).await;
    }
    application.transport.always(BOOKS, found());
    for operator in ["two", "one"] {
        let client = application.grants.client(key(operator));
        client.send(&GetBook, CallOptions::default()).await.unwrap();
    }
    assert_eq!(tokens(&application.transport), ["Bearer canary-two", "Bearer canary-one"]);
}

#[tokio::test]
async fn an_operators_clients_share_the_windows_and_no_other_operator_does() {
    let application = Application::new();
    for operator in ["one", "two"] {
        application.connect(operator).await;
    }
    application.transport.always(BOOKS, found());
    let start = application.clock.monotonic();
    let mut after = Vec::new();
    for operator in ["one"; 10].into_iter().chain(["two", "one"]) {
        let client = application.grants.client(key(operator));
        client.send(&GetBook, CallOptions::default()).await.unwrap();
        after.push(application.clock.monotonic().checked_sub(start).unwrap());
    }
    assert!(
        after[10] < Duration::from_secs(1) && after[11] >= Duration::from_secs(60),
        "{after:?}"
    );
}

#[tokio::test]
async fn an_outage_of_ten_minutes_costs_many_operators_at_most_a_fifth_more_requests() {
    let application = Application::new();
    let operators: Vec<String> = (0..100).map(|number| format!("operator-{number}")).collect();
    for operator in &operators {
        application.connect(operator).await;
    }
    application.transport.always(BOOKS, Script::status(502));
    let clients: Vec<_> =
        operators.iter().map(|operator| application.grants.client(key(operator))).collect();
    let mut calls = 0;
    for _ in 0..60 {
        let round: Vec<_> = clients
            .iter()
            .cloned()
            .map(|client| {
                tokio::spawn(async move { client.send(&GetBook, CallOptions::default()).await })
            })
            .collect();
        for call in round {
            call.await.unwrap().unwrap_err();
            calls += 1;
        }
        application.clock.sleep(Duration::from_secs(10)).await;
    }
    let sent = application.transport.requests_to(BOOKS).len();
    assert!(sent > calls && sent <= calls * 12 / 10, "{sent} requests of {calls} calls");
}

#[tokio::test]
async fn the_browser_is_sent_to_the_documented_endpoint_with_audience_and_offline_scope() {
    let application = Application::new();
    let request = application.grants.authorization(REDIRECT).unwrap().scope("books:read");
    let grants = application.grants.grants();
    let url = grants.authorize(&key("one"), &request, Session::None).await.unwrap();
    assert!(url.as_str().starts_with("https://app.example/oauth/authorize?"), "{url:?}");
    assert_eq!(query(url.as_str(), "audience"), "https%3A%2F%2Fshelf.example");
    assert_eq!(query(url.as_str(), "client_id"), "fake-client");
    assert_eq!(query(url.as_str(), "scope"), "offline+books%3Aread");
}

#[tokio::test]
async fn token_requests_carry_a_key_where_the_document_names_one_and_the_policy_does_not_differ() {
    let documented = Application::new();
    let plain = RefreshPolicy::new(RotationModel::Undocumented);
    let replaced = Application::with(|grants| grants.policy(plain));
    for (application, carries) in [(documented, true), (replaced, false)] {
        application.connect("one").await;
        let request = application.transport.requests_to(TOKEN).remove(0);
        assert_eq!(request.header("idempotency-key").is_some(), carries);
    }
}

#[tokio::test]
async fn a_refusal_of_a_token_that_was_just_renewed_surfaces_without_another_request() {
    let application = Application::new();
    application.connect("one").await;
    application.transport.push(TOKEN, pair("two"));
    application.transport.always(BOOKS, signed(401, "invalid_token"));
    let client = application.grants.client(key("one"));
    client.send(&GetBook, CallOptions::default()).await.unwrap_err();
    assert_eq!(tokens(&application.transport), ["Bearer canary-one", "Bearer canary-two"]);
    let error = client.send(&GetBook, CallOptions::default()).await.unwrap_err();
    assert_eq!((error.status(), error.is_credentials()), (Some(401), true));
    assert_eq!(tokens(&application.transport).len(), 3);
}

#[tokio::test]
async fn a_process_whose_token_is_behind_sees_in_one_call_that_the_operator_revoked() {
    let application = Application::new();
    application.connect("one").await;
    application.transport.always(BOOKS, found());
    let other = application.beside();
    let behind = other.client(key("one"));
    behind.send(&GetBook, CallOptions::default()).await.unwrap();
    application.transport.push(BOOKS, signed(401, "invalid_token"));
    application.transport.push(TOKEN, pair("two"));
    let ahead = application.grants.client(key("one"));
    ahead.send(&GetBook, CallOptions::default()).await.unwrap();
    // Later than one refusal counts.
    application.clock.advance(Duration::from_secs(61));
    application.transport.always(BOOKS, signed(401, "invalid_token"));
    application.transport.always(TOKEN, Script::json(400, r#"{"error":"invalid_grant"}"#));
    let error = behind.send(&GetBook, CallOptions::default()).await.unwrap_err();
    let problem = GrantProblem::of(&error).unwrap();
    assert!(matches!(problem, GrantProblem::ReconnectRequired { .. }), "{problem:?}");
    let sent = tokens(&application.transport);
    assert_eq!(sent[sent.len() - 2..], ["Bearer canary-one", "Bearer canary-two"]);
}

#[tokio::test]
async fn a_call_of_an_operator_who_has_to_connect_again_says_so_without_a_request() {
    let application = Application::new();
    application.connect("one").await;
    application.clock.advance(Duration::from_secs(7_190));
    application.transport.push(TOKEN, Script::json(400, r#"{"error":"invalid_grant"}"#));
    let client = application.grants.client(key("one"));
    let error = client.send(&GetBook, CallOptions::default()).await.unwrap_err();
    let problem = GrantProblem::of(&error).unwrap();
    assert!(matches!(problem, GrantProblem::ReconnectRequired { .. }), "{problem:?}");
    assert!(error.is_credentials());
    assert!(application.transport.requests_to(BOOKS).is_empty());
    application.connect("one").await;
    application.transport.always(BOOKS, found());
    client.send(&GetBook, CallOptions::default()).await.unwrap();
}

#[tokio::test]
async fn a_disconnected_operators_tokens_are_revoked_at_the_documented_endpoint() {
    let application = Application::new();
    application.connect("one").await;
    application.transport.always("/oauth/revoke", Script::status(200));
    let status = application.grants.grants().disconnect(&key("one")).await.unwrap();
    assert_eq!(status, GrantStatus::Disconnected { revocation: Revocation::Confirmed });
    assert_eq!(application.transport.requests_to("/oauth/revoke").len(), 1);
}

#[tokio::test]
async fn a_program_keeps_its_store_beside_its_grants() {
    let clock = VirtualClock::new();
    let transport = ScriptedTransport::new(clock.clone());
    let store = Arc::new(MemoryStore::volatile(Arc::new(clock.clone())));
    let grants = builder(&transport, &clock).grants(registration()).keys(keys());
    let grants = grants.store(store.clone()).build().unwrap();
    let token = IssuedToken::new("canary-access", Duration::from_secs(60));
    grants.grants().adopt(&key("one"), token).await.unwrap();
    assert!(store.load(&key("one")).await.unwrap().row.is_some());
}

#[test]
fn a_token_endpoint_elsewhere_does_not_leave_the_revocation_endpoint_behind() {
    let clock = VirtualClock::new();
    let transport = ScriptedTransport::new(clock.clone());
    let set_up = |builder: Builder<Client>| {
        let store = MemoryStore::volatile(Arc::new(clock.clone()));
        builder.grants(registration()).store(store).keys(keys()).build()
    };
    let moved = || builder(&transport, &clock).token_url("http://127.0.0.1:9/token");
    let error = set_up(moved()).unwrap_err();
    assert!(error.source().unwrap().to_string().contains("authorization_server"), "{error:?}");
    assert!(set_up(moved().authorization_server("http://127.0.0.1:9")).is_ok());
}

#[test]
fn grants_need_a_store_and_keys() {
    let clock = VirtualClock::new();
    let transport = ScriptedTransport::new(clock.clone());
    let without = |error: &dyn Error| error.source().unwrap().to_string();
    let error = builder(&transport, &clock).grants(registration()).keys(keys()).build();
    assert!(without(&error.unwrap_err()).contains("store"));
    let store = MemoryStore::volatile(Arc::new(clock.clone()));
    let error = builder(&transport, &clock).grants(registration()).store(store).build();
    assert!(without(&error.unwrap_err()).contains("keys"));
}

#[tokio::test]
async fn nothing_that_is_shown_holds_a_secret() {
    let application = Application::new();
    application.connect("one").await;
    let client = application.grants.client(key("one"));
    let credentials = application.grants.grants().credentials(key("one"));
    let status = application.grants.grants().status(&key("one")).await.unwrap();
    let changes = application.grants.grants().changes(None, 10).await.unwrap();
    let clock = VirtualClock::new();
    let unbuilt = builder(&application.transport, &clock).grants(registration()).keys(keys());
    let shown = format!(
        "{:#?} {client:#?} {credentials:#?} {status:#?} {changes:#?} {unbuilt:#?}",
        application.grants
    );
    assert!(!shown.contains("canary"), "{shown}");
}
