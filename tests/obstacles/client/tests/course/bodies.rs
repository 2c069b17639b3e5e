//! The text of every kind of body.

use obstacles_client::bodies::ManyInputsArgs;
use obstacles_client::model::{Color, Form};
use obstacles_client::runtime::Upload;
use obstacles_client::runtime::operation::BodyCodec;
use obstacles_client::runtime::transport::{BoxError, BoxFuture, UploadReader};
use obstacles_client::runtime::types::{Bytes, Json};
use specwright_testkit::RecordedRequest;

use crate::setup::{body, header, request, target};

#[track_caller]
fn assert_body(sent: &RecordedRequest, content_type: &str, text: &str) {
    assert_eq!((header(sent, "Content-Type").as_str(), body(sent).as_str()), (content_type, text));
}

fn form() -> Form {
    Form::new("a b&c").tags(["x".to_owned(), "y=z".to_owned()]).color(Color::new(1, 2))
}

#[tokio::test]
async fn a_required_body_is_json() {
    let sent =
        request("/v1/body/required", |client| client.bodies().required(Color::new(1, 2))).await;
    assert_body(&sent, "application/json", r#"{"R":1,"G":2}"#);
}

#[tokio::test]
async fn an_optional_body_that_is_not_set_is_not_sent() {
    let sent = request("/v1/body/optional", |client| client.bodies().optional()).await;
    assert_body(&sent, "", "");
}

#[tokio::test]
async fn an_optional_body_is_json() {
    let sent = request("/v1/body/optional", |client| {
        client.bodies().optional().body(Color::new(1, 2).name("n"))
    })
    .await;
    assert_body(&sent, "application/json", r#"{"R":1,"G":2,"name":"n"}"#);
}

#[tokio::test]
async fn a_body_may_be_null() {
    let sent = request("/v1/body/nullable", |client| client.bodies().nullable().body(None)).await;
    assert_body(&sent, "application/json", "null");
}

#[tokio::test]
async fn a_body_is_text_of_the_stated_type() {
    let sent = request("/v1/body/text", |client| client.bodies().text("a,b\né")).await;
    assert_body(&sent, "text/csv; charset=utf-8", "a,b\né");
}

#[tokio::test]
async fn a_body_of_any_text_is_plain_text() {
    let sent =
        request("/v1/body/text-range", |client| client.bodies().text_range().body("1")).await;
    assert_body(&sent, "text/plain; charset=utf-8", "1");
}

#[tokio::test]
async fn a_body_is_bytes_of_the_stated_type() {
    let bytes = Bytes::from_static(b"%PDF");
    let sent = request("/v1/body/bytes", |client| client.bodies().bytes(bytes)).await;
    assert_body(&sent, "application/pdf", "%PDF");
}

#[tokio::test]
async fn a_body_of_bytes_may_be_an_upload() {
    let upload = Upload::new(|| Cut(vec!["DF", "%P"]));
    let sent = request("/v1/body/bytes", |client| client.bodies().bytes(upload)).await;
    assert_body(&sent, "application/pdf", "%PDF");
}

/// Two chunks, the last one first.
struct Cut(Vec<&'static str>);

impl UploadReader for Cut {
    fn next(&mut self) -> BoxFuture<'_, Result<Option<Bytes>, BoxError>> {
        let chunk = self.0.pop().map(|text| Bytes::from_static(text.as_bytes()));
        Box::pin(async move { Ok(chunk) })
    }
}

#[tokio::test]
async fn a_body_is_a_form() {
    let sent = request("/v1/body/form", |client| client.bodies().form(form())).await;
    assert_body(
        &sent,
        "application/x-www-form-urlencoded",
        "name=a+b%26c&tags=x&tags=y%3Dz&color=%7B%22R%22%3A1%2C%22G%22%3A2%7D",
    );
}

#[tokio::test]
async fn a_body_that_may_be_both_is_json() {
    let sent = request("/v1/body/either", |client| client.bodies().json_or_form(form())).await;
    assert_body(
        &sent,
        "application/json",
        r#"{"name":"a b&c","tags":["x","y=z"],"color":{"R":1,"G":2}}"#,
    );
}

#[tokio::test]
async fn a_body_that_may_be_both_is_a_form_if_the_caller_says_so() {
    let sent = request("/v1/body/either", |client| {
        client.bodies().json_or_form(Form::new("n")).body_codec(BodyCodec::Form)
    })
    .await;
    assert_body(&sent, "application/x-www-form-urlencoded", "name=n");
}

#[tokio::test]
async fn a_body_without_a_schema_is_any_json() {
    let sent = request("/v1/body/any", |client| client.bodies().any(Json::Null)).await;
    assert_body(&sent, "application/json", "null");
}

#[tokio::test]
async fn many_inputs_each_go_to_their_place() {
    let args = ManyInputsArgs {
        second: "two".to_owned(),
        first: 1,
        body: Color::new(1, 2),
        third: vec!["a".to_owned(), "b".to_owned()],
        x_fourth: true,
    };
    let sent =
        request("/v1/inputs/two/1", |client| client.bodies().many_inputs(args).fifth("5")).await;
    assert_eq!(target(&sent), "/inputs/two/1?third=a&third=b&fifth=5");
    assert_eq!(header(&sent, "X-Fourth"), "true");
    assert_body(&sent, "application/json", r#"{"R":1,"G":2}"#);
}
