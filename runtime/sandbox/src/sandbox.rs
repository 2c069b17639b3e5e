//! A running sandbox and the handles to it.

use std::collections::BTreeSet;
use std::fmt;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::clock::SandboxClock;
use crate::cursor::Cursors;
use crate::document::Document;
use crate::error::StartError;
use crate::examples::Examples;
use crate::exchange::{State, World};
use crate::fault::{Fault, Faults, Target};
use crate::idempotency::KeptAnswers;
use crate::ids::Ids;
use crate::ledger::{Journal, Ledger};
use crate::limits::{Limits, RateLimiter};
use crate::oauth::TokenBook;
use crate::options::{Client, Options};
use crate::profile::Profile;
use crate::profile::collection::Behavior;
use crate::secret::Secret;
use crate::server;
use crate::store::Store;
use crate::view::{Expansion, View};

/// A running sandbox. It stops when it is dropped.
pub struct Sandbox {
    world: Arc<World>,
    address: SocketAddr,
    client_id: String,
    client_secret: Secret,
    static_token: Secret,
    unplayed: Vec<String>,
    task: JoinHandle<()>,
}

impl Sandbox {
    /// Starts a sandbox on the current tokio runtime.
    ///
    /// # Errors
    /// See [`StartError`].
    pub async fn start(options: Options) -> Result<Self, StartError> {
        let profile = options.profile.map_or_else(|| Profile::of(options.api), Ok)?;
        let document = match &options.document {
            Some(text) => Arc::new(Document::parse(text, &profile)?),
            None => Document::of(profile.built_in.unwrap_or(options.api), &profile)?,
        };
        profile.check(&document)?;
        let unplayed = profile.unplayed(&document);
        let examples = Examples::of(&document, &profile);

        let mut clients = options.clients;
        if clients.is_empty() {
            let id = format!("sandbox-client-{}", Secret::invent()?.expose());
            clients.push(Client::with_secret(id, Secret::invent()?));
        }
        for client in &mut clients {
            client.scopes.get_or_insert_with(|| document.scopes());
        }
        let mut journal = Journal::new(&profile.tokens.operation);
        for client in &clients {
            journal.hide(client.secret.clone(), "[client secret]".to_owned());
        }
        let (client_id, client_secret) = match clients.first() {
            Some(client) => (client.id.clone(), client.secret.clone()),
            None => (String::new(), Secret::new("")),
        };

        let now = options.clock.now();
        let lifetime = options.token_lifetime.unwrap_or_else(|| profile.tokens.lifetime());
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
        let state = State {
            tokens,
            store: Store::default(),
            cursors: Cursors::default(),
            kept: KeptAnswers::default(),
            limiter: RateLimiter::new(&windows, profile.limits.clone()),
            faults: Faults::default(),
            journal,
            ids: Ids::default(),
        };
        let (clock, state) = (options.clock, Mutex::new(state));
        let world = Arc::new(World { document, profile, examples, clock, state });

        let listen = |source| StartError::Listen { address: options.listen, source };
        let listener = TcpListener::bind(options.listen).await.map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        let task = tokio::spawn(server::serve(listener, Arc::clone(&world)));
        let sandbox =
            Self { world, address, client_id, client_secret, static_token, unplayed, task };
        if options.examples {
            sandbox.seed_examples();
        }
        for (collection, count) in options.seeds {
            if sandbox.seed(&collection, count).len() < count {
                let reason = format!("there is no `{collection}` that could be there at the start");
                return Err(StartError::profile("/collections", reason));
            }
        }
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

    /// Adds resources to a collection, as they might be in the account already; gives their ids,
    /// oldest first. What they refer to is there as well.
    ///
    /// Each is like the first example in the document, with the changes that the profile names.
    /// Nothing is added if the profile has no such collection or the document no example of it.
    pub fn seed(&self, collection: &str, count: usize) -> Vec<String> {
        let World { profile, examples, clock, .. } = &*self.world;
        let mut state = self.world.state();
        let State { store, ids, .. } = &mut *state;
        let seeds =
            (0..count).map_while(|_| examples.seed(profile, store, collection, ids, clock.now()));
        seeds.collect()
    }

    /// Adds contacts. Short for [`seed`](Self::seed) of `contacts`.
    pub fn seed_contacts(&self, count: usize) -> Vec<String> {
        self.seed("contacts", count)
    }

    /// Adds every resource that an example of the document shows or names, with its id. A request
    /// that is an example of the document then refers to nothing that is not there.
    pub fn seed_examples(&self) {
        let World { profile, examples, .. } = &*self.world;
        examples.put_all(profile, &mut self.world.state().store);
    }

    /// The resources of a collection, oldest first, with references as ids. Empty if there is none.
    pub fn resources(&self, collection: &str) -> Vec<Value> {
        let state = self.world.state();
        let view = View { profile: &self.world.profile, store: &state.store };
        let shown = |resource| view.shown(collection, resource, &Expansion::default());
        state.store.all(collection).iter().map(shown).map(Value::Object).collect()
    }

    /// The ids in a collection, oldest first.
    pub fn ids(&self, collection: &str) -> Vec<String> {
        let state = self.world.state();
        state.store.all(collection).iter().map(|resource| resource.id.clone()).collect()
    }

    /// Deletes a resource, as people may do at any time; says whether there was one. References to it
    /// stay.
    pub fn delete(&self, collection: &str, id: &str) -> bool {
        self.world.state().store.delete(collection, id)
    }

    /// The operations of the document that the profile gives no behavior (with `others: validated`; they
    /// are answered with an error), and the query parameters that no behavior reads, as
    /// `operation?parameter`.
    pub fn unplayed(&self) -> &[String] {
        &self.unplayed
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

    /// The scopes that reading the resources of a collection takes.
    pub(crate) fn reading_scopes(&self, collection: &str) -> BTreeSet<String> {
        let Some(rules) = self.profile.collections.get(collection) else { return BTreeSet::new() };
        let reads = rules
            .operations
            .iter()
            .find(|(_, behavior)| matches!(behavior, Behavior::List | Behavior::Show));
        let operation = reads.and_then(|(id, _)| self.document.operation(id));
        match operation {
            Some(operation) => operation.security.scopes(),
            None => rules.scope.iter().cloned().collect(),
        }
    }

    fn end_what_is_over(&self) {
        let now = self.clock.now();
        let mut state = self.state();
        let State { tokens, journal, .. } = &mut *state;
        tokens.expire(journal, now);
    }
}
