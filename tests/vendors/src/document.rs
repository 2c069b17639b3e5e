//! An effective document, read without the generator: its operations, their inputs and answers.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use equal::Equal;
use serde_json::{Map, Value};

/// A document and the schemas to compare values by.
#[derive(Debug)]
pub struct Document {
    /// Compares values by the schemas of the document.
    pub equal: Equal,
    /// By `operationId`.
    pub operations: BTreeMap<String, Operation>,
}

/// What the document says of an operation.
#[derive(Debug)]
#[non_exhaustive]
pub struct Operation {
    /// Those of the path it stands at included.
    pub parameters: Vec<Parameter>,
    /// The JSON body, if the operation has one.
    pub body: Option<Body>,
    /// Whether the overlays say how its pages are walked.
    pub has_pages: bool,
    /// By status, class of statuses or `default`.
    answers: BTreeMap<String, Answer>,
}

/// An answer.
#[derive(Debug)]
#[non_exhaustive]
pub struct Answer {
    /// Where the schema of its JSON is, if it has any.
    pub schema: Option<String>,
}

/// A parameter.
#[derive(Debug)]
#[non_exhaustive]
pub struct Parameter {
    /// Where it stands.
    pub place: ParameterPlace,
    /// Its name.
    pub name: String,
    /// Whether a request must have it.
    pub required: bool,
}

/// Where a parameter stands. Cookies are no place here: no document of ours has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParameterPlace {
    /// In the path.
    Path,
    /// In the query.
    Query,
    /// In a header.
    Header,
}

/// The body of a request.
#[derive(Debug)]
#[non_exhaustive]
pub struct Body {
    /// Where its schema is.
    pub schema: String,
    /// Whether a request must have it.
    pub required: bool,
}

impl Document {
    /// The effective document of a vendor, as in `stora-2025-09`: what the sandbox plays, and what the client was made of.
    ///
    /// # Panics
    ///
    /// There is none, or it is not understood.
    pub fn of(vendor: &str) -> Self {
        let path = format!("../../runtime/sandbox/profiles/{vendor}/openapi.json");
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
        let text =
            fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let raw: Value = serde_json::from_str(&text).unwrap();
        let mut operations = BTreeMap::new();
        for (path, item) in members(&raw["paths"]) {
            for (method, operation) in members(item) {
                if let Some(id) = operation["operationId"].as_str() {
                    let pointer = format!("/paths/{}/{method}", escape(path));
                    let operation = Operation::read(&raw, item, operation, &pointer);
                    operations.insert(id.to_owned(), operation);
                }
            }
        }
        Self { equal: Equal::of(raw).unwrap(), operations }
    }

    /// The document itself.
    pub fn raw(&self) -> &Value {
        self.equal.document()
    }

    /// The operations whose answers continue on further pages.
    pub fn lists(&self) -> BTreeSet<String> {
        let lists = self.operations.iter().filter(|(_, operation)| operation.has_pages);
        lists.map(|(id, _)| id.clone()).collect()
    }

    /// Every answer that is no success, as its status and the name of its schema. Where the document leaves the status
    /// open, it is `default`.
    pub fn errors(&self) -> BTreeSet<(String, String)> {
        let answers = self.operations.values().flat_map(|operation| &operation.answers);
        let errors = answers.filter(|(status, _)| !status.starts_with('2'));
        let named = errors.map(|(status, answer)| {
            let schema = answer.schema.as_ref().and_then(|pointer| self.raw().pointer(pointer));
            (status.clone(), schema.map(schema_name).unwrap_or_default())
        });
        named.collect()
    }
}

impl Operation {
    fn read(raw: &Value, item: &Value, operation: &Value, pointer: &str) -> Self {
        let parameters = [item, operation].into_iter().flat_map(|it| list(&it["parameters"]));
        let parameters = parameters.map(|parameter| Parameter::read(follow(raw, parameter)));
        let body = operation.get("requestBody").map(|body| {
            let (pointer, body) = resolve(raw, format!("{pointer}/requestBody"), body);
            let schema = json_schema(&pointer, body);
            Body { schema: schema.unwrap(), required: body["required"] == true }
        });
        let answers = members(&operation["responses"]).map(|(status, answer)| {
            let place = format!("{pointer}/responses/{status}");
            let (pointer, answer) = resolve(raw, place, answer);
            (status.clone(), Answer { schema: json_schema(&pointer, answer) })
        });
        Self {
            parameters: parameters.collect(),
            body,
            has_pages: operation.get("x-specwright-pagination").is_some(),
            answers: answers.collect(),
        }
    }

    /// The answer with `status`, if that status is documented.
    pub fn answer(&self, status: u16) -> Option<&Answer> {
        let class = format!("{}XX", status / 100);
        self.answers.get(&status.to_string()).or_else(|| self.answers.get(&class))
    }
}

impl Parameter {
    fn read(parameter: &Value) -> Self {
        let place = match parameter["in"].as_str() {
            Some("path") => ParameterPlace::Path,
            Some("query") => ParameterPlace::Query,
            Some("header") => ParameterPlace::Header,
            place => panic!("a parameter in {place:?}"),
        };
        let name = parameter["name"].as_str().unwrap().to_owned();
        Self { place, name, required: parameter["required"] == true }
    }
}

/// The name of the component that the schema is, or else its form, as in `[string date-time]`.
pub fn schema_name(schema: &Value) -> String {
    if let Some(reference) = schema["$ref"].as_str() {
        return reference.rsplit('/').next().unwrap_or_default().to_owned();
    }
    let kind = schema["type"].as_str().unwrap_or("anything");
    match schema["format"].as_str() {
        _ if kind == "array" => format!("[{}]", schema_name(&schema["items"])),
        Some(format) => format!("{kind} {format}"),
        None => kind.to_owned(),
    }
}

/// The members of an object; nothing if it is none.
pub fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter)
}

/// A name as a part of a JSON Pointer (RFC 6901, section 3).
pub fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn follow<'d>(raw: &'d Value, value: &'d Value) -> &'d Value {
    resolve(raw, String::new(), value).1
}

fn resolve<'d>(raw: &'d Value, pointer: String, value: &'d Value) -> (String, &'d Value) {
    match value["$ref"].as_str().and_then(|reference| reference.strip_prefix('#')) {
        Some(target) => resolve(raw, target.to_owned(), raw.pointer(target).unwrap()),
        None => (pointer, value),
    }
}

fn json_schema(pointer: &str, holder: &Value) -> Option<String> {
    holder["content"].get("application/json")?;
    Some(format!("{pointer}/content/application~1json/schema"))
}
