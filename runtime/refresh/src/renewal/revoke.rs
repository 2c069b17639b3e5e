//! Revoking the pairs that a grant gave up.

use std::time::Duration;

use specwright_backoff::Backoff;

use super::Renewer;
use super::table::Edit;
use super::tokens::Tokens;
use crate::grant::{GrantKey, Retired, Revoked, Sealed, revoked};
use crate::observer::Step;
use crate::problem::GrantProblem;

/// The waits after a revocation that the server did not confirm: 1 min, 2 min, 4 min … 1 h.
const AFTER_UNCONFIRMED: Backoff =
    Backoff { base: Duration::from_secs(60), cap: Duration::from_secs(3_600) };

impl Renewer {
    /// Asks the server once for each pair that is to be revoked now.
    pub(crate) async fn revoke_retired(&self, key: &GrantKey) -> Result<(), GrantProblem> {
        let mut asked = Vec::new();
        // Anew from the record for each: the server may have given the same tokens again meanwhile.
        while let Some(pair) = self.next_retired(key, &asked).await? {
            self.observer.step(key, pair.generation, Step::Revoking);
            let answer = self.revoke(key, &pair).await;
            self.note(key, &pair, answer).await?;
            asked.push(pair.sealed);
        }
        Ok(())
    }

    async fn next_retired(
        &self,
        key: &GrantKey,
        asked: &[Sealed],
    ) -> Result<Option<Retired>, GrantProblem> {
        let reading = self.patient(|| self.table.read(key)).await?;
        let mut retired = reading.record.map(|record| record.retired).unwrap_or_default();
        retired.retain(|pair| pair.next_try <= reading.now && !asked.contains(&pair.sealed));
        Ok(retired.into_iter().next())
    }

    async fn revoke(&self, key: &GrantKey, pair: &Retired) -> Revoked {
        let unconfirmed = Revoked::NotYet(AFTER_UNCONFIRMED.bound(pair.tries));
        match Tokens::open(&pair.sealed, key, pair.generation, &*self.keys) {
            Ok(tokens) => self.authority.revoke(&tokens).await.unwrap_or(unconfirmed),
            // The key may come back; the token ends by itself otherwise.
            Err(_) => unconfirmed,
        }
    }

    async fn note(
        &self,
        key: &GrantKey,
        pair: &Retired,
        answer: Revoked,
    ) -> Result<(), GrantProblem> {
        let policy = &self.table.policy;
        let noted = self.patient(|| {
            self.table.change(key, |record, now| match record {
                Some(record) => Edit::write(revoked(record, &pair.sealed, answer, now, policy), ()),
                None => Edit::Leave(()),
            })
        });
        noted.await
    }
}
