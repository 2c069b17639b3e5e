//! Vocabulary of the runtime: operations, wire codecs, errors, secrets, clock, transport.
//!
//! **Input**: the values of a call, and the bytes of an answer. **Output**: the parts of a request, typed models, or an
//! error that names the place. What happens in between (credentials, waiting, retrying, sending) is the business of the
//! crates above; this one fixes the words in which they and generated code speak.
//!
//! - [`operation`]: what generated code says of each operation, [`json`]: how its models are read and written,
//!   [`types`]: what they are made of, [`security`]: what it says of the whole API.
//! - [`error`]: the one error of a call, [`timeline`]: what it went through, [`interceptor`]: who watches it.
//! - [`clock`], [`random`], [`transport`]: the world outside, as traits, so that tests hold it.
//!
//! Invariants:
//! - Everything is a function of its inputs: no clock, no network, no runtime. The only exception is
//!   [`random::OsRandom`].
//! - No input makes it panic, recurse without bound or loop.
//! - A value never changes the structure of a request: not its path, not its headers, not its fields.
//! - What an enum or union does not know is kept and written back unchanged.
//!
//! It must never show a secret or a body in `Debug`, `Display` or an error, and must never have a type of an HTTP library
//! in its interface: only `http`, `bytes` and `serde_json::Value` appear there.

pub mod clock;
pub mod error;
pub mod interceptor;
pub mod json;
pub mod operation;
pub mod random;
pub mod security;
pub mod spawn;
pub mod timeline;
pub mod transport;
pub mod types;

mod answer;
mod body;
mod encode_error;
mod page;
mod param;
mod path;
mod redirect;
mod request;
mod secret;
mod style;
mod upload;
