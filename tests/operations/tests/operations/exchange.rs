//! What went over the wire: the sandbox's ledger, and each answer as the client got it.

use std::sync::{Arc, Mutex, PoisonError};

use specwright_client::transport::{
    AttemptLimits, BoxFuture, SendError, Transport, TransportRequest, TransportResponse,
};
use specwright_testkit::sandbox::{Ledger, RequestEntry};
use specwright_transport_reqwest::ReqwestTransport;

/// All exchanges with one sandbox.
#[derive(Clone)]
pub(crate) struct Exchanges {
    pub(crate) ledger: Ledger,
    pub(crate) answers: Vec<RecordedAnswer>,
}

/// An answer.
#[derive(Clone, Debug)]
pub(crate) struct RecordedAnswer {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
}

impl Exchanges {
    /// Each request with its answer. One is sent after the other, so both lists have the same order.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&RequestEntry, &RecordedAnswer)> {
        assert_eq!(self.ledger.requests.len(), self.answers.len());
        self.ledger.requests.iter().zip(&self.answers)
    }
}

/// A transport that keeps every answer.
#[derive(Clone, Debug)]
pub(crate) struct Recorder {
    inner: ReqwestTransport,
    answers: Arc<Mutex<Vec<RecordedAnswer>>>,
}

impl Recorder {
    pub(crate) fn new() -> Self {
        let inner = ReqwestTransport::builder().build().unwrap();
        Self { inner, answers: Arc::default() }
    }

    pub(crate) fn answers(&self) -> Vec<RecordedAnswer> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Transport for Recorder {
    fn send(
        &self,
        request: TransportRequest,
        limits: AttemptLimits,
    ) -> BoxFuture<'_, Result<TransportResponse, SendError>> {
        Box::pin(async move {
            let answer = self.inner.send(request, limits).await?;
            let recorded =
                RecordedAnswer { status: answer.status().as_u16(), body: answer.body().to_vec() };
            self.answers.lock().unwrap_or_else(PoisonError::into_inner).push(recorded);
            Ok(answer)
        })
    }
}
