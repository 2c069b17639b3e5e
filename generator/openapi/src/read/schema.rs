//! The Schema Object: JSON Schema 2020-12 with the additions of OpenAPI.

use specwright_source::{Diagnostic, Files, Kind, codes};

use super::{Reader, Site};
use crate::document::{JsonType, Schema, SchemaId, SchemaObject, Value, Xml};
use crate::keywords::Object;

impl<'t, F: Files> Reader<'t, F> {
    /// The id of the schema at a node. The schema is read later, and once.
    pub(super) fn schema(&mut self, site: Site<'t>) -> SchemaId {
        let next = SchemaId(self.schemas.len());
        let id = *self.schema_ids.entry(site.address()).or_insert(next);
        if id == next {
            self.schemas.push(Schema::Boolean { value: true, at: site.at() });
            self.unread.push_back((id, site));
        }
        id
    }

    /// A schema that allows everything, for a place that has none.
    pub(super) fn anything(&mut self, owner: Site<'t>) -> SchemaId {
        let id = SchemaId(self.schemas.len());
        self.schemas.push(Schema::Boolean { value: true, at: owner.at() });
        id
    }

    /// Reads the schemas that have ids, and those that they lead to.
    pub(super) fn read_schemas(&mut self) {
        while let Some((id, site)) = self.unread.pop_front() {
            let schema = self.read_schema(site);
            if let Some(slot) = self.schemas.get_mut(id.0) {
                *slot = schema;
            }
        }
    }

    fn read_schema(&mut self, site: Site<'t>) -> Schema {
        match site.node.kind() {
            Kind::Bool(value) => Schema::Boolean { value: *value, at: site.at() },
            Kind::Mapping(_) => Schema::Object(Box::new(self.schema_object(site))),
            Kind::Null | Kind::Number(_) | Kind::String(_) | Kind::Sequence(_) => {
                self.report_no_schema(site);
                Schema::Boolean { value: true, at: site.at() }
            }
        }
    }

    fn report_no_schema(&mut self, site: Site<'t>) {
        let subject = site.node.key().map_or("this".to_owned(), |key| format!("`{key}`"));
        let kind = site.node.kind_name();
        let diagnostic = Diagnostic::new(
            &codes::SCHEMA_NOT_AN_OBJECT,
            format!("{subject} is {kind}, where a schema belongs"),
        )
        .note("it is read as a schema that allows any JSON value")
        .note("`type: string` in the overlay is a guess: put in what the API has");
        let help = self.overlay_for_schema(site);
        self.send(diagnostic.help(help), site);
    }

    fn schema_object(&mut self, site: Site<'t>) -> SchemaObject {
        let mut schema = SchemaObject::empty(site.at());
        self.core(site, &mut schema);
        self.applicators(site, &mut schema);
        self.object_keywords(site, &mut schema);
        self.array_keywords(site, &mut schema);
        self.scalar_keywords(site, &mut schema);
        self.annotations(site, &mut schema);
        schema
    }

    fn core(&mut self, site: Site<'t>, schema: &mut SchemaObject) {
        schema.reference = self.schema_reference(site, "$ref");
        schema.dynamic_reference = self.schema_reference(site, "$dynamicRef");
        schema.id = self.text(site, "$id");
        schema.anchor = self.text(site, "$anchor");
        schema.dynamic_anchor = self.text(site, "$dynamicAnchor");
        schema.dialect = self.text(site, "$schema");
        schema.comment = self.text(site, "$comment");
        schema.defs = self.schema_map(site, "$defs");
        schema.defs.extend(self.schema_map(site, "definitions"));
        schema.types = self.types(site);
        schema.enumeration = site.get("enum").map(|_| {
            let values = self.list(site, "enum");
            values.into_iter().map(|value| Value::of(value.node)).collect()
        });
        schema.constant = site.get("const").map(|value| Value::of(value.node));
    }

    fn schema_reference(&mut self, site: Site<'t>, name: &str) -> Option<SchemaId> {
        let reference = site.get(name)?;
        if reference.node.as_str().is_none() {
            self.wrong_kind(reference, "a URI reference");
        }
        let target = self.target(reference)?;
        Some(self.schema(target))
    }

    /// `type`. A name that is unknown limits nothing; `null` without quotes means `"null"`.
    fn types(&mut self, site: Site<'t>) -> Vec<JsonType> {
        let Some(member) = site.get("type") else { return Vec::new() };
        let items: Vec<Site<'t>> = match member.node.kind() {
            Kind::Sequence(_) => member.items().collect(),
            _ => vec![member],
        };
        let mut types = Vec::new();
        for item in items {
            let ty = match item.node.kind() {
                Kind::Null => {
                    self.send(
                        Diagnostic::new(&codes::WRONG_KIND, "a type is `null` without quotes")
                            .help("write `\"null\"`: types are named by strings"),
                        item,
                    );
                    Some(JsonType::Null)
                }
                Kind::String(name) => {
                    let ty = JsonType::parse(name);
                    if ty.is_none() {
                        self.report_unknown_type(item, name);
                    }
                    ty
                }
                Kind::Bool(_) | Kind::Number(_) | Kind::Sequence(_) | Kind::Mapping(_) => {
                    self.wrong_kind(item, "the name of a type");
                    None
                }
            };
            types.extend(ty.filter(|ty| !types.contains(ty)));
        }
        types
    }

    fn report_unknown_type(&mut self, site: Site<'t>, name: &str) {
        let names: Vec<&str> = JsonType::ALL.iter().map(|(name, _)| *name).collect();
        self.send(
            Diagnostic::new(&codes::UNKNOWN_VALUE, format!("no type is named `{name}`"))
                .note("it is read as if any type were allowed")
                .help(format!("the types are {}", names.join(", "))),
            site,
        );
    }

    fn applicators(&mut self, site: Site<'t>, schema: &mut SchemaObject) {
        schema.all_of = self.schema_list(site, "allOf");
        schema.any_of = self.schema_list(site, "anyOf");
        schema.one_of = self.schema_list(site, "oneOf");
        schema.not = self.schema_member(site, "not");
        schema.if_schema = self.schema_member(site, "if");
        schema.then_schema = self.schema_member(site, "then");
        schema.else_schema = self.schema_member(site, "else");
        schema.discriminator = self.discriminator(site);
    }

    fn object_keywords(&mut self, site: Site<'t>, schema: &mut SchemaObject) {
        schema.properties = self.schema_map(site, "properties");
        schema.required = self.required_names(site);
        schema.additional_properties = self.schema_member(site, "additionalProperties");
        schema.pattern_properties = self.schema_map(site, "patternProperties");
        schema.property_names = self.schema_member(site, "propertyNames");
        schema.unevaluated_properties = self.schema_member(site, "unevaluatedProperties");
        schema.dependent_schemas = self.schema_map(site, "dependentSchemas");
        schema.dependent_required = self
            .map(site, "dependentRequired")
            .into_iter()
            .map(|(name, _)| (name.to_owned(), self.dependent_names(site, name)))
            .collect();
        schema.min_properties = self.count(site, "minProperties");
        schema.max_properties = self.count(site, "maxProperties");
    }

    fn dependent_names(&mut self, site: Site<'t>, name: &str) -> Vec<String> {
        let Some(dependents) = site.get("dependentRequired") else { return Vec::new() };
        self.texts(dependents, name)
    }

    /// `required`. A truth value there is a habit of older schemas, where it stood in the property.
    fn required_names(&mut self, site: Site<'t>) -> Vec<String> {
        if let Some(member) = site.get("required")
            && member.node.as_bool().is_some()
        {
            let diagnostic = Diagnostic::new(
                &codes::WRONG_KIND,
                "`required` is a boolean, where an array of property names belongs",
            );
            let help = "list the property in `required` of the object that has it";
            self.send(diagnostic.note("it is not read").help(help), member);
            return Vec::new();
        }
        let mut names: Vec<String> = Vec::new();
        for name in self.texts(site, "required") {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    /// The array keywords. `items` with an array is what `prefixItems` was before 2020-12.
    fn array_keywords(&mut self, site: Site<'t>, schema: &mut SchemaObject) {
        schema.prefix_items = self.schema_list(site, "prefixItems");
        match site.get("items") {
            Some(items) if items.node.is_sequence() => {
                let diagnostic = Diagnostic::new(
                    &codes::WRONG_KIND,
                    "`items` is an array, where a schema belongs",
                );
                self.send(diagnostic.note("it is read as `prefixItems`"), items);
                let items: Vec<SchemaId> = items.items().map(|item| self.schema(item)).collect();
                schema.prefix_items.extend(items);
            }
            items => schema.items = items.map(|items| self.schema(items)),
        }
        schema.unevaluated_items = self.schema_member(site, "unevaluatedItems");
        schema.contains = self.schema_member(site, "contains");
        schema.min_contains = self.count(site, "minContains");
        schema.max_contains = self.count(site, "maxContains");
        schema.min_items = self.count(site, "minItems");
        schema.max_items = self.count(site, "maxItems");
        schema.unique_items = self.flag(site, "uniqueItems");
    }

    fn scalar_keywords(&mut self, site: Site<'t>, schema: &mut SchemaObject) {
        schema.minimum = self.number(site, "minimum");
        schema.maximum = self.number(site, "maximum");
        schema.exclusive_minimum = self.number(site, "exclusiveMinimum");
        schema.exclusive_maximum = self.number(site, "exclusiveMaximum");
        schema.multiple_of = self.number(site, "multipleOf");
        schema.min_length = self.count(site, "minLength");
        schema.max_length = self.count(site, "maxLength");
        schema.pattern = self.text(site, "pattern");
        schema.format = self.text(site, "format");
        schema.content_encoding = self.text(site, "contentEncoding");
        schema.content_media_type = self.text(site, "contentMediaType");
        schema.content_schema = self.schema_member(site, "contentSchema");
    }

    fn annotations(&mut self, site: Site<'t>, schema: &mut SchemaObject) {
        schema.title = self.text(site, "title");
        schema.description = self.text(site, "description");
        schema.default = site.get("default").map(|value| Value::of(value.node));
        schema.examples = self.schema_examples(site);
        schema.deprecated = self.flag(site, "deprecated");
        schema.read_only = self.flag(site, "readOnly");
        schema.write_only = self.flag(site, "writeOnly");
        schema.xml = self.xml(site);
        schema.external_docs = self.external_docs(site);
        schema.extensions = site.extensions();
    }

    /// `examples` is an array of values; an object of examples belongs into media types and is
    /// read here by its values.
    fn schema_examples(&mut self, site: Site<'t>) -> Vec<Value> {
        let mut examples: Vec<Value> = match site.get("examples") {
            Some(member) if member.node.is_mapping() => {
                self.wrong_kind(member, "an array of values");
                let named = member.members().map(|(_, example)| example.get("value"));
                named.flatten().map(|value| Value::of(value.node)).collect()
            }
            _ => {
                let values = self.list(site, "examples");
                values.into_iter().map(|value| Value::of(value.node)).collect()
            }
        };
        examples.extend(site.get("example").map(|value| Value::of(value.node)));
        examples
    }

    fn xml(&mut self, schema: Site<'t>) -> Option<Xml> {
        let site = self.object(schema, "xml", Object::Xml)?;
        Some(Xml {
            name: self.text(site, "name"),
            namespace: self.text(site, "namespace"),
            prefix: self.text(site, "prefix"),
            node_type: self.text(site, "nodeType"),
            attribute: self.flag(site, "attribute"),
            wrapped: self.flag(site, "wrapped"),
            extensions: site.extensions(),
            at: site.at(),
        })
    }

    fn schema_member(&mut self, site: Site<'t>, name: &str) -> Option<SchemaId> {
        site.get(name).map(|member| self.schema(member))
    }

    fn schema_list(&mut self, site: Site<'t>, name: &str) -> Vec<SchemaId> {
        let items = self.list(site, name);
        items.into_iter().map(|item| self.schema(item)).collect()
    }

    fn schema_map(&mut self, site: Site<'t>, name: &str) -> Vec<(String, SchemaId)> {
        self.map_of(site, name, |reader, member| Some(reader.schema(member)))
    }
}

#[cfg(test)]
mod tests {
    use crate::document::{JsonType, Schema, Value};
    use crate::fixture::Fixture;

    #[test]
    fn each_keyword_of_json_schema_is_read() {
        let fixture = Fixture::schema(
            r"$id: s
$anchor: here
$comment: c
$defs: { d: true }
type: [object, 'null']
enum: [1, a]
const: { k: [1.50] }
allOf: [{}]
anyOf: [{}, {}]
oneOf: [{}, {}, {}]
not: false
if: {}
then: {}
else: {}
properties: { z: {}, a: {} }
required: [z, z, q]
additionalProperties: false
patternProperties: { ^x: {} }
propertyNames: {}
unevaluatedProperties: {}
dependentSchemas: { z: {} }
dependentRequired: { z: [a] }
minProperties: 1
maxProperties: 2
prefixItems: [{}]
items: {}
unevaluatedItems: {}
contains: {}
minContains: 3
maxContains: 4
minItems: 5
maxItems: 6
uniqueItems: true
minimum: 0.10
maximum: 8
exclusiveMinimum: 9
exclusiveMaximum: 10
multipleOf: 11
minLength: 12
maxLength: 13
pattern: p
format: f
contentEncoding: base64
contentMediaType: text/plain
contentSchema: {}
title: t
description: d
default: null
examples: [1]
example: 2
deprecated: true
readOnly: true
writeOnly: true
xml: { name: n, attribute: true }
externalDocs: { url: u }
x-own: 1",
        );
        assert_eq!(fixture.found(), [""; 0]);
        let schema = fixture.component("S");
        let mut at_default = Vec::new();
        let text = format!("{schema:#?}");
        for line in
            text.lines().filter(|line| line.starts_with("    ") && !line.starts_with("     "))
        {
            if line.ends_with(": None,") || line.ends_with(": [],") || line.ends_with(": false,") {
                at_default.push(line.trim());
            }
        }
        assert_eq!(
            at_default,
            [
                "reference: None,",
                "dynamic_reference: None,",
                "dynamic_anchor: None,",
                "dialect: None,",
                "discriminator: None,"
            ]
        );
        assert_eq!(schema.types, [JsonType::Object, JsonType::Null]);
        assert_eq!(schema.required, ["z", "q"]);
        assert_eq!(schema.minimum.as_ref().map(ToString::to_string).as_deref(), Some("0.10"));
        assert_eq!(schema.default, Some(Value::Null));
        assert_eq!(schema.examples.len(), 2);
    }

    #[test]
    fn properties_keep_the_order_of_the_file() {
        let fixture = Fixture::schema("properties: { z: {}, a: {}, m: {} }");
        let names: Vec<&str> =
            fixture.component("S").properties.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["z", "a", "m"]);
    }

    #[test]
    fn a_reference_keeps_its_siblings() {
        let fixture = Fixture::schema(
            "{ $ref: '#/components/schemas/S/$defs/T', description: D, $defs: { T: { type: string } } }",
        );
        let schema = fixture.component("S");
        assert_eq!(schema.description.as_deref(), Some("D"));
        let target = fixture.object(schema.reference.unwrap());
        assert_eq!(target.types, [JsonType::String]);
    }

    #[test]
    fn a_schema_that_holds_itself_is_read_once() {
        let fixture = Fixture::schema("properties: { next: { $ref: '#/components/schemas/S' } }");
        assert_eq!(fixture.document.schemas.len(), 2);
        let next = fixture.component("S").properties[0].1;
        assert_eq!(fixture.object(next).reference, Some(fixture.document.components[0].1));
    }

    #[test]
    fn boolean_schemas_are_schemas() {
        let fixture = Fixture::schema("{ properties: { any: true, none: false } }");
        let values = fixture.component("S").properties.iter().map(|(_, id)| {
            matches!(fixture.document.schema(*id), Schema::Boolean { value: true, .. })
        });
        assert_eq!(values.collect::<Vec<_>>(), [true, false]);
        assert!(fixture.is_clean());
    }

    #[test]
    fn a_bare_value_is_read_as_anything() {
        let fixture = Fixture::schema("{ properties: { scope: a-bare-word } }");
        let scope = fixture.component("S").properties[0].1;
        assert!(matches!(fixture.document.schema(scope), Schema::Boolean { value: true, .. }));
        assert_eq!(fixture.found(), ["OA0205 /components/schemas/S/properties/scope"]);
    }

    #[test]
    fn a_type_null_without_quotes_is_the_type_null() {
        let fixture = Fixture::schema("{ type: [string, null] }");
        assert_eq!(fixture.component("S").types, [JsonType::String, JsonType::Null]);
        assert_eq!(fixture.found(), ["OA0003 /components/schemas/S/type/1"]);
    }

    #[test]
    fn a_type_that_nobody_knows_limits_nothing() {
        let fixture = Fixture::schema("{ type: strnig }");
        assert_eq!(fixture.component("S").types, []);
        assert_eq!(fixture.found(), ["OA0010 /components/schemas/S/type"]);
    }

    #[test]
    fn items_with_an_array_are_prefix_items() {
        let fixture = Fixture::schema("{ items: [{ type: string }, { type: integer }] }");
        assert_eq!(fixture.component("S").prefix_items.len(), 2);
        assert_eq!(fixture.found(), ["OA0003 /components/schemas/S/items"]);
    }

    #[test]
    fn required_as_a_boolean_is_reported_once() {
        let fixture = Fixture::schema("{ properties: { a: { required: true } } }");
        assert_eq!(fixture.found(), ["OA0003 /components/schemas/S/properties/a/required"]);
    }

    #[test]
    fn a_count_is_a_whole_number() {
        let fixture = Fixture::schema("{ minLength: -1, maxLength: 1.5, maxItems: 3.0 }");
        assert_eq!(
            fixture.found(),
            ["OA0010 /components/schemas/S/minLength", "OA0010 /components/schemas/S/maxLength"]
        );
    }
}
