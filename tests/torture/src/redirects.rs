//! Answers that send elsewhere: nobody goes there, so nothing is shown there.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use specwright_refresh::{GrantKey, KeyRing};
use specwright_store_sqlite::SqliteStore;
use specwright_testkit::Sandbox;
use specwright_testkit::sandbox::{Fault, Options, Target};
use stora_2025_09::Client;
use stora_2025_09::model::ContactCreate;
use stora_2025_09::runtime::{
    ApiGrants, Builder, Callback, ClientCredentials, ClientRegistration, Proxy, Session,
};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

use crate::search::Search;
use crate::setting::{Trouble, bounded};
use crate::table::{Line, Row, listed};
use crate::tap::Tap;

/// The rows of redirects.
pub fn rows() -> Vec<Row> {
    [Matrix { by: Route::SystemProxy, ..FULL }, Matrix { by: Route::Direct, ..FULL }]
        .into_iter()
        .map(Matrix::row)
        .collect()
}

const FULL: Matrix =
    Matrix { statuses: &[301, 302, 303, 307, 308], by: Route::Direct, sends: &Sends::ALL };

/// The statuses that are answered, how the client goes to the network, and to which requests they are the answers.
#[derive(Clone, Copy, Debug)]
pub struct Matrix {
    /// The statuses.
    pub statuses: &'static [u16],
    /// The way to the network.
    pub by: Route,
    /// The requests.
    pub sends: &'static [Sends],
}

/// How the client goes to the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// As the environment says, which is the default.
    SystemProxy,
    /// Without a proxy, whatever the environment says.
    Direct,
}

/// A request that holds a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sends {
    /// A call that reads.
    Read,
    /// A call that writes, with a body and an idempotency key.
    Write,
    /// A token request with a refresh token.
    Refresh,
    /// A token request with a code and its verifier.
    Exchange,
    /// A token request of the program itself.
    ClientCredentials,
    /// A revocation.
    Revoke,
}

impl Sends {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Read,
        Self::Write,
        Self::Refresh,
        Self::Exchange,
        Self::ClientCredentials,
        Self::Revoke,
    ];

    /// The operation that is answered with a redirect.
    fn operation(self) -> &'static str {
        match self {
            Self::Read => LIST,
            Self::Write => "create_contact",
            Self::Refresh | Self::Exchange | Self::ClientCredentials => "oauth2_token",
            Self::Revoke => "oauth2_revoke",
        }
    }
}

const LIST: &str = "list_contacts";

/// Where the answer sends to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum To {
    SameOrigin,
    OtherPort,
    OtherName,
    OtherAddress,
    OtherScheme,
}

impl To {
    const ALL: [Self; 5] =
        [Self::SameOrigin, Self::OtherPort, Self::OtherName, Self::OtherAddress, Self::OtherScheme];
}

/// What came of the matrix.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Followed {
    /// Answers that sent elsewhere.
    pub answers: usize,
    /// Connections that the second server got, and requests for the other path of the first one.
    pub visits: usize,
    /// Secrets that the second server got.
    pub secrets: Vec<String>,
    /// Secrets that were looked for.
    pub known: usize,
}

impl Matrix {
    fn row(self) -> Row {
        Row::new(format!("redirects, {}", self.by), move |_| async move {
            let followed = self.run().await?;
            let Followed { answers, visits, known, secrets } = &followed;
            Ok(Line {
                expected: format!("{} redirects, 0 visits, 0 secrets", self.cells()),
                found: format!("{answers}, {visits}, of {known} secrets: {}", listed(secrets)),
                met: *answers == self.cells() && *visits == 0 && secrets.is_empty() && *known > 0,
            })
        })
    }

    /// How many answers there are.
    pub fn cells(self) -> usize {
        self.statuses.len() * self.sends.len() * To::ALL.len()
    }

    /// Has every request answered with every status and every place to go to.
    pub async fn run(self) -> Result<Followed, Trouble> {
        let place = Place::new(self.by).await?;
        let second = Second::start().await?;
        let mut trial = 0;
        for &sends in self.sends {
            for &status in self.statuses {
                for to in To::ALL {
                    let target = second.url(to, &place.tap);
                    let what = format!("{sends:?} {status} {to:?}");
                    place
                        .answered(sends, status, target, trial)
                        .await
                        .map_err(|trouble| format!("{what}: {trouble}"))?;
                    trial += 1;
                }
            }
        }
        let ledger = place.sandbox.ledger();
        let elsewhere = ledger.requests.iter().filter(|request| request.path == ELSEWHERE);
        let secrets = place.tap.secrets();
        let (visits, heard) = second.heard().await?;
        let answers = ledger.faults.iter().filter(|fault| fault.fault == "status_with_headers");
        Ok(Followed {
            answers: answers.count(),
            visits: visits + elsewhere.count(),
            secrets: Search::new(&secrets).found_in(&heard).into_iter().collect(),
            known: secrets.len(),
        })
    }
}

const ELSEWHERE: &str = "/elsewhere";
const OPERATOR: &str = "operator";
const REDIRECT: &str = "https://app.example/callback";
const SCOPE: &str = "public.contact:read public.contact:write";
const KEYS: &str = "redirects:cmVkaXJlY3RzLXJlZGlyZWN0cy1yZWRpcmVjdHMtcmU";

/// A vendor, a tap before it, and a program that calls it.
struct Place {
    sandbox: Sandbox,
    tap: Tap,
    by: Route,
    grants: ApiGrants<Client>,
    folder: TempDir,
}

impl Place {
    async fn new(by: Route) -> Result<Self, Trouble> {
        let options = Options::new().with_operator(OPERATOR).with_redirect_uri(REDIRECT);
        let sandbox = Sandbox::start_with(options).await?;
        let tap = Tap::start(sandbox.address()).await?;
        let folder = tempfile::tempdir()?;
        let grants = program(&sandbox, &tap, by, &folder)?;
        Ok(Self { sandbox, tap, by, grants, folder })
    }

    /// Another program with the same store.
    fn program(&self) -> Result<ApiGrants<Client>, Trouble> {
        program(&self.sandbox, &self.tap, self.by, &self.folder)
    }

    /// Has this request answered with a redirect. How it ends for its caller is not the question here.
    async fn answered(
        &self,
        sends: Sends,
        status: u16,
        target: String,
        trial: u32,
    ) -> Result<(), Trouble> {
        let key = GrantKey::new(format!("tenant-{trial}"), "grant");
        let grants = self.grants.grants();
        grants.receive(self.callback(&key).await?, Session::None).await?;
        let client = self.grants.client(key.clone());
        let headers = vec![("location".to_owned(), target)];
        let redirect = Fault::StatusWithHeaders(status, headers);
        self.sandbox.push_fault(Target::operation(sends.operation()), redirect);
        match sends {
            Sends::Read => drop(client.contacts().list().limit(1).await),
            Sends::Write => {
                let contact = ContactCreate::new("somebody@example.com", "Somebody");
                drop(client.contacts().create(contact).await);
            }
            Sends::Refresh => {
                // A token that the API refuses is renewed. The program is one of its own, because it stops asking for a
                // while when it is sent elsewhere.
                self.sandbox.push_fault(Target::operation(LIST), Fault::Status(401));
                drop(self.program()?.client(key).contacts().list().limit(1).await);
            }
            Sends::Exchange => {
                let again = self.callback(&key).await?;
                drop(grants.receive(again, Session::None).await);
            }
            Sends::ClientCredentials => {
                let (id, secret) = (self.sandbox.client_id(), self.sandbox.client_secret());
                let credentials = ClientCredentials::new(id, secret).scope(SCOPE);
                let client = builder(&self.tap, self.by).credentials(credentials).build()?;
                drop(client.contacts().list().limit(1).await);
            }
            Sends::Revoke => drop(grants.disconnect(&key).await),
        }
        Ok(())
    }

    /// The callback of an authorization that an operator approved.
    async fn callback(&self, key: &GrantKey) -> Result<Callback, Trouble> {
        let request = self.grants.authorization(REDIRECT)?.scope(SCOPE);
        let url = self.grants.grants().authorize(key, &request, Session::None).await?;
        Ok(Callback::from_url(&self.sandbox.approve(url.as_str(), OPERATOR)?)?)
    }
}

fn program(
    sandbox: &Sandbox,
    tap: &Tap,
    by: Route,
    folder: &TempDir,
) -> Result<ApiGrants<Client>, Trouble> {
    let client = ClientRegistration::confidential(sandbox.client_id(), sandbox.client_secret());
    let store = SqliteStore::open(folder.path().join("grants.db"))?;
    Ok(builder(tap, by).grants(client).store(store).keys(KeyRing::parse(KEYS)?).build()?)
}

fn builder(tap: &Tap, by: Route) -> Builder<Client> {
    let base = tap.base_url();
    let builder = Client::builder("Specwright/Redirects")
        .without_rate_limits()
        .base_url(&base)
        .authorization_server(&base);
    match by {
        Route::SystemProxy => builder,
        Route::Direct => builder.proxy(Proxy::None),
    }
}

impl fmt::Display for Route {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(match self {
            Self::SystemProxy => "proxy as the system says",
            Self::Direct => "proxy off",
        })
    }
}

/// The second server: it writes down what it gets, and answers that all is well. It reads TLS as any bytes.
struct Second {
    /// At `127.0.0.1`, which is also `localhost`, and at `127.0.0.2`.
    addresses: [SocketAddr; 2],
    visits: Arc<Mutex<Visits>>,
    tasks: [JoinHandle<()>; 2],
}

#[derive(Debug, Default)]
struct Visits {
    count: usize,
    bytes: Vec<u8>,
}

impl Second {
    async fn start() -> io::Result<Self> {
        let visits = Arc::<Mutex<Visits>>::default();
        let one = TcpListener::bind(("127.0.0.1", 0)).await?;
        let other = TcpListener::bind(("127.0.0.2", 0)).await?;
        Ok(Self {
            addresses: [one.local_addr()?, other.local_addr()?],
            tasks: [one, other].map(|one| tokio::spawn(receive(one, Arc::clone(&visits)))),
            visits,
        })
    }

    fn url(&self, to: To, tap: &Tap) -> String {
        let [here, other] = self.addresses;
        match to {
            To::SameOrigin => format!("{}{ELSEWHERE}", tap.base_url()),
            To::OtherPort => format!("http://{here}{ELSEWHERE}"),
            To::OtherName => format!("http://localhost:{}{ELSEWHERE}", here.port()),
            To::OtherAddress => format!("http://{other}{ELSEWHERE}"),
            To::OtherScheme => format!("https://{here}{ELSEWHERE}"),
        }
    }

    /// How often somebody came, and what was said. Waits until all that came before is read.
    async fn heard(&self) -> Result<(usize, Vec<u8>), Trouble> {
        for address in self.addresses {
            // Connections are accepted in their order, so this one is behind all others.
            let mut last = TcpStream::connect(address).await?;
            last.write_all(b"GET / HTTP/1.1\r\n\r\n").await?;
            bounded(async { Ok(last.read(&mut [0]).await?) }).await?;
        }
        let visits = self.visits.lock().unwrap_or_else(PoisonError::into_inner);
        Ok((visits.count.saturating_sub(self.addresses.len()), visits.bytes.clone()))
    }
}

impl Drop for Second {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

async fn receive(listener: TcpListener, visits: Arc<Mutex<Visits>>) {
    let mut connections = JoinSet::new();
    while let Ok((client, _)) = listener.accept().await {
        visits.lock().unwrap_or_else(PoisonError::into_inner).count += 1;
        let visits = Arc::clone(&visits);
        connections.spawn(async move { drop(answer(client, &visits).await) });
    }
}

async fn answer(mut client: TcpStream, visits: &Mutex<Visits>) -> io::Result<()> {
    let mut buffer = [0; 4096];
    loop {
        let read = client.read(&mut buffer).await?;
        let part = buffer.get(..read).unwrap_or_default();
        if part.is_empty() {
            return Ok(());
        }
        visits.lock().unwrap_or_else(PoisonError::into_inner).bytes.extend_from_slice(part);
        client.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}").await?;
    }
}
