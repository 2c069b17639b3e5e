//! The keys that a vendor may have signed with.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use specwright_core::types::SecretString;
use zeroize::Zeroizing;

use crate::scheme::SecretForm;

/// The most secrets of one verifier: a rotation needs two, and each costs a pass over the body.
const MAX_SECRETS: usize = 4;

/// One to four keys. The memory of each is overwritten on drop.
#[derive(Clone)]
pub(crate) struct Secrets(Arc<[Zeroizing<Vec<u8>>]>);

impl Secrets {
    pub(crate) fn read<S: Into<SecretString>>(
        form: SecretForm,
        texts: impl IntoIterator<Item = S>,
    ) -> Result<Self, SecretsError> {
        let keys = texts
            .into_iter()
            .take(MAX_SECRETS + 1)
            .map(|text| key(form, &text.into()))
            .collect::<Result<Vec<_>, _>>()?;
        match keys.len() {
            0 => Err(SecretsError::None),
            1..=MAX_SECRETS => Ok(Self(keys.into())),
            _ => Err(SecretsError::TooMany),
        }
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = &[u8]> {
        self.0.iter().map(|key| key.as_slice())
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "Secrets([redacted; {}])", self.0.len())
    }
}

/// The key that a secret holds. Anybody can sign with a key of no bytes.
pub(crate) fn key(
    form: SecretForm,
    secret: &SecretString,
) -> Result<Zeroizing<Vec<u8>>, SecretsError> {
    let text = secret.expose();
    if text.trim() != text {
        return Err(SecretsError::WhiteSpace);
    }
    let key = match form {
        SecretForm::Text => Zeroizing::new(text.as_bytes().to_vec()),
        SecretForm::Base64 => {
            let encoded = text.strip_prefix("whsec_").unwrap_or(text);
            Zeroizing::new(STANDARD.decode(encoded).map_err(|_| SecretsError::NotBase64)?)
        }
    };
    if key.is_empty() { Err(SecretsError::Empty) } else { Ok(key) }
}

/// Secrets that nothing can be verified with. It holds no part of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SecretsError {
    /// There is none.
    None,
    /// There are more than four. Two are enough while one takes the place of the other.
    TooMany,
    /// One is empty, as an environment variable that was not set.
    Empty,
    /// One begins or ends with white space, as a file that was read with its last line break.
    WhiteSpace,
    /// One is not base64, though the scheme wants it so.
    NotBase64,
}

impl fmt::Display for SecretsError {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(match self {
            Self::None => "there is no webhook secret",
            Self::TooMany => "there are more than four webhook secrets",
            Self::Empty => "a webhook secret is empty",
            Self::WhiteSpace => "a webhook secret begins or ends with white space",
            Self::NotBase64 => "a webhook secret is not base64",
        })
    }
}

impl StdError for SecretsError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(secrets: &[&str]) -> Result<usize, SecretsError> {
        Secrets::read(SecretForm::Text, secrets.iter().copied()).map(|read| read.0.len())
    }

    fn base64(secret: &str) -> Result<Vec<u8>, SecretsError> {
        key(SecretForm::Base64, &secret.into()).map(|key| key.to_vec())
    }

    #[test]
    fn no_secret_is_refused() {
        assert_eq!(text(&[]), Err(SecretsError::None));
    }

    #[test]
    fn four_secrets_are_taken() {
        assert_eq!(text(&["a", "b", "c", "d"]), Ok(4));
    }

    #[test]
    fn five_secrets_are_refused() {
        assert_eq!(text(&["a", "b", "c", "d", "e"]), Err(SecretsError::TooMany));
    }

    #[test]
    fn an_endless_list_of_secrets_is_refused() {
        let endless = std::iter::repeat("a");
        assert_eq!(Secrets::read(SecretForm::Text, endless).err(), Some(SecretsError::TooMany));
    }

    #[test]
    fn an_empty_secret_is_refused_in_either_form() {
        assert_eq!(text(&["a", ""]), Err(SecretsError::Empty));
        assert_eq!(base64("whsec_"), Err(SecretsError::Empty));
    }

    #[test]
    fn white_space_around_a_secret_is_refused() {
        assert_eq!(text(&["fake\n"]), Err(SecretsError::WhiteSpace));
        assert_eq!(base64(" ZmFrZQ=="), Err(SecretsError::WhiteSpace));
    }

    #[test]
    fn base64_is_decoded_with_and_without_its_prefix() {
        assert_eq!(base64("whsec_ZmFrZQ=="), Ok(b"fake".to_vec()));
        assert_eq!(base64("ZmFrZQ=="), Ok(b"fake".to_vec()));
    }

    #[test]
    fn what_is_not_base64_is_refused() {
        assert_eq!(base64("whsec_ZmFrZQ="), Err(SecretsError::NotBase64));
        assert_eq!(base64("whpk_ZmFrZQ=="), Err(SecretsError::NotBase64));
    }

    #[test]
    fn a_text_that_looks_like_hex_is_the_key_itself() {
        let secret = SecretString::from("00ff");
        assert_eq!(key(SecretForm::Text, &secret).unwrap().as_slice(), b"00ff");
    }

    #[test]
    fn debug_shows_no_key() {
        let secrets = Secrets::read(SecretForm::Text, ["canary-secret"]).unwrap();
        assert_eq!(format!("{secrets:?}"), "Secrets([redacted; 1])");
    }
}
