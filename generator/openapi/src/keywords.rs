//! Which members each object of OpenAPI has, since which version, and what they hold.
//!
//! One table serves three ends: unknown members are found by it, references are found by walking
//! along it, and the upgrade of 3.0 knows by it which nodes are schemas.

use crate::version::OpenApiVersion::{self, V30, V31, V32};

/// The objects of OpenAPI that have members of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Object {
    Document,
    Info,
    Contact,
    License,
    Server,
    ServerVariable,
    Components,
    Paths,
    PathItem,
    Operation,
    ExternalDocs,
    Parameter,
    RequestBody,
    MediaType,
    Encoding,
    Responses,
    Response,
    Callback,
    Example,
    Link,
    Header,
    Tag,
    Schema,
    Discriminator,
    Xml,
    SecurityScheme,
    OAuthFlows,
    OAuthFlow,
}

/// A member of an object.
pub(crate) struct Keyword {
    pub(crate) name: &'static str,
    /// The first version that has it.
    pub(crate) since: OpenApiVersion,
    pub(crate) child: Child,
}

/// What a member holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Child {
    /// Data, in which nothing is a keyword and nothing is a reference.
    Value,
    One(Object),
    List(Object),
    Map(Object),
}

impl Object {
    /// The object's name in messages, with its article.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Document => "an OpenAPI document",
            Self::Info => "an info object",
            Self::Contact => "a contact",
            Self::License => "a license",
            Self::Server => "a server",
            Self::ServerVariable => "a server variable",
            Self::Components => "the components",
            Self::Paths => "the paths",
            Self::PathItem => "a path item",
            Self::Operation => "an operation",
            Self::ExternalDocs => "external documentation",
            Self::Parameter => "a parameter",
            Self::RequestBody => "a request body",
            Self::MediaType => "a media type",
            Self::Encoding => "an encoding",
            Self::Responses => "the responses",
            Self::Response => "a response",
            Self::Callback => "a callback",
            Self::Example => "an example",
            Self::Link => "a link",
            Self::Header => "a header",
            Self::Tag => "a tag",
            Self::Schema => "a schema",
            Self::Discriminator => "a discriminator",
            Self::Xml => "an XML object",
            Self::SecurityScheme => "a security scheme",
            Self::OAuthFlows => "OAuth flows",
            Self::OAuthFlow => "an OAuth flow",
        }
    }

    /// The members with fixed names.
    pub(crate) fn keywords(self) -> &'static [Keyword] {
        match self {
            Self::Document => DOCUMENT,
            Self::Info => INFO,
            Self::Contact => CONTACT,
            Self::License => LICENSE,
            Self::Server => SERVER,
            Self::ServerVariable => SERVER_VARIABLE,
            Self::Components => COMPONENTS,
            Self::Paths | Self::Responses | Self::Callback => &[],
            Self::PathItem => PATH_ITEM,
            Self::Operation => OPERATION,
            Self::ExternalDocs => EXTERNAL_DOCS,
            Self::Parameter => PARAMETER,
            Self::RequestBody => REQUEST_BODY,
            Self::MediaType => MEDIA_TYPE,
            Self::Encoding => ENCODING,
            Self::Response => RESPONSE,
            Self::Example => EXAMPLE,
            Self::Link => LINK,
            Self::Header => HEADER,
            Self::Tag => TAG,
            Self::Schema => SCHEMA,
            Self::Discriminator => DISCRIMINATOR,
            Self::Xml => XML,
            Self::SecurityScheme => SECURITY_SCHEME,
            Self::OAuthFlows => OAUTH_FLOWS,
            Self::OAuthFlow => OAUTH_FLOW,
        }
    }

    /// What members with free names hold, if the object has such members.
    pub(crate) fn free_members(self) -> Option<Object> {
        match self {
            Self::Paths | Self::Callback => Some(Self::PathItem),
            Self::Responses => Some(Self::Response),
            _ => None,
        }
    }

    /// True if a Reference Object may stand in the object's place. A schema has `$ref` as a keyword
    /// among others, and a path item as a member among others.
    pub(crate) fn may_be_reference(self) -> bool {
        matches!(
            self,
            Self::Parameter
                | Self::RequestBody
                | Self::MediaType
                | Self::Response
                | Self::Callback
                | Self::Example
                | Self::Link
                | Self::Header
                | Self::SecurityScheme
        )
    }

    /// The member of a name.
    pub(crate) fn keyword(self, name: &str) -> Option<&'static Keyword> {
        self.keywords().iter().find(|keyword| keyword.name == name)
    }
}

const fn value(name: &'static str, since: OpenApiVersion) -> Keyword {
    Keyword { name, since, child: Child::Value }
}

const fn one(name: &'static str, since: OpenApiVersion, object: Object) -> Keyword {
    Keyword { name, since, child: Child::One(object) }
}

const fn list(name: &'static str, since: OpenApiVersion, object: Object) -> Keyword {
    Keyword { name, since, child: Child::List(object) }
}

const fn map(name: &'static str, since: OpenApiVersion, object: Object) -> Keyword {
    Keyword { name, since, child: Child::Map(object) }
}

const DOCUMENT: &[Keyword] = &[
    value("openapi", V30),
    value("$self", V32),
    one("info", V30, Object::Info),
    value("jsonSchemaDialect", V31),
    list("servers", V30, Object::Server),
    one("paths", V30, Object::Paths),
    map("webhooks", V31, Object::PathItem),
    one("components", V30, Object::Components),
    value("security", V30),
    list("tags", V30, Object::Tag),
    one("externalDocs", V30, Object::ExternalDocs),
];

const INFO: &[Keyword] = &[
    value("title", V30),
    value("summary", V31),
    value("description", V30),
    value("termsOfService", V30),
    one("contact", V30, Object::Contact),
    one("license", V30, Object::License),
    value("version", V30),
];

const CONTACT: &[Keyword] = &[value("name", V30), value("url", V30), value("email", V30)];

const LICENSE: &[Keyword] = &[value("name", V30), value("identifier", V31), value("url", V30)];

const SERVER: &[Keyword] = &[
    value("url", V30),
    value("description", V30),
    value("name", V32),
    map("variables", V30, Object::ServerVariable),
];

const SERVER_VARIABLE: &[Keyword] =
    &[value("enum", V30), value("default", V30), value("description", V30)];

const COMPONENTS: &[Keyword] = &[
    map("schemas", V30, Object::Schema),
    map("responses", V30, Object::Response),
    map("parameters", V30, Object::Parameter),
    map("examples", V30, Object::Example),
    map("requestBodies", V30, Object::RequestBody),
    map("headers", V30, Object::Header),
    map("securitySchemes", V30, Object::SecurityScheme),
    map("links", V30, Object::Link),
    map("callbacks", V30, Object::Callback),
    map("pathItems", V31, Object::PathItem),
    map("mediaTypes", V32, Object::MediaType),
];

const PATH_ITEM: &[Keyword] = &[
    value("$ref", V30),
    value("summary", V30),
    value("description", V30),
    one("get", V30, Object::Operation),
    one("put", V30, Object::Operation),
    one("post", V30, Object::Operation),
    one("delete", V30, Object::Operation),
    one("options", V30, Object::Operation),
    one("head", V30, Object::Operation),
    one("patch", V30, Object::Operation),
    one("trace", V30, Object::Operation),
    one("query", V32, Object::Operation),
    map("additionalOperations", V32, Object::Operation),
    list("servers", V30, Object::Server),
    list("parameters", V30, Object::Parameter),
];

const OPERATION: &[Keyword] = &[
    value("tags", V30),
    value("summary", V30),
    value("description", V30),
    one("externalDocs", V30, Object::ExternalDocs),
    value("operationId", V30),
    list("parameters", V30, Object::Parameter),
    one("requestBody", V30, Object::RequestBody),
    one("responses", V30, Object::Responses),
    map("callbacks", V30, Object::Callback),
    value("deprecated", V30),
    value("security", V30),
    list("servers", V30, Object::Server),
];

const EXTERNAL_DOCS: &[Keyword] = &[value("description", V30), value("url", V30)];

const PARAMETER: &[Keyword] = &[
    value("name", V30),
    value("in", V30),
    value("description", V30),
    value("required", V30),
    value("deprecated", V30),
    value("allowEmptyValue", V30),
    value("style", V30),
    value("explode", V30),
    value("allowReserved", V30),
    one("schema", V30, Object::Schema),
    value("example", V30),
    map("examples", V30, Object::Example),
    map("content", V30, Object::MediaType),
];

const REQUEST_BODY: &[Keyword] =
    &[value("description", V30), map("content", V30, Object::MediaType), value("required", V30)];

const MEDIA_TYPE: &[Keyword] = &[
    one("schema", V30, Object::Schema),
    one("itemSchema", V32, Object::Schema),
    value("example", V30),
    map("examples", V30, Object::Example),
    map("encoding", V30, Object::Encoding),
    list("prefixEncoding", V32, Object::Encoding),
    one("itemEncoding", V32, Object::Encoding),
];

const ENCODING: &[Keyword] = &[
    value("contentType", V30),
    map("headers", V30, Object::Header),
    value("style", V30),
    value("explode", V30),
    value("allowReserved", V30),
    map("encoding", V32, Object::Encoding),
    list("prefixEncoding", V32, Object::Encoding),
    one("itemEncoding", V32, Object::Encoding),
];

const RESPONSE: &[Keyword] = &[
    value("summary", V32),
    value("description", V30),
    map("headers", V30, Object::Header),
    map("content", V30, Object::MediaType),
    map("links", V30, Object::Link),
];

const EXAMPLE: &[Keyword] = &[
    value("summary", V30),
    value("description", V30),
    value("value", V30),
    value("externalValue", V30),
    value("dataValue", V32),
    value("serializedValue", V32),
];

const LINK: &[Keyword] = &[
    value("operationRef", V30),
    value("operationId", V30),
    value("parameters", V30),
    value("requestBody", V30),
    value("description", V30),
    one("server", V30, Object::Server),
];

// A header has no `allowReserved`: it is never percent-encoded (3.1.1 §4.8.21).
const HEADER: &[Keyword] = &[
    value("description", V30),
    value("required", V30),
    value("deprecated", V30),
    value("style", V30),
    value("explode", V30),
    one("schema", V30, Object::Schema),
    value("example", V30),
    map("examples", V30, Object::Example),
    map("content", V30, Object::MediaType),
];

const TAG: &[Keyword] = &[
    value("name", V30),
    value("summary", V32),
    value("description", V30),
    one("externalDocs", V30, Object::ExternalDocs),
    value("parent", V32),
    value("kind", V32),
];

const SCHEMA: &[Keyword] = &[
    value("$ref", V30),
    value("$dynamicRef", V31),
    value("$id", V31),
    value("$anchor", V31),
    value("$dynamicAnchor", V31),
    value("$schema", V31),
    value("$vocabulary", V31),
    value("$comment", V31),
    map("$defs", V31, Object::Schema),
    map("definitions", V31, Object::Schema),
    value("type", V30),
    value("enum", V30),
    value("const", V31),
    list("allOf", V30, Object::Schema),
    list("anyOf", V30, Object::Schema),
    list("oneOf", V30, Object::Schema),
    one("not", V30, Object::Schema),
    one("if", V31, Object::Schema),
    one("then", V31, Object::Schema),
    one("else", V31, Object::Schema),
    map("properties", V30, Object::Schema),
    value("required", V30),
    one("additionalProperties", V30, Object::Schema),
    map("patternProperties", V31, Object::Schema),
    one("propertyNames", V31, Object::Schema),
    one("unevaluatedProperties", V31, Object::Schema),
    map("dependentSchemas", V31, Object::Schema),
    value("dependentRequired", V31),
    value("minProperties", V30),
    value("maxProperties", V30),
    list("prefixItems", V31, Object::Schema),
    one("items", V30, Object::Schema),
    one("unevaluatedItems", V31, Object::Schema),
    one("contains", V31, Object::Schema),
    value("minContains", V31),
    value("maxContains", V31),
    value("minItems", V30),
    value("maxItems", V30),
    value("uniqueItems", V30),
    value("minimum", V30),
    value("maximum", V30),
    value("exclusiveMinimum", V30),
    value("exclusiveMaximum", V30),
    value("multipleOf", V30),
    value("minLength", V30),
    value("maxLength", V30),
    value("pattern", V30),
    value("format", V30),
    value("contentEncoding", V31),
    value("contentMediaType", V31),
    one("contentSchema", V31, Object::Schema),
    value("title", V30),
    value("description", V30),
    value("default", V30),
    value("example", V30),
    value("examples", V31),
    value("deprecated", V30),
    value("readOnly", V30),
    value("writeOnly", V30),
    // Of 3.0 only; the upgrade takes it away.
    value("nullable", V30),
    one("discriminator", V30, Object::Discriminator),
    one("xml", V30, Object::Xml),
    one("externalDocs", V30, Object::ExternalDocs),
];

const DISCRIMINATOR: &[Keyword] =
    &[value("propertyName", V30), value("mapping", V30), value("defaultMapping", V32)];

const XML: &[Keyword] = &[
    value("name", V30),
    value("namespace", V30),
    value("prefix", V30),
    value("attribute", V30),
    value("wrapped", V30),
    value("nodeType", V32),
];

const SECURITY_SCHEME: &[Keyword] = &[
    value("type", V30),
    value("description", V30),
    value("name", V30),
    value("in", V30),
    value("scheme", V30),
    value("bearerFormat", V30),
    one("flows", V30, Object::OAuthFlows),
    value("openIdConnectUrl", V30),
    value("oauth2MetadataUrl", V32),
    value("deprecated", V32),
];

const OAUTH_FLOWS: &[Keyword] = &[
    one("implicit", V30, Object::OAuthFlow),
    one("password", V30, Object::OAuthFlow),
    one("clientCredentials", V30, Object::OAuthFlow),
    one("authorizationCode", V30, Object::OAuthFlow),
    one("deviceAuthorization", V32, Object::OAuthFlow),
];

const OAUTH_FLOW: &[Keyword] = &[
    value("authorizationUrl", V30),
    value("deviceAuthorizationUrl", V32),
    value("tokenUrl", V30),
    value("refreshUrl", V30),
    value("scopes", V30),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schema_has_its_combinators_as_lists_of_schemas() {
        let keyword = Object::Schema.keyword("oneOf");
        assert_eq!(keyword.map(|keyword| keyword.child), Some(Child::List(Object::Schema)));
    }

    #[test]
    fn data_is_never_walked() {
        for name in ["example", "examples", "default", "enum", "const"] {
            let keyword = Object::Schema.keyword(name);
            assert_eq!(keyword.map(|keyword| keyword.child), Some(Child::Value), "{name}");
        }
    }
}
