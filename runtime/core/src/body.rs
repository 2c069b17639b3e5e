//! The bytes of a request or answer, which no log may see.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};

use crate::upload::{OpenUpload, UploadError, UploadSource};

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

/// The body of a request: bytes that are there, or an upload.
///
/// Cloning shares it. Its `Debug` shows no byte.
#[derive(Clone, Debug)]
pub enum RequestBody {
    /// The whole body.
    Whole(Body),
    /// A body that is read while it is sent.
    Upload(Arc<dyn UploadSource>),
}

impl RequestBody {
    /// A body without bytes.
    pub fn empty() -> Self {
        Self::Whole(Body::empty())
    }

    /// The body, if it is there.
    pub fn whole(&self) -> Option<&Body> {
        match self {
            Self::Whole(body) => Some(body),
            Self::Upload(_) => None,
        }
    }

    /// Whether it cannot be sent, or not once more.
    pub fn is_spent(&self) -> bool {
        match self {
            Self::Whole(_) => false,
            Self::Upload(source) => source.is_spent(),
        }
    }

    /// The whole body. For a transport that cannot send one while it reads it: an upload is held in memory then.
    pub async fn collect(self) -> Result<Body, UploadError> {
        let source = match self {
            Self::Whole(body) => return Ok(body),
            Self::Upload(source) => source,
        };
        let mut open = OpenUpload::new(&*source)?;
        let mut whole = BytesMut::new();
        while let Some(chunk) = open.next().await? {
            whole.extend_from_slice(&chunk);
        }
        Ok(whole.freeze().into())
    }
}

impl Default for RequestBody {
    fn default() -> Self {
        Self::empty()
    }
}

impl From<Body> for RequestBody {
    fn from(body: Body) -> Self {
        Self::Whole(body)
    }
}

impl From<Bytes> for RequestBody {
    fn from(bytes: Bytes) -> Self {
        Self::Whole(bytes.into())
    }
}

impl From<Vec<u8>> for RequestBody {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Whole(bytes.into())
    }
}

impl From<&'static str> for RequestBody {
    fn from(text: &'static str) -> Self {
        Self::Whole(text.into())
    }
}

#[cfg(test)]
mod tests {
    use super::Body;
    use crate::transport::TransportRequest;

    #[test]
    fn debug_of_a_request_shows_the_length_of_its_body_only() {
        let request = TransportRequest::new(Body::from("canary-body").into());
        let shown = format!("{request:?}");
        assert!(shown.contains("Body(11 bytes)") && !shown.contains("canary"), "{shown}");
    }
}
