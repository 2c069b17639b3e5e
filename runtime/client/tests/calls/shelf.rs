//! A small API by hand, as the generator would write it, and a client of it on a virtual clock.

use std::sync::Arc;
use std::time::Duration;

use specwright_client::json::{Decode, DecodeError, Node};
use specwright_client::operation::{
    Answer, Decoded, EncodeError, Idempotency, NextPage, Operation, OperationMeta, PageItems,
    Paginated, QueryStyle, Reply, RequestEncoder,
};
use specwright_client::profile::{
    ApiProfile, ErrorEnvelope, OAuthProfile, RateReset, Rotation, Scheme, SchemeKind, TokenKey,
};
use specwright_client::types::Json;
use specwright_client::{
    Builder, CallOptions, Client, ClientCredentials, CredentialSource, Error, Method, Response,
    StaticToken,
};
use specwright_testkit::{RecordedRequest, Script, ScriptedTransport, SeededRandom, VirtualClock};

pub(crate) const OAUTH: OAuthProfile = OAuthProfile {
    token: "/oauth/token",
    authorization: None,
    revocation: None,
    audience: None,
    offline_scope: None,
    rotation: Rotation::Undocumented,
    refresh_token_life: None,
    token_key: TokenKey::None,
};

pub(crate) const PROFILE: ApiProfile = ApiProfile {
    name: "shelf",
    version: "v1",
    server: "https://shelf.example",
    oauth: Some(OAUTH),
    rate_windows: &[],
    rate_reset: RateReset::EpochSeconds,
    rate_limit_wait: None,
    error_envelope: Some(ErrorEnvelope {
        request_id: Some("/error/request_id"),
        code: "/error/code",
        server_faults: &["api_error"],
    }),
    schemes: &[Scheme { name: "bearer", kind: SchemeKind::Bearer }],
};

pub(crate) const BOOKS: &str = "/v1/books";
pub(crate) const TOKEN: &str = "/oauth/token";

/// The error model of the API.
#[derive(Debug, PartialEq)]
pub(crate) struct Failure {
    pub(crate) message: String,
}

impl Decode for Failure {
    fn decode(from: Node<'_>) -> Result<Self, DecodeError> {
        Ok(Self { message: from.object()?.required("message")? })
    }
}

/// A book, of which one member is enough.
#[derive(Debug, PartialEq)]
pub(crate) struct Book {
    pub(crate) title: String,
}

impl Decode for Book {
    fn decode(from: Node<'_>) -> Result<Self, DecodeError> {
        Ok(Self { title: from.object()?.required("title")? })
    }
}

pub(crate) fn read<O: Operation<Output = Book, Error = Failure>>(answer: &Answer) -> Decoded<O> {
    match answer.status() {
        200 => answer.json().map(Reply::Success),
        204 => Ok(Reply::Success(Book { title: String::new() })),
        400..=599 => answer.json().map(Reply::Failure),
        _ => answer.undocumented(),
    }
}

macro_rules! operation {
    ($name:ident, $id:literal, $method:ident, $idempotency:expr) => {
        #[derive(Clone, Debug)]
        pub(crate) struct $name;

        impl Operation for $name {
            const META: &'static OperationMeta = &OperationMeta {
                id: $id,
                method: Method::$method,
                path: BOOKS,
                security: &[&[("bearer", &[])]],
                idempotency: $idempotency,
            };
            type Output = Book;
            type Error = Failure;

            fn encode(&self, to: &mut RequestEncoder) -> Result<(), EncodeError> {
                match Self::META.method {
                    Method::GET | Method::DELETE => Ok(()),
                    _ => to.json(&Json::from("a book")),
                }
            }

            fn decode(answer: &Answer) -> Decoded<Self> {
                read::<Self>(answer)
            }
        }
    };
}

operation!(GetBook, "get_book", GET, Idempotency::Safe);
operation!(ReplaceBook, "replace_book", PUT, Idempotency::Idempotent);
operation!(DeleteBook, "delete_book", DELETE, Idempotency::Idempotent);
operation!(
    CreateBook,
    "create_book",
    POST,
    Idempotency::Key { header: "Idempotency-Key", retention_seconds: Some(86_400) }
);
operation!(LendBook, "lend_book", POST, Idempotency::Unsafe);
operation!(ChangeBook, "change_book", PATCH, Idempotency::Unsafe);

/// One book by a name that the caller chooses.
#[derive(Clone, Debug)]
pub(crate) struct FindBook {
    pub(crate) id: String,
}

impl Operation for FindBook {
    const META: &'static OperationMeta = &OperationMeta {
        id: "find_book",
        method: Method::GET,
        path: "/v1/books/{id}",
        security: &[],
        idempotency: Idempotency::Safe,
    };
    type Output = Book;
    type Error = Failure;

    fn encode(&self, to: &mut RequestEncoder) -> Result<(), EncodeError> {
        to.path("id", &self.id)
    }

    fn decode(answer: &Answer) -> Decoded<Self> {
        read::<Self>(answer)
    }
}

/// One page of titles.
#[derive(Clone, Debug, Default)]
pub(crate) struct ListTitles {
    pub(crate) page: Option<i64>,
}

#[derive(Debug)]
pub(crate) struct TitlePage {
    pub(crate) titles: Vec<String>,
    next: Option<i64>,
    count: Option<i64>,
    pages: Option<i64>,
    /// Whether the page says anything of its list.
    is_numbered: bool,
}

impl Decode for TitlePage {
    fn decode(from: Node<'_>) -> Result<Self, DecodeError> {
        let mut object = from.object()?;
        Ok(Self {
            titles: object.required("titles")?,
            next: object.optional("next")?,
            count: object.optional("count")?,
            pages: object.optional("pages")?,
            is_numbered: object.optional("numbered")?.unwrap_or(true),
        })
    }
}

impl Operation for ListTitles {
    const META: &'static OperationMeta = &OperationMeta {
        id: "list_titles",
        method: Method::GET,
        path: "/v1/titles",
        security: &[],
        idempotency: Idempotency::Safe,
    };
    type Output = TitlePage;
    type Error = Failure;

    fn encode(&self, to: &mut RequestEncoder) -> Result<(), EncodeError> {
        to.query("page", QueryStyle::FormExploded, &self.page)
    }

    fn decode(answer: &Answer) -> Decoded<Self> {
        match answer.status() {
            200 => answer.json().map(Reply::Success),
            _ => answer.undocumented(),
        }
    }
}

impl Paginated for ListTitles {
    type Item = String;

    fn items(answer: &mut TitlePage) -> PageItems<'_, String> {
        PageItems::new(&mut answer.titles, |title| title.as_str().into())
    }

    fn next(&self, answer: &TitlePage) -> Option<NextPage<Self>> {
        if !answer.is_numbered {
            return None;
        }
        // The API takes numbers of five digits.
        let page = answer.next.filter(|page| *page < 100_000);
        let next = page.map(|page| Self { page: Some(page) });
        Some(NextPage::number(answer.next, next).after(self.page, 1).of(answer.count, answer.pages))
    }
}

/// A client with everything around it that a test wants to see.
pub(crate) struct Shelf {
    pub(crate) client: Client,
    pub(crate) transport: ScriptedTransport,
    pub(crate) clock: VirtualClock,
}

impl Shelf {
    /// A client that gets its tokens from the token endpoint, each valid for two hours.
    pub(crate) fn with_refresh() -> Self {
        let shelf = Self::with_credentials(ClientCredentials::new("fake-id", "fake-secret"));
        for number in 1..=4 {
            let body = format!(r#"{{"access_token":"fake-token-{number}","expires_in":7200}}"#);
            shelf.transport.push(TOKEN, Script::json(200, body));
        }
        shelf
    }

    /// A client with a token that nothing refreshes.
    pub(crate) fn with_static_token() -> Self {
        Self::with_credentials(StaticToken::new("fake-static"))
    }

    pub(crate) fn with_credentials(credentials: impl Into<CredentialSource>) -> Self {
        Self::with_credentials_on(VirtualClock::automatic(), credentials)
    }

    pub(crate) fn with_credentials_on(
        clock: VirtualClock,
        credentials: impl Into<CredentialSource>,
    ) -> Self {
        Self::with_parts(&PROFILE, clock, credentials)
    }

    /// A client of the same API, of which the document says something else.
    pub(crate) fn with_profile(
        profile: &'static ApiProfile,
        credentials: impl Into<CredentialSource>,
    ) -> Self {
        Self::with_parts(profile, VirtualClock::automatic(), credentials)
    }

    fn with_parts(
        profile: &'static ApiProfile,
        clock: VirtualClock,
        credentials: impl Into<CredentialSource>,
    ) -> Self {
        Self::built(profile, clock, |builder| builder.credentials(credentials))
    }

    /// A client that is set up by hand.
    pub(crate) fn built(
        profile: &'static ApiProfile,
        clock: VirtualClock,
        more: impl FnOnce(Builder<Client>) -> Builder<Client>,
    ) -> Self {
        let transport = ScriptedTransport::new(clock.clone());
        let client = more(builder_of(profile, &transport, &clock)).build().unwrap();
        Self { client, transport, clock }
    }

    pub(crate) async fn call<O: Operation>(
        &self,
        request: O,
    ) -> Result<Response<O::Output>, Error<O::Error>> {
        self.client.send(&request, CallOptions::default()).await
    }

    /// The requests that went to the books, without those for tokens.
    pub(crate) fn sent(&self) -> Vec<RecordedRequest> {
        self.transport.requests_to(BOOKS)
    }

    pub(crate) fn token_posts(&self) -> usize {
        self.transport.requests_to(TOKEN).len()
    }

    /// The times between the requests to the books.
    pub(crate) fn gaps(&self) -> Vec<Duration> {
        let at: Vec<Duration> = self.sent().iter().map(|request| request.at).collect();
        at.windows(2).map(|pair| pair[1].checked_sub(pair[0]).unwrap()).collect()
    }

    /// The bearer tokens of the requests, in order.
    pub(crate) fn tokens(&self) -> Vec<String> {
        let token = |request: &RecordedRequest| request.header("authorization").unwrap().to_owned();
        self.sent().iter().map(token).collect()
    }

    /// Time since the client was made.
    pub(crate) fn elapsed(&self) -> Duration {
        self.clock.elapsed()
    }
}

pub(crate) fn builder(transport: &ScriptedTransport, clock: &VirtualClock) -> Builder<Client> {
    builder_of(&PROFILE, transport, clock)
}

fn builder_of(
    profile: &'static ApiProfile,
    transport: &ScriptedTransport,
    clock: &VirtualClock,
) -> Builder<Client> {
    Client::builder(profile, "Acme/Importer")
        .transport(Arc::new(transport.clone()))
        .clock(Arc::new(clock.clone()))
        .random(Arc::new(SeededRandom::new(7)))
}

pub(crate) fn found() -> Script {
    Script::json(200, r#"{"title":"Emma"}"#)
}

/// An error as the application writes it: signed with a request id.
pub(crate) fn signed(status: u16, code: &str) -> Script {
    let error = format!(r#"{{"code":"{code}","request_id":"r-1"}}"#);
    Script::json(status, format!(r#"{{"message":"no","error":{error}}}"#))
}
