//! The grants: what a program shows to get an access token.

use std::time::SystemTime;

use specwright_core::types::SecretString;
use url::form_urlencoded;

/// An access token that somebody made by hand and that nothing can refresh.
///
/// There is no way from this type to a token request: when the token is refused, the call fails.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct StaticToken {
    /// The token.
    pub token: SecretString,
    /// When it ends, if that is known. From then on calls fail without a request.
    pub expires_at: Option<SystemTime>,
}

impl StaticToken {
    /// A token without a known end.
    pub fn new(token: impl Into<SecretString>) -> Self {
        Self { token: token.into(), expires_at: None }
    }

    /// Sets [`Self::expires_at`].
    pub fn expires_at(mut self, moment: SystemTime) -> Self {
        self.expires_at = Some(moment);
        self
    }
}

/// The client credentials grant (RFC 6749 §4.4): the program acts for itself.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ClientCredentials {
    /// Name of the program at the authorization server.
    pub client_id: String,
    /// Its secret. Sent in the body (`client_secret_post`), to the token endpoint only.
    pub client_secret: SecretString,
    /// The scopes to ask for, separated by blanks (RFC 6749 §3.3). Some servers require them.
    pub scope: Option<String>,
    /// The API that the token is for, where the server wants to know. No part of RFC 6749; several servers have it.
    pub audience: Option<String>,
}

impl ClientCredentials {
    /// A grant without scope and audience.
    pub fn new(client_id: impl Into<String>, client_secret: impl Into<SecretString>) -> Self {
        Self {
            client_id: client_id.into(),
            client_secret: client_secret.into(),
            scope: None,
            audience: None,
        }
    }

    /// Sets [`Self::scope`].
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.scope = Some(scope.into());
        self
    }

    /// Sets [`Self::audience`].
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.audience = Some(audience.into());
        self
    }

    /// The body of the token request, as `application/x-www-form-urlencoded`.
    pub(crate) fn form(&self) -> Vec<u8> {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("grant_type", "client_credentials")
            .append_pair("client_id", &self.client_id)
            .append_pair("client_secret", self.client_secret.expose());
        for (name, value) in [("scope", &self.scope), ("audience", &self.audience)] {
            if let Some(value) = value {
                form.append_pair(name, value);
            }
        }
        form.finish().into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(grant: &ClientCredentials) -> String {
        String::from_utf8(grant.form()).unwrap()
    }

    #[test]
    fn the_form_holds_the_credentials_and_nothing_that_was_not_given() {
        let grant = ClientCredentials::new("fake-id", "fake-secret");
        assert_eq!(
            form(&grant),
            "grant_type=client_credentials&client_id=fake-id&client_secret=fake-secret"
        );
    }

    #[test]
    fn scope_and_audience_are_sent_when_given() {
        let grant = ClientCredentials::new("i", "s").scope("a:read b:write").audience("https://x/");
        assert!(
            form(&grant).ends_with("&scope=a%3Aread+b%3Awrite&audience=https%3A%2F%2Fx%2F"),
            "{}",
            form(&grant)
        );
    }

    #[test]
    fn a_secret_cannot_add_a_member_to_the_form() {
        let grant = ClientCredentials::new("i", "s&scope=all");
        assert!(form(&grant).ends_with("client_secret=s%26scope%3Dall"), "{}", form(&grant));
    }

    #[test]
    fn debug_shows_no_secret() {
        let grant = ClientCredentials::new("fake-id", "canary-secret");
        let token = StaticToken::new("canary-token");
        let shown = format!("{grant:?} {token:?} {grant:#?} {token:#?}");
        assert!(!shown.contains("canary"), "{shown}");
    }
}
