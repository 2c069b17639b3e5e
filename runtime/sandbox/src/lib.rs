//! A server that plays a vendor: for tests of programs that use a generated client, and as the
//! oracle for the client's own tests.
//!
//! *Input*: an effective document (OpenAPI 3.1 in JSON, overlays applied) and a [`Profile`] that
//! says what a document does not. *Output*: an HTTP server on loopback and a [`Ledger`] of every
//! request, token and effect.
//!
//! Invariants:
//! - **It can disagree with us.** It reads the raw document, splits paths, queries and forms by code
//!   of its own and validates with the `jsonschema` package. It links no crate of the generator and
//!   not the client's codecs, so one mistake cannot be made on both sides.
//! - **It is strict.** What the document does not declare is refused with 422 and the reason.
//! - **It is strict with itself.** An answer that breaks the document does not leave: the client gets
//!   500, and the ledger a defect.
//! - **The ledger holds no secret.** Tokens are known by an ordinal, credential headers are cut.
//! - **Time stands in one place.** Tokens, keys and windows go by a [`SandboxClock`].
//!
//! It must never be reachable by others unless asked for, and never fetch anything.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), specwright_sandbox::StartError> {
//! use specwright_sandbox::{Options, Sandbox};
//!
//! let sandbox = Sandbox::start(Options::new().with_contacts(3)).await?;
//! assert!(sandbox.base_url().starts_with("http://127.0.0.1:"));
//! // … point a client at it, then ask what the server saw:
//! assert_eq!(sandbox.ledger().token_posts(), 0);
//! # Ok(())
//! # }
//! ```

mod act;
mod answer;
mod blanks;
mod body;
mod change;
mod clock;
mod cursor;
mod document;
mod error;
mod examples;
mod exchange;
mod fault;
mod files;
mod idempotency;
mod ids;
mod json;
mod language;
mod ledger;
mod limits;
mod list;
mod money;
mod negotiate;
mod oauth;
mod operation;
mod options;
mod params;
mod percent;
mod perform;
mod profile;
mod recipe;
mod references;
mod refusal;
mod route;
mod sandbox;
mod secret;
mod security;
mod server;
mod shape;
mod store;
mod validate;
mod view;

pub use clock::SandboxClock;
pub use error::StartError;
pub use fault::{Fault, Target};
pub use ledger::{
    DefectEntry, EffectEntry, EffectKind, FaultEntry, Ledger, ReplayEntry, RequestEntry,
    TokenEntry, TokenEvent, Verdict,
};
pub use limits::{Limits, Window};
pub use options::{Client, ExpiresIn, Options};
pub use profile::Profile;
pub use sandbox::Sandbox;
