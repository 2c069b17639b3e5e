//! What happened, as the server saw it: every request, token and effect. It holds no secret.

mod arrivals;
mod attempts;
mod authorizations;
mod hidden;
mod keys;
mod received;
mod tokens;

use std::time::Duration;

use http::header::{AUTHORIZATION, COOKIE, PROXY_AUTHORIZATION};
use http::{HeaderMap, Method};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::account::Account;
use crate::clock::Moment;
use crate::exchange::AUTHORIZE;
use crate::percent::{Plus, decode};
use crate::secret::Secret;
pub use arrivals::Peak;
pub use attempts::{AttemptEntry, AttemptVerdict};
pub(crate) use attempts::{AttemptNumber, Attempted};
pub use authorizations::{AuthorizationEntry, AuthorizationEvent};
use hidden::Hidden;
pub(crate) use tokens::TokenRequest;
pub use tokens::{TokenEntry, TokenEvent, TokenKind, TokenOutcome, TokenRequestEntry};

/// A copy of the ledger. `seq` counts over all lists, so entries of different lists can be ordered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Ledger {
    /// `operationId` of the token endpoint.
    pub token_operation: String,
    /// Every request, in the order of arrival.
    pub requests: Vec<RequestEntry>,
    /// What became of each token.
    pub tokens: Vec<TokenEntry>,
    /// What was asked of people at the authorization endpoint, and how they decided.
    pub authorizations: Vec<AuthorizationEntry>,
    /// Every request that reached the token endpoint itself.
    pub token_requests: Vec<TokenRequestEntry>,
    /// Every change of a resource.
    pub effects: Vec<EffectEntry>,
    /// Every answer given again for an idempotency key. Such a request has no effect.
    pub replays: Vec<ReplayEntry>,
    /// Every attempt to deliver a webhook.
    pub attempts: Vec<AttemptEntry>,
    /// Every scripted fault that was played.
    pub faults: Vec<FaultEntry>,
    /// Answers of the sandbox itself that broke the document: bugs of the sandbox or its profile.
    pub defects: Vec<DefectEntry>,
}

/// A request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RequestEntry {
    /// Position in the ledger.
    pub seq: u64,
    /// RFC 3339, by the sandbox clock.
    pub at: String,
    /// The method.
    pub method: String,
    /// The path as it was sent, without the secrets in it.
    pub path: String,
    /// The query as it was sent, without the question mark; values that name a credential are cut.
    pub query: String,
    /// Name and value; the values of credential headers are cut.
    pub headers: Vec<(String, String)>,
    /// Bytes of the body.
    pub body_size: usize,
    /// The body as JSON, a form as an object of texts; `None` if it was empty or neither of the two.
    /// The values of members that name a credential are cut.
    pub body: Option<Value>,
    /// `operationId`; `None` if the request meant no operation.
    pub operation: Option<String>,
    /// Whose token it brought, whether or not that was still alive; `None` if it brought none that is known.
    pub account: Option<Account>,
    /// Not if a rate window refused it, whatever it was answered. Those that no window looked at, for a
    /// fault or for want of a token, were let in.
    pub let_in: bool,
    /// How it ended.
    pub verdict: Verdict,
    /// Of a request that was given a kept answer, for its idempotency key: the `seq` of the one that was
    /// given it first.
    pub replay_of: Option<u64>,
    /// `at`, exactly.
    #[serde(skip)]
    pub(crate) arrived: Moment,
}

/// How a request ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Verdict {
    /// It has not ended yet.
    Open,
    /// It was answered.
    Answered {
        /// The status.
        status: u16,
        /// Why it was refused, if it was.
        reason: Option<String>,
    },
    /// The connection was closed without an answer.
    Closed,
}

/// A change of a resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct EffectEntry {
    /// Position in the ledger.
    pub seq: u64,
    /// The `seq` of the request that made it.
    pub request: u64,
    /// RFC 3339, by the sandbox clock.
    pub at: String,
    /// What was done.
    pub kind: EffectKind,
    /// The collection, such as `contacts`.
    pub collection: String,
    /// The id of the resource.
    pub id: String,
    /// The key of the request, if it had one.
    pub idempotency_key: Option<String>,
}

/// What was done to a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum EffectKind {
    /// It is new.
    Created,
    /// It was changed.
    Updated,
    /// It is gone.
    Deleted,
}

/// An answer that was given again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ReplayEntry {
    /// Position in the ledger.
    pub seq: u64,
    /// RFC 3339, by the sandbox clock.
    pub at: String,
    /// The key.
    pub idempotency_key: String,
    /// The status that was given again.
    pub status: u16,
}

/// A fault that was played.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct FaultEntry {
    /// Position in the ledger.
    pub seq: u64,
    /// RFC 3339, by the sandbox clock.
    pub at: String,
    /// Its name, such as `close_after_effect`.
    pub fault: String,
    /// `operationId` of the request; `None` if it meant no operation.
    pub operation: Option<String>,
}

/// An answer of the sandbox that broke the document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct DefectEntry {
    /// Position in the ledger.
    pub seq: u64,
    /// RFC 3339, by the sandbox clock.
    pub at: String,
    /// The operation.
    pub operation: String,
    /// What is wrong with the answer.
    pub reason: String,
}

impl Ledger {
    /// How many requests the token endpoint got.
    pub fn token_posts(&self) -> usize {
        self.requests_for(&self.token_operation).len()
    }

    /// Every change of a resource.
    pub fn effects(&self) -> &[EffectEntry] {
        &self.effects
    }

    /// The requests that meant this operation, in the order of arrival.
    pub fn requests_for(&self, operation: &str) -> Vec<&RequestEntry> {
        let meant = |entry: &&RequestEntry| entry.operation.as_deref() == Some(operation);
        self.requests.iter().filter(meant).collect()
    }
}

impl RequestEntry {
    /// When it arrived, as the time since 1970 (UTC) by the sandbox clock: [`at`](Self::at), exactly.
    pub fn arrived(&self) -> Duration {
        self.arrived.since_1970()
    }

    /// The value of a header, by its name in lower case; of several, the first.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The status of the answer, if there was one.
    pub fn status(&self) -> Option<u16> {
        match self.verdict {
            Verdict::Answered { status, .. } => Some(status),
            Verdict::Open | Verdict::Closed => None,
        }
    }
}

/// Writes the ledger. Secrets it was told of are cut out of whatever it writes.
#[derive(Debug)]
pub(crate) struct Journal {
    ledger: Ledger,
    written: u64,
    hidden: Hidden,
}

/// A request, as it arrives.
pub(crate) struct Arrival<'r> {
    pub(crate) method: &'r Method,
    pub(crate) path: &'r str,
    pub(crate) query: &'r str,
    pub(crate) headers: &'r HeaderMap,
    /// `None` if it was larger than the server takes.
    pub(crate) body: Option<&'r [u8]>,
    pub(crate) operation: Option<&'r str>,
    pub(crate) account: Option<Account>,
    /// Whether no rate window refuses it.
    pub(crate) let_in: bool,
}

/// Names the entry of a request.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct RequestNumber(usize);

impl Journal {
    pub(crate) fn new(token_operation: &str) -> Self {
        let ledger = Ledger { token_operation: token_operation.to_owned(), ..Ledger::default() };
        Self { ledger, written: 0, hidden: Hidden::default() }
    }

    pub(crate) fn snapshot(&self) -> Ledger {
        self.ledger.clone()
    }

    /// The changes of resources beyond the first so many.
    pub(crate) fn effects_after(&self, seen: usize) -> &[EffectEntry] {
        self.ledger.effects.get(seen..).unwrap_or_default()
    }

    /// From now on `secret` is written as `label`.
    pub(crate) fn hide(&mut self, secret: &Secret, label: String) {
        self.hidden.add(secret.expose(), label);
    }

    pub(crate) fn request(&mut self, at: Moment, arrival: &Arrival<'_>) -> RequestNumber {
        let headers = arrival.headers.iter().map(|(name, value)| {
            let credential = [AUTHORIZATION, PROXY_AUTHORIZATION, COOKIE].contains(name);
            let value = String::from_utf8_lossy(value.as_bytes());
            let value = if credential { CUT.to_owned() } else { self.clean(&value) };
            (name.as_str().to_owned(), value)
        });
        let bytes = arrival.body.unwrap_or_default();
        let mut body = received::body(arrival.headers, bytes);
        if let Some(body) = &mut body {
            received::each_text(body, &|text| self.clean(text));
        }
        let entry = RequestEntry {
            headers: headers.collect(),
            seq: self.written,
            at: at.to_rfc3339(),
            method: self.clean(arrival.method.as_str()),
            path: self.clean(arrival.path),
            query: self.clean(&cut_query(arrival.query, arrival.operation)),
            body_size: bytes.len(),
            body,
            operation: arrival.operation.map(str::to_owned),
            account: arrival.account.clone(),
            let_in: arrival.let_in,
            verdict: Verdict::Open,
            replay_of: None,
            arrived: at,
        };
        self.written += 1;
        self.ledger.requests.push(entry);
        RequestNumber(self.ledger.requests.len() - 1)
    }

    pub(crate) fn conclude(&mut self, number: RequestNumber, verdict: Verdict) {
        let verdict = match verdict {
            Verdict::Answered { status, reason } => {
                Verdict::Answered { status, reason: reason.map(|reason| self.clean(&reason)) }
            }
            Verdict::Open | Verdict::Closed => verdict,
        };
        if let Some(entry) = self.ledger.requests.get_mut(number.0) {
            entry.verdict = verdict;
        }
    }

    pub(crate) fn effect(
        &mut self,
        at: Moment,
        request: RequestNumber,
        kind: EffectKind,
        collection: &str,
        id: &str,
        idempotency_key: Option<&str>,
    ) {
        let request = self.seq(request).unwrap_or_default();
        let (seq, at) = self.next(at);
        self.ledger.effects.push(EffectEntry {
            seq,
            request,
            at,
            kind,
            collection: collection.to_owned(),
            id: id.to_owned(),
            idempotency_key: idempotency_key.map(|key| self.clean(key)),
        });
    }

    /// A request is given what another one was given before.
    pub(crate) fn replay(
        &mut self,
        at: Moment,
        request: RequestNumber,
        first: RequestNumber,
        key: &str,
        status: u16,
    ) {
        let first = self.seq(first);
        if let Some(entry) = self.ledger.requests.get_mut(request.0) {
            entry.replay_of = first;
        }
        let (seq, at) = self.next(at);
        let idempotency_key = self.clean(key);
        self.ledger.replays.push(ReplayEntry { seq, at, idempotency_key, status });
    }

    pub(crate) fn fault(&mut self, at: Moment, fault: &str, operation: Option<&str>) {
        let (seq, at) = self.next(at);
        let (fault, operation) = (fault.to_owned(), operation.map(str::to_owned));
        self.ledger.faults.push(FaultEntry { seq, at, fault, operation });
    }

    pub(crate) fn defect(&mut self, at: Moment, operation: &str, reason: &str) {
        let (seq, at) = self.next(at);
        let reason = self.clean(reason);
        self.ledger.defects.push(DefectEntry { seq, at, operation: operation.to_owned(), reason });
    }

    fn seq(&self, request: RequestNumber) -> Option<u64> {
        self.ledger.requests.get(request.0).map(|entry| entry.seq)
    }

    fn next(&mut self, at: Moment) -> (u64, String) {
        let seq = self.written;
        self.written += 1;
        (seq, at.to_rfc3339())
    }

    fn clean(&self, text: &str) -> String {
        self.hidden.cut(text)
    }
}

/// Cuts the values of parameters that carry credentials: a client may put one into a URL by mistake.
fn cut_query(query: &str, operation: Option<&str>) -> String {
    // Whoever knows the `state` of an authorization can finish it in the name of another.
    let binds = |name: &str| operation == Some(AUTHORIZE) && name == "state";
    let cut = |pair: &str| match pair.split_once('=') {
        Some((name, _)) if is_credential(name) || binds(name) => format!("{name}={CUT}"),
        _ => pair.to_owned(),
    };
    query.split('&').map(cut).collect::<Vec<_>>().join("&")
}

fn is_credential(name: &str) -> bool {
    decode(name, Plus::Space).is_ok_and(|name| is_credential_name(&name))
}

fn is_credential_name(name: &str) -> bool {
    CREDENTIALS.contains(&name)
}

const CUT: &str = "[redacted]";

const CREDENTIALS: [&str; 7] = [
    "access_token",
    "client_assertion",
    "client_secret",
    "code",
    "code_verifier",
    "refresh_token",
    "token",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SandboxClock;

    fn written(query: &str, headers: &HeaderMap) -> String {
        let mut journal = Journal::new("token");
        journal.hide(&Secret::new("canary-one"), "[token 1]".to_owned());
        let arrival = Arrival {
            method: &Method::GET,
            path: "/a/canary-one/%63anary-one",
            query,
            headers,
            body: Some(br#"{"a":"canary-one","b":[{"canary-one":1}]}"#),
            operation: None,
            account: None,
            let_in: true,
        };
        journal.request(SandboxClock::fixed_at(0).now(), &arrival);
        serde_json::to_string(&journal.snapshot()).unwrap()
    }

    #[test]
    fn a_known_secret_is_cut_wherever_it_stands() {
        let mut headers = HeaderMap::new();
        headers.insert("x-debug", "canary-one".parse().unwrap());
        headers.insert("content-type", "application/json".parse().unwrap());
        let written = written("q=canary-one&canary%2Done=1", &headers);
        assert_eq!(written.matches("[token 1]").count(), 7, "{written}");
        assert!(!written.contains("anary"), "{written}");
    }

    #[test]
    fn an_unknown_credential_is_cut_by_its_name() {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, "Bearer canary-two".parse().unwrap());
        assert!(
            !written("access_token=canary-two&%74oken=canary-two", &headers).contains("canary-two")
        );
    }
}
