//! One attempt.

use std::time::Duration;

use bytes::BytesMut;
use specwright_core::transport::{
    AttemptLimits, BodyReader, BoxFuture, SendError, SendErrorKind, Sent, StreamedResponse,
    Transport, TransportRequest, TransportResponse,
};

use crate::body::ReqwestBody;
use crate::builder::ReqwestBuilder;
use crate::failure::classify;
use crate::upload::{Sending, split};

/// Sends requests with reqwest. Cheap to clone; clones share their connections.
#[derive(Clone, Debug)]
pub struct ReqwestTransport {
    client: reqwest::Client,
}

impl ReqwestTransport {
    /// Sets one up.
    pub fn builder() -> ReqwestBuilder {
        ReqwestBuilder::new()
    }

    pub(crate) fn new(client: reqwest::Client) -> Self {
        Self { client }
    }

    /// The answer's head, and a reader of its body.
    async fn open(
        &self,
        request: TransportRequest,
        limits: AttemptLimits,
    ) -> Result<http::Response<ReqwestBody>, SendError> {
        let (head, body) = request.into_parts();
        let (body, sending) = split(body).await?;
        let request = http::Request::from_parts(head, body);
        let request = reqwest::Request::try_from(request).map_err(classify)?;
        let mut answer = match self.client.execute(request).await {
            Ok(answer) => answer,
            // What reqwest makes of an upload that failed says nothing of the server.
            Err(error) => {
                let failure = sending.as_ref().and_then(Sending::failure);
                return Err(failure.unwrap_or_else(|| classify(error)));
            }
        };
        let (status, version) = (answer.status(), answer.version());
        if let (Some(sending), false) = (&sending, status.is_success()) {
            sending.give_up();
        }
        let headers = std::mem::take(answer.headers_mut());
        let mut response = http::Response::new(ReqwestBody::new(answer, sending, limits)?);
        *response.status_mut() = status;
        *response.version_mut() = version;
        *response.headers_mut() = headers;
        Ok(response)
    }

    async fn whole(
        &self,
        request: TransportRequest,
        limits: AttemptLimits,
    ) -> Result<TransportResponse, SendError> {
        // Outside of the time limit, which drops what it bounds: what has arrived by then stays.
        let mut arrived = None;
        let read = within(limits.timeout, self.read(request, limits, &mut arrived)).await;
        let answer = arrived.map(|answer| answer.map(|body: BytesMut| body.freeze().into()));
        match (read, answer) {
            (Ok(()), Some(answer)) => Ok(answer),
            (Err(error), Some(answer)) => Err(error.with_broken_off(answer, &limits)),
            (Err(error), None) => Err(error),
            // Reading begins with the head.
            (Ok(()), None) => Err(SendError::new(Sent::Maybe, SendErrorKind::Protocol)),
        }
    }

    /// Reads an answer to its end. `arrived` is what is there of it.
    async fn read(
        &self,
        request: TransportRequest,
        limits: AttemptLimits,
        arrived: &mut Option<http::Response<BytesMut>>,
    ) -> Result<(), SendError> {
        let (head, mut body) = self.open(request, limits).await?.into_parts();
        let answer = arrived.insert(http::Response::from_parts(head, BytesMut::new()));
        while let Some(chunk) = body.chunk().await? {
            answer.body_mut().extend_from_slice(&chunk);
        }
        Ok(())
    }
}

impl Transport for ReqwestTransport {
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
            let response = within(limits.timeout, self.open(request, limits)).await?;
            Ok(response.map(|body| Box::new(body) as Box<dyn BodyReader>))
        })
    }
}

/// Gives `work` so much time. The limits of an attempt are measured on the machine's own time, as reqwest does.
#[expect(clippy::disallowed_methods, reason = "reqwest's own limit would cover the body too")]
pub(crate) async fn within<T>(
    time: Duration,
    work: impl Future<Output = Result<T, SendError>>,
) -> Result<T, SendError> {
    match tokio::time::timeout(time, work).await {
        Ok(outcome) => outcome,
        Err(_) => Err(SendError::new(Sent::Maybe, SendErrorKind::Timeout)),
    }
}
