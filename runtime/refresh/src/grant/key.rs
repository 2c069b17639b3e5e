//! The name of a grant.

use std::fmt;

/// Names one grant: who gave it, and for what.
///
/// Both texts are the caller's own and are compared byte by byte. They appear in logs and errors and are part of what
/// seals the tokens, so a row that is copied to another tenant cannot be opened there.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GrantKey {
    tenant: Box<str>,
    grant: Box<str>,
}

impl GrantKey {
    /// The grant that is called `grant`, such as `stora`, of a tenant, such as the id of an operator.
    pub fn new(tenant: impl Into<Box<str>>, grant: impl Into<Box<str>>) -> Self {
        Self { tenant: tenant.into(), grant: grant.into() }
    }

    /// Whose grant it is.
    pub fn tenant(&self) -> &str {
        &self.tenant
    }

    /// Which of the tenant's grants it is.
    pub fn grant(&self) -> &str {
        &self.grant
    }
}

impl fmt::Display for GrantKey {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "{}/{}", self.tenant, self.grant)
    }
}

impl fmt::Debug for GrantKey {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "GrantKey({:?}, {:?})", self.tenant, self.grant)
    }
}
