//! What headers say about a signature, before anything of it is believed.

use std::time::{Duration, SystemTime};

use http::HeaderMap;

use crate::delivery::IdPlace;
use crate::mac::Tag;
use crate::verify::VerifyErrorKind;

/// The longest header that is read, in bytes.
const MAX_HEADER: usize = 1024;

/// The most items of a header. A sender that replaces its secret has two or three.
const MAX_ITEMS: usize = 16;

/// The longest time, in digits: enough until the year 5138.
const MAX_DIGITS: usize = 11;

/// What is signed besides the body, and the signatures.
pub(crate) struct Signed {
    /// What is signed before the body, as it was received.
    pub(crate) prefix: String,
    pub(crate) at: SystemTime,
    pub(crate) id: IdPlace,
    pub(crate) tags: Vec<Tag>,
}

impl Signed {
    /// `tags` has an entry for each signature of the scheme, `None` where it is not the text of one.
    pub(crate) fn new(
        prefix: String,
        at: SystemTime,
        id: IdPlace,
        tags: Vec<Option<Tag>>,
    ) -> Result<Self, VerifyErrorKind> {
        if tags.is_empty() {
            return Err(VerifyErrorKind::Unsigned);
        }
        Ok(Self { prefix, at, id, tags: tags.into_iter().flatten().collect() })
    }
}

/// When something was signed.
pub(crate) struct SignedAt<'h> {
    /// As it was received: what is signed is this text, not the number.
    pub(crate) text: &'h str,
    pub(crate) moment: SystemTime,
}

impl<'h> SignedAt<'h> {
    /// Reads seconds since 1970: ASCII digits only, so neither a sign nor a fraction.
    pub(crate) fn read(text: &'h str) -> Result<Self, VerifyErrorKind> {
        let digits = (1..=MAX_DIGITS).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_digit());
        let seconds = if digits { text.parse().ok() } else { None };
        seconds
            .and_then(|seconds| SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds)))
            .map(|moment| Self { text, moment })
            .ok_or(VerifyErrorKind::Malformed)
    }
}

/// The value of a header that is there once. Of two, one could be checked here and the other one be used elsewhere.
pub(crate) fn single<'h>(headers: &'h HeaderMap, name: &str) -> Result<&'h str, VerifyErrorKind> {
    let mut values = headers.get_all(name).iter();
    let value = values.next().ok_or(VerifyErrorKind::Unsigned)?;
    if values.next().is_some() || value.len() > MAX_HEADER {
        return Err(VerifyErrorKind::Malformed);
    }
    value.to_str().map_err(|_| VerifyErrorKind::Malformed)
}

/// The items of a list, if they are not too many.
pub(crate) fn items(
    list: &str,
    separator: char,
) -> Result<impl Iterator<Item = &str>, VerifyErrorKind> {
    if list.split(separator).nth(MAX_ITEMS).is_some() {
        return Err(VerifyErrorKind::Malformed);
    }
    Ok(list.split(separator))
}
