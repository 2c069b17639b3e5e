//! Every operation of both documents, called through its generated client against the sandbox: once with only the
//! required inputs and once with all of them.
//!
//! The calls are written down group by group, as a user would write them. What they prove is read from the sandbox's
//! ledger and the raw documents: which inputs arrived, what was refused, and whether each answer is Equal after decode
//! and encode. The suite ends with one line that counts the calls. What the calls cost in generated lines is counted too.

#![expect(clippy::unwrap_used, reason = "what a helper misses fails the test")]

mod alternatives;
mod budgets;
mod examples;
mod exchange;
mod inputs;
mod report;
mod stora;
mod suite;
mod types;
mod understory;
