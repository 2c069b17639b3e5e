//! One grant: its name, and how moments of it are written down.

mod key;
mod time;

pub use key::GrantKey;
pub use time::StoreTime;
