//! What time it is for the store.

use std::sync::Arc;
use std::time::SystemTime;

use specwright_core::clock::Clock;
use specwright_store::StoreTime;

/// The clock that all processes which share the file have in common.
#[derive(Clone, Debug)]
pub(crate) enum StoreClock {
    /// That of the machine.
    Machine,
    /// One that was given.
    Given(Arc<dyn Clock>),
}

impl StoreClock {
    #[expect(clippy::disallowed_methods, reason = "processes of one host share its clock alone")]
    pub(crate) fn now(&self) -> StoreTime {
        StoreTime::from(match self {
            Self::Machine => SystemTime::now(),
            Self::Given(clock) => clock.now(),
        })
    }
}
