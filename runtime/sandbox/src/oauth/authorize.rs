//! The authorization endpoint (RFC 6749, section 4.1.1): is this a request that a person may be asked
//! about?

use std::collections::{BTreeMap, BTreeSet};

use http::header::LOCATION;
use http::{HeaderValue, StatusCode};

use crate::answer::Answer;
use crate::clock::Moment;
use crate::ledger::{AuthorizationEvent, Journal};
use crate::oauth::consent::{self, Consent};
use crate::oauth::grants::scopes_of;
use crate::oauth::{AUTHORIZATION_CODE, AuthorizationServer, Client};
use crate::percent::{Plus, decode, encode, pairs};

/// A request that a person may be asked about.
#[derive(Clone, Debug)]
pub(crate) struct AuthorizationRequest {
    pub(crate) client: String,
    pub(crate) back: Back,
    pub(crate) scopes: BTreeSet<String>,
    /// Of PKCE, by the method `S256`.
    pub(crate) challenge: Option<String>,
}

/// Where a person is sent back to, and with which `state`.
#[derive(Clone, Debug)]
pub(crate) struct Back {
    pub(crate) redirect_uri: String,
    pub(crate) state: Option<String>,
}

/// Why a person is not asked.
#[derive(Debug)]
pub(crate) enum Flaw {
    /// Whoever sent the person is not to be trusted: the person stays here.
    Stays { client: Option<String>, reason: &'static str },
    /// The client made a mistake, and is told.
    Returns { client: String, back: Back, error: &'static str, description: String },
}

impl AuthorizationServer {
    /// Answers with the page that asks a person, or says why there is none.
    pub(crate) fn authorize(&mut self, query: &str, journal: &mut Journal, now: Moment) -> Answer {
        let request = match self.read_request(query) {
            Ok(request) => request,
            Err(flaw) => return flaw.into_answer(journal, now),
        };
        let id = match self.secrets.invent() {
            Ok(id) => id,
            Err(error) => {
                let AuthorizationRequest { client, back, .. } = request;
                let description = error.to_string();
                let flaw = Flaw::Returns { client, back, error: "server_error", description };
                return flaw.into_answer(journal, now);
            }
        };
        journal.hide(&id, "[consent]".to_owned());
        let scopes = request.scopes.iter().cloned().collect();
        journal.authorization(now, Some(&request.client), AuthorizationEvent::Asked { scopes });
        let page = consent::page(&id, &request, &self.operators);
        self.consents.add(&id, Consent::of(request, now));
        page
    }

    /// Reads a request. The client and the place to return to come first: without them nobody can be
    /// sent anywhere (section 4.1.2.1).
    fn read_request(&self, query: &str) -> Result<AuthorizationRequest, Flaw> {
        let Parameters { values, repeated } = Parameters::read(query);
        let text =
            |name: &str| values.get(name).map(String::as_str).filter(|text| !text.is_empty());
        let stays = |client: Option<&Client>, reason| {
            Err(Flaw::Stays { client: client.map(|client| client.id.clone()), reason })
        };
        if repeated.contains("client_id") || repeated.contains("redirect_uri") {
            return stays(None, "The request names its client or its redirect_uri twice.");
        }
        let Some(client) = text("client_id").and_then(|id| self.clients.get(id)) else {
            return stays(None, "The client is not known.");
        };
        let Some(redirect_uri) = text("redirect_uri").filter(|uri| client.knows(uri)) else {
            return stays(Some(client), "The redirect_uri is missing, or is none of the client's.");
        };
        let state = text("state").filter(|_| !repeated.contains("state")).map(str::to_owned);
        let back = Back { redirect_uri: redirect_uri.to_owned(), state };
        let returns = |error, description: &str| {
            let (client, back) = (client.id.clone(), back.clone());
            Err(Flaw::Returns { client, back, error, description: description.to_owned() })
        };
        if let Some(name) = repeated.first() {
            // The name is one of ours: others are not looked at.
            return returns("invalid_request", &format!("The parameter {name} is given twice."));
        }
        match text("response_type") {
            Some("code") => {}
            None => return returns("invalid_request", "The response_type is missing."),
            Some(_) => {
                return returns("unsupported_response_type", "The only response_type is code.");
            }
        }
        if !client.grants.contains(AUTHORIZATION_CODE) {
            return returns("unauthorized_client", "The client may not use this grant type.");
        }
        let least = self.rules.authorization.state_characters;
        if back.state.as_deref().unwrap_or_default().chars().count() < least {
            return returns(
                "invalid_state",
                "The state is missing, or is too short to be a secret.",
            );
        }
        if self.rules.audience.is_some() && self.rules.audience.as_deref() != text("audience") {
            let description = "The audience is missing, or is not one of this server.";
            return returns("invalid_request", description);
        }
        let scopes = scopes_of(text("scope").unwrap_or_default());
        if !client.may_have(&scopes) {
            let description = "The scope is missing, unknown, or more than the client may have.";
            return returns("invalid_scope", description);
        }
        let challenge = match (text("code_challenge"), text("code_challenge_method")) {
            (None, None) => None,
            (Some(challenge), Some("S256")) if is_digest(challenge) => Some(challenge.to_owned()),
            (Some(_), Some("S256")) => {
                return returns(
                    "invalid_request",
                    "The code_challenge is no SHA-256 in base64url.",
                );
            }
            // Without a method it is `plain` (RFC 7636, section 4.3).
            (Some(_), _) => {
                return returns("invalid_request", "The only code_challenge_method is S256.");
            }
            (None, Some(_)) => return returns("invalid_request", "The code_challenge is missing."),
        };
        Ok(AuthorizationRequest { client: client.id.clone(), back, scopes, challenge })
    }
}

impl Back {
    /// The answer that sends the person back with these parameters.
    pub(crate) fn answer(&self, parameters: &[(&str, &str)]) -> Answer {
        let state = self.state.iter().map(|state| ("state", state.as_str()));
        let mut url = self.redirect_uri.clone();
        for (name, value) in parameters.iter().copied().chain(state) {
            url.push(if url.contains('?') { '&' } else { '?' });
            url.extend([name, "=", &encode(value)]);
        }
        // 303: whatever was sent here is not sent there again (RFC 9110, section 15.4.4).
        let mut answer = Answer::empty(StatusCode::SEE_OTHER).uncached();
        answer.headers.extend(HeaderValue::from_str(&url).ok().map(|url| (LOCATION, url)));
        answer
    }
}

impl Flaw {
    fn into_answer(self, journal: &mut Journal, now: Moment) -> Answer {
        match self {
            Self::Stays { client, reason } => {
                let event = AuthorizationEvent::Refused { error: None };
                journal.authorization(now, client.as_deref(), event);
                consent::error_page(reason)
            }
            Self::Returns { client, back, error, description } => {
                let event = AuthorizationEvent::Refused { error: Some(error.to_owned()) };
                journal.authorization(now, Some(&client), event);
                let mut answer =
                    back.answer(&[("error", error), ("error_description", &description)]);
                answer.reason = Some(format!("{error}: {description}"));
                answer
            }
        }
    }
}

/// The parameters that mean something. Others are not looked at (RFC 6749, section 3.1).
struct Parameters {
    values: BTreeMap<&'static str, String>,
    repeated: BTreeSet<&'static str>,
}

impl Parameters {
    fn read(query: &str) -> Self {
        let mut read = Self { values: BTreeMap::new(), repeated: BTreeSet::new() };
        for (name, value) in pairs(query) {
            let pair = decode(name, Plus::Space).ok().zip(decode(value, Plus::Space).ok());
            let Some((name, value)) = pair else { continue };
            let Some(name) = PARAMETERS.into_iter().find(|known| *known == name) else { continue };
            if read.values.insert(name, value).is_some() {
                read.repeated.insert(name);
            }
        }
        read
    }
}

/// Whether a text has the form of a SHA-256 in base64url without padding.
fn is_digest(text: &str) -> bool {
    let known = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    text.len() == 43 && text.chars().all(known)
}

/// RFC 6749, section 4.1.1; RFC 7636, section 4.3; `audience` is Hydra's.
const PARAMETERS: [&str; 8] = [
    "audience",
    "client_id",
    "code_challenge",
    "code_challenge_method",
    "redirect_uri",
    "response_type",
    "scope",
    "state",
];
