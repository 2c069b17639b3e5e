//! Bytes that must not be seen.

use std::fmt;

use zeroize::Zeroizing;

/// Secret bytes that are no text, or may be none: the body of an answer that holds tokens.
///
/// `Debug` shows their number alone. The memory is overwritten on drop.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct SecretBytes(Zeroizing<Vec<u8>>);

impl SecretBytes {
    /// The bytes themselves. Each call is a place to review: they must end in sealed storage.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl From<&[u8]> for SecretBytes {
    fn from(bytes: &[u8]) -> Self {
        Self(Zeroizing::new(bytes.to_vec()))
    }
}

impl fmt::Debug for SecretBytes {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "SecretBytes({} bytes)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::SecretBytes;

    #[test]
    fn debug_shows_the_number_of_bytes_alone() {
        let bytes = SecretBytes::from(b"canary".as_slice());
        assert_eq!(format!("{bytes:?} {bytes:#?}"), "SecretBytes(6 bytes) SecretBytes(6 bytes)");
    }
}
