//! Where the operations of one account are kept.

use specwright_idempotency::Journal;

use crate::account::Account;

/// The journal of a client, and the account in whose name it asks.
#[derive(Clone, Debug)]
pub(crate) struct Operations {
    pub(crate) journal: Journal,
    pub(crate) account: Account,
}

impl Operations {
    pub(crate) fn new(journal: Journal, account: Account) -> Self {
        Self { journal, account }
    }

    /// The same journal, for the account of a tenant.
    pub(crate) fn of_tenant(&self, tenant: &str) -> Self {
        Self { account: self.account.of_tenant(tenant), ..self.clone() }
    }
}
