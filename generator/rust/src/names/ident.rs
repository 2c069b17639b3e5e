//! Identifiers: the only place that mints them.

use std::fmt;

use heck::{ToSnakeCase, ToUpperCamelCase};
use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, TokenStreamExt};
use specwright_ir::{Status, Words};

/// An identifier of the generated crate, without the `r#` that a keyword needs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Name(String);

impl Name {
    /// Takes text that is an identifier up to being a keyword, as the functions below make it.
    pub(super) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The variant for the answers with a status: `Status404`, `Status4xx`, `Other`.
    pub(crate) fn of_status(status: Status) -> Self {
        match status {
            Status::Exact(status) => Self(format!("Status{status}")),
            Status::Class(class) => Self(format!("Status{class}xx")),
            Status::Default => Self("Other".to_owned()),
        }
    }

    /// The text without `r#`.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// Writes the identifier as it stands in Rust source.
impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if is_keyword(&self.0) {
            f.write_str("r#")?;
        }
        f.write_str(&self.0)
    }
}

impl ToTokens for Name {
    #[expect(clippy::disallowed_methods, reason = "this is the place that mints identifiers")]
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.append(if is_keyword(&self.0) {
            proc_macro2::Ident::new_raw(&self.0, Span::call_site())
        } else {
            proc_macro2::Ident::new(&self.0, Span::call_site())
        });
    }
}

/// `UpperCamelCase` of the words; `None` if they hold nothing an identifier can be made of.
pub(super) fn upper_camel(words: &Words) -> Option<String> {
    let text = words.to_string().to_upper_camel_case();
    identifier(&text, "V").map(|text| bounded(text, "X"))
}

/// `snake_case` of the words; `None` if they hold nothing an identifier can be made of.
pub(super) fn snake(words: &Words) -> Option<String> {
    let text = words.to_string().to_snake_case();
    identifier(&text, "n").map(|text| bounded(text, "_x"))
}

/// The text itself if Rust would write a type's name so.
pub(super) fn verbatim_type(text: &str) -> Option<String> {
    let camel = text.len() <= MAX_LENGTH
        && text.starts_with(|c: char| c.is_ascii_uppercase())
        && text.chars().all(|c| c.is_ascii_alphanumeric())
        && text.chars().any(|c| c.is_ascii_lowercase());
    camel.then(|| text.to_owned())
}

/// The text itself if Rust would write a field's name so.
pub(super) fn verbatim_value(text: &str) -> Option<String> {
    let snake = text.len() <= MAX_LENGTH
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        && !text.ends_with('_')
        && !text.contains("__");
    snake.then(|| without_path_words(text))
}

/// The words of a text with its symbols spelled: `+1` is `plus 1`, `@id` is `at id`.
pub(super) fn spelled(text: &str) -> Words {
    let mut spelled = String::new();
    for character in text.chars() {
        let symbol = SYMBOLS.iter().find(|(symbol, _)| *symbol == character);
        match symbol {
            Some((_, name)) => {
                spelled.push(' ');
                spelled.push_str(name);
                spelled.push(' ');
            }
            None => spelled.push(character),
        }
    }
    Words::split(&spelled)
}

/// A name with a suffix. The underscore that rescues a path word is not needed in front of one, and
/// two in a row are no Rust style.
pub(super) fn suffixed(name: &str, suffix: &str) -> String {
    format!("{}{suffix}", name.trim_end_matches('_'))
}

/// The start of a name that is too long, with a fingerprint of all of it.
pub(super) fn bounded(name: String, separator: &str) -> String {
    match name.get(..MAX_LENGTH) {
        Some(start) if start.len() < name.len() => {
            suffixed(start, &format!("{separator}{}", fingerprint(&name)))
        }
        _ => name,
    }
}

/// Eight characters that depend on the text alone (FNV-1a), for names that nothing else tells
/// apart: a counter would depend on the order of the document.
pub(super) fn fingerprint(text: &str) -> String {
    let hash = text
        .bytes()
        .fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    format!("{hash:08x}")
}

fn identifier(text: &str, digit_prefix: &str) -> Option<String> {
    let text: String = text.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
    let first = text.chars().next()?;
    if text.chars().all(|c| c == '_') {
        return None;
    }
    let text = if first.is_ascii_digit() { format!("{digit_prefix}{text}") } else { text };
    Some(without_path_words(&text))
}

/// The four words that `r#` cannot rescue get a final underscore.
fn without_path_words(text: &str) -> String {
    if matches!(text, "self" | "Self" | "super" | "crate") {
        format!("{text}_")
    } else {
        text.to_owned()
    }
}

/// Strict and reserved keywords of edition 2024 (The Rust Reference, Keywords), without the four
/// that cannot be raw.
fn is_keyword(text: &str) -> bool {
    KEYWORDS.binary_search(&text).is_ok()
}

const KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn",
    "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let",
    "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return",
    "static", "struct", "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use",
    "virtual", "where", "while", "yield",
];

/// Characters of an identifier. Modules and types become names of files, in the crate and in its
/// documentation, and common file systems hold 255 bytes.
const MAX_LENGTH: usize = 120;

const SYMBOLS: &[(char, &str)] = &[
    ('!', "not"),
    ('#', "hash"),
    ('$', "dollar"),
    ('%', "percent"),
    ('&', "and"),
    ('*', "star"),
    ('+', "plus"),
    ('-', "minus"),
    ('.', "dot"),
    ('/', "slash"),
    (':', "colon"),
    ('<', "less"),
    ('=', "equal"),
    ('>', "greater"),
    ('@', "at"),
    ('_', "underscore"),
    ('|', "or"),
    ('~', "tilde"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keywords_are_sorted_for_the_search() {
        assert!(KEYWORDS.windows(2).all(|pair| pair[0] < pair[1]));
    }

    #[test]
    fn a_keyword_is_written_raw_and_a_path_word_gets_an_underscore() {
        assert_eq!(Name::new("type").to_token_stream().to_string(), "r#type");
        assert_eq!(verbatim_value("self").as_deref(), Some("self_"));
    }

    #[test]
    fn a_suffix_takes_the_place_of_the_underscore_of_a_path_word() {
        assert_eq!(suffixed("self_", "_member"), "self_member");
        assert_eq!(suffixed("Self_", "Model"), "SelfModel");
    }

    #[test]
    fn a_name_that_is_too_long_for_a_file_is_cut_and_stays_its_own() {
        let [one, two] = ["a", "b"].map(|end| snake(&Words::split(&("n".repeat(300) + end))));
        assert!(one.as_ref().is_some_and(|name| name.len() < 140));
        assert_ne!(one, two);
        assert_eq!(verbatim_value(&"n".repeat(300)), None);
    }

    #[test]
    fn what_starts_with_a_digit_gets_a_letter() {
        assert_eq!(upper_camel(&Words::split("2nd-hand")).as_deref(), Some("V2ndHand"));
        assert_eq!(upper_camel(&Words::split("+")), None);
        assert_eq!(upper_camel(&spelled("+")).as_deref(), Some("Plus"));
    }
}
