//! A process that does all that is done with secrets, shows everything that can be shown, and logs at the finest level.
//!
//! It is given two folders: one for its store and its spilled pairs, and one in which it writes down, for the judge alone,
//! what must not be found anywhere else. It ends without closing the store, so that all files are as they are in use.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "what it prints is searched")]

use std::collections::BTreeSet;
use std::error::Error as StdError;
use std::fmt::Debug;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use matrix::model::Model;
use specwright_refresh::{
    Credentials as _, Generation, GrantKey, KeyRing, MemoryStore, Observer, SealingKey,
    SpillJournal, Step,
};
use specwright_store_sqlite::SqliteStore;
use specwright_testkit::sandbox::{Fault, Options, Target};
use specwright_testkit::{Sandbox, WatchedStore};
use stora_2025_09::Client;
use stora_2025_09::model::ContactCreate;
use stora_2025_09::runtime::{
    ApiGrants, Callback, ClientCredentials, ClientRegistration, Session, StaticToken, SystemClock,
};
use torture::canary::{KEY, PLANTED, SECRETS, SESSION};
use torture::health::{Condition, Health};
use torture::order::policy;
use torture::setting::Trouble;
use torture::tap::{Secret, Tap};

/// Where nothing helps, a call waits no longer.
const DEADLINE: Duration = Duration::from_secs(2);

const OPERATOR: &str = "operator";
const REDIRECT: &str = "https://app.example/callback";
const SCOPE: &str = "public.contact:read public.contact:write";

#[tokio::main]
async fn main() -> Result<(), Trouble> {
    log::set_logger(&Loud).map_err(|error| error.to_string())?;
    log::set_max_level(log::LevelFilter::Trace);
    let mut folders = std::env::args().skip(1).map(PathBuf::from);
    let (stored, told) = folders.next().zip(folders.next()).ok_or("two folders are needed")?;
    log::trace!("{PLANTED}");
    let mut canary = Canary::start(&stored).await?;
    canary.live().await?;
    canary.tell(&told)?;
    // Nothing is closed: the log of the database and the spilled pairs stay.
    std::process::exit(0);
}

/// Writes every record of every crate, with all that it says.
struct Loud;

impl log::Log for Loud {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        eprintln!("{} {} {}", record.level(), record.target(), record.args());
    }

    fn flush(&self) {}
}

/// A vendor, a tap before it, and a program with everything that it may have.
struct Canary {
    sandbox: Sandbox,
    tap: Tap,
    grants: ApiGrants<Client>,
    health: Health,
    failing: Arc<AtomicBool>,
    /// What no tap hears.
    secrets: BTreeSet<Secret>,
}

impl Canary {
    async fn start(stored: &Path) -> Result<Self, Trouble> {
        let options = Options::new().with_operator(OPERATOR).with_redirect_uri(REDIRECT);
        let sandbox = Sandbox::start_with(options).await?;
        let tap = Tap::start(sandbox.address()).await?;
        let (health, failing) = (Health::good(), Arc::new(AtomicBool::new(false)));
        let watching = Watching { health: health.clone(), failing: Arc::clone(&failing) };
        let store = SqliteStore::open(stored.join("grants.db"))?;
        let store = WatchedStore::new(Arc::new(store), Arc::new(health.clone()));
        let spill = SpillJournal::open(stored.join("spill"))?;
        let keys = KeyRing::new("canary", SealingKey::new(*KEY));
        let client = ClientRegistration::confidential(sandbox.client_id(), sandbox.client_secret());
        let memory = MemoryStore::volatile(Arc::new(SystemClock::new()));
        show(&[&store, &spill, &keys, &client, &memory, &SealingKey::new(*KEY)]);
        let base = tap.base_url();
        let builder = Client::builder("Specwright/Canary")
            .without_rate_limits()
            .base_url(&base)
            .authorization_server(&base)
            .deadline(DEADLINE)
            .grants(client)
            .store(store)
            .keys(keys)
            .spill(spill)
            .policy(policy(Model::M2))
            .observer(watching);
        show(&[&builder]);
        let grants = builder.build()?;
        let secrets = BTreeSet::from([
            Secret::new("client secret", sandbox.client_secret()),
            Secret::new("static token", sandbox.static_token()),
            Secret::new("session", SESSION),
        ]);
        Ok(Self { sandbox, tap, grants, health, failing, secrets })
    }

    /// All that happens to a grant, and much that goes wrong.
    async fn live(&mut self) -> Result<(), Trouble> {
        self.other_credentials().await?;
        self.connect("connected").await?;
        let client = self.grants.client(key("connected"));
        client.contacts().list().limit(1).await?;
        client.contacts().create(ContactCreate::new("nobody@example.com", "Nobody")).await?;
        self.refused_callbacks().await?;
        self.panic().await;
        self.connect("ended").await?;
        shown(self.grants.grants().disconnect(&key("ended")).await);
        for (number, fault) in of_a_grant().into_iter().enumerate() {
            let name = format!("renewed-{number}");
            self.connect(&name).await?;
            self.renew(&name, Some(fault)).await;
        }
        show(&[&self.grants.grants().changes(None, 1_000).await?]);
        self.connect("spilled").await?;
        self.failing.store(true, Ordering::SeqCst);
        self.renew("spilled", None).await;
        self.failing.store(false, Ordering::SeqCst);
        self.health.set(Condition::Well)?;
        self.connect("last").await?;
        self.renew("last", Some(Fault::Code("invalid_client".to_owned()))).await;
        Ok(())
    }

    /// Credentials that are no grant of a user.
    async fn other_credentials(&self) -> Result<(), Trouble> {
        let (id, secret) = (self.sandbox.client_id(), self.sandbox.client_secret());
        let token = StaticToken::new(self.sandbox.static_token());
        let program = ClientCredentials::new(id, secret).scope(SCOPE);
        show(&[&token, &program]);
        let builder = || {
            Client::builder("Specwright/Canary").without_rate_limits().base_url(self.tap.base_url())
        };
        let builders = [builder().credentials(token), builder().credentials(program)];
        for builder in builders {
            show(&[&builder]);
            let client = builder.build()?;
            show(&[&client]);
            client.contacts().list().limit(1).await?;
        }
        Ok(())
    }

    async fn connect(&mut self, name: &str) -> Result<(), Trouble> {
        let back = self.asked(name).await?;
        let callback = Callback::from_url(&back)?;
        show(&[&callback]);
        let session = Session::Browser(SESSION);
        show(&[&self.grants.grants().receive(callback, session).await?]);
        let bearer = self.grants.grants().credentials(key(name)).bearer().await?;
        show(&[&bearer, &self.grants, &self.grants.client(key(name)), &session]);
        show(&[&self.grants.grants().status(&key(name)).await?]);
        Ok(())
    }

    /// Starts an authorization, and gives the address with which the browser comes back.
    async fn asked(&mut self, name: &str) -> Result<String, Trouble> {
        let request = self.grants.authorization(REDIRECT)?.scope(SCOPE);
        let session = Session::Browser(SESSION);
        let url = self.grants.grants().authorize(&key(name), &request, session).await?;
        show(&[&request, &url]);
        let back = self.sandbox.approve(url.as_str(), OPERATOR)?;
        for pair in back.split(['?', '&']).filter_map(|pair| pair.split_once('=')) {
            self.secrets.insert(Secret::new(pair.0, pair.1));
        }
        Ok(back)
    }

    async fn refused_callbacks(&mut self) -> Result<(), Trouble> {
        let back = self.asked("refused").await?;
        let grants = self.grants.grants();
        shown(Callback::from_url(&format!("{back}&code=x")));
        shown(grants.receive(Callback::from_url(&back)?, Session::Browser("x")).await);
        shown(grants.receive(Callback::from_url(&back)?, Session::Browser(SESSION)).await);
        let back = self.asked("refused").await?;
        self.sandbox.push_fault(Target::operation(TOKEN), Fault::TruncatedJson);
        let grants = self.grants.grants();
        shown(grants.receive(Callback::from_url(&back)?, Session::Browser(SESSION)).await);
        Ok(())
    }

    /// Renews a grant because the API refuses its token, and has the token request meet a fault.
    async fn renew(&self, name: &str, fault: Option<Fault>) {
        self.sandbox.push_fault(Target::operation("list_contacts"), Fault::Status(401));
        if let Some(fault) = fault {
            self.sandbox.push_fault(Target::operation(TOKEN), fault);
        }
        shown(self.grants.client(key(name)).contacts().list().limit(1).await.map(|_| ()));
        shown(self.grants.grants().status(&key(name)).await);
        self.sandbox.clear_faults();
    }

    #[expect(clippy::panic, reason = "what a panic shows is searched")]
    /// A panic of the caller, with all in its message that it holds.
    async fn panic(&self) {
        let (grants, client) = (self.grants.clone(), self.grants.client(key("connected")));
        let bearer = grants.grants().credentials(key("connected")).bearer().await;
        let panicking = tokio::spawn(async move {
            panic!("{grants:?} {client:?} {bearer:?}");
        });
        show(&[&panicking.await]);
    }

    /// Writes down for the judge what must not be found.
    fn tell(&self, told: &Path) -> Result<(), Trouble> {
        // The key of a token request names an attempt; it stands in the record in clear, and opens nothing.
        let ledger = self.sandbox.ledger();
        let requests = ledger.requests_for(TOKEN);
        let attempts: BTreeSet<_> =
            requests.iter().filter_map(|request| request.header("idempotency-key")).collect();
        let is_secret = |secret: &Secret| !attempts.contains(secret.value.as_str());
        let heard = self.tap.secrets().into_iter().filter(is_secret);
        let secrets: BTreeSet<_> = heard.chain(self.secrets.iter().cloned()).collect();
        let lines: Vec<_> =
            secrets.iter().map(|secret| format!("{}\t{}\n", secret.name, secret.value)).collect();
        Ok(std::fs::write(told.join(SECRETS), lines.concat())?)
    }
}

const TOKEN: &str = "oauth2_token";

fn key(name: &str) -> GrantKey {
    GrantKey::new(name, "grant")
}

/// What a token endpoint may answer that says nothing about the program itself.
fn of_a_grant() -> Vec<Fault> {
    let salvaged = r#"{"refresh_token":"fake-token-in-a-damaged-answer","access_token":7,"#;
    let named = r#"{"error":"invalid_grant","refresh_token":"fake-token-beside-an-error"}"#;
    vec![
        Fault::TruncatedJson,
        Fault::CutAfter(70),
        Fault::CloseAfterEffect,
        Fault::Html(502),
        Fault::ContentType("text/html".to_owned()),
        Fault::Body(salvaged.into()),
        Fault::Body(named.into()),
        Fault::Code("invalid_grant".to_owned()),
    ]
}

fn show(values: &[&dyn Debug]) {
    for value in values {
        println!("{value:?}\n{value:#?}");
    }
}

/// Shows what came, and of an error all that can be read of it and of its causes.
fn shown<T: Debug, E: StdError + 'static>(outcome: Result<T, E>) {
    match outcome {
        Ok(value) => show(&[&value]),
        Err(error) => {
            let mut next: Option<&dyn StdError> = Some(&error);
            while let Some(error) = next {
                println!("{error}\n{error:#}\n{error:?}\n{error:#?}");
                next = error.source();
            }
        }
    }
}

/// Has the store fail in the middle of a renewal, and shows every step.
#[derive(Debug)]
struct Watching {
    health: Health,
    failing: Arc<AtomicBool>,
}

impl Observer for Watching {
    fn step(&self, key: &GrantKey, generation: Generation, step: Step) {
        println!("{key:?} {generation:?} {step:?}");
        if step == Step::Read && self.failing.load(Ordering::SeqCst) {
            // It fails only where limits of the process are changed, which is not asked for.
            let _ = self.health.set(Condition::Away);
        }
    }
}
