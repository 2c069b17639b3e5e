//! Moments that are written down.

pub use specwright_store::StoreTime;
