//! Records for tests.

use std::time::Duration;

use super::key::GrantKey;
use super::lease::{Begin, Lease, begin};
use super::policy::{RefreshPolicy, RotationModel};
use super::record::{
    AttemptId, HolderId, Pair, Phase, ReconnectReason, Record, Refusal, Renewable, Want,
};
use super::seal::{Field, KeyRing, Place, Sealed, SealingKey};
use super::time::StoreTime;
use crate::bearer::Generation;

/// Counts up, so that what is drawn is always something else.
#[derive(Debug, Default)]
pub(crate) struct Counting(std::sync::atomic::AtomicU64);

impl specwright_core::random::Random for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let next = self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            chunk.copy_from_slice(&next.to_le_bytes()[..chunk.len()]);
        }
    }
}

/// The life of every pair here.
pub(crate) const LIFE: Duration = Duration::from_secs(7_200);

pub(crate) fn at(seconds: u64) -> StoreTime {
    StoreTime::from_millis(1_000_000_000_000 + seconds * 1_000)
}

pub(crate) fn policy() -> RefreshPolicy {
    RefreshPolicy::new(RotationModel::Immediate)
}

/// A pair that is unlike every other, issued at a moment.
pub(crate) fn pair(issued: StoreTime, random: &Counting) -> Pair {
    let key = GrantKey::new("tenant", "grant");
    let keys = KeyRing::new("k", SealingKey::new([7; 32]));
    let place = Place { key: &key, generation: Generation::default(), field: Field::Pair };
    Pair {
        sealed: Sealed::seal(b"fake", place, &keys, random).unwrap(),
        expires_at: issued.after(LIFE),
        life_millis: u64::try_from(LIFE.as_millis()).unwrap(),
        refresh_expires_at: None,
        scope: None,
        renewable: Renewable::Yes,
        wanted: Want::Ahead,
    }
}

/// A grant that was connected at 0.
pub(crate) fn connected(random: &Counting) -> Record {
    super::commit::connect(None, pair(at(0), random), at(0))
}

pub(crate) fn holder(random: &Counting) -> HolderId {
    HolderId::draw(random)
}

pub(crate) fn attempt(random: &Counting) -> AttemptId {
    AttemptId::draw(random)
}

/// The lease of somebody who renews a grant that was connected at 0.
pub(crate) fn lease(random: &Counting) -> Lease {
    let record = connected(random);
    let (seen, fresh) = (record.generation, attempt(random));
    let begun = begin(&record, seen, Want::Ahead, &holder(random), &fresh, at(100), &policy());
    match begun {
        Begin::Mine(_, intent) => intent.written(),
        other => panic!("no lease: {other:?}"),
    }
}

/// One process.
pub(crate) struct Process {
    pub(crate) holder: HolderId,
    pub(crate) random: Counting,
}

impl Process {
    pub(crate) fn numbered(number: u64) -> Self {
        let random = Counting::default();
        for _ in 0..number * 1_000 {
            let _ = attempt(&random);
        }
        Self { holder: holder(&random), random }
    }

    pub(crate) fn begin_with(
        &self,
        record: &Record,
        want: Want,
        seconds: u64,
        policy: &RefreshPolicy,
    ) -> Begin {
        let (seen, fresh) = (record.generation, attempt(&self.random));
        begin(record, seen, want, &self.holder, &fresh, at(seconds), policy)
    }

    pub(crate) fn begin(&self, record: &Record, seconds: u64) -> Begin {
        self.begin_with(record, Want::Ahead, seconds, &policy())
    }

    pub(crate) fn lease(&self, record: &Record, seconds: u64) -> (Record, Lease) {
        match self.begin(record, seconds) {
            Begin::Mine(record, intent) => (*record, intent.written()),
            other => panic!("no lease: {other:?}"),
        }
    }
}

pub(crate) fn refusal() -> Refusal {
    Refusal { code: Some("invalid_grant".to_owned()), status: 400, request_id: None }
}

pub(crate) fn reason(record: &Record) -> ReconnectReason {
    match record.phase {
        Phase::ReconnectRequired { reason, .. } => reason,
        ref other => panic!("{other:?}"),
    }
}
