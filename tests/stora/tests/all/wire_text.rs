//! The HTTP text of each operation with all inputs, one snapshot each.

use std::fmt::Write as _;
use std::sync::Arc;

use specwright_testkit::{RecordedRequest, Script, ScriptedTransport, SeededRandom, VirtualClock};
use stora_2025_09::model::{
    OAuth2AuthorizationCodeRequest, OAuth2ClientCredentialsRequest, OAuth2RefreshTokenRequest,
};
use stora_2025_09::runtime::StaticToken;
use stora_2025_09::runtime::operation::{BodyCodec, Operation};
use stora_2025_09::{Call, Client};

use stora_tests::inputs::{full_contact, full_update, with_every_parameter};

/// Every secret of this file.
const SECRET: &str = "fake-secret";

#[tokio::test]
async fn list_contacts() {
    let (transport, client) = scripted();
    check("list_contacts", &transport, with_every_parameter(client.contacts().list())).await;
}

#[tokio::test]
async fn create_contact() {
    let (transport, client) = scripted();
    check("create_contact", &transport, client.contacts().create(full_contact())).await;
}

#[tokio::test]
async fn show_contact() {
    let (transport, client) = scripted();
    let expand = ["tenancies".to_owned(), "tenancies.unit".to_owned()];
    check("show_contact", &transport, client.contacts().show("con_1/ä").expand(expand)).await;
}

#[tokio::test]
async fn update_contact() {
    let (transport, client) = scripted();
    check("update_contact", &transport, client.contacts().update("con_1", full_update())).await;
}

#[tokio::test]
async fn delete_contact() {
    let (transport, client) = scripted();
    check("delete_contact", &transport, client.contacts().delete("con_1")).await;
}

#[tokio::test]
async fn token_by_client_credentials() {
    let (transport, client) = scripted();
    let grant = OAuth2ClientCredentialsRequest::new("fake-id", SECRET, "public.contact:read");
    check("token_by_client_credentials", &transport, client.oauth2().token(grant)).await;
}

#[tokio::test]
async fn token_by_refresh_token() {
    let (transport, client) = scripted();
    let grant = OAuth2RefreshTokenRequest::new("fake-id", SECRET, SECRET);
    let call = client.oauth2().token(grant.scope("public.contact:read public.contact:write"));
    check("token_by_refresh_token", &transport, call).await;
}

#[tokio::test]
async fn token_by_authorization_code_in_a_form() {
    let (transport, client) = scripted();
    let callback = "https://partner.example/callback?a=b";
    let grant = OAuth2AuthorizationCodeRequest::new("fake-id", SECRET, callback, SECRET);
    let call = client.oauth2().token(grant.code_verifier(SECRET)).body_codec(BodyCodec::Form);
    check("token_by_authorization_code_in_a_form", &transport, call).await;
}

/// A client of the real server whose requests go nowhere.
fn scripted() -> (ScriptedTransport, Client) {
    let clock = VirtualClock::new();
    let transport = ScriptedTransport::new(clock.clone());
    let client = Client::builder("Example/Tests")
        .transport(Arc::new(transport.clone()))
        .clock(Arc::new(clock))
        .random(Arc::new(SeededRandom::new(1)))
        .credentials(StaticToken::new(SECRET))
        .build();
    (transport, client.unwrap())
}

async fn check<O: Operation>(name: &str, transport: &ScriptedTransport, call: Call<O>) {
    // The answer fits nothing; it is the request that counts.
    for path in ["/2025-09/contacts", "/2025-09/contacts/con_1", "/oauth2/token"] {
        transport.always(path, Script::status(418));
    }
    assert!(call.await.is_err());
    insta::assert_snapshot!(name, http_text(&transport.requests()[0]));
}

/// The request as text: a parameter a line, and of the headers those that the operation decides.
fn http_text(request: &RecordedRequest) -> String {
    let mut text = format!("{} {}\n", request.method, request.uri.path());
    let query = request.uri.query().unwrap_or_default();
    for (index, pair) in query.split('&').filter(|pair| !pair.is_empty()).enumerate() {
        writeln!(text, "  {}{pair}", if index == 0 { '?' } else { '&' }).unwrap();
    }
    for name in ["accept", "authorization", "content-type", "idempotency-key"] {
        if let Some(value) = request.header(name) {
            writeln!(text, "{name}: {value}").unwrap();
        }
    }
    write!(text, "\n{}", std::str::from_utf8(&request.body).unwrap()).unwrap();
    text.replace(SECRET, "[redacted]")
}
