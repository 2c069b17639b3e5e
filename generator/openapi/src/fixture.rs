//! Documents for tests, read from text.

use std::path::Path;

use specwright_source::{Budget, Diagnostic, Loader, MemoryFiles, Severity, Sink};

use crate::document::{Document, Operation, Schema, SchemaId, SchemaObject, Value};
use crate::read_document;

/// A document that was read, and what was said about it.
#[derive(Debug)]
pub(crate) struct Fixture {
    pub(crate) document: Document,
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// The main tree after the upgrade.
    pub(crate) upgraded: Value,
}

impl Fixture {
    /// Reads a whole document.
    #[track_caller]
    pub(crate) fn read(text: &str) -> Self {
        Self::read_files(&[("openapi.yaml", text)])
    }

    /// Reads the first of several files; their names are relative to the reference root.
    #[track_caller]
    pub(crate) fn read_files(files: &[(&str, &str)]) -> Self {
        let held = files.iter().fold(MemoryFiles::default(), |held, (name, text)| {
            held.with(&format!("specs/{name}"), text.as_bytes().to_vec())
        });
        let main = Path::new("specs").join(files[0].0);
        let mut loader = Loader::beside(held, &main, Budget::DEFAULT).unwrap();
        let mut sink = Sink::default();
        let main = loader.open(&main, &mut sink).unwrap();
        let document = read_document(&mut loader, main, &mut sink).unwrap();
        let upgraded = Value::of(loader.tree(main).unwrap().root());
        Self { document, diagnostics: sink.into_diagnostics(), upgraded }
    }

    /// Reads a document of 3.1 with one schema, `S`, in flow or block style.
    #[track_caller]
    pub(crate) fn schema(text: &str) -> Self {
        Self::components("3.1.1", "schemas", "S", text)
    }

    /// Reads a document with one component.
    #[track_caller]
    pub(crate) fn components(version: &str, section: &str, name: &str, text: &str) -> Self {
        let text = text.replace('\n', "\n      ");
        Self::read(&format!(
            "openapi: {version}\ninfo: {{ title: T, version: '1' }}\ncomponents:\n  {section}:\n    {name}:\n      {text}\n"
        ))
    }

    /// Reads a document of 3.1 with one operation, `GET /x`.
    #[track_caller]
    pub(crate) fn operation(text: &str) -> Self {
        let text = text.replace('\n', "\n      ");
        Self::read(&format!(
            "openapi: 3.1.1\ninfo: {{ title: T, version: '1' }}\npaths:\n  /x:\n    get:\n      {text}\n"
        ))
    }

    /// The component schema of a name.
    #[track_caller]
    pub(crate) fn component(&self, name: &str) -> &SchemaObject {
        let found = self.document.components.iter().find(|(known, _)| known == name);
        self.object(found.unwrap().1)
    }

    /// The keywords of a schema.
    #[track_caller]
    pub(crate) fn object(&self, id: SchemaId) -> &SchemaObject {
        self.document.schema(id).as_object().unwrap()
    }

    /// What a schema stands at, for comparing.
    pub(crate) fn pointer(&self, id: SchemaId) -> String {
        Schema::at(self.document.schema(id)).pointer.to_string()
    }

    /// The first operation of the first path.
    #[track_caller]
    pub(crate) fn first_operation(&self) -> &Operation {
        &self.document.paths[0].1.operations[0]
    }

    /// Code and pointer of each diagnostic.
    pub(crate) fn found(&self) -> Vec<String> {
        let pointer = |found: &Diagnostic| found.pointer.clone().unwrap_or_default().to_string();
        self.diagnostics
            .iter()
            .map(|found| format!("{} {}", found.code.id, pointer(found)))
            .collect()
    }

    /// True if nothing weighs as an error.
    pub(crate) fn is_clean(&self) -> bool {
        self.diagnostics.iter().all(|found| found.severity != Severity::Error)
    }
}
