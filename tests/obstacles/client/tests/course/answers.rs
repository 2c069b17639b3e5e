//! What becomes of an answer, by its status.

use obstacles_client::answers::{SeveralErrorsError, SeveralSuccessesOutput};
use obstacles_client::model::{Color, Problem};
use obstacles_client::runtime::Error;
use obstacles_client::runtime::operation::Operation;
use obstacles_client::{Call, Client};
use specwright_testkit::Script;

use crate::setup::{Token, client};

const COLOR: &str = r#"{"R":1,"G":2}"#;
const PROBLEM: &str = r#"{"title":"t"}"#;

async fn answered<O: Operation>(
    path: &str,
    script: Script,
    call: impl FnOnce(&Client) -> Call<O>,
) -> Result<O::Output, Error<O::Error>> {
    let (client, transport) = client(Token::Given);
    transport.always(path, script);
    call(&client).await
}

async fn success(script: Script) -> SeveralSuccessesOutput {
    let path = "/v1/answers/successes";
    answered(path, script, |client| client.answers().several_successes()).await.unwrap()
}

#[tokio::test]
async fn each_success_has_a_body_of_its_own() {
    use SeveralSuccessesOutput::{Status200, Status201, Status202, Status204};
    assert_eq!(success(Script::json(200, COLOR)).await, Status200(Color::new(1, 2)));
    assert_eq!(success(Script::json(201, r#"["a"]"#)).await, Status201(vec!["a".to_owned()]));
    assert_eq!(success(Script::status(202).body("text")).await, Status202("text".to_owned()));
    assert_eq!(success(Script::status(204)).await, Status204);
}

async fn failure(script: Script) -> Error<SeveralErrorsError> {
    let path = "/v1/answers/errors";
    answered(path, script, |client| client.answers().several_errors()).await.unwrap_err()
}

#[tokio::test]
async fn an_exact_status_is_read_before_its_class_and_both_before_the_rest() {
    use SeveralErrorsError::{Other, Status4xx, Status400, Status404};
    let problem = || Problem::new("t");
    for (script, expected) in [
        (Script::json(400, COLOR), Status400(Color::new(1, 2))),
        (Script::json(404, PROBLEM), Status404(problem())),
        (Script::status(418).body("teapot"), Status4xx("teapot".to_owned())),
        (Script::json(501, PROBLEM), Other(problem())),
    ] {
        assert_eq!(failure(script).await.api(), Some(&expected));
    }
}

#[tokio::test]
async fn an_error_without_a_body_keeps_its_status() {
    let error = failure(Script::status(500)).await;
    assert_eq!((error.status(), error.api()), (Some(500), None));
}

#[tokio::test]
async fn a_class_stands_for_each_of_its_statuses() {
    let path = "/v1/answers/classes";
    for status in [200, 206, 299] {
        let output =
            answered(path, Script::json(status, COLOR), |client| client.answers().classes_of());
        assert_eq!(output.await.unwrap(), Color::new(1, 2));
    }
    for status in [400, 409, 499, 599] {
        let output =
            answered(path, Script::json(status, PROBLEM), |client| client.answers().classes_of());
        assert_eq!(output.await.unwrap_err().api(), Some(&Problem::new("t")));
    }
}

#[tokio::test]
async fn neighbors_are_read_alike_and_what_lies_between_is_not() {
    let path = "/v1/answers/neighbors";
    for (status, described) in [(401, true), (402, true), (403, true), (404, false), (409, true)] {
        let script = Script::json(status, PROBLEM);
        let error =
            answered(path, script, |client| client.answers().neighbors()).await.unwrap_err();
        assert_eq!(error.api().is_some(), described, "{status}");
    }
}

#[tokio::test]
async fn a_default_alone_is_both_a_success_and_an_error() {
    let path = "/v1/answers/default";
    let call = |client: &Client| client.answers().default();
    assert_eq!(answered(path, Script::json(200, COLOR), call).await.unwrap(), Color::new(1, 2));
    let error = answered(path, Script::json(422, COLOR), call).await.unwrap_err();
    assert_eq!(error.api(), Some(&Color::new(1, 2)));
}

#[tokio::test]
async fn a_default_without_a_body_is_a_success_without_one() {
    let path = "/v1/answers/default-empty";
    let call = |client: &Client| client.answers().default_without_body();
    assert!(answered(path, Script::status(200), call).await.is_ok());
    assert!(answered(path, Script::status(404), call).await.is_err());
}

#[tokio::test]
async fn a_status_that_is_not_described_is_no_success() {
    let path = "/v1/answers/none";
    let error = answered(path, Script::status(200), |client| client.answers().undescribed());
    assert!(error.await.unwrap_err().is_decode());
}

#[tokio::test]
async fn an_answer_is_text() {
    let script = Script::status(200).body("é");
    let output = answered("/v1/answers/text", script, |client| client.answers().text());
    assert_eq!(output.await.unwrap(), "é");
}

#[tokio::test]
async fn an_answer_is_bytes() {
    let script = Script::status(200).body(vec![0xff, 0]);
    let output = answered("/v1/answers/bytes", script, |client| client.answers().bytes());
    assert_eq!(output.await.unwrap().to_vec(), [0xff, 0]);
}

#[tokio::test]
async fn an_answer_may_be_null() {
    let script = Script::json(200, "null");
    let output = answered("/v1/answers/null", script, |client| client.answers().nullable());
    assert_eq!(output.await.unwrap(), None);
}
