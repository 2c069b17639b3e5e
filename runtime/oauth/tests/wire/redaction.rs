//! No secret in any text that a program might log. Everything secret in here is called `canary`.

use std::error::Error;
use std::fmt::{Debug, Write as _};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use http::HeaderValue;
use specwright_core::transport::SendErrorKind;
use specwright_oauth::{
    AuthorizationCode, AuthorizationRequest, Callback, CallbackError, ClientAuthentication,
    ClientCredentials, ClientRegistration, IssuedToken, LoopbackRedirect, PendingAuthorization,
    RefreshToken, RevocationEndpoint, SecretBytes, Session, StaticToken, TokenEndpoint,
    TokenRequest, TokenTypeHint, confidential_url,
};
use specwright_testkit::{Script, ScriptedTransport, SeededRandom, VirtualClock};
use url::Url;

const HOSTILE: &str = r#"{"error":"canary","error_description":"canary","access_token":["canary"],
    "refresh_token":{"x":"canary"},"request_id":"canary canary"}"#;

#[track_caller]
fn assert_clean(shown: &str) {
    // `Y2FuYX` begins `canary` in base64.
    for canary in ["canary", "Y2FuYX"] {
        assert!(!shown.contains(canary), "{shown}");
    }
}

fn shown(value: &dyn Debug) -> String {
    format!("{value:?} {value:#?}")
}

fn chain(error: &(dyn Error + 'static)) -> String {
    let mut shown = String::new();
    for cause in std::iter::successors(Some(error), |&cause| cause.source()) {
        write!(shown, "{cause} {cause:?} {cause:#?} ").unwrap();
    }
    shown
}

fn client() -> ClientRegistration {
    ClientRegistration::confidential("fake-id", "canary")
}

fn hostile_answers() -> [Script; 8] {
    [
        Script::json(200, r#"{"refresh_token":"canary","#).breaking(SendErrorKind::Interrupted),
        Script::json(200, r#"{"access_token":"canary"#).breaking(SendErrorKind::Interrupted),
        Script::json(200, HOSTILE),
        Script::json(200, r#"{"refresh_token":"canary"}"#),
        Script::status(200).body("canary"),
        Script::json(400, HOSTILE).header("set-cookie", "canary"),
        Script::json(401, r#"{"error":{"code":"canary","request_id":"<canary>"}}"#)
            .header("x-request-id", "canary canary"),
        Script::status(302).header("location", "https://evil.example/?canary"),
    ]
}

#[test]
fn grants_and_registrations_show_no_secret() {
    let basic = ClientAuthentication::Basic("canary".into());
    let basic = ClientRegistration::new("fake-id", basic);
    let refresh = RefreshToken::new(client(), "canary");
    let code = AuthorizationCode::new(client(), "canary", "https://app.example/");
    let code = code.code_verifier("canary");
    let credentials = ClientCredentials::registered(basic.clone());
    let requests =
        [TokenRequest::from(&refresh), TokenRequest::from(&code), TokenRequest::from(&credentials)];
    assert_clean(&shown(&(client(), basic, &refresh, &code, &credentials, requests)));
    assert_clean(&shown(&StaticToken::new("canary")));
}

#[test]
fn what_is_issued_shows_no_secret() {
    let token = IssuedToken::new("canary", Duration::ZERO).refresh_token("canary");
    assert_clean(&shown(&(token, SecretBytes::from(b"canary".as_slice()))));
}

#[test]
fn authorizations_show_no_secret() {
    let endpoint = Url::parse("https://auth.example/authorize").unwrap();
    let request =
        AuthorizationRequest::new(endpoint, &client(), "https://app.example/back").unwrap();
    let started =
        request.start(Session::Browser("canary"), SystemTime::UNIX_EPOCH, &SeededRandom::new(1));
    let text = shown(&(&request, &started, Session::Browser("canary")));
    assert_clean(&text);
    let kept = started.pending.to_text();
    let verifier = kept.expose().split('"').find(|part| part.len() == 43 && !text.contains(part));
    assert!(verifier.is_some(), "{text}");
    assert_clean(&shown(&kept));
    assert_clean(&chain(&PendingAuthorization::from_text("canary").unwrap_err()));
}

#[test]
fn callbacks_show_nothing_that_a_browser_brought() {
    for query in [
        "code=canary&state=canary&iss=canary",
        "error=canary&error_description=canary&state=canary",
    ] {
        assert_clean(&shown(&Callback::from_query(query).unwrap()));
    }
    for query in ["code=canary", "state=canary", "state=canary&state=canary"] {
        assert_clean(&chain(&Callback::from_query(query).unwrap_err()));
    }
    assert_clean(&chain(&CallbackError::Denied(None)));
}

#[tokio::test]
async fn endpoints_and_their_errors_show_no_secret() {
    for script in hostile_answers() {
        let clock = VirtualClock::automatic();
        let transport = ScriptedTransport::new(clock.clone());
        transport.always("/", script);
        let (agent, wire) = (HeaderValue::from_static("Company/App"), Arc::new(transport));
        let url = confidential_url("https://auth.example/").unwrap();
        let clock = Arc::new(clock);
        let tokens = TokenEndpoint::new(url.clone(), agent.clone(), wire.clone(), clock);
        let error = tokens.request(&RefreshToken::new(client(), "canary")).await.unwrap_err();
        assert_clean(&chain(&error));
        assert_clean(&shown(&error.salvaged()));
        let revocation = RevocationEndpoint::new(url, agent, wire);
        assert_clean(&shown(&(tokens, &revocation)));
        let hint = TokenTypeHint::RefreshToken;
        if let Err(error) = revocation.revoke(&client(), &"canary".into(), hint).await {
            assert_clean(&chain(&error));
        }
    }
}

#[tokio::test]
async fn a_loopback_redirect_shows_no_secret() {
    assert_clean(&shown(&LoopbackRedirect::bind("/back").await.unwrap()));
    assert_clean(&chain(&LoopbackRedirect::bind("canary").await.unwrap_err()));
}
