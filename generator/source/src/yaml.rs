//! YAML text to a tree; the only file that knows the YAML parser.
//!
//! YAML is read as version 1.2 with the core schema, plus the merge key `<<` of YAML 1.1, which
//! published documents use. Of several documents in one file the first is read. Aliases become
//! copies of what they name; the copies keep the places of the original text.

use std::borrow::Cow;
use std::collections::BTreeMap;

use granit_parser::{ErrorKind, Event, Parser, ScalarStyle, ScanError, StrInput, Tag, options};

use crate::budget::Budget;
use crate::builder::{Builder, Container, Exhausted};
use crate::codes;
use crate::diagnostic::{Diagnostic, Sink};
use crate::scalar::{self, Plain};
use crate::span::{FileId, Span};
use crate::tree::{Kind, NodeId, Number, Tree};

/// Reads YAML text. `None` if there is no document in it.
///
/// Reported and read on: control characters, unknown aliases and tags, numbers without a JSON form,
/// keys that are arrays or objects (their members are left out), further documents. All else ends
/// the reading; what was read up to there is the tree.
pub(crate) fn read_yaml(
    text: &str,
    file: FileId,
    budget: &Budget,
    sink: &mut Sink,
) -> Option<Tree> {
    let masked = mask_control_characters(text, file, sink);
    let mut options = options! {
        emit_unresolved_aliases: true,
        // One more than ours, so that the limit is met, and reported, by the builder.
        flow_nesting_limit: budget.depth.saturating_add(1),
        block_nesting_limit: budget.depth.saturating_add(1),
    };
    options.set_emit_comments(false);
    let mut reader = Reader {
        text,
        events: Parser::new_from_str_with_options(&masked, options),
        file,
        builder: Builder::new(file, budget),
        anchors: BTreeMap::new(),
        open_anchors: Vec::new(),
        last_end: 0,
        sink,
    };
    // Either way the tree is what was read.
    let (Ok(()) | Err(Stop)) = reader.document();
    reader.builder.finish(reader.last_end, reader.sink)
}

/// The reading cannot go on; the diagnostic has been reported.
struct Stop;

impl From<Exhausted> for Stop {
    fn from(_: Exhausted) -> Self {
        Self
    }
}

struct Reader<'t, 'b> {
    text: &'t str,
    events: Parser<'t, StrInput<'t>>,
    file: FileId,
    builder: Builder<'b>,
    /// Complete nodes by the number the parser gave their anchor.
    anchors: BTreeMap<usize, NodeId>,
    /// The anchor of each open container, 0 for none.
    open_anchors: Vec<usize>,
    /// Where the last token ended: a block ends where its last token does.
    last_end: usize,
    sink: &'b mut Sink,
}

/// A scalar as the parser hands it over.
struct Scalar<'t> {
    text: Cow<'t, str>,
    style: ScalarStyle,
    tag: Option<Cow<'t, Tag>>,
    span: Span,
}

impl<'t> Reader<'t, '_> {
    fn document(&mut self) -> Result<(), Stop> {
        let mut documents = 0;
        while let Some((event, span)) = self.next()? {
            match event {
                Event::DocumentStart(..) => {
                    documents += 1;
                    if documents > 1 {
                        self.report(span, "file holds more than one YAML document");
                        return Ok(());
                    }
                }
                Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
                event => self.node(event, span)?,
            }
        }
        if documents == 0 {
            self.report(Span::new(self.file, 0, 0), "file holds no document");
        }
        Ok(())
    }

    fn node(&mut self, event: Event<'t>, span: Span) -> Result<(), Stop> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let scalar = Scalar { text, style, tag, span };
                if self.builder.wants_key() {
                    self.key(scalar, anchor)
                } else {
                    self.value(&scalar, anchor)
                }
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.check_tag(tag.as_deref(), span);
                self.open(Container::Sequence, anchor, span)
            }
            Event::MappingStart(_, anchor, tag) => {
                self.check_tag(tag.as_deref(), span);
                self.open(Container::Mapping, anchor, span)
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(span),
            Event::Alias(anchor) => self.alias(anchor, span),
            Event::UnresolvedAlias(name) => {
                self.report(span, &format!("no anchor `&{name}` comes before this alias"));
                self.in_place_of_alias(span)
            }
            // Comments and anchor positions are not asked for; the rest was handled by `document`.
            // The parser may add kinds of events, which must be asked for as well.
            _ => Ok(()),
        }
    }

    fn key(&mut self, scalar: Scalar<'t>, anchor: usize) -> Result<(), Stop> {
        let Scalar { text, style, tag, span } = scalar;
        if text == "<<" && style == ScalarStyle::Plain && tag.is_none() {
            self.builder.merge_key(span);
            return Ok(());
        }
        // The parser names an absent scalar `~`; an absent key is the empty text.
        let is_absent = style == ScalarStyle::Plain && span.start == span.end;
        let name: Box<str> = if is_absent { "".into() } else { text.into() };
        if anchor != 0 {
            let kind = Kind::String(name.clone());
            let id = self.builder.detached(kind, span, self.sink)?;
            self.anchors.insert(anchor, id);
        }
        self.builder.key(name, span);
        Ok(())
    }

    fn value(&mut self, scalar: &Scalar<'t>, anchor: usize) -> Result<(), Stop> {
        let kind = self.scalar_kind(scalar);
        let id = self.builder.scalar(kind, scalar.span, self.sink)?;
        if anchor != 0 {
            self.anchors.insert(anchor, id);
        }
        Ok(())
    }

    fn open(&mut self, container: Container, anchor: usize, span: Span) -> Result<(), Stop> {
        if self.builder.wants_key() {
            return self.skip_complex_member(span);
        }
        let mut start = span.start as usize;
        if container == Container::Sequence && !self.text[start..].starts_with(['[', '-']) {
            // The parser places a sequence that is not indented at its first element.
            start = self.text[..start].rfind('-').unwrap_or(start);
        }
        self.builder.open(container, start, self.sink)?;
        self.open_anchors.push(anchor);
        Ok(())
    }

    fn close(&mut self, span: Span) -> Result<(), Stop> {
        // The end of a flow collection is its bracket, that of a block has no text.
        self.last_end = if span.start == span.end { self.last_end } else { span.end as usize };
        let id = self.builder.close(self.last_end, self.sink)?;
        if let (Some(id), Some(anchor)) = (id, self.open_anchors.pop())
            && anchor != 0
        {
            self.anchors.insert(anchor, id);
        }
        Ok(())
    }

    fn alias(&mut self, anchor: usize, span: Span) -> Result<(), Stop> {
        let Some(source) = self.anchors.get(&anchor).copied() else {
            self.report(span, "alias names the node that it is part of");
            return self.in_place_of_alias(span);
        };
        if !self.builder.wants_key() {
            return Ok(self.builder.alias(source, span, self.sink)?);
        }
        let name = match self.builder.kind(source) {
            Kind::String(text) | Kind::Number(Number(text)) => Some(text.clone()),
            Kind::Bool(value) => Some(value.to_string().into_boxed_str()),
            Kind::Null => Some("null".into()),
            Kind::Sequence(_) | Kind::Mapping(_) => None,
        };
        if let Some(name) = name {
            self.builder.key(name, span);
            return Ok(());
        }
        self.report_complex_key(span);
        self.skip_node()
    }

    /// Puts something where an alias leads nowhere, so that keys and values stay in step.
    fn in_place_of_alias(&mut self, span: Span) -> Result<(), Stop> {
        if self.builder.wants_key() {
            let name = self.text.get(span.start as usize..span.end as usize).unwrap_or_default();
            self.builder.key(name.into(), span);
        } else {
            self.builder.scalar(Kind::Null, span, self.sink)?;
        }
        Ok(())
    }

    /// Leaves out a member whose key, just opened, is an array or an object.
    fn skip_complex_member(&mut self, span: Span) -> Result<(), Stop> {
        self.report_complex_key(span);
        self.skip_rest_of_container()?;
        self.skip_node()
    }

    fn skip_node(&mut self) -> Result<(), Stop> {
        match self.next()? {
            Some((Event::SequenceStart(..) | Event::MappingStart(..), _)) => {
                self.skip_rest_of_container()
            }
            Some(_) | None => Ok(()),
        }
    }

    fn skip_rest_of_container(&mut self) -> Result<(), Stop> {
        let mut open = 1;
        while open > 0 {
            match self.next()? {
                Some((Event::SequenceStart(..) | Event::MappingStart(..), _)) => open += 1,
                Some((Event::SequenceEnd | Event::MappingEnd, _)) => open -= 1,
                Some(_) => {}
                None => return Ok(()),
            }
        }
        Ok(())
    }

    fn scalar_kind(&mut self, scalar: &Scalar<'t>) -> Kind {
        let text: &str = &scalar.text;
        let string = || Kind::String(text.into());
        let Some(tag) = scalar.tag.as_deref() else {
            return match scalar.style {
                ScalarStyle::Plain => self.plain_kind(text, scalar.span),
                _ => string(),
            };
        };
        let (kind, wanted) = match tag.core_suffix() {
            Some("null") => (self.plain_kind(text, scalar.span), "null"),
            Some("bool") => (self.plain_kind(text, scalar.span), "a boolean"),
            Some("int" | "float") => (self.plain_kind(text, scalar.span), "a number"),
            Some(_) => return string(),
            // `!` alone says "no guessing", and YAML 1.1 has text types such as `!!timestamp`.
            None if tag.parts() == ("", "!") || tag.parts() == ("!", "") => return string(),
            None if tag.handle() == "tag:yaml.org,2002:" => return string(),
            None => {
                self.check_tag(Some(tag), scalar.span);
                return match scalar.style {
                    ScalarStyle::Plain => self.plain_kind(text, scalar.span),
                    _ => string(),
                };
            }
        };
        let fits = matches!(
            (wanted, &kind),
            ("null", Kind::Null) | ("a boolean", Kind::Bool(_)) | ("a number", Kind::Number(_))
        );
        if fits {
            return kind;
        }
        let message = format!("tag says this is {wanted}, the text says otherwise");
        self.sink.report(
            Diagnostic::new(&codes::WRONG_KIND, message)
                .label(scalar.span, "read as a string")
                .at(self.builder.pointer()),
        );
        string()
    }

    fn plain_kind(&mut self, text: &str, span: Span) -> Kind {
        match scalar::resolve(text) {
            Plain::Null => Kind::Null,
            Plain::Bool(value) => Kind::Bool(value),
            Plain::Number(number) => Kind::Number(Number(number)),
            Plain::Text => Kind::String(text.into()),
            Plain::NotJson => {
                self.sink.report(
                    Diagnostic::new(
                        &codes::NUMBER_NOT_JSON,
                        format!("JSON has no number `{text}`"),
                    )
                    .label(span, "read as a string")
                    .at(self.builder.pointer())
                    .help("remove the value, or quote it if text is meant"),
                );
                Kind::String(text.into())
            }
        }
    }

    fn check_tag(&mut self, tag: Option<&Tag>, span: Span) {
        if let Some(tag) = tag
            && tag.handle() != "tag:yaml.org,2002:"
            && tag.core_suffix().is_none()
            && !tag.suffix().is_empty()
        {
            let message =
                format!("tag `{}` is not known; the value is read without it", tag.original());
            self.sink.report(
                Diagnostic::new(&codes::UNKNOWN_TAG, message)
                    .label(span, "")
                    .at(self.builder.pointer()),
            );
        }
    }

    /// The next event with its place; `None` at the end.
    fn next(&mut self) -> Result<Option<(Event<'t>, Span)>, Stop> {
        let (event, place) = match self.events.next_event() {
            None => return Ok(None),
            Some(Err(error)) => return Err(self.syntax_error(&error)),
            Some(Ok(event)) => event,
        };
        let range = place.byte_range().unwrap_or(self.last_end..self.last_end);
        let mut end = range.end;
        if let Event::Scalar(..) | Event::Alias(_) | Event::UnresolvedAlias(_) = event {
            // A block scalar is said to end where the next token starts.
            let written = self.text.get(range.clone()).unwrap_or_default().trim_end();
            end = range.start + written.len();
            self.last_end = self.last_end.max(end);
        }
        Ok(Some((event, Span::new(self.file, range.start, end))))
    }

    fn syntax_error(&mut self, error: &ScanError) -> Stop {
        let at = error.marker().byte_offset().unwrap_or(self.last_end).min(self.text.len());
        if matches!(error.kind(), ErrorKind::RecursionLimitExceeded) {
            return self.builder.too_deep(at, self.sink).into();
        }
        let rest = self.text.get(at..).unwrap_or_default();
        let length = rest.chars().next().filter(|next| *next != '\n').map_or(0, char::len_utf8);
        let span = Span::new(self.file, at, at + length);
        self.sink.report(
            Diagnostic::new(&codes::SYNTAX, error.kind().to_string())
                .label(span, "reading ends here")
                .at(self.builder.pointer()),
        );
        Stop
    }

    fn report(&mut self, span: Span, message: &str) {
        let diagnostic = Diagnostic::new(&codes::SYNTAX, message).label(span, "");
        self.sink.report(diagnostic.at(self.builder.pointer()));
    }

    fn report_complex_key(&mut self, span: Span) {
        self.sink.report(
            Diagnostic::new(&codes::WRONG_KIND, "key is an array or an object")
                .label(span, "this member is left out")
                .at(self.builder.pointer())
                .help("quote the key if text in braces or brackets is meant"),
        );
    }
}

/// Replaces characters that YAML does not allow (YAML 1.2.2 §5.1) by `?` or `¿` of the same length,
/// and reports them: the parser stops at them, and they are rarely more than dirt in a description.
fn mask_control_characters<'t>(text: &'t str, file: FileId, sink: &mut Sink) -> Cow<'t, str> {
    let is_forbidden = |character: char| {
        character.is_control() && !matches!(character, '\t' | '\n' | '\r' | '\u{85}')
    };
    if !text.contains(is_forbidden) {
        return Cow::Borrowed(text);
    }
    let mut masked = String::with_capacity(text.len());
    for (at, character) in text.char_indices() {
        if !is_forbidden(character) {
            masked.push(character);
            continue;
        }
        let message = format!("control character U+{:04X} in YAML text", u32::from(character));
        let span = Span::new(file, at, at + character.len_utf8());
        sink.report(
            Diagnostic::new(&codes::SYNTAX, message)
                .label(span, "read as a question mark")
                .help("remove it, or write it as an escape in double quotes"),
        );
        masked.push(if character.len_utf8() == 1 { '?' } else { '¿' });
    }
    Cow::Owned(masked)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::file::SourceMap;

    /// The tree in short notation, and `line:column code message` of each diagnostic.
    fn read_with(text: &str, budget: &Budget) -> (String, Vec<String>) {
        let mut sources = SourceMap::default();
        let file = sources.add("a.yaml", text);
        let mut sink = Sink::default();
        let tree = read_yaml(text, file, budget, &mut sink);
        let tree = tree.map_or_else(|| "nothing".to_owned(), |tree| tree.root().sketch());
        let problems = sink.diagnostics().iter().map(|diagnostic| {
            let place = sources.position(diagnostic.labels[0].span);
            format!("{}:{} {} {}", place.line, place.column, diagnostic.code.id, diagnostic.message)
        });
        (tree, problems.collect())
    }

    #[track_caller]
    fn check(text: &str, tree: &str, problems: &[&str]) {
        let (found, reported) = read_with(text, &Budget::DEFAULT);
        assert_eq!(found, tree);
        assert_eq!(reported, problems);
    }

    #[test]
    fn unquoted_scalars_follow_the_core_schema_and_quoted_ones_are_strings() {
        check(
            "- 1\n- '1'\n- \"true\"\n- true\n- yes\n- ~\n-\n- |\n  1\n- >-\n  1\n",
            r#"[1, "1", "true", true, "yes", null, null, "1\n", "1"]"#,
            &[],
        );
    }

    #[test]
    fn keys_are_their_text() {
        check(
            "200: a\ntrue: b\nnull: c\n'x': d\n1.0: e\n? f\n: g\n",
            r#"{200: "a", true: "b", null: "c", x: "d", 1.0: "e", f: "g"}"#,
            &[],
        );
    }

    #[test]
    fn an_absent_key_is_empty_and_a_key_of_line_breaks_is_not() {
        check(
            ": a\n? |+\n\n\n: b\n",
            r#"{: "a", 

: "b"}"#
                .replace("\\n", "\n")
                .as_str(),
            &[],
        );
    }

    #[test]
    fn tags_of_the_core_schema_are_honoured() {
        check(
            "[!!str 1, !!int '1', !!float 1, !!bool 'true', !!null '', ! 2, !!timestamp 2024-01-01]",
            r#"["1", 1, 1, true, null, "2", "2024-01-01"]"#,
            &[],
        );
    }

    #[test]
    fn a_tag_that_the_text_does_not_fit_is_reported() {
        check(
            "!!int x",
            r#""x""#,
            &["1:7 OA0003 tag says this is a number, the text says otherwise"],
        );
    }

    #[test]
    fn an_unknown_tag_is_reported_and_left_out() {
        let problem = "OA0009 tag `!ref` is not known; the value is read without it";
        check(
            "a: !ref 1\nb: !ref {c: 1}\n",
            "{a: 1, b: {c: 1}}",
            &[&format!("1:9 {problem}"), &format!("2:9 {problem}")],
        );
    }

    #[test]
    fn numbers_without_a_json_form_are_reported_and_kept_as_text() {
        check(
            "[.inf, -.inf, .nan]",
            r#"[".inf", "-.inf", ".nan"]"#,
            &[
                "1:2 OA0008 JSON has no number `.inf`",
                "1:8 OA0008 JSON has no number `-.inf`",
                "1:15 OA0008 JSON has no number `.nan`",
            ],
        );
    }

    #[test]
    fn aliases_become_copies() {
        check(
            "a: &x {k: [1]}\nb: *x\n&y c: *x\nd: *y\n",
            r#"{a: {k: [1]}, b: {k: [1]}, c: {k: [1]}, d: "c"}"#,
            &[],
        );
    }

    #[test]
    fn an_alias_that_leads_nowhere_is_null() {
        check(
            "a: *x\nb: &y [*y]\n",
            "{a: null, b: [null]}",
            &[
                "1:4 OA0001 no anchor `&x` comes before this alias",
                "2:8 OA0001 alias names the node that it is part of",
            ],
        );
    }

    #[test]
    fn merge_keys_add_members_that_are_not_given() {
        check(
            "a: &a {x: 1, y: 2}\nb: &b {y: 3, z: 4}\nc:\n  x: 0\n  <<: [*a, *b]\n  w: 5\n",
            "{a: {x: 1, y: 2}, b: {y: 3, z: 4}, c: {x: 0, y: 2, z: 4, w: 5}}",
            &[],
        );
        check("a: &a {x: 1}\nb:\n  <<: *a\n  <<: {y: 2}\n", "{a: {x: 1}, b: {x: 1, y: 2}}", &[]);
    }

    #[test]
    fn a_merge_of_something_else_is_reported() {
        check("<<: 1\nb: 2\n", "{b: 2}", &["1:1 OA0003 `<<` merges a number, not an object"]);
        check("'<<': 1\n", "{<<: 1}", &[]);
    }

    #[test]
    fn of_a_repeated_key_the_last_value_stands_in_the_first_place() {
        check(
            "a: 1\nb: 2\n\"a\": 3\n",
            "{a: 3, b: 2}",
            &["3:1 OA0005 key `a` is given twice in one object"],
        );
    }

    #[test]
    fn a_key_that_is_an_object_is_left_out_with_its_value() {
        check(
            "a: 1\n{b: c}: {d: 1}\n[e]: f\ng: 2\n",
            "{a: 1, g: 2}",
            &["2:1 OA0003 key is an array or an object", "3:1 OA0003 key is an array or an object"],
        );
    }

    #[test]
    fn of_several_documents_the_first_is_read() {
        check(
            "---\na: 1\n---\nb: 2\n",
            "{a: 1}",
            &["3:1 OA0001 file holds more than one YAML document"],
        );
        check("%YAML 1.2\n---\na: 1\n...\n", "{a: 1}", &[]);
    }

    #[test]
    fn what_was_read_before_a_fault_is_kept() {
        check(
            "a:\n  b: [1, 2]\n  c: d: e\nf: 1\n",
            r#"{a: {b: [1, 2], c: "d"}}"#,
            &["3:7 OA0001 mapping values are not allowed in this context"],
        );
    }

    #[test]
    fn control_characters_are_reported_and_passed_over() {
        check(
            "a: x\u{7}y\u{9f}z\n",
            r#"{a: "x?y¿z"}"#,
            &[
                "1:5 OA0001 control character U+0007 in YAML text",
                "1:7 OA0001 control character U+009F in YAML text",
            ],
        );
    }

    #[test]
    fn ten_thousand_levels_end_in_one_diagnostic() {
        let problem = "OA0006 arrays and objects are nested more than 100 levels deep";
        for text in ["[".repeat(10_000), "{a: ".repeat(10_000), "- ".repeat(10_000)] {
            let (_, problems) = read_with(&text, &Budget::DEFAULT);
            assert_eq!(problems.len(), 1, "{problems:?}");
            assert!(problems[0].ends_with(problem), "{problems:?}");
        }
    }

    #[test]
    fn aliases_cannot_nest_deeper_than_the_budget() {
        let mut text = String::from("- &a0 [x]\n");
        text.extend((1..200).map(|level| format!("- &a{level} [*a{}]\n", level - 1)));
        let (_, problems) = read_with(&text, &Budget::DEFAULT);
        assert_eq!(problems.len(), 1);
        assert!(problems[0].contains("nested more than 100 levels deep"), "{problems:?}");
    }

    #[test]
    fn an_alias_bomb_ends_in_one_diagnostic() {
        let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        text.extend((1..30).map(|level| {
            let aliases = format!("*a{}, ", level - 1).repeat(10);
            format!("a{level}: &a{level} [{aliases}]\n")
        }));
        let budget = Budget { nodes: 10_000, ..Budget::DEFAULT };
        let (_, problems) = read_with(&text, &budget);
        let problem = "OA0006 document has more than 10000 nodes, counting what aliases repeat";
        assert_eq!(problems.len(), 1);
        assert!(problems[0].ends_with(problem), "{problems:?}");
    }

    #[test]
    fn keys_and_values_know_their_places() {
        let text = "a:\n  b: |\n    x\n    y\n\nc:\n- d\n- e: [1,\n  2]\n# end\n";
        let mut sources = SourceMap::default();
        let file = sources.add("a.yaml", text);
        let tree = read_yaml(text, file, &Budget::DEFAULT, &mut Sink::default()).unwrap();
        let slice = |pointer: &str| {
            let node = tree.find(&crate::Pointer::parse(pointer).unwrap()).unwrap();
            (sources.slice(node.key_span()), sources.slice(node.span()))
        };
        assert_eq!(slice("/a"), ("a", "b: |\n    x\n    y"));
        assert_eq!(slice("/a/b"), ("b", "x\n    y"));
        assert_eq!(slice("/c"), ("c", "- d\n- e: [1,\n  2]"));
        assert_eq!(slice("/c/1/e"), ("e", "[1,\n  2]"));
    }

    #[test]
    fn a_copy_of_an_alias_points_to_the_original_text() {
        let text = "a: &x {k: 1}\nb: *x\n";
        let mut sources = SourceMap::default();
        let file = sources.add("a.yaml", text);
        let tree = read_yaml(text, file, &Budget::DEFAULT, &mut Sink::default()).unwrap();
        let copy = tree.root().get("b").unwrap();
        assert_eq!(sources.slice(copy.key_span()), "b");
        assert_eq!(sources.slice(copy.span()), "{k: 1}");
    }
}
