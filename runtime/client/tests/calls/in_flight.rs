//! So many requests at once, of all tenants and of each.

use std::error::Error as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use specwright_client::profile::{ApiProfile, RateWindow};
use specwright_client::transport::BoxFuture;
use specwright_client::{
    ApiGrants, Bearer, Builder, CallOptions, Client, ClientRegistration, Clock, Credentials,
    CredentialsError, ErrorKind, GaveUp, Generation, GrantKey, Happened, IssuedToken, KeyRing,
    Lane, MemoryStore, Renewal, SealingKey, StaticToken, TooManyInFlight,
};
use specwright_testkit::{RecordedRequest, Script, ScriptedTransport, SeededRandom, VirtualClock};
use tokio::task::JoinHandle;

use crate::shelf::{BOOKS, GetBook, PROFILE, Shelf, TOKEN, found};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

/// Two a minute.
const NARROW: ApiProfile =
    ApiProfile { rate_windows: &[RateWindow { requests: 2, period: MINUTE }], ..PROFILE };

/// A client whose answers take a second.
fn shelf(limits: impl FnOnce(Builder<Client>) -> Builder<Client>) -> Shelf {
    let credentials = StaticToken::new("fake-static");
    let shelf = Shelf::built(&PROFILE, VirtualClock::automatic(), |builder| {
        limits(builder.credentials(credentials))
    });
    shelf.transport.always(BOOKS, found().after(SECOND));
    shelf
}

fn begin(client: &Client, options: CallOptions) -> JoinHandle<()> {
    let client = client.clone();
    tokio::spawn(async move {
        client.send(&GetBook, options).await.unwrap();
    })
}

/// Begins a call of each of these clients, in their order.
fn begin_each(clients: &[Client]) -> Vec<JoinHandle<()>> {
    clients.iter().map(|client| begin(client, CallOptions::default())).collect()
}

/// Begins a call after so many seconds.
fn begin_after(seconds: u32, client: &Client, clock: &VirtualClock) -> JoinHandle<()> {
    let (client, clock) = (client.clone(), clock.clone());
    tokio::spawn(async move {
        clock.sleep(SECOND * seconds).await;
        client.send(&GetBook, CallOptions::default()).await.unwrap();
    })
}

async fn all(calls: impl IntoIterator<Item = JoinHandle<()>>) {
    for call in calls {
        call.await.unwrap();
    }
}

/// The second at which a request was sent.
fn second(sent: &RecordedRequest, clock: &VirtualClock) -> u64 {
    let began = clock.monotonic().checked_sub(clock.elapsed()).unwrap();
    sent.at.checked_sub(began).unwrap().as_secs()
}

/// The seconds at which so many calls are sent that are made at once.
async fn sent(shelf: &Shelf, calls: usize) -> Vec<u64> {
    all(begin_each(&vec![shelf.client.clone(); calls])).await;
    shelf.sent().iter().map(|sent| second(sent, &shelf.clock)).collect()
}

#[tokio::test]
async fn a_client_has_eight_requests_in_flight_at_most() {
    let at = sent(&shelf(|builder| builder), 20).await;
    assert_eq!(at, [[0; 8].as_slice(), &[1; 8], &[2; 4]].concat());
}

#[tokio::test]
async fn the_builder_says_how_many_may_be_in_flight_of_a_tenant_and_of_all() {
    let at = sent(&shelf(|builder| builder.max_in_flight_per_tenant(3)), 4).await;
    assert_eq!(at, [0, 0, 0, 1]);
    let at = sent(&shelf(|builder| builder.max_in_flight(2)), 4).await;
    assert_eq!(at, [0, 0, 1, 1]);
}

#[tokio::test]
async fn a_limit_of_none_is_one() {
    let none = |builder: Builder<Client>| builder.max_in_flight(0).max_in_flight_per_tenant(0);
    assert_eq!(sent(&shelf(none), 2).await, [0, 1]);
}

#[tokio::test]
async fn the_interactive_lane_goes_first() {
    let shelf = shelf(|builder| builder.max_in_flight(1));
    all([Lane::Bulk, Lane::Bulk, Lane::Interactive].map(|lane| {
        let options = CallOptions::default().with_lane(lane);
        begin(&shelf.client, options.with_header("lane", format!("{lane:?}")))
    }))
    .await;
    let lane = |sent: &RecordedRequest| sent.header("lane").unwrap().to_owned();
    let lanes: Vec<_> = shelf.sent().iter().map(lane).collect();
    assert_eq!(lanes, ["Bulk", "Interactive", "Bulk"]);
}

/// Operators who have connected one application.
struct Operators {
    grants: ApiGrants<Client>,
    transport: ScriptedTransport,
    clock: VirtualClock,
}

/// For so long a token lives that ends in none of these tests.
const LIFE: Duration = Duration::from_secs(7_200);

impl Operators {
    fn new(
        profile: &'static ApiProfile,
        limits: impl FnOnce(Builder<Client>) -> Builder<Client>,
    ) -> Self {
        let clock = VirtualClock::automatic();
        let transport = ScriptedTransport::new(clock.clone());
        let builder = Client::builder(profile, "Acme/App")
            .transport(Arc::new(transport.clone()))
            .clock(Arc::new(clock.clone()))
            .random(Arc::new(SeededRandom::new(1)));
        let grants = limits(builder)
            .grants(ClientRegistration::confidential("fake-client", "fake-secret"))
            .store(MemoryStore::volatile(Arc::new(clock.clone())))
            .keys(KeyRing::new("k1", SealingKey::new([3; 32])))
            .build()
            .unwrap();
        transport.always(BOOKS, found().after(SECOND));
        Self { grants, transport, clock }
    }

    /// The client of an operator, whose token has so long to live.
    async fn connect(&self, operator: &str, life: Duration) -> Client {
        let key = GrantKey::new(operator, "shelf");
        let token = IssuedToken::new(format!("fake-{operator}"), life)
            .refresh_token(format!("fake-refresh-{operator}"));
        self.grants.grants().adopt(&key, token).await.unwrap();
        self.grants.client(key)
    }

    /// The requests that were sent: at which second, and whose.
    fn sent(&self) -> Vec<(u64, String)> {
        let operator = |sent: &RecordedRequest| {
            sent.header("authorization").unwrap().trim_start_matches("Bearer fake-").to_owned()
        };
        let requests = self.transport.requests_to(BOOKS);
        requests.iter().map(|sent| (second(sent, &self.clock), operator(sent))).collect()
    }

    /// Whose requests were sent.
    fn order(&self) -> Vec<String> {
        self.sent().into_iter().map(|(_, operator)| operator).collect()
    }
}

#[tokio::test]
async fn operators_are_served_in_turn_however_many_calls_one_of_them_makes() {
    let operators = Operators::new(&PROFILE, |builder| builder.max_in_flight(1));
    let mut clients = Vec::new();
    for (operator, many) in [("noisy", 6), ("one", 2), ("two", 1)] {
        clients.extend(vec![operators.connect(operator, LIFE).await; many]);
    }
    all(begin_each(&clients)).await;
    let turns = ["noisy", "noisy", "one", "two", "noisy", "one", "noisy", "noisy", "noisy"];
    assert_eq!(operators.order(), turns);
}

#[tokio::test]
async fn what_one_operator_has_in_flight_leaves_the_rest_to_others() {
    let operators = Operators::new(&PROFILE, |builder| builder.max_in_flight_per_tenant(2));
    let mut clients = vec![operators.connect("noisy", LIFE).await; 5];
    clients.push(operators.connect("other", LIFE).await);
    all(begin_each(&clients)).await;
    assert_eq!(operators.order(), ["noisy", "noisy", "other", "noisy", "noisy", "noisy"]);
}

#[tokio::test]
async fn who_waits_for_the_windows_holds_no_slot() {
    let operators = Operators::new(&NARROW, |builder| builder.max_in_flight(1));
    let full = operators.connect("full", LIFE).await;
    let other = operators.connect("other", LIFE).await;
    let calls = [(0, &full), (0, &full), (0, &full), (4, &other), (30, &other)];
    all(calls.map(|(after, client)| begin_after(after, client, &operators.clock))).await;
    let sent = [(0, "full"), (1, "full"), (4, "other"), (30, "other"), (61, "full")];
    assert_eq!(operators.sent(), sent.map(|(at, operator)| (at, operator.to_owned())));
}

#[tokio::test]
async fn who_waits_for_a_slot_fills_no_window() {
    let operators = Operators::new(&NARROW, |builder| builder.max_in_flight(1));
    operators.transport.push(BOOKS, found().after(20 * SECOND));
    let slow = operators.connect("slow", LIFE).await;
    let other = operators.connect("other", LIFE).await;
    let (clock, client) = (operators.clock.clone(), other.clone());
    let used = tokio::spawn(async move {
        let mut used = Vec::new();
        for _ in 0..2 {
            clock.sleep(15 * SECOND).await;
            used.push(client.quota()[0].used);
        }
        used
    });
    all(begin_each(&[slow, other.clone(), other])).await;
    assert_eq!(used.await.unwrap(), [0, 2]);
}

#[tokio::test]
async fn where_windows_and_slots_bind_every_call_is_sent_within_both() {
    const WINDOW: RateWindow = RateWindow { requests: 3, period: Duration::from_secs(2) };
    const BOTH: ApiProfile = ApiProfile { rate_windows: &[WINDOW], ..PROFILE };
    const NAMES: [&str; 3] = ["one", "two", "three"];
    let operators = Operators::new(&BOTH, |builder| builder.max_in_flight(2));
    let mut calls = Vec::new();
    for operator in NAMES {
        let client = operators.connect(operator, LIFE).await;
        for lane in [Lane::Bulk, Lane::Interactive].repeat(10) {
            let options = CallOptions::default().with_lane(lane).with_deadline(10 * MINUTE);
            calls.push(begin(&client, options));
        }
    }
    all(calls).await;
    let at: Vec<_> = operators.transport.requests_to(BOOKS).iter().map(|sent| sent.at).collect();
    assert_eq!(at.len(), 60);
    assert!(at.windows(3).all(|sent| sent[2] >= sent[0] + SECOND), "{at:?}");
    for operator in NAMES {
        let own = operators.order().into_iter().zip(&at);
        let own: Vec<_> = own.filter(|(name, _)| name == operator).map(|(_, at)| *at).collect();
        assert!(own.windows(4).all(|sent| sent[3] >= sent[0] + WINDOW.period), "{own:?}");
    }
    // Two at once, a second each: the slots alone take 30 s.
    assert!(operators.clock.elapsed() <= 32 * SECOND, "{:?}", operators.clock.elapsed());
}

#[tokio::test]
async fn who_waits_for_a_token_holds_no_slot() {
    let operators = Operators::new(&PROFILE, |builder| builder.max_in_flight(1));
    let pair = r#"{"access_token":"fake-new","refresh_token":"fake-next","expires_in":7200}"#;
    operators.transport.push(TOKEN, Script::json(200, pair).after(10 * SECOND));
    let old = operators.connect("old", MINUTE).await;
    let other = operators.connect("other", LIFE).await;
    let calls = [(100, &old), (101, &other)];
    all(calls.map(|(after, client)| begin_after(after, client, &operators.clock))).await;
    let sent = [(101, "other"), (110, "new")];
    assert_eq!(operators.sent(), sent.map(|(at, operator)| (at, operator.to_owned())));
}

#[tokio::test]
async fn who_waits_for_a_retry_holds_no_slot() {
    let shelf = shelf(|builder| builder.max_in_flight(1));
    shelf.transport.push(BOOKS, Script::status(503).header("retry-after", "20"));
    assert_eq!(sent(&shelf, 2).await, [0, 0, 20]);
}

#[tokio::test]
async fn a_download_that_nobody_reads_holds_no_slot() {
    let shelf = shelf(|builder| builder.max_in_flight(1));
    let download = shelf.client.download(&GetBook, "application/pdf", CallOptions::default());
    let download = download.await.unwrap();
    assert_eq!(sent(&shelf, 1).await, [0, 1]);
    drop(download);
}

#[tokio::test]
async fn a_call_that_gets_no_slot_in_time_sends_nothing_and_says_why() {
    for (shelf, reason) in [
        (shelf(|builder| builder.max_in_flight_per_tenant(2)), TooManyInFlight::OfTenant(2)),
        (shelf(|builder| builder.max_in_flight(2)), TooManyInFlight::OfAll(2)),
    ] {
        shelf.transport.always(BOOKS, found().after(20 * SECOND));
        let calls = begin_each(&[shelf.client.clone(), shelf.client.clone()]);
        tokio::task::yield_now().await;
        let options = CallOptions::default().with_deadline(10 * SECOND);
        let error = shelf.client.send(&GetBook, options).await.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Deadline, 0));
        assert_eq!(error.source().unwrap().downcast_ref(), Some(&reason));
        assert!(error.is_retryable() && !error.is_outcome_unknown());
        // What is left of the deadline would not be enough for an attempt.
        assert_eq!((shelf.sent().len(), shelf.elapsed()), (2, 9 * SECOND));
        let timeline = error.timeline().entries();
        let happened: Vec<_> = timeline.iter().map(|entry| entry.happened).collect();
        let unsent = GaveUp::Unsent(ErrorKind::Deadline);
        assert_eq!(happened, [Happened::Queued, Happened::GaveUp(unsent)]);
        all(calls).await;
    }
}

#[tokio::test]
async fn a_call_that_is_dropped_gives_its_place_to_the_next_one() {
    let shelf = shelf(|builder| builder.max_in_flight(1));
    shelf.transport.push(BOOKS, Script::silence());
    let [sending, waiting, last] = [(); 3].map(|()| begin(&shelf.client, CallOptions::default()));
    tokio::task::yield_now().await;
    waiting.abort();
    sending.abort();
    last.await.unwrap();
    assert_eq!(shelf.elapsed(), SECOND);
}

/// Credentials that are looked up somewhere. Each look takes as long as the list says, and the last one says it for all
/// that follow.
#[derive(Debug)]
struct Remote {
    clock: VirtualClock,
    looks: Mutex<Vec<Duration>>,
}

impl Credentials for Remote {
    fn bearer(&self) -> BoxFuture<'_, Result<Arc<Bearer>, CredentialsError>> {
        let mut looks = self.looks.lock().unwrap();
        let time = if looks.len() > 1 { looks.remove(0) } else { looks[0] };
        Box::pin(async move {
            if !time.is_zero() {
                self.clock.sleep(time).await;
            }
            Ok(Arc::new(Bearer::new(&"fake-remote".into(), Generation::new(1)).unwrap()))
        })
    }

    fn refuse(&self, _: Generation) -> Renewal {
        Renewal::Impossible
    }
}

/// A client with one slot, whose answers take two seconds.
fn remote(looks: impl Into<Vec<Duration>>) -> Shelf {
    let clock = VirtualClock::automatic();
    let looks = Mutex::new(looks.into());
    let remote: Arc<dyn Credentials> = Arc::new(Remote { clock: clock.clone(), looks });
    let shelf =
        Shelf::built(&PROFILE, clock, |builder| builder.credentials(remote).max_in_flight(1));
    shelf.transport.always(BOOKS, found().after(2 * SECOND));
    shelf
}

#[tokio::test]
async fn who_looks_for_its_token_again_leaves_its_slot_to_others() {
    // The call that waits for its slot looks again; the one that comes last finds its token at once.
    let shelf = remote([Duration::ZERO, Duration::ZERO, 4 * SECOND, Duration::ZERO]);
    all([0, 0, 3].map(|after| begin_after(after, &shelf.client, &shelf.clock))).await;
    let at: Vec<_> = shelf.sent().iter().map(|sent| second(sent, &shelf.clock)).collect();
    assert_eq!(at, [0, 3, 6]);
}

#[tokio::test]
async fn who_waits_for_its_token_fills_no_window() {
    const ONE: ApiProfile =
        ApiProfile { rate_windows: &[RateWindow { requests: 1, period: MINUTE }], ..PROFILE };
    let clock = VirtualClock::automatic();
    let looks = Mutex::new(vec![5 * SECOND, Duration::ZERO]);
    let remote: Arc<dyn Credentials> = Arc::new(Remote { clock: clock.clone(), looks });
    let shelf = Shelf::built(&ONE, clock, |builder| builder.credentials(remote));
    shelf.transport.always(BOOKS, found());
    all([0, 1].map(|after| begin_after(after, &shelf.client, &shelf.clock))).await;
    let at: Vec<_> = shelf.sent().iter().map(|sent| second(sent, &shelf.clock)).collect();
    assert_eq!(at, [1, 61]);
}

#[tokio::test]
async fn calls_whose_token_is_never_there_at_once_are_sent_all_the_same() {
    let shelf = remote([SECOND / 2]);
    let at = sent(&shelf, 10).await;
    assert!(at.len() == 10 && at[9] <= 25, "{at:?}");
}
