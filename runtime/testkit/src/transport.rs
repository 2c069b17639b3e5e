//! A transport that answers from a script and remembers what it was sent.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, Uri};
use specwright_core::clock::Clock;
use specwright_core::transport::{
    AttemptLimits, BodyReader, BoxFuture, OpenUpload, RequestBody, SendError, SendErrorKind, Sent,
    StreamedResponse, Transport, TransportRequest, TransportResponse, UploadSource,
};

use crate::body::{End, ScriptedBody};

/// Answers requests from a script. Clones share it.
///
/// Each path has its own list of answers, used in order; when it is used up, the path's standing answer is given again
/// and again. A request without either fails as one that cannot be sent, which no client repeats.
#[derive(Clone)]
pub struct ScriptedTransport {
    clock: Arc<dyn Clock>,
    shared: Arc<Mutex<Shared>>,
}

#[derive(Default)]
struct Shared {
    paths: BTreeMap<String, Scripts>,
    requests: Vec<RecordedRequest>,
}

#[derive(Default)]
struct Scripts {
    once: VecDeque<Script>,
    standing: Option<Script>,
}

/// One answer, or one failure.
#[derive(Clone)]
#[must_use]
pub struct Script {
    outcome: Outcome,
    delay: Duration,
    /// How many chunks of an upload are read before it.
    reads: usize,
}

#[derive(Clone)]
enum Outcome {
    Answer { status: StatusCode, headers: HeaderMap, chunks: Vec<Bytes>, pause: Duration, end: End },
    Failure { sent: Sent, kind: SendErrorKind },
    Silence,
}

/// A request as it was sent.
#[derive(Clone)]
#[non_exhaustive]
pub struct RecordedRequest {
    /// The method.
    pub method: Method,
    /// The absolute URI.
    pub uri: Uri,
    /// All headers, credentials included.
    pub headers: HeaderMap,
    /// The body; of an upload what was read of it.
    pub body: Bytes,
    /// What the client allowed the attempt.
    pub limits: AttemptLimits,
    /// When it was sent, on the monotonic clock.
    pub at: Duration,
}

impl Script {
    /// An answer without a body.
    ///
    /// # Panics
    /// If `status` is no status.
    #[expect(clippy::panic, reason = "a mistake in a test should stop the test")]
    pub fn status(status: u16) -> Self {
        let Ok(status) = StatusCode::from_u16(status) else { panic!("{status} is no status") };
        Self::new(Outcome::Answer {
            status,
            headers: HeaderMap::new(),
            chunks: Vec::new(),
            pause: Duration::ZERO,
            end: End::Complete,
        })
    }

    /// An answer with a body of JSON text.
    pub fn json(status: u16, body: impl Into<Bytes>) -> Self {
        let script = Self::status(status).header("content-type", "application/json");
        script.body(body)
    }

    /// An attempt without an answer.
    pub fn failure(sent: Sent, kind: SendErrorKind) -> Self {
        Self::new(Outcome::Failure { sent, kind })
    }

    /// No answer at all: the attempt ends by its time limit.
    pub fn silence() -> Self {
        Self::new(Outcome::Silence)
    }

    fn new(outcome: Outcome) -> Self {
        Self { outcome, delay: Duration::ZERO, reads: usize::MAX }
    }

    /// Adds a header to an answer.
    ///
    /// # Panics
    /// If it is no header.
    #[expect(clippy::panic, reason = "a mistake in a test should stop the test")]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value))
        else {
            panic!("`{name}: {value}` is no header")
        };
        if let Outcome::Answer { headers, .. } = &mut self.outcome {
            headers.append(name, value);
        }
        self
    }

    /// Sets the body of an answer, which comes in one chunk.
    pub fn body(self, text: impl Into<Bytes>) -> Self {
        self.chunks([text])
    }

    /// Sets the body of an answer, chunk by chunk.
    pub fn chunks<B: Into<Bytes>>(mut self, body: impl IntoIterator<Item = B>) -> Self {
        if let Outcome::Answer { chunks, .. } = &mut self.outcome {
            *chunks = body.into_iter().map(Into::into).collect();
        }
        self
    }

    /// Lets this much time pass before each chunk of an answer's body, and before its end.
    pub fn pausing(mut self, time: Duration) -> Self {
        if let Outcome::Answer { pause, .. } = &mut self.outcome {
            *pause = time;
        }
        self
    }

    /// Breaks the body of an answer after its last chunk.
    pub fn breaking(self, kind: SendErrorKind) -> Self {
        self.ending(End::Broken(kind))
    }

    /// Lets nothing follow the last chunk of an answer's body, not even its end.
    pub fn falling_silent(self) -> Self {
        self.ending(End::Silence)
    }

    fn ending(mut self, by: End) -> Self {
        if let Outcome::Answer { end, .. } = &mut self.outcome {
            *end = by;
        }
        self
    }

    /// Reads so many chunks of an upload and no more. A request that was not sent has none of them read.
    pub fn reading(mut self, chunks: usize) -> Self {
        self.reads = chunks;
        self
    }

    /// Lets this much time pass first.
    pub fn after(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }
}

impl ScriptedTransport {
    /// A transport without a script. Delays and time limits are measured on `clock`.
    pub fn new(clock: impl Clock) -> Self {
        Self { clock: Arc::new(clock), shared: Arc::default() }
    }

    /// Answers the next request to `path` that has no answer yet.
    pub fn push(&self, path: &str, script: Script) {
        self.lock().paths.entry(path.to_owned()).or_default().once.push_back(script);
    }

    /// Answers every further request to `path`.
    pub fn always(&self, path: &str, script: Script) {
        self.lock().paths.entry(path.to_owned()).or_default().standing = Some(script);
    }

    /// All requests so far.
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.lock().requests.clone()
    }

    /// The requests to `path` so far.
    pub fn requests_to(&self, path: &str) -> Vec<RecordedRequest> {
        let mut requests = self.requests();
        requests.retain(|request| request.uri.path() == path);
        requests
    }

    fn record(&self, request: TransportRequest, limits: AttemptLimits) -> (usize, Option<Script>) {
        let (head, body) = request.into_parts();
        let at = self.clock.monotonic();
        let path = head.uri.path().to_owned();
        let recorded = RecordedRequest {
            method: head.method,
            uri: head.uri,
            headers: head.headers,
            body: body.whole().map(|body| body.bytes().clone()).unwrap_or_default(),
            limits,
            at,
        };
        let mut shared = self.lock();
        let number = shared.requests.len();
        shared.requests.push(recorded);
        let Some(scripts) = shared.paths.get_mut(&path) else { return (number, None) };
        (number, scripts.once.pop_front().or_else(|| scripts.standing.clone()))
    }

    /// Reads an upload, as far as the script does.
    async fn read(
        &self,
        number: usize,
        upload: &dyn UploadSource,
        script: &Script,
    ) -> Result<(), SendError> {
        let unsent = matches!(script.outcome, Outcome::Failure { sent: Sent::No, .. });
        if unsent || script.reads == 0 {
            return Ok(());
        }
        let mut open = OpenUpload::new(upload)?;
        for _ in 0..script.reads {
            let Some(chunk) = open.next().await? else { break };
            // At once: whoever sends may give up meanwhile.
            if let Some(recorded) = self.lock().requests.get_mut(number) {
                let mut body = BytesMut::from(std::mem::take(&mut recorded.body));
                body.extend_from_slice(&chunk);
                recorded.body = body.freeze();
            }
        }
        Ok(())
    }

    /// The head of an answer, and its body.
    async fn open(
        &self,
        request: TransportRequest,
        limits: AttemptLimits,
    ) -> Result<Response<ScriptedBody>, SendError> {
        let name = format!("{} {}", request.method(), request.uri().path());
        let upload = match request.body() {
            RequestBody::Upload(upload) => Some(Arc::clone(upload)),
            RequestBody::Whole(_) => None,
        };
        let (number, script) = self.record(request, limits);
        let Some(script) = script else {
            return Err(SendError::new(Sent::No, SendErrorKind::Request)
                .with_source(format!("the script has no answer for {name}")));
        };
        if let Some(upload) = upload {
            self.read(number, &*upload, &script).await?;
        }
        let timeout = || SendError::new(Sent::Maybe, SendErrorKind::Timeout);
        if script.delay > limits.timeout {
            self.clock.sleep(limits.timeout).await;
            return Err(timeout());
        }
        if !script.delay.is_zero() {
            self.clock.sleep(script.delay).await;
        }
        match script.outcome {
            Outcome::Answer { status, headers, chunks, pause, end } => {
                let clock = Arc::clone(&self.clock);
                let (silence, most) = (limits.idle_timeout, limits.max_bytes(status));
                let body = ScriptedBody::new(clock, chunks, pause, end, silence, most, status);
                let mut response = Response::new(body);
                *response.status_mut() = status;
                *response.headers_mut() = headers;
                Ok(response)
            }
            Outcome::Failure { sent, kind } => Err(SendError::new(sent, kind)),
            Outcome::Silence => {
                self.clock.sleep(limits.timeout.saturating_sub(script.delay)).await;
                Err(timeout())
            }
        }
    }

    /// The whole answer, whose body shares the time of the attempt.
    async fn whole(
        &self,
        request: TransportRequest,
        limits: AttemptLimits,
    ) -> Result<TransportResponse, SendError> {
        let start = self.clock.monotonic();
        let (head, mut body) = self.open(request, limits).await?.into_parts();
        let mut whole = BytesMut::new();
        loop {
            let spent = self.clock.monotonic().saturating_sub(start);
            let chunk = body.chunk(limits.timeout.saturating_sub(spent)).await;
            if let Ok(Some(chunk)) = chunk {
                whole.extend_from_slice(&chunk);
                continue;
            }
            let answer = TransportResponse::from_parts(head, whole.freeze().into());
            return match chunk {
                Ok(_) => Ok(answer),
                Err(error) => Err(error.with_broken_off(answer, &limits)),
            };
        }
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Transport for ScriptedTransport {
    fn send(
        &self,
        request: TransportRequest,
        limits: AttemptLimits,
    ) -> BoxFuture<'_, Result<TransportResponse, SendError>> {
        Box::pin(self.whole(request, limits))
    }

    fn stream(
        &self,
        request: TransportRequest,
        limits: AttemptLimits,
    ) -> BoxFuture<'_, Result<StreamedResponse, SendError>> {
        Box::pin(async move {
            let response = self.open(request, limits).await?;
            Ok(response.map(|body| Box::new(body) as Box<dyn BodyReader>))
        })
    }
}

impl RecordedRequest {
    /// The text of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// Shows no header value and no body: real secrets end in tests too.
impl fmt::Debug for RecordedRequest {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "{} {}", self.method, self.uri.path())
    }
}

impl fmt::Debug for ScriptedTransport {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.debug_struct("ScriptedTransport")
            .field("requests", &self.lock().requests.len())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Script {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.outcome {
            Outcome::Answer { status, .. } => write!(to, "Script({status})"),
            Outcome::Failure { sent, kind } => write!(to, "Script({kind:?}, sent: {sent:?})"),
            Outcome::Silence => to.write_str("Script(silence)"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error;

    use super::*;
    use crate::clock::VirtualClock;

    fn request(path: &str) -> TransportRequest {
        let mut request = TransportRequest::default();
        *request.uri_mut() = format!("https://api.example{path}").parse().unwrap();
        request
    }

    fn limits() -> AttemptLimits {
        AttemptLimits::new(Duration::from_secs(30))
    }

    #[tokio::test]
    async fn answers_come_in_order_and_then_the_standing_one() {
        let transport = ScriptedTransport::new(VirtualClock::new());
        transport.push("/a", Script::status(201));
        transport.always("/a", Script::status(200));
        let mut statuses = Vec::new();
        for _ in 0..3 {
            statuses.push(transport.send(request("/a"), limits()).await.unwrap().status().as_u16());
        }
        assert_eq!(statuses, [201, 200, 200]);
    }

    #[tokio::test]
    async fn a_request_without_a_script_says_so() {
        let transport = ScriptedTransport::new(VirtualClock::new());
        let error = transport.send(request("/b"), limits()).await.unwrap_err();
        assert_eq!(error.kind, SendErrorKind::Request);
        assert_eq!(error.source().unwrap().to_string(), "the script has no answer for GET /b");
    }

    #[tokio::test]
    async fn chunks_are_one_body_for_who_reads_it_whole() {
        let transport = ScriptedTransport::new(VirtualClock::new());
        transport.push("/a", Script::status(200).chunks(["one ", "two"]));
        let answer = transport.send(request("/a"), limits()).await.unwrap();
        assert_eq!(&**answer.body(), b"one two");
    }

    #[tokio::test]
    async fn the_time_limit_of_a_whole_answer_covers_the_pauses_of_its_body() {
        for (pause, fits) in [(10, true), (11, false)] {
            let clock = VirtualClock::automatic();
            let transport = ScriptedTransport::new(clock.clone());
            let script = Script::status(200).chunks(["one ", "two"]);
            transport.push("/a", script.pausing(Duration::from_secs(pause)));
            assert_eq!(transport.send(request("/a"), limits()).await.is_ok(), fits, "{pause}");
            assert_eq!(clock.elapsed(), Duration::from_secs(30));
        }
    }

    #[tokio::test]
    async fn a_whole_answer_that_breaks_is_none() {
        let transport = ScriptedTransport::new(VirtualClock::new());
        let script = Script::status(200).body("half").breaking(SendErrorKind::Interrupted);
        transport.push("/a", script);
        let error = transport.send(request("/a"), limits()).await.unwrap_err();
        assert_eq!((error.sent, error.kind), (Sent::Maybe, SendErrorKind::Interrupted));
    }

    #[tokio::test]
    async fn silence_ends_by_the_time_limit() {
        let clock = VirtualClock::automatic();
        let transport = ScriptedTransport::new(clock.clone());
        transport.push("/a", Script::silence());
        let error = transport.send(request("/a"), limits()).await.unwrap_err();
        assert_eq!((error.sent, error.kind), (Sent::Maybe, SendErrorKind::Timeout));
        assert_eq!(clock.elapsed(), Duration::from_secs(30));
    }
}
