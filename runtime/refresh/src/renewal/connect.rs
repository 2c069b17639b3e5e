//! Connecting by authorization code: from the address for the browser to a pair in the store.

use specwright_core::types::SecretString;
use specwright_oauth::{
    AuthorizationRequest, AuthorizationUrl, Callback, CallbackError, PendingAuthorization, Session,
    TokenError, TokenErrorKind,
};
use zeroize::Zeroizing;

use super::Renewer;
use crate::bearer::Generation;
use crate::connect::ConnectError;
use crate::grant::{AttemptId, Field, GrantKey, Place, SealError, Sealed, StoreTime};
use crate::problem::GrantProblem;

impl Renewer {
    /// Starts an authorization and keeps what its callback will need. Its time is that of the store, as all that is
    /// written down: whoever receives the callback has a clock of its own.
    pub(crate) async fn start(
        &self,
        key: &GrantKey,
        request: &AuthorizationRequest,
        session: Session<'_>,
    ) -> Result<AuthorizationUrl, GrantProblem> {
        let now = self.store_time(key).await?;
        let started = request.start(session, now.into(), &*self.random);
        let id = started.pending.id();
        let text = self.seal_pending(&id, key, &started.pending.to_text())?;
        let until = started.pending.expires_at().into();
        let kept = self.table.store.put_once(&id, text, until).await;
        // An id is drawn at random, so one that is taken is one that cannot be.
        kept.map_err(|error| GrantProblem::Store(error.kind()))?;
        Ok(started.url)
    }

    /// The time of the store.
    pub(crate) async fn store_time(&self, key: &GrantKey) -> Result<StoreTime, GrantProblem> {
        let loaded = self.patient(|| async { Ok(self.table.store.load(key).await?) }).await?;
        Ok(loaded.now)
    }

    /// Takes what was kept for a callback, and when. Whatever becomes of it, nobody can take it again.
    pub(crate) async fn take(
        &self,
        callback: &Callback,
    ) -> Result<(GrantKey, PendingAuthorization, StoreTime), ConnectError> {
        let id = callback.pending_id();
        let taken = self.table.store.take_once(&id).await;
        let text = taken.map_err(|error| GrantProblem::Store(error.kind()))?;
        let text = text.ok_or(ConnectError::Callback(CallbackError::StateUnknown))?;
        let (key, pending) = self.open_pending(&id, text)?;
        let now = self.store_time(&key).await?;
        Ok((key, pending, now))
    }

    fn seal_pending(
        &self,
        id: &str,
        key: &GrantKey,
        pending: &SecretString,
    ) -> Result<String, GrantProblem> {
        let length = |text: &str| (text.len() as u64).to_be_bytes();
        let mut plain = Zeroizing::new(Vec::new());
        for part in [key.tenant(), key.grant(), pending.expose()] {
            plain.extend_from_slice(&length(part));
            plain.extend_from_slice(part.as_bytes());
        }
        let place = &GrantKey::new("", id);
        let sealed = Sealed::seal(&plain, waiting(place), &*self.keys, &*self.random);
        Ok(sealed.map_err(GrantProblem::Sealed)?.into_text())
    }

    fn open_pending(
        &self,
        id: &str,
        text: String,
    ) -> Result<(GrantKey, PendingAuthorization), GrantProblem> {
        let place = &GrantKey::new("", id);
        let plain = Sealed::from_text(text).open(waiting(place), &*self.keys);
        let plain = plain.map_err(GrantProblem::Sealed)?;
        let damaged = || GrantProblem::Sealed(SealError::Damaged);
        let (tenant, rest) = part(&plain).ok_or_else(damaged)?;
        let (grant, rest) = part(rest).ok_or_else(damaged)?;
        let (pending, _) = part(rest).ok_or_else(damaged)?;
        let pending = PendingAuthorization::from_text(pending).map_err(|_| damaged())?;
        Ok((GrantKey::new(tenant, grant), pending))
    }

    /// Exchanges the code and writes the pair. When it returns, the pair is in the store. Gives how many pairs of before
    /// are to be revoked.
    pub(crate) async fn complete(
        &self,
        key: &GrantKey,
        code: specwright_oauth::AuthorizationCode,
    ) -> Result<usize, ConnectError> {
        let attempt = AttemptId::draw(&*self.random);
        // Before the code is shown: the life of the tokens begins before their answer is here.
        let begun = self.store_time(key).await?;
        let exchanged = self.authority.exchange(&code, &attempt).await;
        let issued = exchanged.map_err(unexchanged)?;
        match &self.identify {
            Some(identify) => self.connect_identified(key, issued, begun, &**identify).await,
            None => Ok(self.adopt(key, issued, begun).await?),
        }
    }
}

fn unexchanged(error: TokenError) -> ConnectError {
    match error.kind() {
        TokenErrorKind::Ambiguous | TokenErrorKind::Failed | TokenErrorKind::Unusable => {
            ConnectError::Lost
        }
        TokenErrorKind::NotSent | TokenErrorKind::Transient => ConnectError::Unavailable(error),
        TokenErrorKind::Client => ConnectError::ClientRejected(error),
        TokenErrorKind::Grant
        | TokenErrorKind::Scope
        | TokenErrorKind::Refused
        | TokenErrorKind::Redirected
        | _ => ConnectError::Exchange(error),
    }
}

/// What waits for its callback is bound to the name under which it is kept.
fn waiting(key: &GrantKey) -> Place<'_> {
    Place { key, generation: Generation::new(0), field: Field::Pending }
}

fn part(from: &[u8]) -> Option<(&str, &[u8])> {
    let (length, rest) = from.split_first_chunk::<8>()?;
    let length = usize::try_from(u64::from_be_bytes(*length)).ok()?;
    let (part, rest) = rest.split_at_checked(length)?;
    Some((std::str::from_utf8(part).ok()?, rest))
}
