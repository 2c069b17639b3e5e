//! The retry matrix, against a server that really fails.
//!
//! Every cell is tried without a socket by `every_cell_is_what_the_loop_does` of `runtime/client/tests/calls/matrix.rs`. Here
//! are those that a server can bring about at once: all but a refused connection, silence, and a token that is refused.

use std::sync::Arc;
use std::time::Duration;

use specwright_backoff::{Class, Decision, Event, decide};
use specwright_testkit::Sandbox;
use specwright_testkit::sandbox::{Chaos, Fault, Options};
use specwright_transport_reqwest::{ReqwestProxy, ReqwestTransport};
use stora_2025_09::Client;
use stora_2025_09::runtime::operation::Idempotency;
use stora_2025_09::runtime::{ErrorKind, Method, StaticToken};

use super::hasty::Hasty;
use crate::setting::Trouble;
use crate::table::{Line, Row, listed};

/// The row.
pub fn rows() -> Vec<Row> {
    let cells = faults().len() * Class::ALL.len();
    vec![Row::new(format!("retry matrix over HTTP, {cells} cells"), move |_| async move {
        let tried = tried().await?;
        Ok(Line {
            expected: format!(
                "{cells} cells, in each as many sends as the table says, and their end"
            ),
            found: format!("{} cells, wrong: {}", tried.cells, listed(&tried.wrong)),
            met: tried.is_met() && tried.cells == cells && cells >= 90,
        })
    })]
}

/// What came of the cells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tried {
    /// How many there are.
    pub cells: usize,
    /// Those with another number of sends, or another end.
    pub wrong: Vec<String>,
}

impl Tried {
    /// Whether some were tried, and none was wrong.
    pub fn is_met(&self) -> bool {
        self.cells > 0 && self.wrong.is_empty()
    }
}

/// What a server does, and the row of the table that it belongs to.
fn faults() -> Vec<(Fault, Event)> {
    let busy = vec![("Retry-After".to_owned(), "1".to_owned())];
    let throttled = Fault::RateLimited { limit: 60, reset: Duration::from_secs(1) };
    let refused = [402, 403, 404, 405, 406, 409, 410, 412, 413, 415, 422, 423];
    let refused = refused.map(|status| (Fault::Status(status), Event::Refused));
    let others = [
        (Fault::CloseBeforeAnswer, Event::Lost),
        (Fault::CloseAfterEffect, Event::Lost),
        (Fault::Status(408), Event::RequestTimeout),
        (throttled, Event::Throttled),
        (Fault::Code("api_error".to_owned()), Event::UpstreamFault),
        (Fault::StoredStatus(500), Event::AppFault),
        (Fault::Html(500), Event::EdgeFault),
        (Fault::Status(502), Event::EdgeFault),
        (Fault::Html(502), Event::EdgeFault),
        (Fault::Status(504), Event::EdgeFault),
        (Fault::Status(503), Event::Unavailable),
        (Fault::StatusWithHeaders(503, busy), Event::Busy),
        (Fault::Redirect("https://elsewhere.example/".to_owned()), Event::Redirect),
    ];
    others.into_iter().chain(refused).collect()
}

/// Sends of one call at most: one more than the table allows for any event that it names a number for.
const ATTEMPTS: u32 = 4;

/// Tries every cell: each fault meets all requests of a call, one call of each kind.
pub async fn tried() -> Result<Tried, Trouble> {
    let sandbox = Sandbox::start_with(Options::new().with_contacts(1)).await?;
    let transport = Arc::new(ReqwestTransport::builder().proxy(ReqwestProxy::None).build()?);
    let mut tried = Tried::default();
    for (fault, event) in faults() {
        for class in Class::ALL {
            let client = Client::builder("Specwright/Torture")
                .base_url(sandbox.base_url())
                .transport(Arc::clone(&transport) as _)
                .clock(Arc::new(Hasty::new()))
                .credentials(StaticToken::new(sandbox.static_token().to_owned()))
                .max_attempts(ATTEMPTS)
                .without_rate_limits()
                .build()?;
            let before = sandbox.ledger().requests.len();
            sandbox.set_chaos(Some(Chaos::new(0, 1_000, [fault.clone()])));
            let end = call(&client, class).await;
            let sends = sandbox.ledger().requests.len() - before;
            if (sends, end) != expected(event, class) {
                tried.wrong.push(format!("{fault:?}, {class:?}: {sends} sends, {end:?}"));
            }
            tried.cells += 1;
        }
    }
    Ok(tried)
}

/// How many sends a call costs if each of them meets the event, and how it ends.
fn expected(event: Event, class: Class) -> (usize, Option<ErrorKind>) {
    // The five waits of a 429 that cost no attempt.
    let free = if event == Event::Throttled { 5 } else { 0 };
    let sends = match decide(event, class) {
        Decision::Accept | Decision::Final | Decision::Unknown | Decision::Stored => 1,
        Decision::Renew => 3,
        Decision::Resend { times } => free + ATTEMPTS.min(u32::from(times) + 1),
    };
    (sends as usize, Some(end(event, class)))
}

/// How a call ends that meets nothing else: what it says must not be less than what may have happened.
fn end(event: Event, class: Class) -> ErrorKind {
    let is_harmless = matches!(class, Class::Safe | Class::Put | Class::Delete);
    match event {
        Event::Redirect => ErrorKind::Redirect,
        Event::Throttled => ErrorKind::RateLimited,
        // Read, and turned away.
        Event::Refused | Event::RequestTimeout => ErrorKind::Status,
        Event::Lost if is_harmless => ErrorKind::Transport,
        // A hint says that it was not taken, and is believed where a second change is the same as the first.
        _ if is_harmless => ErrorKind::Status,
        _ => ErrorKind::OutcomeUnknown,
    }
}

/// As the document says it of every POST.
const KEYED: Idempotency =
    Idempotency::Key { header: "Idempotency-Key", retention_seconds: Some(86_400) };

/// A request of this kind, and how it ends.
async fn call(client: &Client, class: Class) -> Option<ErrorKind> {
    const ALL: &str = "/2025-09/contacts";
    const ONE: &str = "/2025-09/contacts/con_nobody";
    let (method, path, idempotency) = match class {
        Class::Safe => (Method::GET, ALL, Idempotency::Safe),
        // The vendor has no PUT. What a document calls idempotent is in its column.
        Class::Put => (Method::PATCH, ONE, Idempotency::Idempotent),
        Class::Delete => (Method::DELETE, ONE, Idempotency::Idempotent),
        Class::Keyed => (Method::POST, ALL, KEYED),
        Class::Post => (Method::POST, ALL, Idempotency::Unsafe),
        Class::Patch => (Method::PATCH, ONE, Idempotency::Unsafe),
    };
    let request = client.request(method, path).idempotency(idempotency);
    let request = match class {
        Class::Safe | Class::Delete => request,
        Class::Put | Class::Keyed | Class::Post | Class::Patch => {
            request.json(&vec!["a body".to_owned()])
        }
    };
    request.send().await.err().map(|error| error.kind())
}
