//! One process with one grant, a store and a server. Everything outside of the code under test lets others go first.

use std::future::poll_fn;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::{Duration, SystemTime};

use http::HeaderValue;
use shuttle::future::{AbortHandle, block_on};
use specwright_core::clock::Clock;
use specwright_core::transport::{
    AttemptLimits, Body, BoxFuture, SendError, Transport, TransportRequest, TransportResponse,
};
use specwright_oauth::{ClientRegistration, IssuedToken, TokenEndpoint, confidential_url};
use specwright_refresh::{
    Bearer, Credentials as _, CredentialsError, Generation, GrantCredentials, GrantKey, GrantParts,
    GrantSource, Grants, KeyRing, MemoryStore, Observer, RefreshPolicy, Renewal, RotationModel,
    SealingKey, Spawn, Step, StoreError,
};
use specwright_testkit::{SeededRandom, StoreVerb, StoreWatcher, WatchedStore};

/// The life of every access token.
const LIFE: Duration = Duration::from_secs(7_200);

/// The credentials of a connected grant, and what can be seen from outside.
#[derive(Clone)]
pub(crate) struct Stage {
    credentials: GrantCredentials,
    executor: Arc<Executor>,
    server: Arc<Server>,
}

impl Stage {
    /// A grant that was connected so long ago.
    pub(crate) fn connected(ago: Duration) -> Self {
        let time = Arc::new(AtomicU64::new(0));
        let clock = Arc::new(PassingClock(Arc::clone(&time)));
        let busy = Arc::new(Busy::default());
        let server = Arc::new(Server { busy: Arc::clone(&busy), requests: AtomicU32::new(0) });
        let executor = Arc::new(Executor::default());
        let url = confidential_url("https://id.example/oauth/token").unwrap();
        let agent = HeaderValue::from_static("Acme/Test");
        let store = MemoryStore::volatile(Arc::new(StoreClock(Arc::clone(&time))));
        let grants = Grants::new(GrantParts {
            endpoint: TokenEndpoint::new(url, agent, server.clone(), clock.clone()),
            revocation: None,
            source: GrantSource::Users(ClientRegistration::public("fake-client")),
            policy: RefreshPolicy::new(RotationModel::LostAnswer),
            store: Arc::new(WatchedStore::new(Arc::new(store), busy)),
            spill: None,
            keys: Arc::new(KeyRing::new("k1", SealingKey::new([7; 32]))),
            clock,
            random: Arc::new(SeededRandom::new(1)),
            spawn: executor.clone(),
            identify: None,
            observer: Arc::new(Onlooker),
        });
        let key = GrantKey::new("operator-1", "stora");
        let token = IssuedToken::new("fake-access-1", LIFE).refresh_token("fake-refresh-1");
        block_on(grants.adopt(&key, token)).unwrap();
        let credentials = grants.credentials(key);
        let stage = Self { credentials, executor, server };
        // So that the process holds the token.
        stage.token().unwrap();
        time.fetch_add(u64::try_from(ago.as_millis()).unwrap(), Ordering::Relaxed);
        stage.executor.started.store(0, Ordering::Relaxed);
        stage.executor.tasks.lock().unwrap().clear();
        stage
    }

    pub(crate) fn token(&self) -> Result<Arc<Bearer>, CredentialsError> {
        block_on(self.credentials.bearer())
    }

    pub(crate) fn refuse(&self, generation: Generation) -> Renewal {
        self.credentials.refuse(generation)
    }

    /// The executor drops the first flight, if there is one by then that is not done.
    pub(crate) fn drop_a_flight(&self) {
        let task = self.executor.tasks.lock().unwrap().first().cloned();
        if let Some(task) = task {
            task.abort();
        }
    }

    /// The flights that were started since the grant was connected.
    pub(crate) fn flights(&self) -> u32 {
        self.executor.started.load(Ordering::Relaxed)
    }

    /// The token requests.
    pub(crate) fn requests(&self) -> u32 {
        self.server.requests.load(Ordering::Relaxed)
    }
}

/// A point at which another task may go on. It is not a yield, which would make whoever is here the last one: what is late
/// is found by letting one task wait for very long.
fn others_may_go_first() {
    shuttle::thread::sleep(Duration::ZERO);
}

/// The same where a future may be dropped.
async fn paused() {
    let mut was_here = false;
    poll_fn(|context| {
        if was_here {
            return Poll::Ready(());
        }
        was_here = true;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// Counts who is in the store or at the server. Flights alone go there, so two at once are two flights.
#[derive(Debug, Default)]
struct Busy(AtomicU32);

impl Busy {
    async fn alone<T>(&self, work: impl Future<Output = T>) -> T {
        let _here = Here::enter(&self.0);
        paused().await;
        work.await
    }
}

struct Here<'b>(&'b AtomicU32);

impl<'b> Here<'b> {
    fn enter(count: &'b AtomicU32) -> Self {
        assert_eq!(count.fetch_add(1, Ordering::Relaxed), 0, "two flights are under way");
        Self(count)
    }
}

impl Drop for Here<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Gives the pair that follows the refresh token it is shown, as often as it is shown.
#[derive(Debug)]
struct Server {
    busy: Arc<Busy>,
    requests: AtomicU32,
}

impl Transport for Server {
    fn send(
        &self,
        request: TransportRequest,
        _: AttemptLimits,
    ) -> BoxFuture<'_, Result<TransportResponse, SendError>> {
        Box::pin(self.busy.alone(async move {
            self.requests.fetch_add(1, Ordering::Relaxed);
            let form = String::from_utf8(request.body().whole().unwrap().to_vec()).unwrap();
            let shown = form.rsplit("fake-refresh-").next().unwrap().parse::<u32>().unwrap();
            let next = shown + 1;
            let body = format!(
                r#"{{"access_token":"fake-access-{next}","refresh_token":"fake-refresh-{next}","expires_in":7200}}"#
            );
            Ok(TransportResponse::new(Body::from(body.into_bytes())))
        }))
    }
}

impl StoreWatcher for Busy {
    fn around<'a>(
        &'a self,
        _: StoreVerb,
        operation: BoxFuture<'a, Result<(), StoreError>>,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(self.alone(operation))
    }
}

#[derive(Debug, Default)]
struct Executor {
    started: AtomicU32,
    tasks: Mutex<Vec<AbortHandle>>,
}

impl Spawn for Executor {
    fn spawn(&self, task: BoxFuture<'static, ()>) {
        others_may_go_first();
        let handle = shuttle::future::spawn(task);
        self.started.fetch_add(1, Ordering::Relaxed);
        self.tasks.lock().unwrap().push(handle.abort_handle());
    }
}

#[derive(Debug)]
struct Onlooker;

impl Observer for Onlooker {
    fn step(&self, _: &GrantKey, _: Generation, _: Step) {
        others_may_go_first();
    }
}

/// The clock of the process, in milliseconds. A wait takes its time if it is waited for to the end.
#[derive(Debug)]
struct PassingClock(Arc<AtomicU64>);

impl Clock for PassingClock {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + self.monotonic()
    }

    fn monotonic(&self) -> Duration {
        others_may_go_first();
        Duration::from_millis(self.0.load(Ordering::Relaxed))
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        let time = Arc::clone(&self.0);
        Box::pin(async move {
            // Twice, so that what is under way at the same time comes first.
            paused().await;
            paused().await;
            time.fetch_add(
                u64::try_from(duration.as_millis()).unwrap_or(u64::MAX),
                Ordering::Relaxed,
            );
        })
    }
}

/// The same clock, for a store that reads it under its own lock.
#[derive(Debug)]
struct StoreClock(Arc<AtomicU64>);

impl Clock for StoreClock {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + self.monotonic()
    }

    fn monotonic(&self) -> Duration {
        Duration::from_millis(self.0.load(Ordering::Relaxed))
    }

    fn sleep(&self, _: Duration) -> BoxFuture<'static, ()> {
        Box::pin(std::future::ready(()))
    }
}
