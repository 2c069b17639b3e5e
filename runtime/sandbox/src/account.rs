//! Whose requests are counted together.

use serde::{Deserialize, Serialize};

use crate::oauth::Holder;

/// Whose requests are counted together, in rate windows and in the ledger.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Account {
    /// Those with the tokens of the operator of this name, whatever application has them.
    Operator(String),
    /// Those of the client with this id, which acts for itself.
    Client(String),
    /// Those with static tokens, which somebody made by hand.
    Static,
}

impl Account {
    /// Short for [`Operator`](Self::Operator).
    pub fn operator(name: impl Into<String>) -> Self {
        Self::Operator(name.into())
    }
}

/// Of the holder of a token; a static token has none.
impl From<Option<&Holder>> for Account {
    fn from(holder: Option<&Holder>) -> Self {
        match holder {
            Some(Holder { operator: Some(operator), .. }) => Self::Operator(operator.clone()),
            Some(Holder { operator: None, client, .. }) => Self::Client(client.clone()),
            None => Self::Static,
        }
    }
}
