//! Path items, operations and what they send and receive.

use super::{Extension, ExternalDocs, Place, SchemaId, SecurityRequirement, Server, Value};

/// What is available under one path, one webhook name or one callback expression.
#[derive(Clone, Debug)]
pub struct PathItem {
    /// `summary`.
    pub summary: Option<String>,
    /// `description`.
    pub description: Option<String>,
    /// The operations in file order, `additionalOperations` of OpenAPI 3.2 included.
    pub operations: Vec<Operation>,
    /// `servers`, which replace those of the document.
    pub servers: Vec<Server>,
    /// `parameters` that hold for every operation unless it has one of the same name and place.
    pub parameters: Vec<Parameter>,
    /// `x-` members.
    pub extensions: Vec<Extension>,
    /// Where it stands; behind a `$ref`, the target.
    pub at: Place,
}

/// Request methods.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Method {
    /// `get`.
    Get,
    /// `put`.
    Put,
    /// `post`.
    Post,
    /// `delete`.
    Delete,
    /// `options`.
    Options,
    /// `head`.
    Head,
    /// `patch`.
    Patch,
    /// `trace`.
    Trace,
    /// `query` and the members of `additionalOperations` (OpenAPI 3.2), as sent.
    Other(String),
}

impl Method {
    /// The method as it stands in a request line.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Get => "GET",
            Self::Put => "PUT",
            Self::Post => "POST",
            Self::Delete => "DELETE",
            Self::Options => "OPTIONS",
            Self::Head => "HEAD",
            Self::Patch => "PATCH",
            Self::Trace => "TRACE",
            Self::Other(name) => name,
        }
    }
}

/// An operation.
#[derive(Clone, Debug)]
pub struct Operation {
    /// The request method.
    pub method: Method,
    /// `operationId`.
    pub operation_id: Option<String>,
    /// `tags`.
    pub tags: Vec<String>,
    /// `summary`.
    pub summary: Option<String>,
    /// `description`.
    pub description: Option<String>,
    /// `externalDocs`.
    pub external_docs: Option<ExternalDocs>,
    /// `parameters` of the operation itself; those of its path item hold too.
    pub parameters: Vec<Parameter>,
    /// `requestBody`.
    pub request_body: Option<RequestBody>,
    /// `responses`.
    pub responses: Responses,
    /// `callbacks`: name and callback.
    pub callbacks: Vec<(String, Callback)>,
    /// `deprecated`.
    pub deprecated: bool,
    /// `security`, which replaces that of the document; `None` if the member is absent.
    pub security: Option<Vec<SecurityRequirement>>,
    /// `servers`, which replace those of the path item.
    pub servers: Vec<Server>,
    /// `x-` members.
    pub extensions: Vec<Extension>,
    /// Where it stands.
    pub at: Place,
}

/// Requests that the API sends back: runtime expression and path item.
#[derive(Clone, Debug)]
pub struct Callback {
    /// Expression and item, in file order.
    pub items: Vec<(String, PathItem)>,
    /// `x-` members.
    pub extensions: Vec<Extension>,
    /// Where it stands; behind a `$ref`, the target.
    pub at: Place,
}

/// A parameter.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// `name`.
    pub name: String,
    /// `in`.
    pub location: ParameterLocation,
    /// `description`.
    pub description: Option<String>,
    /// `required`; always true for path parameters.
    pub required: bool,
    /// `deprecated`.
    pub deprecated: bool,
    /// `allowEmptyValue`.
    pub allow_empty_value: bool,
    /// How the value becomes text.
    pub form: ParameterForm,
    /// `examples` and `example`.
    pub examples: Vec<Example>,
    /// `x-` members.
    pub extensions: Vec<Extension>,
    /// Where it stands; behind a `$ref`, the target.
    pub at: Place,
}

/// Where a parameter goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ParameterLocation {
    /// `path`.
    Path,
    /// `query`.
    Query,
    /// `querystring` (OpenAPI 3.2): the whole query.
    QueryString,
    /// `header`.
    Header,
    /// `cookie`.
    Cookie,
}

/// The two ways to describe the value of a parameter or a header.
#[derive(Clone, Debug)]
pub enum ParameterForm {
    /// By `schema` with a style. A parameter with neither `schema` nor `content` is read as any
    /// value in the style of its place.
    Schema {
        /// `schema`.
        schema: SchemaId,
        /// `style`, or the default of the place.
        style: Style,
        /// `explode`, or the default of the style: true for `form` and `cookie`.
        explode: bool,
        /// `allowReserved`.
        allow_reserved: bool,
    },
    /// By `content`, which has one media type.
    Content {
        /// The media type's name, for instance `application/json`.
        range: String,
        /// The media type.
        media: Box<MediaType>,
    },
}

/// Style values (OpenAPI 3.1.1 §4.8.12.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Style {
    /// `matrix`.
    Matrix,
    /// `label`.
    Label,
    /// `simple`.
    Simple,
    /// `form`.
    Form,
    /// `spaceDelimited`.
    SpaceDelimited,
    /// `pipeDelimited`.
    PipeDelimited,
    /// `deepObject`.
    DeepObject,
    /// `cookie` (OpenAPI 3.2).
    Cookie,
}

/// A request body.
#[derive(Clone, Debug)]
pub struct RequestBody {
    /// `description`.
    pub description: Option<String>,
    /// `required`.
    pub required: bool,
    /// `content`: media range and media type, in file order.
    pub content: Vec<(String, MediaType)>,
    /// `x-` members.
    pub extensions: Vec<Extension>,
    /// Where it stands; behind a `$ref`, the target.
    pub at: Place,
}

/// A media type.
#[derive(Clone, Debug)]
pub struct MediaType {
    /// `schema`.
    pub schema: Option<SchemaId>,
    /// `itemSchema` (OpenAPI 3.2): each item of a sequential media type.
    pub item_schema: Option<SchemaId>,
    /// `examples` and `example`.
    pub examples: Vec<Example>,
    /// `encoding`: property and encoding, in file order.
    pub encoding: Vec<(String, Encoding)>,
    /// `prefixEncoding` (OpenAPI 3.2).
    pub prefix_encoding: Vec<Encoding>,
    /// `itemEncoding` (OpenAPI 3.2).
    pub item_encoding: Option<Box<Encoding>>,
    /// `x-` members.
    pub extensions: Vec<Extension>,
    /// Where it stands.
    pub at: Place,
}

/// How one property of a form or multipart body is written.
#[derive(Clone, Debug)]
pub struct Encoding {
    /// `contentType`.
    pub content_type: Option<String>,
    /// `headers`.
    pub headers: Vec<(String, Header)>,
    /// `style`; `None` if absent, which means that `content_type` rules.
    pub style: Option<Style>,
    /// `explode`; `None` if absent.
    pub explode: Option<bool>,
    /// `allowReserved`; `None` if absent.
    pub allow_reserved: Option<bool>,
    /// `encoding` (OpenAPI 3.2): of the parts inside this part.
    pub encoding: Vec<(String, Encoding)>,
    /// `prefixEncoding` (OpenAPI 3.2).
    pub prefix_encoding: Vec<Encoding>,
    /// `itemEncoding` (OpenAPI 3.2).
    pub item_encoding: Option<Box<Encoding>>,
    /// `x-` members.
    pub extensions: Vec<Extension>,
    /// Where it stands.
    pub at: Place,
}

/// `responses` of an operation.
#[derive(Clone, Debug)]
pub struct Responses {
    /// Status and response, in file order.
    pub cases: Vec<(StatusPattern, Response)>,
    /// `x-` members.
    pub extensions: Vec<Extension>,
}

/// Which statuses a response stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum StatusPattern {
    /// `200`.
    Exact(u16),
    /// `2XX`, as its first digit.
    Class(u8),
    /// `default`.
    Default,
}

/// A response.
#[derive(Clone, Debug)]
pub struct Response {
    /// `summary` (OpenAPI 3.2).
    pub summary: Option<String>,
    /// `description`.
    pub description: Option<String>,
    /// `headers`.
    pub headers: Vec<(String, Header)>,
    /// `content`: media range and media type, in file order.
    pub content: Vec<(String, MediaType)>,
    /// `links`.
    pub links: Vec<(String, Link)>,
    /// `x-` members.
    pub extensions: Vec<Extension>,
    /// Where it stands; behind a `$ref`, the target.
    pub at: Place,
}

/// A header field of a response or of a part.
#[derive(Clone, Debug)]
pub struct Header {
    /// `description`.
    pub description: Option<String>,
    /// `required`.
    pub required: bool,
    /// `deprecated`.
    pub deprecated: bool,
    /// How the value becomes text; the style is `simple`.
    pub form: ParameterForm,
    /// `examples` and `example`.
    pub examples: Vec<Example>,
    /// `x-` members.
    pub extensions: Vec<Extension>,
    /// Where it stands; behind a `$ref`, the target.
    pub at: Place,
}

/// An example.
#[derive(Clone, Debug)]
pub struct Example {
    /// Its key under `examples`; empty for a single `example`.
    pub name: String,
    /// `summary`.
    pub summary: Option<String>,
    /// `description`.
    pub description: Option<String>,
    /// `value`, or `dataValue` of OpenAPI 3.2.
    pub value: Option<Value>,
    /// `serializedValue` (OpenAPI 3.2): the value as text on the wire.
    pub serialized_value: Option<String>,
    /// `externalValue`: a URI, which is never fetched.
    pub external_value: Option<String>,
    /// `x-` members.
    pub extensions: Vec<Extension>,
    /// Where it stands; behind a `$ref`, the target.
    pub at: Place,
}

/// A link from a response to an operation.
#[derive(Clone, Debug)]
pub struct Link {
    /// The operation; `None` if the link names none, which is reported.
    pub target: Option<LinkTarget>,
    /// `parameters`: name and constant or runtime expression.
    pub parameters: Vec<(String, Value)>,
    /// `requestBody`: constant or runtime expression.
    pub request_body: Option<Value>,
    /// `description`.
    pub description: Option<String>,
    /// `server`.
    pub server: Option<Server>,
    /// `x-` members.
    pub extensions: Vec<Extension>,
    /// Where it stands; behind a `$ref`, the target.
    pub at: Place,
}

/// How a link names its operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkTarget {
    /// `operationId`.
    OperationId(String),
    /// `operationRef`: a URI reference as written.
    OperationRef(String),
}
