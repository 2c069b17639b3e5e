//! One JSON object a line.

use serde::Serialize;
use specwright_source::{Diagnostic, SourceMap, Span};

use super::{places, severity_word};

/// A diagnostic as programs read it. Members are added, never removed or given another meaning.
#[derive(Serialize)]
struct Line<'a> {
    /// `OA` and four digits.
    code: &'a str,
    /// The kind of problem in a few words.
    title: &'a str,
    /// `error`, `warning` or `note`.
    severity: &'a str,
    message: &'a str,
    /// The primary place; `null` if the problem has none.
    place: Option<Place<'a>>,
    /// JSON Pointer (RFC 6901) of the damaged node, or `null`.
    pointer: Option<String>,
    /// The places the primary one conflicts with.
    related: Vec<Place<'a>>,
    notes: &'a [String],
    help: Option<&'a str>,
}

/// Lines and columns start at 1; columns count characters; the end is the last character.
#[derive(Serialize)]
struct Place<'a> {
    file: &'a str,
    line: u32,
    column: u32,
    end_line: u32,
    end_column: u32,
    text: &'a str,
}

pub(super) fn diagnostic(files: &SourceMap, diagnostic: &Diagnostic) -> String {
    let mut labels = diagnostic.labels.iter().map(|label| place(files, label.span, &label.text));
    let line = Line {
        code: diagnostic.code.id,
        title: diagnostic.code.title,
        severity: severity_word(diagnostic.severity),
        message: &diagnostic.message,
        place: labels.next(),
        pointer: diagnostic.pointer.as_ref().map(ToString::to_string),
        related: labels.collect(),
        notes: &diagnostic.notes,
        help: diagnostic.help.as_deref(),
    };
    // Strings, numbers and lists always have a form in JSON.
    serde_json::to_string(&line).map_or_else(|_| String::new(), |line| line + "\n")
}

fn place<'a>(files: &'a SourceMap, span: Span, text: &'a str) -> Place<'a> {
    let (first, last) = places(files, span);
    Place {
        file: files.file(span.file).name(),
        line: first.line,
        column: first.column,
        end_line: last.line,
        end_column: last.column,
        text,
    }
}
