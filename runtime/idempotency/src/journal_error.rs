//! Why the journal cannot say what is to be done.

use std::error::Error as StdError;
use std::fmt;

use specwright_store::StoreError;

use crate::operation_id::OperationId;

/// The journal cannot say what is to be done. Nothing is to be sent.
#[derive(Debug)]
#[non_exhaustive]
pub enum JournalError {
    /// The operation was begun with another request, which was or may have been executed. Under its key a server would give
    /// the answer to that one. Another request is another operation.
    KeyReuse(OperationId),
    /// The store could not answer, or holds what cannot be read.
    Store(StoreError),
}

impl fmt::Display for JournalError {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::KeyReuse(operation) => {
                write!(to, "operation `{operation}` was begun with another request")
            }
            Self::Store(_) => to.write_str("the journal of operations is out of reach"),
        }
    }
}

impl StdError for JournalError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::KeyReuse(_) => None,
            Self::Store(error) => Some(error),
        }
    }
}

impl From<StoreError> for JournalError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}
