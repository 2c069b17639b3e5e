//! Diagnostics as text, as JSON or as GitHub workflow commands.
//!
//! Text of a document is untrusted: `visible` stands between it and a terminal.

mod github;
mod json;
mod text;

use std::fmt::Write as _;

use specwright_source::{Diagnostic, Position, Severity, Sink, SourceMap, Span};

/// How diagnostics are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people: title, place, excerpt with underlines, pointer, notes and help.
    #[default]
    Text,
    /// For programs: one object a line. `specwright lint --help` names its members.
    Json,
    /// For GitHub Actions: workflow commands that mark the place in a pull request.
    Github,
}

/// Whether text may hold escape sequences of a terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Color {
    /// No escape sequences.
    Plain,
    /// Colors of ECMA-48.
    Styled,
}

/// Everything a sink holds, in the order of the stages; ends with a line end unless it is empty.
///
/// Deterministic. `files` must be the map that gave out the spans of the sink.
pub fn render(files: &SourceMap, sink: &Sink, format: Format, color: Color) -> String {
    let one = |diagnostic: &Diagnostic| match format {
        Format::Text => text::diagnostic(files, diagnostic, color),
        Format::Json => json::diagnostic(files, diagnostic),
        Format::Github => github::diagnostic(files, diagnostic),
    };
    let mut rendered: String = sink.diagnostics().iter().map(one).collect();
    if format == Format::Text {
        for (code, count) in sink.left_out() {
            let _ = writeln!(rendered, "note: {count} more of {code} are not shown");
        }
    }
    rendered
}

/// `2 errors, 1 warning`; `None` if there is neither.
pub fn tally(sink: &Sink) -> Option<String> {
    let left_out: usize = sink.left_out().map(|(_, count)| count).sum();
    let parts = [(Severity::Error, "error"), (Severity::Warning, "warning")];
    let parts = parts.into_iter().filter_map(|(severity, word)| {
        let of_it = sink.diagnostics().iter().filter(|diagnostic| diagnostic.severity == severity);
        match of_it.count() {
            0 => None,
            1 => Some(format!("1 {word}")),
            count => Some(format!("{count} {word}s")),
        }
    });
    let mut parts: Vec<String> = parts.collect();
    if left_out > 0 {
        parts.push(format!("{left_out} not shown"));
    }
    (!parts.is_empty()).then(|| parts.join(", "))
}

fn severity_word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

/// First and last place of a span. The last place is that of the last character, so an underline
/// of one character starts and ends in the same column.
fn places(files: &SourceMap, span: Span) -> (Position, Position) {
    let file = files.file(span.file);
    let last = files.slice(span).char_indices().next_back();
    let offset = last.map_or(0, |(offset, _)| u32::try_from(offset).unwrap_or(0));
    (file.position(span.start), file.position(span.start + offset))
}

/// Shows what would steer a terminal or hide text: control characters, except the line end and the
/// tab, and the marks that change the direction of writing.
pub(crate) fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        let direction = matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        if direction || (c.is_control() && c != '\n' && c != '\t') {
            shown.extend(c.escape_unicode());
        } else {
            shown.push(c);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use specwright_source::codes;

    pub(super) fn damaged() -> (SourceMap, Sink) {
        let mut files = SourceMap::default();
        let text = "components:\n  schemas:\n    Token:\n      properties:\n        scope: 7d44\n";
        let file = files.add("specs/a/openapi.yaml", text);
        let start = text.find("7d44").unwrap();
        let mut sink = Sink::default();
        let pointer =
            specwright_source::Pointer::parse("/components/schemas/Token/properties/scope");
        sink.report(
            Diagnostic::new(&codes::SCHEMA_NOT_AN_OBJECT, "schema of `scope` is a string")
                .label(Span::new(file, start, start + 4), "a schema is an object")
                .at(pointer.unwrap())
                .note("it is read as a schema that allows anything")
                .help("mend it with an overlay:\n- target: $.components"),
        );
        (files, sink)
    }

    #[test]
    fn text_is_drawn_like_a_compiler_error() {
        let (files, sink) = damaged();
        insta::assert_snapshot!(render(&files, &sink, Format::Text, Color::Plain), @"
        error[OA0205]: schema of `scope` is a string
         --> specs/a/openapi.yaml:5:16
          |
        5 |         scope: 7d44
          |                ^^^^ a schema is an object
          |
          = pointer: /components/schemas/Token/properties/scope
          = note: it is read as a schema that allows anything
          = help: mend it with an overlay:
                  - target: $.components
        ");
    }

    #[test]
    fn json_is_one_object_a_line() {
        let (files, sink) = damaged();
        insta::assert_snapshot!(render(&files, &sink, Format::Json, Color::Plain), @r#"{"code":"OA0205","title":"schema is neither an object nor a boolean","severity":"error","message":"schema of `scope` is a string","place":{"file":"specs/a/openapi.yaml","line":5,"column":16,"end_line":5,"end_column":19,"text":"a schema is an object"},"pointer":"/components/schemas/Token/properties/scope","related":[],"notes":["it is read as a schema that allows anything"],"help":"mend it with an overlay:\n- target: $.components"}"#);
    }

    #[test]
    fn github_marks_the_place() {
        let (files, sink) = damaged();
        insta::assert_snapshot!(render(&files, &sink, Format::Github, Color::Plain), @"::error file=specs/a/openapi.yaml,line=5,col=16,endColumn=19,title=OA0205%3A schema is neither an object nor a boolean::schema of `scope` is a string%0Apointer: /components/schemas/Token/properties/scope%0Anote: it is read as a schema that allows anything%0Ahelp: mend it with an overlay:%0A- target: $.components");
    }

    #[test]
    fn text_of_a_document_cannot_steer_the_terminal() {
        let mut files = SourceMap::default();
        let file = files.add("a.yaml", "k: \u{1b}[2J\u{202e}x\n");
        let mut sink = Sink::default();
        let hostile = "\u{1b}]0;owned\u{7}";
        sink.report(
            Diagnostic::new(&codes::WRONG_KIND, hostile)
                .label(Span::new(file, 3, 8), hostile)
                .at(specwright_source::Pointer::root().join(hostile))
                .note(hostile)
                .help(hostile),
        );
        let text = render(&files, &sink, Format::Text, Color::Plain);
        assert!(!text.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{text}");
    }

    #[test]
    fn a_tally_counts_errors_and_warnings() {
        let mut sink = Sink::default();
        assert_eq!(tally(&sink), None);
        sink.report(Diagnostic::new(&codes::WRONG_KIND, "a"));
        sink.report(Diagnostic::new(&codes::WRONG_KIND, "b"));
        sink.report(Diagnostic::new(&codes::UNKNOWN_KEYWORD, "c"));
        assert_eq!(tally(&sink).as_deref(), Some("2 errors, 1 warning"));
    }
}
