//! Taking tokens back: by the client (RFC 7009) and by the operator.

use http::StatusCode;

use crate::answer::Answer;
use crate::body::ReadBody;
use crate::clock::Moment;
use crate::ledger::Journal;
use crate::oauth::AuthorizationServer;
use crate::oauth::error::TokenError;

impl AuthorizationServer {
    /// Answers a request to revoke a token. One that is not known is no error (RFC 7009, section 2.2).
    pub(crate) fn answer_revocation(
        &mut self,
        body: &ReadBody,
        success: StatusCode,
        journal: &mut Journal,
        now: Moment,
    ) -> Answer {
        let revoked = self.revoke_presented(body, journal, now);
        revoked.map_or_else(TokenError::into_answer, |()| Answer::empty(success).uncached())
    }

    /// Ends everything that an operator has given to a client, as people may do at the vendor at any
    /// time; gives how many tokens that were.
    pub(crate) fn revoke_grant(
        &mut self,
        operator: &str,
        client: &str,
        journal: &mut Journal,
        now: Moment,
    ) -> usize {
        let given = |holder: &super::Holder| {
            holder.client == client && holder.operator.as_deref() == Some(operator)
        };
        self.tokens.revoke_all(given, journal, now)
    }

    fn revoke_presented(
        &mut self,
        body: &ReadBody,
        journal: &mut Journal,
        now: Moment,
    ) -> Result<(), TokenError> {
        body.check()?;
        let client = self.clients.authenticated(body)?.id.clone();
        let Some(token) = self.tokens.find(body.text("token")) else { return Ok(()) };
        let ordinal = token.ordinal;
        let Some(holder) = token.holder.clone().filter(|holder| holder.client == client) else {
            let description = "The token was not issued to this client.";
            return Err(TokenError::new("unauthorized_client", description));
        };
        match holder.family {
            Some(family) if !self.settings.rotation.revokes_pairs() => {
                self.tokens.revoke_family(family, journal, now);
            }
            Some(_) | None => self.tokens.revoke_pair(ordinal, journal, now),
        }
        Ok(())
    }
}
