//! The bytes of a request or answer, which no log may see.

use std::fmt;
use std::ops::Deref;

use bytes::Bytes;

/// The whole body of a request or answer.
///
/// It is [`Bytes`] with another `Debug`: bodies hold tokens and personal data, and `http::Request` prints its body. So
/// this type prints its length only. Cloning shares the bytes.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Body(Bytes);

impl Body {
    /// A body without bytes.
    pub fn empty() -> Self {
        Self::default()
    }

    /// The bytes, without a copy.
    pub fn into_bytes(self) -> Bytes {
        self.0
    }

    /// The bytes; a clone of them shares the memory.
    pub fn bytes(&self) -> &Bytes {
        &self.0
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "Body({} bytes)", self.0.len())
    }
}

impl Deref for Body {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        Self(bytes)
    }
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes.into())
    }
}

impl From<&'static str> for Body {
    fn from(text: &'static str) -> Self {
        Self(text.into())
    }
}

#[cfg(test)]
mod tests {
    use super::Body;
    use crate::transport::TransportRequest;

    #[test]
    fn debug_of_a_request_shows_the_length_of_its_body_only() {
        let request = TransportRequest::new(Body::from("canary-body"));
        let shown = format!("{request:?}");
        assert!(shown.contains("Body(11 bytes)") && !shown.contains("canary"), "{shown}");
    }
}
