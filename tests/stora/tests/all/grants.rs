//! The token request, which is one of three grants told apart by `grant_type`, and the token response.

use std::time::{Duration, UNIX_EPOCH};

use serde_json::{Value, json};
use specwright_testkit::Sandbox;
use specwright_testkit::sandbox::{Client as KnownClient, ExpiresIn, Fault, Target};
use stora_2025_09::contacts::CreateContact;
use stora_2025_09::model::{
    OAuth2AuthorizationCodeRequest, OAuth2ClientCredentialsRequest, OAuth2RefreshTokenRequest,
    OAuth2RevokeRequest, OAuth2TokenRequest, OAuth2TokenResponse,
};
use stora_2025_09::oauth2::Oauth2Token;
use stora_2025_09::runtime::ClientCredentials;
use stora_2025_09::runtime::json::{from_slice, to_vec};
use stora_2025_09::runtime::operation::{BodyCodec, Operation, RequestEncoder};

use crate::setup::{SCOPES, START, builder, client, document, options, sandbox, sandbox_with};
use stora_tests::inputs::smallest_contact;

/// Stands in every secret of this file.
const CANARY: &str = "canary-4711";

#[test]
fn client_credentials_in_json_name_their_grant_once() {
    let body = written(client_credentials(), BodyCodec::Json);
    let expected = r#"{"grant_type":"client_credentials","client_id":"fake-id","client_secret":"canary-4711","scope":"public.contact:read"}"#;
    assert_eq!(body, expected);
}

#[test]
fn client_credentials_in_a_form_name_their_grant_once() {
    let body = written(client_credentials(), BodyCodec::Form);
    let expected = "grant_type=client_credentials&client_id=fake-id&client_secret=canary-4711&scope=public.contact%3Aread";
    assert_eq!(body, expected);
}

#[test]
fn a_refresh_token_in_json_names_its_grant_once() {
    let body = written(refresh_token(), BodyCodec::Json);
    let expected = r#"{"grant_type":"refresh_token","client_id":"fake-id","client_secret":"canary-4711","refresh_token":"canary-4711","scope":"public.contact:read"}"#;
    assert_eq!(body, expected);
}

#[test]
fn a_refresh_token_in_a_form_names_its_grant_once() {
    let body = written(refresh_token(), BodyCodec::Form);
    let expected = "grant_type=refresh_token&client_id=fake-id&client_secret=canary-4711&refresh_token=canary-4711&scope=public.contact%3Aread";
    assert_eq!(body, expected);
}

#[test]
fn an_authorization_code_in_json_names_its_grant_once() {
    let body = written(authorization_code(), BodyCodec::Json);
    let expected = r#"{"grant_type":"authorization_code","client_id":"fake-id","client_secret":"canary-4711","redirect_uri":"https://partner.example/callback","code":"canary-4711","code_verifier":"canary-4711"}"#;
    assert_eq!(body, expected);
}

#[test]
fn an_authorization_code_in_a_form_names_its_grant_once() {
    let body = written(authorization_code(), BodyCodec::Form);
    let expected = "grant_type=authorization_code&client_id=fake-id&client_secret=canary-4711&redirect_uri=https%3A%2F%2Fpartner.example%2Fcallback&code=canary-4711&code_verifier=canary-4711";
    assert_eq!(body, expected);
}

#[test]
fn a_grant_on_its_own_names_itself_too() {
    let text = String::from_utf8(to_vec(&client_credentials()).unwrap()).unwrap();
    assert_eq!(text.matches("grant_type").count(), 1, "{text}");
}

#[tokio::test]
async fn the_sandbox_understands_client_credentials_in_both_codecs() {
    let sandbox = open_sandbox().await;
    let client = client(&sandbox);
    for codec in [BodyCodec::Json, BodyCodec::Form] {
        let answer = client.oauth2().token(client_credentials()).body_codec(codec).await.unwrap();
        assert_eq!(answer.scope.as_deref(), Some("public.contact:read"), "{codec:?}");
    }
}

#[tokio::test]
async fn the_sandbox_understands_a_refresh_token_in_both_codecs() {
    for codec in [BodyCodec::Json, BodyCodec::Form] {
        assert_eq!(refusal_of(refresh_token().into(), codec).await, "invalid_grant", "{codec:?}");
    }
}

#[tokio::test]
async fn the_sandbox_understands_an_authorization_code_in_both_codecs() {
    for codec in [BodyCodec::Json, BodyCodec::Form] {
        let refusal = refusal_of(authorization_code().into(), codec).await;
        assert_eq!(refusal, "invalid_grant", "{codec:?}");
    }
}

#[tokio::test]
async fn a_grant_that_the_document_does_not_know_reaches_the_server() {
    let request = read(r#"{"grant_type":"device_code","device_code":"fake"}"#);
    assert_eq!(refusal_of(request, BodyCodec::Json).await, "unsupported_grant_type");
}

#[tokio::test]
async fn a_wrong_secret_is_told_in_the_words_of_the_token_endpoint() {
    let sandbox = open_sandbox().await;
    let grant = OAuth2ClientCredentialsRequest::new("fake-id", "wrong", "public.contact:read");
    let error = client(&sandbox).oauth2().token(grant).await.unwrap_err();
    assert_eq!((error.status(), error.is_unauthorized()), (Some(401), true));
    assert_eq!(error.into_api().unwrap().error, "invalid_client");
}

#[tokio::test]
async fn a_revocation_with_a_wrong_secret_is_told_in_the_same_words() {
    let sandbox = open_sandbox().await;
    let revoke = OAuth2RevokeRequest::new("example-token", "fake-id", "wrong");
    let error = client(&sandbox).oauth2().revoke(revoke).await.unwrap_err();
    assert_eq!((error.status(), error.is_unauthorized()), (Some(401), true));
    assert_eq!(error.into_api().unwrap().error, "invalid_client");
}

/// RFC 6749, section 5.2. The document says that the code is a text, and names none.
#[tokio::test]
async fn every_code_of_the_token_endpoint_is_an_invalid_request_but_that_of_a_wrong_client() {
    for code in [
        "invalid_request",
        "invalid_client",
        "invalid_grant",
        "unauthorized_client",
        "unsupported_grant_type",
        "invalid_scope",
    ] {
        let sandbox = open_sandbox().await;
        sandbox.push_fault(Target::Any, Fault::Code(code.to_owned()));
        let token = client(&sandbox).oauth2().token(client_credentials());
        let error = token.await.unwrap_err();
        let is_client = code == "invalid_client";
        assert_eq!((error.is_unauthorized(), error.is_invalid()), (is_client, !is_client));
        let came: Value = serde_json::from_slice(error.body().unwrap().bytes()).unwrap();
        let said = error.into_api().unwrap();
        let written: Value = serde_json::from_slice(&to_vec(&said).unwrap()).unwrap();
        assert_eq!((said.error.as_str(), written), (code, came));
    }
}

#[test]
fn each_tag_is_read_as_its_grant() {
    let document = document();
    let examples = &document.raw()["paths"]["/oauth2/token"]["post"]["requestBody"]["content"]["application/json"]
        ["examples"];
    let kind = |name: &str| grant_of(&read(&examples[name]["value"].to_string()));
    let kinds = ["client_credentials", "refresh_token", "access_code"].map(kind);
    assert_eq!(kinds, ["client_credentials", "refresh_token", "authorization_code"]);
}

#[test]
fn the_tag_alone_decides_although_the_members_fit_every_grant() {
    for tag in ["client_credentials", "refresh_token", "authorization_code"] {
        assert_eq!(grant_of(&read(&members_of_all(tag).to_string())), tag);
    }
}

#[test]
fn a_tag_whose_members_are_missing_is_an_error_and_no_other_grant() {
    let text =
        r#"{"grant_type":"authorization_code","client_id":"a","client_secret":"b","scope":"c"}"#;
    let error = from_slice::<OAuth2TokenRequest>(text.as_bytes()).unwrap_err();
    assert_eq!(error.expected(), "the member `redirect_uri`");
}

#[test]
fn a_request_without_a_tag_is_an_error() {
    let text = r#"{"client_id":"a","client_secret":"b","scope":"c"}"#;
    let error = from_slice::<OAuth2TokenRequest>(text.as_bytes()).unwrap_err();
    assert_eq!(error.expected(), "the member `grant_type`");
}

#[test]
fn an_unknown_tag_is_written_back_byte_for_byte() {
    let text = r#"{ "n": 1.00, "grant_type" : "device_code", "s":"é\u00e9", "n": [ ] }"#;
    assert_eq!(to_vec(&read(text)).unwrap(), text.as_bytes());
}

#[test]
fn an_unknown_tag_is_written_once_in_a_form() {
    let request = read(r#"{"device_code":"fake","grant_type":"device_code"}"#);
    assert_eq!(written(request, BodyCodec::Form), "device_code=fake&grant_type=device_code");
}

#[test]
fn no_secret_of_a_token_request_is_shown() {
    let unknown = read(&json!({ "grant_type": "new", "secret": CANARY }).to_string());
    for request in
        [client_credentials().into(), refresh_token().into(), authorization_code().into(), unknown]
    {
        assert_hidden(&Oauth2Token::new(request));
    }
}

#[test]
fn no_secret_of_a_token_response_is_shown() {
    let body = json!({
        "access_token": CANARY, "refresh_token": CANARY, "token_type": "Bearer", "created_at": 1,
    });
    assert_hidden(&from_slice::<OAuth2TokenResponse>(body.to_string().as_bytes()).unwrap());
}

#[tokio::test]
async fn no_secret_of_a_prepared_call_is_shown() {
    let sandbox = open_sandbox().await;
    let client = client(&sandbox);
    assert_hidden(&client.oauth2().token(client_credentials()));
}

#[tokio::test]
async fn no_header_of_a_prepared_call_is_shown() {
    let sandbox = sandbox().await;
    let client = client(&sandbox);
    assert_hidden(&client.send(CreateContact::new(smallest_contact())).with_header("x-a", CANARY));
}

#[tokio::test]
async fn no_token_of_an_answer_is_shown() {
    let sandbox = open_sandbox().await;
    let client = client(&sandbox);
    let answer = client.oauth2().token(client_credentials()).send_with_response().await.unwrap();
    let token = answer.inner().access_token.expose().to_owned();
    let shown = format!("{answer:?} {answer:#?}");
    assert!(!shown.contains(&token), "{}", shown.replace(&token, "LEAKED"));
}

#[tokio::test]
async fn no_secret_of_a_builder_is_shown() {
    let sandbox = sandbox().await;
    let builder = builder(&sandbox).credentials(ClientCredentials::new("fake-id", CANARY));
    assert_hidden(&builder);
}

#[tokio::test]
async fn no_secret_of_a_client_is_shown() {
    let sandbox = sandbox().await;
    let builder = builder(&sandbox).credentials(ClientCredentials::new("fake-id", CANARY));
    assert_hidden(&builder.build().unwrap());
}

#[test]
fn the_moment_in_the_vendors_example_is_two_hours_after_its_creation() {
    let document = document();
    let examples = &document.raw()["paths"]["/oauth2/token"]["post"]["responses"]["200"]["content"]
        ["application/json"]["examples"];
    let example = examples["refresh_token"]["value"].to_string();
    let answer: OAuth2TokenResponse = from_slice(example.as_bytes()).unwrap();
    let created = UNIX_EPOCH + Duration::from_secs(1_740_235_260);
    let life = answer.expires_in.unwrap().expires_at(created).duration_since(created).unwrap();
    assert_eq!(life, Duration::from_secs(7_200));
}

#[tokio::test]
async fn a_lifetime_and_a_moment_mean_the_same_end() {
    for mode in [ExpiresIn::Seconds, ExpiresIn::Epoch] {
        let sandbox = sandbox_with(options().with_expires_in(mode)).await;
        let client = client(&sandbox);
        let (id, secret) = (sandbox.client_id(), sandbox.client_secret());
        let grant = OAuth2ClientCredentialsRequest::new(id, secret, SCOPES);
        let answer = client.oauth2().token(grant).await.unwrap();
        let now = UNIX_EPOCH + Duration::from_secs(START);
        let end = answer.expires_in.unwrap().expires_at(now);
        assert_eq!(end, now + Duration::from_secs(7_200), "{mode:?}");
    }
}

fn client_credentials() -> OAuth2ClientCredentialsRequest {
    OAuth2ClientCredentialsRequest::new("fake-id", CANARY, "public.contact:read")
}

fn refresh_token() -> OAuth2RefreshTokenRequest {
    OAuth2RefreshTokenRequest::new("fake-id", CANARY, CANARY).scope("public.contact:read")
}

fn authorization_code() -> OAuth2AuthorizationCodeRequest {
    let redirect = "https://partner.example/callback";
    OAuth2AuthorizationCodeRequest::new("fake-id", CANARY, redirect, CANARY).code_verifier(CANARY)
}

/// A request that has the members of all three grants.
fn members_of_all(tag: &str) -> Value {
    json!({
        "client_id": "a", "client_secret": "b", "scope": "c", "refresh_token": "d", "code": "e",
        "redirect_uri": "https://partner.example/callback", "code_verifier": "f",
        "grant_type": tag,
    })
}

/// A sandbox that knows the client of these grants, and lets it try all three.
async fn open_sandbox() -> Sandbox {
    let grants = ["client_credentials", "refresh_token", "authorization_code"];
    let known = KnownClient::new("fake-id", CANARY)
        .with_scopes(["public.contact:read"])
        .with_grants(grants);
    sandbox_with(options().with_client(known)).await
}

/// The OAuth error code with which the sandbox refuses a request.
async fn refusal_of(request: OAuth2TokenRequest, codec: BodyCodec) -> String {
    let sandbox = open_sandbox().await;
    let client = client(&sandbox);
    let error = client.oauth2().token(request).body_codec(codec).await.unwrap_err();
    error.into_api().unwrap().error
}

/// The body of the request, as it goes out.
fn written(request: impl Into<OAuth2TokenRequest>, codec: BodyCodec) -> String {
    let mut request = Oauth2Token::new(request);
    request.body_codec = codec;
    let mut encoder = RequestEncoder::new(Oauth2Token::META.path);
    request.encode(&mut encoder).unwrap();
    String::from_utf8(encoder.finish().unwrap().body.whole().unwrap().to_vec()).unwrap()
}

#[track_caller]
fn read(text: &str) -> OAuth2TokenRequest {
    from_slice(text.as_bytes()).unwrap()
}

fn grant_of(request: &OAuth2TokenRequest) -> &'static str {
    match request {
        OAuth2TokenRequest::ClientCredentials(_) => "client_credentials",
        OAuth2TokenRequest::RefreshToken(_) => "refresh_token",
        OAuth2TokenRequest::AuthorizationCode(_) => "authorization_code",
        _ => "unknown",
    }
}

#[track_caller]
fn assert_hidden(value: &dyn std::fmt::Debug) {
    let shown = format!("{value:?} {value:#?}");
    assert!(!shown.contains(CANARY), "{shown}");
}
