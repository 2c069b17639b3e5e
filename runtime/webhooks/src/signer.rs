//! Signs as a vendor does.

use std::error::Error as StdError;
use std::fmt;
use std::time::{Duration, SystemTime};

use http::{HeaderMap, HeaderName, HeaderValue};
use specwright_core::types::SecretString;
use zeroize::Zeroizing;

use crate::event_id::EventId;
use crate::mac;
use crate::scheme::{Form, Scheme};
use crate::secrets::{self, SecretsError};
use crate::{standard, timestamped};

/// Signs deliveries as a vendor does, for tests of what receives them.
pub struct Signer {
    scheme: Scheme,
    key: Zeroizing<Vec<u8>>,
}

impl Signer {
    /// A signer with a secret in the form of the scheme.
    pub fn new(scheme: Scheme, secret: impl Into<SecretString>) -> Result<Self, SecretsError> {
        Ok(Self { scheme, key: secrets::key(scheme.secret_form, &secret.into())? })
    }

    /// The headers of a delivery of `body` that is signed `at` a time, in whole seconds; before 1970 is 1970.
    ///
    /// `id` goes into a header where the scheme has one. Elsewhere the body has it.
    pub fn sign(&self, id: &EventId, at: SystemTime, body: &[u8]) -> Result<HeaderMap, SignError> {
        let time = at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs();
        let time = time.to_string();
        let mut headers = HeaderMap::new();
        match self.scheme.form {
            Form::Timestamped { header, .. } => {
                let tag = self.tag(&timestamped::prefix(&time), body)?;
                insert(&mut headers, header, timestamped::write(&time, &tag))?;
            }
            Form::Standard => {
                let tag = self.tag(&standard::prefix(id, &time), body)?;
                insert(&mut headers, standard::ID, id.to_string())?;
                insert(&mut headers, standard::TIMESTAMP, time)?;
                insert(&mut headers, standard::SIGNATURE, standard::write(&tag))?;
            }
        }
        Ok(headers)
    }

    fn tag(&self, prefix: &str, body: &[u8]) -> Result<mac::Tag, SignError> {
        mac::tag(&self.key, prefix, body).ok_or(SignError(()))
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.debug_struct("Signer").field("scheme", &self.scheme).finish_non_exhaustive()
    }
}

fn insert(headers: &mut HeaderMap, name: &str, value: String) -> Result<(), SignError> {
    let name = HeaderName::try_from(name).map_err(|_| SignError(()))?;
    // What is not ASCII, and spaces at either end, do not arrive as they are.
    if !value.is_ascii() || value.trim_ascii() != value {
        return Err(SignError(()));
    }
    headers.insert(name, HeaderValue::try_from(value).map_err(|_| SignError(()))?);
    Ok(())
}

/// A scheme or an id that no header can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignError(());

impl fmt::Display for SignError {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("the name of the header or the id of the event cannot be sent in a header")
    }
}

impl StdError for SignError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_that_no_header_carries_as_it_is_is_refused() {
        let secret = format!("whsec_{}", "c2VjcmV0".repeat(4));
        let signer = Signer::new(Scheme::STANDARD, secret).unwrap();
        let sign = |id| signer.sign(&EventId::new(id).unwrap(), SystemTime::UNIX_EPOCH, b"{}");
        for id in ["\u{e9}", " evt_1", "evt_1 "] {
            assert_eq!(sign(id).unwrap_err(), SignError(()), "{id:?}");
        }
        assert!(sign("evt_1").is_ok());
    }
}
