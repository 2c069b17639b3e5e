//! The authorization request: the address to which a user's browser is sent.

use std::error::Error as StdError;
use std::fmt;
use std::time::{Duration, SystemTime};

use specwright_core::random::Random;
use specwright_core::types::SecretString;
use url::Url;

use crate::channel::is_confidential;
use crate::fingerprint::random_text;
use crate::pending::{PendingAuthorization, Session};
use crate::pkce::{self, CodeVerifier};
use crate::registration::ClientRegistration;

/// Time for the user to answer, unless another one is set. Long enough for a second factor, short enough that a
/// forgotten tab is of no use to anybody.
const TIME_TO_ANSWER: Duration = Duration::from_secs(600);

/// No address is good for longer than this.
const LONGEST_TIME_TO_ANSWER: Duration = Duration::from_secs(86_400);

/// What is asked of a user: to let the program do something in their name (RFC 6749 §4.1.1).
///
/// [`Self::start`] gives the address for the browser, with a new `state` and a new code challenge, and what has to be
/// kept until the browser comes back. One value can start any number of authorizations.
///
/// ```
/// use specwright_core::random::OsRandom;
/// use specwright_oauth::{
///     AuthorizationRequest, Callback, ClientRegistration, PendingAuthorization, Session,
/// };
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let (now, cookie) = (std::time::SystemTime::UNIX_EPOCH, "fake-session");
/// let client = ClientRegistration::confidential("client id", "client secret");
/// let endpoint = "https://auth.example/authorize".parse()?;
/// let request = AuthorizationRequest::new(endpoint, &client, "https://app.example/back")?
///     .scope("contact:read");
///
/// // Send the browser to `started.url`, and keep the text, sealed, under `started.pending.id()`.
/// let started = request.start(Session::Browser(cookie), now, &OsRandom);
/// let kept = started.pending.to_text();
///
/// # let state = started.url.as_str().split("state=").nth(1).unwrap_or_default();
/// # let url = format!("/back?code=fake&state={state}");
/// // The browser comes back. The text is taken from under `callback.pending_id()`.
/// let callback = Callback::from_url(&url)?;
/// let pending = PendingAuthorization::from_text(kept.expose())?;
/// let grant = pending.redeem(callback, Session::Browser(cookie), now, client)?;
/// # assert_eq!(grant.code.expose(), "fake");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct AuthorizationRequest {
    endpoint: Url,
    client_id: String,
    redirect_uri: String,
    scopes: Vec<String>,
    audience: Option<String>,
    issuer: Option<String>,
    extra: Vec<(String, String)>,
    time_to_answer: Duration,
}

/// An authorization that has begun.
#[derive(Debug)]
#[non_exhaustive]
pub struct StartedAuthorization {
    /// Where to send the browser.
    pub url: AuthorizationUrl,
    /// What has to be kept, sealed, until the browser comes back, under [`PendingAuthorization::id`].
    pub pending: PendingAuthorization,
}

/// The address to which a browser is sent. It holds the `state`, so `Debug` shows the endpoint alone.
#[derive(Clone, PartialEq, Eq)]
pub struct AuthorizationUrl {
    url: Url,
    pending_id: String,
    expires_at: SystemTime,
}

impl AuthorizationRequest {
    /// A request at the authorization endpoint, which may have a query of its own (RFC 6749 §3.1).
    ///
    /// `redirect_uri` is sent as it is written here, with the request and with the code: servers compare it byte by
    /// byte with what was registered (RFC 9700 §2.1). It is `https`, or `http` on this machine, or of a scheme of the
    /// program's own with a dot in it (RFC 8252 §7.1).
    pub fn new(
        endpoint: Url,
        client: &ClientRegistration,
        redirect_uri: impl Into<String>,
    ) -> Result<Self, AuthorizationRequestError> {
        let redirect_uri = redirect_uri.into();
        if !is_confidential(&endpoint) || endpoint.fragment().is_some() {
            return Err(AuthorizationRequestError::Endpoint);
        }
        if !is_redirect_uri(&redirect_uri) {
            return Err(AuthorizationRequestError::RedirectUri);
        }
        let client_id = client.client_id().to_owned();
        let request = Self {
            endpoint,
            client_id,
            redirect_uri,
            scopes: Vec::new(),
            audience: None,
            issuer: None,
            extra: Vec::new(),
            time_to_answer: TIME_TO_ANSWER,
        };
        let own = request.endpoint.query_pairs().find_map(|(name, _)| reserved(&name));
        own.map_or(Ok(request), |name| Err(AuthorizationRequestError::Reserved(name)))
    }

    /// Asks for these scopes, separated by blanks (RFC 6749 §3.3), besides those that were named before.
    pub fn scope(mut self, scope: &str) -> Self {
        for scope in scope.split_ascii_whitespace() {
            if !self.scopes.iter().any(|known| known == scope) {
                self.scopes.push(scope.to_owned());
            }
        }
        self
    }

    /// Asks for a refresh token with the scope that the vendor has for it, such as `offline` or `offline_access`.
    /// Vendors that always give one have none.
    pub fn offline_scope(self, scope: &str) -> Self {
        self.scope(scope)
    }

    /// Names the API that the tokens are for, where the vendor wants it. No part of RFC 6749.
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.audience = Some(audience.into());
        self
    }

    /// Names the authorization server, so that a callback of another one is refused (RFC 9207).
    pub fn issuer(mut self, issuer: impl Into<String>) -> Self {
        self.issuer = Some(issuer.into());
        self
    }

    /// Adds a parameter of the vendor, such as `prompt`. It cannot be one that this type writes, nor one that would
    /// have the server read the parameters from elsewhere (RFC 9101).
    pub fn extra(
        mut self,
        name: impl Into<String>,
        value: impl Into<String>,
    ) -> Result<Self, AuthorizationRequestError> {
        let name = name.into();
        match reserved(&name) {
            Some(name) => Err(AuthorizationRequestError::Reserved(name)),
            None => {
                self.extra.push((name, value.into()));
                Ok(self)
            }
        }
    }

    /// Sets the time for the user to answer. Default: 10 min. At most a day.
    pub fn time_to_answer(mut self, time: Duration) -> Self {
        self.time_to_answer = time.min(LONGEST_TIME_TO_ANSWER);
        self
    }

    /// Starts one authorization: draws `state` and code verifier, and writes the address.
    ///
    /// `session` is that of the browser which is being sent. A callback that another session brings is refused, so
    /// nobody can be made to connect somebody else's account (RFC 9700 §4.7).
    pub fn start(
        &self,
        session: Session<'_>,
        now: SystemTime,
        random: &dyn Random,
    ) -> StartedAuthorization {
        let state = random_text(random);
        let verifier = CodeVerifier::draw(random);
        let url = self.address(&state, &verifier);
        let pending = PendingAuthorization::new(
            state.expose(),
            verifier.0,
            session,
            self.redirect_uri.clone(),
            self.scope_text(),
            self.issuer.clone(),
            now..now.checked_add(self.time_to_answer).unwrap_or(now),
        );
        let (pending_id, expires_at) = (pending.id(), pending.expires_at());
        StartedAuthorization { url: AuthorizationUrl { url, pending_id, expires_at }, pending }
    }

    fn address(&self, state: &SecretString, verifier: &CodeVerifier) -> Url {
        let mut url = self.endpoint.clone();
        let mut query = url.query_pairs_mut();
        query
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.client_id)
            .append_pair("redirect_uri", &self.redirect_uri);
        if let Some(scope) = self.scope_text() {
            query.append_pair("scope", &scope);
        }
        query
            .append_pair("state", state.expose())
            .append_pair("code_challenge", &verifier.challenge())
            .append_pair("code_challenge_method", pkce::METHOD);
        if let Some(audience) = &self.audience {
            query.append_pair("audience", audience);
        }
        query.extend_pairs(&self.extra);
        drop(query);
        url
    }

    fn scope_text(&self) -> Option<String> {
        (!self.scopes.is_empty()).then(|| self.scopes.join(" "))
    }
}

impl AuthorizationUrl {
    /// The address. It must reach the browser of the user and no log.
    pub fn as_str(&self) -> &str {
        self.url.as_str()
    }

    /// The [id](PendingAuthorization::id) of the authorization that it starts, which its callback bears too.
    pub fn pending_id(&self) -> &str {
        &self.pending_id
    }

    /// From when on a callback comes too late.
    pub fn expires_at(&self) -> SystemTime {
        self.expires_at
    }

    /// Whether the browser comes back to this redirect URI.
    #[cfg(feature = "loopback")]
    pub(crate) fn leads_back_to(&self, redirect_uri: &str) -> bool {
        self.url.query_pairs().any(|(name, value)| name == "redirect_uri" && value == redirect_uri)
    }
}

impl fmt::Debug for AuthorizationUrl {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "AuthorizationUrl({}…)", self.url.origin().ascii_serialization())
    }
}

/// A parameter that only this type writes.
fn reserved(name: &str) -> Option<&'static str> {
    RESERVED.into_iter().find(|reserved| *reserved == name)
}

/// RFC 6749 §3.1.2 and RFC 8252 §7.
fn is_redirect_uri(text: &str) -> bool {
    let Ok(url) = Url::parse(text) else { return false };
    let own_scheme = url.scheme().contains('.');
    url.fragment().is_none() && (is_confidential(&url) || own_scheme)
}

/// Parameters that this type writes (RFC 6749 §4.1.1, RFC 7636 §4.3), and those that replace them (RFC 9101 §5, and
/// `response_mode`, with which the answer would not come in the query).
const RESERVED: [&str; 11] = [
    "response_type",
    "client_id",
    "redirect_uri",
    "scope",
    "state",
    "code_challenge",
    "code_challenge_method",
    "audience",
    "request",
    "request_uri",
    "response_mode",
];

/// An authorization request that cannot be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AuthorizationRequestError {
    /// The endpoint is neither `https` nor `http` on this machine, or has a fragment.
    Endpoint,
    /// The redirect URI is not absolute, has a fragment, or is of a kind that does not lead back to the program alone.
    RedirectUri,
    /// A parameter was named, by the endpoint's query or by [`AuthorizationRequest::extra`], that is not free.
    Reserved(&'static str),
}

impl fmt::Display for AuthorizationRequestError {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Endpoint => to.write_str(
                "an authorization endpoint is https, or http on this machine, without a fragment",
            ),
            Self::RedirectUri => to.write_str(
                "a redirect URI is https, http on this machine or of the program's own scheme, \
                 without a fragment",
            ),
            Self::Reserved(name) => {
                write!(to, "the parameter `{name}` is written by the authorization request itself")
            }
        }
    }
}

impl StdError for AuthorizationRequestError {}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use specwright_testkit::SeededRandom;

    use super::*;

    const BACK: &str = "https://app.example/back";

    fn at(endpoint: &str) -> Result<AuthorizationRequest, AuthorizationRequestError> {
        let client = ClientRegistration::confidential("fake id&x", "canary-secret");
        AuthorizationRequest::new(Url::parse(endpoint).unwrap(), &client, BACK)
    }

    fn request() -> AuthorizationRequest {
        at("https://auth.example/authorize").unwrap()
    }

    fn started(request: &AuthorizationRequest) -> StartedAuthorization {
        request.start(Session::None, SystemTime::UNIX_EPOCH, &SeededRandom::new(1))
    }

    fn query(request: &AuthorizationRequest) -> BTreeMap<String, String> {
        started(request).url.url.query_pairs().into_owned().collect()
    }

    #[test]
    fn the_address_holds_what_the_specification_asks_for() {
        let query = query(&request().scope("a:read b:write"));
        let names: Vec<_> = query.keys().map(String::as_str).collect();
        assert_eq!(
            names,
            [
                "client_id",
                "code_challenge",
                "code_challenge_method",
                "redirect_uri",
                "response_type",
                "scope",
                "state"
            ]
        );
        assert_eq!(query["client_id"], "fake id&x");
        assert_eq!(query["response_type"], "code");
        assert_eq!(query["redirect_uri"], BACK);
        assert_eq!(query["scope"], "a:read b:write");
        assert_eq!(query["code_challenge_method"], "S256");
        assert_eq!(query["state"].len(), 43);
    }

    #[test]
    fn state_and_challenge_are_new_each_time() {
        let random = SeededRandom::new(1);
        let start = || request().start(Session::None, SystemTime::UNIX_EPOCH, &random).url.url;
        let of = |url: &Url, name| {
            url.query_pairs().find(|(known, _)| known == name).map(|(_, value)| value.into_owned())
        };
        let (first, second) = (start(), start());
        assert_ne!(of(&first, "state"), of(&second, "state"));
        assert_ne!(of(&first, "code_challenge"), of(&second, "code_challenge"));
    }

    #[test]
    fn the_query_of_the_endpoint_stays() {
        let request = at("https://auth.example/authorize?tenant=7").unwrap();
        assert!(started(&request).url.as_str().contains("?tenant=7&response_type=code&"));
    }

    #[test]
    fn audience_and_extra_parameters_are_sent() {
        let request = request().audience("https://api.example").extra("prompt", "consent").unwrap();
        let query = query(&request);
        assert_eq!(query["audience"], "https://api.example");
        assert_eq!(query["prompt"], "consent");
    }

    #[test]
    fn a_scope_is_asked_for_once() {
        let request = request().scope("a offline b").offline_scope("offline").scope(" a ");
        assert_eq!(query(&request)["scope"], "a offline b");
        assert!(!query(&self::request()).contains_key("scope"));
        assert_eq!(query(&self::request().offline_scope("offline"))["scope"], "offline");
    }

    #[test]
    fn no_parameter_of_ours_can_be_given_twice() {
        for name in RESERVED {
            let error = request().extra(name, "x").unwrap_err();
            assert_eq!(error, AuthorizationRequestError::Reserved(name));
            let error = at(&format!("https://auth.example/authorize?{name}=x")).unwrap_err();
            assert_eq!(error, AuthorizationRequestError::Reserved(name));
        }
    }

    #[test]
    fn an_endpoint_over_a_plain_connection_is_refused() {
        for endpoint in ["http://auth.example/", "https://auth.example/#x", "data:,x"] {
            assert_eq!(at(endpoint).unwrap_err(), AuthorizationRequestError::Endpoint);
        }
    }

    #[test]
    fn a_redirect_leads_back_to_the_program_alone() {
        for (uri, expected) in [
            ("https://app.example/back?a=b", true),
            ("http://127.0.0.1:8080/back", true),
            ("com.example.app:/back", true),
            ("http://app.example/back", false),
            ("https://app.example/back#x", false),
            ("/back", false),
            ("app:/back", false),
            ("javascript:alert(1)", false),
            ("urn:ietf:wg:oauth:2.0:oob", false),
        ] {
            assert_eq!(is_redirect_uri(uri), expected, "{uri}");
        }
    }

    #[test]
    fn debug_shows_neither_state_nor_verifier() {
        let request = request();
        let started = started(&request);
        let state = started.url.url.query_pairs().find(|(name, _)| name == "state").unwrap().1;
        let shown = format!("{request:?} {started:?} {started:#?}");
        assert!(!shown.contains(&*state) && !shown.contains("canary"), "{shown}");
        assert!(shown.contains("AuthorizationUrl(https://auth.example…)"), "{shown}");
    }
}
