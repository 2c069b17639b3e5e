//! What an application has whose users connect their accounts at the vendor. This is the part to copy.

use std::convert::Infallible;
use std::env::{self, VarError};
use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;

use specwright_store_sqlite::SqliteStore;
use stora_2025_09::Client;
use stora_2025_09::runtime::{
    ApiGrants, ClientRegistration, Generation, GrantKey, GrantProblem, GrantStatus, KeyRing,
    LoopbackRedirect, Observer, ReconnectReason, Session, Step, SystemClock,
};

use crate::keys;

pub(crate) type Failure = Box<dyn Error + Send + Sync>;

/// What an application is told from outside.
pub(crate) struct Settings {
    /// Where the vendor is. A real application leaves it out.
    pub(crate) vendor: String,
    pub(crate) client_id: String,
    pub(crate) client_secret: String,
    /// Where the grants of all operators are kept, and here the key that seals them too.
    pub(crate) folder: PathBuf,
}

impl Settings {
    pub(crate) const VENDOR: &str = "CONNECT_VENDOR";
    pub(crate) const CLIENT_ID: &str = "CONNECT_CLIENT_ID";
    pub(crate) const CLIENT_SECRET: &str = "CONNECT_CLIENT_SECRET";
    pub(crate) const FOLDER: &str = "CONNECT_FOLDER";

    pub(crate) fn from_environment() -> Result<Self, VarError> {
        Ok(Self {
            vendor: env::var(Self::VENDOR)?,
            client_id: env::var(Self::CLIENT_ID)?,
            client_secret: env::var(Self::CLIENT_SECRET)?,
            folder: env::var(Self::FOLDER)?.into(),
        })
    }
}

pub(crate) struct App {
    grants: ApiGrants<Client>,
}

impl App {
    /// Any number of processes open the same folder.
    pub(crate) fn open(settings: &Settings) -> Result<Self, Failure> {
        let Settings { vendor, client_id, client_secret, folder } = settings;
        let keys = keys::read_or_make(folder)?;

        let grants = Client::builder("Example/Connect")
            .base_url(vendor)
            .authorization_server(vendor)
            .grants(ClientRegistration::confidential(client_id.as_str(), client_secret.as_str()))
            .store(SqliteStore::open(folder.join("grants.db"))?)
            .keys(KeyRing::parse(&keys)?)
            .observer(Printed)
            .build()?;
        Ok(Self { grants })
    }

    /// Has an operator connect, in the browser to which `open` brings the address.
    pub(crate) async fn connect(
        &self,
        operator: &str,
        open: impl FnOnce(&str) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let grants = self.grants.grants();
        let redirect = LoopbackRedirect::bind("/callback").await?;
        let request = self.grants.authorization(redirect.redirect_uri())?;
        let request = request.scope("public.contact:read");
        let url = grants.authorize(&key(operator), &request, Session::None).await?;
        open(url.as_str())?;

        let clock = Arc::new(SystemClock::new());
        let (callback, browser) = redirect.callback(&url, clock).await?;
        let connected = grants.receive(callback, Session::None).await;
        browser.tell(&connected);
        connected?;
        Ok(())
    }

    /// Counts the contacts of an operator, or says that the operator has to connect again.
    pub(crate) async fn contacts(&self, operator: &str) -> Result<Contacts, Failure> {
        // Whoever calls often keeps the client: the budget of its retries is in it.
        let client = self.grants.client(key(operator));
        match client.contacts().list().await {
            Ok(page) => Ok(Contacts::Counted(page.contacts.len())),
            Err(error) => match GrantProblem::of(&error) {
                Some(GrantProblem::ReconnectRequired { reason, .. }) => {
                    Ok(Contacts::ReconnectRequired(*reason))
                }
                _ => Err(error.into()),
            },
        }
    }

    /// The operators who have to connect again, and why. This is what a user interface shows after a restart.
    pub(crate) async fn to_reconnect(&self) -> Result<Vec<(String, String)>, Failure> {
        // From the beginning. Keep the version of the last change that was shown, and go on from there.
        let changes = self.grants.grants().changes(None, 1_000).await?;
        let reason = |status| match status {
            Some(GrantStatus::ReconnectRequired { reason, .. }) => Some(reason.to_string()),
            _ => None,
        };
        let required = changes
            .into_iter()
            .filter_map(|change| Some((change.key.tenant().to_owned(), reason(change.status)?)));
        Ok(required.collect())
    }

    /// Ends the grant of an operator. The status says whether the vendor confirmed it.
    pub(crate) async fn disconnect(&self, operator: &str) -> Result<GrantStatus, Failure> {
        Ok(self.grants.grants().disconnect(&key(operator)).await?)
    }

    /// Renews what nobody calls with, and goes on with what a process that ended has begun. One process of an application
    /// runs it, for as long as it lives.
    pub(crate) async fn attend(&self) -> Infallible {
        self.grants.grants().attend().await
    }
}

pub(crate) enum Contacts {
    Counted(usize),
    ReconnectRequired(ReconnectReason),
}

/// The grant of one operator: who, in the words of the application, and at which vendor.
fn key(operator: &str) -> GrantKey {
    GrantKey::new(operator, "stora")
}

/// Prints what happens to grants. There is no token in it.
#[derive(Debug)]
struct Printed;

impl Observer for Printed {
    fn step(&self, key: &GrantKey, _: Generation, step: Step) {
        match step {
            Step::Intended => println!("   {}: a renewal is about to be asked for", key.tenant()),
            Step::Committed => println!("   {}: the new tokens are written", key.tenant()),
            _ => {}
        }
    }
}
