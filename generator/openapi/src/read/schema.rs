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
        .note("it is read as a schema that allows any JSON value");
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
