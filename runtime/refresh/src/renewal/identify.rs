//! Connecting with a pair whose account has to be found out first.

use specwright_core::transport::BoxError;

use super::Renewer;
use super::answer::Issued;
use super::keep::Terms;
use super::table::Edit;
use super::tokens::Tokens;
use crate::bearer::{Bearer, Generation};
use crate::connect::ConnectError;
use crate::grant::{Candidate, GrantKey, Identified, StoreTime, hold, identified, rejected};
use crate::identify::{AccountId, Identify};
use crate::problem::GrantProblem;
use crate::scopes::Scopes;

impl Renewer {
    /// Connects the grant with a new pair if it is of the same account as before, or of the first one.
    ///
    /// What is not taken is to be revoked from then on. Says how many pairs are.
    pub(super) async fn connect_identified(
        &self,
        key: &GrantKey,
        issued: Issued,
        begun: StoreTime,
        identify: &dyn Identify,
    ) -> Result<usize, ConnectError> {
        let tokens = Tokens::issued(&issued);
        let record = self.record_of(key).await?;
        if record.as_ref().is_some_and(|record| self.holds(key, record, &tokens)) {
            // Some servers give the same tokens to whoever connects again: the account is the same.
            return Ok(self.adopt(key, issued, begun).await?);
        }
        let seen = record.map_or_else(Generation::default, |record| record.generation);
        let candidate = self.hold(key, seen.next(), &tokens).await?;
        let named = match bearer(&issued, candidate.generation) {
            Ok(bearer) => identify.account(&bearer).await,
            Err(error) => Err(error),
        };
        match named {
            Ok(account) => self.activate(key, &candidate, account, (&issued, begun), &tokens).await,
            Err(error) => {
                self.reject(key, &candidate).await?;
                Err(ConnectError::Unidentified(error))
            }
        }
    }

    /// Writes the pair down, so that it may be used to find out whose it is.
    async fn hold(
        &self,
        key: &GrantKey,
        generation: Generation,
        tokens: &Tokens,
    ) -> Result<Candidate, GrantProblem> {
        let sealed = tokens.seal(key, generation, &*self.keys, &*self.random);
        let sealed = sealed.map_err(GrantProblem::Sealed)?;
        let candidate = Candidate { generation, sealed };
        let held = self.patient(|| {
            self.table.change(key, |record, now| {
                // The same tokens, given up before, must not be revoked while it is found out whose they are. A
                // candidate that was written without a word is such a pair, and is not written twice.
                let rest = record.map(|record| self.without_same(key, record.clone(), tokens));
                Edit::write(hold(rest, &candidate, now), ())
            })
        });
        held.await?;
        Ok(candidate)
    }

    async fn activate(
        &self,
        key: &GrantKey,
        candidate: &Candidate,
        account: AccountId,
        (issued, begun): (&Issued, StoreTime),
        tokens: &Tokens,
    ) -> Result<usize, ConnectError> {
        let activated = self.patient(|| {
            self.table.change(key, |record, now| {
                // No record is ever deleted: one that is gone was lost with its store.
                let Some(record) = record else { return Edit::Leave(Err(ConnectError::Lost)) };
                if self.holds(key, record, tokens) {
                    return Edit::Leave(Ok(record.retired.len()));
                }
                let terms = Terms::connected(issued, begun);
                let pair = match self.sealed_pair(key, record.generation.next(), tokens, terms) {
                    Ok(pair) => pair,
                    Err(problem) => return Edit::Leave(Err(problem.into())),
                };
                match identified(record, candidate, &account, pair, now) {
                    Identified::Connected(next) => {
                        let next = self.without_same(key, next, tokens);
                        let retired = next.retired.len();
                        Edit::write(next, Ok(retired))
                    }
                    Identified::Switched(next, before) => {
                        let now = account.clone();
                        Edit::write(next, Err(ConnectError::AccountSwitched { before, now }))
                    }
                    Identified::Late => Edit::Leave(Err(ConnectError::Lost)),
                }
            })
        });
        activated.await?
    }

    async fn reject(&self, key: &GrantKey, candidate: &Candidate) -> Result<(), GrantProblem> {
        let rejected = self.patient(|| {
            self.table.change(key, |record, now| match record {
                Some(record) => Edit::write(rejected(record, candidate, now), ()),
                None => Edit::Leave(()),
            })
        });
        rejected.await
    }
}

/// The access token as it can be used to ask whose it is. Of a damaged answer there may be none.
fn bearer(issued: &Issued, generation: Generation) -> Result<Bearer, BoxError> {
    let access = issued.access_token.as_ref().ok_or("the answer with the tokens was damaged")?;
    let bearer = Bearer::new(access, generation)?;
    Ok(match &issued.scope {
        Some(scope) => bearer.with_scopes(Scopes::parse(scope)),
        None => bearer,
    })
}
