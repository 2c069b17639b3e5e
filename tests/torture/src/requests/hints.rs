//! What servers ask for in headers, and how long a client waits then.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::header::DATE;
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use specwright_testkit::{SeededRandom, VirtualClock};
use stora_2025_09::Client;
use stora_2025_09::runtime::transport::{
    AttemptLimits, BoxFuture, SendError, Transport, TransportRequest, TransportResponse,
};
use stora_2025_09::runtime::{Clock as _, ErrorReport, StaticToken};

use super::alone::alone;
use crate::setting::Trouble;
use crate::table::{Line, Row, listed};

/// The row.
pub fn rows() -> Vec<Row> {
    let answers = CORPUS.lines().filter(|line| is_answer(line)).count();
    let name = format!(
        "Retry-After and RateLimit-*: {answers} answers, clock off by a year, virtual time"
    );
    vec![Row::new(name, move |_| async move {
        let asked = alone(ask).await?;
        Ok(Line {
            expected: "at least 200 answers, 0 panics, at most 600 s and the spread of 1 s, the same ±1 s by each clock"
                .to_owned(),
            found: format!(
                "{} answers, {} panics, {} of them waited for, at most {:.1} s, {} by three clocks; wrong: {}",
                asked.answers,
                asked.panics,
                asked.waited,
                asked.longest.as_secs_f64(),
                asked.dated,
                listed(&asked.wrong)
            ),
            met: asked.is_met() && asked.answers == answers && answers >= 200,
        })
    })]
}

/// The answers by which the readers of these headers are tried, one a line; its head says how one is written.
const CORPUS: &str = include_str!("../../../../runtime/backoff/tests/corpus/hints.txt");

/// `now` of it.
const NOW: u64 = 1_773_129_600;

const YEAR: i64 = 31_536_000;

/// The longest that a server may ask for.
const CAP: Duration = Duration::from_secs(600);

/// What a client waits beyond that, so that a fleet which was told one moment does not arrive in it.
const SPREAD: Duration = Duration::from_secs(1);

/// What came of the answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// How many there were.
    pub answers: usize,
    /// Those that broke a task.
    pub panics: usize,
    /// Those after which the client sent again.
    pub waited: usize,
    /// Those that came with the time of their server, and so to three clocks.
    pub dated: usize,
    /// The longest wait.
    pub longest: Duration,
    /// Waits that must not be.
    pub wrong: Vec<String>,
}

/// An answer of the corpus.
#[derive(Clone, Debug)]
struct Answer {
    line: &'static str,
    status: StatusCode,
    headers: HeaderMap,
    /// Whether it says what time it is.
    is_dated: bool,
    /// By how much the local clock is ahead of `now`.
    clock: i64,
    /// What every client has to wait, if that depends on no document: what `Retry-After` asks for.
    wait: Option<Duration>,
}

/// What a client makes of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// It sends again after this time.
    Again(Duration),
    /// It does not, and says that it may be tried after this time.
    GaveUp(Option<Duration>),
}

/// Gives every answer to a client, and those with a date to one whose clock is a year slow, and one whose is a year fast.
pub async fn ask() -> Result<Asked, Trouble> {
    let mut asked = Asked::default();
    for line in CORPUS.lines().filter(|line| is_answer(line)) {
        let answer = Answer::read(line)?;
        asked.answers += 1;
        // A task of its own, whose panic is seen here.
        let Ok(outcome) = tokio::spawn(answer.clone().outcome(0)).await else {
            asked.panics += 1;
            continue;
        };
        let outcome = outcome?;
        asked.look(&answer, outcome);
        if answer.is_dated {
            asked.dated += 1;
            for off in [-YEAR, YEAR] {
                let moved = answer.clone().outcome(off).await?;
                if !moved.is_near(outcome) {
                    asked
                        .wrong
                        .push(format!("{line}: {outcome:?}, and {moved:?} by a clock {off} s off"));
                }
            }
        }
    }
    Ok(asked)
}

fn is_answer(line: &str) -> bool {
    !line.is_empty() && !line.starts_with('#')
}

impl Asked {
    /// Whether some were tried and waited for, and nothing is wrong.
    pub fn is_met(&self) -> bool {
        self.waited > 0 && self.dated > 0 && self.panics == 0 && self.wrong.is_empty()
    }

    fn look(&mut self, answer: &Answer, outcome: Outcome) {
        let Outcome::Again(wait) = outcome else { return };
        self.waited += 1;
        self.longest = self.longest.max(wait);
        let is_asked_for =
            answer.wait.is_none_or(|asked| (asked..=asked.saturating_add(SPREAD)).contains(&wait));
        if wait > CAP + SPREAD || !is_asked_for {
            self.wrong.push(format!("{}: waits for {wait:?}", answer.line));
        }
    }
}

impl Outcome {
    /// Whether two are the same but for a second.
    fn is_near(self, other: Self) -> bool {
        let is_near = |one: Duration, two: Duration| one.abs_diff(two) <= Duration::from_secs(1);
        match (self, other) {
            (Self::Again(one), Self::Again(two))
            | (Self::GaveUp(Some(one)), Self::GaveUp(Some(two))) => is_near(one, two),
            (one, two) => one == two,
        }
    }
}

impl Answer {
    fn read(line: &'static str) -> Result<Self, Trouble> {
        let columns: Vec<&str> = line.split(" | ").map(str::trim).collect();
        let [status, headers, date, clock, hint, ..] = columns[..] else {
            return Err(format!("{line} has too few columns").into());
        };
        let mut all = HeaderMap::new();
        for header in headers.split(" & ") {
            let (name, value) = header.split_once(':').ok_or("a header without a value")?;
            let name: HeaderName = name.to_ascii_lowercase().parse()?;
            all.append(name, HeaderValue::from_bytes(value.as_bytes())?);
        }
        let wait =
            hint.strip_prefix("wait ").filter(|_| all.keys().all(|name| name == "retry-after"));
        let wait = wait.map(|wait| wait.parse().map(Duration::from_secs_f64)).transpose()?;
        let is_dated = date.starts_with("now");
        if let Some(ahead) = date.strip_prefix("now") {
            let ahead = if ahead.is_empty() { 0 } else { ahead.parse()? };
            all.insert(DATE, httpdate::fmt_http_date(moment(ahead)?).parse()?);
        } else if date != "-" {
            all.insert(DATE, HeaderValue::from_bytes(date.as_bytes())?);
        }
        let (status, clock) = (status.parse()?, clock.parse()?);
        Ok(Self { line, status, headers: all, is_dated, clock, wait })
    }

    /// What a client makes of it whose clock is off by so many seconds more.
    async fn outcome(self, off: i64) -> Result<Outcome, Trouble> {
        let clock = VirtualClock::automatic();
        clock.set_wall(moment(self.clock.saturating_add(off))?);
        let server = Arc::new(Server {
            clock: clock.clone(),
            status: self.status,
            headers: self.headers,
            asked: Mutex::default(),
        });
        let client = Client::builder("Specwright/Torture")
            .transport(Arc::clone(&server) as _)
            .clock(Arc::new(clock))
            .random(Arc::new(SeededRandom::new(89)))
            .credentials(StaticToken::new("fake-static"))
            .without_rate_limits()
            .max_attempts(2)
            .deadline(CAP * 2)
            .build()?;
        let error = client.contacts().list().limit(1).await.err();
        let gave_up = error.and_then(|error| {
            let report: &ErrorReport = &error;
            report.retry_after()
        });
        let asked = server.asked();
        Ok(match asked[..] {
            [first, second] => Outcome::Again(second.saturating_sub(first)),
            _ => Outcome::GaveUp(gave_up),
        })
    }
}

/// `now`, and so many seconds.
fn moment(ahead: i64) -> Result<SystemTime, Trouble> {
    let seconds = NOW.checked_add_signed(ahead).ok_or("before 1970")?;
    Ok(UNIX_EPOCH + Duration::from_secs(seconds))
}

/// A server that answers so whenever it is asked.
#[derive(Debug)]
struct Server {
    clock: VirtualClock,
    status: StatusCode,
    headers: HeaderMap,
    /// When it was, on the monotonic clock.
    asked: Mutex<Vec<Duration>>,
}

impl Server {
    fn asked(&self) -> MutexGuard<'_, Vec<Duration>> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Transport for Server {
    fn send(
        &self,
        _request: TransportRequest,
        _limits: AttemptLimits,
    ) -> BoxFuture<'_, Result<TransportResponse, SendError>> {
        self.asked().push(self.clock.monotonic());
        let mut answer: TransportResponse = Response::default();
        *answer.status_mut() = self.status;
        *answer.headers_mut() = self.headers.clone();
        Box::pin(std::future::ready(Ok(answer)))
    }
}
