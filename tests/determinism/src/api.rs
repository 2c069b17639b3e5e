//! Small documents that proptest makes up.
//!
//! All of them are drawn from the same few names, many of which want to be the same identifier. A
//! thing is what its name says in every document, so that two documents differ in what there is and
//! in what order it stands, never in what something is.

use proptest::prelude::{Just, Strategy};
use proptest::sample::subsequence;

use crate::names::mark;

/// A document as the names of what it holds, in order.
#[derive(Clone, Debug)]
pub(crate) struct Api {
    /// Object schemas, each with its properties.
    records: Vec<(&'static str, Vec<&'static str>)>,
    /// Enum schemas, each with its values.
    enums: Vec<(&'static str, Vec<&'static str>)>,
    /// Alternatives of the union.
    alternatives: Vec<&'static str>,
    /// Operations, each with its query parameters.
    operations: Vec<(&'static OperationKey, Vec<&'static str>)>,
    /// Names of events.
    webhooks: Vec<&'static str>,
}

/// Method, path, tag and `operationId`.
type OperationKey = (&'static str, &'static str, &'static str, Option<&'static str>);

/// Any document of the pool.
pub(crate) fn any_api() -> impl Strategy<Value = Api> {
    let records = some(RECORDS.to_vec()).prop_flat_map(|names| with(names, PROPERTIES));
    let enums = some(ENUMS.to_vec()).prop_flat_map(|names| with(names, VALUES));
    let alternatives = subsequence(ALTERNATIVES.to_vec(), 2..=ALTERNATIVES.len()).prop_shuffle();
    let operations = some(OPERATIONS.iter().collect()).prop_flat_map(|keys| with(keys, PARAMETERS));
    (records, enums, alternatives, operations, some(WEBHOOKS.to_vec())).prop_map(
        |(records, enums, alternatives, operations, webhooks)| Api {
            records,
            enums,
            alternatives,
            operations,
            webhooks,
        },
    )
}

/// Some of the names, in any order; few, because generating takes time.
fn some<T: Clone + std::fmt::Debug + 'static>(all: Vec<T>) -> impl Strategy<Value = Vec<T>> {
    let most = all.len().min(6);
    subsequence(all, 0..=most).prop_shuffle()
}

/// Each of the names with some members.
fn with<T: Clone + std::fmt::Debug + 'static>(
    names: Vec<T>,
    members: &'static [&'static str],
) -> impl Strategy<Value = Vec<(T, Vec<&'static str>)>> {
    let each = |name: T| (Just(name), some(members.to_vec()));
    names.into_iter().map(each).collect::<Vec<_>>()
}

impl Api {
    /// The same with a schema, an operation and an event whose names nothing else wants.
    pub(crate) fn with_unrelated_parts(mut self) -> Self {
        self.records.insert(0, ("Aardvark", vec!["type", "burrow"]));
        self.records.push(("Zebra", vec!["stripes"]));
        self.operations
            .insert(0, (&("get", "/aardvarks", "Aardvarks", Some("list_aardvarks")), vec![]));
        self.operations.push((&("get", "/zebras", "Zebras", Some("list_zebras")), vec!["page"]));
        self.webhooks.insert(0, "aardvark.seen");
        self
    }

    /// The text of the document.
    pub(crate) fn document(&self) -> String {
        let records =
            self.records.iter().map(|(name, properties)| (*name, record(name, properties)));
        let enums = self
            .enums
            .iter()
            .map(|(name, values)| (*name, choice(&format!("schema {name}"), values)));
        let alternatives = ALTERNATIVES.iter().map(|name| (*name, alternative(name)));
        let union = [("Animal", union(&self.alternatives))];
        let schemas = object(records.chain(enums).chain(alternatives).chain(union));
        let webhooks = self.webhooks.iter().map(|name| (*name, webhook(name)));
        object([
            ("openapi", quote("3.1.1")),
            ("info", object([("title", quote("Pets")), ("version", quote("1"))])),
            ("paths", self.paths()),
            ("webhooks", object(webhooks)),
            ("components", object([("schemas", schemas)])),
        ])
    }

    fn paths(&self) -> String {
        let mut paths: Vec<&str> = self.operations.iter().map(|((_, path, ..), _)| *path).collect();
        paths.sort_unstable();
        paths.dedup();
        object(paths.into_iter().map(|path| {
            let here = self.operations.iter().filter(|((_, other, ..), _)| *other == path);
            let here = here.map(|(key, parameters)| (key.0, operation(key, parameters)));
            (path, object(here))
        }))
    }
}

fn record(name: &str, properties: &[&str]) -> String {
    let properties = properties.iter().map(|property| {
        let thing = format!("{name}.{property}");
        let schema = match *property {
            "state" => choice(&thing, &["on", "off"]),
            _ => object([("type", quote("string")), ("description", quote(&mark(&thing)))]),
        };
        (*property, schema)
    });
    object([
        ("type", quote("object")),
        ("description", quote(&mark(&format!("schema {name}")))),
        ("properties", object(properties)),
    ])
}

fn choice(thing: &str, values: &[&str]) -> String {
    let values = if values.is_empty() { &["only"] } else { values };
    object([
        ("type", quote("string")),
        ("description", quote(&mark(thing))),
        ("enum", list(values.iter().map(|value| quote(value)))),
    ])
}

fn constant(thing: &str, value: &str) -> String {
    object([("const", quote(value)), ("description", quote(&mark(thing)))])
}

fn alternative(name: &str) -> String {
    let kind = constant(&format!("{name}.kind"), name);
    object([
        ("type", quote("object")),
        ("description", quote(&mark(&format!("schema {name}")))),
        ("required", list([quote("kind")])),
        ("properties", object([("kind", kind)])),
    ])
}

fn union(alternatives: &[&str]) -> String {
    let mapping = alternatives.iter().map(|name| (*name, quote(&schema_path(name))));
    let discriminator = object([("propertyName", quote("kind")), ("mapping", object(mapping))]);
    object([
        ("description", quote(&mark("schema Animal"))),
        ("oneOf", list(alternatives.iter().map(|name| reference(name)))),
        ("discriminator", discriminator),
    ])
}

fn operation((method, path, tag, id): &OperationKey, parameters: &[&str]) -> String {
    let thing = format!("{method} {path}");
    let parameters = parameters.iter().map(|name| {
        object([
            ("name", quote(name)),
            ("in", quote("query")),
            ("description", quote(&mark(&format!("{thing} ?{name}")))),
            ("schema", object([("type", quote("string"))])),
        ])
    });
    let mut members = vec![
        ("tags", list([quote(tag)])),
        ("summary", quote(&mark(&thing))),
        ("parameters", list(parameters)),
        ("responses", object([("200", answer(&thing))])),
    ];
    members.extend(id.map(|id| ("operationId", quote(id))));
    object(members)
}

/// An answer of an inline type, which is named after its operation.
fn answer(thing: &str) -> String {
    let thing = format!("answer of {thing}");
    // Without a description of its own a field has that of its type, which is another thing.
    let described = ("description", quote(&mark(&format!("{thing}.animal"))));
    let property = ("animal", object([("$ref", quote(&schema_path("Animal"))), described]));
    let schema = object([
        ("type", quote("object")),
        ("description", quote(&mark(&thing))),
        ("properties", object([property])),
    ]);
    let content = object([("application/json", object([("schema", schema)]))]);
    object([("description", quote("Done.")), ("content", content)])
}

/// An event whose payload says which one it is.
fn webhook(name: &str) -> String {
    let kind = constant(&format!("{name}.type"), name);
    let payload = object([
        ("type", quote("object")),
        ("description", quote(&mark(&format!("payload of {name}")))),
        ("required", list([quote("type")])),
        ("properties", object([("type", kind)])),
    ]);
    let content = object([("application/json", object([("schema", payload)]))]);
    let responses = object([("200", object([("description", quote("Noted."))]))]);
    let post = object([
        ("summary", quote(&mark(&format!("event {name}")))),
        ("requestBody", object([("content", content)])),
        ("responses", responses),
    ]);
    object([("post", post)])
}

fn reference(schema: &str) -> String {
    object([("$ref", quote(&schema_path(schema)))])
}

fn schema_path(name: &str) -> String {
    format!("#/components/schemas/{name}")
}

fn object<K: AsRef<str>>(members: impl IntoIterator<Item = (K, String)>) -> String {
    let members =
        members.into_iter().map(|(key, value)| format!("{}: {value}", quote(key.as_ref())));
    format!("{{{}}}", members.collect::<Vec<_>>().join(", "))
}

fn list(items: impl IntoIterator<Item = String>) -> String {
    format!("[{}]", items.into_iter().collect::<Vec<_>>().join(", "))
}

/// A string of JSON. No name of the pools needs an escape.
fn quote(text: &str) -> String {
    format!("\"{text}\"")
}

const RECORDS: &[&str] = &[
    "Pet",
    "pet",
    "PET",
    "Pet-Tag",
    "PetTag",
    "PetArgs",
    "PetModel",
    "Option",
    "Error",
    "ListPets",
    "Pets",
    "PetsGroup",
    "Owner",
];
const PROPERTIES: &[&str] =
    &["type", "Type", "self", "a-b", "a_b", "aB", "1st", "new", "additional", "state"];
const ENUMS: &[&str] = &["PetType", "pet_type", "PetState", "String", "Toys", "GetPetRequest"];
const VALUES: &[&str] = &["on", "ON", "off", "+1", "-1", "unknown", "", "V1", "1"];
const ALTERNATIVES: &[&str] = &["Cat", "cat", "Dog"];
const OPERATIONS: &[OperationKey] = &[
    ("get", "/pets", "Pets", Some("list_pets")),
    ("post", "/pets", "Pets", Some("createPet")),
    ("get", "/pets/all", "pets", Some("listPets")),
    ("get", "/pets/every", "Pets", Some("PetsList")),
    ("get", "/v1/pets", "Pet", None),
    ("get", "/v2/pets", "Pet", None),
    ("get", "/toys", "Toys", Some("list")),
    ("post", "/toys", "Pets / Toys", Some("create_toy")),
    ("delete", "/toys", "Model", Some("get_pet")),
];
const PARAMETERS: &[&str] = &["page", "Page", "page-size", "page_size", "type", "body", "send"];
const WEBHOOKS: &[&str] = &["pet.added", "pet_added", "petAdded", "unknown"];
