//! From the text of a document to the text of its API.

use std::path::Path;

use specwright_ir::Api;
use specwright_ir::lock::Lock;
use specwright_openapi::read_document;
use specwright_source::{Budget, Diagnostic, Label, Loader, MemoryFiles, Severity, Sink, Span};

/// The API of a document without its first two members, behind what was reported.
#[track_caller]
pub(crate) fn lowered(text: &str) -> String {
    lowered_with(&Lock::default(), text)
}

/// The same under the decisions of a lock.
#[track_caller]
pub(crate) fn lowered_with(lock: &Lock, text: &str) -> String {
    let (api, diagnostics) = understood(lock, text);
    let reported: Vec<String> = diagnostics.iter().map(line).collect();
    let dump = specwright_ir::dump(&api);
    let dump = dump.strip_prefix("api \"T\" version \"1\"\n").unwrap();
    format!("{}{dump}", reported.concat())
}

/// The API itself, and what was reported. Asserts the invariants of the API.
#[track_caller]
pub(crate) fn understood(lock: &Lock, text: &str) -> (Api, Vec<Diagnostic>) {
    let files = MemoryFiles::default().with("api.yaml", whole(text));
    let main = Path::new("api.yaml");
    let mut sink = Sink::default();
    let mut loader = Loader::beside(files, main, Budget::DEFAULT).unwrap();
    let main = loader.open(main, &mut sink).unwrap();
    let document = read_document(&mut loader, main, &mut sink).unwrap();
    let api = specwright_lower::lower(&document, lock, &mut sink);
    assert_eq!(specwright_ir::verify(&api), []);
    (api, sink.diagnostics().to_vec())
}

/// What is reported under a code, with the text of each place it points at. Asserts that it is reported once.
#[track_caller]
pub(crate) fn reported(code: &str, document: &str) -> String {
    let (_, diagnostics) = understood(&Lock::default(), document);
    let text = whole(document);
    let mut all = diagnostics.iter().filter(|it| it.code.id == code);
    let said = all.next().unwrap();
    assert_eq!(all.next(), None);
    let text_of = |span: Span| &text[span.start as usize..span.end as usize];
    let place = |label: &Label| format!("{}: {}\n", label.text, text_of(label.span));
    let places: Vec<String> = said.labels.iter().map(place).collect();
    format!("{}\n{}", said.message, places.concat())
}

/// A document with its first two members.
fn whole(text: &str) -> String {
    format!("openapi: 3.1.1\ninfo: {{ title: T, version: '1' }}\n{text}")
}

/// The API of a document whose only members are these component schemas.
#[track_caller]
pub(crate) fn schemas(text: &str) -> String {
    lowered(&format!("components:\n  schemas:\n{}", indented(text, 4)))
}

/// The API of a document with one operation that sends the schema `Sent` and receives `Received`.
#[track_caller]
pub(crate) fn sent_and_received(text: &str) -> String {
    let operation = r"
paths:
  /things:
    post:
      requestBody: { content: { application/json: { schema: { $ref: '#/components/schemas/Sent' } } } }
      responses:
        '200':
          description: ''
          content: { application/json: { schema: { $ref: '#/components/schemas/Received' } } }
";
    let dump = lowered(&format!("{operation}components:\n  schemas:\n{}", indented(text, 4)));
    let types = dump.split("operation ").next().unwrap_or_default();
    types.replace("group things\n", "")
}

/// The lines of a dump that start with one of these words, at any level.
pub(crate) fn lines(dump: &str, starts: &[&str]) -> String {
    let wanted = |line: &&str| starts.iter().any(|start| line.starts_with(start));
    dump.lines().map(str::trim_start).filter(wanted).collect::<Vec<_>>().join("\n")
}

fn line(diagnostic: &Diagnostic) -> String {
    let severity = match diagnostic.severity {
        Severity::Note => "note",
        Severity::Warning => "warning",
        Severity::Error => "error",
    };
    let pointer = diagnostic.pointer.as_ref().map(ToString::to_string).unwrap_or_default();
    format!("{severity} {} {pointer}: {}\n", diagnostic.code.id, diagnostic.message)
}

fn indented(text: &str, width: usize) -> String {
    let margin = " ".repeat(width);
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let shared = lines.iter().map(|line| line.len() - line.trim_start().len()).min().unwrap_or(0);
    let moved: Vec<String> =
        lines.iter().map(|line| format!("{margin}{}", &line[shared..])).collect();
    moved.join("\n")
}
