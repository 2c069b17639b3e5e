//! The body of a scripted answer.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use specwright_core::clock::Clock;
use specwright_core::transport::{BodyReader, BoxFuture, SendError, SendErrorKind, Sent};

/// Gives chunks out as the script says.
pub(crate) struct ScriptedBody {
    clock: Arc<dyn Clock>,
    chunks: VecDeque<Bytes>,
    pause: Duration,
    end: End,
    silence: Duration,
    /// How many bytes may still come.
    left: usize,
    status: StatusCode,
}

/// What follows the last chunk.
#[derive(Clone, Copy)]
pub(crate) enum End {
    Complete,
    Broken(SendErrorKind),
    Silence,
}

impl ScriptedBody {
    pub(crate) fn new(
        clock: Arc<dyn Clock>,
        chunks: Vec<Bytes>,
        pause: Duration,
        end: End,
        silence: Duration,
        left: usize,
        status: StatusCode,
    ) -> Self {
        Self { clock, chunks: chunks.into(), pause, end, silence, left, status }
    }

    /// The next chunk, if it comes within `time`.
    pub(crate) async fn chunk(&mut self, time: Duration) -> Result<Option<Bytes>, SendError> {
        let failure = |kind| Err(SendError::new(Sent::Maybe, kind));
        let silent = self.chunks.is_empty() && matches!(self.end, End::Silence);
        if silent || self.pause > time {
            self.clock.sleep(time).await;
            return failure(SendErrorKind::Timeout);
        }
        if !self.pause.is_zero() {
            self.clock.sleep(self.pause).await;
        }
        let Some(chunk) = self.chunks.pop_front() else {
            return match self.end {
                End::Complete | End::Silence => Ok(None),
                End::Broken(kind) => failure(kind),
            };
        };
        match self.left.checked_sub(chunk.len()) {
            Some(left) => {
                self.left = left;
                Ok(Some(chunk))
            }
            None => failure(SendErrorKind::TooLarge { status: self.status }),
        }
    }
}

impl BodyReader for ScriptedBody {
    fn next(&mut self) -> BoxFuture<'_, Result<Option<Bytes>, SendError>> {
        Box::pin(self.chunk(self.silence))
    }
}

impl fmt::Debug for ScriptedBody {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "ScriptedBody({} chunks to come)", self.chunks.len())
    }
}

#[cfg(test)]
mod tests {
    use specwright_core::transport::{AttemptLimits, Transport, TransportRequest};

    use super::*;
    use crate::clock::VirtualClock;
    use crate::{Script, ScriptedTransport};

    /// The chunks of a body, how it ended, and the time that it took.
    async fn read(
        script: Script,
        limits: AttemptLimits,
    ) -> (Vec<Bytes>, Option<SendErrorKind>, Duration) {
        let clock = VirtualClock::automatic();
        let transport = ScriptedTransport::new(clock.clone());
        transport.always("/", script);
        let mut request = TransportRequest::default();
        *request.uri_mut() = "https://api.example/".parse().unwrap();
        let mut body = transport.stream(request, limits).await.unwrap().into_body();
        let mut chunks = Vec::new();
        let end = loop {
            match body.next().await {
                Ok(Some(chunk)) => chunks.push(chunk),
                Ok(None) => break None,
                Err(error) => break Some(error.kind),
            }
        };
        (chunks, end, clock.elapsed())
    }

    fn limits() -> AttemptLimits {
        AttemptLimits::new(Duration::from_secs(5)).idle_timeout(Duration::from_secs(3))
    }

    #[tokio::test]
    async fn chunks_come_one_by_one_with_their_pauses() {
        let script = Script::status(200).chunks(["one", "two"]).pausing(Duration::from_secs(3));
        let read = read(script, limits()).await;
        assert_eq!(read, (vec!["one".into(), "two".into()], None, Duration::from_secs(9)));
    }

    #[tokio::test]
    async fn a_pause_beyond_the_limit_is_a_timeout() {
        let script = Script::status(200).chunks(["one", "two"]).pausing(Duration::from_secs(4));
        let timeout = Some(SendErrorKind::Timeout);
        assert_eq!(read(script, limits()).await, (Vec::new(), timeout, Duration::from_secs(3)));
    }

    #[tokio::test]
    async fn a_body_ends_as_the_script_says() {
        let script = Script::status(200).body("half");
        for (script, kind, seconds) in [
            (script.clone().breaking(SendErrorKind::Interrupted), SendErrorKind::Interrupted, 0),
            (script.falling_silent(), SendErrorKind::Timeout, 3),
        ] {
            let read = read(script, limits()).await;
            assert_eq!(read, (vec!["half".into()], Some(kind), Duration::from_secs(seconds)));
        }
    }

    #[tokio::test]
    async fn a_body_beyond_its_limit_is_too_large() {
        let script = Script::status(200).chunks(["one", "two"]);
        let read = read(script, limits().max_success_bytes(5)).await;
        assert_eq!(
            read,
            (
                vec!["one".into()],
                Some(SendErrorKind::TooLarge { status: StatusCode::OK }),
                Duration::ZERO
            )
        );
    }
}
