//! The retry matrix, against a server that really fails.
//!
//! Every cell is tried without a socket by `every_cell_is_what_the_loop_does` of `runtime/client/tests/calls/matrix.rs`. Here
//! are those that a server can bring about at once: all but a refused connection, silence, and a token that is refused.

use std::sync::Arc;
use std::time::Duration;

use specwright_backoff::{Class, Decision, Event, decide};
use specwright_testkit::Sandbox;
use specwright_testkit::sandbox::{Fault, Options, Target};
use specwright_transport_reqwest::{ReqwestProxy, ReqwestTransport};
use stora_2025_09::Client;
use stora_2025_09::runtime::operation::Idempotency;
use stora_2025_09::runtime::{Method, StaticToken};

use super::hasty::Hasty;
use crate::setting::Trouble;
use crate::table::{Line, Row, listed};

/// The row.
pub fn rows() -> Vec<Row> {
    let cells = faults().len() * Class::ALL.len();
    vec![Row::new(format!("retry matrix over HTTP, {cells} cells"), move |_| async move {
        let tried = tried().await?;
        Ok(Line {
            expected: format!("{cells} cells, in each as many sends as the table says"),
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
    /// Those with another number of sends.
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

/// Tries every cell: each fault meets one request of each kind, and what comes after it meets none.
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
                .without_rate_limits()
                .build()?;
            let before = sandbox.ledger().requests.len();
            sandbox.push_fault(Target::Any, fault.clone());
            call(&client, class).await;
            let sends = sandbox.ledger().requests.len() - before;
            if sends != expected(event, class) {
                tried.wrong.push(format!("{fault:?}, {class:?}: {sends} sends"));
            }
            tried.cells += 1;
        }
    }
    Ok(tried)
}

/// How many sends one such event costs.
fn expected(event: Event, class: Class) -> usize {
    match decide(event, class) {
        Decision::Resend { .. } | Decision::Renew => 2,
        Decision::Accept | Decision::Final | Decision::Unknown | Decision::Stored => 1,
    }
}

/// As the document says it of every POST.
const KEYED: Idempotency =
    Idempotency::Key { header: "Idempotency-Key", retention_seconds: Some(86_400) };

/// A request of this kind. What becomes of it is in the ledger; that it may be refused is of no matter.
async fn call(client: &Client, class: Class) {
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
    drop(request.send().await);
}
