//! Moments as they are written: whole milliseconds, the next one if need be, since a later moment is the safe one.

use std::time::Duration;

use serde::{Deserialize, Deserializer, Serializer};

const NANOS: u128 = 1_000_000;

pub(super) fn serialize<S: Serializer>(moment: &Duration, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_u64(u64::try_from(moment.as_nanos().div_ceil(NANOS)).unwrap_or(u64::MAX))
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
    u64::deserialize(from).map(Duration::from_millis)
}
