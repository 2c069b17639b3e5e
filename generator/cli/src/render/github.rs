//! GitHub workflow commands: `::error file=…,line=…,col=…,title=…::message`.
//!
//! Source of the form and the escapes: <https://docs.github.com/actions/reference/workflow-commands-for-github-actions>.

use std::fmt::Write as _;

use specwright_source::{Diagnostic, Severity, SourceMap};

use super::places;

pub(super) fn diagnostic(files: &SourceMap, diagnostic: &Diagnostic) -> String {
    let command = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let mut properties = Vec::new();
    if let Some(label) = diagnostic.labels.first() {
        let (first, last) = places(files, label.span);
        properties.push(format!("file={}", property(files.file(label.span.file).name())));
        properties.push(format!("line={}", first.line));
        properties.push(format!("col={}", first.column));
        // Columns of an end are understood on the line of the start only.
        if first.line == last.line {
            properties.push(format!("endColumn={}", last.column));
        }
    }
    let title = format!("{}: {}", diagnostic.code.id, diagnostic.code.title);
    properties.push(format!("title={}", property(&title)));
    format!("::{command} {}::{}\n", properties.join(","), data(&message(diagnostic)))
}

/// The message with everything that follows it in text, since the command shows no excerpt.
fn message(diagnostic: &Diagnostic) -> String {
    let mut message = diagnostic.message.clone();
    if let Some(pointer) = &diagnostic.pointer {
        let _ = write!(message, "\npointer: {pointer}");
    }
    for note in &diagnostic.notes {
        let _ = write!(message, "\nnote: {note}");
    }
    if let Some(help) = &diagnostic.help {
        let _ = write!(message, "\nhelp: {help}");
    }
    message
}

/// A line end in untrusted text would start a new command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use specwright_source::codes;

    #[test]
    fn a_message_cannot_start_a_command_of_its_own() {
        let hostile = Diagnostic::new(&codes::WRONG_KIND, "x\r\n::set-env name=PATH::/evil")
            .help("\n::add-mask::a");
        let command = diagnostic(&SourceMap::default(), &hostile);
        assert_eq!(command.lines().count(), 1, "{command}");
    }

    #[test]
    fn a_file_name_cannot_end_its_property() {
        assert_eq!(property("a,title=b::c%"), "a%2Ctitle=b%3A%3Ac%25");
    }
}
