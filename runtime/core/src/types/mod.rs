//! The types that generated models are made of, beside those of `std`.

mod date;
mod date_time;
mod expandable;
mod expires_in;
mod local_date_time;
mod maybe;
mod merge_patch;
mod newtype;
mod unknown_json;
mod unknown_value;

pub use bytes::Bytes;
/// Any JSON value.
///
/// Integers beyond 64 bits become floating-point numbers, and the order of members is not kept.
pub use serde_json::Value as Json;

pub use crate::secret::SecretString;
pub use date::{Date, DateError};
pub use date_time::{DateTime, DateTimeError};
pub use expandable::{Expandable, Expanded};
pub use expires_in::ExpiresIn;
pub use local_date_time::{LocalDateTime, LocalDateTimeError};
pub use maybe::Maybe;
pub use merge_patch::MergePatch;
pub use unknown_json::UnknownJson;
pub use unknown_value::UnknownValue;
