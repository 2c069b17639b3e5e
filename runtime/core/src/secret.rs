//! Text that must not be seen.

use std::fmt;

use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// A secret text: token, client secret, authorization code.
///
/// It has no `Display`. `Debug` prints a fixed word: even a short hash would tell one guess of a weak secret from
/// another. Comparison takes the same time wherever the texts differ; their lengths are not hidden. The memory is
/// overwritten on drop. Copies that an HTTP or TLS library made of the sent bytes are beyond this type's reach.
///
/// It is `Clone` only because the models that hold it are. Keep one and share it.
#[derive(Clone, Default)]
pub struct SecretString(Zeroizing<String>);

impl SecretString {
    /// Takes over `text`, without a copy.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// The text itself. Each call is a place to review: it must end on the wire or in sealed storage.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether there is no text at all. A credential never is empty on purpose.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for SecretString {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("SecretString([redacted])")
    }
}

impl PartialEq for SecretString {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_bytes().ct_eq(other.0.as_bytes()).into()
    }
}

impl Eq for SecretString {}

impl From<String> for SecretString {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl From<&str> for SecretString {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

#[cfg(test)]
mod tests {
    use super::SecretString;

    #[test]
    fn debug_shows_nothing_of_the_text() {
        let secret = SecretString::from("canary-secret");
        assert_eq!(format!("{secret:?}"), "SecretString([redacted])");
        assert_eq!(format!("{secret:#?}"), "SecretString([redacted])");
    }

    #[test]
    fn equality_is_equality_of_the_text() {
        assert_eq!(SecretString::from("fake-a"), SecretString::from("fake-a"));
        assert_ne!(SecretString::from("fake-a"), SecretString::from("fake-b"));
        assert_ne!(SecretString::from("fake-a"), SecretString::from("fake-ab"));
    }
}
