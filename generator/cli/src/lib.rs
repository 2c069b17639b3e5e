//! The `specwright` command as a library.
//!
//! Input: OpenAPI documents, overlays, `api.yaml` and `api.lock`; for two questions also a Rust program
//! and the name of an item. Output: a client crate, the lock, the effective document, answers, and
//! diagnostics in the form that the user asked for. The repository's own tasks use the same functions.
//!
//! [`pipeline`] is the straight line of stages and fits on a screen. Around it: [`config`], [`specs`] and
//! [`project`] say what goes in, [`output`] puts what comes out on the disk, [`render`] shows what was
//! found, [`second_opinion`] asks another reader of OpenAPI, [`command`] is the command line. Questions
//! are answered by [`scopes`] (what a program must be allowed to do), [`why`] (what an item is, and why it
//! is called so) and [`explain`] (what a diagnostic means). Invariants:
//!
//! - Damage in a document is never a reason to write nothing; only an input that cannot be read is.
//! - What is written is written whole or not at all, only below the output folder, and never over a
//!   file that the generator did not write.
//! - Data goes to stdout, words go to stderr, and [`exit`] gives every exit code its one meaning.
//! - Equal input gives equal bytes.
//! - A question writes nothing, and what cannot be answered is said.
//!
//! This crate decides nothing about an API and makes no Rust: the stages do.

pub mod command;
pub mod config;
pub mod exit;
pub mod explain;
mod facts;
pub mod output;
pub mod pipeline;
pub mod project;
pub mod render;
pub mod scopes;
pub mod second_opinion;
pub mod specs;
pub mod why;
