//! The refresh token grant.

use specwright_core::types::SecretString;

use crate::form::Form;
use crate::registration::ClientRegistration;

/// The refresh token grant (RFC 6749 §6): a new access token for one that a user allowed before.
///
/// Many servers give a new refresh token with it and end the old one, some at once. So a refresh token must be shown
/// by one caller at a time, and the answer must be kept before it is used. This type does neither: see
/// `specwright-refresh`.
///
/// It has no scope on purpose. Without one the server grants what was granted before (RFC 6749 §6), and with one some
/// servers narrow the grant for good.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RefreshToken {
    /// The program that the token was issued to.
    pub client: ClientRegistration,
    /// The token.
    pub refresh_token: SecretString,
}

impl RefreshToken {
    /// The grant of a token that was issued to `client`.
    pub fn new(client: ClientRegistration, refresh_token: impl Into<SecretString>) -> Self {
        Self { client, refresh_token: refresh_token.into() }
    }

    pub(crate) fn form(&self) -> Form<'_> {
        Form::new("grant_type", "refresh_token", &self.client)
            .with("refresh_token", self.refresh_token.expose())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registration::ClientAuthentication;

    fn form(client: ClientRegistration) -> String {
        let grant = RefreshToken::new(client, "fake-refresh");
        String::from_utf8(grant.form().encode().to_vec()).unwrap()
    }

    #[test]
    fn the_form_holds_token_and_program_and_no_scope() {
        assert_eq!(
            form(ClientRegistration::confidential("fake-id", "fake-secret")),
            "grant_type=refresh_token&client_id=fake-id&client_secret=fake-secret\
             &refresh_token=fake-refresh"
        );
    }

    #[test]
    fn a_public_client_shows_its_id() {
        assert_eq!(
            form(ClientRegistration::public("fake-id")),
            "grant_type=refresh_token&client_id=fake-id&refresh_token=fake-refresh"
        );
    }

    #[test]
    fn a_client_that_authenticates_by_header_is_not_in_the_form() {
        let basic = ClientAuthentication::Basic("fake-secret".into());
        assert_eq!(
            form(ClientRegistration::new("fake-id", basic)),
            "grant_type=refresh_token&refresh_token=fake-refresh"
        );
    }
}
