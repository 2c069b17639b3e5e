//! The effective document as the sandbox reads it: raw JSON, and a table of its operations.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use http::{Method, StatusCode};
use serde_json::{Map, Value};

use crate::error::StartError;
use crate::json::escape;
use crate::limits::Window;
use crate::operation::Operation;
use crate::profile::{Api, Profile};
use crate::route::PathValues;
use crate::validate::{Check, Schemas};

/// An OpenAPI 3.1 document that can be played.
#[derive(Debug)]
pub(crate) struct Document {
    pub(crate) operations: Vec<Operation>,
    pub(crate) windows: Vec<Window>,
    /// What the bodies of webhooks are, by the name of the webhook.
    pub(crate) events: BTreeMap<String, Check>,
    /// The scopes that the flows of the security schemes list.
    offered: BTreeSet<String>,
    /// The path of the `authorizationUrl` of a flow.
    pub(crate) authorization: Option<String>,
}

impl Document {
    /// The effective document of an API, and what the profile puts beside it. With the API's own
    /// profile it is read once: compiling it takes longer than most tests.
    pub(crate) fn of(api: Api, profile: &Profile) -> Result<Arc<Self>, StartError> {
        static STORA_READ: OnceLock<Arc<Document>> = OnceLock::new();
        static UNDERSTORY_READ: OnceLock<Arc<Document>> = OnceLock::new();
        let (read, text) = match api {
            Api::Stora => (&STORA_READ, STORA),
            Api::Understory => (&UNDERSTORY_READ, UNDERSTORY),
        };
        if profile.built_in != Some(api) {
            return Ok(Arc::new(Self::parse(text, profile)?));
        }
        if let Some(document) = read.get() {
            return Ok(Arc::clone(document));
        }
        let document = Arc::new(Self::parse(text, profile)?);
        Ok(Arc::clone(read.get_or_init(|| document)))
    }

    /// Reads the JSON of an effective document (overlays applied), and what the profile puts beside
    /// it.
    ///
    /// Everything a request may need is compiled here: what cannot be played is said at the start,
    /// not in the middle of somebody's test.
    pub(crate) fn parse(text: &str, profile: &Profile) -> Result<Self, StartError> {
        let raw: Value = serde_json::from_str(text)
            .map_err(|error| StartError::document("", format!("this is not JSON: {error}")))?;
        let mut document = Self::read(&raw)?;
        if let Some(beside) = &profile.beside_the_document {
            document.operations.extend(Self::read(beside)?.operations);
        }
        Ok(document)
    }

    fn read(raw: &Value) -> Result<Self, StartError> {
        let root = Place::root(raw);
        let schemas = Schemas::of(raw)?;
        let mut operations = Vec::new();
        for (path, item) in root.members("paths") {
            let item = item.resolved()?;
            for method in METHODS {
                if let Some(place) = item.get(&method.as_str().to_ascii_lowercase()) {
                    let path = format!("{}{path}", base_path(&root));
                    operations
                        .push(Operation::read(&root, &item, &place, method, &path, &schemas)?);
                }
            }
        }
        let mut events = BTreeMap::new();
        for (name, _) in root.members("webhooks") {
            let pointer = format!(
                "/webhooks/{}/post/requestBody/content/application~1json/schema",
                escape(name)
            );
            if raw.pointer(&pointer).is_some() {
                events.insert(name.to_owned(), schemas.check(&pointer)?);
            }
        }
        let (windows, offered) = (windows(&root)?, offered_scopes(&root)?);
        Ok(Self { operations, windows, events, offered, authorization: authorization_path(&root)? })
    }

    pub(crate) fn operation(&self, id: &str) -> Option<&Operation> {
        self.operations.iter().find(|operation| operation.id == id)
    }

    /// What is wrong with the body of a webhook.
    pub(crate) fn event_defect(&self, name: &str, body: &Value) -> Option<String> {
        let violations = self.events.get(name)?.violations(body, "");
        let reasons: Vec<String> = violations.iter().map(ToString::to_string).collect();
        (!reasons.is_empty()).then(|| reasons.join("; "))
    }

    /// Whether some operation answers with `status`.
    pub(crate) fn documents(&self, status: StatusCode) -> bool {
        self.operations.iter().any(|operation| operation.response(status).is_some())
    }

    /// The operation a request line means, and the values in its path.
    pub(crate) fn route(&self, method: &Method, path: &str) -> Option<(&Operation, PathValues)> {
        self.operations
            .iter()
            .filter(|operation| operation.method == *method)
            .filter_map(|operation| Some((operation, operation.template.matches(path)?)))
            .max_by_key(|(operation, _)| operation.template.literals())
    }

    /// Every scope that an operation asks for or a flow lists.
    pub(crate) fn scopes(&self) -> BTreeSet<String> {
        let asked = self.operations.iter().flat_map(|operation| operation.security.scopes());
        asked.chain(self.offered.iter().cloned()).collect()
    }
}

/// A value of the document together with where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Place<'d> {
    root: &'d Value,
    pub(crate) pointer: String,
    pub(crate) value: &'d Value,
}

impl<'d> Place<'d> {
    pub(crate) fn root(document: &'d Value) -> Self {
        Self { root: document, pointer: String::new(), value: document }
    }

    pub(crate) fn get(&self, name: &str) -> Option<Self> {
        Some(self.child(name, self.value.get(name)?))
    }

    pub(crate) fn text(&self, name: &str) -> Option<&'d str> {
        self.value.get(name).and_then(Value::as_str)
    }

    pub(crate) fn number(&self, name: &str) -> Option<u64> {
        self.value.get(name).and_then(Value::as_u64)
    }

    /// The items of the array `name`; nothing if there is none.
    pub(crate) fn items(&self, name: &str) -> Vec<Self> {
        let Some(list) = self.get(name) else { return Vec::new() };
        let items = list.value.as_array().map(Vec::as_slice).unwrap_or_default();
        items.iter().enumerate().map(|(at, item)| list.child(&at.to_string(), item)).collect()
    }

    /// The members of the object `name`; nothing if there is none.
    pub(crate) fn members(&self, name: &str) -> Vec<(&'d str, Self)> {
        let Some(object) = self.get(name) else { return Vec::new() };
        let members = object.value.as_object().into_iter().flat_map(Map::iter);
        members.map(|(name, member)| (name.as_str(), object.child(name, member))).collect()
    }

    /// The values of `example` and `examples` (a parameter or a media type).
    pub(crate) fn examples(&self) -> Result<Vec<Value>, StartError> {
        let mut values: Vec<Value> = self.value.get("example").cloned().into_iter().collect();
        for (_, example) in self.members("examples") {
            values.extend(example.resolved()?.value.get("value").cloned());
        }
        Ok(values)
    }

    /// Where `$ref` leads, if there is one.
    pub(crate) fn reference(&self) -> Result<Option<Self>, StartError> {
        let Some(reference) = self.text("$ref") else { return Ok(None) };
        let wrong = |reason: &str| StartError::document(&self.pointer, reason);
        let pointer = reference
            .strip_prefix('#')
            .ok_or_else(|| wrong("a reference leads out of the document; bundle it first"))?;
        let value = self
            .root
            .pointer(pointer)
            .ok_or_else(|| wrong("a reference leads to nothing in the document"))?;
        Ok(Some(Self { root: self.root, pointer: pointer.to_owned(), value }))
    }

    /// This place, or where its references lead in the end.
    pub(crate) fn resolved(&self) -> Result<Self, StartError> {
        let mut place = self.clone();
        for _ in 0..LONGEST_CHAIN {
            match place.reference()? {
                Some(target) => place = target,
                None => return Ok(place),
            }
        }
        Err(StartError::document(&self.pointer, "a reference leads back to itself"))
    }

    pub(crate) fn error(&self, reason: impl Into<String>) -> StartError {
        StartError::document(&self.pointer, reason)
    }

    fn child(&self, name: &str, value: &'d Value) -> Self {
        let pointer = format!("{}/{}", self.pointer, escape(name));
        Self { root: self.root, pointer, value }
    }
}

/// Whether a status falls under a key of the `responses` object: `404`, `4XX` or `default`.
pub(crate) fn covers(key: &str, status: StatusCode) -> bool {
    match key.strip_suffix("XX") {
        Some(class) => status.as_str().starts_with(class),
        None => key == status.as_str() || key == "default",
    }
}

/// The path of the first server: it stands before every path of the document.
fn base_path(root: &Place<'_>) -> String {
    let url = root.items("servers").first().and_then(|server| server.text("url")).unwrap_or("");
    path_of(url).trim_end_matches('/').to_owned()
}

fn path_of(url: &str) -> &str {
    url.split_once("://").map_or(url, |(_, rest)| rest.trim_start_matches(|c| c != '/'))
}

fn authorization_path(root: &Place<'_>) -> Result<Option<String>, StartError> {
    let Some(components) = root.get("components") else { return Ok(None) };
    for (_, scheme) in components.members("securitySchemes") {
        for (_, flow) in scheme.resolved()?.members("flows") {
            if let Some(url) = flow.text("authorizationUrl") {
                return Ok(Some(path_of(url).to_owned()));
            }
        }
    }
    Ok(None)
}

fn offered_scopes(root: &Place<'_>) -> Result<BTreeSet<String>, StartError> {
    let mut scopes = BTreeSet::new();
    let Some(components) = root.get("components") else { return Ok(scopes) };
    for (_, scheme) in components.members("securitySchemes") {
        for (_, flow) in scheme.resolved()?.members("flows") {
            scopes.extend(flow.members("scopes").iter().map(|(scope, _)| (*scope).to_owned()));
        }
    }
    Ok(scopes)
}

fn windows(root: &Place<'_>) -> Result<Vec<Window>, StartError> {
    let mut windows = Vec::new();
    for place in root.items("x-specwright-rate-limits") {
        let pair = place.number("requests").zip(place.number("seconds"));
        let (requests, seconds) =
            pair.ok_or_else(|| place.error("a window has `requests` and `seconds`"))?;
        let window = Window::new(requests, seconds)
            .ok_or_else(|| place.error("a window is longer than zero seconds"))?;
        windows.push(window);
    }
    Ok(windows)
}

const METHODS: [Method; 7] = [
    Method::GET,
    Method::PUT,
    Method::POST,
    Method::DELETE,
    Method::OPTIONS,
    Method::HEAD,
    Method::PATCH,
];

// Written by `cargo xtask regen`.
const STORA: &str = include_str!("../profiles/stora-2025-09/openapi.json");
const UNDERSTORY: &str = include_str!("../profiles/understory-v1/openapi.json");

/// More than any real document needs, and enough to end a circle.
const LONGEST_CHAIN: usize = 64;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_circle_of_references_is_an_error_and_not_a_hang() {
        let document = json!({"a": {"$ref": "#/b"}, "b": {"$ref": "#/a"}});
        let place = Place::root(&document).get("a").unwrap();
        assert!(place.resolved().is_err());
    }

    #[test]
    fn a_status_falls_under_its_class_and_under_default() {
        assert!(covers("4XX", StatusCode::NOT_FOUND));
        assert!(covers("default", StatusCode::NOT_FOUND));
        assert!(!covers("40", StatusCode::NOT_FOUND));
    }

    #[test]
    fn the_path_of_the_server_stands_before_each_path() {
        let base = |url: &str| {
            let document = json!({"servers": [{"url": url}]});
            base_path(&Place::root(&document))
        };
        assert_eq!(base("https://api.example/v1/"), "/v1");
        assert_eq!(base("https://api.example"), "");
        assert_eq!(base("/v2"), "/v2");
    }

    #[test]
    fn of_two_templates_the_one_with_more_literals_is_meant() {
        let any = json!({"get": {"operationId": "any", "responses": {}, "parameters": [
            {"name": "id", "in": "path", "required": true, "schema": {"type": "string"}},
        ]}});
        let fixed = json!({"get": {"operationId": "fixed", "responses": {}}});
        let document = json!({"paths": {"/a/{id}": any, "/a/fixed": fixed}});
        let document = Document::read(&document).unwrap();
        let (operation, _) = document.route(&Method::GET, "/a/fixed").unwrap();
        assert_eq!(operation.id, "fixed");
    }
}
