//! Code in the shape of a generated crate, against the words of this crate.
#![expect(clippy::unwrap_used, reason = "helpers of tests unwrap as tests do")]

use std::collections::BTreeMap;
use std::error::Error as _;

use http::HeaderMap;
use specwright_core::error::{AnyError, Error, ErrorKind, ErrorReport};
use specwright_core::json::{Decode, DecodeError, Encode, Node, Writer, from_slice, to_vec};
use specwright_core::operation::{
    Answer, Decoded, EncodeError, EncodedRequest, Idempotency, Method, NextPage, Operation,
    OperationMeta, PageItems, Paginated, ParamValue, QueryStyle, Reply, RequestEncoder, ToParam,
};
use specwright_core::types::{ExpiresIn, Json, Maybe, SecretString, UnknownJson, UnknownValue};

#[derive(Clone, Debug, PartialEq, Eq)]
enum Shelf {
    Upper,
    Unknown(UnknownValue),
}

impl Shelf {
    fn as_str(&self) -> &str {
        match self {
            Self::Upper => "upper",
            Self::Unknown(value) => value.as_str(),
        }
    }
}

impl From<&str> for Shelf {
    fn from(value: &str) -> Self {
        match value {
            "upper" => Self::Upper,
            unknown => Self::Unknown(UnknownValue::new(unknown)),
        }
    }
}

impl Decode for Shelf {
    fn decode(from: Node<'_>) -> Result<Self, DecodeError> {
        from.str().map(Self::from)
    }
}

impl Encode for Shelf {
    fn encode(&self, to: &mut Writer) {
        to.str(self.as_str());
    }
}

impl ToParam for Shelf {
    fn to_param(&self) -> ParamValue {
        ParamValue::scalar(self.as_str())
    }
}

#[derive(Clone, Debug, PartialEq)]
struct Credentials {
    client_secret: SecretString,
    note: Maybe<String>,
    lifetime: Option<ExpiresIn>,
    rest: BTreeMap<String, Json>,
}

impl Decode for Credentials {
    fn decode(from: Node<'_>) -> Result<Self, DecodeError> {
        let mut object = from.object()?;
        Ok(Self {
            client_secret: object.required("client_secret")?,
            note: object.maybe("note")?,
            lifetime: object.optional("lifetime")?,
            rest: object.rest(&["grant_type"])?,
        })
    }
}

impl Encode for Credentials {
    fn encode(&self, to: &mut Writer) {
        let mut object = to.object();
        object.constant("grant_type", "client_credentials");
        object.required("client_secret", &self.client_secret);
        object.maybe("note", &self.note);
        object.optional("lifetime", &self.lifetime);
        object.rest(&self.rest);
        object.end();
    }
}

#[derive(Clone, Debug, PartialEq)]
enum Grant {
    Credentials(Credentials),
    Unknown(UnknownJson),
}

impl Decode for Grant {
    fn decode(from: Node<'_>) -> Result<Self, DecodeError> {
        match from.tag("grant_type")? {
            "client_credentials" => from.decode().map(Self::Credentials),
            _ => from.decode().map(Self::Unknown),
        }
    }
}

impl Encode for Grant {
    fn encode(&self, to: &mut Writer) {
        match self {
            Self::Credentials(value) => to.tagged("grant_type", "client_credentials", value),
            Self::Unknown(value) => value.encode(to),
        }
    }
}

#[derive(Clone, Debug)]
struct ListCards {
    box_id: String,
    page: Option<i64>,
    shelf: Option<Vec<Shelf>>,
}

#[derive(Debug, PartialEq)]
struct Refusal(String);

impl Decode for Refusal {
    fn decode(from: Node<'_>) -> Result<Self, DecodeError> {
        from.tag_at("/error/code").map(|code| Self(code.to_owned()))
    }
}

impl Operation for ListCards {
    const META: &'static OperationMeta = &OperationMeta {
        id: "list_cards",
        method: Method::GET,
        path: "/v1/boxes/{box_id}/cards",
        security: &[&[("bearer", &["card:read"])]],
        idempotency: Idempotency::Safe,
    };
    type Output = Vec<i64>;
    type Error = Refusal;
    fn encode(&self, to: &mut RequestEncoder) -> Result<(), EncodeError> {
        to.path("box_id", &self.box_id)?;
        to.query("page", QueryStyle::FormExploded, &self.page)?;
        to.query("shelf", QueryStyle::Form, &self.shelf)
    }
    fn decode(answer: &Answer) -> Decoded<Self> {
        match answer.status() {
            200 => answer.json().map(Reply::Success),
            404 => answer.json().map(Reply::Failure),
            _ => answer.undocumented(),
        }
    }
}

impl Paginated for ListCards {
    type Item = i64;
    fn items(answer: &mut Vec<i64>) -> PageItems<'_, i64> {
        PageItems::new(answer, |item| (*item).into())
    }
    fn next(&self, answer: &Vec<i64>) -> Option<NextPage<Self>> {
        let next = Self { page: answer.last().copied(), ..self.clone() };
        Some(NextPage::number(next.page, next).after(self.page, 1))
    }
}

fn cards() -> ListCards {
    ListCards { box_id: "b 1".to_owned(), page: None, shelf: None }
}

fn encoded<O: Operation>(operation: &O) -> EncodedRequest {
    let mut to = RequestEncoder::new(O::META.path);
    operation.encode(&mut to).unwrap();
    to.finish().unwrap()
}

fn answer(status: u16, body: &'static str) -> Answer {
    Answer::new(status, HeaderMap::new(), body)
}

fn reencoded<T: Decode + Encode>(text: &str) -> String {
    let value: T = from_slice(text.as_bytes()).unwrap();
    String::from_utf8(to_vec(&value).unwrap()).unwrap()
}

#[test]
fn an_unknown_alternative_is_written_back_unchanged() {
    let text = r#"{"grant_type":"device_code","interval":5,"n":18446744073709551615,"x":{"y":[1.50e1,null]}}"#;
    let value: Grant = from_slice(text.as_bytes()).unwrap();
    assert!(matches!(value, Grant::Unknown(_)));
    assert_eq!(reencoded::<Grant>(text), text);
}

#[test]
fn a_known_alternative_writes_its_tag_once() {
    let text = r#"{"client_secret":"fake-secret","note":null,"grant_type":"client_credentials","scope":"a b"}"#;
    assert_eq!(
        reencoded::<Grant>(text),
        r#"{"grant_type":"client_credentials","client_secret":"fake-secret","note":null,"scope":"a b"}"#
    );
}

#[test]
fn a_union_goes_into_a_form_with_its_tag_once() {
    let credentials = Credentials {
        client_secret: "fake secret".into(),
        note: Maybe::Absent,
        lifetime: None,
        rest: BTreeMap::new(),
    };
    let mut to = RequestEncoder::new("/token");
    to.form(&Grant::Credentials(credentials)).unwrap();
    let body = to.finish().unwrap().body;
    assert_eq!(
        &**body.whole().unwrap(),
        b"grant_type=client_credentials&client_secret=fake+secret"
    );
}

#[test]
fn absent_null_and_value_stay_apart() {
    for note in ["", r#","note":null"#, r#","note":"n""#] {
        let text = format!(r#"{{"grant_type":"client_credentials","client_secret":"fake"{note}}}"#);
        assert_eq!(reencoded::<Grant>(&text), text);
    }
}

#[test]
fn a_secret_in_a_model_is_not_in_its_debug() {
    let text = r#"{"grant_type":"client_credentials","client_secret":"canary"}"#;
    let value: Grant = from_slice(text.as_bytes()).unwrap();
    let shown = format!("{value:?} {value:#?}");
    assert!(shown.contains("[redacted]") && !shown.contains("canary"), "{shown}");
}

#[test]
fn a_secret_in_an_answer_that_does_not_fit_is_not_in_the_error() {
    let text = r#"{"grant_type":"client_credentials","client_secret":["canary"]}"#;
    let error = from_slice::<Grant>(text.as_bytes()).unwrap_err();
    let report = ErrorReport::new(ErrorKind::Decode)
        .with_answer(200, HeaderMap::new(), &answer(200, "canary").body().clone())
        .with_source(error);
    let error = AnyError::from(report);
    let cause = error.source().unwrap();
    let shown = format!("{error} {error:?} {error:#?} {cause} {cause:?}");
    assert!(shown.contains("/client_secret") && !shown.contains("canary"), "{shown}");
}

#[test]
fn optional_inputs_are_left_out_and_lists_follow_their_style() {
    assert_eq!(encoded(&cards()).path_and_query, "/v1/boxes/b%201/cards");
    let mut filtered = cards();
    filtered.page = Some(2);
    filtered.shelf = Some(vec![Shelf::Upper, Shelf::from("low,er")]);
    assert_eq!(
        encoded(&filtered).path_and_query,
        "/v1/boxes/b%201/cards?page=2&shelf=upper,low%2Cer"
    );
}

#[test]
fn an_answer_is_sorted_by_its_status() {
    let decode = ListCards::decode;
    assert_eq!(decode(&answer(200, "[1]")).unwrap(), Reply::Success(vec![1]));
    let refusal = Refusal("not_found".to_owned());
    let not_found = answer(404, r#"{"error":{"code":"not_found"}}"#);
    assert_eq!(decode(&not_found).unwrap(), Reply::Failure(refusal));
    assert_eq!(decode(&answer(418, "tea")).unwrap(), Reply::Undocumented);
    assert!(decode(&answer(404, "[1]")).is_err());
}

#[test]
fn the_next_page_keeps_the_other_inputs() {
    let next = cards().next(&vec![7]).and_then(|next| next.request).unwrap();
    assert_eq!(encoded(&next).path_and_query, "/v1/boxes/b%201/cards?page=7");
    assert!(cards().next(&vec![]).unwrap().request.is_none());
}

#[test]
fn calls_of_operations_with_different_error_models_share_one_function() {
    fn refused() -> Result<Vec<i64>, Error<Refusal>> {
        let report = ErrorReport::new(ErrorKind::Status);
        Err(Error::from(report).with_api(Refusal("not_found".to_owned())))
    }
    fn main() -> Result<(), AnyError> {
        let nothing: Result<(), Error<String>> = Ok(());
        nothing?;
        refused()?;
        Ok(())
    }
    let error = main().unwrap_err();
    assert_eq!(error.api(), Some(&Refusal("not_found".to_owned())));
}
