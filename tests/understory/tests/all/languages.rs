//! The required header `Accept-Language`.

use crate::setup::started;

const EXPERIENCE: &str = "exp_example_0001";

#[tokio::test]
async fn the_wished_languages_are_sent_as_they_were_given() {
    let (sandbox, client) = started().await;
    let languages = "en-GB; q=1.0, en-US; q=0.8";
    client.experiences().get_by_id(EXPERIENCE, languages).await.unwrap();
    assert_eq!(sandbox.ledger().requests[0].header("accept-language"), Some(languages));
}

#[tokio::test]
async fn a_language_that_the_company_does_not_offer_is_an_error() {
    let (_sandbox, client) = started().await;
    let error = client.experiences().get_by_id(EXPERIENCE, "fr-FR").await.unwrap_err();
    assert_eq!((error.status(), error.is_invalid()), (Some(400), true));
}

#[tokio::test]
async fn a_language_that_no_header_can_hold_is_not_sent() {
    let (sandbox, client) = started().await;
    client.experiences().get_by_id(EXPERIENCE, "en\r\nX-Other: 1").await.unwrap_err();
    assert_eq!(sandbox.ledger().requests.len(), 0);
}
