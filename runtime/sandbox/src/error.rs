//! Why a sandbox did not start.

use std::error::Error;
use std::fmt;
use std::io;
use std::net::SocketAddr;

/// Why a sandbox did not start.
#[derive(Debug)]
#[non_exhaustive]
pub enum StartError {
    /// The document is not JSON, or holds something the sandbox cannot play. Names the place.
    Document {
        /// JSON Pointer to the place; empty for the whole document.
        pointer: String,
        /// What is wrong there, and what would be right.
        reason: String,
    },
    /// The profile cannot be read, or does not fit the document. Names the place.
    Profile {
        /// JSON Pointer to the place; empty for the whole profile.
        pointer: String,
        /// What is wrong, and what would be right.
        reason: String,
    },
    /// The address cannot be listened on.
    Listen {
        /// The address that was asked for.
        address: SocketAddr,
        /// What the operating system said.
        source: io::Error,
    },
    /// The operating system gave no random bytes for credentials.
    Randomness,
}

impl StartError {
    pub(crate) fn document(pointer: &str, reason: impl Into<String>) -> Self {
        Self::Document { pointer: pointer.to_owned(), reason: reason.into() }
    }

    pub(crate) fn profile(pointer: &str, reason: impl Into<String>) -> Self {
        Self::Profile { pointer: pointer.to_owned(), reason: reason.into() }
    }
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Document { pointer, reason } => {
                write!(f, "cannot play the document: at `#{pointer}`: {reason}")
            }
            Self::Profile { pointer, reason } => {
                write!(f, "cannot use the profile: at `#{pointer}`: {reason}")
            }
            Self::Listen { address, .. } => write!(f, "cannot listen on {address}"),
            Self::Randomness => f.write_str("the operating system gave no random bytes"),
        }
    }
}

impl Error for StartError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Listen { source, .. } => Some(source),
            Self::Document { .. } | Self::Profile { .. } | Self::Randomness => None,
        }
    }
}
