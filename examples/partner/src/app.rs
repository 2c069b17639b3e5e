//! A partner's application: one client for each operator, and everything that has to outlive a process in one folder.
//!
//! `import.rs` is what it does in the name of an operator, `webhooks.rs` what it hears, `book.rs` what it knows itself.

use std::env::{self, VarError};
use std::error::Error;
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;

use specwright_store_sqlite::{SqliteRows, SqliteStore};
use stora_2025_09::Client;
use stora_2025_09::model::{TimelineSourceId, TimelineTemplateId};
use stora_2025_09::runtime::webhooks::{Receiver, RowsDedupe, Verifier};
use stora_2025_09::runtime::{
    ApiGrants, ClientRegistration, FingerprintKey, GrantKey, Journal, KeyRing, LoopbackRedirect,
    OsRandom, RateLimits, Session, SystemClock,
};
use stora_2025_09::webhooks::SCHEME;

use crate::book::Book;
use crate::import::{Importer, Onboarding};

pub(crate) type Failure = Box<dyn Error + Send + Sync>;

/// The least that the application needs. `specwright scopes` adds them up, and the vendor's review asks for no more.
const SCOPES: &str = "public.contact:read public.contact:write public.timeline_event:write \
                      public.webhook_endpoint:read public.webhook_endpoint:write";

/// The member of `metadata` with the application's own reference, on whatever it makes at the vendor. So there is no table
/// here of the vendor's ids: metadata is for that (Building a partner integration, Metadata).
pub(crate) const REFERENCE: &str = "example-partner.reference";

/// The only operator here. A real application has many.
const OPERATOR: &str = "operator-1";

/// What an application is told from outside. The secrets come from where your others come from.
pub(crate) struct Settings {
    /// Where the vendor is. A real application leaves it out.
    pub(crate) vendor: String,
    pub(crate) client_id: String,
    pub(crate) client_secret: String,
    /// Seals the tokens in the store.
    pub(crate) sealing_keys: String,
    /// By what requests are recognized in the journal, which holds none of them.
    pub(crate) fingerprint_key: String,
    /// What was agreed with the vendor at the review.
    pub(crate) timeline_source: String,
    pub(crate) timeline_template: String,
    /// Where everything is kept that outlives a process.
    pub(crate) folder: PathBuf,
}

impl Settings {
    pub(crate) fn from_environment() -> Result<Self, VarError> {
        Ok(Self {
            vendor: env::var("PARTNER_VENDOR")?,
            client_id: env::var("PARTNER_CLIENT_ID")?,
            client_secret: env::var("PARTNER_CLIENT_SECRET")?,
            sealing_keys: env::var("PARTNER_SEALING_KEYS")?,
            fingerprint_key: env::var("PARTNER_FINGERPRINT_KEY")?,
            timeline_source: env::var("PARTNER_TIMELINE_SOURCE")?,
            timeline_template: env::var("PARTNER_TIMELINE_TEMPLATE")?,
            folder: env::var("PARTNER_FOLDER")?.into(),
        })
    }

    /// For another process.
    pub(crate) fn into_environment(self) -> [(&'static str, OsString); 8] {
        [
            ("PARTNER_VENDOR", self.vendor.into()),
            ("PARTNER_CLIENT_ID", self.client_id.into()),
            ("PARTNER_CLIENT_SECRET", self.client_secret.into()),
            ("PARTNER_SEALING_KEYS", self.sealing_keys.into()),
            ("PARTNER_FINGERPRINT_KEY", self.fingerprint_key.into()),
            ("PARTNER_TIMELINE_SOURCE", self.timeline_source.into()),
            ("PARTNER_TIMELINE_TEMPLATE", self.timeline_template.into()),
            ("PARTNER_FOLDER", self.folder.into()),
        ]
    }
}

pub(crate) struct App {
    grants: ApiGrants<Client>,
    client: Client,
    rows: Arc<SqliteRows>,
    book: Book,
    onboarding: Onboarding,
}

impl App {
    /// Any number of processes open the same folder, and each may end at any moment.
    pub(crate) fn open(settings: &Settings) -> Result<Self, Failure> {
        let Settings { vendor, client_id, client_secret, folder, .. } = settings;
        // What is known of operations, of webhooks, and of requests within the windows.
        let rows = Arc::new(SqliteRows::open(folder.join("rows.db"))?);
        let secret = FingerprintKey::parse(&settings.fingerprint_key)?;
        let journal = Journal::new(rows.clone(), secret, Arc::new(OsRandom))?;

        let grants = Client::builder("Example/Partner")
            .base_url(vendor)
            .authorization_server(vendor)
            // Kept in rows, so that a process that is started again knows what the one before it has sent.
            .rate_limits(RateLimits::documented().shared(rows.clone()))
            .journal(journal)
            .grants(ClientRegistration::confidential(client_id.as_str(), client_secret.as_str()))
            .store(SqliteStore::open(folder.join("grants.db"))?)
            .keys(KeyRing::parse(&settings.sealing_keys)?)
            .build()?;
        let client = grants.client(GrantKey::new(OPERATOR, "stora"));

        let onboarding = Onboarding {
            source: TimelineSourceId::from(settings.timeline_source.as_str()),
            template: TimelineTemplateId::from(settings.timeline_template.as_str()),
        };
        Ok(Self { grants, client, rows, book: Book::open(folder)?, onboarding })
    }

    /// Has the operator connect, in the browser to which `open` brings the address. `examples/connect` has all of it.
    pub(crate) async fn connect(
        &self,
        open: impl FnOnce(&str) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let grants = self.grants.grants();
        let redirect = LoopbackRedirect::bind("/callback").await?;
        let request = self.grants.authorization(redirect.redirect_uri())?.scope(SCOPES);
        let operator = GrantKey::new(OPERATOR, "stora");
        let url = grants.authorize(&operator, &request, Session::None).await?;
        open(url.as_str())?;
        let (callback, browser) = redirect.callback(&url, Arc::new(SystemClock::new())).await?;
        let connected = grants.receive(callback, Session::None).await;
        browser.tell(&connected);
        connected?;
        Ok(())
    }

    /// What imports contacts in the name of the operator.
    pub(crate) fn importer(&self) -> Importer {
        Importer::new(self.client.clone(), self.onboarding.clone())
    }

    /// What takes the webhooks that the endpoint with this secret is sent.
    pub(crate) fn receiver(&self, secret: &str) -> Result<Receiver, Failure> {
        // A second secret here, and none is missed while the vendor changes from one to the other.
        let verifier = Verifier::new(SCHEME, [secret])?;
        let seen = Arc::new(RowsDedupe::new(self.rows.clone()));
        Ok(Receiver::new(OPERATOR, verifier, seen, Arc::new(SystemClock::new())))
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    pub(crate) fn book(&self) -> &Book {
        &self.book
    }
}
