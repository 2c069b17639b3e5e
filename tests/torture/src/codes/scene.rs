//! A vendor, programs that share a store, and what the vendor answers to browsers.

use std::path::Path;
use std::time::Duration;

use specwright_refresh::{GrantKey, KeyRing};
use specwright_store_sqlite::SqliteStore;
use specwright_testkit::Sandbox;
use specwright_testkit::sandbox::{Api, Client as Registered, Options};
use stora_2025_09::runtime::{
    AnyError, ApiGrants, AuthorizationRequest, Callback, ClientRegistration, ConnectError, Grants,
    Session,
};
use tempfile::TempDir;

use crate::setting::Trouble;

/// The vendors, whose authorization servers differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Vendor {
    /// Like Doorkeeper.
    Stora,
    /// Like Hydra: `state` has a least length, `audience` is wanted, and a scope asks for a refresh token.
    Understory,
}

impl Vendor {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Stora, Self::Understory];

    /// Its profile in the sandbox.
    pub fn api(self) -> Api {
        match self {
            Self::Stora => Api::Stora,
            Self::Understory => Api::Understory,
        }
    }

    /// Whether the document of the API says how a token is given back. Where it does not, a pair that was replaced lives on
    /// at the server.
    pub(super) fn is_revocable(self) -> bool {
        match self {
            Self::Stora => true,
            Self::Understory => false,
        }
    }

    fn scope(self) -> &'static str {
        match self {
            Self::Stora => "public.contact:read",
            Self::Understory => "event.read",
        }
    }
}

pub(super) const OPERATOR: &str = "operator-of-the-user";
pub(super) const THIEF: &str = "operator-of-the-attacker";

/// The cookies of two browsers.
pub(super) const USER: &str = "fake-session-of-the-user";
pub(super) const ATTACKER: &str = "fake-session-of-the-attacker";

/// As long as a state or a code, and neither.
pub(super) const NOBODY: &str = "bm9ib2R5LW5vYm9keS1ub2JvZHktbm9ib2R5LW5vYm8";

const REDIRECT: &str = "https://app.example/callback";
const ISSUER: &str = "https://issuer.example";
const OWN_CLIENT: (&str, &str) = ("app", "fake-secret-of-the-app");
const OTHER_CLIENT: (&str, &str) = ("other-app", "fake-secret-of-another-app");
const KEYS: &str = "codes:Y29kZXMtY29kZXMtY29kZXMtY29kZXMtY29kZXMtY28";

const STORE: &str = "grants.db";

/// Tokens of a pair.
pub(super) const PAIR: usize = 2;

pub(super) fn key() -> GrantKey {
    GrantKey::new("user", "grant")
}

/// A vendor, and a store that programs share.
pub(super) struct Scene {
    vendor: Vendor,
    pub(super) sandbox: Sandbox,
    folder: TempDir,
    pub(super) program: Program,
    other_client: Program,
}

/// What is there before a browser comes: authorizations that wait, and what the server answered to each.
pub(super) struct Asked {
    /// Of the user.
    pub(super) own: Answer,
    /// Of the same user, in another tab.
    pub(super) other_tab: Answer,
    /// Of another user, who chose another operator.
    pub(super) foreign: Answer,
    /// A code for another client.
    pub(super) other_client: String,
}

/// What the server answered.
pub(super) struct Answer {
    pub(super) code: String,
    pub(super) state: String,
}

impl Asked {
    pub(super) fn honest(&self) -> String {
        self.own.query()
    }
}

impl Answer {
    pub(super) fn query(&self) -> String {
        format!("code={}&state={}", self.code, self.state)
    }

    fn of(callback: &str) -> Result<Self, Trouble> {
        let (_, query) = callback.split_once('?').ok_or("the callback has no query")?;
        let value = |name: &str| {
            let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            let (_, value) = pairs.find(|(known, _)| *known == name)?;
            Some(value.to_owned())
        };
        let (code, state) = (value("code"), value("state"));
        Ok(Self { code: code.ok_or("no code")?, state: state.ok_or("no state")? })
    }
}

impl Scene {
    pub(super) async fn new(vendor: Vendor) -> Result<Self, Trouble> {
        let client = |(id, secret)| Registered::new(id, secret).with_redirect_uri(REDIRECT);
        let options = Options::new()
            .with_api(vendor.api())
            .with_client(client(OWN_CLIENT))
            .with_client(client(OTHER_CLIENT))
            .with_operator(OPERATOR)
            .with_operator(THIEF);
        let sandbox = Sandbox::start_with(options).await?;
        let folder = tempfile::tempdir()?;
        let base = sandbox.base_url();
        let program = Program::new(vendor, &base, OWN_CLIENT, &folder.path().join(STORE))?;
        let store = folder.path().join("of-another-client.db");
        let other_client = Program::new(vendor, &base, OTHER_CLIENT, &store)?;
        Ok(Self { vendor, sandbox, folder, program, other_client })
    }

    /// Another program, as after a restart: it shares the store with the first one, and nothing else.
    pub(super) fn another(&self) -> Result<Program, Trouble> {
        let (base, store) = (self.sandbox.base_url(), self.folder.path().join(STORE));
        Program::new(self.vendor, &base, OWN_CLIENT, &store)
    }

    /// Starts every authorization; the user has so much time to answer.
    pub(super) async fn ask_all(&self, time: Option<Duration>) -> Result<Asked, Trouble> {
        let (own, foreign) = (key(), GrantKey::new("attacker", "grant"));
        Ok(Asked {
            own: self.ask(&own, USER, OPERATOR, time).await?,
            other_tab: self.ask(&own, USER, OPERATOR, None).await?,
            foreign: self.ask(&foreign, ATTACKER, THIEF, None).await?,
            other_client: self.code_of_another_client().await?,
        })
    }

    /// Starts an authorization and lets a person approve it.
    pub(super) async fn ask(
        &self,
        key: &GrantKey,
        session: &str,
        operator: &str,
        time: Option<Duration>,
    ) -> Result<Answer, Trouble> {
        let program = &self.program;
        let request = program.request()?.scope(self.vendor.scope()).issuer(ISSUER);
        let request = match time {
            Some(time) => request.time_to_answer(time),
            None => request,
        };
        let url = program.grants().authorize(key, &request, Session::Browser(session)).await?;
        Answer::of(&self.sandbox.approve(url.as_str(), operator)?)
    }

    async fn code_of_another_client(&self) -> Result<String, Trouble> {
        let program = &self.other_client;
        let request = program.request()?.scope(self.vendor.scope());
        let url = program.grants().authorize(&key(), &request, Session::None).await?;
        Ok(Answer::of(&self.sandbox.approve(url.as_str(), OPERATOR)?)?.code)
    }
}

/// A program of a vendor.
#[derive(Clone)]
pub(super) enum Program {
    Stora(ApiGrants<stora_2025_09::Client>),
    Understory(ApiGrants<understory_v1::Client>),
}

impl Program {
    fn new(
        vendor: Vendor,
        base: &str,
        (id, secret): (&str, &str),
        store: &Path,
    ) -> Result<Self, Trouble> {
        let store = SqliteStore::open(store)?;
        let keys = KeyRing::parse(KEYS)?;
        let client = ClientRegistration::confidential(id, secret);
        Ok(match vendor {
            Vendor::Stora => {
                let builder = stora_2025_09::Client::builder("Specwright/Codes")
                    .without_rate_limits()
                    .base_url(base)
                    .authorization_server(base);
                Self::Stora(builder.grants(client).store(store).keys(keys).build()?)
            }
            Vendor::Understory => {
                let builder = understory_v1::Client::builder("Specwright/Codes")
                    .without_rate_limits()
                    .base_url(base)
                    .authorization_server(base);
                Self::Understory(builder.grants(client).store(store).keys(keys).build()?)
            }
        })
    }

    pub(super) fn grants(&self) -> &Grants {
        match self {
            Self::Stora(grants) => grants.grants(),
            Self::Understory(grants) => grants.grants(),
        }
    }

    fn request(&self) -> Result<AuthorizationRequest, AnyError> {
        match self {
            Self::Stora(grants) => grants.authorization(REDIRECT),
            Self::Understory(grants) => grants.authorization(REDIRECT),
        }
    }

    pub(super) async fn receive(
        &self,
        query: &str,
        session: Session<'_>,
    ) -> Result<GrantKey, ConnectError> {
        let callback = Callback::from_query(query).map_err(ConnectError::Callback)?;
        self.grants().receive(callback, session).await
    }

    pub(super) async fn call(&self, key: GrantKey) -> Result<(), AnyError> {
        match self {
            Self::Stora(grants) => {
                grants.client(key).contacts().list().limit(1).await?;
            }
            Self::Understory(grants) => {
                grants.client(key).events().list().limit(1).await?;
            }
        }
        Ok(())
    }
}
