//! The document: OpenAPI 3.1 as types, with every reference followed.
//!
//! Names and comments follow the OpenAPI Specification 3.1.1. Maps whose order a reader of the
//! document sees are lists of pairs in file order. What a document leaves out has the default of
//! the specification where there is one, and is `None` or empty where there is none.

mod operation;
mod schema;
mod security;
mod value;

use specwright_source::{NodeRef, Pointer, Span};

use crate::version::OpenApiVersion;

pub use operation::{
    Callback, Encoding, Example, Header, Link, LinkTarget, MediaType, Method, Operation, Parameter,
    ParameterForm, ParameterLocation, PathItem, RequestBody, Response, Responses, StatusPattern,
    Style,
};
pub use schema::{Discriminator, JsonType, Schema, SchemaId, SchemaObject, Xml};
pub use security::{
    ApiKeyLocation, OAuthFlow, OAuthFlows, SchemeId, SchemeUse, SecurityRequirement,
    SecurityScheme, SecuritySchemeKind,
};
pub use value::Value;

/// An OpenAPI document, its referenced files included.
///
/// Invariants: every [`SchemaId`] and [`SchemeId`] in it is valid; no reference of a parameter,
/// response, request body, header, example, link, callback, path item or security scheme is left;
/// no schema leads back to itself by `$ref` and `allOf` alone, nor by `$ref`, `anyOf` and `oneOf`
/// alone.
#[derive(Clone, Debug)]
pub struct Document {
    /// The version that the text declares; the model is that of 3.1 whatever it says.
    pub version: OpenApiVersion,
    /// `info`.
    pub info: Info,
    /// `servers`; empty if there are none.
    pub servers: Vec<Server>,
    /// `paths`: template and item, in file order.
    pub paths: Vec<(String, PathItem)>,
    /// `webhooks`: name and item, in file order.
    pub webhooks: Vec<(String, PathItem)>,
    /// `security`; `None` if the member is absent.
    pub security: Option<Vec<SecurityRequirement>>,
    /// `tags`.
    pub tags: Vec<Tag>,
    /// `externalDocs`.
    pub external_docs: Option<ExternalDocs>,
    /// `components.securitySchemes` in file order, then schemes that stand for damage.
    pub schemes: Vec<SecurityScheme>,
    /// Every schema that the document reaches, each once. [`SchemaId`] indexes this list.
    pub schemas: Vec<Schema>,
    /// `components.schemas`: name and schema, in file order.
    pub components: Vec<(String, SchemaId)>,
    /// `jsonSchemaDialect`.
    pub json_schema_dialect: Option<String>,
    /// `x-` members of the root.
    pub extensions: Vec<Extension>,
    /// Where the document stands.
    pub at: Place,
}

impl Document {
    /// The schema of an id that this document gave out.
    pub fn schema(&self, id: SchemaId) -> &Schema {
        &self.schemas[id.0]
    }

    /// The security scheme of an id that this document gave out.
    pub fn scheme(&self, id: SchemeId) -> &SecurityScheme {
        &self.schemes[id.0]
    }
}

/// Where something stands: enough for a diagnostic and for the origin of an IR node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The node's place in its file.
    pub pointer: Pointer,
    /// The node's bytes; inside an overlay file if an overlay wrote the node.
    pub span: Span,
}

impl Place {
    /// The place of a node.
    pub fn of(node: NodeRef<'_>) -> Self {
        Self { pointer: node.pointer(), span: node.span() }
    }
}

/// A member whose name starts with `x-`.
#[derive(Clone, Debug)]
pub struct Extension {
    /// The whole name, `x-` included.
    pub name: String,
    /// Its value.
    pub value: Value,
    /// Where the value stands.
    pub at: Place,
}

/// The extension of a name, if it is there.
pub fn extension<'e>(extensions: &'e [Extension], name: &str) -> Option<&'e Extension> {
    extensions.iter().find(|extension| extension.name == name)
}

/// `info`.
#[derive(Clone, Debug)]
pub struct Info {
    /// `title`; empty if it is missing.
    pub title: String,
    /// `summary`.
    pub summary: Option<String>,
    /// `description`.
    pub description: Option<String>,
    /// `termsOfService`.
    pub terms_of_service: Option<String>,
    /// `contact`.
    pub contact: Option<Contact>,
    /// `license`.
    pub license: Option<License>,
    /// `version`; empty if it is missing.
    pub version: String,
    /// `x-` members.
    pub extensions: Vec<Extension>,
    /// Where it stands.
    pub at: Place,
}

/// `info.contact`.
#[derive(Clone, Debug)]
pub struct Contact {
    /// `name`.
    pub name: Option<String>,
    /// `url`.
    pub url: Option<String>,
    /// `email`.
    pub email: Option<String>,
    /// `x-` members.
    pub extensions: Vec<Extension>,
    /// Where it stands.
    pub at: Place,
}

/// `info.license`.
#[derive(Clone, Debug)]
pub struct License {
    /// `name`; empty if it is missing.
    pub name: String,
    /// `identifier`: an SPDX expression.
    pub identifier: Option<String>,
    /// `url`.
    pub url: Option<String>,
    /// `x-` members.
    pub extensions: Vec<Extension>,
    /// Where it stands.
    pub at: Place,
}

/// A server.
#[derive(Clone, Debug)]
pub struct Server {
    /// `url`: a template with `{variable}` places; may be relative to the document.
    pub url: String,
    /// `name` (OpenAPI 3.2).
    pub name: Option<String>,
    /// `description`.
    pub description: Option<String>,
    /// `variables`, in file order.
    pub variables: Vec<(String, ServerVariable)>,
    /// `x-` members.
    pub extensions: Vec<Extension>,
    /// Where it stands.
    pub at: Place,
}

/// A variable of a server's URL.
#[derive(Clone, Debug)]
pub struct ServerVariable {
    /// `enum`; empty if any value is allowed.
    pub values: Vec<String>,
    /// `default`; empty if it is missing.
    pub default: String,
    /// `description`.
    pub description: Option<String>,
    /// `x-` members.
    pub extensions: Vec<Extension>,
    /// Where it stands.
    pub at: Place,
}

/// A tag.
#[derive(Clone, Debug)]
pub struct Tag {
    /// `name`.
    pub name: String,
    /// `summary` (OpenAPI 3.2).
    pub summary: Option<String>,
    /// `description`.
    pub description: Option<String>,
    /// `externalDocs`.
    pub external_docs: Option<ExternalDocs>,
    /// `parent` (OpenAPI 3.2): the name of another tag.
    pub parent: Option<String>,
    /// `kind` (OpenAPI 3.2).
    pub kind: Option<String>,
    /// `x-` members.
    pub extensions: Vec<Extension>,
    /// Where it stands.
    pub at: Place,
}

/// `externalDocs`.
#[derive(Clone, Debug)]
pub struct ExternalDocs {
    /// `url`; empty if it is missing.
    pub url: String,
    /// `description`.
    pub description: Option<String>,
    /// `x-` members.
    pub extensions: Vec<Extension>,
    /// Where it stands.
    pub at: Place,
}
