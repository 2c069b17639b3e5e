//! What is known of one quota, and every change of it as a pure function.

mod estimate;
mod millis;
mod permits;
mod share;
mod usage;
mod window;

#[cfg(test)]
mod simulation;

pub use permits::Lane;
pub(crate) use permits::{PermitId, Quota, Take};
pub(crate) use share::Evidence;
pub use usage::Usage;
pub(crate) use window::hold;
