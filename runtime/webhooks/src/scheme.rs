//! How a vendor signs what it sends, as data.

/// How a vendor signs what it sends.
///
/// A generated crate has the one of its vendor as a constant, `webhooks::SCHEME`. In every scheme a signature is an
/// HMAC-SHA256 of a time and the raw body, so a body must reach the [`Verifier`](crate::Verifier) as it came: what was
/// read and written again is other text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scheme {
    pub(crate) form: Form,
    pub(crate) secret_form: SecretForm,
}

/// Where time, signatures and id are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// `header: t=TIME,v1=HEX`; the id is in the body.
    Timestamped { header: &'static str, id: &'static str },
    /// `webhook-id`, `webhook-timestamp`, `webhook-signature: v1,BASE64`.
    Standard,
}

/// How the key is written in the secret that a vendor shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SecretForm {
    /// The text is the key, byte by byte. What looks like hex is not decoded.
    Text,
    /// Base64 with padding, with or without `whsec_` before it.
    Base64,
}

impl Scheme {
    /// [Standard Webhooks](https://www.standardwebhooks.com) 1.0.0 with symmetric keys: the headers `webhook-id`,
    /// `webhook-timestamp` and `webhook-signature`, of which the last holds signatures such as `v1,BASE64` with spaces
    /// between.
    ///
    /// What is signed is id, time and body with dots between. Other signatures than `v1` are ignored.
    pub const STANDARD: Self = Self { form: Form::Standard, secret_form: SecretForm::Base64 };

    /// One header of the form `t=TIME,v1=SIGNATURE`, with the signature in hex. What is signed is the time, a dot and the
    /// body, under the text of the secret. Items of other names are ignored.
    ///
    /// The id of an event is in its body, at the JSON Pointer (RFC 6901) `id`.
    pub const fn timestamped(header: &'static str, id: &'static str) -> Self {
        Self { form: Form::Timestamped { header, id }, secret_form: SecretForm::Text }
    }

    /// The same scheme with secrets that are written in another form.
    pub const fn with_secret_form(self, form: SecretForm) -> Self {
        Self { form: self.form, secret_form: form }
    }
}
