//! The world in which the targets run: time jumps instead of passing, nothing is drawn, and a server answers from memory.
//!
//! So one input has one outcome, and a run takes microseconds.

use std::future::ready;
use std::pin::pin;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, SystemTime};

use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use specwright_core::clock::Clock;
use specwright_core::random::Random;
use specwright_core::transport::{
    AttemptLimits, Body, BoxFuture, SendError, SendErrorKind, Sent, Transport, TransportRequest,
    TransportResponse,
};
use specwright_refresh::Spawn;

/// When every run begins: 2026-01-01, in seconds since 1970.
pub const START: u64 = 1_767_225_600;

/// Runs a future that finds all it needs at once.
///
/// # Panics
///
/// If it waits for something: in this world nobody would ever bring it.
pub fn run<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("it waits for what nobody brings"),
    }
}

/// A clock on which every wait is over at once, and has taken its time.
#[derive(Debug, Default)]
pub struct JumpingClock(Mutex<Duration>);

impl Clock for JumpingClock {
    fn now(&self) -> SystemTime {
        let since = Duration::from_secs(START).saturating_add(self.monotonic());
        SystemTime::UNIX_EPOCH.checked_add(since).unwrap_or(SystemTime::UNIX_EPOCH)
    }

    fn monotonic(&self) -> Duration {
        *locked(&self.0)
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        let mut now = locked(&self.0);
        *now = now.saturating_add(duration);
        Box::pin(ready(()))
    }
}

/// Draws ones first, then twos and so on: no two draws of a run are alike, and what is drawn can stand in a seed.
#[derive(Debug, Default)]
pub struct Counting(AtomicU8);

impl Random for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(self.0.fetch_add(1, Ordering::Relaxed).wrapping_add(1));
    }

    fn up_to(&self, max: u64) -> u64 {
        max / 2
    }
}

/// Runs a task to its end before it returns.
#[derive(Clone, Copy, Debug)]
pub struct AtOnce;

impl Spawn for AtOnce {
    fn spawn(&self, task: BoxFuture<'static, ()>) {
        run(task);
    }
}

/// An answer as an input writes it: a line with the status and the content type, headers, an empty line, the body.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status. 200 if the input has none that can be sent.
    pub status: StatusCode,
    /// The headers that can be sent.
    pub headers: HeaderMap,
    /// What comes after the empty line; everything if there is none.
    pub body: Vec<u8>,
}

impl Answer {
    /// Reads an input. Every one is an answer.
    pub fn read(input: &[u8]) -> Self {
        let end = input.windows(2).position(|pair| pair == b"\n\n");
        let (head, body) = match end {
            Some(end) => (&input[..end], &input[end + 2..]),
            None => (&b""[..], input),
        };
        let mut lines = head.split(|byte| *byte == b'\n');
        let first = lines.next().unwrap_or_default();
        let (status, content_type) = split(first, b' ');
        let mut headers = HeaderMap::new();
        if let Ok(content_type) = HeaderValue::from_bytes(content_type) {
            headers.insert(CONTENT_TYPE, content_type);
        }
        for (name, value) in lines.map(|line| split(line, b':')) {
            let name = HeaderName::from_bytes(name);
            let value = HeaderValue::from_bytes(value.trim_ascii());
            if let (Ok(name), Ok(value)) = (name, value) {
                headers.append(name, value);
            }
        }
        let status = StatusCode::from_bytes(status).unwrap_or(StatusCode::OK);
        Self { status, headers, body: body.to_vec() }
    }
}

fn split(text: &[u8], at: u8) -> (&[u8], &[u8]) {
    match text.iter().position(|byte| *byte == at) {
        Some(found) => (&text[..found], &text[found + 1..]),
        None => (text, b""),
    }
}

/// A server that gives one answer to every request, or none (`None`), and keeps what it was sent.
#[derive(Debug)]
pub struct Server {
    answer: Option<Answer>,
    received: Mutex<Vec<Vec<u8>>>,
}

impl Server {
    /// A server with this answer.
    pub fn new(answer: Option<Answer>) -> Self {
        Self { answer, received: Mutex::default() }
    }

    /// The bodies of the requests, in their order.
    pub fn received(&self) -> Vec<Vec<u8>> {
        locked(&self.received).clone()
    }

    fn answer(&self, limits: AttemptLimits) -> Result<TransportResponse, SendError> {
        let interrupted = SendError::new(Sent::Maybe, SendErrorKind::Interrupted);
        let Answer { status, headers, body } = self.answer.clone().ok_or(interrupted)?;
        if body.len() > limits.max_bytes(status) {
            return Err(SendError::new(Sent::Maybe, SendErrorKind::TooLarge { status }));
        }
        let mut response = TransportResponse::new(Body::from(body));
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        Ok(response)
    }
}

impl Transport for Server {
    fn send(
        &self,
        request: TransportRequest,
        limits: AttemptLimits,
    ) -> BoxFuture<'_, Result<TransportResponse, SendError>> {
        locked(&self.received)
            .push(request.body().whole().map(|body| body.to_vec()).unwrap_or_default());
        Box::pin(ready(self.answer(limits)))
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
