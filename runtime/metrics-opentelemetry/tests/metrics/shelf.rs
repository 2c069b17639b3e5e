//! A small API by hand, as the generator would write it, and a client of it that is measured.

use std::sync::Arc;

use specwright_client::operation::{
    Answer, Decoded, EncodeError, Idempotency, Operation, OperationMeta, QueryStyle, Reply,
    RequestEncoder,
};
use specwright_client::profile::{
    ApiProfile, OAuthProfile, RateReset, Rotation, Scheme, SchemeKind, TokenKey,
};
use specwright_client::types::Json;
use specwright_client::{Builder, CallOptions, Client, Error, Method, Response, StaticToken};
use specwright_metrics_opentelemetry::CallMetrics;
use specwright_testkit::{ScriptedTransport, SeededRandom, VirtualClock};

use crate::readings::Readings;

pub(crate) const BOOKS: &str = "/v1/books";
pub(crate) const TOKEN: &str = "/oauth/token";

pub(crate) const PROFILE: ApiProfile = ApiProfile {
    name: "shelf",
    version: "v1",
    server: "https://shelf.example",
    oauth: Some(OAuthProfile {
        token: TOKEN,
        authorization: None,
        revocation: None,
        audience: None,
        offline_scope: None,
        rotation: Rotation::Undocumented,
        refresh_token_life: None,
        token_key: TokenKey::None,
    }),
    rate_windows: &[],
    rate_reset: RateReset::EpochSeconds,
    rate_limit_wait: None,
    error_envelope: None,
    schemes: &[Scheme { name: "bearer", kind: SchemeKind::Bearer }],
};

/// One book by its id, with a word for the query.
#[derive(Clone, Debug)]
pub(crate) struct FindBook {
    pub(crate) id: String,
    pub(crate) note: String,
}

impl Operation for FindBook {
    const META: &'static OperationMeta = &OperationMeta {
        id: "find_book",
        method: Method::GET,
        path: "/v1/books/{id}",
        security: &[&[("bearer", &[])]],
        idempotency: Idempotency::Safe,
    };
    type Output = ();
    type Error = ();

    fn encode(&self, to: &mut RequestEncoder) -> Result<(), EncodeError> {
        to.path("id", &self.id)?;
        to.query("note", QueryStyle::FormExploded, &self.note)
    }

    fn decode(answer: &Answer) -> Decoded<Self> {
        read::<Self>(answer)
    }
}

/// A new book, which the server makes as often as it is asked to.
#[derive(Clone, Debug)]
pub(crate) struct CreateBook;

impl Operation for CreateBook {
    const META: &'static OperationMeta = &OperationMeta {
        id: "create_book",
        method: Method::POST,
        path: BOOKS,
        security: &[&[("bearer", &[])]],
        idempotency: Idempotency::Unsafe,
    };
    type Output = ();
    type Error = ();

    fn encode(&self, to: &mut RequestEncoder) -> Result<(), EncodeError> {
        to.json(&Json::from("a book"))
    }

    fn decode(answer: &Answer) -> Decoded<Self> {
        read::<Self>(answer)
    }
}

fn read<O: Operation<Output = (), Error = ()>>(answer: &Answer) -> Decoded<O> {
    match answer.status() {
        200..=299 => Ok(Reply::Success(())),
        400..=599 => Ok(Reply::Failure(())),
        _ => answer.undocumented(),
    }
}

/// The book that most tests look for.
pub(crate) fn emma() -> FindBook {
    FindBook { id: "emma".to_owned(), note: "old".to_owned() }
}

/// Where it is.
pub(crate) const EMMA: &str = "/v1/books/emma";

/// A measured client with everything around it that a test wants to see.
pub(crate) struct Shelf {
    pub(crate) client: Client,
    pub(crate) transport: ScriptedTransport,
    pub(crate) clock: VirtualClock,
    pub(crate) readings: Readings,
}

impl Shelf {
    pub(crate) fn new() -> Self {
        Self::of(&PROFILE, |builder| builder.credentials(StaticToken::new("fake-static")))
    }

    /// A client of which something else is set up.
    pub(crate) fn of(
        profile: &'static ApiProfile,
        more: impl FnOnce(Builder<Client>) -> Builder<Client>,
    ) -> Self {
        Self::measured(profile, more, |metrics| metrics)
    }

    /// A client whose measuring is set up as well.
    pub(crate) fn measured(
        profile: &'static ApiProfile,
        more: impl FnOnce(Builder<Client>) -> Builder<Client>,
        measure: impl FnOnce(CallMetrics) -> CallMetrics,
    ) -> Self {
        let (clock, readings) = (VirtualClock::automatic(), Readings::new());
        let transport = ScriptedTransport::new(clock.clone());
        let metrics = measure(CallMetrics::new(&readings.meter()));
        let client = more(builder(profile, &transport, &clock, metrics)).build().unwrap();
        Self { client, transport, clock, readings }
    }

    /// Another client of the same API, measured by something else.
    pub(crate) fn beside(&self, metrics: CallMetrics) -> Client {
        let builder = builder(&PROFILE, &self.transport, &self.clock, metrics);
        builder.credentials(StaticToken::new("fake-static")).build().unwrap()
    }

    pub(crate) async fn call<O: Operation>(
        &self,
        request: O,
    ) -> Result<Response<O::Output>, Error<O::Error>> {
        self.client.send(&request, CallOptions::default()).await
    }
}

fn builder(
    profile: &'static ApiProfile,
    transport: &ScriptedTransport,
    clock: &VirtualClock,
    metrics: CallMetrics,
) -> Builder<Client> {
    Client::builder(profile, "Acme/Importer")
        .transport(Arc::new(transport.clone()))
        .clock(Arc::new(clock.clone()))
        .random(Arc::new(SeededRandom::new(7)))
        .interceptor(metrics)
}
