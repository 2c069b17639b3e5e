//! Answers that lead elsewhere.

use obstacles_client::model::Problem;
use specwright_testkit::Script;

use crate::setup::{Token, client};

const PLACE: &str = "https://files.example/a.png?signature=an-invented-one";

#[tokio::test]
async fn a_redirect_is_a_value_and_nothing_follows_it() {
    for status in [302, 308] {
        let (client, transport) = client(Token::Given);
        let script = Script::status(status).header("location", PLACE);
        transport.always("/v1/redirects/pictures/7", script);
        let redirect = client.redirects().picture("7").await.unwrap();
        assert_eq!((redirect.status(), redirect.location()), (status, PLACE));
        assert_eq!(transport.requests().len(), 1);
    }
}

#[tokio::test]
async fn an_error_of_what_redirects_is_read() {
    let (client, transport) = client(Token::Given);
    transport.always("/v1/redirects/pictures/7", Script::json(404, r#"{"title":"t"}"#));
    let error = client.redirects().picture("7").await.unwrap_err();
    assert_eq!(error.api(), Some(&Problem::new("t")));
}

#[tokio::test]
async fn a_class_of_redirects_stands_for_each() {
    let (client, transport) = client(Token::Given);
    transport.always("/v1/redirects/any", Script::status(307).header("location", "/there"));
    let redirect = client.redirects().any().await.unwrap();
    assert_eq!(redirect.location(), "/there");
}

#[tokio::test]
async fn a_redirect_beside_a_success_is_none() {
    let (client, transport) = client(Token::Given);
    let path = "/v1/redirects/beside-a-success";
    transport.always(path, Script::status(303).header("location", "/there"));
    let error = client.redirects().beside_success().await.unwrap_err();
    assert_eq!(error.status(), Some(303));
}
