//! Diagnostics for people, drawn like a compiler's.

use std::ops::Range;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{
    AnnotationKind, Element, Group, Level, Message, Origin, Renderer, Snippet,
};
use specwright_source::{Diagnostic, Label, Severity, SourceMap, Span};

use super::{Color, visible};

pub(super) fn diagnostic(files: &SourceMap, diagnostic: &Diagnostic, color: Color) -> String {
    let title = level(diagnostic.severity).primary_title(visible(&diagnostic.message));
    let mut group = Group::with_title(title.id(diagnostic.code.id));
    for (index, label) in diagnostic.labels.iter().enumerate() {
        let kind = if index == 0 { AnnotationKind::Primary } else { AnnotationKind::Context };
        group = group.elements(place(files, label, kind));
    }
    if let Some(pointer) = &diagnostic.pointer {
        group = group.element(named("pointer", &pointer.to_string()));
    }
    for note in &diagnostic.notes {
        group = group.element(Level::NOTE.message(visible(note)));
    }
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(visible(help)));
    }
    let renderer = match color {
        Color::Plain => Renderer::plain(),
        Color::Styled => Renderer::styled(),
    };
    renderer.decor_style(DecorStyle::Ascii).render(&[group]) + "\n\n"
}

/// The line with an underline; of a very long line the place and a few words.
fn place<'a>(files: &SourceMap, label: &Label, kind: AnnotationKind) -> Vec<Element<'a>> {
    let file = files.file(label.span.file);
    let at = file.position(label.span.start);
    let name = visible(file.name());
    if file.text().is_empty() {
        // The file could not be read; there is nothing to underline.
        return vec![Origin::path(name).into()];
    }
    let line = Line::of(files, label.span);
    if line.text.len() > LONG_LINE {
        let origin = Origin::path(name).line(at.line as usize).char_column(at.column as usize);
        let text = if label.text.is_empty() { "here" } else { &label.text };
        return vec![origin.into(), named(&visible(text), &line.excerpt()).into()];
    }
    let text = Some(visible(&label.text)).filter(|text| !text.is_empty());
    let annotation = kind.span(line.marked).label(text);
    let snippet = Snippet::source(line.text).path(name).line_start(at.line as usize);
    vec![snippet.fold(false).annotation(annotation).into()]
}

fn named<'a>(name: &str, text: &str) -> Message<'a> {
    Level::NOTE.with_name(Some(name.to_owned())).message(visible(text))
}

fn level(severity: Severity) -> Level<'static> {
    match severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    }
}

/// The line on which a span starts. A span of many lines is marked to the end of the first, which
/// is enough to find it.
struct Line {
    text: String,
    marked: Range<usize>,
}

impl Line {
    fn of(files: &SourceMap, span: Span) -> Self {
        let file = files.file(span.file);
        let at = file.position(span.start);
        let line = file.line_text(at.line);
        let marked = files.slice(span).split(['\n', '\r']).next().unwrap_or("").chars().count();
        let before = (at.column as usize).saturating_sub(1);
        let text: String = line.chars().map(spaced).collect();
        let offset = |column: usize| {
            text.char_indices().nth(column).map_or(text.len(), |(offset, _)| offset)
        };
        let marked = offset(before)..offset(before + marked);
        Self { text, marked }
    }

    /// The marked text between quotes, with a little of what stands around it.
    fn excerpt(&self) -> String {
        let part = |range: Range<usize>| self.text.get(range).unwrap_or("");
        let before: Vec<char> = part(0..self.marked.start).chars().rev().take(AROUND).collect();
        let before: String = before.into_iter().rev().collect();
        let marked: String = part(self.marked.clone()).chars().take(AROUND).collect();
        let after: String = part(self.marked.end..self.text.len()).chars().take(AROUND).collect();
        format!("…{before}`{marked}`{after}…")
    }
}

/// One column a character, so that an underline stands below what it means.
fn spaced(c: char) -> char {
    match c {
        '\t' => ' ',
        c if visible(c.encode_utf8(&mut [0; 4])).chars().count() > 1 => '\u{fffd}',
        c => c,
    }
}

/// Bytes of a line that is not drawn: minified JSON is one line of megabytes.
const LONG_LINE: usize = 4_000;
/// Characters of a long line that are shown before, in and after the marked text.
const AROUND: usize = 30;

#[cfg(test)]
mod tests {
    use super::*;
    use specwright_source::codes;

    fn drawn(text: &str, marked: &str) -> String {
        let mut files = SourceMap::default();
        let file = files.add("a.json", text);
        let start = text.find(marked).unwrap();
        let problem = Diagnostic::new(&codes::WRONG_KIND, "value is a number")
            .label(Span::new(file, start, start + marked.len()), "here");
        diagnostic(&files, &problem, Color::Plain)
    }

    #[test]
    fn of_a_very_long_line_the_place_and_a_few_words_are_shown() {
        let text = format!("{{\"a\":[{}7,{}]}}", "0,".repeat(5_000), "0,".repeat(5_000));
        insta::assert_snapshot!(drawn(&text, "7"), @"
        error[OA0003]: value is a number
        --> a.json:1:10007
         = here: …0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,`7`,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0…
        ");
    }

    #[test]
    fn a_span_of_many_lines_is_underlined_on_its_first() {
        insta::assert_snapshot!(drawn("{\n  \"a\": [\n    1\n  ]\n}\n", "[\n    1\n  ]"), @r#"
        error[OA0003]: value is a number
         --> a.json:2:8
          |
        2 |   "a": [
          |        ^ here
        "#);
    }

    #[test]
    fn of_a_file_without_text_the_name_is_shown() {
        let mut files = SourceMap::default();
        let file = files.add("a.yaml", "");
        let problem = Diagnostic::new(&codes::FILE_UNREADABLE, "file cannot be read")
            .label(Span::new(file, 0, 0), "");
        let drawn = diagnostic(&files, &problem, Color::Plain);
        assert_eq!(drawn, "error[OA0901]: file cannot be read\n--> a.yaml\n\n");
    }

    #[test]
    fn a_label_at_the_end_of_the_file_is_drawn() {
        let mut files = SourceMap::default();
        let file = files.add("a.yaml", "a: 1\n");
        let problem = Diagnostic::new(&codes::SYNTAX, "text ends too early")
            .label(Span::new(file, 5, 5), "expected a value");
        insta::assert_snapshot!(diagnostic(&files, &problem, Color::Plain), @"
        error[OA0001]: text ends too early
         --> a.yaml:2:1
          |
        2 |
          | ^ expected a value
        ");
    }
}
