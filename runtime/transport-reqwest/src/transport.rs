//! One attempt.

use bytes::{Bytes, BytesMut};
use reqwest::Response;
use specwright_core::transport::{
    AttemptLimits, Body, BoxFuture, SendError, SendErrorKind, Sent, Transport, TransportRequest,
    TransportResponse,
};

use crate::builder::ReqwestBuilder;
use crate::failure::classify;

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

    async fn attempt(
        &self,
        request: TransportRequest,
        limits: AttemptLimits,
    ) -> Result<TransportResponse, SendError> {
        let request = request.map(Body::into_bytes);
        let mut request = reqwest::Request::try_from(request).map_err(classify)?;
        *request.timeout_mut() = Some(limits.timeout);
        let mut answer = self.client.execute(request).await.map_err(classify)?;
        let body = read(&mut answer, limits.max_response_bytes).await?;
        let mut response = TransportResponse::new(body.into());
        *response.status_mut() = answer.status();
        *response.version_mut() = answer.version();
        *response.headers_mut() = std::mem::take(answer.headers_mut());
        Ok(response)
    }
}

impl Transport for ReqwestTransport {
    fn send(
        &self,
        request: TransportRequest,
        limits: AttemptLimits,
    ) -> BoxFuture<'_, Result<TransportResponse, SendError>> {
        Box::pin(self.attempt(request, limits))
    }
}

/// Reads the body to its end. The length that the server announces is only believed when it is too large.
async fn read(answer: &mut Response, most: usize) -> Result<Bytes, SendError> {
    let too_large = || SendError::new(Sent::Maybe, SendErrorKind::TooLarge);
    let announced = answer.content_length().unwrap_or(0);
    if usize::try_from(announced).map_or(true, |announced| announced > most) {
        return Err(too_large());
    }
    let mut body = BytesMut::new();
    while let Some(chunk) = answer.chunk().await.map_err(classify)? {
        if chunk.len() > most.saturating_sub(body.len()) {
            return Err(too_large());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}
