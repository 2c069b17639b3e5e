//! One item as one line.

use std::fmt::{Display, Write as _};

use quote::ToTokens;
use syn::Attribute;

/// A line that is being put together.
pub(crate) struct Line {
    text: String,
}

impl Line {
    /// Starts a line with the kind of the item.
    pub(crate) fn new(kind: &str, rest: impl Display) -> Self {
        Self { text: format!("{kind} {rest}") }
    }

    /// Adds what attributes say to a user, the feature that is needed among it: documentation and
    /// lints stay out.
    pub(crate) fn attributes(mut self, attributes: &[Attribute]) -> Self {
        for attribute in attributes {
            let path = attribute.path();
            if path.is_ident("cfg") {
                let condition = compact(&attribute.meta);
                let feature = condition.split('"').nth(1).unwrap_or(&condition);
                let _ = write!(self.text, " [{feature}]");
            } else if path.is_ident("deprecated") {
                self.text.push_str(" #[deprecated]");
            } else if ["derive", "must_use", "non_exhaustive"]
                .iter()
                .any(|name| path.is_ident(name))
            {
                // Writing to a string does not fail.
                let _ = write!(self.text, " #[{}]", compact(&attribute.meta));
            }
        }
        self
    }

    /// The finished line.
    pub(crate) fn text(self) -> String {
        self.text
    }
}

/// Tokens as people write them: without the spaces that printing tokens leaves between them.
pub(crate) fn compact(tokens: &impl ToTokens) -> String {
    let mut text = tokens.to_token_stream().to_string().replace('\n', " ");
    for (spaced, plain) in [
        (" :: ", "::"),
        (":: ", "::"),
        (" (", "("),
        ("( ", "("),
        (" )", ")"),
        (" <", "<"),
        ("< ", "<"),
        (" >", ">"),
        (" ,", ","),
        (" :", ":"),
        ("& ", "&"),
        ("[ ", "["),
        (" ]", "]"),
        ("' ", "'"),
        (",)", ")"),
        (", }", " }"),
    ] {
        text = text.replace(spaced, plain);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_reads_as_it_is_written() {
        let written = "fn list(&self, id: impl Into<Vec<String>>) -> Call<ListBooks>";
        let parsed: syn::Signature = syn::parse_str(written).unwrap();
        assert_eq!(compact(&parsed), written);
    }
}
