//! A canary in every place where a secret can be, and every public type shown.

use std::error::Error;
use std::fmt::Write as _;

use specwright_client::{
    Bearer, CallOptions, ClientCredentials, CredentialSource, Generation, Method, StaticToken,
};
use specwright_testkit::{Script, ScriptedTransport, VirtualClock};

use crate::shelf::{BOOKS, CreateBook, GetBook, Shelf, TOKEN, builder, found};

/// The secret, and the forms in which it could slip through.
const FORMS: [&str; 4] = ["canary", "Y2FuYXJ5", "63616e617279", "%63%61%6e"];

#[track_caller]
fn assert_clean(shown: &str) {
    for form in FORMS {
        assert!(!shown.contains(form), "{form} in {shown}");
    }
}

fn chain(error: &(dyn Error + 'static)) -> String {
    let mut shown = String::new();
    for cause in std::iter::successors(Some(error), |&cause| cause.source()) {
        write!(shown, "{cause} {cause:?} {cause:#?} ").unwrap();
    }
    shown
}

#[test]
fn credentials_show_no_secret() {
    let grant = ClientCredentials::new("fake-id", "canary-secret");
    let token = StaticToken::new("canary-token");
    let sources = [CredentialSource::from(grant.clone()), CredentialSource::from(token.clone())];
    let bearer = Bearer::new(&"canary-token".into(), Generation::new(1)).unwrap();
    assert_clean(&format!("{grant:#?} {token:#?} {sources:#?} {bearer:#?}"));
}

#[test]
fn builder_and_client_show_no_secret() {
    let clock = VirtualClock::new();
    let transport = ScriptedTransport::new(clock.clone());
    for source in [
        CredentialSource::from(ClientCredentials::new("fake-id", "canary-secret")),
        CredentialSource::from(StaticToken::new("canary-token")),
    ] {
        let builder = builder(&transport, &clock).credentials(source);
        let shown = format!("{builder:#?}");
        let client = builder.build().unwrap();
        let options = CallOptions::default().with_header("x-key", "canary-header");
        let request = client.request(Method::GET, "/a?key=canary").with_header("x-k", "canary");
        assert_clean(&format!("{shown} {client:#?} {options:#?} {request:#?}"));
    }
}

#[test]
fn a_credential_that_cannot_be_sent_is_not_repeated_in_the_error() {
    let clock = VirtualClock::new();
    let transport = ScriptedTransport::new(clock.clone());
    let token = StaticToken::new("canary token");
    let error = builder(&transport, &clock).credentials(token).build().unwrap_err();
    assert_clean(&chain(&error));
    let error = builder(&transport, &clock).base_url("https://u:canary@a.example").build();
    assert_clean(&chain(&error.unwrap_err()));
}

#[tokio::test]
async fn answers_and_errors_of_calls_show_no_secret() {
    let hostile = r#"{"title":["canary"],"message":"canary","error":{"code":"canary"}}"#;
    let scripts = [
        Script::json(200, hostile).header("set-cookie", "canary"),
        Script::json(401, hostile).header("www-authenticate", "canary"),
        Script::json(422, hostile),
        Script::json(500, hostile),
        Script::status(307).header("location", "https://evil.example/?canary"),
        Script::json(200, "canary"),
    ];
    for script in scripts {
        let shelf = Shelf::with_credentials(StaticToken::new("canary-token"));
        shelf.transport.always(BOOKS, script.clone());
        let error = shelf.call(CreateBook).await.unwrap_err();
        let shown = chain(&error);
        // The excerpt of a decode error is a part of the body by design; it is behind an accessor, not in any text.
        assert_clean(&shown);
    }
    let shelf = Shelf::with_credentials(StaticToken::new("canary-token"));
    shelf.transport.always(BOOKS, found().header("set-cookie", "canary"));
    let response = shelf.call(GetBook).await.unwrap();
    assert_clean(&format!("{response:#?} {:#?} {:#?}", shelf.client, shelf.sent()));
}

#[tokio::test]
async fn errors_of_the_token_endpoint_show_no_secret() {
    let echo =
        r#"{"error":"canary","error_description":"canary-secret","access_token":["canary"]}"#;
    for script in [
        Script::json(400, echo),
        Script::json(200, echo),
        Script::status(500).body("canary-secret"),
        Script::status(302).header("location", "https://evil.example/?canary"),
    ] {
        let shelf = Shelf::with_credentials(ClientCredentials::new("fake-id", "canary-secret"));
        shelf.transport.always(TOKEN, script);
        let error = shelf.call(GetBook).await.unwrap_err();
        assert!(error.is_credentials());
        assert_clean(&chain(&error));
    }
}
