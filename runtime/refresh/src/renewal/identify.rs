//! Connecting with a pair whose account has to be found out first.

use std::sync::Arc;

use specwright_core::clock::within;
use specwright_core::transport::BoxError;

use super::Renewer;
use super::table::Edit;
use super::tokens::Tokens;
use crate::bearer::Bearer;
use crate::connect::ConnectError;
use crate::grant::{Candidate, GrantKey, Identified, TIME_TO_IDENTIFY, identified, rejected};
use crate::identify::AccountId;
use crate::problem::GrantProblem;

impl Renewer {
    /// Connects the grant with a pair that stands beside its own, if it is of the same account as before, or of the first
    /// one. What is not taken is to be revoked from then on.
    pub(super) async fn identify(
        &self,
        key: &GrantKey,
        candidate: &Candidate,
    ) -> Result<(), ConnectError> {
        let named = match self.bearer(key, candidate)? {
            Some(bearer) => {
                within(&*self.clock, TIME_TO_IDENTIFY, self.account(key, &bearer)).await
            }
            None => Some(Err("the answer with the tokens was damaged".into())),
        };
        let unknown = match named {
            Some(Ok(account)) => return self.activate(key, candidate, account).await,
            Some(Err(error)) => ConnectError::Unidentified(error),
            None => ConnectError::Late,
        };
        // If that cannot be written, it is to be revoked soon all the same.
        let _ = self.reject(key, candidate).await;
        Err(unknown)
    }

    /// The access token as it can be used to ask whose it is. Of a damaged answer there may be none.
    fn bearer(
        &self,
        key: &GrantKey,
        candidate: &Candidate,
    ) -> Result<Option<Arc<Bearer>>, GrantProblem> {
        let Candidate { connection, pair } = candidate;
        let token = self.committed(key, connection.generation.next(), pair, connection.begun)?;
        Ok(token.map(|token| token.bearer))
    }

    async fn account(&self, key: &GrantKey, bearer: &Bearer) -> Result<AccountId, BoxError> {
        match &self.identify {
            Some(identify) => identify.account(key, bearer).await,
            None => Err("nobody can say whose account it is".into()),
        }
    }

    /// The store may take its time for it, as for every pair. If it takes too long, the pair is given up.
    async fn activate(
        &self,
        key: &GrantKey,
        candidate: &Candidate,
        account: AccountId,
    ) -> Result<(), ConnectError> {
        let Candidate { connection, pair } = candidate;
        let tokens = Tokens::open(&pair.sealed, key, connection.generation.next(), &*self.keys)
            .map_err(GrantProblem::Sealed)?;
        let activated = self.lasting(|| {
            self.table.change(key, |record, now| {
                // No record is ever deleted: one that is gone was lost with its store.
                let Some(record) = record else { return Edit::Leave(Err(ConnectError::Late)) };
                if self.holds(key, record, &tokens) {
                    return Edit::Leave(Ok(()));
                }
                let pair = match self.sealed_anew(key, record.generation.next(), &tokens, pair) {
                    Ok(pair) => pair,
                    Err(problem) => return Edit::Leave(Err(problem.into())),
                };
                match identified(record, candidate, &account, pair, now) {
                    Identified::Connected(next) => {
                        Edit::write(self.without_same(key, next, &tokens), Ok(()))
                    }
                    Identified::Switched(next, before) => {
                        let now = account.clone();
                        Edit::write(next, Err(ConnectError::AccountSwitched { before, now }))
                    }
                    Identified::Standing => Edit::Leave(Ok(())),
                    Identified::Overtaken(next) => Edit::write(next, Err(ConnectError::Late)),
                    Identified::Late => Edit::Leave(Err(ConnectError::Late)),
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
