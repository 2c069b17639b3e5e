//! How a grant gets its next pair: whoever wants one, in whatever process.
//!
//! `bring` is the way of one wish through the store: take what is there, wait for somebody else, or get the lease. `ask` is
//! what the holder of the lease does, and the only code that sends a refresh token. `keep` writes the answer down. `slot`
//! is what a process knows of one grant, and `flight` lets any number of callers wait for one wish.

mod answer;
mod ask;
mod attend;
mod bring;
mod client_gate;
mod connect;
mod flight;
mod identify;
mod keep;
mod revoke;
mod salvage;
mod slot;
mod table;
mod tokens;
mod unwritten;

use std::sync::Arc;

use sha2::{Digest as _, Sha256};
use specwright_core::clock::Clock;
use specwright_core::random::Random;

pub(crate) use self::answer::{Answer, Issued};
pub(crate) use self::client_gate::ClientGate;
pub(crate) use self::flight::Cell;
pub(crate) use self::slot::Wish;
pub(crate) use self::table::Table;
pub(crate) use self::tokens::Tokens;
pub(crate) use self::unwritten::Unwritten;
use crate::authority::Authority;
use crate::bearer::{Bearer, Generation};
use crate::grant::{GrantKey, HolderId, KeyProvider, Pair, StoreTime};
use crate::identify::Identify;
use crate::lifetime::{Lifetime, Now};
use crate::observer::Observer;
use crate::problem::GrantProblem;
use crate::scopes::Scopes;
use crate::spill::SpillJournal;
use crate::under_way::UnderWay;

/// Everything a renewal needs, shared by all grants of one program.
#[derive(Debug)]
pub(crate) struct Renewer {
    pub(crate) table: Table,
    pub(crate) keys: Arc<dyn KeyProvider>,
    pub(crate) authority: Authority,
    pub(crate) gate: ClientGate,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Random>,
    pub(crate) observer: Arc<dyn Observer>,
    /// Whose account a new pair is of, if somebody can tell.
    pub(crate) identify: Option<Arc<dyn Identify>>,
    /// Where pairs go that the store does not take.
    pub(crate) spill: Option<SpillJournal>,
    /// Pairs that nothing has taken yet.
    pub(crate) unwritten: Unwritten,
    /// This run of this process.
    pub(crate) holder: HolderId,
    /// What it has begun.
    pub(crate) under_way: Arc<UnderWay>,
}

/// A token that may be used: the record that holds it is durable.
#[derive(Clone, Debug)]
pub(crate) struct Committed {
    pub(crate) bearer: Arc<Bearer>,
    pub(crate) lifetime: Lifetime,
}

impl Committed {
    fn is_usable(&self, now: Now) -> bool {
        !self.lifetime.hard.has_come(now)
    }
}

impl Renewer {
    /// Makes the pair of a record ready to be used. `read_at` is the store's time when the record was read.
    fn committed(
        &self,
        key: &GrantKey,
        generation: Generation,
        pair: &Pair,
        read_at: StoreTime,
    ) -> Result<Option<Committed>, GrantProblem> {
        let tokens = Tokens::open(&pair.sealed, key, generation, &*self.keys)
            .map_err(GrantProblem::Sealed)?;
        let Some(access) = tokens.access else { return Ok(None) };
        // The answer was read as a token, so it is one.
        let Ok(mut bearer) = Bearer::new(&access, generation) else { return Ok(None) };
        if let Some(scope) = &pair.scope {
            bearer = bearer.with_scopes(Scopes::parse(scope));
        }
        let lifetime = Lifetime::new(
            Now::read(&*self.clock),
            pair.life(),
            read_at.until(pair.expires_at),
            &self.table.policy.margins,
            lot(key, generation),
        );
        Ok(Some(Committed { bearer: Arc::new(bearer), lifetime }))
    }
}

/// A number that every process draws alike for one pair, and differently for another: when to renew it.
///
/// So the processes of a fleet agree on the moment, and the grants of a fleet do not meet in one.
fn lot(key: &GrantKey, generation: Generation) -> u64 {
    let mut digest = Sha256::new();
    for part in [key.tenant().as_bytes(), key.grant().as_bytes()] {
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part);
    }
    digest.update(generation.number().to_be_bytes());
    let digest: [u8; 32] = digest.finalize().into();
    digest.first_chunk().map_or(0, |first| u64::from_be_bytes(*first))
}
