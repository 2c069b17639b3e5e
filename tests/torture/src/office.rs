//! A vendor, and programs of this process that share a store, at the defaults of a program.

use std::path::PathBuf;

use specwright_refresh::{GrantKey, GrantStore, KeyRing, Observer, Unobserved};
use specwright_store_sqlite::SqliteStore;
use specwright_testkit::Sandbox;
use specwright_testkit::sandbox::{Fault, Options, Target};
use stora_2025_09::Client;
use stora_2025_09::runtime::{ApiGrants, Callback, ClientRegistration, Session};
use tempfile::TempDir;

use crate::setting::Trouble;

const OPERATOR: &str = "operator";
const REDIRECT: &str = "https://app.example/callback";
const SCOPE: &str = "public.contact:read";
const KEYS: &str = "office:b2ZmaWNlLW9mZmljZS1vZmZpY2Utb2ZmaWNlLW9mZmk";

/// The operation of the calls.
pub const LIST: &str = "list_contacts";

/// A vendor with one operator, and a folder with a store.
pub struct Office {
    /// The vendor.
    pub sandbox: Sandbox,
    folder: TempDir,
}

impl Office {
    /// A vendor as it is by default, and an empty folder.
    pub async fn open() -> Result<Self, Trouble> {
        let options = Options::new().with_operator(OPERATOR).with_redirect_uri(REDIRECT);
        let sandbox = Sandbox::start_with(options).await?;
        Ok(Self { sandbox, folder: tempfile::tempdir()? })
    }

    /// The database.
    pub fn database(&self) -> PathBuf {
        self.folder.path().join("grants.db")
    }

    /// A program that starts: it knows what is in the store, and nothing else.
    pub fn program(&self) -> Result<ApiGrants<Client>, Trouble> {
        self.watched_program(Unobserved)
    }

    /// As [`Self::program`], with somebody who watches.
    pub fn watched_program(&self, observer: impl Observer) -> Result<ApiGrants<Client>, Trouble> {
        self.program_on(SqliteStore::open(self.database())?, observer)
    }

    /// As [`Self::watched_program`], on another store.
    pub fn program_on(
        &self,
        store: impl GrantStore,
        observer: impl Observer,
    ) -> Result<ApiGrants<Client>, Trouble> {
        let (base, sandbox) = (self.sandbox.base_url(), &self.sandbox);
        let client = ClientRegistration::confidential(sandbox.client_id(), sandbox.client_secret());
        let grants = Client::builder("Specwright/Office")
            .without_rate_limits()
            .base_url(&base)
            .authorization_server(&base)
            .grants(client)
            .store(store)
            .keys(KeyRing::parse(KEYS)?)
            .observer(observer)
            .build()?;
        Ok(grants)
    }

    /// Connects a grant as an operator does.
    pub async fn connect(
        &self,
        program: &ApiGrants<Client>,
        key: &GrantKey,
    ) -> Result<(), Trouble> {
        let request = program.authorization(REDIRECT)?.scope(SCOPE);
        let url = program.grants().authorize(key, &request, Session::None).await?;
        let back = self.sandbox.approve(url.as_str(), OPERATOR)?;
        program.grants().receive(Callback::from_url(&back)?, Session::None).await?;
        Ok(())
    }

    /// Has a grant renewed: the API refuses its token once.
    pub async fn renew(&self, program: &ApiGrants<Client>, key: GrantKey) -> Result<(), Trouble> {
        self.sandbox.push_fault(Target::operation(LIST), Fault::Status(401));
        program.client(key).contacts().list().limit(1).await?;
        Ok(())
    }

    /// The operator takes everything back at the vendor.
    pub fn revoke(&self) -> usize {
        self.sandbox.revoke_grant(OPERATOR, self.sandbox.client_id())
    }

    /// Requests of calls, and of tokens.
    pub fn requests(&self) -> (usize, usize) {
        let ledger = self.sandbox.ledger();
        (ledger.requests_for(LIST).len(), ledger.token_posts())
    }
}
