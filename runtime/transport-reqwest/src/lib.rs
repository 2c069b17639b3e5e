//! Sends the runtime's requests with reqwest.
//!
//! Input: one request and its limits. Output: one answer, whole or as a stream, or a
//! [`SendError`](specwright_core::transport::SendError) that says whether the server may have seen the request.
//! [`ReqwestTransport`] implements [`Transport`](specwright_core::transport::Transport); no type of reqwest appears in
//! this crate's interface.
//!
//! TLS is rustls with the ring provider: it builds with a C compiler alone, where the other one wants cmake and, on
//! Windows, nasm. Certificates are verified by the platform; [`ReqwestBuilder::root_certificates`] adds to its roots.
//!
//! # Invariants
//!
//! - One call is one attempt: no retry, no redirect, no cookie, no referrer, no header that the caller did not set but
//!   `Host`, `Accept` and the length.
//! - An answer whose body breaks off is an error, and no answer larger than its limit is held in memory. Of a streamed
//!   one no more is held than one chunk.
//! - Of an upload no more is held than one chunk and what the connection buffers. It is opened when the connection asks for
//!   its first byte, and let go of when the server has answered that it does not want it.
//! - In doubt a failure says that the server may have seen the request.
//! - An attempt ends at its limit at the latest. It ends before that if the connection does: on Linux also when the other side
//!   has acknowledged no byte of the request for 30 s (`TCP_USER_TIMEOUT`), because it is dead or does not read.
//! - No URL, header or proxy credential appears in an error.

mod body;
mod builder;
mod failure;
mod tls;
mod transport;
mod upload;

pub use builder::{BuildError, ConnectionReuse, HttpVersions, ReqwestBuilder, ReqwestProxy};
pub use transport::ReqwestTransport;
