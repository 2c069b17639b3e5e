//! The vendor without a socket, and what a test may look at and change.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;
use tokio::sync::Notify;

use crate::account::Account;
use crate::chaos::Chaos;
use crate::churn::Churn;
use crate::clock::{DateOffset, SandboxClock};
use crate::cursor::Cursors;
use crate::document::Document;
use crate::error::StartError;
use crate::examples::Examples;
use crate::exchange::{State, World};
use crate::fault::{Fault, Faults, Target};
use crate::idempotency::KeptAnswers;
use crate::ids::Ids;
use crate::ledger::{Journal, Ledger};
use crate::limits::{ForeignUse, Limits, RateLimiter};
use crate::oauth::{
    AuthorizationServer, Client, Clients, EarlierTokens, ExpiresIn, Rotation, Settings,
};
use crate::options::Options;
use crate::profile::Profile;
use crate::profile::collection::Behavior;
use crate::secret::Secret;
use crate::store::Store;
use crate::view::{Expansion, View};
use crate::webhooks::Outbox;

/// The vendor without a socket: everything that a [`Sandbox`](crate::Sandbox) does with a request, and
/// the handles to it. Clones are the same vendor.
#[derive(Clone)]
pub struct Service {
    pub(crate) world: Arc<World>,
    client_id: String,
    client_secret: Secret,
    static_token: Secret,
    control_token: Secret,
    unplayed: Arc<[String]>,
}

impl Service {
    /// Sets a vendor up. What the options say of an address is not looked at.
    ///
    /// # Errors
    /// See [`StartError`].
    pub fn new(options: Options) -> Result<Self, StartError> {
        let profile = options.profile.map_or_else(|| Profile::of(options.api), Ok)?;
        let document = match &options.document {
            Some(text) => Arc::new(Document::parse(text, &profile)?),
            None => Document::of(profile.built_in.unwrap_or(options.api), &profile)?,
        };
        profile.check(&document)?;
        let unplayed = profile.unplayed(&document).into();
        let examples = Examples::of(&document, &profile);

        let mut secrets = options.secrets;
        let mut clients = options.clients;
        if clients.is_empty() {
            let id = format!("sandbox-client-{}", secrets.invent()?.expose());
            clients.push(Client::with_secret(id, secrets.invent()?));
        }
        if let Some(first) = clients.first_mut() {
            let registered = |client: Client, uri| client.with_redirect_uri(uri);
            *first = options.redirect_uris.into_iter().fold(first.clone(), registered);
        }
        for client in &mut clients {
            client.scopes.get_or_insert_with(|| document.scopes());
        }
        let mut journal = Journal::new(&profile.tokens.operation);
        for client in &clients {
            journal.hide(&client.secret, CLIENT_SECRET.to_owned());
        }
        let (client_id, client_secret) = match clients.first() {
            Some(client) => (client.id.clone(), client.secret.clone()),
            None => (String::new(), Secret::new("")),
        };

        let now = options.clock.now();
        let settings = Settings {
            rotation: options.rotation.unwrap_or_else(|| profile.tokens.rotation.clone()),
            lifetime: options.token_lifetime.unwrap_or_else(|| profile.tokens.lifetime()),
            expires_in: options.expires_in,
            earlier_tokens: options.earlier_tokens,
        };
        let mut operators = options.operators;
        if operators.is_empty() {
            operators.extend(OPERATORS.map(str::to_owned));
        }
        let static_token = secrets.invent()?;
        let control_token = options.control_token.filter(|token| !token.expose().is_empty());
        let control_token = control_token.map_or_else(|| secrets.invent(), Ok)?;
        journal.hide(&control_token, "[control token]".to_owned());
        let (rules, clients) = (profile.tokens.clone(), Clients::new(clients));
        let mut authority = AuthorizationServer::new(rules, settings, clients, operators, secrets);
        authority.mint_static(static_token.clone(), document.scopes(), &mut journal, now);
        for token in options.static_tokens {
            authority.mint_static(token.value, token.scopes, &mut journal, now);
        }

        let windows = match options.limits {
            Limits::Off => Vec::new(),
            Limits::Documented => document.windows.clone(),
            Limits::Windows(windows) => windows,
        };
        let state = State {
            authority,
            store: Store::default(),
            cursors: Cursors::default(),
            churns: BTreeMap::new(),
            beyond_the_end: options.beyond_the_end,
            kept: KeptAnswers::new(options.other_body, options.concurrent_keys),
            limiter: RateLimiter::new(
                windows,
                options.window_kind,
                options.rate_headers,
                profile.limits.clone(),
            ),
            faults: Faults::default(),
            held: Vec::new(),
            date_offset: DateOffset::default(),
            journal,
            ids: Ids::default(),
            outbox: Outbox::default(),
        };
        let (clock, state) = (options.clock, Mutex::new(state));
        let world =
            Arc::new(World { document, profile, examples, clock, state, posted: Notify::new() });
        let service =
            Self { world, client_id, client_secret, static_token, control_token, unplayed };
        if options.examples {
            service.seed_examples();
        }
        for (collection, count) in options.seeds {
            if service.seed(&collection, count).len() < count {
                let reason = format!("there is no `{collection}` that could be there at the start");
                return Err(StartError::profile("/collections", reason));
            }
        }
        for (collection, churn) in options.churns {
            if !service.set_churn(&collection, churn) {
                let reason = format!("there is no `{collection}` that could change");
                return Err(StartError::profile("/collections", reason));
            }
        }
        Ok(service)
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

    /// Whoever shows this token may use the control API of a [`Sandbox`](crate::Sandbox). Invented for
    /// this run unless you gave one.
    pub fn control_token(&self) -> &str {
        self.control_token.expose()
    }

    pub(crate) fn control_secret(&self) -> &Secret {
        &self.control_token
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

    /// Takes back every scripted fault that no request has met yet.
    pub fn clear_faults(&self) {
        self.world.state().faults.clear();
    }

    /// From now on requests meet faults by chance, or, with `None`, no more. A scripted fault comes first.
    pub fn set_chaos(&self, chaos: Option<Chaos>) {
        let now = self.world.clock.now();
        self.world.state().faults.set_chaos(chaos, now);
    }

    /// From now on another program uses the rate windows of an account so, or, with `None`, none does: as
    /// an operator has other applications, which the vendor counts in the same windows. Its requests fill
    /// the windows and are not in the ledger. Without windows nobody notices it.
    pub fn set_foreign_use(&self, account: Account, using: Option<ForeignUse>) {
        let mut state = self.world.state();
        // Under the lock, as requests are counted.
        let now = self.world.clock.now();
        state.limiter.set_foreign_use(account, using, now);
    }

    /// From now on a collection changes so while its list is read; says whether the profile has it.
    pub fn set_churn(&self, collection: &str, churn: Churn) -> bool {
        let known = self.world.profile.collections.contains_key(collection);
        if known {
            self.world.state().churns.insert(collection.to_owned(), churn);
        }
        known
    }

    /// From now on no collection changes while its list is read.
    pub fn clear_churn(&self) {
        self.world.state().churns.clear();
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
        self.world.state().authority.tokens.live().map(|token| token.ordinal).collect()
    }

    /// Revokes a token by its ordinal, as an operator may do at any time.
    pub fn revoke_token(&self, ordinal: usize) {
        let now = self.world.clock.now();
        let mut state = self.world.state();
        let State { authority, journal, .. } = &mut *state;
        authority.tokens.revoke(ordinal, journal, now);
    }

    /// Moves the clock. Short for [`SandboxClock::advance`].
    pub fn advance(&self, by: Duration) {
        self.world.clock.advance(by);
    }

    /// Ends everything that an operator has given to a client, as operators may do at the vendor at any
    /// time; gives how many tokens that were.
    pub fn revoke_grant(&self, operator: &str, client_id: &str) -> usize {
        let now = self.world.clock.now();
        let mut state = self.world.state();
        let State { authority, journal, .. } = &mut *state;
        authority.revoke_grant(operator, client_id, journal, now)
    }

    /// The operators that people can connect a client to, sorted.
    pub fn operators(&self) -> Vec<String> {
        self.world.state().authority.operators.iter().cloned().collect()
    }

    /// From now on a client has another secret, as after a rotation that nobody told it of; says whether
    /// there is such a client. [`client_secret`](Self::client_secret) still gives the first one.
    pub fn set_client_secret(&self, client_id: &str, secret: &str) -> bool {
        let mut state = self.world.state();
        let State { authority, journal, .. } = &mut *state;
        let secret = Secret::new(secret);
        journal.hide(&secret, CLIENT_SECRET.to_owned());
        authority.clients.set_secret(client_id, secret)
    }

    /// From now on refresh tokens are rotated by this model.
    pub fn set_rotation(&self, rotation: Rotation) {
        self.world.state().authority.settings.rotation = rotation;
    }

    /// The model by which refresh tokens are rotated.
    pub fn rotation(&self) -> Rotation {
        self.world.state().authority.settings.rotation.clone()
    }

    /// New access tokens last this long.
    pub fn set_token_lifetime(&self, lifetime: Duration) {
        self.world.state().authority.settings.lifetime = lifetime;
    }

    /// What `expires_in` holds from now on.
    pub fn set_expires_in(&self, expires_in: ExpiresIn) {
        self.world.state().authority.settings.expires_in = expires_in;
    }

    /// The `Date` of answers is from now on this many seconds later than the sandbox's time, or, below
    /// zero, earlier.
    pub fn set_date_offset(&self, seconds: i64) {
        self.world.state().date_offset = DateOffset::seconds(seconds);
    }

    /// What becomes, from now on, of the tokens that a client has, when it gets another.
    pub fn set_earlier_tokens(&self, earlier_tokens: EarlierTokens) {
        self.world.state().authority.settings.earlier_tokens = earlier_tokens;
    }
}

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Service").field("client_id", &self.client_id).finish_non_exhaustive()
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

    pub(crate) fn end_what_is_over(&self) {
        let now = self.clock.now();
        self.state().expire(now);
    }
}

const CLIENT_SECRET: &str = "[client secret]";

/// Who can be connected to, unless a test names others.
const OPERATORS: [&str; 2] = ["operator-1", "operator-2"];
