//! Bytes to a tree: finds out which of the two languages a file is written in.

use crate::budget::Budget;
use crate::codes;
use crate::diagnostic::{Diagnostic, Sink};
use crate::file::SourceMap;
use crate::json::read_json;
use crate::span::{FileId, Span};
use crate::tree::Tree;
use crate::yaml::read_yaml;

/// Reads one file into the map and into a tree. `name` is what diagnostics print.
///
/// A name that ends in `.json` is JSON. Other text that starts with `{` or `[` is JSON if it reads
/// as JSON without a fault, because YAML forbids characters that JSON allows; all else is YAML.
/// A byte order mark is passed over; bytes that are not UTF-8 are read as U+FFFD.
///
/// `None` if there is no tree at all: the file is empty, too large, or not text. Each fault is
/// reported, and only then is the result `None`.
pub fn read(
    sources: &mut SourceMap,
    name: &str,
    bytes: &[u8],
    budget: &Budget,
    sink: &mut Sink,
) -> Option<(FileId, Tree)> {
    let limit = budget.bytes.min(u32::MAX as usize);
    if bytes.len() > limit {
        let file = sources.add(name, "");
        let message = format!("file has {} bytes or more, {limit} are allowed", bytes.len());
        sink.report(Diagnostic::new(&codes::BUDGET, message).label(Span::new(file, 0, 0), ""));
        return None;
    }
    if let [0xFE, 0xFF, ..] | [0xFF, 0xFE, ..] = bytes {
        let file = sources.add(name, "");
        sink.report(
            Diagnostic::new(&codes::SYNTAX, "file is written in UTF-16, not in UTF-8")
                .label(Span::new(file, 0, 0), "")
                .help("save it as UTF-8"),
        );
        return None;
    }
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let text = String::from_utf8_lossy(bytes);
    let file = sources.add(name, text);
    report_invalid_utf8(bytes, file, sink);
    let tree = parse(sources.file(file).text(), name, file, budget, sink);
    tree.map(|tree| (file, tree))
}

fn parse(text: &str, name: &str, file: FileId, budget: &Budget, sink: &mut Sink) -> Option<Tree> {
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    if extension.eq_ignore_ascii_case("json") {
        return read_json(text, file, budget, sink);
    }
    if text.trim_start().starts_with(['{', '[']) {
        let mut attempt = Sink::default();
        let tree = read_json(text, file, budget, &mut attempt);
        let is_json = |diagnostic: &Diagnostic| diagnostic.code != &codes::SYNTAX;
        if attempt.diagnostics().iter().all(is_json) {
            attempt.into_diagnostics().into_iter().for_each(|diagnostic| sink.report(diagnostic));
            return tree;
        }
    }
    read_yaml(text, file, budget, sink)
}

/// Reports the first place that is not UTF-8; lossy decoding left everything before it in place.
fn report_invalid_utf8(bytes: &[u8], file: FileId, sink: &mut Sink) {
    let Err(error) = std::str::from_utf8(bytes) else { return };
    let at = error.valid_up_to();
    let byte = bytes.get(at).copied().unwrap_or_default();
    let message = format!("byte {at} of the file is 0x{byte:02X}, which is not UTF-8 there");
    let span = Span::new(file, at, at + char::REPLACEMENT_CHARACTER.len_utf8());
    sink.report(
        Diagnostic::new(&codes::SYNTAX, message)
            .label(span, "read as U+FFFD")
            .help("save the file as UTF-8; further such bytes are not listed"),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The codes that reading `bytes` reports, and whether there was a tree.
    fn codes(name: &str, bytes: &[u8]) -> (Vec<&'static str>, bool) {
        let mut sink = Sink::default();
        let budget = Budget { bytes: 100, ..Budget::DEFAULT };
        let tree = read(&mut SourceMap::default(), name, bytes, &budget, &mut sink);
        (sink.diagnostics().iter().map(|diagnostic| diagnostic.code.id).collect(), tree.is_some())
    }

    #[test]
    fn the_language_is_found_by_name_and_by_text() {
        assert_eq!(codes("a.yaml", b"a: 1"), (vec![], true));
        assert_eq!(codes("a.yaml", b"{a: 1}"), (vec![], true));
        assert_eq!(codes("a", "{\"a\": \"\u{9f}\"}".as_bytes()), (vec![], true));
        assert_eq!(codes("a.json", b"{\"a\": 1,}"), (vec!["OA0001"], true));
        assert_eq!(codes("a.json", b"a: 1"), (vec!["OA0001"], false));
    }

    #[test]
    fn a_file_without_a_document_is_reported() {
        for text in ["", " \n", "# only a comment\n"] {
            assert_eq!(codes("a.yaml", text.as_bytes()), (vec!["OA0001"], false), "{text:?}");
        }
        assert_eq!(codes("a.json", b""), (vec!["OA0001"], false));
    }

    #[test]
    fn a_file_above_the_budget_is_not_read() {
        assert_eq!(codes("a.yaml", &[b'a'; 101]), (vec!["OA0006"], false));
    }

    #[test]
    fn the_first_byte_that_is_not_utf8_is_located() {
        let mut sources = SourceMap::default();
        let mut sink = Sink::default();
        let tree = read(&mut sources, "a.yaml", b"a: x\nb: \xFFy\n", &Budget::DEFAULT, &mut sink);
        let diagnostic = &sink.diagnostics()[0];
        assert!(diagnostic.message.starts_with("byte 8 of the file is 0xFF"));
        let position = sources.position(diagnostic.labels[0].span);
        assert_eq!((position.line, position.column), (2, 4));
        let (_, tree) = tree.unwrap();
        assert_eq!(tree.root().get("b").unwrap().as_str(), Some("\u{FFFD}y"));
    }

    #[test]
    fn a_byte_order_mark_is_passed_over() {
        assert_eq!(codes("a.json", b"\xEF\xBB\xBF{}"), (vec![], true));
        assert_eq!(codes("a.yaml", b"\xFF\xFEa\0"), (vec!["OA0001"], false));
    }
}
