//! What is measured of calls, read back from the SDK: a scripted transport answers, and time is virtual.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what a test cannot do without stops it")]
#![allow(
    clippy::float_cmp,
    reason = "on virtual time a duration is what the script says, to the bit"
)]

mod calls;
mod grants;
mod readings;
mod requests;
mod series;
mod shelf;
mod webhooks;
