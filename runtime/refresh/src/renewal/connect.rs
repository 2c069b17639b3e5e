//! Connecting by authorization code: from the address for the browser to a pair in the store.

use specwright_core::types::SecretString;
use specwright_oauth::{
    AuthorizationCode, AuthorizationRequest, AuthorizationUrl, Callback, CallbackError,
    PendingAuthorization, Session, TokenError, TokenErrorKind,
};
use zeroize::Zeroizing;

use super::Renewer;
use super::keep::{Kept, Terms};
use super::table::Edit;
use super::tokens::Tokens;
use crate::bearer::Generation;
use crate::connect::ConnectError;
use crate::grant::{
    AttemptId, Candidate, Connection, Course, Field, GrantKey, Pair, Place, SealError, Sealed,
    StoreTime, establish, give_back, hold,
};
use crate::problem::GrantProblem;
use crate::spill::{Origin, Spilled};

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

    /// Exchanges the code and writes the pair, however long the store takes. When it returns, the pair is in the store.
    pub(crate) async fn complete(
        &self,
        key: &GrantKey,
        code: AuthorizationCode,
    ) -> Result<(), ConnectError> {
        // Before the code is shown: the life of the tokens begins before their answer is here.
        let connection = self.connection(key).await?;
        let exchanged = self.authority.exchange(&code, &connection.attempt).await;
        let issued = exchanged.map_err(unexchanged)?;
        let tokens = Tokens::issued(&issued);
        let terms = Terms::connected(&issued, connection.begun);
        let pair = self.sealed_pair(key, connection.generation.next(), &tokens, terms)?;
        let origin = Origin::Connection(connection.clone());
        match self.write(key, &Spilled { origin, pair: pair.clone() }).await {
            Kept::Committed(_) => Ok(()),
            Kept::Beside => self.identify(key, &Candidate { connection, pair }).await,
            // Whoever connects in two places at once is connected. Whose account the other pair is of was not asked here.
            Kept::Replaced if self.identify.is_none() => Ok(()),
            Kept::Replaced | Kept::Retired => Err(ConnectError::Late),
        }
    }

    async fn connection(&self, key: &GrantKey) -> Result<Connection, GrantProblem> {
        let reading = self.patient(|| self.table.read(key)).await?;
        let attempt = AttemptId::draw(&*self.random);
        Ok(Connection::begin(reading.record.as_ref(), attempt, reading.now))
    }

    /// Takes the pair of an exchange into the record: as that of the grant, or beside it if it has to be found out first
    /// whose it is.
    pub(super) async fn commit_connected(
        &self,
        key: &GrantKey,
        connection: &Connection,
        pair: &Pair,
    ) -> Result<Kept, GrantProblem> {
        let sealed_for = connection.generation.next();
        let tokens = Tokens::open(&pair.sealed, key, sealed_for, &*self.keys)
            .map_err(GrantProblem::Sealed)?;
        let committed = self.table.change(key, |record, now| {
            let course = record.map_or(Course::Open, |record| connection.course(record));
            // Some servers give the same tokens to whoever connects again: the account is the same.
            let same = record.is_some_and(|record| self.holds(key, record, &tokens));
            // The same tokens, given up before, are not to be revoked now. A pair that was written without a word is
            // such a one, and is not written twice.
            let rest = record.map(|record| self.without_same(key, record.clone(), &tokens));
            match (course, rest) {
                (Course::Connected, _) => Edit::Leave(Ok(Kept::Committed(now))),
                (Course::Replaced | Course::Ended, _) if same => {
                    Edit::Leave(Ok(Kept::Committed(now)))
                }
                (Course::Replaced | Course::Ended, Some(rest)) => {
                    let kept = if course == Course::Ended { Kept::Retired } else { Kept::Replaced };
                    let late = give_back(&rest, sealed_for, pair.sealed.clone(), now);
                    Edit::write(late, Ok(kept))
                }
                (Course::Open, rest) if self.identify.is_some() && !same => {
                    let candidate =
                        Candidate { connection: connection.clone(), pair: pair.clone() };
                    Edit::write(hold(rest, &candidate, now), Ok(Kept::Beside))
                }
                (Course::Open | Course::Replaced | Course::Ended, rest) => {
                    let generation = rest.as_ref().map(|rest| rest.generation).unwrap_or_default();
                    match self.sealed_anew(key, generation.next(), &tokens, pair) {
                        Ok(pair) => {
                            let next = establish(rest.as_ref(), connection, pair, now);
                            let next = self.without_same(key, next, &tokens);
                            Edit::write(next, Ok(Kept::Committed(now)))
                        }
                        Err(problem) => Edit::Leave(Err(problem)),
                    }
                }
            }
        });
        committed.await?
    }

    /// A pair as it is written down for another generation.
    pub(super) fn sealed_anew(
        &self,
        key: &GrantKey,
        generation: Generation,
        tokens: &Tokens,
        pair: &Pair,
    ) -> Result<Pair, GrantProblem> {
        let sealed = tokens.seal(key, generation, &*self.keys, &*self.random);
        Ok(Pair { sealed: sealed.map_err(GrantProblem::Sealed)?, ..pair.clone() })
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
