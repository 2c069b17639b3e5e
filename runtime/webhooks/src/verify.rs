//! Whether a delivery comes from the vendor, and now.

use std::error::Error as StdError;
use std::fmt;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use specwright_core::types::SecretString;

use crate::delivery::Delivery;
use crate::mac;
use crate::scheme::{Form, Scheme};
use crate::secrets::{Secrets, SecretsError};
use crate::{standard, timestamped};

/// Tells what a vendor sent from what anybody else did.
///
/// It is a function of its arguments: it reads no clock and keeps nothing. So it cannot tell that a delivery was there
/// before; a [`Receiver`](crate::Receiver) can.
#[derive(Clone, Debug)]
pub struct Verifier {
    scheme: Scheme,
    secrets: Secrets,
    past: Duration,
    future: Duration,
}

impl Verifier {
    /// The largest body that is read: 1 MiB. Events have a few kilobytes.
    pub const MAX_BODY_BYTES: usize = 1024 * 1024;

    /// The oldest signature that is taken unless [`with_past`](Self::with_past) says otherwise: 300 seconds, as in
    /// Standard Webhooks and its libraries.
    pub const DEFAULT_PAST: Duration = Duration::from_secs(300);

    /// How far ahead the sender's clock may be unless [`with_future`](Self::with_future) says otherwise: 60 seconds.
    pub const DEFAULT_FUTURE: Duration = Duration::from_secs(60);

    /// A verifier that takes what one of one to four secrets has signed.
    ///
    /// To replace a secret without missing an event, give the old and the new one until the vendor signs with the new one
    /// alone.
    pub fn new<S: Into<SecretString>>(
        scheme: Scheme,
        secrets: impl IntoIterator<Item = S>,
    ) -> Result<Self, SecretsError> {
        let secrets = Secrets::read(scheme.secret_form, secrets)?;
        Ok(Self { scheme, secrets, past: Self::DEFAULT_PAST, future: Self::DEFAULT_FUTURE })
    }

    /// Takes signatures of up to this age.
    pub fn with_past(self, past: Duration) -> Self {
        Self { past, ..self }
    }

    /// Takes signatures from so far ahead.
    pub fn with_future(self, future: Duration) -> Self {
        Self { future, ..self }
    }

    /// The delivery, if one of the secrets has signed it, at a time close to `now`.
    ///
    /// `headers` and `body` are those of the request as it came. The body is not read as JSON.
    pub fn verify(
        &self,
        headers: &HeaderMap,
        body: impl Into<Bytes>,
        now: SystemTime,
    ) -> Result<Delivery, VerifyError> {
        let delivery = self.authenticate(headers, body.into())?;
        self.in_time(delivery, now, self.past)
    }

    /// The delivery, if its signature is of up to this age.
    pub(crate) fn in_time(
        &self,
        delivery: Delivery,
        now: SystemTime,
        oldest: Duration,
    ) -> Result<Delivery, VerifyError> {
        match now.duration_since(delivery.signed_at()) {
            Ok(age) if age > oldest => Err(VerifyErrorKind::Stale.into()),
            Err(ahead) if ahead.duration() > self.future => Err(VerifyErrorKind::Early.into()),
            Ok(_) | Err(_) => Ok(delivery),
        }
    }

    /// The delivery, if one of the secrets has signed it, whenever that was.
    pub(crate) fn authenticate(
        &self,
        headers: &HeaderMap,
        body: Bytes,
    ) -> Result<Delivery, VerifyError> {
        if body.len() > Self::MAX_BODY_BYTES {
            return Err(VerifyErrorKind::TooLarge.into());
        }
        let signed = match self.scheme.form {
            Form::Timestamped { header, id } => timestamped::read(headers, header, id)?,
            Form::Standard => standard::read(headers, &body)?,
        };
        if !mac::made_by_one_of(&self.secrets, &signed.tags, &signed.prefix, &body) {
            return Err(VerifyErrorKind::Forged.into());
        }
        Ok(Delivery::new(signed.id, signed.at, body))
    }

    /// The oldest signature that is taken.
    pub(crate) fn past(&self) -> Duration {
        self.past
    }

    /// How far ahead the sender's clock may be.
    pub(crate) fn future(&self) -> Duration {
        self.future
    }
}

/// A delivery that was not verified. It holds nothing of the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VerifyError(VerifyErrorKind);

/// Why a delivery was not verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum VerifyErrorKind {
    /// The body has more than [`Verifier::MAX_BODY_BYTES`].
    TooLarge,
    /// A header of the scheme is not there, or holds no signature of the scheme.
    ///
    /// When: somebody else calls the endpoint, or something before it drops the header.
    Unsigned,
    /// A header of the scheme is there and cannot be read: too long, twice, or not of its form.
    Malformed,
    /// No secret has made any of the signatures.
    ///
    /// When: it is forged; the secret is that of another endpoint; or the body was changed on its way here, as by a
    /// framework that reads it as JSON first.
    Forged,
    /// The vendor has signed it, but too long ago.
    ///
    /// When: it is sent again by somebody who has seen it, or the vendor keeps its first signature when it tries again.
    /// A [`Receiver`](crate::Receiver) can tell the two apart.
    Stale,
    /// The vendor has signed it, at a time that is yet to come.
    ///
    /// When: the clock of this machine is behind.
    Early,
}

impl VerifyErrorKind {
    /// A short name in lower case, for logs and as the label of a metric.
    pub fn name(self) -> &'static str {
        match self {
            Self::TooLarge => "too_large",
            Self::Unsigned => "unsigned",
            Self::Malformed => "malformed",
            Self::Forged => "forged",
            Self::Stale => "stale",
            Self::Early => "early",
        }
    }
}

impl VerifyError {
    /// Why it was not verified.
    pub fn kind(self) -> VerifyErrorKind {
        self.0
    }

    /// The status to answer with: 413 if the body is too large (RFC 9110, 15.5.14), and 401 otherwise (15.5.2), so a
    /// stranger learns nothing.
    pub fn status(self) -> StatusCode {
        match self.0 {
            VerifyErrorKind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            VerifyErrorKind::Unsigned
            | VerifyErrorKind::Malformed
            | VerifyErrorKind::Forged
            | VerifyErrorKind::Stale
            | VerifyErrorKind::Early => StatusCode::UNAUTHORIZED,
        }
    }
}

impl From<VerifyErrorKind> for VerifyError {
    fn from(kind: VerifyErrorKind) -> Self {
        Self(kind)
    }
}

impl fmt::Display for VerifyError {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(match self.0 {
            VerifyErrorKind::TooLarge => "the webhook is larger than 1 MiB",
            VerifyErrorKind::Unsigned => "the webhook has no signature",
            VerifyErrorKind::Malformed => "the signature of the webhook cannot be read",
            VerifyErrorKind::Forged => "the webhook was signed with none of the secrets",
            VerifyErrorKind::Stale => "the webhook was signed too long ago",
            VerifyErrorKind::Early => "the webhook was signed at a time that is yet to come",
        })
    }
}

impl StdError for VerifyError {}
