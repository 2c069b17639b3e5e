//! Documents that a program holds as `openapiv3::OpenAPI`.
//!
//! That type knows OpenAPI 3.0 and drops what it does not know, so a document that exists as text
//! should be read as text. What is in the type is written as JSON and read like any other text.

use std::fmt;
use std::path::Path;

use serde_json::Value;
use specwright_source::{Budget, Diagnostic, Loader, MemoryFiles, Severity, Sink};

use crate::document::Document;
use crate::read_document;

/// Why a document in memory cannot be read: it has errors.
#[derive(Debug)]
pub struct Unreadable {
    diagnostics: Vec<Diagnostic>,
}

impl Unreadable {
    /// What is wrong; places are those of the JSON text of the document.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_error = |diagnostic: &&Diagnostic| diagnostic.severity == Severity::Error;
        match self.diagnostics.iter().find(is_error) {
            Some(first) => {
                f.write_str(&first.message)?;
                first.pointer.as_ref().map_or(Ok(()), |pointer| write!(f, " at `#{pointer}`"))
            }
            None => f.write_str("document cannot be written as JSON"),
        }
    }
}

impl std::error::Error for Unreadable {}

/// Reads the document as OpenAPI 3.0. Stricter than reading a file: a program that built the
/// document can mend it, so an error is an error.
impl TryFrom<&openapiv3::OpenAPI> for Document {
    type Error = Unreadable;

    fn try_from(document: &openapiv3::OpenAPI) -> Result<Self, Unreadable> {
        let nothing = || Unreadable { diagnostics: Vec::new() };
        let mut json = serde_json::to_value(document).map_err(|_| nothing())?;
        drop_absent(&mut json);
        let json = serde_json::to_vec(&json).map_err(|_| nothing())?;
        let files = MemoryFiles::default().with(NAME, json);
        let mut loader =
            Loader::beside(files, Path::new(NAME), Budget::DEFAULT).map_err(|_| nothing())?;
        let mut sink = Sink::default();
        let main = loader.open(Path::new(NAME), &mut sink);
        let read = main.and_then(|main| read_document(&mut loader, main, &mut sink));
        match read {
            Some(document) if !sink.has_errors() => Ok(document),
            _ => Err(Unreadable { diagnostics: sink.into_diagnostics() }),
        }
    }
}

/// Takes out what `openapiv3` writes as `null` where it means that there is nothing: the content
/// type of an encoding and the description of a server variable.
fn drop_absent(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (holder, absent) in [("encoding", "contentType"), ("variables", "description")] {
                let held = members.get_mut(holder).and_then(Value::as_object_mut);
                let held = held.into_iter().flat_map(|held| held.values_mut());
                for object in held.filter_map(Value::as_object_mut) {
                    if object.get(absent).is_some_and(Value::is_null) {
                        object.remove(absent);
                    }
                }
            }
            members.values_mut().for_each(drop_absent);
        }
        Value::Array(items) => items.iter_mut().for_each(drop_absent),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

const NAME: &str = "openapi.json";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::version::OpenApiVersion;

    const TEXT: &str = r##"{
        "openapi": "3.0.3",
        "info": { "title": "T", "version": "1" },
        "paths": { "/x": { "get": { "operationId": "x", "responses": { "200": { "description": "d",
            "content": { "application/json": { "schema": { "$ref": "#/components/schemas/S" } } } } } } } },
        "components": { "schemas": { "S": { "type": "string", "nullable": true } } }
    }"##;

    #[test]
    fn a_document_in_memory_is_read_and_upgraded() {
        let held: openapiv3::OpenAPI = serde_json::from_str(TEXT).unwrap();
        let document = Document::try_from(&held).unwrap();
        assert_eq!(document.version, OpenApiVersion::V30);
        assert_eq!(document.paths[0].1.operations[0].operation_id.as_deref(), Some("x"));
        let schema = document.schema(document.components[0].1).as_object().unwrap();
        assert!(schema.lists_null());
    }

    #[test]
    fn what_openapiv3_writes_as_null_is_absent() {
        let text = TEXT.replace(
            r#""paths""#,
            r#""servers": [{ "url": "https://{h}", "variables": { "h": { "default": "a" } } }], "paths""#,
        );
        let held: openapiv3::OpenAPI = serde_json::from_str(&text).unwrap();
        assert!(Document::try_from(&held).is_ok());
    }

    #[test]
    fn an_error_in_a_document_in_memory_is_an_error() {
        let text = TEXT.replace("schemas/S\"", "schemas/Missing\"");
        let held: openapiv3::OpenAPI = serde_json::from_str(&text).unwrap();
        let error = Document::try_from(&held).unwrap_err();
        assert_eq!(error.diagnostics()[0].code.id, "OA0101");
        assert!(error.to_string().contains("schemas/Missing"), "{error}");
    }
}
