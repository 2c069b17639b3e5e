//! Answers that nobody could read: kept, because they may hold the only living pair, and shown to a person.

use specwright_oauth::SecretBytes;

use super::Renewer;
use super::table::Edit;
use crate::grant::{Field, GrantKey, Lease, Place, Salvage, Sealed, set_aside};
use crate::problem::GrantProblem;
use crate::salvaged::SalvagedAnswer;

impl Renewer {
    /// Writes an answer into the record, where no pair makes it worthless.
    pub(super) async fn salvage(
        &self,
        key: &GrantKey,
        lease: &Lease,
        body: &[u8],
    ) -> Result<(), GrantProblem> {
        let generation = lease.generation.next();
        let place = Place { key, generation, field: Field::Salvage };
        let sealed =
            Sealed::seal(body, place, &*self.keys, &*self.random).map_err(GrantProblem::Sealed)?;
        self.patient(|| {
            self.table.change(key, |record, at| {
                let salvage = Salvage { generation, sealed: sealed.clone(), at };
                match record.and_then(|record| set_aside(record, lease, salvage)) {
                    Some(next) => Edit::write(next, ()),
                    None => Edit::Leave(()),
                }
            })
        })
        .await
    }

    /// The answer that is kept in a record.
    pub(crate) async fn salvaged(
        &self,
        key: &GrantKey,
    ) -> Result<Option<SalvagedAnswer>, GrantProblem> {
        let record = self.record_of(key).await?;
        let Some(Salvage { generation, sealed, at }) = record.and_then(|record| record.salvage)
        else {
            return Ok(None);
        };
        let place = Place { key, generation, field: Field::Salvage };
        let body = sealed.open(place, &*self.keys).map_err(GrantProblem::Sealed)?;
        Ok(Some(SalvagedAnswer { received: at.into(), body: SecretBytes::from(&**body) }))
    }
}
