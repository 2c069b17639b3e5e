//! A body that is still on its way.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use reqwest::Response;
use specwright_core::transport::{
    AttemptLimits, BodyReader, BoxFuture, SendError, SendErrorKind, Sent,
};

use crate::failure::classify;
use crate::transport::within;
use crate::upload::Sending;

/// Reads an answer chunk by chunk. The connection delivers no more than what is asked for and a buffer's worth.
pub(crate) struct ReqwestBody {
    answer: Response,
    /// The body of the request, if it is an upload. It may still be on its way when the answer begins.
    sending: Option<Sending>,
    /// How many bytes may still come.
    left: usize,
    silence: Duration,
}

impl ReqwestBody {
    /// The body of `answer`, unless the length that the server announces is too large already.
    pub(crate) fn new(
        answer: Response,
        sending: Option<Sending>,
        limits: AttemptLimits,
    ) -> Result<Self, SendError> {
        let left = limits.max_bytes(answer.status());
        let announced = answer.content_length().unwrap_or(0);
        if usize::try_from(announced).map_or(true, |announced| announced > left) {
            return Err(too_large(answer.status()));
        }
        Ok(Self { answer, sending, left, silence: limits.idle_timeout })
    }

    /// The next chunk, however long it takes.
    pub(crate) async fn chunk(&mut self) -> Result<Option<Bytes>, SendError> {
        let chunk = match self.answer.chunk().await {
            Ok(Some(chunk)) => chunk,
            // No success for a part of an upload, whatever the server makes of it.
            Ok(None) => match &self.sending {
                Some(sending) => return sending.ended().await.map(|()| None),
                None => return Ok(None),
            },
            Err(error) => {
                let failure = self.sending.as_ref().and_then(Sending::failure);
                return Err(failure.unwrap_or_else(|| classify(error)));
            }
        };
        let left = self.left.checked_sub(chunk.len());
        self.left = left.ok_or_else(|| too_large(self.answer.status()))?;
        Ok(Some(chunk))
    }
}

impl BodyReader for ReqwestBody {
    fn next(&mut self) -> BoxFuture<'_, Result<Option<Bytes>, SendError>> {
        Box::pin(within(self.silence, self.chunk()))
    }
}

impl fmt::Debug for ReqwestBody {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.debug_struct("ReqwestBody").field("left", &self.left).finish_non_exhaustive()
    }
}

fn too_large(status: StatusCode) -> SendError {
    SendError::new(Sent::Maybe, SendErrorKind::TooLarge { status })
}
