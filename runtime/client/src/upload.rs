//! Bodies of requests that nobody holds as a whole.

use std::fmt;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use specwright_core::operation::RequestBody;
use specwright_core::transport::{BoxError, BoxFuture, UploadReader, UploadSource};
use tokio::task::spawn_blocking;

/// So many bytes are asked for at once of what blocks while it is read.
const CHUNK: usize = 64 * 1024;

/// The body of a request, read while it is sent. At most a chunk of it is held, and what the connection buffers.
///
/// Most of them can be opened anew for each attempt ([`Self::from_path`], [`Self::new`]), and must have the same bytes each
/// time. One that is read [once](Self::once) is not sent again after its first byte was asked for, whatever happens: the
/// call ends with the error of that attempt.
///
/// It may take as long as it goes on. While it is sent, the server may let 30 s pass without taking any of it, and the
/// reader 30 s without giving any; the time of the attempt and the client's deadline stand still meanwhile. A deadline of
/// [the call itself](crate::CallOptions::with_deadline) holds for all of it.
///
/// A reader that fails, or that has more or fewer bytes than [said](Self::with_length), ends the call with
/// [`ErrorKind::Upload`](crate::ErrorKind::Upload). It cannot be an operation with a name
/// ([`CallOptions::with_operation`](crate::CallOptions::with_operation)): nothing would tell its request from another one.
#[derive(Clone)]
pub struct Upload {
    source: Source,
    length: Option<u64>,
}

#[derive(Clone)]
enum Source {
    /// It is opened for each attempt.
    Anew(Arc<dyn Fn() -> Box<dyn UploadReader> + Send + Sync>),
    /// It is there until somebody opens it.
    Once(Arc<Mutex<Option<Box<dyn UploadReader>>>>),
}

impl Upload {
    /// An upload that `open` begins anew for each attempt.
    pub fn new<R: UploadReader>(open: impl Fn() -> R + Send + Sync + 'static) -> Self {
        Self { source: Source::Anew(Arc::new(move || Box::new(open()))), length: None }
    }

    /// An upload that can be read once only.
    pub fn once(reader: impl UploadReader) -> Self {
        let reader: Box<dyn UploadReader> = Box::new(reader);
        Self { source: Source::Once(Arc::new(Mutex::new(Some(reader)))), length: None }
    }

    /// A file, of the length that it has now. It is opened for each attempt, and must stay as it is until the call is over.
    ///
    /// Needs a runtime of tokio, as all calls do; reading blocks none of its threads.
    pub async fn from_path(path: impl Into<PathBuf>) -> io::Result<Self> {
        let path: PathBuf = path.into();
        let measured = path.clone();
        let length = blocking(move || Ok(std::fs::metadata(measured)?.len())).await?;
        Ok(Self::from_read(move || std::fs::File::open::<&Path>(&path)).with_length(length))
    }

    /// What `open` opens, for each attempt. Opening and reading may block.
    pub fn from_read<R: Read + Send + 'static>(
        open: impl Fn() -> io::Result<R> + Send + Sync + 'static,
    ) -> Self {
        let open = Arc::new(open);
        Self::new(move || Blocking::Closed(Arc::clone(&open) as Open<R>))
    }

    /// The chunks of the stream that `open` begins, for each attempt.
    #[cfg(feature = "stream")]
    pub fn from_stream<S, E>(open: impl Fn() -> S + Send + Sync + 'static) -> Self
    where
        S: futures_core::Stream<Item = Result<Bytes, E>> + Send + 'static,
        E: Into<BoxError>,
    {
        Self::new(move || Streamed(Box::pin(open())))
    }

    /// The chunks of a stream, which can be read once only.
    #[cfg(feature = "stream")]
    pub fn once_from_stream<S, E>(stream: S) -> Self
    where
        S: futures_core::Stream<Item = Result<Bytes, E>> + Send + 'static,
        E: Into<BoxError>,
    {
        Self::once(Streamed(Box::pin(stream)))
    }

    /// Says how many bytes there are. It is sent as `Content-Length`; without it the body is sent in chunks of its own
    /// framing, which not every server takes.
    #[must_use]
    pub fn with_length(mut self, bytes: u64) -> Self {
        self.length = Some(bytes);
        self
    }
}

impl UploadSource for Upload {
    fn length(&self) -> Option<u64> {
        self.length
    }

    fn open(&self) -> Option<Box<dyn UploadReader>> {
        match &self.source {
            Source::Anew(open) => Some(open()),
            Source::Once(reader) => reader.lock().unwrap_or_else(PoisonError::into_inner).take(),
        }
    }

    fn is_spent(&self) -> bool {
        match &self.source {
            Source::Anew(_) => false,
            Source::Once(reader) => reader.lock().unwrap_or_else(PoisonError::into_inner).is_none(),
        }
    }
}

impl From<Upload> for RequestBody {
    fn from(upload: Upload) -> Self {
        Self::Upload(Arc::new(upload))
    }
}

impl fmt::Debug for Upload {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match &self.source {
            Source::Anew(_) => "Upload",
            Source::Once(_) => "Upload, once",
        };
        match self.length {
            Some(length) => write!(to, "{kind}({length} bytes)"),
            None => write!(to, "{kind}(of unknown length)"),
        }
    }
}

type Open<R> = Arc<dyn Fn() -> io::Result<R> + Send + Sync>;

/// A reader that blocks. It is away while it reads, on a thread for that.
enum Blocking<R> {
    Closed(Open<R>),
    Reading(R),
    Away,
}

impl<R: Read + Send + 'static> UploadReader for Blocking<R> {
    fn next(&mut self) -> BoxFuture<'_, Result<Option<Bytes>, BoxError>> {
        Box::pin(async move {
            let reader = std::mem::replace(self, Self::Away);
            let read = blocking(move || {
                let mut reader = match reader {
                    Self::Closed(open) => open()?,
                    Self::Reading(reader) => reader,
                    Self::Away => return Err(io::Error::other("an earlier read did not end")),
                };
                let chunk = chunk_of(&mut reader)?;
                Ok((reader, chunk))
            });
            let (reader, chunk) = read.await?;
            *self = Self::Reading(reader);
            Ok((!chunk.is_empty()).then_some(chunk))
        })
    }
}

/// What there is: a pipe may take its time for more.
fn chunk_of(reader: &mut impl Read) -> io::Result<Bytes> {
    let mut chunk = vec![0; CHUNK];
    loop {
        match reader.read(&mut chunk) {
            Ok(length) => {
                chunk.truncate(length);
                return Ok(chunk.into());
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    spawn_blocking(work).await.map_err(io::Error::other)?
}

#[cfg(feature = "stream")]
struct Streamed<S>(std::pin::Pin<Box<S>>);

#[cfg(feature = "stream")]
impl<S, E> UploadReader for Streamed<S>
where
    S: futures_core::Stream<Item = Result<Bytes, E>> + Send + 'static,
    E: Into<BoxError>,
{
    fn next(&mut self) -> BoxFuture<'_, Result<Option<Bytes>, BoxError>> {
        Box::pin(std::future::poll_fn(|context| {
            self.0.as_mut().poll_next(context).map(|item| item.transpose().map_err(Into::into))
        }))
    }
}
