//! How a sandbox is set up.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use crate::churn::Churn;
use crate::clock::SandboxClock;
use crate::idempotency::{ConcurrentKeys, OtherBody};
use crate::limits::{Limits, RateHeaders, WindowKind};
use crate::list::BeyondTheEnd;
use crate::oauth::{Client, EarlierTokens, ExpiresIn, Rotation};
use crate::profile::{Api, Profile};
use crate::secret::{Secret, SecretSource};

/// How a sandbox is set up. The default plays Stora 2025-09 on a free loopback port, by the
/// machine's clock, without rate windows, with one invented client and one static token.
#[derive(Clone, Debug)]
#[must_use]
pub struct Options {
    pub(crate) listen: SocketAddr,
    pub(crate) api: Api,
    pub(crate) document: Option<String>,
    pub(crate) profile: Option<Profile>,
    pub(crate) clock: SandboxClock,
    pub(crate) clients: Vec<Client>,
    pub(crate) static_tokens: Vec<StaticToken>,
    pub(crate) token_lifetime: Option<Duration>,
    pub(crate) expires_in: ExpiresIn,
    pub(crate) rotation: Option<Rotation>,
    pub(crate) earlier_tokens: EarlierTokens,
    pub(crate) operators: BTreeSet<String>,
    pub(crate) redirect_uris: Vec<String>,
    pub(crate) secrets: SecretSource,
    pub(crate) control_token: Option<Secret>,
    pub(crate) limits: Limits,
    pub(crate) window_kind: WindowKind,
    pub(crate) rate_headers: RateHeaders,
    pub(crate) other_body: OtherBody,
    pub(crate) concurrent_keys: ConcurrentKeys,
    pub(crate) seeds: Vec<(String, usize)>,
    pub(crate) examples: bool,
    pub(crate) churns: BTreeMap<String, Churn>,
    pub(crate) beyond_the_end: BeyondTheEnd,
}

/// A token that was made by hand and does not expire.
#[derive(Clone)]
pub(crate) struct StaticToken {
    pub(crate) value: Secret,
    pub(crate) scopes: BTreeSet<String>,
}

impl Options {
    /// The defaults.
    pub fn new() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            api: Api::Stora,
            document: None,
            profile: None,
            clock: SandboxClock::machine(),
            clients: Vec::new(),
            static_tokens: Vec::new(),
            token_lifetime: None,
            expires_in: ExpiresIn::Seconds,
            rotation: None,
            earlier_tokens: EarlierTokens::Kept,
            operators: BTreeSet::new(),
            redirect_uris: Vec::new(),
            secrets: SecretSource::System,
            control_token: None,
            limits: Limits::Off,
            window_kind: WindowKind::Fixed,
            rate_headers: RateHeaders::OnRefusal,
            other_body: OtherBody::Replayed,
            concurrent_keys: ConcurrentKeys::OneActs,
            seeds: Vec::new(),
            examples: false,
            churns: BTreeMap::new(),
            beyond_the_end: BeyondTheEnd::Empty,
        }
    }

    /// Listens there; port 0 takes a free one. Anything but loopback lets others in.
    pub fn with_listen(self, listen: SocketAddr) -> Self {
        Self { listen, ..self }
    }

    /// Plays this API: its document and its profile, unless you give others.
    pub fn with_api(self, api: Api) -> Self {
        Self { api, ..self }
    }

    /// Plays this effective document (OpenAPI 3.1 in JSON, overlays applied) instead of the one of the
    /// API.
    pub fn with_document(self, json: impl Into<String>) -> Self {
        Self { document: Some(json.into()), ..self }
    }

    /// Plays with this profile instead of the one of the API. One that came with the sandbox brings its
    /// document; one that you read yourself goes with the document of the API.
    pub fn with_profile(self, profile: Profile) -> Self {
        Self { profile: Some(profile), ..self }
    }

    /// Goes by this clock.
    pub fn with_clock(self, clock: SandboxClock) -> Self {
        Self { clock, ..self }
    }

    /// Knows this client. The first one given takes the place of the invented one.
    pub fn with_client(mut self, client: Client) -> Self {
        self.clients.push(client);
        self
    }

    /// Knows this token, which has these scopes and no end, beside the invented one.
    pub fn with_static_token<S: Into<String>>(
        mut self,
        value: impl Into<String>,
        scopes: impl IntoIterator<Item = S>,
    ) -> Self {
        let scopes = scopes.into_iter().map(Into::into).collect();
        self.static_tokens.push(StaticToken { value: Secret::new(value), scopes });
        self
    }

    /// Tokens last this long instead of the profile's time.
    pub fn with_token_lifetime(self, lifetime: Duration) -> Self {
        Self { token_lifetime: Some(lifetime), ..self }
    }

    /// What `expires_in` holds.
    pub fn with_expires_in(self, expires_in: ExpiresIn) -> Self {
        Self { expires_in, ..self }
    }

    /// Refresh tokens are rotated by this model instead of the profile's.
    pub fn with_rotation(self, rotation: Rotation) -> Self {
        Self { rotation: Some(rotation), ..self }
    }

    /// What becomes of the tokens that a client has, when it gets another.
    pub fn with_earlier_tokens(self, earlier_tokens: EarlierTokens) -> Self {
        Self { earlier_tokens, ..self }
    }

    /// Has an account of this name, which people can connect a client to. The first one given takes the
    /// place of `operator-1` and `operator-2`. All operators see the same resources.
    pub fn with_operator(mut self, name: impl Into<String>) -> Self {
        self.operators.insert(name.into());
        self
    }

    /// Registers this redirect URI for the first client, invented or not. See
    /// [`Client::with_redirect_uri`].
    pub fn with_redirect_uri(mut self, uri: impl Into<String>) -> Self {
        self.redirect_uris.push(uri.into());
        self
    }

    /// Draws every credential from `seed`, so that they are the same in every run. Anybody can guess
    /// them: for tests that shall repeat, and nowhere else.
    pub fn with_seeded_secrets(self, seed: u64) -> Self {
        Self { secrets: SecretSource::Seeded { seed, drawn: 0 }, ..self }
    }

    /// Whoever shows this token may use the control API, instead of an invented one.
    pub fn with_control_token(self, token: impl Into<String>) -> Self {
        Self { control_token: Some(Secret::new(token)), ..self }
    }

    /// Which rate windows hold.
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// When requests no longer count in those windows.
    pub fn with_window_kind(self, window_kind: WindowKind) -> Self {
        Self { window_kind, ..self }
    }

    /// Which answers say how full those windows are.
    pub fn with_rate_headers(self, rate_headers: RateHeaders) -> Self {
        Self { rate_headers, ..self }
    }

    /// What a request is answered whose idempotency key came with another body before.
    pub fn with_other_body(self, other_body: OtherBody) -> Self {
        Self { other_body, ..self }
    }

    /// What becomes of two requests with one idempotency key at the same time.
    pub fn with_concurrent_keys(self, concurrent_keys: ConcurrentKeys) -> Self {
        Self { concurrent_keys, ..self }
    }

    /// Starts with this many contacts. Short for [`with_seeds`](Self::with_seeds) of `contacts`.
    pub fn with_contacts(self, contacts: usize) -> Self {
        self.with_seeds("contacts", contacts)
    }

    /// Starts with this many resources in a collection of the profile. What they refer to is there as
    /// well.
    pub fn with_seeds(mut self, collection: impl Into<String>, count: usize) -> Self {
        self.seeds.push((collection.into(), count));
        self
    }

    /// Starts with every resource that an example of the document shows or names.
    pub fn with_examples(self) -> Self {
        Self { examples: true, ..self }
    }

    /// A collection changes so while its list is read.
    pub fn with_churn(mut self, collection: impl Into<String>, churn: Churn) -> Self {
        self.churns.insert(collection.into(), churn);
        self
    }

    /// What a page is that comes after the last one of its list.
    pub fn with_beyond_the_end(self, beyond_the_end: BeyondTheEnd) -> Self {
        Self { beyond_the_end, ..self }
    }
}

impl Default for Options {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for StaticToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StaticToken").field("scopes", &self.scopes).finish_non_exhaustive()
    }
}
