//! Forty requests that carry a key: each operation that writes a new resource in four sizes, and twelve that act on one.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use specwright_testkit::sandbox::Service;
use stora_2025_09::model::{
    ContactCreate, DealCreate, DealLose, DealLostReason, DealReopen, MoneyAmount, NoteCreate,
    OrderCreate, OrderFinalize, ResourceReference, TaskCreate, TimelineEventCreate,
    UnitGrantAccess, UnitReserve, UnitTypeBasePriceCreate, WebhookApiVersion,
    WebhookEndpointCreate, WebhookEventType,
};
use stora_2025_09::runtime::operation::Operation;
use stora_2025_09::runtime::transport::BoxFuture;
use stora_2025_09::runtime::{ErrorKind, ErrorReport, IdempotencyKey};
use stora_2025_09::{Call, Client};

/// What a caller was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// It succeeded, with this body.
    Success(Bytes),
    /// Nobody knows.
    Unknown,
    /// It failed so, and did nothing.
    Failure(ErrorKind, String),
}

/// A call under way.
pub type Telling = BoxFuture<'static, Told>;

/// What makes the requests of one call, or of several, one.
#[derive(Clone, Debug)]
pub enum Under {
    /// A key of the caller's own.
    Key(IdempotencyKey),
    /// The name of an operation, whose key is in the journal.
    Name(String),
}

/// Calls with a client, on the resource of an id.
type Calling = dyn Fn(&Client, &str, Under) -> Telling + Send + Sync;

/// A request that carries a key.
#[derive(Clone)]
pub struct Shape {
    /// The operation, and the size of its body.
    pub name: String,
    /// The collection of the resource that it acts on, if it acts on one that is there.
    on: Option<&'static str>,
    call: Arc<Calling>,
}

impl Shape {
    fn new<O: Operation>(
        name: impl Into<String>,
        on: Option<&'static str>,
        call: impl Fn(&Client, &str) -> Call<O> + Send + Sync + 'static,
    ) -> Self {
        let call = move |client: &Client, on: &str, under| tell(call(client, on), under);
        Self { name: name.into(), on, call: Arc::new(call) }
    }

    /// The id of a resource that the next call may act on, and that no other one has acted on.
    pub fn prepare(&self, vendor: &Service) -> String {
        let seeded = self.on.map(|collection| vendor.seed(collection, 1));
        seeded.and_then(|mut ids| ids.pop()).unwrap_or_default()
    }

    /// Calls with this client.
    pub fn call(&self, client: &Client, on: &str, under: Under) -> Telling {
        (self.call)(client, on, under)
    }

    /// The operation without the size of its body.
    pub fn operation(&self) -> &str {
        self.name.split(", ").next().unwrap_or_default()
    }
}

fn tell<O: Operation>(call: Call<O>, under: Under) -> Telling {
    let call = match under {
        Under::Key(key) => call.with_idempotency_key(key),
        Under::Name(name) => call.with_operation(&name),
    };
    Box::pin(async move {
        match call.send_with_response().await {
            Ok(response) => Told::Success(response.body().clone()),
            Err(error) if error.is_outcome_unknown() => Told::Unknown,
            Err(error) => {
                let report: &ErrorReport = &error;
                Told::Failure(report.kind(), report.to_string())
            }
        }
    })
}

/// Members that make a body larger.
type Metadata = BTreeMap<String, String>;

/// A size of a body: its name, and what it has beyond what it must have.
fn sizes() -> [(&'static str, Metadata); 4] {
    let metadata = |entries: usize, value: &str| {
        (0..entries).map(|number| (format!("reference-{number}"), value.to_owned())).collect()
    };
    [
        ("small", metadata(0, "")),
        ("one member more", metadata(1, "4711")),
        ("long", metadata(4, &"lock and key ".repeat(7))),
        (
            "long, of all kinds of text",
            metadata(4, &"Schl\u{fc}\u{df}el \"\u{1f511}\"\n\t\\ ".repeat(4)),
        ),
    ]
}

/// All of them.
pub fn shapes() -> Vec<Shape> {
    let creating = sizes().into_iter().flat_map(|(size, metadata)| creating(size, &metadata));
    creating.chain(acting()).collect()
}

fn creating(size: &str, metadata: &Metadata) -> [Shape; 7] {
    let metadata = metadata.clone();
    let named = |operation: &str| format!("{operation}, {size}");
    [
        Shape::new(
            named("contacts.create"),
            None,
            with(&metadata, |client, _, metadata| {
                let contact = ContactCreate::new("grace@attic.example", "Grace Field");
                client.contacts().create(contact.metadata(metadata))
            }),
        ),
        Shape::new(
            named("deals.create"),
            None,
            with(&metadata, |client, _, metadata| {
                client.deals().create(DealCreate::new().name("A small locker").metadata(metadata))
            }),
        ),
        Shape::new(
            named("orders.create"),
            None,
            with(&metadata, |client, _, metadata| {
                client.orders().create(OrderCreate::new().metadata(metadata))
            }),
        ),
        Shape::new(
            named("tasks.create"),
            None,
            with(&metadata, |client, _, metadata| {
                client.tasks().create(TaskCreate::new("Call the locksmith").metadata(metadata))
            }),
        ),
        Shape::new(
            named("notes.create"),
            Some("contacts"),
            with(&metadata, |client, on, metadata| {
                let note = NoteCreate::new("Prefers the morning.", ResourceReference::new(on));
                client.notes().create(note.metadata(metadata))
            }),
        ),
        Shape::new(
            named("timeline.events.create"),
            None,
            with(&metadata, |client, _, metadata| {
                client.timeline().events().create(TimelineEventCreate::new().variables(metadata))
            }),
        ),
        Shape::new(
            named("webhook_endpoints.create"),
            None,
            with(&metadata, |client, _, metadata| {
                let endpoint = WebhookEndpointCreate::new(
                    WebhookApiVersion::V202509,
                    [WebhookEventType::ContactCreated],
                    "CRM sync",
                    "https://crm.example/hooks/stora",
                );
                client.webhook_endpoints().create(endpoint.metadata(metadata))
            }),
        ),
    ]
}

fn with<O: Operation>(
    metadata: &Metadata,
    call: impl Fn(&Client, &str, Metadata) -> Call<O> + Send + Sync + 'static,
) -> impl Fn(&Client, &str) -> Call<O> + Send + Sync + 'static {
    let metadata = metadata.clone();
    move |client, on| call(client, on, metadata.clone())
}

fn acting() -> [Shape; 12] {
    let unit = Some("units");
    let deal = Some("deals");
    [
        Shape::new("deals.lose", deal, |client, on| {
            client.deals().lose(on, DealLose::new(DealLostReason::PriceConcerns))
        }),
        Shape::new("deals.reopen", deal, |client, on| client.deals().reopen(on, DealReopen::new())),
        Shape::new("deals.win", deal, |client, on| client.deals().win(on)),
        Shape::new("orders.finalize", Some("orders"), |client, on| {
            client.orders().finalize(on, OrderFinalize::new())
        }),
        Shape::new("tasks.open", Some("tasks"), |client, on| client.tasks().open(on)),
        Shape::new("units.reserve", unit, |client, on| {
            client.units().reserve(on, UnitReserve::new(TENANCY))
        }),
        Shape::new("units.grant_access_to", unit, |client, on| {
            client.units().grant_access_to(on, UnitGrantAccess::new(TENANCY))
        }),
        Shape::new("deals.lose, for another reason", deal, |client, on| {
            client.deals().lose(on, DealLose::new(DealLostReason::ChoseCompetitor))
        }),
        Shape::new(
            "unit_types.create_base_price, both prices",
            Some("unit_types"),
            |client, on| {
                let price = UnitTypeBasePriceCreate::new()
                    .weekly(MoneyAmount::new(1600))
                    .monthly(MoneyAmount::new(6200));
                client.unit_types().create_base_price(on, price)
            },
        ),
        Shape::new("units.deallocate", unit, |client, on| client.units().deallocate(on)),
        Shape::new("webhook_endpoints.disable", Some("webhook_endpoints"), |client, on| {
            client.webhook_endpoints().disable(on)
        }),
        Shape::new("unit_types.create_base_price", Some("unit_types"), |client, on| {
            client.unit_types().create_base_price(on, UnitTypeBasePriceCreate::new())
        }),
    ]
}

/// That of the document's examples.
const TENANCY: &str = "ten_4fa82e1b7d60c593";
