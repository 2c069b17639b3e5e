//! The scopes that a token has.

use std::collections::BTreeSet;

/// A set of scopes (RFC 6749 §3.3).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scopes(BTreeSet<String>);

impl Scopes {
    /// The scopes of a text, with blanks between them. Some servers write commas instead, so both count.
    pub fn parse(text: &str) -> Self {
        let words = text.split_ascii_whitespace();
        let named = words.flat_map(|word| std::iter::once(word).chain(word.split(',')));
        Self(named.filter(|scope| !scope.is_empty()).map(str::to_owned).collect())
    }

    /// Those of `needed` that are not in the set, in their order. A scope is compared letter by letter.
    pub fn missing(&self, needed: &[&str]) -> Vec<String> {
        let missing = needed.iter().filter(|scope| !self.0.contains(**scope));
        missing.map(|scope| (*scope).to_owned()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_in_the_text_is_missing() {
        let held = Scopes::parse("a:read  b:read");
        assert_eq!(held.missing(&["a:read", "A:read", "b", "b:read"]), ["A:read", "b"]);
    }

    #[test]
    fn commas_between_scopes_count_as_blanks() {
        let none: [&str; 0] = [];
        assert_eq!(Scopes::parse("a:read,b:read").missing(&["a:read", "b:read"]), none);
    }

    #[test]
    fn a_scope_with_a_comma_in_it_is_held_too() {
        let none: [&str; 0] = [];
        assert_eq!(Scopes::parse("a,b c").missing(&["a,b", "c"]), none);
    }
}
