//! Names before they are names: lists of words.

use std::fmt;

/// The words of a name, lower case, in order; casing is the back end's last step.
///
/// Words end at every character that is neither letter nor digit and at a case hump; digits stay
/// with the word on their left (`sha256`, and `OAuth 2`, whose space is no more than typography), a
/// run of capitals is one word (`HTTPServer` is `http server`), and so is a name of the field that is
/// written with a hump (`OAuth`).
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Words(Vec<String>);

impl Words {
    /// Splits a name into its words. Text without a letter or a digit gives no words.
    pub fn split(text: &str) -> Self {
        let mut words: Vec<String> = Vec::new();
        let mut word = String::new();
        let text = HUMPED
            .iter()
            .fold(text.to_owned(), |text, (humped, plain)| text.replace(humped, plain));
        let characters: Vec<char> = text.chars().collect();
        for (index, &character) in characters.iter().enumerate() {
            if !character.is_alphanumeric() {
                let number = characters.get(index + 1).is_some_and(char::is_ascii_digit);
                if !(character == ' ' && number && word.ends_with(char::is_alphabetic)) {
                    words.extend(take(&mut word));
                }
                continue;
            }
            let before = index.checked_sub(1).and_then(|i| characters.get(i)).copied();
            let after = characters.get(index + 1).copied();
            let hump = character.is_uppercase()
                && (before.is_some_and(|c| c.is_lowercase() || c.is_numeric())
                    || before.is_some_and(char::is_uppercase)
                        && after.is_some_and(char::is_lowercase));
            if hump {
                words.extend(take(&mut word));
            }
            word.extend(character.to_lowercase());
        }
        words.extend(take(&mut word));
        Self(words)
    }

    /// These words followed by others.
    #[must_use]
    pub fn join(&self, other: &Self) -> Self {
        Self(self.0.iter().chain(&other.0).cloned().collect())
    }

    /// The words behind those of `prefix`; `None` if these words begin otherwise.
    pub fn strip_prefix(&self, prefix: &Self) -> Option<Self> {
        self.0.strip_prefix(prefix.0.as_slice()).map(|rest| Self(rest.to_vec()))
    }

    /// The words in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// True if there is no word.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Writes the words with a space between them.
impl fmt::Display for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(" "))
    }
}

fn take(word: &mut String) -> Option<String> {
    (!word.is_empty()).then(|| std::mem::take(word))
}

/// Names with a capital inside that are one word.
const HUMPED: &[(&str, &str)] = &[("OAuth", "Oauth"), ("GitHub", "Github"), ("PayPal", "Paypal")];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_split_at_humps_and_symbols() {
        for (name, words) in [
            ("list_contacts", "list contacts"),
            ("OAuth2TokenRequest", "oauth2 token request"),
            ("OAuth 2", "oauth2"),
            ("line_1", "line 1"),
            ("HTTPServer", "http server"),
            ("Deals / Stages", "deals stages"),
            ("country_alpha2", "country alpha2"),
            ("sha256Sum", "sha256 sum"),
            ("+1", "1"),
            ("/", ""),
        ] {
            assert_eq!(Words::split(name).to_string(), words, "{name}");
        }
    }
}
