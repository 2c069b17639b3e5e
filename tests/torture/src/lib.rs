//! Grants under kills, crowds and frozen processes, and requests under windows, cuts and outages.
//!
//! Of **grants**: the judge starts a sandbox, connects grants, and starts workers: processes of their own that share a SQLite file and
//! call the sandbox with those grants. It kills and freezes them, and then asks the sandbox's ledger what happened, never the
//! workers' word alone. A worker is told what to do by an [`order::Order`] in its environment, one that goes on by a
//! [`command::Command`] on each line of its input, and says how it went by an [`order::Report`], each one line of JSON.
//!
//! What needs no other process is tried in the judge's own: programs that show nobody their secrets and take nothing from
//! a stranger ([`office`], [`codes`], [`redirects`]), and the matrix in virtual time ([`deterministic`]).
//!
//! Of **requests** ([`requests`]): what needs processes has some that call the sandbox, as a [`requests::caller::Order`] says;
//! what is about the wire goes through a proxy that cuts it; what takes hours is played in virtual time.
//!
//! Invariants:
//! - A row that has tried nothing is missed.
//! - Everything is on loopback, or in this process, and bounded in number and time.
//! - Only processes that the judge started are ended, by their handle.
//! - Times of a worker's renewals are scaled by [`order::SCALE`], unless its order says [`order::Times::Shipped`]; they are
//!   values of the policy. Programs in the judge's own process have the defaults.

pub mod ahead;
pub mod canary;
pub mod client_secret;
pub mod codes;
pub mod command;
pub mod crowd;
pub mod defaults;
pub mod deterministic;
pub mod ending;
pub mod frozen;
pub mod health;
pub mod kills;
pub mod obey;
pub mod office;
pub mod order;
pub mod outcomes;
pub mod proxy;
pub mod races;
pub mod redirects;
pub mod requests;
pub mod revoked;
pub mod search;
pub mod setting;
pub mod storage;
pub mod swapped;
pub mod table;
pub mod tap;
