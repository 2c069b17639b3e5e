//! A sandbox, a store, and the processes that share them.

use std::error::Error;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use matrix::model::Model;
use specwright_refresh::{GrantKey, GrantStatus, GrantStore as _, KeyRing, Row};
use specwright_store_sqlite::SqliteStore;
use specwright_testkit::Sandbox;
use specwright_testkit::sandbox::Options;
use stora_2025_09::Client;
use stora_2025_09::runtime::{ApiGrants, Callback, ClientRegistration, Session};
use tempfile::TempDir;
use tokio::io::AsyncReadExt as _;
use tokio::process::{Child, Command};

use crate::order::{End, ORDER, Order, Report, Task, Times, policy};

/// What goes wrong with the judge itself.
pub type Trouble = Box<dyn Error + Send + Sync>;

const REDIRECT: &str = "https://app.example/callback";

/// The scope that the workers' calls need.
const SCOPE: &str = "public.contact:read";

/// A text of 32 bytes that seals nothing but the grants of one row.
const KEYS: &str = "torture:dG9ydHVyZS10b3J0dXJlLXRvcnR1cmUtdG9ydHVyZSE";

/// How long a token lives that is about to end. From half of it on it is not served.
pub const SHORT: Duration = Duration::from_secs(1);

/// No worker takes longer. It is a bound, not a measure.
const PATIENCE: Duration = Duration::from_secs(120);

/// How often the sandbox is asked how many requests it holds or has got.
pub(crate) const POLL: Duration = Duration::from_millis(5);

/// A sandbox, a store, and the processes that share them.
pub struct Setting {
    /// The oracle.
    pub sandbox: Sandbox,
    rotation: Model,
    grants: ApiGrants<Client>,
    /// What the judge looks into, beside the one with which it connects grants.
    store: SqliteStore,
    worker: PathBuf,
    folder: TempDir,
}

impl Setting {
    /// A server with this rotation and so many operators, none of them connected. `worker` is the program of the workers.
    pub async fn new(worker: PathBuf, rotation: Model, operators: u32) -> Result<Self, Trouble> {
        let mut options =
            Options::new().with_rotation(rotation.rotation()).with_redirect_uri(REDIRECT);
        for number in 0..operators {
            options = options.with_operator(operator(number));
        }
        let sandbox = Sandbox::start_with(options).await?;
        let folder = tempfile::tempdir()?;
        let client = ClientRegistration::confidential(sandbox.client_id(), sandbox.client_secret());
        let grants = Client::builder("Specwright/Judge")
            .without_rate_limits()
            .base_url(sandbox.base_url())
            .authorization_server(sandbox.base_url())
            .grants(client)
            .store(SqliteStore::open(folder.path().join(DATABASE))?)
            .keys(KeyRing::parse(KEYS)?)
            .policy(policy(rotation))
            .build()?;
        let store = SqliteStore::open(folder.path().join(DATABASE))?;
        Ok(Self { sandbox, rotation, grants, store, worker, folder })
    }

    /// Connects a grant whose access token is about to end: whoever calls next has to renew it. Later tokens live as long
    /// as the vendor's.
    pub async fn connect_expiring(&self, number: u32) -> Result<(), Trouble> {
        self.connect_ending(number).await?;
        wait(SHORT).await;
        Ok(())
    }

    /// As [`Self::connect_expiring`], with the end still to come, after [`SHORT`].
    pub async fn connect_ending(&self, number: u32) -> Result<(), Trouble> {
        self.sandbox.set_token_lifetime(SHORT);
        let connected = self.connect(number).await;
        self.sandbox.set_token_lifetime(Duration::from_secs(7_200));
        connected
    }

    /// Connects a grant as an operator does.
    pub async fn connect(&self, number: u32) -> Result<(), Trouble> {
        let request = self.grants.authorization(REDIRECT)?.scope(SCOPE);
        let grants = self.grants.grants();
        let url = grants.authorize(&key(number), &request, Session::None).await?;
        let back = self.sandbox.approve(url.as_str(), &operator(number))?;
        grants.receive(Callback::from_url(&back)?, Session::None).await?;
        Ok(())
    }

    /// How the store says that a grant is doing.
    pub async fn status(&self, number: u32) -> Result<GrantStatus, Trouble> {
        Ok(self.grants.grants().status(&key(number)).await?)
    }

    /// Waits until the server holds so many requests.
    pub async fn held(&self, requests: u32) -> Result<(), Trouble> {
        bounded(async {
            while self.sandbox.held() < requests as usize {
                wait(POLL).await;
            }
            Ok(())
        })
        .await
    }

    /// What stands in the file of a grant.
    pub async fn row(&self, number: u32) -> Result<Row, Trouble> {
        let row = self.store.load(&key(number)).await?.row;
        Ok(row.ok_or("a grant that was connected is not in the file")?)
    }

    /// Where the grants are.
    pub fn database(&self) -> PathBuf {
        self.path(DATABASE)
    }

    /// A path of this name in the folder that goes with the setting.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// How many requests for tokens the server has looked at with refresh tokens of this operator. Those that it answers by
    /// their key alone are not among them.
    pub fn refreshes(&self, number: u32) -> usize {
        let ledger = self.sandbox.ledger();
        let families = ledger.families_of(&operator(number));
        let posts = families.iter().flat_map(|family| ledger.token_posts_for(*family));
        posts.filter(|post| post.grant_type == "refresh_token").count()
    }

    /// The order to do this.
    pub fn order(&self, task: Task, end: Option<End>) -> Order {
        Order {
            server: self.sandbox.base_url(),
            database: self.database(),
            keys: KEYS.to_owned(),
            client: (self.sandbox.client_id().to_owned(), self.sandbox.client_secret().to_owned()),
            token_url: None,
            rotation: self.rotation,
            times: Times::Scaled,
            task,
            end,
            spill: None,
            acknowledged: None,
        }
    }

    /// Starts a worker. It ends with the judge.
    pub fn start(&self, order: &Order) -> Result<Child, Trouble> {
        let child = Command::new(&self.worker)
            .env(ORDER, serde_json::to_string(order)?)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        Ok(child)
    }

    /// Starts a worker and waits for what it says.
    pub async fn run(&self, task: Task) -> Result<Report, Trouble> {
        report(self.start(&self.order(task, None))?).await
    }
}

const DATABASE: &str = "grants.db";

/// The name of an operator.
pub fn operator(number: u32) -> String {
    format!("operator-{number}")
}

/// The key of that operator's grant.
pub fn key(number: u32) -> GrantKey {
    GrantKey::new(operator(number), "stora")
}

/// Waits for the report of a worker.
pub async fn report(mut child: Child) -> Result<Report, Trouble> {
    let mut text = String::new();
    let mut output = child.stdout.take().ok_or("the worker has no output")?;
    bounded(async { Ok(output.read_to_string(&mut text).await?) }).await?;
    let status = bounded(async { Ok(child.wait().await?) }).await?;
    if !status.success() {
        return Err(format!("the worker ended with {status}").into());
    }
    Ok(serde_json::from_str(text.trim())?)
}

/// Waits for a worker that ends itself.
pub async fn killed(mut child: Child) -> Result<(), Trouble> {
    use std::os::unix::process::ExitStatusExt as _;

    let status = bounded(async { Ok(child.wait().await?) }).await?;
    match status.signal() {
        Some(9) => Ok(()),
        _ => Err(format!("the worker was to be killed and ended with {status}").into()),
    }
}

/// What takes longer than anything should is given up.
#[expect(clippy::disallowed_methods, reason = "other processes cannot be told what time it is")]
pub async fn bounded<T>(work: impl Future<Output = Result<T, Trouble>>) -> Result<T, Trouble> {
    tokio::time::timeout(PATIENCE, work)
        .await
        .unwrap_or_else(|_| Err("nothing came in time".into()))
}

/// Lets real time pass: the workers are real processes.
#[expect(clippy::disallowed_methods, reason = "other processes cannot be told what time it is")]
pub async fn wait(time: Duration) {
    tokio::time::sleep(time).await;
}
