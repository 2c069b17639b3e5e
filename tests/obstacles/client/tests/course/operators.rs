//! Operators connect where the document says: the sandbox stands for its authorization server, and for its API.

use std::sync::Arc;

use obstacles_client::Client;
use obstacles_client::runtime::{
    ApiGrants, AuthorizationUrl, Callback, ClientRegistration, GrantKey, KeyRing, MemoryStore,
    Method, SealingKey, Session,
};
use shared_clock::{START, SharedClock};
use specwright_testkit::Sandbox;
use specwright_testkit::sandbox::{Options, SandboxClock};

const REDIRECT: &str = "https://acme.example/back";

async fn sandbox() -> Sandbox {
    let options = Options::new().with_clock(SandboxClock::fixed_at(START));
    Sandbox::start_with(options.with_redirect_uri(REDIRECT)).await.unwrap()
}

fn grants(sandbox: &Sandbox) -> ApiGrants<Client> {
    let clock = Arc::new(SharedClock::new(sandbox));
    Client::builder("Example/Tests")
        .base_url(sandbox.base_url())
        .authorization_server(sandbox.base_url())
        .clock(clock.clone())
        .grants(ClientRegistration::confidential(sandbox.client_id(), sandbox.client_secret()))
        .store(MemoryStore::volatile(clock))
        .keys(KeyRing::new("test", SealingKey::new([7; 32])))
        .build()
        .unwrap()
}

/// Where an operator agrees. The scope is one of the sandbox.
async fn page(grants: &ApiGrants<Client>, key: &GrantKey) -> AuthorizationUrl {
    let request = grants.authorization(REDIRECT).unwrap().scope("public.contact:read");
    grants.grants().authorize(key, &request, Session::None).await.unwrap()
}

#[tokio::test]
async fn an_authorization_endpoint_keeps_the_query_that_it_has_in_the_document() {
    let sandbox = sandbox().await;
    let key = GrantKey::new("operator", "obstacles");
    let url = page(&grants(&sandbox), &key).await;
    let endpoint = format!("{}/oauth2/authorize?tenant=%22%23&", sandbox.base_url());
    assert!(url.as_str().starts_with(&endpoint), "{endpoint}");
}

#[tokio::test]
async fn an_operator_connects_at_the_endpoints_of_the_document_and_is_called_for() {
    let sandbox = sandbox().await;
    let grants = grants(&sandbox);
    let key = GrantKey::new("operator", "obstacles");
    let url = page(&grants, &key).await;
    let back = sandbox.approve(url.as_str(), "operator-1").unwrap();
    let callback = Callback::from_url(&back).unwrap();
    grants.grants().receive(callback, Session::None).await.unwrap();
    let call = grants.client(key).request(Method::GET, "/2025-09/contacts");
    assert_eq!(call.send().await.unwrap().status(), 200);
}
