//! Operations: what is sent and what may come back.

use std::collections::BTreeSet;

use crate::api::{Docs, GroupId, Origin};
use crate::literal::Literal;
use crate::security::Requirement;
use crate::ty::{Constraints, Ty};
use crate::words::Words;

/// Index into [`crate::Api::operations`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct OperationId(pub usize);

/// One method on one path.
#[derive(Clone, Debug)]
pub struct Operation {
    /// Stable key: method and path template, `GET /2025-09/contacts`.
    pub key: String,
    /// `operationId`, or method and path words if there is none.
    pub id: String,
    /// The request method.
    pub method: Method,
    /// The path.
    pub path: PathTemplate,
    /// The group whose handle offers it.
    pub group: GroupId,
    /// Words of its name inside the group: `list`, `mark as paid`.
    pub hint: Words,
    /// Words of its name in the whole API: `list contacts`.
    pub full_hint: Words,
    /// Parameters in document order, those of the path item first.
    pub params: Vec<Param>,
    /// The request body.
    pub body: Option<Body>,
    /// Responses, success first, each by ascending status.
    pub cases: Vec<Case>,
    /// Alternatives, one of which must hold. Empty: no credentials are sent.
    pub security: Vec<Requirement>,
    /// How its answers continue.
    pub pagination: Option<Pagination>,
    /// The header that makes repetition safe.
    pub idempotency: Option<IdempotencyKey>,
    /// Prose.
    pub docs: Docs,
    /// `deprecated: true`.
    pub deprecated: bool,
    /// Where the operation stands.
    pub origin: Origin,
}

impl Operation {
    /// The media type that is asked for: the first one of the first success that has a body.
    pub fn asked_for(&self) -> Option<&Media> {
        self.success_media().next()
    }

    /// The media types of successes that are handed out as they come, each once: those that are
    /// not asked for, and the one that is if it is no more than bytes.
    pub fn downloads(&self) -> Vec<&Media> {
        let asked = self.asked_for().filter(|media| media.codec != Codec::Bytes);
        let mut ranges = BTreeSet::from_iter(asked.map(|media| media.range.as_str()));
        self.success_media().filter(|media| ranges.insert(&media.range)).collect()
    }

    fn success_media(&self) -> impl Iterator<Item = &Media> {
        self.cases.iter().filter(|case| case.is_success()).flat_map(|case| match &case.body {
            CaseBody::Media(media) => media.as_slice(),
            CaseBody::Empty | CaseBody::Redirect => &[],
        })
    }
}

/// Request methods of OpenAPI 3.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Method {
    /// RFC 9110 §9.3.1.
    Get,
    /// RFC 9110 §9.3.2.
    Head,
    /// RFC 9110 §9.3.3.
    Post,
    /// RFC 9110 §9.3.4.
    Put,
    /// RFC 5789.
    Patch,
    /// RFC 9110 §9.3.5.
    Delete,
    /// RFC 9110 §9.3.7.
    Options,
    /// RFC 9110 §9.3.8.
    Trace,
}

impl Method {
    /// The method as it stands in a request line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
            Self::Options => "OPTIONS",
            Self::Trace => "TRACE",
        }
    }
}

/// A path with places for parameters. Begins with `/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathTemplate {
    /// Literal text and parameters in turn.
    pub parts: Vec<PathPart>,
}

/// A piece of a [`PathTemplate`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PathPart {
    /// Text, slashes included.
    Text(String),
    /// The name of a path parameter.
    Param(String),
}

/// A parameter.
#[derive(Clone, Debug)]
pub struct Param {
    /// Where it goes.
    pub place: Place,
    /// Name on the wire.
    pub wire: String,
    /// Words of the name.
    pub hint: Words,
    /// Type of the value.
    pub ty: Ty,
    /// Whether it must be given. Path parameters always must.
    pub required: bool,
    /// How the value becomes text.
    pub style: ParamStyle,
    /// `default` of its schema.
    pub default: Option<Literal>,
    /// Limits on the value, for documentation.
    pub constraints: Constraints,
    /// `format` of its schema, for documentation.
    pub format: Option<String>,
    /// Prose.
    pub docs: Docs,
    /// `deprecated: true`.
    pub deprecated: bool,
    /// Where the parameter stands.
    pub origin: Origin,
}

/// Where a parameter goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// A segment of the path.
    Path,
    /// The query.
    Query,
    /// A header field.
    Header,
    /// The `Cookie` header field.
    Cookie,
}

/// How a parameter becomes text (OpenAPI 3.1, Style Values); `explode` is part of the case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ParamStyle {
    /// `style: simple`: `a,b` and `k,v`, exploded `k=v`.
    Simple {
        /// `explode`.
        explode: bool,
    },
    /// `style: label`.
    Label {
        /// `explode`.
        explode: bool,
    },
    /// `style: matrix`.
    Matrix {
        /// `explode`.
        explode: bool,
    },
    /// `style: form`: `name=a,b`, exploded `name=a&name=b`.
    Form {
        /// `explode`.
        explode: bool,
        /// `allowReserved`.
        allow_reserved: bool,
    },
    /// `style: spaceDelimited`.
    SpaceDelimited,
    /// `style: pipeDelimited`.
    PipeDelimited,
    /// `style: deepObject`: `name[key]=value`.
    DeepObject,
    /// `content` with a JSON media type: the value as JSON text.
    Json,
}

/// A request body.
#[derive(Clone, Debug)]
pub struct Body {
    /// Whether one must be sent.
    pub required: bool,
    /// What it may be; the first one is the default.
    pub media: Vec<Media>,
    /// Prose.
    pub docs: Docs,
}

impl Body {
    /// Whether it is sent as it is: its default media type is no more than bytes.
    pub fn is_raw(&self) -> bool {
        self.media.first().is_some_and(|media| media.codec == Codec::Bytes)
    }
}

/// A media type and what it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Media {
    /// As written: `application/json`, `text/*`.
    pub range: String,
    /// How the value becomes bytes.
    pub codec: Codec,
    /// Type of the value.
    pub ty: Ty,
    /// Member of the body that holds the result (`x-specwright-envelope`).
    pub envelope: Option<String>,
}

/// How a value becomes bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Codec {
    /// `application/json` and `+json`.
    Json,
    /// `application/x-www-form-urlencoded`.
    Form,
    /// `text/*`.
    Text,
    /// Everything else: bytes as they are.
    Bytes,
}

/// An answer with one status or class of statuses.
#[derive(Clone, Debug)]
pub struct Case {
    /// The statuses.
    pub status: Status,
    /// The body.
    pub body: CaseBody,
    /// Prose.
    pub docs: Docs,
}

impl Case {
    /// True if the operation did what it is for: 2XX, or the redirect that it documents.
    pub fn is_success(&self) -> bool {
        self.status.is_success() || self.body == CaseBody::Redirect
    }
}

/// Statuses of a [`Case`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// `200`.
    Exact(u16),
    /// `2XX`, as its first digit.
    Class(u8),
    /// `default`: every status that no other case names.
    Default,
}

impl Status {
    /// True if an answer with this status is a success: 2XX.
    pub fn is_success(self) -> bool {
        matches!(self, Self::Exact(200..=299) | Self::Class(2))
    }

    /// True if an answer with this status leads somewhere else by `Location` (RFC 9110 §15.4).
    pub fn is_redirect(self) -> bool {
        matches!(self, Self::Exact(301 | 302 | 303 | 307 | 308) | Self::Class(3))
    }
}

/// The body of a [`Case`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CaseBody {
    /// No content is described.
    Empty,
    /// One of these, told apart by `Content-Type`; the first one is asked for.
    Media(Vec<Media>),
    /// The result is where `Location` leads: the operation documents no 2XX.
    Redirect,
}

/// How a list continues.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pagination {
    /// What pages are told apart by.
    pub by: PagesBy,
    /// Query parameter that says which page is asked for.
    pub param: String,
    /// Query parameter with the size of a page.
    pub limit: Option<String>,
    /// The size of a page that whoever reads the whole list asks for; `None` if the server's choice is as good.
    pub full: Option<i64>,
    /// JSON Pointer to the items in the answer.
    pub items: String,
    /// JSON Pointer to what names the next page: a number, null at the end; or a cursor, absent,
    /// null or empty at the end.
    pub next: String,
    /// Member that tells an item from all others: of the record that each item is, or of each
    /// record of a union. A union has the same one in all lists. `None` if items have none.
    pub identity: Option<String>,
}

/// What pages are told apart by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PagesBy {
    /// Their numbers.
    Number {
        /// The number of the page that comes when none is asked for.
        first: Option<i64>,
        /// JSON Pointer to the number of items on all pages.
        count: Option<String>,
        /// JSON Pointer to the number of pages.
        pages: Option<String>,
    },
    /// A text that each page gives for the next one.
    Cursor,
}

/// A header that makes the server answer a repetition with the first answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyKey {
    /// Name of the header field.
    pub header: String,
    /// How long the server remembers a key, in seconds, if it says so.
    pub retention_seconds: Option<u64>,
}
