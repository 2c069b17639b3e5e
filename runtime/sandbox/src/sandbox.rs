//! A running sandbox and the handles to it.

use std::fmt;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::clock::SandboxClock;
use crate::collection::Collection;
use crate::document::Document;
use crate::error::StartError;
use crate::exchange::{State, World};
use crate::fault::{Fault, Faults, Target};
use crate::idempotency::KeptAnswers;
use crate::ids::Ids;
use crate::ledger::{Journal, Ledger};
use crate::limits::{Limits, RateLimiter};
use crate::oauth::TokenBook;
use crate::options::{Client, Options};
use crate::profile::Profile;
use crate::secret::Secret;
use crate::server;

/// A running sandbox. It stops when it is dropped.
pub struct Sandbox {
    world: Arc<World>,
    address: SocketAddr,
    client_id: String,
    client_secret: Secret,
    static_token: Secret,
    task: JoinHandle<()>,
}

impl Sandbox {
    /// Starts a sandbox on the current tokio runtime.
    ///
    /// # Errors
    /// See [`StartError`].
    pub async fn start(options: Options) -> Result<Self, StartError> {
        let document = match &options.document {
            Some(text) => Arc::new(Document::parse(text)?),
            None => Document::stora()?,
        };
        let profile = options.profile.map_or_else(Profile::stora, Ok)?;
        profile.check(&document)?;

        let mut clients = options.clients;
        if clients.is_empty() {
            let id = format!("sandbox-client-{}", Secret::invent()?.expose());
            clients.push(Client::with_secret(id, Secret::invent()?));
        }
        for client in &mut clients {
            client.scopes.get_or_insert_with(|| document.scopes());
        }
        let mut journal = Journal::new(&profile.token_operation);
        for client in &clients {
            journal.hide(client.secret.clone(), "[client secret]".to_owned());
        }
        let (client_id, client_secret) = match clients.first() {
            Some(client) => (client.id.clone(), client.secret.clone()),
            None => (String::new(), Secret::new("")),
        };

        let now = options.clock.now();
        let lifetime = options.token_lifetime.unwrap_or_else(|| profile.token_lifetime());
        let mut tokens = TokenBook::new(clients, lifetime, options.expires_in);
        let static_token = Secret::invent()?;
        tokens.mint(static_token.clone(), document.scopes(), None, &mut journal, now);
        for token in options.static_tokens {
            tokens.mint(token.value, token.scopes, None, &mut journal, now);
        }

        let windows = match options.limits {
            Limits::Off => Vec::new(),
            Limits::Documented => document.windows.clone(),
            Limits::Windows(windows) => windows,
        };
        let collections = profile.collections.clone().into_iter();
        let state = State {
            tokens,
            collections: collections.map(|(name, rules)| (name, Collection::new(rules))).collect(),
            kept: KeptAnswers::default(),
            limiter: RateLimiter::new(&windows),
            faults: Faults::default(),
            journal,
            ids: Ids::default(),
        };
        let world =
            Arc::new(World { document, profile, clock: options.clock, state: Mutex::new(state) });

        let listen = |source| StartError::Listen { address: options.listen, source };
        let listener = TcpListener::bind(options.listen).await.map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        let task = tokio::spawn(server::serve(listener, Arc::clone(&world)));
        let sandbox = Self { world, address, client_id, client_secret, static_token, task };
        sandbox.seed_contacts(options.contacts);
        Ok(sandbox)
    }

    /// Where the sandbox listens, such as `http://127.0.0.1:49152`. Paths of the document follow it.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The address and port.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The id of the first client.
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// The secret of the first client. Invented for this run unless you gave one.
    pub fn client_secret(&self) -> &str {
        self.client_secret.expose()
    }

    /// A token with every scope of the document and no end. Invented for this run.
    pub fn static_token(&self) -> &str {
        self.static_token.expose()
    }

    /// The time the sandbox goes by.
    pub fn clock(&self) -> &SandboxClock {
        &self.world.clock
    }

    /// What happened up to now.
    pub fn ledger(&self) -> Ledger {
        self.world.ledger()
    }

    /// Scripts a fault for the next request that `target` takes.
    pub fn push_fault(&self, target: Target, fault: Fault) {
        self.world.state().faults.push(target, fault);
    }

    /// Adds contacts as they might be in the account already; gives their ids, oldest first.
    ///
    /// Nothing is added if the profile has no collection `contacts`.
    pub fn seed_contacts(&self, count: usize) -> Vec<String> {
        let now = self.world.clock.now();
        let mut state = self.world.state();
        let State { collections, ids, .. } = &mut *state;
        let contacts = collections.get_mut("contacts");
        contacts.map(|contacts| contacts.seed(count, ids, now)).unwrap_or_default()
    }

    /// The ordinals of all tokens that are neither expired nor revoked; the static token is 1.
    pub fn live_tokens(&self) -> Vec<usize> {
        self.world.end_what_is_over();
        self.world.state().tokens.live()
    }

    /// Revokes a token by its ordinal, as an operator may do at any time.
    pub fn revoke_token(&self, ordinal: usize) {
        let now = self.world.clock.now();
        let mut state = self.world.state();
        let State { tokens, journal, .. } = &mut *state;
        tokens.revoke(ordinal, journal, now);
    }

    /// Moves the clock. Short for [`SandboxClock::advance`].
    pub fn advance(&self, by: Duration) {
        self.world.clock.advance(by);
    }

    /// Stops listening and closes every connection.
    pub async fn shutdown(mut self) {
        self.task.abort();
        // It was aborted, so it ends in that error and in no other.
        let _ = (&mut self.task).await;
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sandbox").field("address", &self.address).finish_non_exhaustive()
    }
}

impl World {
    pub(crate) fn ledger(&self) -> Ledger {
        self.end_what_is_over();
        self.state().journal.snapshot()
    }

    fn end_what_is_over(&self) {
        let now = self.clock.now();
        let mut state = self.state();
        let State { tokens, journal, .. } = &mut *state;
        tokens.expire(journal, now);
    }
}
