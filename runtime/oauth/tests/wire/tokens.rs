use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;
use specwright_core::transport::{SendErrorKind, Sent};
use specwright_oauth::{
    AuthorizationCode, ClientAuthentication, ClientCredentials, ClientRegistration, IssuedToken,
    RefreshToken, TokenEndpoint, TokenError, TokenErrorKind, TokenRequest, confidential_url,
};
use specwright_testkit::{RecordedRequest, Script, ScriptedTransport, VirtualClock};

const PATH: &str = "/oauth2/token";

struct Server {
    transport: ScriptedTransport,
    endpoint: TokenEndpoint,
}

impl Server {
    fn answering(script: Script) -> Self {
        let clock = VirtualClock::automatic();
        let transport = ScriptedTransport::new(clock.clone());
        transport.always(PATH, script);
        let url = confidential_url("https://auth.example/oauth2/token").unwrap();
        let endpoint = TokenEndpoint::new(
            url,
            HeaderValue::from_static("Company/App"),
            Arc::new(transport.clone()),
            Arc::new(clock),
        );
        Self { transport, endpoint }
    }

    fn pair() -> Self {
        Self::answering(Script::json(200, r#"{"access_token":"fake-a","refresh_token":"fake-r"}"#))
    }

    async fn ask(&self, request: impl Into<TokenRequest<'_>>) -> Result<IssuedToken, TokenError> {
        self.endpoint.request(request).await
    }

    fn only_request(&self) -> RecordedRequest {
        let mut requests = self.transport.requests();
        assert_eq!(requests.len(), 1);
        requests.remove(0)
    }
}

fn client() -> ClientRegistration {
    ClientRegistration::confidential("fake-id", "fake-secret")
}

fn refresh() -> RefreshToken {
    RefreshToken::new(client(), "fake-old")
}

/// An answer of which this much arrives.
fn broken(text: &'static str) -> Script {
    Script::json(200, text).breaking(SendErrorKind::Interrupted)
}

#[tokio::test]
async fn a_pair_that_had_arrived_when_the_answer_broke_off_is_a_pair() {
    let script = broken(r#"{"access_token":"fake-a","refresh_token":"fake-r","expi"#);
    let token = Server::answering(script).ask(&refresh()).await.unwrap();
    assert_eq!(token.refresh_token.unwrap().expose(), "fake-r");
}

#[tokio::test]
async fn a_refresh_token_that_had_arrived_when_the_answer_broke_off_is_kept() {
    let error =
        Server::answering(broken(r#"{"refresh_token":"fake-r","acc"#)).ask(&refresh()).await;
    let error = error.unwrap_err();
    assert_eq!(error.kind(), TokenErrorKind::Unusable);
    assert_eq!(error.salvaged().unwrap().refresh_token.as_ref().unwrap().expose(), "fake-r");
}

#[tokio::test]
async fn an_answer_that_broke_off_before_its_refresh_token_is_no_answer() {
    for text in ["", r#"{"access_token":"fake-a","expires_in":7200,"refresh_token":"fake"#] {
        assert_eq!(kind(broken(text)).await, TokenErrorKind::Ambiguous, "{text}");
    }
}

#[tokio::test]
async fn a_refusal_that_breaks_off_is_no_answer() {
    let text = r#"{"error":"invalid_grant","refresh_token":"fake-old","#;
    let script = Script::json(400, text).breaking(SendErrorKind::Interrupted);
    assert_eq!(kind(script).await, TokenErrorKind::Ambiguous);
}

#[tokio::test]
async fn an_answer_that_falls_silent_after_its_pair_is_a_pair() {
    let text = r#"{"access_token":"fake-a","refresh_token":"fake-r","expires_in":72"#;
    let script = Script::json(200, text).falling_silent();
    assert!(Server::answering(script).ask(&refresh()).await.is_ok());
}

#[tokio::test]
async fn an_empty_error_beside_tokens_is_none() {
    let script = Script::json(200, r#"{"refresh_token":"fake-r","error":""}"#);
    let error = Server::answering(script).ask(&refresh()).await.unwrap_err();
    assert_eq!(error.kind(), TokenErrorKind::Unusable);
    assert_eq!(error.salvaged().unwrap().refresh_token.as_ref().unwrap().expose(), "fake-r");
}

async fn kind(script: Script) -> TokenErrorKind {
    Server::answering(script).ask(&refresh()).await.unwrap_err().kind()
}

#[tokio::test]
async fn a_refresh_brings_the_next_pair() {
    let server = Server::pair();
    let token = server.ask(&refresh()).await.unwrap();
    assert_eq!(token.access_token.expose(), "fake-a");
    assert_eq!(token.refresh_token.unwrap().expose(), "fake-r");
    assert_eq!(
        server.only_request().body,
        "grant_type=refresh_token&client_id=fake-id&client_secret=fake-secret\
         &refresh_token=fake-old"
    );
}

#[tokio::test]
async fn a_code_is_exchanged_with_its_redirect_and_verifier() {
    let server = Server::pair();
    let code = AuthorizationCode::new(client(), "fake-code", "https://app.example/back")
        .code_verifier("fake-verifier");
    server.ask(&code).await.unwrap();
    assert_eq!(
        server.only_request().body,
        "grant_type=authorization_code&client_id=fake-id&client_secret=fake-secret\
         &code=fake-code&redirect_uri=https%3A%2F%2Fapp.example%2Fback\
         &code_verifier=fake-verifier"
    );
}

#[tokio::test]
async fn a_damaged_answer_has_the_scopes_that_it_names_or_else_those_that_were_asked_for() {
    let code =
        AuthorizationCode::new(client(), "fake-code", "https://app.example/back").scope("a b");
    for (scope, expected) in [("", "a b"), (r#","scope":"a""#, "a")] {
        let text = format!(r#"{{"refresh_token":"fake-r"{scope}}}"#);
        let error = Server::answering(Script::json(200, text)).ask(&code).await.unwrap_err();
        assert_eq!(error.salvaged().unwrap().scope.as_deref(), Some(expected));
    }
}

#[tokio::test]
async fn a_key_is_sent_if_there_is_one() {
    let server = Server::pair();
    server.ask(TokenRequest::from(&refresh()).idempotency_key("attempt-1")).await.unwrap();
    assert_eq!(server.only_request().header("idempotency-key"), Some("attempt-1"));
    let server = Server::pair();
    server.ask(&refresh()).await.unwrap();
    assert_eq!(server.only_request().header("idempotency-key"), None);
}

#[tokio::test]
async fn a_key_that_is_no_header_is_not_sent_and_says_so() {
    let server = Server::pair();
    let refresh = refresh();
    let request = TokenRequest::from(&refresh).idempotency_key("a\nb");
    let error = server.ask(request).await.unwrap_err();
    assert_eq!(error.kind(), TokenErrorKind::NotSent);
    assert!(server.transport.requests().is_empty());
}

#[tokio::test]
async fn basic_goes_in_the_header_alone() {
    let server = Server::pair();
    let basic = ClientAuthentication::Basic("fake-secret".into());
    let client = ClientRegistration::new("fake-id", basic);
    server.ask(&ClientCredentials::registered(client)).await.unwrap();
    let request = server.only_request();
    assert_eq!(request.header("authorization"), Some("Basic ZmFrZS1pZDpmYWtlLXNlY3JldA=="));
    assert_eq!(request.body, "grant_type=client_credentials");
}

#[tokio::test]
async fn one_call_is_one_request_whatever_the_answer() {
    for script in [
        Script::status(503),
        Script::status(429),
        Script::status(307).header("location", "https://auth.example/oauth2/token"),
        Script::failure(Sent::No, SendErrorKind::Connect),
        Script::silence(),
        Script::json(200, "{}"),
    ] {
        let server = Server::answering(script);
        server.ask(&refresh()).await.unwrap_err();
        server.only_request();
    }
}

#[tokio::test]
async fn every_way_to_fail_has_its_kind() {
    let refused = |code: &str| Script::json(400, format!(r#"{{"error":"{code}"}}"#));
    for (script, expected) in [
        (refused("invalid_grant"), TokenErrorKind::Grant),
        (refused("invalid_client"), TokenErrorKind::Client),
        (refused("invalid_scope"), TokenErrorKind::Scope),
        (refused("invalid_request"), TokenErrorKind::Transient),
        (Script::status(401).body("<html>"), TokenErrorKind::Refused),
        (Script::status(429), TokenErrorKind::Transient),
        (Script::status(502).body("<html>"), TokenErrorKind::Failed),
        (Script::status(302), TokenErrorKind::Redirected),
        (Script::failure(Sent::No, SendErrorKind::Connect), TokenErrorKind::NotSent),
        (Script::failure(Sent::Maybe, SendErrorKind::Interrupted), TokenErrorKind::Ambiguous),
        (Script::silence(), TokenErrorKind::Ambiguous),
        (Script::status(204), TokenErrorKind::Unusable),
    ] {
        let shown = format!("{script:?}");
        assert_eq!(kind(script).await, expected, "{shown}");
    }
}

#[tokio::test]
async fn a_refusal_under_a_success_is_a_refusal() {
    for body in [
        r#"{"error":"invalid_grant"}"#,
        r#"{"error":"invalid_grant","request":{"refresh_token":"fake-old"}}"#,
    ] {
        assert_eq!(kind(Script::json(200, body)).await, TokenErrorKind::Grant, "{body}");
    }
}

#[tokio::test]
async fn a_token_under_any_success_and_content_type_is_a_token() {
    let body = r#"{"access_token":"fake-a"}"#;
    let script = Script::status(201).header("content-type", "text/html").body(body);
    assert!(Server::answering(script).ask(&refresh()).await.is_ok());
}

#[tokio::test]
async fn what_an_unusable_success_holds_is_handed_on() {
    let body = r#"{"access_token":"","refresh_token":"fake-r"}"#;
    let error = Server::answering(Script::json(200, body)).ask(&refresh()).await.unwrap_err();
    let salvaged = error.salvaged().unwrap();
    assert!(salvaged.access_token.is_none());
    assert_eq!(salvaged.refresh_token.as_ref().unwrap().expose(), "fake-r");
    assert_eq!(salvaged.body.expose(), body.as_bytes());
}

#[tokio::test]
async fn a_damaged_answer_is_enough_for_a_grant_without_refresh_token() {
    let cut = Script::json(200, r#"{"access_token":"fake-a","expires_in":60,"#);
    let server = Server::answering(cut);
    let token = server.ask(&ClientCredentials::new("i", "s")).await.unwrap();
    assert_eq!(token.lifetime, Duration::from_secs(60));
    assert_eq!(server.ask(&refresh()).await.unwrap_err().kind(), TokenErrorKind::Unusable);
}

#[tokio::test]
async fn the_lifetime_of_an_answer_without_one_is_the_callers() {
    let mut server = Server::pair();
    let token = server.ask(&refresh()).await.unwrap();
    assert_eq!(token.lifetime, Duration::from_secs(3_600));
    server.endpoint = server.endpoint.unnamed_lifetime(Duration::from_secs(7_200));
    let token = server.ask(&refresh()).await.unwrap();
    assert_eq!(token.lifetime, Duration::from_secs(7_200));
}

#[tokio::test]
async fn a_moment_is_compared_with_the_date_of_the_answer() {
    let script = Script::json(200, r#"{"access_token":"fake","expires_in":1740242460}"#)
        .header("date", "Sat, 22 Feb 2025 14:41:00 GMT");
    let token = Server::answering(script).ask(&refresh()).await.unwrap();
    assert_eq!(token.lifetime, Duration::from_secs(7_200));
}
