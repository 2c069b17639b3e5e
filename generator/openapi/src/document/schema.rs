//! Schemas: JSON Schema 2020-12 with the additions of OpenAPI.

use specwright_source::Number;

use super::{Extension, ExternalDocs, Place, Value};

/// Index into [`super::Document::schemas`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SchemaId(pub usize);

/// A schema.
#[derive(Clone, Debug)]
pub enum Schema {
    /// `true`: anything, `false`: nothing. Damage that leaves no better reading is `true`.
    Boolean {
        /// The schema itself.
        value: bool,
        /// Where it stands.
        at: Place,
    },
    /// An object of keywords, all of which must hold.
    Object(Box<SchemaObject>),
}

impl Schema {
    /// Where the schema stands.
    pub fn at(&self) -> &Place {
        match self {
            Self::Boolean { at, .. } => at,
            Self::Object(object) => &object.at,
        }
    }

    /// The keywords, if the schema is not a boolean.
    pub fn as_object(&self) -> Option<&SchemaObject> {
        match self {
            Self::Boolean { .. } => None,
            Self::Object(object) => Some(object),
        }
    }
}

/// The keywords of a schema.
///
/// Keywords stand beside each other and all hold, `$ref` included (Core §8.2.3.1). An assertion
/// that is absent is `None` or empty, except that an absent `enum` and an empty one differ.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a keyword of its own")]
pub struct SchemaObject {
    /// Where the schema stands.
    pub at: Place,

    /// `$ref`, resolved. `None` also if it does not resolve, which is reported.
    pub reference: Option<SchemaId>,
    /// `$dynamicRef`, resolved as if it were `$ref`: without dynamic scope.
    pub dynamic_reference: Option<SchemaId>,
    /// `$id`.
    pub id: Option<String>,
    /// `$anchor`.
    pub anchor: Option<String>,
    /// `$dynamicAnchor`.
    pub dynamic_anchor: Option<String>,
    /// `$schema`.
    pub dialect: Option<String>,
    /// `$comment`.
    pub comment: Option<String>,
    /// `$defs` (and `definitions`), in file order.
    pub defs: Vec<(String, SchemaId)>,

    /// `type`; empty if any type is allowed.
    pub types: Vec<JsonType>,
    /// `enum`, in file order.
    pub enumeration: Option<Vec<Value>>,
    /// `const`.
    pub constant: Option<Value>,

    /// `allOf`.
    pub all_of: Vec<SchemaId>,
    /// `anyOf`.
    pub any_of: Vec<SchemaId>,
    /// `oneOf`.
    pub one_of: Vec<SchemaId>,
    /// `not`.
    pub not: Option<SchemaId>,
    /// `if`.
    pub if_schema: Option<SchemaId>,
    /// `then`.
    pub then_schema: Option<SchemaId>,
    /// `else`.
    pub else_schema: Option<SchemaId>,

    /// `properties`, in file order.
    pub properties: Vec<(String, SchemaId)>,
    /// `required`, in file order, without repetitions.
    pub required: Vec<String>,
    /// `additionalProperties`.
    pub additional_properties: Option<SchemaId>,
    /// `patternProperties`: regular expression and schema.
    pub pattern_properties: Vec<(String, SchemaId)>,
    /// `propertyNames`.
    pub property_names: Option<SchemaId>,
    /// `unevaluatedProperties`.
    pub unevaluated_properties: Option<SchemaId>,
    /// `dependentSchemas`.
    pub dependent_schemas: Vec<(String, SchemaId)>,
    /// `dependentRequired`.
    pub dependent_required: Vec<(String, Vec<String>)>,
    /// `minProperties`.
    pub min_properties: Option<Number>,
    /// `maxProperties`.
    pub max_properties: Option<Number>,

    /// `prefixItems`.
    pub prefix_items: Vec<SchemaId>,
    /// `items`.
    pub items: Option<SchemaId>,
    /// `unevaluatedItems`.
    pub unevaluated_items: Option<SchemaId>,
    /// `contains`.
    pub contains: Option<SchemaId>,
    /// `minContains`.
    pub min_contains: Option<Number>,
    /// `maxContains`.
    pub max_contains: Option<Number>,
    /// `minItems`.
    pub min_items: Option<Number>,
    /// `maxItems`.
    pub max_items: Option<Number>,
    /// `uniqueItems`.
    pub unique_items: bool,

    /// `minimum`.
    pub minimum: Option<Number>,
    /// `maximum`.
    pub maximum: Option<Number>,
    /// `exclusiveMinimum`.
    pub exclusive_minimum: Option<Number>,
    /// `exclusiveMaximum`.
    pub exclusive_maximum: Option<Number>,
    /// `multipleOf`.
    pub multiple_of: Option<Number>,

    /// `minLength`.
    pub min_length: Option<Number>,
    /// `maxLength`.
    pub max_length: Option<Number>,
    /// `pattern`.
    pub pattern: Option<String>,
    /// `format`.
    pub format: Option<String>,
    /// `contentEncoding`.
    pub content_encoding: Option<String>,
    /// `contentMediaType`.
    pub content_media_type: Option<String>,
    /// `contentSchema`.
    pub content_schema: Option<SchemaId>,

    /// `title`.
    pub title: Option<String>,
    /// `description`.
    pub description: Option<String>,
    /// `default`.
    pub default: Option<Value>,
    /// `examples`, then OpenAPI's own `example`.
    pub examples: Vec<Value>,
    /// `deprecated`.
    pub deprecated: bool,
    /// `readOnly`.
    pub read_only: bool,
    /// `writeOnly`.
    pub write_only: bool,

    /// `discriminator`.
    pub discriminator: Option<Discriminator>,
    /// `xml`.
    pub xml: Option<Xml>,
    /// `externalDocs`.
    pub external_docs: Option<ExternalDocs>,
    /// `x-` members.
    pub extensions: Vec<Extension>,
}

impl SchemaObject {
    /// A schema without a keyword.
    pub fn empty(at: Place) -> Self {
        Self {
            at,
            reference: None,
            dynamic_reference: None,
            id: None,
            anchor: None,
            dynamic_anchor: None,
            dialect: None,
            comment: None,
            defs: Vec::new(),
            types: Vec::new(),
            enumeration: None,
            constant: None,
            all_of: Vec::new(),
            any_of: Vec::new(),
            one_of: Vec::new(),
            not: None,
            if_schema: None,
            then_schema: None,
            else_schema: None,
            properties: Vec::new(),
            required: Vec::new(),
            additional_properties: None,
            pattern_properties: Vec::new(),
            property_names: None,
            unevaluated_properties: None,
            dependent_schemas: Vec::new(),
            dependent_required: Vec::new(),
            min_properties: None,
            max_properties: None,
            prefix_items: Vec::new(),
            items: None,
            unevaluated_items: None,
            contains: None,
            min_contains: None,
            max_contains: None,
            min_items: None,
            max_items: None,
            unique_items: false,
            minimum: None,
            maximum: None,
            exclusive_minimum: None,
            exclusive_maximum: None,
            multiple_of: None,
            min_length: None,
            max_length: None,
            pattern: None,
            format: None,
            content_encoding: None,
            content_media_type: None,
            content_schema: None,
            title: None,
            description: None,
            default: None,
            examples: Vec::new(),
            deprecated: false,
            read_only: false,
            write_only: false,
            discriminator: None,
            xml: None,
            external_docs: None,
            extensions: Vec::new(),
        }
    }

    /// True if `null` is one of several listed types.
    pub fn lists_null(&self) -> bool {
        self.types.contains(&JsonType::Null)
    }

    /// The listed types other than `null`.
    pub fn types_without_null(&self) -> impl Iterator<Item = JsonType> {
        self.types.iter().copied().filter(|ty| *ty != JsonType::Null)
    }
}

/// The types of JSON Schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum JsonType {
    /// `null`.
    Null,
    /// `boolean`.
    Boolean,
    /// `object`.
    Object,
    /// `array`.
    Array,
    /// `number`.
    Number,
    /// `string`.
    String,
    /// `integer`: a number without a fraction.
    Integer,
}

impl JsonType {
    /// Every type, by its name.
    pub const ALL: [(&'static str, Self); 7] = [
        ("null", Self::Null),
        ("boolean", Self::Boolean),
        ("object", Self::Object),
        ("array", Self::Array),
        ("number", Self::Number),
        ("string", Self::String),
        ("integer", Self::Integer),
    ];

    /// Reads a value of the keyword `type`.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| *known == name).map(|(_, ty)| *ty)
    }
}

/// `discriminator`.
#[derive(Clone, Debug)]
pub struct Discriminator {
    /// `propertyName`.
    pub property_name: String,
    /// `mapping`: tag value and schema, in file order. Entries that do not resolve are reported and
    /// left out.
    pub mapping: Vec<(String, SchemaId)>,
    /// `defaultMapping` (OpenAPI 3.2).
    pub default_mapping: Option<SchemaId>,
    /// `x-` members.
    pub extensions: Vec<Extension>,
    /// Where it stands.
    pub at: Place,
}

/// `xml`.
#[derive(Clone, Debug)]
pub struct Xml {
    /// `name`.
    pub name: Option<String>,
    /// `namespace`.
    pub namespace: Option<String>,
    /// `prefix`.
    pub prefix: Option<String>,
    /// `nodeType` (OpenAPI 3.2): `element`, `attribute`, `text`, `cdata` or `none`.
    pub node_type: Option<String>,
    /// `attribute`.
    pub attribute: bool,
    /// `wrapped`.
    pub wrapped: bool,
    /// `x-` members.
    pub extensions: Vec<Extension>,
    /// Where it stands.
    pub at: Place,
}
