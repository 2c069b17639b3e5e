//! The client credentials grant.

use specwright_core::types::SecretString;

use crate::form::Form;
use crate::registration::ClientRegistration;

/// The client credentials grant (RFC 6749 §4.4): the program acts for itself.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ClientCredentials {
    /// The program. It needs a secret: this grant is for confidential clients only (RFC 6749 §4.4).
    pub client: ClientRegistration,
    /// The scopes to ask for, separated by blanks (RFC 6749 §3.3). Some servers require them.
    pub scope: Option<String>,
    /// The API that the token is for, where the server wants to know. No part of RFC 6749; several servers have it.
    pub audience: Option<String>,
}

impl ClientCredentials {
    /// A grant without scope and audience. Id and secret are sent in the form.
    pub fn new(client_id: impl Into<String>, client_secret: impl Into<SecretString>) -> Self {
        Self::registered(ClientRegistration::confidential(client_id.into(), client_secret))
    }

    /// The grant of a program that authenticates in another way, or that has other grants as well.
    pub fn registered(client: ClientRegistration) -> Self {
        Self { client, scope: None, audience: None }
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

    pub(crate) fn form(&self) -> Form<'_> {
        Form::new("grant_type", "client_credentials", &self.client)
            .with_some("scope", self.scope.as_deref())
            .with_some("audience", self.audience.as_deref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(grant: &ClientCredentials) -> String {
        String::from_utf8(grant.form().encode().to_vec()).unwrap()
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
}
