//! The authorization code grant.

use specwright_core::types::SecretString;

use crate::form::Form;
use crate::registration::ClientRegistration;

/// The authorization code grant (RFC 6749 §4.1.3): tokens for the code that a user's browser brought.
///
/// A code can be exchanged once. Some servers revoke what they issued for it when it is shown again, so after an
/// exchange whose outcome is unknown the user is asked to start over, and the code is not shown again.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct AuthorizationCode {
    /// The program that the code was issued to.
    pub client: ClientRegistration,
    /// The code.
    pub code: SecretString,
    /// Where the browser was sent with the code. The server compares it with that of the authorization request, byte by
    /// byte (RFC 6749 §4.1.3).
    pub redirect_uri: String,
    /// What the authorization request named the hash of (RFC 7636 §4.5). `None` if the server knows no PKCE.
    pub code_verifier: Option<SecretString>,
    /// What the user was asked for. It is not sent: an answer that names no scopes means these (RFC 6749 §5.1).
    pub scope: Option<String>,
}

impl AuthorizationCode {
    /// The grant of a code that was issued to `client` for `redirect_uri`.
    pub fn new(
        client: ClientRegistration,
        code: impl Into<SecretString>,
        redirect_uri: impl Into<String>,
    ) -> Self {
        Self {
            client,
            code: code.into(),
            redirect_uri: redirect_uri.into(),
            code_verifier: None,
            scope: None,
        }
    }

    /// Sets [`Self::scope`].
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.scope = Some(scope.into());
        self
    }

    /// Sets [`Self::code_verifier`].
    pub fn code_verifier(mut self, verifier: impl Into<SecretString>) -> Self {
        self.code_verifier = Some(verifier.into());
        self
    }

    pub(crate) fn form(&self) -> Form<'_> {
        let verifier = self.code_verifier.as_ref().map(SecretString::expose);
        Form::new("grant_type", "authorization_code", &self.client)
            .with("code", self.code.expose())
            .with("redirect_uri", &self.redirect_uri)
            .with_some("code_verifier", verifier)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(grant: &AuthorizationCode) -> String {
        String::from_utf8(grant.form().encode().to_vec()).unwrap()
    }

    fn grant() -> AuthorizationCode {
        let client = ClientRegistration::confidential("fake-id", "fake-secret");
        AuthorizationCode::new(client, "fake-code", "https://app.example/back?a=b")
    }

    #[test]
    fn the_form_holds_code_redirect_and_program() {
        assert_eq!(
            form(&grant()),
            "grant_type=authorization_code&client_id=fake-id&client_secret=fake-secret\
             &code=fake-code&redirect_uri=https%3A%2F%2Fapp.example%2Fback%3Fa%3Db"
        );
    }

    #[test]
    fn the_verifier_is_sent_when_there_is_one() {
        let form = form(&grant().code_verifier("fake-verifier"));
        assert!(form.ends_with("&code_verifier=fake-verifier"), "{form}");
    }
}
