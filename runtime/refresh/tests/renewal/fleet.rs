//! Processes that share a store, a token endpoint and a clock.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use http::HeaderValue;
use specwright_core::clock::Clock;
use specwright_core::transport::BoxFuture;
use specwright_oauth::{
    ClientRegistration, IssuedToken, RevocationEndpoint, TokenEndpoint, confidential_url,
};
use specwright_refresh::{
    Bearer, Credentials, CredentialsError, Generation, GrantCredentials, GrantKey, GrantParts,
    GrantProblem, GrantSource, GrantStatus, Grants, Hindrance, Identify, KeyRing, MemoryStore,
    Observer, RefreshPolicy, Refusal, RotationModel, SealingKey, Spawn, SpillJournal, Step,
    StoreError, StoreErrorKind, WishEnd, WishOutcome,
};
use specwright_testkit::{
    RecordedRequest, Script, ScriptedTransport, SeededRandom, StoreVerb, StoreWatcher,
    VirtualClock, WatchedStore,
};

pub(crate) const TOKEN: &str = "/oauth/token";
pub(crate) const REVOKE: &str = "/oauth/revoke";

/// The life of every access token.
pub(crate) const LIFE: Duration = Duration::from_secs(7_200);

/// A time at which a token of [`LIFE`] is not served any more.
pub(crate) const EXPIRED: Duration = Duration::from_secs(7_190);

pub(crate) fn key() -> GrantKey {
    GrantKey::new("operator-1", "stora")
}

/// The store, the server and the clock that all processes share.
#[derive(Clone)]
pub(crate) struct Fleet {
    pub(crate) clock: VirtualClock,
    pub(crate) transport: ScriptedTransport,
    pub(crate) store: Arc<WatchedStore>,
    pub(crate) store_faults: Arc<StoreFaults>,
    pub(crate) source: GrantSource,
    pub(crate) policy: RefreshPolicy,
    pub(crate) watched: Arc<Watched>,
    /// A folder for pairs that the store does not take.
    pub(crate) spill: Option<Arc<std::path::Path>>,
    /// Who says whose account a new pair is of.
    pub(crate) identify: Option<Arc<dyn Identify>>,
    /// How far the clocks of the processes are behind that of the store.
    pub(crate) behind: Duration,
    pub(crate) processes: Arc<AtomicU32>,
}

/// One process.
pub(crate) struct Process {
    pub(crate) grants: Grants,
    pub(crate) credentials: GrantCredentials,
}

impl Fleet {
    pub(crate) fn new(rotation: RotationModel) -> Self {
        let clock = VirtualClock::automatic();
        let memory = Arc::new(MemoryStore::volatile(Arc::new(clock.clone())));
        let store_faults = Arc::<StoreFaults>::default();
        Self {
            transport: ScriptedTransport::new(clock.clone()),
            store: Arc::new(WatchedStore::new(memory, store_faults.clone())),
            store_faults,
            source: GrantSource::Users(ClientRegistration::confidential(
                "fake-client",
                "canary-client-secret",
            )),
            policy: RefreshPolicy::new(rotation),
            watched: Arc::default(),
            spill: None,
            identify: None,
            behind: Duration::ZERO,
            processes: Arc::default(),
            clock,
        }
    }

    /// A process that has just started.
    pub(crate) fn process(&self) -> Process {
        let number = self.processes.fetch_add(1, Ordering::Relaxed);
        let url = confidential_url(&format!("https://id.example{TOKEN}")).unwrap();
        let revoke = confidential_url(&format!("https://id.example{REVOKE}")).unwrap();
        let transport = Arc::new(self.transport.clone());
        let clock = Arc::new(Behind { clock: self.clock.clone(), by: self.behind });
        let agent = HeaderValue::from_static("Acme/Test");
        let grants = Grants::new(GrantParts {
            endpoint: TokenEndpoint::new(url, agent.clone(), transport.clone(), clock.clone()),
            revocation: Some(RevocationEndpoint::new(revoke, agent, transport)),
            source: self.source.clone(),
            policy: self.policy.clone(),
            store: self.store.clone(),
            spill: self.spill.as_ref().map(|folder| SpillJournal::open(folder.as_ref()).unwrap()),
            keys: Arc::new(KeyRing::new("k1", SealingKey::new([7; 32]))),
            clock,
            random: Arc::new(SeededRandom::new(u64::from(number))),
            spawn: Arc::new(Tasks),
            observer: self.watched.clone(),
            identify: self.identify.clone(),
        });
        Process { credentials: grants.credentials(key()), grants }
    }

    /// A process that has just connected the grant.
    pub(crate) async fn connected(&self) -> Process {
        let process = self.process();
        let token = IssuedToken::new("canary-access-0", LIFE).refresh_token("canary-refresh-0");
        process.grants.adopt(&key(), token).await.unwrap();
        process
    }

    pub(crate) fn posts(&self) -> Vec<RecordedRequest> {
        self.transport.requests_to(TOKEN)
    }

    /// The refresh tokens that were sent, in order.
    pub(crate) fn sent(&self) -> Vec<String> {
        let posts = self.posts();
        posts.iter().map(|post| field(&post.body, "refresh_token").unwrap_or_default()).collect()
    }

    /// The server answers the next request with this pair.
    pub(crate) fn issue(&self, number: u32) {
        self.transport.push(TOKEN, pair(number));
    }
}

impl Process {
    /// The access token that a call would carry now.
    pub(crate) async fn token(&self) -> Result<String, GrantProblem> {
        let bearer = self.credentials.bearer().await;
        bearer.map(|bearer| shown(&bearer)).map_err(|error| problem(&error))
    }

    pub(crate) async fn status(&self) -> GrantStatus {
        self.grants.status(&key()).await.unwrap()
    }
}

pub(crate) fn shown(bearer: &Bearer) -> String {
    bearer.header().to_str().unwrap().trim_start_matches("Bearer ").to_owned()
}

pub(crate) fn problem(error: &CredentialsError) -> GrantProblem {
    error.problem().unwrap().clone()
}

/// The answer with the pair of this number.
pub(crate) fn pair(number: u32) -> Script {
    Script::json(
        200,
        format!(
            r#"{{"access_token":"canary-access-{number}","refresh_token":"canary-refresh-{number}","expires_in":7200,"token_type":"Bearer"}}"#
        ),
    )
}

/// An OAuth error (RFC 6749 §5.2).
pub(crate) fn refusal(status: u16, code: &str) -> Script {
    Script::json(status, format!(r#"{{"error":"{code}"}}"#))
}

pub(crate) fn field(form: &[u8], name: &str) -> Option<String> {
    url::form_urlencoded::parse(form)
        .find(|(known, _)| known == name)
        .map(|(_, value)| value.into_owned())
}

/// A clock whose time of day is behind.
#[derive(Debug)]
struct Behind {
    clock: VirtualClock,
    by: Duration,
}

impl Clock for Behind {
    fn now(&self) -> SystemTime {
        self.clock.now() - self.by
    }

    fn monotonic(&self) -> Duration {
        self.clock.monotonic()
    }

    fn sleep(&self, time: Duration) -> BoxFuture<'static, ()> {
        self.clock.sleep(time)
    }
}

#[derive(Debug)]
pub(crate) struct Tasks;

impl Spawn for Tasks {
    fn spawn(&self, task: BoxFuture<'static, ()>) {
        tokio::spawn(task);
    }
}

/// Remembers what happened.
#[derive(Debug, Default)]
pub(crate) struct Watched {
    pub(crate) steps: Mutex<Vec<Step>>,
    pub(crate) rejections: Mutex<Vec<Refusal>>,
    /// What stood in the way of who attends, as text.
    pub(crate) hindrances: Mutex<Vec<String>>,
    /// How wishes ended: a word each, and how long they took.
    pub(crate) wishes: Mutex<Vec<(&'static str, Duration)>>,
    pub(crate) takeovers: AtomicU32,
}

impl Observer for Watched {
    fn wished(&self, _: &GrantKey, end: &WishEnd<'_>) {
        let outcome = match end.outcome {
            WishOutcome::Renewed => "renewed",
            WishOutcome::Found => "found",
            WishOutcome::Failed(problem) => problem.name(),
            _ => "something else",
        };
        self.wishes.lock().unwrap().push((outcome, end.took));
    }

    fn taken_over(&self, _: &GrantKey) {
        self.takeovers.fetch_add(1, Ordering::Relaxed);
    }

    fn step(&self, _: &GrantKey, _: Generation, step: Step) {
        self.steps.lock().unwrap().push(step);
    }

    fn client_rejected(&self, refusal: &Refusal) {
        self.rejections.lock().unwrap().push(refusal.clone());
    }

    fn hindered(&self, hindrance: Hindrance<'_>) {
        self.hindrances.lock().unwrap().push(format!("{hindrance:?}"));
    }
}

/// Makes a store fail when it is told to.
#[derive(Debug, Default)]
pub(crate) struct StoreFaults {
    faults: Mutex<Faults>,
    closed: AtomicBool,
    loads: AtomicU32,
    frozen: Mutex<Option<Freeze>>,
}

#[derive(Debug)]
struct Freeze {
    /// Writes before it.
    spared: u32,
    clock: VirtualClock,
    time: Duration,
}

#[derive(Debug, Default)]
struct Faults {
    /// Swaps that go well before the faults begin.
    spared: u32,
    /// Swaps that are refused and do nothing.
    refused: u32,
    /// Swaps that are made, and then said to have failed.
    unsaid: u32,
}

impl StoreFaults {
    /// From now on nothing can be read or written.
    pub(crate) fn close(&self) {
        self.closed.store(true, Ordering::Relaxed);
    }

    /// How often a row was read.
    pub(crate) fn loads(&self) -> u32 {
        self.loads.load(Ordering::Relaxed)
    }

    /// From now on all can be again.
    pub(crate) fn open(&self) {
        self.closed.store(false, Ordering::Relaxed);
    }

    /// After `spared` more writes, refuses so many.
    pub(crate) fn refuse(&self, spared: u32, refused: u32) {
        *self.faults.lock().unwrap() = Faults { spared, refused, unsaid: 0 };
    }

    /// After `spared` more writes, makes so many and says that they failed.
    pub(crate) fn make_without_a_word(&self, spared: u32, unsaid: u32) {
        *self.faults.lock().unwrap() = Faults { spared, refused: 0, unsaid };
    }

    /// Whoever writes next is frozen for so long, after the write was made and before it knows.
    pub(crate) fn freeze(&self, clock: &VirtualClock, time: Duration) {
        self.freeze_after(0, clock, time);
    }

    /// As [`Self::freeze`], after `spared` more writes.
    pub(crate) fn freeze_after(&self, spared: u32, clock: &VirtualClock, time: Duration) {
        *self.frozen.lock().unwrap() = Some(Freeze { spared, clock: clock.clone(), time });
    }

    fn freezing(&self) -> Option<Freeze> {
        let mut frozen = self.frozen.lock().unwrap();
        match frozen.as_mut() {
            Some(freeze) if freeze.spared > 0 => {
                freeze.spared -= 1;
                None
            }
            Some(_) | None => frozen.take(),
        }
    }

    fn fate(&self, verb: StoreVerb) -> Fate {
        match verb {
            StoreVerb::Load | StoreVerb::Swap if self.closed.load(Ordering::Relaxed) => {
                Fate::Refused
            }
            StoreVerb::Swap => self.faults.lock().unwrap().next(),
            _ => Fate::Made,
        }
    }
}

impl StoreWatcher for StoreFaults {
    fn around<'a>(
        &'a self,
        verb: StoreVerb,
        operation: BoxFuture<'a, Result<(), StoreError>>,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        if verb == StoreVerb::Load {
            self.loads.fetch_add(1, Ordering::Relaxed);
        }
        let fate = self.fate(verb);
        let writes = matches!(verb, StoreVerb::Swap | StoreVerb::TakeOnce);
        let frozen = writes.then(|| self.freezing()).flatten();
        Box::pin(async move {
            match fate {
                Fate::Made => {
                    let outcome = operation.await;
                    if let Some(freeze) = frozen {
                        freeze.clock.sleep(freeze.time).await;
                    }
                    outcome
                }
                Fate::Refused => Err(down()),
                Fate::Unsaid => {
                    operation.await?;
                    Err(down())
                }
            }
        })
    }
}

/// What a store does with one operation.
enum Fate {
    Made,
    Refused,
    Unsaid,
}

impl Faults {
    fn next(&mut self) -> Fate {
        for (left, fate) in [
            (&mut self.spared, Fate::Made),
            (&mut self.refused, Fate::Refused),
            (&mut self.unsaid, Fate::Unsaid),
        ] {
            if *left > 0 {
                *left -= 1;
                return fate;
            }
        }
        Fate::Made
    }
}

fn down() -> StoreError {
    StoreError::new(StoreErrorKind::Unavailable, "a fault that was asked for")
}
