//! Who stands beside every call.

use std::sync::{Arc, Mutex};
use std::task::{Context, Waker};
use std::time::Duration;

use specwright_client::profile::{ApiProfile, RateWindow};
use specwright_client::{
    CallEnd, CallInfo, CallOptions, CallOutcome, Happened, HeaderMap, HeaderValue, Interceptor,
    Method, Notice, Pages, RequestEnd, StaticToken, TimelineEntry,
};
use specwright_testkit::{Script, VirtualClock};

use crate::shelf::{BOOKS, CreateBook, GetBook, ListTitles, PROFILE, Shelf, found};

/// Writes down what it is told, and adds a header to each request.
#[derive(Clone, Debug, Default)]
struct Witness {
    told: Arc<Mutex<Vec<String>>>,
}

impl Witness {
    fn tell(&self, what: String) {
        self.told.lock().unwrap().push(what);
    }

    fn told(&self) -> Vec<String> {
        self.told.lock().unwrap().clone()
    }
}

impl Interceptor for Witness {
    fn requesting(&self, call: &CallInfo<'_>, number: u32, headers: &mut HeaderMap) {
        self.tell(format!("requesting {number} of {:?}", call.operation.map(|it| it.id)));
        headers.insert("traceparent", HeaderValue::from(number));
        for own in ["authorization", "user-agent", "idempotency-key", "accept", "content-type"] {
            headers.insert(own, HeaderValue::from_static("forged"));
        }
    }

    fn happened(&self, _: &CallInfo<'_>, entry: &TimelineEntry) {
        self.tell(word(entry.happened).to_owned());
    }

    fn noticed(&self, call: &CallInfo<'_>, notice: Notice) {
        self.tell(format!("{notice:?} in {:?}", call.operation.map(|it| it.id)));
    }

    fn ended(&self, call: &CallInfo<'_>, end: &CallEnd<'_>) {
        let outcome = match end.outcome {
            CallOutcome::Answered(status) => format!("status {status}"),
            CallOutcome::Failed(report) => report.kind().name().to_owned(),
            CallOutcome::Dropped => "dropped".to_owned(),
            _ => unreachable!("no other end is known"),
        };
        let CallInfo { api, host, port, method, .. } = call;
        self.tell(format!("{method} {api} {host}:{port}: {outcome} in {}", end.requests));
    }
}

fn word(happened: Happened) -> &'static str {
    match happened {
        Happened::Requested(RequestEnd::Abandoned) => "abandoned",
        Happened::Requested(_) => "requested",
        Happened::Paused => "paused",
        Happened::GaveUp(_) => "gave up",
        _ => "something else",
    }
}

fn watched() -> (Shelf, Witness) {
    watched_of(&PROFILE)
}

fn watched_of(profile: &'static ApiProfile) -> (Shelf, Witness) {
    let witness = Witness::default();
    let shelf = Shelf::built(profile, VirtualClock::automatic(), |builder| {
        builder.credentials(StaticToken::new("fake-static")).interceptor(witness.clone())
    });
    (shelf, witness)
}

#[tokio::test]
async fn they_are_told_of_each_request_and_wait_and_of_the_end() {
    let (shelf, witness) = watched();
    shelf.transport.push(BOOKS, Script::status(503));
    shelf.transport.always(BOOKS, found());
    shelf.call(GetBook).await.unwrap();
    let expected = [
        r#"requesting 1 of Some("get_book")"#,
        "requested",
        "paused",
        r#"Repeating(Answered(503)) in Some("get_book")"#,
        r#"requesting 2 of Some("get_book")"#,
        "requested",
        "GET shelf shelf.example:443: status 200 in 2",
    ];
    assert_eq!(witness.told(), expected);
}

#[tokio::test]
async fn a_call_that_fails_or_is_dropped_ends_for_them_too() {
    let (shelf, witness) = watched();
    shelf.transport.push(BOOKS, Script::status(404));
    shelf.call(GetBook).await.unwrap_err();
    assert_eq!(witness.told().last().unwrap(), "GET shelf shelf.example:443: status in 1");
    shelf.transport.always(BOOKS, Script::silence());
    let mut call = shelf.client.send(&GetBook, CallOptions::default());
    assert!(call.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    drop(call);
    let told = witness.told();
    let [.., request, end] = told.as_slice() else { panic!("{told:?}") };
    assert_eq!([&**request, end], ["abandoned", "GET shelf shelf.example:443: dropped in 1"]);
}

#[tokio::test]
async fn they_are_told_which_documented_window_was_full() {
    const WINDOWS: [RateWindow; 2] = [
        RateWindow { requests: 10, period: Duration::from_secs(1) },
        RateWindow { requests: 60, period: Duration::from_secs(60) },
    ];
    const LIMITED: ApiProfile = ApiProfile { rate_windows: &WINDOWS, ..PROFILE };
    for (limit, window) in [("60", "Some(60s)"), ("10", "Some(1s)"), ("17", "None")] {
        let (shelf, witness) = watched_of(&LIMITED);
        let refused = Script::status(429).header("ratelimit-limit", limit);
        shelf.transport.push(BOOKS, refused.header("ratelimit-reset", "1"));
        shelf.transport.always(BOOKS, found());
        shelf.call(GetBook).await.unwrap();
        let expected = format!(r#"RateLimited {{ window: {window} }} in Some("get_book")"#);
        assert!(witness.told().contains(&expected), "{:?}", witness.told());
    }
}

#[tokio::test]
async fn they_are_told_of_an_answer_that_the_server_had_kept() {
    let (shelf, witness) = watched();
    shelf.transport.always(BOOKS, found().header("idempotent-replayed", "true"));
    shelf.call(CreateBook).await.unwrap();
    assert!(witness.told().contains(&r#"Replayed in Some("create_book")"#.to_owned()));
}

#[tokio::test]
async fn they_are_told_of_each_page_that_shows_that_its_list_changed() {
    let (shelf, witness) = watched();
    let page = |titles: &str, next: &str| {
        Script::json(200, format!(r#"{{"titles":[{titles}],"next":{next}}}"#))
    };
    for script in [page(r#""a""#, "2"), page(r#""a","b""#, "3"), page(r#""c""#, "null")] {
        shelf.transport.push("/v1/titles", script);
    }
    let options = CallOptions::default();
    let mut pages = Pages::new(shelf.client.clone(), ListTitles::default(), options);
    while pages.next().await.is_some() {}
    let told = witness.told();
    let drifts = told.iter().filter(|told| told.starts_with("Drifted"));
    assert_eq!(drifts.count(), usize::from(pages.drift().is_noticed()), "{told:?}");
    assert!(pages.drift().is_noticed());
}

#[tokio::test]
async fn nobody_gives_up_at_a_redirect_that_may_be_what_is_asked_for() {
    let (shelf, witness) = watched();
    shelf.transport.always(BOOKS, Script::status(302).header("location", "/elsewhere"));
    shelf.client.request(Method::GET, BOOKS).redirect().await.unwrap();
    let told = witness.told();
    assert_eq!(told[1..], ["requested", "GET shelf shelf.example:443: status 302 in 1"]);
}

#[tokio::test]
async fn a_header_of_theirs_goes_out_and_replaces_none_of_the_calls() {
    let (shelf, _) = watched();
    shelf.transport.always(BOOKS, found());
    let options = CallOptions::default().with_header("traceparent", "of-the-caller");
    shelf.client.send(&CreateBook, options).await.unwrap();
    shelf.call(CreateBook).await.unwrap();
    let [first, second] = &shelf.sent()[..] else { panic!("two requests") };
    assert_eq!(first.header("traceparent"), Some("of-the-caller"));
    assert_eq!(second.header("traceparent"), Some("1"));
    let own = ["authorization", "user-agent", "idempotency-key", "accept", "content-type"];
    for name in own {
        let values: Vec<_> = second.headers.get_all(name).iter().collect();
        assert!(values.len() == 1 && values[0] != "forged", "{name}: {}", values.len());
    }
}

#[tokio::test]
async fn a_request_that_the_document_does_not_describe_has_no_operation() {
    let (shelf, witness) = watched();
    shelf.transport.always(BOOKS, found());
    shelf.client.request(Method::GET, BOOKS).send().await.unwrap();
    assert_eq!(witness.told()[0], "requesting 1 of None");
}
