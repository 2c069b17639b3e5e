//! A form with secrets in it, and its POST.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderName, USER_AGENT};
use http::{HeaderValue, Method, Request};
use specwright_core::transport::{
    AttemptLimits, BrokenBody, RequestBody, SendError, SendErrorKind, Sent, Transport,
    TransportRequest, TransportResponse,
};
use url::{Url, form_urlencoded};
use zeroize::Zeroizing;

use crate::registration::ClientRegistration;

/// Time for one request. It belongs to the request, not to a caller: whoever waits for a call of an API may have given
/// up long before.
const TIMEOUT: Duration = Duration::from_secs(20);

/// The largest answer. A token answer has a few hundred bytes; an error page may be longer.
const MAX_RESPONSE_BYTES: usize = 64 * 1024;

/// Names one intent, so that a server that keeps answers gives a lost one again
/// (draft-ietf-httpapi-idempotency-key-header).
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// Members of a form, in the order in which they are sent, with the program that sends them.
pub(crate) struct Form<'a> {
    members: Vec<(&'static str, &'a str)>,
    authorization: Option<HeaderValue>,
}

/// An endpoint of an authorization server that takes forms with secrets.
#[derive(Clone, Debug)]
pub(crate) struct FormEndpoint {
    pub(crate) url: Url,
    pub(crate) user_agent: HeaderValue,
    pub(crate) transport: Arc<dyn Transport>,
}

impl<'a> Form<'a> {
    /// A form that begins with this member, followed by what the program authenticates with.
    pub(crate) fn new(name: &'static str, value: &'a str, client: &'a ClientRegistration) -> Self {
        let mut members = vec![(name, value)];
        members.extend(client.members());
        Self { members, authorization: client.authorization() }
    }

    pub(crate) fn with(mut self, name: &'static str, value: &'a str) -> Self {
        self.members.push((name, value));
        self
    }

    pub(crate) fn with_some(self, name: &'static str, value: Option<&'a str>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// The form as `application/x-www-form-urlencoded`, in memory that is overwritten.
    pub(crate) fn encode(&self) -> Zeroizing<Vec<u8>> {
        // Room for the worst case: a text that has to move leaves a copy behind that nobody overwrites.
        let size = self.members.iter().map(|(name, value)| name.len() + 3 * value.len() + 2).sum();
        let mut form = form_urlencoded::Serializer::new(String::with_capacity(size));
        form.extend_pairs(&self.members);
        Zeroizing::new(form.finish().into_bytes())
    }
}

impl FormEndpoint {
    /// Sends the form once.
    pub(crate) async fn post(
        &self,
        form: Form<'_>,
        idempotency_key: Option<&str>,
    ) -> Result<TransportResponse, SendError> {
        let request = self.request(form, idempotency_key)?;
        let limits = AttemptLimits::new(TIMEOUT)
            .max_success_bytes(MAX_RESPONSE_BYTES)
            .max_error_bytes(MAX_RESPONSE_BYTES)
            // What has arrived of a token answer may be the only living refresh token.
            .broken_body(BrokenBody::Kept);
        self.transport.send(request, limits).await
    }

    fn request(
        &self,
        form: Form<'_>,
        idempotency_key: Option<&str>,
    ) -> Result<TransportRequest, SendError> {
        let mut request = Request::builder()
            .method(Method::POST)
            .uri(self.url.as_str())
            .header(ACCEPT, "application/json")
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(USER_AGENT, self.user_agent.clone());
        if let Some(key) = idempotency_key {
            request = request.header(IDEMPOTENCY_KEY, key);
        }
        // The transport holds the only handle, so the memory is overwritten when it lets go of it.
        let body = RequestBody::from(Bytes::from_owner(form.encode()));
        if let Some(authorization) = form.authorization {
            request = request.header(AUTHORIZATION, authorization);
        }
        request
            .body(body)
            .map_err(|error| SendError::new(Sent::No, SendErrorKind::Request).with_source(error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client() -> ClientRegistration {
        ClientRegistration::confidential("fake-id", "s&scope=all")
    }

    #[test]
    fn a_secret_cannot_add_a_member_to_the_form() {
        let client = client();
        let form = Form::new("grant_type", "refresh_token", &client);
        assert_eq!(
            form.encode().as_slice(),
            b"grant_type=refresh_token&client_id=fake-id&client_secret=s%26scope%3Dall"
        );
    }

    #[test]
    fn a_member_that_is_not_there_is_not_sent() {
        let client = ClientRegistration::public("i");
        let form = Form::new("a", "1", &client).with_some("b", None).with_some("c", Some("3"));
        assert_eq!(form.encode().as_slice(), b"a=1&client_id=i&c=3");
    }

    #[test]
    fn the_form_never_moves_while_it_is_written() {
        let value = "\u{1F511} \r\n".repeat(100);
        let client = ClientRegistration::confidential("\u{e9}", value.as_str());
        let form = Form::new("grant_type", "x", &client).with("code", &value);
        let bound: usize =
            form.members.iter().map(|(name, value)| name.len() + 3 * value.len() + 2).sum();
        let encoded = form.encode();
        assert!(encoded.len() <= bound && encoded.capacity() == bound, "{bound}");
    }
}
