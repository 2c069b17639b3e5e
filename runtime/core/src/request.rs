//! From the inputs of an operation to the parts of a request.

use std::fmt;

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_LENGTH, COOKIE, HOST, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::body::RequestBody;
use crate::encode_error::Place;
use crate::json::{self, Decode, DecodeError, Encode, Node};
use crate::param::{ParamValue, ToParam};
use crate::path;
use crate::style::{HeaderStyle, PathStyle, QueryStyle, UNWRITABLE};

pub use crate::encode_error::EncodeError;

/// Takes the inputs of one call, in any order, and makes an [`EncodedRequest`] of them.
///
/// It is the only place where text becomes part of a URL. Every value is encoded; a path can neither leave its template
/// nor gain a segment.
///
/// ```
/// use specwright_core::operation::{EncodeError, QueryStyle, RequestEncoder};
///
/// let mut to = RequestEncoder::new("/v1/books/{book_id}");
/// to.path("book_id", &"a/b")?;
/// to.query("page", QueryStyle::FormExploded, &Some(2))?;
/// assert_eq!(to.finish()?.path_and_query, "/v1/books/a%2Fb?page=2");
/// # Ok::<(), EncodeError>(())
/// ```
pub struct RequestEncoder {
    /// The path, with `{name}` where a parameter goes, and the query if the caller gave one along.
    template: String,
    path: Vec<(String, String)>,
    query: Vec<String>,
    headers: HeaderMap,
    cookies: Vec<String>,
    body: RequestBody,
    content_type: Option<HeaderValue>,
}

/// How a body is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BodyCodec {
    /// `application/json`
    #[default]
    Json,
    /// `application/x-www-form-urlencoded`
    Form,
}

impl RequestEncoder {
    /// A request for the path `template`, as in `/v1/books/{book_id}`. It may have a query of its own.
    pub fn new(template: impl Into<String>) -> Self {
        Self {
            template: template.into(),
            path: Vec::new(),
            query: Vec::new(),
            headers: HeaderMap::new(),
            cookies: Vec::new(),
            body: RequestBody::empty(),
            content_type: None,
        }
    }

    /// Fills `{name}` of the path in the style `simple`.
    ///
    /// An empty value is refused: the path would become another one. So is `.` or `..`, encoded or not: servers and
    /// proxies resolve them.
    pub fn path(&mut self, name: &str, value: &dyn ToParam) -> Result<(), EncodeError> {
        self.path_styled(name, PathStyle::Simple, value)
    }

    /// Fills `{name}` of the path in the given style. See [`Self::path`].
    pub fn path_styled(
        &mut self,
        name: &str,
        style: PathStyle,
        value: &dyn ToParam,
    ) -> Result<(), EncodeError> {
        let value = value.to_param();
        if value == ParamValue::Unwritable {
            return Err(EncodeError::parameter(Place::Path, name, UNWRITABLE));
        }
        if value.is_empty() {
            return Err(EncodeError::parameter(Place::Path, name, "is empty"));
        }
        let text = style.expand(name, &value);
        if path::has_dot_segment(&text) {
            return Err(EncodeError::parameter(Place::Path, name, "holds a `.` or `..` segment"));
        }
        self.path.push((name.to_owned(), text));
        Ok(())
    }

    /// Adds a query parameter, unless it is absent.
    pub fn query(
        &mut self,
        name: &str,
        style: QueryStyle,
        value: &dyn ToParam,
    ) -> Result<(), EncodeError> {
        self.query_value(name, style, &value.to_param())
    }

    fn query_value(
        &mut self,
        name: &str,
        style: QueryStyle,
        value: &ParamValue,
    ) -> Result<(), EncodeError> {
        let text = style
            .expand(name, value)
            .map_err(|problem| EncodeError::parameter(Place::Query, name, problem))?;
        self.query.extend(text);
        Ok(())
    }

    /// Adds a query parameter whose text is JSON (`content` instead of `schema` in OpenAPI), unless it is null.
    pub fn query_json(&mut self, name: &str, value: &dyn Encode) -> Result<(), EncodeError> {
        let text = json::to_vec(value)
            .ok()
            .and_then(|text| String::from_utf8(text).ok())
            .map_or(ParamValue::Unwritable, ParamValue::Scalar);
        if text == ParamValue::scalar("null") {
            return Ok(());
        }
        self.query_value(name, QueryStyle::Form, &text)
    }

    /// Adds a header in the style `simple`, unless it is absent.
    ///
    /// Only visible ASCII, space and tab are accepted (RFC 9110 §5.5); a line break would begin another header. Headers
    /// that frame the message belong to the transport and are refused.
    pub fn header(&mut self, name: &str, value: &dyn ToParam) -> Result<(), EncodeError> {
        self.header_styled(name, HeaderStyle::Simple, value)
    }

    /// Adds a header in the style `simple`, exploded. See [`Self::header`].
    pub fn header_exploded(&mut self, name: &str, value: &dyn ToParam) -> Result<(), EncodeError> {
        self.header_styled(name, HeaderStyle::SimpleExploded, value)
    }

    fn header_styled(
        &mut self,
        name: &str,
        style: HeaderStyle,
        value: &dyn ToParam,
    ) -> Result<(), EncodeError> {
        let refused = |problem| EncodeError::parameter(Place::Header, name, problem);
        let Some(text) = style.expand(&value.to_param()).map_err(refused)? else { return Ok(()) };
        let header: HeaderName =
            name.parse().map_err(|_| refused("is not the name of a header"))?;
        if [CONNECTION, CONTENT_LENGTH, COOKIE, HOST, TRANSFER_ENCODING].contains(&header) {
            return Err(refused("is not for the caller to set"));
        }
        let mut value: HeaderValue =
            text.parse().map_err(|_| refused("has a character that a header cannot hold"))?;
        // It may be a key. Sensitive values are left out of `Debug` and of compression tables.
        value.set_sensitive(true);
        self.headers.insert(header, value);
        Ok(())
    }

    /// Adds a cookie, unless it is absent, in the style `form` and not exploded: exploding would need `&`, which does
    /// not separate cookies.
    pub fn cookie(&mut self, name: &str, value: &dyn ToParam) -> Result<(), EncodeError> {
        let text = QueryStyle::Form
            .expand(name, &value.to_param())
            .map_err(|problem| EncodeError::parameter(Place::Cookie, name, problem))?;
        self.cookies.extend(text);
        Ok(())
    }

    /// Sets the body as JSON.
    pub fn json(&mut self, value: &dyn Encode) -> Result<(), EncodeError> {
        self.set_body("application/json", json::to_vec(value)?.into());
        Ok(())
    }

    /// Sets the body as a form: each member of the JSON object is a field, in the order of writing.
    ///
    /// After OpenAPI 3.1.1 §4.8.15, default encoding: a list repeats its name, an object is JSON text, and null is left
    /// out.
    pub fn form(&mut self, value: &dyn Encode) -> Result<(), EncodeError> {
        let text = json::to_vec(value)?;
        let FormFields(fields) = json::from_slice(&text)
            .map_err(|_| EncodeError::body("is no object, and a form has named fields"))?;
        let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.set_body("application/x-www-form-urlencoded", form.into_bytes().into());
        Ok(())
    }

    /// Sets the body by a codec.
    pub fn body(&mut self, codec: BodyCodec, value: &dyn Encode) -> Result<(), EncodeError> {
        match codec {
            BodyCodec::Json => self.json(value),
            BodyCodec::Form => self.form(value),
        }
    }

    /// Sets the body as text, in UTF-8. A `content_type` without parameters gets its `charset`.
    pub fn text(&mut self, content_type: &str, text: &str) -> Result<(), EncodeError> {
        let charset = if content_type.contains(';') { "" } else { "; charset=utf-8" };
        let bytes = Bytes::copy_from_slice(text.as_bytes());
        self.bytes(&format!("{content_type}{charset}"), &bytes.into())
    }

    /// Sets the body as it is: bytes, or an upload.
    pub fn bytes(&mut self, content_type: &str, body: &RequestBody) -> Result<(), EncodeError> {
        let content_type = HeaderValue::from_str(content_type)
            .map_err(|_| EncodeError::body("has a content type that a header cannot hold"))?;
        self.content_type = Some(content_type);
        self.body = body.clone();
        Ok(())
    }

    /// The request, if every place of the path is filled.
    pub fn finish(mut self) -> Result<EncodedRequest, EncodeError> {
        let (template, own_query) = match self.template.split_once('?') {
            Some((path, query)) => (path, Some(query.to_owned())),
            None => (self.template.as_str(), None),
        };
        let mut text = path::fill(template, &self.path)?;
        if own_query.as_deref().is_some_and(|query| !path::is_url_text(query, b"/?")) {
            return Err(EncodeError::path("has a query with a character that must be encoded"));
        }
        let query: Vec<String> = own_query.into_iter().chain(self.query).collect();
        if !query.is_empty() {
            text.push('?');
            text.push_str(&query.join("&"));
        }
        if !self.cookies.is_empty() {
            let mut cookies = HeaderValue::from_str(&self.cookies.join("; "))
                .map_err(|_| EncodeError::path("has a cookie that a header cannot hold"))?;
            cookies.set_sensitive(true);
            self.headers.insert(COOKIE, cookies);
        }
        Ok(EncodedRequest {
            path_and_query: text,
            headers: self.headers,
            body: self.body,
            content_type: self.content_type,
        })
    }

    fn set_body(&mut self, content_type: &'static str, body: RequestBody) {
        self.content_type = Some(HeaderValue::from_static(content_type));
        self.body = body;
    }
}

/// The fields of a form, read back from JSON.
struct FormFields(Vec<(String, String)>);

impl Decode for FormFields {
    fn decode(from: Node<'_>) -> Result<Self, DecodeError> {
        let mut fields = Vec::new();
        for (name, value) in from.entries()? {
            let field = |text| (name.to_owned(), text);
            match value.decode()? {
                ParamValue::Absent | ParamValue::Unwritable => {}
                ParamValue::Scalar(text) => fields.push(field(text)),
                ParamValue::List(items) => fields.extend(items.into_iter().map(field)),
                ParamValue::Object(_) => fields.push(field(value.raw().to_owned())),
            }
        }
        Ok(Self(fields))
    }
}

/// Shows no value: paths, queries, headers and bodies all may hold secrets.
impl fmt::Debug for RequestEncoder {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.debug_struct("RequestEncoder").field("body", &self.body).finish_non_exhaustive()
    }
}

/// A request before it has a server and credentials. Every attempt of a call sends the same one.
///
/// Its `Debug` shows the lengths only: paths, queries, headers and bodies all may hold secrets.
#[derive(Clone)]
#[non_exhaustive]
pub struct EncodedRequest {
    /// Path and query, encoded, from the first `/` on.
    pub path_and_query: String,
    /// Headers that are inputs of the operation. `Content-Type` is not among them.
    pub headers: HeaderMap,
    /// The body.
    pub body: RequestBody,
    /// The media type of the body; `None` when there is no body.
    pub content_type: Option<HeaderValue>,
}

impl fmt::Debug for EncodedRequest {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.debug_struct("EncodedRequest")
            .field("path_and_query", &format_args!("{} bytes", self.path_and_query.len()))
            .field("body", &self.body)
            .field("content_type", &self.content_type)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::{EncodeError, EncodedRequest, RequestEncoder};
    use crate::json::Encode;
    use crate::param::ToParam;
    use crate::secret::SecretString;
    use crate::style::QueryStyle;

    fn with_id(id: &dyn ToParam) -> Result<EncodedRequest, EncodeError> {
        let mut to = RequestEncoder::new("/v1/books/{id}/pages");
        to.path("id", id)?;
        to.finish()
    }

    fn form(value: &dyn Encode) -> String {
        let mut to = RequestEncoder::new("/");
        to.form(value).unwrap();
        String::from_utf8(to.finish().unwrap().body.whole().unwrap().to_vec()).unwrap()
    }

    #[track_caller]
    fn refused<T>(result: Result<T, EncodeError>, message: &str) {
        assert_eq!(result.err().map(|error| error.to_string()).as_deref(), Some(message));
    }

    #[test]
    fn a_value_stays_within_its_segment() {
        let request = with_id(&"a/b?c#d%2e").unwrap();
        assert_eq!(request.path_and_query, "/v1/books/a%2Fb%3Fc%23d%252e/pages");
    }

    #[test]
    fn dot_segments_are_refused_in_every_disguise() {
        for id in [
            ".",
            "..",
            "%2e",
            "%2E%2e",
            "..%2f",
            "../refunds",
            "a/../../refunds",
            "..\\refunds",
            "a/.",
        ] {
            refused(with_id(&id), "the path parameter `id` holds a `.` or `..` segment");
        }
    }

    #[test]
    fn dots_within_a_name_are_allowed() {
        assert_eq!(with_id(&"...").unwrap().path_and_query, "/v1/books/.../pages");
        assert_eq!(with_id(&"a..b.c").unwrap().path_and_query, "/v1/books/a..b.c/pages");
    }

    #[test]
    fn an_empty_value_is_refused() {
        refused(with_id(&""), "the path parameter `id` is empty");
        refused(with_id(&None::<String>), "the path parameter `id` is empty");
        refused(with_id(&Vec::<String>::new()), "the path parameter `id` is empty");
    }

    #[test]
    fn a_number_without_text_is_refused() {
        refused(
            with_id(&f64::NAN),
            "the path parameter `id` is a number that has no text (infinite or not a number)",
        );
    }

    #[test]
    fn a_query_by_hand_is_checked() {
        refused(
            RequestEncoder::new("/a?b c").finish(),
            "the path has a query with a character that must be encoded",
        );
    }

    #[test]
    fn query_parameters_join_a_query_by_hand() {
        let mut to = RequestEncoder::new("/a?b=%20c/d?");
        to.query("e", QueryStyle::FormExploded, &vec![1, 2]).unwrap();
        to.query("f", QueryStyle::FormExploded, &None::<i64>).unwrap();
        assert_eq!(to.finish().unwrap().path_and_query, "/a?b=%20c/d?&e=1&e=2");
    }

    #[test]
    fn a_header_cannot_begin_another_one() {
        let mut to = RequestEncoder::new("/");
        refused(
            to.header("If-Match", &"a\r\nX-Other: b"),
            "the header `If-Match` has a character that a header cannot hold",
        );
        refused(
            to.header("Content-Length", &0),
            "the header `Content-Length` is not for the caller to set",
        );
        refused(to.header("a b", &0), "the header `a b` is not the name of a header");
    }

    #[test]
    fn cookies_share_one_header() {
        let mut to = RequestEncoder::new("/");
        to.cookie("a", &"x;y").unwrap();
        to.cookie("b", &vec![1, 2]).unwrap();
        assert_eq!(to.finish().unwrap().headers["cookie"], "a=x%3By; b=1,2");
    }

    #[test]
    fn a_form_repeats_lists_and_writes_objects_as_json() {
        let value =
            json!({"a": "x y&z", "b": [1, null, "q"], "c": {"d": [1]}, "e": null, "f": true});
        assert_eq!(form(&value), "a=x+y%26z&b=1&b=q&c=%7B%22d%22%3A%5B1%5D%7D&f=true");
    }

    #[test]
    fn a_form_needs_an_object() {
        let mut to = RequestEncoder::new("/");
        refused(to.form(&1), "the body is no object, and a form has named fields");
    }

    #[test]
    fn a_json_parameter_is_its_text() {
        let mut to = RequestEncoder::new("/");
        to.query_json("filter", &Some(json!({"a": [1]}))).unwrap();
        to.query_json("other", &None::<bool>).unwrap();
        assert_eq!(to.finish().unwrap().path_and_query, "/?filter=%7B%22a%22%3A%5B1%5D%7D");
    }

    #[test]
    fn text_says_its_charset() {
        let mut to = RequestEncoder::new("/");
        to.text("text/csv", "a,b").unwrap();
        let request = to.finish().unwrap();
        assert_eq!(request.content_type.unwrap(), "text/csv; charset=utf-8");
        assert_eq!(&**request.body.whole().unwrap(), b"a,b");
    }

    #[test]
    fn a_body_has_its_content_type() {
        let mut to = RequestEncoder::new("/");
        to.json(&json!({"a": 1})).unwrap();
        let request = to.finish().unwrap();
        assert_eq!(request.content_type.unwrap(), "application/json");
        assert_eq!(&**request.body.whole().unwrap(), br#"{"a":1}"#);
        assert!(RequestEncoder::new("/").finish().unwrap().content_type.is_none());
    }

    #[test]
    fn debug_of_a_request_shows_no_input() {
        let canary = SecretString::from("canary-value");
        let mut to = RequestEncoder::new("/{id}");
        to.path("id", &canary).unwrap();
        to.query("key", QueryStyle::Form, &canary).unwrap();
        to.header("x-key", &canary).unwrap();
        to.cookie("key", &canary).unwrap();
        to.json(&canary).unwrap();
        let before = format!("{to:?}");
        let request = to.finish().unwrap();
        let shown = format!("{before} {request:?} {:?}", request.headers);
        assert!(!shown.contains("canary"), "{shown}");
    }

    proptest! {
        #[test]
        fn any_path_value_is_one_segment_or_refused(id in any::<String>()) {
            if let Ok(request) = with_id(&id) {
                let segments: Vec<_> = request.path_and_query.split('/').collect();
                prop_assert_eq!(segments.len(), 5);
                let read = percent_encoding::percent_decode_str(segments[3]).decode_utf8().unwrap();
                prop_assert_eq!(read, id);
            }
        }

        #[test]
        fn any_form_field_reads_back(name in any::<String>(), text in any::<String>()) {
            let written = form(&json!({name.clone(): text.clone()}));
            let read: Vec<_> = form_urlencoded::parse(written.as_bytes()).into_owned().collect();
            prop_assert_eq!(read, [(name, text)]);
        }
    }
}
