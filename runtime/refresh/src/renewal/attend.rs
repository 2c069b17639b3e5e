//! What a program does with a grant besides using it: connect, end, look after, look at.

use super::Renewer;
use super::answer::Issued;
use super::bring::Need;
use super::keep::Terms;
use super::table::Edit;
use super::tokens::Tokens;
use crate::bearer::Generation;
use crate::grant::{
    AttemptId, GrantKey, Record, Sealed, StoreTime, Want, connect, disconnect, distrust,
};
use crate::problem::GrantProblem;
use crate::status::{GrantChange, GrantStatus};
use crate::store::Version;

/// How many grants are read at once where all of them are.
const PAGE: usize = 256;

impl Renewer {
    /// The record of a grant.
    pub(crate) async fn record_of(&self, key: &GrantKey) -> Result<Option<Record>, GrantProblem> {
        Ok(self.record(self.patient(|| self.table.read(key)).await?.record))
    }

    /// The grants that changed after a version.
    pub(crate) async fn changes(
        &self,
        after: Option<Version>,
        most: usize,
    ) -> Result<Vec<GrantChange>, GrantProblem> {
        let changes = self.table.store.changes(after, most).await;
        let changes = changes.map_err(|error| GrantProblem::Store(error.kind()))?;
        let read = |change: crate::store::Change| GrantChange {
            version: change.row.version,
            status: Record::parse(&change.row.text).ok().as_ref().map(GrantStatus::from),
            key: change.key,
        };
        Ok(changes.into_iter().map(read).collect())
    }

    /// The grants that need somebody now.
    pub(crate) async fn due(&self, most: usize) -> Result<Vec<GrantKey>, GrantProblem> {
        let due = self.table.store.due(most).await;
        due.map_err(|error| GrantProblem::Store(error.kind()))
    }

    /// Writes a pair that comes from elsewhere: with it the grant is connected. Its life began at `begun` or later. Gives
    /// how many pairs of before are to be revoked.
    pub(crate) async fn adopt(
        &self,
        key: &GrantKey,
        issued: Issued,
        begun: StoreTime,
    ) -> Result<usize, GrantProblem> {
        let tokens = Tokens::issued(&issued);
        let adopted = self.patient(|| {
            self.table.change(key, |record, now| {
                let generation =
                    record.map_or_else(Generation::default, |record| record.generation);
                let terms = Terms::connected(&issued, begun);
                match self.sealed_pair(key, generation.next(), &tokens, terms) {
                    Ok(pair) => {
                        let connected = self.without_same(key, connect(record, pair, now), &tokens);
                        let retired = connected.retired.len();
                        Edit::write(connected, Ok(retired))
                    }
                    Err(problem) => Edit::Leave(Err(problem)),
                }
            })
        });
        adopted.await?
    }

    /// The record without what is to be revoked of these tokens: some servers give the same ones to whoever connects
    /// again, and to revoke the old ones would be to revoke the new ones.
    pub(super) fn without_same(&self, key: &GrantKey, record: Record, tokens: &Tokens) -> Record {
        let mut next = record;
        next.retired.retain(|pair| !self.opens_to(key, &pair.sealed, pair.generation, tokens));
        next
    }

    /// Whether the pair of a record is this one.
    pub(super) fn holds(&self, key: &GrantKey, record: &Record, tokens: &Tokens) -> bool {
        let pair = record.pair.as_ref();
        pair.is_some_and(|pair| self.opens_to(key, &pair.sealed, record.generation, tokens))
    }

    fn opens_to(
        &self,
        key: &GrantKey,
        sealed: &Sealed,
        generation: Generation,
        tokens: &Tokens,
    ) -> bool {
        let held = Tokens::open(sealed, key, generation, &*self.keys);
        held.is_ok_and(|held| {
            (held.access.is_some() && held.access == tokens.access)
                || (held.refresh.is_some() && held.refresh == tokens.refresh)
        })
    }

    /// Writes that a grant is ended.
    pub(crate) async fn disconnect(&self, key: &GrantKey) -> Result<(), GrantProblem> {
        let ended = self.patient(|| {
            self.table.change(key, |record, now| match self.record(record.cloned()) {
                Some(record) => Edit::write(disconnect(&record, now), Ok(())),
                None => Edit::Leave(Err(GrantProblem::NotConnected)),
            })
        });
        ended.await?
    }

    /// Marks every grant as restored from a backup.
    pub(crate) async fn distrust(&self) -> Result<(), GrantProblem> {
        let mut after = None;
        loop {
            let changes = self.changes(after, PAGE).await?;
            let Some(last) = changes.last() else { return Ok(()) };
            after = Some(last.version);
            for change in &changes {
                let attempt = AttemptId::draw(&*self.random);
                let marked = self.patient(|| {
                    self.table.change(&change.key, |record, now| {
                        match record.and_then(|record| distrust(record, attempt.clone(), now)) {
                            Some(next) => Edit::write(next, ()),
                            None => Edit::Leave(()),
                        }
                    })
                });
                marked.await?;
            }
        }
    }

    /// Does what is due for a grant for which nobody calls.
    pub(crate) async fn attend(&self, key: &GrantKey) -> Result<(), GrantProblem> {
        let reading = self.patient(|| self.table.read(key)).await?;
        let Some(record) = reading.record else { return Ok(()) };
        let renewal = record.renewal_due(&self.table.policy);
        // What is due may be a revocation alone, which is no reason to spend the pair that took the place of another one.
        let renewed = if renewal.is_some_and(|due| due <= reading.now) {
            let wanted = self.bring(key, record.generation, Want::Ahead, Need::Ahead).await;
            wanted.map(|_| ())
        } else {
            Ok(())
        };
        self.revoke_retired(key).await?;
        renewed
    }
}
