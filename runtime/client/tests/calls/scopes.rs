//! Calls that need scopes which their token has not got.

use std::sync::Arc;

use specwright_client::operation::{
    Answer, Decoded, EncodeError, Idempotency, Operation, OperationMeta, RequestEncoder,
};
use specwright_client::profile::{ApiProfile, OAuthProfile};
use specwright_client::transport::BoxFuture;
use specwright_client::{
    ApiGrants, Bearer, CallOptions, Callback, Client, ClientCredentials, ClientRegistration,
    CredentialSource, Credentials, CredentialsError, Generation, GrantKey, GrantProblem,
    GrantStatus, KeyRing, MemoryStore, Method, Renewal, ScopeCheck, Scopes, SealingKey, Session,
    StaticToken,
};
use specwright_testkit::{Script, ScriptedTransport, SeededRandom, VirtualClock};

use crate::shelf::{BOOKS, Book, Failure, GetBook, OAUTH, PROFILE, TOKEN, found, read, signed};

const CONNECTED: ApiProfile = ApiProfile {
    oauth: Some(OAuthProfile { authorization: Some("/oauth/authorize"), ..OAUTH }),
    ..PROFILE
};

/// A call that needs two scopes.
#[derive(Clone, Debug)]
struct BurnBook;

impl Operation for BurnBook {
    const META: &'static OperationMeta = &OperationMeta {
        id: "burn_book",
        method: Method::GET,
        path: BOOKS,
        security: &[&[("bearer", &["books:read", "books:burn"])]],
        idempotency: Idempotency::Safe,
    };
    type Output = Book;
    type Error = Failure;

    fn encode(&self, _: &mut RequestEncoder) -> Result<(), EncodeError> {
        Ok(())
    }

    fn decode(answer: &Answer) -> Decoded<Self> {
        read::<Self>(answer)
    }
}

/// An application at a vendor who finds every book.
struct Application {
    grants: ApiGrants<Client>,
    transport: ScriptedTransport,
}

impl Application {
    fn new(check: ScopeCheck) -> Self {
        let clock = VirtualClock::automatic();
        let transport = ScriptedTransport::new(clock.clone());
        transport.always(BOOKS, found());
        let grants = Client::builder(&CONNECTED, "Acme/App")
            .transport(Arc::new(transport.clone()))
            .clock(Arc::new(clock.clone()))
            .random(Arc::new(SeededRandom::new(1)))
            .scope_check(check)
            .grants(ClientRegistration::confidential("fake-client", "canary-secret"))
            .store(MemoryStore::volatile(Arc::new(clock)))
            .keys(KeyRing::new("k1", SealingKey::new([3; 32])))
            .build()
            .unwrap();
        Self { grants, transport }
    }

    /// The operator agrees to these scopes, and the vendor names none in its answer.
    async fn connect(&self, scope: &str) {
        let request = self.grants.authorization("https://acme.example/back").unwrap().scope(scope);
        let grants = self.grants.grants();
        let url = grants.authorize(&key(), &request, Session::None).await.unwrap();
        let state = url.as_str().split_once("state=").unwrap().1.split('&').next().unwrap();
        let callback = Callback::from_query(&format!("code=canary-code&state={state}")).unwrap();
        let pair = r#"{"access_token":"fake","refresh_token":"fake-r","expires_in":7200}"#;
        self.transport.push(TOKEN, Script::json(200, pair));
        grants.receive(callback, Session::None).await.unwrap();
    }

    fn client(&self) -> Client {
        self.grants.client(key())
    }

    async fn status(&self) -> GrantStatus {
        self.grants.grants().status(&key()).await.unwrap()
    }

    fn sent(&self) -> usize {
        self.transport.requests_to(BOOKS).len()
    }
}

fn key() -> GrantKey {
    GrantKey::new("one", "shelf")
}

/// What is missing for the call, if it fails for that.
async fn missing(client: &Client) -> Option<Vec<String>> {
    let error = client.send(&BurnBook, CallOptions::default()).await.err()?;
    assert!(error.is_credentials(), "{error}");
    match GrantProblem::of(&error) {
        Some(GrantProblem::MissingScopes { missing }) => Some(missing.clone()),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_call_whose_scope_the_grant_lacks_says_so_without_a_request() {
    let application = Application::new(ScopeCheck::BeforeCalls);
    application.connect("books:read").await;
    let missing = missing(&application.client()).await;
    assert_eq!(missing, Some(vec!["books:burn".to_owned()]));
    assert_eq!(application.sent(), 0);
}

#[tokio::test]
async fn a_missing_scope_changes_neither_the_grant_nor_its_feed() {
    let application = Application::new(ScopeCheck::BeforeCalls);
    application.connect("books:read").await;
    let before = application.grants.grants().changes(None, 10).await.unwrap();
    missing(&application.client()).await.unwrap();
    application.client().send(&GetBook, CallOptions::default()).await.unwrap();
    assert_eq!(application.grants.grants().changes(None, 10).await.unwrap(), before);
}

#[tokio::test]
async fn an_operator_who_agrees_to_what_is_missing_as_well_makes_the_call_possible() {
    let application = Application::new(ScopeCheck::BeforeCalls);
    application.connect("books:read").await;
    let client = application.client();
    let missing_scopes = missing(&client).await.unwrap();
    let GrantStatus::Connected { scope: Some(held), .. } = application.status().await else {
        panic!("no scopes")
    };
    application.connect(&format!("{held} {}", missing_scopes.join(" "))).await;
    assert_eq!(missing(&client).await, None);
}

#[tokio::test]
async fn the_api_alone_looks_at_scopes_if_it_is_told_to() {
    let application = Application::new(ScopeCheck::ByServer);
    application.connect("books:read").await;
    assert_eq!(missing(&application.client()).await, None);
}

#[tokio::test]
async fn a_403_for_a_scope_is_the_apis_answer_and_changes_nothing_about_the_grant() {
    let application = Application::new(ScopeCheck::BeforeCalls);
    application.connect("books:read books:burn").await;
    let before = application.status().await;
    application.transport.push(BOOKS, signed(403, "insufficient_scope"));
    let sent = application.client().send(&BurnBook, CallOptions::default()).await;
    let error = sent.unwrap_err();
    assert_eq!((error.status(), error.is_forbidden(), application.sent()), (Some(403), true, 1));
    assert_eq!(application.status().await, before);
}

/// A client of a vendor who finds every book, and how often it was asked for one.
fn client(credentials: impl Into<CredentialSource>) -> (Client, ScriptedTransport) {
    let clock = VirtualClock::automatic();
    let transport = ScriptedTransport::new(clock.clone());
    transport.always(BOOKS, found());
    let token = r#"{"access_token":"fake","expires_in":7200}"#;
    transport.always(TOKEN, Script::json(200, token));
    let builder = Client::builder(&PROFILE, "Acme/App").transport(Arc::new(transport.clone()));
    (builder.clock(Arc::new(clock)).credentials(credentials).build().unwrap(), transport)
}

#[tokio::test]
async fn a_token_of_the_program_itself_has_the_scopes_that_it_asked_for() {
    let grant = ClientCredentials::new("fake-client", "canary-secret");
    let (client, transport) = client(grant.scope("books:read"));
    assert_eq!(missing(&client).await, Some(vec!["books:burn".to_owned()]));
    assert!(transport.requests_to(BOOKS).is_empty());
}

#[tokio::test]
async fn where_the_scopes_are_not_known_the_api_is_asked() {
    let program = ClientCredentials::new("fake-client", "canary-secret");
    assert_eq!(missing(&client(program).0).await, None);
    assert_eq!(missing(&client(StaticToken::new("fake")).0).await, None);
}

/// A grant that another process has connected anew.
#[derive(Debug)]
struct Widened;

fn bearer(generation: u64, scope: &str) -> Arc<Bearer> {
    let bearer = Bearer::new(&"fake".into(), Generation::new(generation)).unwrap();
    Arc::new(bearer.with_scopes(Scopes::parse(scope)))
}

impl Credentials for Widened {
    fn bearer(&self) -> BoxFuture<'_, Result<Arc<Bearer>, CredentialsError>> {
        Box::pin(async { Ok(bearer(1, "books:read")) })
    }

    fn refuse(&self, _: Generation) -> Renewal {
        Renewal::Impossible
    }

    fn newer(&self, generation: Generation) -> BoxFuture<'_, Option<Arc<Bearer>>> {
        assert_eq!(generation, Generation::new(1));
        Box::pin(async { Some(bearer(2, "books:read books:burn")) })
    }
}

#[tokio::test]
async fn what_another_process_was_allowed_meanwhile_is_used() {
    let (client, transport) = client(Arc::new(Widened));
    assert_eq!(missing(&client).await, None);
    assert_eq!(transport.requests_to(BOOKS).len(), 1);
}
