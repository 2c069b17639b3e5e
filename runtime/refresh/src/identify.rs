//! Whose account a grant is of.

use std::fmt::{self, Debug};

use serde::{Deserialize, Serialize};
use specwright_core::transport::{BoxError, BoxFuture};

use crate::bearer::Bearer;
use crate::grant::GrantKey;

/// Names the account at the vendor that a token belongs to, so that two accounts are never mixed under one
/// [`GrantKey`].
///
/// An operator who connects again may be signed in to the vendor as somebody else. Without a name for the account nobody
/// notices: the program goes on to work with the data of another one.
pub trait Identify: Debug + Send + Sync + 'static {
    /// Asks whose token this is, as by a call of the API. `key` names the grant that is to be connected. It has five minutes;
    /// after that the token is revoked, and this future is dropped.
    ///
    /// The token is written down and may be used, but it is not that of the grant yet. The text of an error must hold no
    /// secret.
    fn account<'a>(
        &'a self,
        key: &'a GrantKey,
        token: &'a Bearer,
    ) -> BoxFuture<'a, Result<AccountId, BoxError>>;
}

/// The vendor's name for an account.
///
/// It stands in the store in clear, and in errors. So it should be an id, and not the name or the address of a person.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AccountId(Box<str>);

impl AccountId {
    /// The account of this name. Names are compared byte by byte.
    pub fn new(name: impl Into<Box<str>>) -> Self {
        Self(name.into())
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(&self.0)
    }
}

impl Debug for AccountId {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "AccountId({:?})", self.0)
    }
}
