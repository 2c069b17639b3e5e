//! Which calls carry the token, and which are not sent.

use obstacles_client::runtime::operation::Operation;
use obstacles_client::{Call, Client};
use specwright_testkit::Script;

use crate::setup::{Token, client, header};

const BEARER: &str = "Bearer an-invented-token";

/// The `Authorization` header of the request; `None` if the call fails before anything is sent.
async fn authorization<O: Operation>(
    token: Token,
    path: &str,
    call: impl FnOnce(&Client) -> Call<O>,
) -> Option<String> {
    let (client, transport) = client(token);
    transport.always(&format!("/v1/security/{path}"), Script::status(204));
    let sent = call(&client).await.is_ok();
    let requests = transport.requests();
    assert_eq!(requests.len(), usize::from(sent));
    requests.first().map(|request| header(request, "Authorization"))
}

#[tokio::test]
async fn two_schemes_together_cannot_be_satisfied_by_one() {
    let sent = authorization(Token::Given, "both", |client| client.security().both_schemes());
    assert_eq!(sent.await, None);
}

#[tokio::test]
async fn one_of_two_schemes_is_enough() {
    let sent = authorization(Token::Given, "either", |client| client.security().either_scheme());
    assert_eq!(sent.await.as_deref(), Some(BEARER));
}

#[tokio::test]
async fn a_scheme_that_takes_no_token_is_not_given_one() {
    let sent = authorization(Token::Given, "other", |client| client.security().other_scheme());
    assert_eq!(sent.await, None);
}

#[tokio::test]
async fn a_call_that_needs_credentials_is_not_sent_without() {
    let sent = authorization(Token::None, "either", |client| client.security().either_scheme());
    assert_eq!(sent.await, None);
}

#[tokio::test]
async fn an_optional_scheme_is_used_if_there_is_a_token() {
    for (token, expected) in [(Token::Given, BEARER), (Token::None, "")] {
        let sent = authorization(token, "optional", |client| client.security().optional_scheme());
        assert_eq!(sent.await.as_deref(), Some(expected));
    }
}

#[tokio::test]
async fn an_operation_without_security_never_carries_the_token() {
    let sent = authorization(Token::Given, "none", |client| client.security().no_scheme());
    assert_eq!(sent.await.as_deref(), Some(""));
}
