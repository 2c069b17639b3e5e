//! A body that is read while it is sent.

use std::error::Error as StdError;
use std::fmt::{self, Debug};

use bytes::Bytes;

use crate::transport::{BoxError, BoxFuture, SendError, SendErrorKind, Sent};

/// Where the body of a request comes from that nobody holds as a whole.
///
/// Each attempt of a call opens it anew and reads the same bytes. A source that can be opened once only is spent then, and
/// its request is not sent again.
///
/// Its `Debug` shows no byte of the body.
pub trait UploadSource: Debug + Send + Sync {
    /// How many bytes there are, if that is known. It is sent as `Content-Length`, and a body with another number of bytes is
    /// an error.
    fn length(&self) -> Option<u64>;

    /// A reader that stands at the first byte; `None` if the source is spent. Nothing is read yet.
    fn open(&self) -> Option<Box<dyn UploadReader>>;

    /// Whether the source can be opened no more.
    fn is_spent(&self) -> bool;
}

/// Reads a body to be sent, chunk by chunk. Dropping it gives the rest up.
pub trait UploadReader: Send + 'static {
    /// The next bytes, or `None` at the end. It is called when there is room for them, and not after an end or an error.
    ///
    /// An error ends the call. Its text is shown, so it must hold nothing of the body.
    fn next(&mut self) -> BoxFuture<'_, Result<Option<Bytes>, BoxError>>;
}

/// A body on its way out, as a transport reads it: the bytes of an [`UploadSource`], and never more or fewer than it says.
pub struct OpenUpload {
    reader: Box<dyn UploadReader>,
    stated: Option<u64>,
    read: u64,
    /// The end has been seen, which is looked for before the last bytes are given out.
    at_end: bool,
}

impl OpenUpload {
    /// Opens a source at its first byte.
    pub fn new(source: &dyn UploadSource) -> Result<Self, UploadError> {
        let reader = source.open().ok_or_else(UploadError::spent)?;
        Ok(Self { reader, stated: source.length(), read: 0, at_end: false })
    }

    /// The next bytes, of which there are some, or `None` at the end.
    ///
    /// The last bytes of a body whose length is stated come when its end has been seen: a server that has as many bytes as
    /// it was promised takes the body for whole, and no error reaches it any more.
    pub async fn next(&mut self) -> Result<Option<Bytes>, UploadError> {
        if self.at_end {
            return Ok(None);
        }
        let Some(chunk) = self.read().await? else {
            self.at_end = true;
            return match self.stated {
                Some(stated) if self.read < stated => Err(UploadError::short(self.read, stated)),
                _ => Ok(None),
            };
        };
        self.read = self.read.saturating_add(chunk.len() as u64);
        let Some(stated) = self.stated else { return Ok(Some(chunk)) };
        if self.read > stated || (self.read == stated && self.read().await?.is_some()) {
            return Err(UploadError::long(stated));
        }
        self.at_end = self.read == stated;
        Ok(Some(chunk))
    }

    /// Whether no byte is left; with a stated length this is known as soon as the last ones have been given out.
    pub fn is_at_end(&self) -> bool {
        self.at_end
    }

    /// The next chunk that is not empty: an empty one would end a body that is sent in chunks.
    async fn read(&mut self) -> Result<Option<Bytes>, UploadError> {
        loop {
            match self.reader.next().await.map_err(UploadError::from_reader)? {
                Some(chunk) if chunk.is_empty() => {}
                read => return Ok(read),
            }
        }
    }
}

impl Debug for OpenUpload {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "OpenUpload({} bytes read)", self.read)
    }
}

/// Why a body could not be read to its end. It is never the server's fault.
#[derive(Debug)]
pub struct UploadError(Repr);

#[derive(Debug)]
enum Repr {
    Reader(BoxError),
    Short { read: u64, stated: u64 },
    Long { stated: u64 },
    Spent,
}

impl UploadError {
    /// The reader says so.
    pub fn from_reader(error: BoxError) -> Self {
        match error.downcast::<Self>() {
            // A reader around another one hands its error on.
            Ok(error) => *error,
            Err(error) => Self(Repr::Reader(error)),
        }
    }

    /// A body that can be opened once only has been opened before.
    pub fn spent() -> Self {
        Self(Repr::Spent)
    }

    fn short(read: u64, stated: u64) -> Self {
        Self(Repr::Short { read, stated })
    }

    fn long(stated: u64) -> Self {
        Self(Repr::Long { stated })
    }
}

impl fmt::Display for UploadError {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Repr::Reader(_) => to.write_str("the reader of the body failed"),
            Repr::Short { read, stated } => {
                write!(to, "the body ends after {read} of {stated} bytes")
            }
            Repr::Long { stated } => write!(to, "the body goes on after its {stated} bytes"),
            Repr::Spent => to.write_str("the body can be read once only, and was"),
        }
    }
}

impl StdError for UploadError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match &self.0 {
            Repr::Reader(error) => Some(&**error),
            Repr::Short { .. } | Repr::Long { .. } | Repr::Spent => None,
        }
    }
}

/// The attempt ended there: the server has a part of the request at most.
impl From<UploadError> for SendError {
    fn from(error: UploadError) -> Self {
        Self::new(Sent::Maybe, SendErrorKind::Upload).with_source(error)
    }
}

#[cfg(test)]
mod tests {
    use std::task::{Context, Poll, Waker};

    use super::*;

    /// A body of chunks of these lengths, which says that it is so long.
    #[derive(Debug)]
    struct Chunks(Vec<usize>, Option<u64>);

    struct Reader(std::vec::IntoIter<usize>);

    impl UploadSource for Chunks {
        fn length(&self) -> Option<u64> {
            self.1
        }

        fn open(&self) -> Option<Box<dyn UploadReader>> {
            Some(Box::new(Reader(self.0.clone().into_iter())))
        }

        fn is_spent(&self) -> bool {
            false
        }
    }

    impl UploadReader for Reader {
        fn next(&mut self) -> BoxFuture<'_, Result<Option<Bytes>, BoxError>> {
            let chunk = self.0.next().map(|length| Bytes::from(vec![b'x'; length]));
            Box::pin(async move { Ok(chunk) })
        }
    }

    /// The lengths of what is read, and the error that ends it.
    fn read(chunks: &[usize], stated: Option<u64>) -> (Vec<usize>, Option<String>) {
        let mut open = OpenUpload::new(&Chunks(chunks.to_vec(), stated)).unwrap();
        let mut lengths = Vec::new();
        loop {
            let next = std::pin::pin!(open.next()).poll(&mut Context::from_waker(Waker::noop()));
            match next {
                Poll::Ready(Ok(Some(chunk))) => lengths.push(chunk.len()),
                Poll::Ready(Ok(None)) => return (lengths, None),
                Poll::Ready(Err(error)) => return (lengths, Some(error.to_string())),
                Poll::Pending => panic!("nothing to wait for"),
            }
        }
    }

    #[test]
    fn a_body_of_the_stated_length_is_read_to_its_end() {
        assert_eq!(read(&[2, 3], Some(5)), (vec![2, 3], None));
        assert_eq!(read(&[], Some(0)), (vec![], None));
        assert_eq!(read(&[2, 3], None), (vec![2, 3], None));
    }

    #[test]
    fn a_body_that_is_too_short_is_an_error() {
        let short = Some("the body ends after 2 of 5 bytes".to_owned());
        assert_eq!(read(&[2], Some(5)), (vec![2], short));
    }

    #[test]
    fn the_last_bytes_of_a_body_that_is_too_long_are_not_given_out() {
        let long = Some("the body goes on after its 5 bytes".to_owned());
        for chunks in [&[2, 4][..], &[2, 3, 1], &[2, 3, 0, 1]] {
            assert_eq!(read(chunks, Some(5)), (vec![2], long.clone()), "{chunks:?}");
        }
    }

    #[test]
    fn an_empty_chunk_is_no_end() {
        assert_eq!(read(&[0, 2, 0, 3], None), (vec![2, 3], None));
    }
}
