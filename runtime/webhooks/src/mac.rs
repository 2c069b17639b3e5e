//! The message authentication code: HMAC-SHA256 (RFC 2104).

use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use subtle::{Choice, ConstantTimeEq as _};

use crate::secrets::Secrets;

/// A signature, or the code it is compared with.
pub(crate) type Tag = [u8; 32];

/// Whether one of the keys has made one of the tags.
///
/// Every key is tried with every tag, and each comparison reads all bytes, so how long it takes says nothing of which one
/// fits or how much of it.
pub(crate) fn made_by_one_of(secrets: &Secrets, tags: &[Tag], prefix: &str, body: &[u8]) -> bool {
    let mut any = Choice::from(0);
    for key in secrets.keys() {
        // A key that HMAC did not take would have signed nothing; it takes all.
        let Some(made) = tag(key, prefix, body) else { continue };
        for tag in tags {
            any |= made.ct_eq(tag);
        }
    }
    any.into()
}

/// The code of `prefix` and `body`, one after the other.
pub(crate) fn tag(key: &[u8], prefix: &str, body: &[u8]) -> Option<Tag> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    mac.update(prefix.as_bytes());
    mac.update(body);
    Some(mac.finalize().into_bytes().into())
}
