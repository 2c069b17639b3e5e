//! The program, as the authorization server knows it.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;
use specwright_core::types::SecretString;
use url::form_urlencoded;
use zeroize::Zeroizing;

/// A program that is registered at an authorization server (RFC 6749 §2). Cloning shares the secret.
#[derive(Clone, Debug)]
pub struct ClientRegistration {
    client_id: Arc<str>,
    authentication: Arc<ClientAuthentication>,
}

/// How a program shows that it is the one which was registered (RFC 6749 §2.3).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum ClientAuthentication {
    /// Id and secret in the form (`client_secret_post`). Most vendors document this one.
    Post(SecretString),
    /// Id and secret in `Authorization: Basic` (`client_secret_basic`).
    Basic(SecretString),
    /// Not at all: a public client, which cannot keep a secret, sends its id only.
    None,
}

impl ClientRegistration {
    /// A program with this way to authenticate.
    pub fn new(client_id: impl Into<Arc<str>>, authentication: ClientAuthentication) -> Self {
        Self { client_id: client_id.into(), authentication: Arc::new(authentication) }
    }

    /// A program with a secret, which it sends in the form.
    pub fn confidential(
        client_id: impl Into<Arc<str>>,
        client_secret: impl Into<SecretString>,
    ) -> Self {
        Self::new(client_id, ClientAuthentication::Post(client_secret.into()))
    }

    /// A program without a secret, such as one that is installed on machines of others (RFC 8252 §8.4).
    pub fn public(client_id: impl Into<Arc<str>>) -> Self {
        Self::new(client_id, ClientAuthentication::None)
    }

    /// Name of the program at the authorization server. No secret.
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// How it authenticates.
    pub fn authentication(&self) -> &ClientAuthentication {
        &self.authentication
    }

    /// What it adds to a form. A request uses one way to authenticate only (RFC 6749 §2.3), so with `Basic` the form
    /// holds neither id nor secret.
    pub(crate) fn members(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let id = ("client_id", self.client_id());
        let (id, secret) = match self.authentication() {
            ClientAuthentication::Post(secret) => {
                (Some(id), Some(("client_secret", secret.expose())))
            }
            ClientAuthentication::Basic(_) => (None, None),
            ClientAuthentication::None => (Some(id), None),
        };
        id.into_iter().chain(secret)
    }

    /// The header `Authorization`, for [`ClientAuthentication::Basic`].
    ///
    /// Both parts are written as in a form before they are joined (RFC 6749 §2.3.1): a colon in the id would end it,
    /// and Basic alone does not say how to write what is not ASCII.
    pub(crate) fn authorization(&self) -> Option<HeaderValue> {
        let ClientAuthentication::Basic(secret) = self.authentication() else { return None };
        let (id, secret) = (self.client_id.as_bytes(), secret.expose().as_bytes());
        let size = 3 * (id.len() + secret.len()) + 1;
        let mut pair = Zeroizing::new(String::with_capacity(size));
        pair.extend(form_urlencoded::byte_serialize(id));
        pair.push(':');
        pair.extend(form_urlencoded::byte_serialize(secret));
        let mut header = Zeroizing::new(String::with_capacity(6 + 4 * size.div_ceil(3)));
        header.push_str("Basic ");
        STANDARD.encode_string(pair.as_bytes(), &mut header);
        let mut value = HeaderValue::from_str(&header).ok()?;
        value.set_sensitive(true);
        Some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn basic(id: &str, secret: &str) -> ClientRegistration {
        ClientRegistration::new(id, ClientAuthentication::Basic(secret.into()))
    }

    fn members(client: &ClientRegistration) -> Vec<(&str, &str)> {
        client.members().collect()
    }

    #[test]
    fn id_and_secret_of_post_are_members_of_the_form() {
        let client = ClientRegistration::confidential("fake-id", "fake-secret");
        assert_eq!(members(&client), [("client_id", "fake-id"), ("client_secret", "fake-secret")]);
        assert!(client.authorization().is_none());
    }

    #[test]
    fn a_public_client_sends_its_id_only() {
        let client = ClientRegistration::public("fake-id");
        assert_eq!(members(&client), [("client_id", "fake-id")]);
        assert!(client.authorization().is_none());
    }

    #[test]
    fn basic_adds_nothing_to_the_form() {
        assert!(members(&basic("fake-id", "fake-secret")).is_empty());
    }

    /// The example of RFC 6749 §2.3.1.
    #[test]
    fn basic_is_written_as_in_the_specification() {
        let header = basic("s6BhdRkqt3", "7Fjfp0ZBr1KtDRbnfVdmIw").authorization().unwrap();
        assert_eq!(header, "Basic czZCaGRSa3F0Mzo3RmpmcDBaQnIxS3REUmJuZlZkbUl3");
    }

    #[test]
    fn both_parts_of_basic_are_written_as_in_a_form_first() {
        let header = basic("a:b", "c d\u{e9}%").authorization().unwrap();
        let text = header.to_str().unwrap().strip_prefix("Basic ").unwrap();
        assert_eq!(STANDARD.decode(text).unwrap(), b"a%3Ab:c+d%C3%A9%25");
    }

    #[test]
    fn the_header_of_basic_is_marked_as_sensitive() {
        assert!(basic("i", "s").authorization().unwrap().is_sensitive());
    }

    #[test]
    fn debug_shows_no_secret() {
        for client in [ClientRegistration::confidential("i", "canary"), basic("i", "canary")] {
            let shown = format!("{client:?} {client:#?} {:?}", client.authorization());
            assert!(!shown.contains("canary") && !shown.contains("Y2FuYXJ5"), "{shown}");
        }
    }
}
