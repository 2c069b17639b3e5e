//! An answer that nobody could read.

use std::time::SystemTime;

use specwright_oauth::SecretBytes;

/// A success of the token endpoint in which no refresh token could be found. It may hold the only living pair of a grant:
/// a person who reads one in it can bring it back with [`Grants::adopt`](crate::Grants::adopt).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SalvagedAnswer {
    /// When it was received.
    pub received: SystemTime,
    /// Its body as it came, at most its first 8 KiB.
    pub body: SecretBytes,
}
