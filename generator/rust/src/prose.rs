//! Prose of a document to rustdoc.
//!
//! The text is untrusted. It is parsed as CommonMark and built anew from a small set of things:
//! paragraphs, lists, code that is never a doctest, and links to `https` and `http`. Whatever else
//! it holds is written as plain text, escaped. So no line of a document can become a test that
//! runs, an HTML tag, or an intra-doc link.

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

/// Columns of a line of documentation, without `///` and indentation.
const WIDTH: usize = 92;

/// The Markdown of rustdoc for a text, one entry a line, without a final empty line.
pub(crate) fn paragraphs(text: &str) -> Vec<String> {
    let mut prose = Prose::default();
    for event in Parser::new_ext(text, Options::empty()) {
        prose.take(event);
    }
    prose.end_block();
    while prose.lines.last().is_some_and(String::is_empty) {
        prose.lines.pop();
    }
    prose.lines
}

/// The first paragraph of a text, on one line.
pub(crate) fn summary(text: &str) -> Option<String> {
    let lines = paragraphs(text);
    let first: Vec<String> = lines.into_iter().take_while(|line| !line.is_empty()).collect();
    let line = first.join(" ");
    (!line.is_empty() && !line.starts_with("```")).then_some(line)
}

/// A text on one line that no Markdown reader takes for anything but text.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let mut previous = ' ';
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let next = characters.peek().copied().unwrap_or(' ');
        match character {
            '\\' | '`' | '*' | '[' | ']' | '<' | '>' | '|' | '~' => {
                escaped.push('\\');
                escaped.push(character);
            }
            // Inside a word an underscore means itself.
            '_' if !previous.is_alphanumeric() || !next.is_alphanumeric() => {
                escaped.push_str("\\_");
            }
            '&' => escaped.push_str("&amp;"),
            // An address that is no link; rustdoc would complain of it.
            ':' if next == '/' => escaped.push_str("\\:"),
            hidden if is_hidden(hidden) => escaped.push(' '),
            other => escaped.push(other),
        }
        previous = character;
    }
    escaped
}

/// A text as inline code, with what cannot be seen as Rust writes it; a text that code cannot hold
/// is escaped instead.
pub(crate) fn code(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if is_hidden(character) {
            shown.extend(character.escape_debug());
        } else {
            shown.push(character);
        }
    }
    if shown.is_empty() || shown.contains('`') { escape(&shown) } else { format!("`{shown}`") }
}

/// True for a character that is not to be seen, or that changes the direction in which others are:
/// rustc refuses the latter in comments (lint `text_direction_codepoint_in_comment`).
fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{feff}'
        )
}

#[derive(Default)]
struct Prose {
    lines: Vec<String>,
    /// Words of the block that is being read; a word holds no space at which a line may break.
    words: Vec<String>,
    /// True if the next text continues the last word.
    glued: bool,
    /// Markers of the lists that are open: `- ` or the next number.
    lists: Vec<Option<u64>>,
    /// The marker that the next line begins with.
    marker: Option<String>,
    /// Where the link that is open leads, if it may be written.
    links: Vec<Option<String>>,
    /// Text of the code block that is open.
    code: Option<String>,
}

impl Prose {
    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) => match &mut self.code {
                Some(code) => code.push_str(&text),
                None => self.push_text(&text),
            },
            Event::Code(text) => self.push_word(&code(&text)),
            Event::Html(text) | Event::InlineHtml(text) => self.push_text(&text),
            Event::InlineMath(text) | Event::DisplayMath(text) | Event::FootnoteReference(text) => {
                self.push_text(&text);
            }
            Event::SoftBreak | Event::HardBreak => self.glued = false,
            Event::Rule => self.end_block(),
            Event::TaskListMarker(_) => {}
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::CodeBlock(CodeBlockKind::Fenced(_) | CodeBlockKind::Indented) => {
                self.end_block();
                self.code = Some(String::new());
            }
            Tag::List(first) => {
                self.end_block();
                self.lists.push(first);
            }
            Tag::Item => {
                self.end_block();
                self.marker = Some(match self.lists.last_mut() {
                    Some(Some(number)) => {
                        *number += 1;
                        format!("{}. ", *number - 1)
                    }
                    _ => "- ".to_owned(),
                });
            }
            Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. } => {
                let web = dest_url.starts_with("https://") || dest_url.starts_with("http://");
                let plain =
                    dest_url.chars().all(|c| c.is_ascii_graphic() && !"<>()\\`".contains(c));
                // A link inside of a link is none (CommonMark 0.31.2 §6.3).
                let inside = self.links.iter().any(Option::is_some);
                let target = (web && plain && !inside).then(|| dest_url.to_string());
                if target.is_some() {
                    self.push_word("[");
                    self.glued = true;
                }
                self.links.push(target);
            }
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::CodeBlock => {
                let code = self.code.take().unwrap_or_default();
                self.push_code(&code);
            }
            TagEnd::Link | TagEnd::Image => {
                if let Some(Some(target)) = self.links.pop() {
                    self.glued = true;
                    self.push_word(&format!("]({target})"));
                }
            }
            TagEnd::List(_) => {
                self.end_block();
                self.lists.pop();
                if self.lists.is_empty() {
                    self.lines.push(String::new());
                }
            }
            TagEnd::Item => self.end_block(),
            TagEnd::Paragraph | TagEnd::Heading(_) | TagEnd::HtmlBlock | TagEnd::BlockQuote(_) => {
                self.end_block();
            }
            _ => {}
        }
    }

    fn push_text(&mut self, text: &str) {
        let mut pieces = text.split([' ', '\n', '\t']).peekable();
        while let Some(piece) = pieces.next() {
            if !piece.is_empty() {
                self.push_word(&plain_word(piece));
            }
            if pieces.peek().is_some() {
                self.glued = false;
            }
        }
    }

    fn push_word(&mut self, word: &str) {
        match self.words.last_mut() {
            Some(last) if self.glued => last.push_str(word),
            _ => self.words.push(word.to_owned()),
        }
        self.glued = true;
    }

    /// Writes the words of the block as lines.
    fn end_block(&mut self) {
        self.glued = false;
        let words = std::mem::take(&mut self.words);
        if words.is_empty() {
            return;
        }
        let depth = self.lists.len().saturating_sub(1);
        let indent = "  ".repeat(depth);
        let marker = self.marker.take();
        let hanging = match (&marker, self.lists.is_empty()) {
            (Some(marker), _) => " ".repeat(marker.len()),
            (None, false) => "  ".to_owned(),
            (None, true) => String::new(),
        };
        let mut line = format!("{indent}{}", marker.as_deref().unwrap_or(&hanging));
        let mut empty = true;
        for word in words {
            if !empty && line.chars().count() + 1 + word.chars().count() > WIDTH {
                self.lines.push(line);
                line = format!("{indent}{hanging}");
                empty = true;
            }
            if empty {
                line.push_str(&at_line_start(&word));
            } else {
                line.push(' ');
                line.push_str(&word);
            }
            empty = false;
        }
        self.lines.push(line);
        if self.lists.is_empty() {
            self.lines.push(String::new());
        }
    }

    /// Writes a code block that rustdoc shows and never runs.
    fn push_code(&mut self, code: &str) {
        let longest = code.split(|c| c != '`').map(str::len).max().unwrap_or(0);
        let fence = "`".repeat(longest.max(2) + 1);
        self.lines.push(format!("{fence}text"));
        self.lines.extend(code.lines().map(|line| line.replace(is_hidden, " ")));
        self.lines.push(fence);
        self.lines.push(String::new());
    }
}

/// A word as text; an address in it becomes a link, so that rustdoc does not complain of a bare one.
fn plain_word(word: &str) -> String {
    let start = word.find("https://").or_else(|| word.find("http://"));
    let Some((before, rest)) = start.and_then(|start| word.split_at_checked(start)) else {
        return escape(word);
    };
    let address = rest.trim_end_matches(['.', ',', ';', ':', '!', '?', ')', '"', '\'', ']', '*']);
    if address.chars().all(|c| c.is_ascii_graphic() && !"<>\\`\"".contains(c)) {
        format!("{}<{address}>{}", escape(before), escape(&rest[address.len()..]))
    } else {
        escape(word)
    }
}

/// A word that may begin a line without beginning a heading, a list or a quotation.
fn at_line_start(word: &str) -> String {
    let digits = word.chars().take_while(char::is_ascii_digit).count();
    let numbered = digits > 0 && matches!(&word[digits..], "." | ")");
    let symbol = word.starts_with(['#', '=', '+', '-']) && !word.starts_with('\\');
    if numbered {
        format!("{}\\{}", &word[..digits], &word[digits..])
    } else if symbol {
        format!("\\{word}")
    } else {
        word.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_block_is_text_whatever_it_calls_itself() {
        let lines =
            paragraphs("Run:\n\n```rust\nstd::fs::write(\"x\", \"y\");\n```\n\n    indented();\n");
        assert_eq!(
            lines,
            [
                "Run:",
                "",
                "```text",
                "std::fs::write(\"x\", \"y\");",
                "```",
                "",
                "```text",
                "indented();",
                "```"
            ]
        );
    }

    #[test]
    fn a_fence_inside_code_does_not_end_it() {
        let lines = paragraphs("````\n```\nlet x;\n```\n````");
        assert_eq!(lines, ["````text", "```", "let x;", "```", "````"]);
    }

    #[test]
    fn tags_links_and_brackets_are_text() {
        let lines =
            paragraphs("A <script>b</script> [Vec] [x](javascript:y) [ok](https://a.example/b).");
        assert_eq!(lines, ["A \\<script\\>b\\</script\\> \\[Vec\\] x [ok](https://a.example/b)."]);
    }

    #[test]
    fn a_bare_address_becomes_a_link() {
        assert_eq!(paragraphs("See https://a.example/b."), ["See <https://a.example/b>."]);
    }

    #[test]
    fn an_address_within_a_word_becomes_a_link_too() {
        assert_eq!(
            paragraphs("See (https://a.example/b_c), \"http://a.example\"."),
            ["See (<https://a.example/b_c>), \"<http://a.example>\"."]
        );
    }

    #[test]
    fn an_address_that_no_link_can_hold_is_text() {
        assert_eq!(paragraphs("x=https://a.example/\"b"), ["x=https\\://a.example/\"b"]);
    }

    #[test]
    fn a_link_around_an_image_is_one_link() {
        let text = "[![x](https://a.example/i)](https://a.example/b)";
        assert_eq!(paragraphs(text), ["[x](https://a.example/b)"]);
    }

    #[test]
    fn what_turns_the_direction_of_text_is_not_written() {
        assert_eq!(paragraphs("a\u{202e}b"), ["a b"]);
        assert_eq!(code("a\u{202e}\nb"), "`a\\u{202e}\\nb`");
    }

    #[test]
    fn long_lines_wrap_and_lists_hang() {
        let text = format!("- {}\n- second", "word ".repeat(30));
        let lines = paragraphs(&text);
        assert!(lines.iter().all(|line| line.len() <= WIDTH));
        assert!(lines[1].starts_with("  word"));
        assert_eq!(lines[2], "- second");
    }

    #[test]
    fn a_wrapped_line_never_begins_with_a_marker() {
        let text = format!("{} - x", "w".repeat(WIDTH - 1));
        assert_eq!(paragraphs(&text)[1], "\\- x");
    }
}
