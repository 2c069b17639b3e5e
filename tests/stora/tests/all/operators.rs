//! Operators who connect an application, over HTTP, and what the vendor's ledger says of their tokens.

use std::sync::{Arc, Mutex};

use shared_clock::SharedClock;
use specwright_testkit::Sandbox;
use stora_2025_09::Client;
use stora_2025_09::runtime::{
    ApiGrants, Callback, ClientRegistration, ConnectError, GrantKey, GrantProblem, GrantStatus,
    GrantsBuilder, KeyRing, MemoryStore, RateLimits, SealingKey, Session,
};

use crate::setup::{MOST_TURNS, builder, options, sandbox_with};
use stora_tests::inputs::smallest_contact;

const REDIRECT: &str = "https://acme.example/back";
const READ: &str = "public.contact:read";
const WRITE: &str = "public.contact:write";

struct Application {
    sandbox: Sandbox,
    grants: ApiGrants<Client>,
}

impl Application {
    async fn new() -> Self {
        Self::with(|grants| grants).await
    }

    async fn with(more: impl FnOnce(GrantsBuilder<Client>) -> GrantsBuilder<Client>) -> Self {
        let sandbox = sandbox_with(options().with_redirect_uri(REDIRECT)).await;
        let program =
            ClientRegistration::confidential(sandbox.client_id(), sandbox.client_secret());
        let grants = builder(&sandbox)
            .rate_limits(RateLimits::documented())
            .authorization_server(sandbox.base_url())
            .grants(program)
            .store(MemoryStore::volatile(Arc::new(SharedClock::new(&sandbox))))
            .keys(KeyRing::new("test", SealingKey::new([7; 32])));
        let grants = more(grants).build().unwrap();
        Self { sandbox, grants }
    }

    /// An operator agrees to these scopes.
    async fn connect(&self, operator: &str, scope: &str) -> Result<(), ConnectError> {
        let request = self.grants.authorization(REDIRECT).unwrap().scope(scope);
        let grants = self.grants.grants();
        let url = grants.authorize(&key(), &request, Session::None).await.unwrap();
        let back = self.sandbox.approve(url.as_str(), operator).unwrap();
        grants.receive(Callback::from_url(&back).unwrap(), Session::None).await.map(|_| ())
    }

    fn client(&self) -> Client {
        self.grants.client(key())
    }

    /// Waits until so many tokens of an operator live. What is given up is revoked by a task for which nobody waits.
    async fn lives(&self, operator: &str, tokens: usize) {
        let live = || self.sandbox.ledger().live_tokens(operator).len();
        for _ in 0..MOST_TURNS {
            if live() == tokens {
                return;
            }
            self.grants.grants().attend_once(10).await.unwrap();
            tokio::task::yield_now().await;
        }
        panic!("{} tokens of {operator} live, not {tokens}", live());
    }
}

fn key() -> GrantKey {
    GrantKey::new("operator", "stora")
}

#[tokio::test]
async fn an_operator_is_asked_for_what_is_missing_while_the_grant_goes_on_to_work() {
    let application = Application::new().await;
    application.connect("operator-1", READ).await.unwrap();
    let client = application.client();
    let error = client.contacts().create(smallest_contact()).await.unwrap_err();
    let Some(GrantProblem::MissingScopes { missing }) = GrantProblem::of(&error) else {
        panic!("{error:?}")
    };
    assert_eq!(missing, &[WRITE]);
    client.contacts().list().await.unwrap();
    let status = application.grants.grants().status(&key()).await.unwrap();
    let GrantStatus::Connected { scope: Some(held), .. } = status else { panic!("{status:?}") };
    application.connect("operator-1", &format!("{held} {WRITE}")).await.unwrap();
    client.contacts().create(smallest_contact()).await.unwrap();
    application.lives("operator-1", 2).await;
}

/// An application that asks with each new token, and is told these accounts, one by one.
async fn asking(accounts: &[&str]) -> Application {
    let accounts: Vec<String> = accounts.iter().rev().map(|name| (*name).to_owned()).collect();
    let accounts = Arc::new(Mutex::new(accounts));
    Application::with(|grants| {
        grants.identify(move |client: Client| {
            let accounts = Arc::clone(&accounts);
            async move {
                client.contacts().list().await?;
                let account = accounts.lock().unwrap().pop();
                account.ok_or_else(|| Box::<dyn std::error::Error + Send + Sync>::from("nobody"))
            }
        })
    })
    .await
}

#[tokio::test]
async fn the_question_whose_tokens_they_are_fills_the_windows_of_who_connects() {
    let application = asking(&["acc_1"]).await;
    application.connect("operator-1", READ).await.unwrap();
    let used = application.client().quota().into_iter().map(|window| window.used).max();
    assert_eq!(used, Some(1));
}

#[tokio::test]
async fn another_account_does_not_take_over_the_grant_and_its_tokens_are_revoked() {
    let application = asking(&["acc_1", "acc_2"]).await;
    application.connect("operator-1", READ).await.unwrap();
    let switched = application.connect("operator-2", READ).await.unwrap_err();
    assert!(matches!(switched, ConnectError::AccountSwitched { .. }), "{switched:?}");
    application.lives("operator-2", 0).await;
    application.lives("operator-1", 2).await;
    application.client().contacts().list().await.unwrap();
}

#[tokio::test]
async fn the_same_account_takes_the_place_of_its_old_tokens() {
    let application = asking(&["acc_1", "acc_1"]).await;
    application.connect("operator-1", READ).await.unwrap();
    application.connect("operator-1", READ).await.unwrap();
    application.lives("operator-1", 2).await;
    application.client().contacts().list().await.unwrap();
}

#[tokio::test]
async fn a_question_that_fails_leaves_the_grant_and_none_of_the_new_tokens() {
    let application = asking(&["acc_1"]).await;
    application.connect("operator-1", READ).await.unwrap();
    let unidentified = application.connect("operator-1", READ).await.unwrap_err();
    assert!(matches!(unidentified, ConnectError::Unidentified(_)), "{unidentified:?}");
    application.lives("operator-1", 2).await;
    application.client().contacts().list().await.unwrap();
}
