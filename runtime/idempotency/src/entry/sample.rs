//! What the tests of the transitions are made of.

use std::time::Duration;

use http::Method;
use specwright_core::operation::Idempotency;
use specwright_core::random::Random;
use specwright_store::StoreTime;

use super::begin::{Begin, Wish};
use super::record::{AttemptId, Entry, State};
use crate::fingerprint::{Fingerprint, FingerprintKey, RequestParts};
use crate::key::IdempotencyKey;
use crate::operation_id::OperationId;
use crate::reuse::Reuse;

/// Seconds of an hour.
pub(crate) const HOUR: u64 = 3_600;

/// How long an attempt lasts.
pub(crate) const LASTING: Duration = Duration::from_secs(60);

const KEYED: Idempotency =
    Idempotency::Key { header: "Idempotency-Key", retention_seconds: Some(86_400) };

/// So many seconds after the first sending.
pub(crate) fn at(seconds: u64) -> StoreTime {
    StoreTime::from_millis(seconds * 1_000)
}

pub(crate) fn key(number: u8) -> IdempotencyKey {
    IdempotencyKey::new(format!("key-{number}")).unwrap()
}

pub(crate) fn attempt(number: u8) -> AttemptId {
    AttemptId::draw(&Constant(number))
}

pub(crate) fn fingerprint(body: &[u8]) -> Fingerprint {
    let request = RequestParts {
        idempotency: KEYED,
        method: &Method::POST,
        path_and_query: "/contacts",
        content_type: None,
        body,
    };
    let operation = OperationId::new("account", "name").unwrap();
    FingerprintKey::new([7; 32]).fingerprint(&operation, &request)
}

/// An entry whose key was sent first at the start.
pub(crate) fn entry(state: State) -> Entry {
    Entry {
        key: key(1),
        fingerprint: fingerprint(b"{}"),
        first_sent: Some(at(0)),
        last_sent: at(0),
        attempts: 1,
        state,
    }
}

/// A process that wants to send, and would do so under its own key.
pub(crate) fn wish(number: u8) -> Wish {
    Wish {
        fingerprint: fingerprint(b"{}"),
        reuse: Reuse::of(KEYED),
        attempt: attempt(number),
        fresh: key(number),
        given_up: None,
    }
}

/// As [`wish`], for an operation that takes no key.
pub(crate) fn keyless(number: u8) -> Wish {
    Wish { reuse: Reuse::of(Idempotency::Unsafe), ..wish(number) }
}

/// As [`wish`], for an operation that leaves the same however often it is executed.
pub(crate) fn repeatable(number: u8) -> Wish {
    Wish { reuse: Reuse::of(Idempotency::Idempotent), ..wish(number) }
}

#[track_caller]
pub(crate) fn mine(begin: Begin) -> Entry {
    match begin {
        Begin::Mine(entry) => entry,
        other => panic!("not ours to send: {other:?}"),
    }
}

/// The same bytes each time.
#[derive(Debug)]
struct Constant(u8);

impl Random for Constant {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(self.0);
    }
}
