//! The command as users run it.

mod damage;
mod exit_codes;
mod fixture;
mod formats;
mod freshness;
mod untrusted;
