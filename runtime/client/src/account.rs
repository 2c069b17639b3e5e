//! The name of an account, in rows that clients of several APIs and servers may share.

use specwright_core::security::ApiProfile;

use crate::authority::BaseUrl;

/// Whose windows and operations those of a client are: an account of an API on one server. A rehearsal on another server is
/// another account.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    /// The API and its server, and what separates them from the name.
    place: String,
    whole: String,
}

impl Account {
    /// The account that the program calls `name`.
    pub(crate) fn new(api: &ApiProfile, base: &BaseUrl, name: &str) -> Self {
        let (_, host, port) = base.place();
        Self::at(format!("{}@{host}:{port}/", api.name), name)
    }

    /// That of a tenant of grants, at the same API.
    pub(crate) fn of_tenant(&self, tenant: &str) -> Self {
        Self::at(self.place.clone(), tenant)
    }

    fn at(place: String, name: &str) -> Self {
        Self { whole: format!("{place}{name}"), place }
    }

    pub(crate) fn name(&self) -> &str {
        &self.whole
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::user_agent::tests::PROFILE;

    #[test]
    fn another_server_and_another_tenant_are_other_accounts() {
        let of = |base: &str, name: &str| {
            Account::new(&PROFILE, &BaseUrl::parse(base).unwrap(), name).name().to_owned()
        };
        let first = of("https://api.example/v1", "one");
        assert_eq!(of("https://api.example/v2", "one"), first);
        for other in [of("https://rehearsal.example/v1", "one"), of("https://api.example", "two")] {
            assert_ne!(other, first);
        }
    }
}
