//! The name of an operation.

use std::error::Error as StdError;
use std::fmt;

/// The longest account or name, in bytes: longer than any id that an API gives out.
const MAX_LENGTH: usize = 255;

/// Names one operation of one account: what is to happen once, however often a program is started to do it.
///
/// The name is the caller's own, such as `order-991/create`. It comes from what the operation is about and never from the
/// request's body: two equal requests may be two deliberate orders, and one order may be described anew. Both texts are
/// compared byte by byte. They stand in the store, in logs and in errors in clear, so they must hold nothing personal.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OperationId {
    account: Box<str>,
    name: Box<str>,
}

impl OperationId {
    /// The operation that is called `name`, of an account such as the id of an operator: each 1 to 255 bytes without
    /// control characters.
    pub fn new(account: &str, name: &str) -> Result<Self, OperationIdError> {
        for text in [account, name] {
            if text.is_empty() {
                return Err(OperationIdError::Empty);
            }
            if text.len() > MAX_LENGTH {
                return Err(OperationIdError::TooLong);
            }
            if text.contains(char::is_control) {
                return Err(OperationIdError::Character);
            }
        }
        Ok(Self { account: account.into(), name: name.into() })
    }

    /// Whose operation it is.
    pub fn account(&self) -> &str {
        &self.account
    }

    /// Which of the account's operations it is.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The key of its row. The account's length stands before it, so no two ids share a row.
    pub(crate) fn row(&self) -> String {
        format!("{}:{}/{}", self.account.len(), self.account, self.name)
    }
}

impl fmt::Display for OperationId {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "{}/{}", self.account, self.name)
    }
}

impl fmt::Debug for OperationId {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "OperationId({:?}, {:?})", self.account, self.name)
    }
}

/// A text that names no operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OperationIdError {
    /// The account or the name has no character.
    Empty,
    /// One of them has more than 255 bytes.
    TooLong,
    /// One of them has a control character.
    Character,
}

impl fmt::Display for OperationIdError {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(match self {
            Self::Empty => "an operation needs an account and a name",
            Self::TooLong => "the account and the name of an operation have at most 255 bytes each",
            Self::Character => "the name of an operation has no control characters",
        })
    }
}

impl StdError for OperationIdError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_operations_share_a_row() {
        let row = |account, name| OperationId::new(account, name).unwrap().row();
        assert_ne!(row("a/b", "c"), row("a", "b/c"));
        assert_ne!(row("1:a", "b"), row("a", "b"));
    }

    #[test]
    fn account_and_name_have_1_to_255_bytes_without_control_characters() {
        let id = |name: &str| OperationId::new("account", name).map(|id| id.name().len());
        assert_eq!(id(&"n".repeat(255)), Ok(255));
        assert_eq!(id(&"n".repeat(256)), Err(OperationIdError::TooLong));
        assert_eq!(id(""), Err(OperationIdError::Empty));
        assert_eq!(id("a\nb"), Err(OperationIdError::Character));
        assert_eq!(OperationId::new("", "name"), Err(OperationIdError::Empty));
    }
}
