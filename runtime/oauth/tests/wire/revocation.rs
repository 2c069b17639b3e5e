use std::sync::Arc;

use http::HeaderValue;
use specwright_core::transport::{SendErrorKind, Sent};
use specwright_oauth::{
    ClientRegistration, RevocationEndpoint, RevocationError, RevocationErrorKind, TokenTypeHint,
    confidential_url,
};
use specwright_testkit::{RecordedRequest, Script, ScriptedTransport, VirtualClock};

const PATH: &str = "/oauth2/revoke";

async fn revoke(
    hint: TokenTypeHint,
    script: Script,
) -> (RecordedRequest, Result<(), RevocationError>) {
    let transport = ScriptedTransport::new(VirtualClock::automatic());
    transport.always(PATH, script);
    let url = confidential_url("https://auth.example/oauth2/revoke").unwrap();
    let agent = HeaderValue::from_static("Company/App");
    let endpoint = RevocationEndpoint::new(url, agent, Arc::new(transport.clone()));
    let client = ClientRegistration::confidential("fake-id", "fake-secret");
    let outcome = endpoint.revoke(&client, &"fake-token".into(), hint).await;
    let mut requests = transport.requests();
    assert_eq!(requests.len(), 1);
    (requests.remove(0), outcome)
}

#[tokio::test]
async fn a_token_is_sent_with_its_kind_and_the_program() {
    for (hint, written) in [
        (TokenTypeHint::RefreshToken, "refresh_token"),
        (TokenTypeHint::AccessToken, "access_token"),
    ] {
        let (request, _) = revoke(hint, Script::status(200)).await;
        assert_eq!(
            request.body,
            format!(
                "token=fake-token&client_id=fake-id&client_secret=fake-secret\
                 &token_type_hint={written}"
            )
        );
    }
}

#[tokio::test]
async fn any_success_means_that_the_token_is_dead() {
    for script in [
        Script::status(200),
        Script::json(200, "{}"),
        Script::status(200).body("<html>"),
        Script::status(204),
    ] {
        assert!(revoke(TokenTypeHint::RefreshToken, script).await.1.is_ok());
    }
}

#[tokio::test]
async fn a_token_may_live_unless_the_server_said_otherwise() {
    for (script, expected, passing) in [
        (Script::status(503), RevocationErrorKind::Transient, true),
        (Script::silence(), RevocationErrorKind::Ambiguous, true),
        (Script::failure(Sent::No, SendErrorKind::Connect), RevocationErrorKind::NotSent, true),
        (Script::json(401, r#"{"error":"invalid_client"}"#), RevocationErrorKind::Client, false),
        (Script::status(307), RevocationErrorKind::Redirected, false),
    ] {
        let error = revoke(TokenTypeHint::RefreshToken, script).await.1.unwrap_err();
        assert_eq!((error.kind(), error.may_pass()), (expected, passing));
    }
}

#[tokio::test]
async fn an_unavailable_server_says_when_to_come_back() {
    let script = Script::status(503).header("retry-after", "120");
    let error = revoke(TokenTypeHint::RefreshToken, script).await.1.unwrap_err();
    assert_eq!(error.headers().unwrap()["retry-after"], "120");
}
