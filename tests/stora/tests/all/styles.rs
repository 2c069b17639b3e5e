//! Every style of a parameter as the client writes it, read by the sandbox's own code.
//!
//! Stora uses few styles, so another document stands in. It gives its operations no behavior: a request that is let in
//! is answered with 501, any other with 422.

use specwright_testkit::sandbox::{Options, Profile};
use stora_2025_09::runtime::Method;
use stora_2025_09::runtime::operation::{
    EncodeError, ParamValue, PathStyle, QueryStyle, RequestEncoder, ToParam,
};
use stora_2025_09::runtime::types::DateTime;

use crate::setup::{client, options, read, sandbox_with};

const SIZES: [i64; 2] = [1, 2];

#[tokio::test]
async fn a_form_list_is_let_in() {
    check("/form-list", |to| to.query("sizes", QueryStyle::Form, &SIZES.to_vec())).await;
}

#[tokio::test]
async fn an_exploded_form_list_is_let_in() {
    let write =
        |to: &mut RequestEncoder| to.query("sizes", QueryStyle::FormExploded, &SIZES.to_vec());
    check("/form-exploded-list", write).await;
}

#[tokio::test]
async fn a_form_object_is_let_in() {
    check("/form-object", |to| to.query("box", QueryStyle::Form, &Crate)).await;
}

#[tokio::test]
async fn an_exploded_form_object_is_let_in() {
    check("/form-exploded-object", |to| to.query("box", QueryStyle::FormExploded, &Crate)).await;
}

#[tokio::test]
async fn a_space_delimited_list_is_let_in() {
    let write =
        |to: &mut RequestEncoder| to.query("sizes", QueryStyle::SpaceDelimited, &SIZES.to_vec());
    check("/space-list", write).await;
}

#[tokio::test]
async fn a_pipe_delimited_list_is_let_in() {
    let write =
        |to: &mut RequestEncoder| to.query("sizes", QueryStyle::PipeDelimited, &SIZES.to_vec());
    check("/pipe-list", write).await;
}

#[tokio::test]
async fn a_deep_object_is_let_in() {
    check("/deep-object", |to| to.query("box", QueryStyle::DeepObject, &Crate)).await;
}

#[tokio::test]
async fn a_list_in_a_path_is_let_in() {
    check("/path-list/{sizes}", |to| to.path("sizes", &SIZES.to_vec())).await;
}

#[tokio::test]
async fn an_exploded_object_in_a_path_is_let_in() {
    let write = |to: &mut RequestEncoder| to.path_styled("box", PathStyle::SimpleExploded, &Crate);
    check("/path-object/{box}", write).await;
}

#[tokio::test]
async fn a_list_in_a_header_is_let_in() {
    check("/header-list", |to| to.header("X-Sizes", &SIZES.to_vec())).await;
}

#[tokio::test]
async fn an_object_in_a_header_is_let_in() {
    check("/header-object", |to| to.header("X-Box", &Crate)).await;
}

#[tokio::test]
async fn a_single_number_is_let_in() {
    check("/scalar", |to| to.query("size", QueryStyle::FormExploded, &7)).await;
}

#[tokio::test]
async fn a_moment_is_let_in() {
    let moment: DateTime = "2026-01-01T00:00:00.25+05:30".parse().unwrap();
    check("/moment", |to| to.query("at", QueryStyle::FormExploded, &moment)).await;
}

/// An object with two members.
struct Crate;

impl ToParam for Crate {
    fn to_param(&self) -> ParamValue {
        let members = [("width", "1"), ("depth", "2")];
        ParamValue::Object(members.map(|(name, text)| (name.into(), text.into())).into())
    }
}

/// How the sandbox is set up for this other document.
pub(crate) fn other_document() -> Options {
    let folder = "runtime/sandbox/tests/documents";
    let profile = Profile::from_yaml(&read(&format!("{folder}/styles.profile.yaml"))).unwrap();
    options().with_document(read(&format!("{folder}/styles.json"))).with_profile(profile)
}

async fn check(path: &str, write: impl FnOnce(&mut RequestEncoder) -> Result<(), EncodeError>) {
    let mut encoder = RequestEncoder::new(path);
    write(&mut encoder).unwrap();
    let encoded = encoder.finish().unwrap();
    let sandbox = sandbox_with(other_document()).await;
    let mut request = client(&sandbox).request(Method::GET, &encoded.path_and_query);
    for (name, value) in &encoded.headers {
        request = request.with_header(name.as_str(), value.to_str().unwrap());
    }
    let error = request.send().await.unwrap_err();
    let body = String::from_utf8_lossy(error.body().unwrap().bytes());
    assert_eq!(error.status(), Some(501), "{}: {body}", encoded.path_and_query);
}
