//! Writing a pair down before anybody may use it.

use std::time::Duration;

use super::Renewer;
use super::answer::Issued;
use super::ask::Asked;
use super::table::{Edit, TableError};
use super::tokens::Tokens;
use crate::bearer::Generation;
use crate::grant::{Commit, GrantKey, Lease, Pair, Record, Standing, StoreTime, Want, commit};
use crate::observer::{Hindrance, Step};
use crate::problem::GrantProblem;
use crate::spill::{Origin, Spilled};
use crate::store::StoreErrorKind;

/// The waits while the store does not take a pair: 50 ms, doubled up to 5 s, for as long as this task lives.
const STORE_WAITS: [Duration; 2] = [Duration::from_millis(50), Duration::from_secs(5)];

/// What a new pair takes the place of.
pub(super) struct Old<'p> {
    pub(super) tokens: Tokens,
    pub(super) pair: Option<&'p Pair>,
    /// When the lease was taken, which is before the request was sent.
    pub(super) begun: StoreTime,
}

/// What was said of a pair besides its tokens.
pub(super) struct Terms {
    pub(super) issued: StoreTime,
    pub(super) life: Duration,
    pub(super) scope: Option<String>,
    pub(super) wanted: Want,
}

impl Terms {
    /// Those of a pair with which the user connected. Its life began at `begun` or later.
    pub(super) fn connected(issued: &Issued, begun: StoreTime) -> Self {
        let (life, scope) = (issued.life, issued.scope.clone());
        Self { issued: begun, life, scope, wanted: Want::Ahead }
    }
}

/// What became of a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kept {
    /// It is durable, since this moment, and that of the grant.
    Committed(StoreTime),
    /// It is durable beside the pair of the grant: as a spare, or until it is known whose it is.
    Beside,
    /// It is to be revoked: the user has connected anew.
    Replaced,
    /// It is to be revoked.
    Retired,
}

impl Renewer {
    /// Commits a pair, however long the store takes, and only then gives it out.
    pub(super) async fn keep(
        &self,
        key: &GrantKey,
        lease: &Lease,
        issued: Issued,
        old: Old<'_>,
    ) -> Result<Asked, GrantProblem> {
        self.observer.step(key, lease.generation, Step::Read);
        let pair = self.pair(key, lease, issued, old)?;
        let waiting = Spilled { origin: Origin::Lease(lease.clone()), pair };
        match self.write(key, &waiting).await {
            Kept::Committed(now) => {
                self.observer.step(key, lease.generation, Step::Committed);
                let token = self.committed(key, lease.generation.next(), &waiting.pair, now)?;
                // A pair without an access token is renewed once more.
                Ok(token.map_or(Asked::Again, Asked::Committed))
            }
            Kept::Beside => Ok(Asked::Again),
            Kept::Replaced | Kept::Retired => {
                self.revoke_retired(key).await?;
                // The grant was ended, or there is the pair of another authorization.
                Ok(Asked::Again)
            }
        }
    }

    /// Writes a pair into the store, or where pairs go while the store is down. It does not end before the store has taken
    /// it, or the disk one whose token is waited for.
    pub(super) async fn write(&self, key: &GrantKey, waiting: &Spilled) -> Kept {
        let mut wait = STORE_WAITS[0];
        let mut told = None;
        // From now on nobody here asks the server for this grant before the pair is written.
        let holding = self.unwritten.hold(key, waiting);
        loop {
            if let Some(kept) = holding.kept() {
                return kept;
            }
            if let Origin::Lease(lease) = &waiting.origin {
                self.observer.step(key, lease.generation, Step::Committing);
            }
            match self.commit(key, waiting).await {
                Ok(kept) => return kept,
                // It is tried on all the same: whoever is told may put it right.
                Err(problem) if !may_pass(&problem) && told.as_ref() != Some(&problem) => {
                    self.observer.hindered(Hindrance::Grant(key, &problem));
                    told = Some(problem);
                }
                Err(_) => {}
            }
            if let Some(spill) = &self.spill {
                // It holds up this thread for one write. That is rare, and better than to hold up the answer.
                let spilled = spill.append(key, waiting.clone());
                if let (Ok(()), Origin::Lease(lease)) = (spilled, &waiting.origin) {
                    return Kept::Committed(lease.begun);
                }
            }
            self.clock.sleep(wait).await;
            wait = (wait * 2).min(STORE_WAITS[1]);
        }
    }

    /// Asks a store for as long as it is down: for what follows from a pair that nobody else will come back to.
    pub(super) async fn lasting<T, F: Future<Output = Result<T, TableError>>>(
        &self,
        ask: impl Fn() -> F,
    ) -> Result<T, GrantProblem> {
        let mut wait = STORE_WAITS[0];
        loop {
            match ask().await {
                Err(error) if error.may_pass() => self.clock.sleep(wait).await,
                answer => return Ok(answer?),
            }
            wait = (wait * 2).min(STORE_WAITS[1]);
        }
    }

    /// Commits what waits for the store in this process: before anything is asked of the record, because what it says is
    /// old.
    pub(super) async fn settle_unwritten(&self, key: &GrantKey) -> Result<(), GrantProblem> {
        for held in self.unwritten.of(key) {
            self.settle_one(key, &held).await?;
        }
        self.settle_spilled(key).await
    }

    async fn settle_spilled(&self, key: &GrantKey) -> Result<(), GrantProblem> {
        let Some(spill) = &self.spill else { return Ok(()) };
        let mut settled = false;
        while let Some(spilled) = spill.waiting(key) {
            self.settle_one(key, &spilled).await?;
            settled = true;
        }
        if settled { self.revoke_retired(key).await } else { Ok(()) }
    }

    /// Commits a pair in the place of its task, if that lives. It does what follows, and must not write the pair again: by
    /// then it may be revoked.
    async fn settle_one(&self, key: &GrantKey, waiting: &Spilled) -> Result<(), GrantProblem> {
        let kept = self.commit(key, waiting).await?;
        self.unwritten.written(key, &waiting.pair, kept);
        Ok(())
    }

    /// Commits what waits for the store in this process and what processes that have ended had spilled, as far as that
    /// can be read and the store takes it.
    pub(crate) async fn recover(&self) -> Result<(), GrantProblem> {
        let Some(spill) = &self.spill else { return Ok(()) };
        let taken = spill.take_over();
        for key in spill.grants() {
            if let Err(problem) = self.settle_spilled(&key).await {
                self.observer.hindered(Hindrance::Grant(&key, &problem));
            }
        }
        for file in taken.map_err(|_| GrantProblem::Spill)? {
            self.observer.hindered(Hindrance::Spilled(&file));
        }
        Ok(())
    }

    fn pair(
        &self,
        key: &GrantKey,
        lease: &Lease,
        issued: Issued,
        old: Old<'_>,
    ) -> Result<Pair, GrantProblem> {
        let Old { tokens: old_tokens, pair: old_pair, begun } = old;
        let (life, wanted) = (issued.life, lease.want);
        // A server that names no scopes means those of before (RFC 6749 §6).
        let scope = issued.scope.or_else(|| old_pair.and_then(|pair| pair.scope.clone()));
        let terms = Terms { issued: begun, life, scope, wanted };
        // A server that sends no refresh token means the old one (RFC 6749 §6).
        let refresh = issued.refresh_token.or(old_tokens.refresh);
        let tokens = Tokens { access: issued.access_token, refresh };
        self.sealed_pair(key, lease.generation.next(), &tokens, terms)
    }

    /// A pair as it is written down.
    pub(super) fn sealed_pair(
        &self,
        key: &GrantKey,
        generation: Generation,
        tokens: &Tokens,
        terms: Terms,
    ) -> Result<Pair, GrantProblem> {
        let sealed = tokens.seal(key, generation, &*self.keys, &*self.random);
        // A refresh token that the server keeps was used all the same, so its life begins anew.
        let refresh_life = tokens.refresh.as_ref().and(self.table.policy.refresh_token_life);
        Ok(Pair {
            sealed: sealed.map_err(GrantProblem::Sealed)?,
            expires_at: terms.issued.after(terms.life),
            life_millis: u64::try_from(terms.life.as_millis()).unwrap_or(u64::MAX),
            refresh_expires_at: refresh_life.map(|life| terms.issued.after(life)),
            scope: terms.scope,
            renewable: self.authority.renewable(tokens.refresh.as_ref()),
            wanted: terms.wanted,
        })
    }

    /// Takes a pair into the record, and off the disk if it is there.
    async fn commit(&self, key: &GrantKey, waiting: &Spilled) -> Result<Kept, GrantProblem> {
        let kept = match &waiting.origin {
            Origin::Lease(lease) => self.commit_renewed(key, lease, &waiting.pair).await?,
            Origin::Connection(connection) => {
                self.commit_connected(key, connection, &waiting.pair).await?
            }
        };
        if let Some(spill) = &self.spill {
            spill.committed(key, waiting);
        }
        Ok(kept)
    }

    async fn commit_renewed(
        &self,
        key: &GrantKey,
        lease: &Lease,
        pair: &Pair,
    ) -> Result<Kept, TableError> {
        let policy = &self.table.policy;
        self.table
            .change(key, |record, now| {
                // No record is ever deleted: one that is gone was lost with its store, and this pair is all there is.
                let unasked = Record::unasked();
                match commit(record.unwrap_or(&unasked), lease, pair.clone(), now, policy) {
                    Commit::Done(next) => Edit::write(next, Kept::Committed(now)),
                    Commit::Overtaken(next) => Edit::write(next, Kept::Beside),
                    Commit::Retired(next) => Edit::write(next, Kept::Retired),
                    Commit::Standing(Standing::InUse) => Edit::Leave(Kept::Committed(now)),
                    Commit::Standing(Standing::Beside) => Edit::Leave(Kept::Beside),
                    Commit::Standing(Standing::Retired) => Edit::Leave(Kept::Retired),
                }
            })
            .await
    }
}

/// Whether the store may take a pair a little later although nobody does anything.
fn may_pass(problem: &GrantProblem) -> bool {
    *problem == GrantProblem::Store(StoreErrorKind::Unavailable)
}
