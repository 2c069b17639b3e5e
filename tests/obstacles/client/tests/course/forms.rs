//! One answer in several forms.

use obstacles_client::model::{Color, Problem};
use obstacles_client::runtime::{Download, Error};
use obstacles_client::{Call, Client, forms};
use specwright_testkit::Script;

use crate::setup::{Token, client, header};

/// What comes of a call to `/forms/all`, and what it asked for.
async fn asked(
    script: Script,
    call: impl AsyncFnOnce(Call<forms::AllForms>) -> Result<Download, Error<Problem>>,
) -> (String, Result<Vec<u8>, Error<Problem>>) {
    let (client, transport) = client(Token::Given);
    transport.always("/v1/forms/all", script);
    let body = match call(all(&client)).await {
        Ok(download) => Ok(download.bytes().await.unwrap().to_vec()),
        Err(error) => Err(error),
    };
    let [request] = &transport.requests()[..] else { panic!("one request") };
    (header(request, "accept"), body)
}

fn all(client: &Client) -> Call<forms::AllForms> {
    client.forms().all()
}

macro_rules! form {
    ($test:ident, $method:ident, $accept:literal) => {
        #[tokio::test]
        async fn $test() {
            let script = Script::status(200).body(vec![0xff, 0]);
            let (accept, body) = asked(script, async |call| call.$method().await).await;
            assert_eq!((accept.as_str(), body.unwrap()), ($accept, vec![0xff, 0]));
        }
    };
}

form!(a_pdf_makes_way_for_a_parameter, send_application_pdf, "application/pdf");
form!(bytes_are_asked_for, send_octet_stream, "application/octet-stream");
form!(a_table_is_asked_for, send_csv, "text/csv");
form!(the_second_table_has_its_whole_name, send_text_csv_header_absent, "text/csv; header=absent");
form!(
    a_workbook_is_called_by_its_suffix,
    send_xlsx,
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
);
form!(any_text_is_asked_for, send_text, "text/*");

#[tokio::test]
async fn json_is_read_all_the_same() {
    let (client, transport) = client(Token::Given);
    transport.always("/v1/forms/all", Script::json(200, r#"{"R":1,"G":2}"#));
    assert_eq!(all(&client).await.unwrap(), forms::AllFormsOutput::Status200(Color::new(1, 2)));
    assert_eq!(header(&transport.requests()[0], "accept"), "application/json");
}

#[tokio::test]
async fn an_error_of_another_form_is_read() {
    let script = Script::json(400, r#"{"title":"t"}"#);
    let (_, body) = asked(script, async |call| call.send_csv().await).await;
    assert_eq!(body.unwrap_err().api(), Some(&Problem::new("t")));
}

#[tokio::test]
async fn a_form_that_the_document_lacks_is_asked_for_by_name() {
    let script = Script::status(200).body("x");
    let (accept, _) = asked(script, async |call| call.download("image/png").await).await;
    assert_eq!(accept, "image/png");
}

#[tokio::test]
async fn bytes_come_whole_or_as_they_are_read() {
    let (client, transport) = client(Token::Given);
    transport.always("/v1/answers/bytes", Script::status(200).body(vec![0xff]));
    let mut download = client.answers().bytes().send_png().await.unwrap();
    assert_eq!(download.chunk().await.unwrap().as_deref(), Some(&[0xff][..]));
    assert_eq!(download.chunk().await.unwrap(), None);
}

#[tokio::test]
async fn a_parameter_may_be_called_as_a_method_of_the_call() {
    let (client, transport) = client(Token::Given);
    transport.always("/v1/forms/all", Script::json(200, r#"{"R":1,"G":2}"#));
    all(&client).query_download("a").send_pdf("b").await.unwrap();
    let query = transport.requests()[0].uri.query().unwrap().to_owned();
    assert_eq!(query, "send_pdf=b&download=a");
}
