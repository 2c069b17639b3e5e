//! One call: a token, a request that carries it, and what a client does when it is refused.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::header::{ACCEPT, AUTHORIZATION};
use http::{HeaderValue, StatusCode};
use specwright_core::clock::Clock as _;
use specwright_core::transport::{
    AttemptLimits, RequestBody, SendError, Transport as _, TransportRequest,
};
use specwright_refresh::{
    Bearer, Credentials as _, CredentialsError, GrantCredentials, GrantProblem, ReconnectReason,
    Renewal, StoreErrorKind,
};
use specwright_testkit::VirtualClock;

use crate::port::Port;
use crate::world::locked;

/// Somebody in one process who wants one answer of the API, and goes on asking where waiting may help.
pub(crate) struct Call {
    pub(crate) port: Arc<Port>,
    pub(crate) credentials: GrantCredentials,
    pub(crate) clock: VirtualClock,
    pub(crate) report: Arc<Mutex<Report>>,
    /// How long after now it begins.
    pub(crate) late: Duration,
}

/// What calls have come to.
#[derive(Debug, Default)]
pub(crate) struct Report {
    /// The API answered.
    pub(crate) succeeded: usize,
    /// The user has to connect again, because an answer was lost.
    pub(crate) lost: usize,
    /// The grant was ended.
    pub(crate) ended: usize,
    /// Somebody was told to wait.
    pub(crate) waits: usize,
    /// What must not be.
    pub(crate) wrong: Vec<String>,
}

/// The shortest wait of whoever is told to wait, so that time passes.
const LEAST_WAIT: Duration = Duration::from_millis(50);

/// Longer than any sequence of waits.
const PATIENCE: Duration = Duration::from_secs(3_600);

impl Call {
    /// Goes on until there is an answer, or none is to be had.
    pub(crate) async fn run(self) {
        self.clock.sleep(self.late).await;
        let end = self.clock.elapsed() + PATIENCE;
        let mut refused = None;
        while self.clock.elapsed() < end {
            let asked = match refused {
                None => self.credentials.bearer(),
                Some(refused) => self.credentials.replacement(refused),
            };
            let bearer = match asked.await {
                Ok(bearer) => bearer,
                Err(error) => match self.wait(&error) {
                    Some(wait) => {
                        self.clock.sleep(wait.max(LEAST_WAIT)).await;
                        continue;
                    }
                    None => return,
                },
            };
            if !self.port.durable.has_seen(&bearer) {
                let generation = bearer.generation().number();
                return self.wrong(format!("generation {generation} is used and not in the store"));
            }
            match self.ask(&bearer).await {
                Ok(StatusCode::OK) => {
                    locked(&self.report).succeeded += 1;
                    return;
                }
                // As the client does: a token that is refused once more is the call's error.
                Ok(StatusCode::UNAUTHORIZED) if refused.is_none() => {
                    refused = Some(bearer.generation());
                    if self.credentials.refuse(bearer.generation()) == Renewal::Impossible {
                        return self.wrong("a dead token cannot be replaced".to_owned());
                    }
                }
                other => return self.wrong(format!("the API answers {other:?}")),
            }
        }
        self.wrong("a call never ends".to_owned());
    }

    async fn ask(&self, bearer: &Bearer) -> Result<StatusCode, SendError> {
        let mut request = TransportRequest::new(RequestBody::empty());
        *request.uri_mut() =
            http::Uri::from_static("https://vendor.example/2025-09/contacts?limit=1");
        request.headers_mut().insert(AUTHORIZATION, bearer.header().clone());
        request.headers_mut().insert(ACCEPT, HeaderValue::from_static("application/json"));
        let answer = self.port.send(request, AttemptLimits::new(Duration::from_secs(30))).await;
        answer.map(|answer| answer.status())
    }

    /// How long to wait after an error; `None` if the call is over with it.
    fn wait(&self, error: &CredentialsError) -> Option<Duration> {
        let mut report = locked(&self.report);
        match error.problem() {
            Some(GrantProblem::ReconnectRequired {
                reason: ReconnectReason::LostRotation, ..
            }) => {
                report.lost += 1;
                None
            }
            Some(GrantProblem::Disconnected) => {
                report.ended += 1;
                None
            }
            Some(GrantProblem::Unrenewed { wait } | GrantProblem::ClientRejected { wait, .. }) => {
                report.waits += 1;
                Some(*wait)
            }
            Some(GrantProblem::Store(StoreErrorKind::Unavailable)) => {
                report.waits += 1;
                Some(Duration::from_secs(1))
            }
            other => {
                report.wrong.push(format!("a call fails with {other:?}"));
                None
            }
        }
    }

    fn wrong(&self, what: String) {
        locked(&self.report).wrong.push(what);
    }
}
