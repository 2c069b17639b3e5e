//! One request from arrival to answer. The order of the steps is written here and nowhere else.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode};
use tokio::sync::Notify;

use crate::account::Account;
use crate::answer::{Answer, Body};
use crate::body;
use crate::churn::Churn;
use crate::clock::{DateOffset, Moment, SandboxClock};
use crate::cursor::Cursors;
use crate::document::Document;
use crate::examples::Examples;
use crate::fault::{self, Fault, Faults};
use crate::held::Parked;
use crate::idempotency::{Claim, KeptAnswers, KeyRefusal, Keyed, Owner};
use crate::ids::Ids;
use crate::ledger::{Arrival, Journal, RequestNumber};
use crate::limits::{RateLimiter, Told};
use crate::list::BeyondTheEnd;
use crate::negotiate::{self, JSON};
use crate::oauth::{AuthorizationServer, Client};
use crate::operation::{IdempotencyRule, Operation};
use crate::profile::{Play, Profile};
use crate::refusal::{Cause, Refusal};
use crate::route::PathValues;
use crate::security::{self, Caller};
use crate::store::Store;
use crate::webhooks::Outbox;

/// Everything the server knows.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) document: Arc<Document>,
    pub(crate) profile: Profile,
    pub(crate) examples: Examples,
    pub(crate) clock: SandboxClock,
    pub(crate) state: Mutex<State>,
    /// Told when there is something to post to endpoints of webhooks.
    pub(crate) posted: Notify,
}

/// What requests change. One lock over all of it: two requests with one key must not both act.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) authority: AuthorizationServer,
    pub(crate) store: Store,
    pub(crate) cursors: Cursors,
    /// By collection.
    pub(crate) churns: BTreeMap<String, Churn>,
    pub(crate) beyond_the_end: BeyondTheEnd,
    pub(crate) kept: KeptAnswers,
    pub(crate) limiter: RateLimiter,
    pub(crate) faults: Faults,
    pub(crate) held: Vec<Parked>,
    pub(crate) date_offset: DateOffset,
    pub(crate) journal: Journal,
    pub(crate) ids: Ids,
    pub(crate) outbox: Outbox,
}

/// A request as it came in.
#[derive(Debug)]
pub(crate) struct Received {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    /// `None` if it was larger than the server takes, or was not read.
    pub(crate) body: Option<Bytes>,
}

/// A request that is in the ledger and has not been answered.
#[derive(Debug)]
pub(crate) struct Begun {
    pub(crate) number: RequestNumber,
    pub(crate) request_id: String,
    pub(crate) fault: Option<Fault>,
    /// What its answer tells of the rate windows, or that they refuse it.
    pub(crate) windows: Result<Told, Refusal>,
    pub(crate) keyed: Keyed,
}

impl From<Request<Bytes>> for Received {
    fn from(request: Request<Bytes>) -> Self {
        let (head, body) = request.into_parts();
        Self {
            method: head.method,
            path: head.uri.path().to_owned(),
            query: head.uri.query().unwrap_or_default().to_owned(),
            headers: head.headers,
            body: Some(body).filter(|body| body.len() <= LARGEST_BODY),
        }
    }
}

impl State {
    /// Ends the tokens whose time is over.
    pub(crate) fn expire(&mut self, now: Moment) {
        self.authority.tokens.expire(&mut self.journal, now);
    }

    /// Counts a request in the rate windows: at the moment at which the ledger has it, however long its
    /// answer takes.
    fn count(
        &mut self,
        operation: &Operation,
        received: &Received,
        now: Moment,
    ) -> Result<Told, Refusal> {
        let tokens = &self.authority.tokens;
        let caller = operation.security.caller(&received.headers, tokens);
        let Ok(Caller::Token(ordinal)) = caller else { return Ok(Told::new()) };
        // The windows belong to an operator, so they count once the operator is known.
        let holder = tokens.get(ordinal).and_then(|token| token.holder.as_ref());
        self.limiter.count(&holder.into(), now)
    }
}

impl World {
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        // A panic under the lock is a failed test already; the ledger shall still be readable.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes the request down, and decides what the moment of its arrival decides.
    pub(crate) fn begin(&self, received: &Received, fault: Option<Fault>) -> Begun {
        let named = self.operation_of(&received.method, &received.path);
        let route = self.document.route(&received.method, &received.path);
        let operation = route.map(|(operation, _)| operation);
        let mut state = self.state();
        // Under the lock: moments are in the order in which requests are written down and counted.
        let now = self.clock.now();
        // Before any token is looked up: what is over must read as expired.
        state.expire(now);
        let account = security::account(&received.headers, &state.authority.tokens);
        let counts = !fault.as_ref().is_some_and(Fault::is_before_application);
        let windows = match operation {
            Some(operation) if counts => state.count(operation, received, now),
            Some(_) | None => Ok(Told::new()),
        };
        let arrival = Arrival {
            method: &received.method,
            path: &received.path,
            query: &received.query,
            headers: &received.headers,
            body: received.body.as_deref(),
            operation: named,
            account: account.clone(),
            let_in: windows.is_ok(),
        };
        let number = state.journal.request(now, &arrival);
        let keyed = match operation {
            Some(operation) => self.keyed(&mut state, operation, received, account, now),
            None => Keyed::No,
        };
        Begun { number, request_id: state.ids.request(), fault, windows, keyed }
    }

    /// Looks for an idempotency key, where the operation takes one.
    fn keyed(
        &self,
        state: &mut State,
        operation: &Operation,
        received: &Received,
        account: Option<Account>,
        now: Moment,
    ) -> Keyed {
        let Some(rule) = self.key_rule(operation, state) else { return Keyed::No };
        let Some(value) = received.headers.get(&rule.header) else { return Keyed::No };
        let Some(text) = value.to_str().ok().filter(|text| !text.is_empty()) else {
            return Keyed::NoValue(rule.header.clone());
        };
        let owner = match self.profile.play(&operation.id) {
            // A token request brings no token. Before anything is looked up for its key: whoever does not
            // know the secret is given nothing of the client's, and uses up none of its keys.
            Some(Play::Token) => match client(operation, received, &state.authority) {
                Some(client) => Owner::Client(client.id.clone()),
                None => return Keyed::No,
            },
            Some(Play::Revocation | Play::Fixed | Play::Resources(..)) | None => {
                Owner::Account(account)
            }
        };
        Keyed::Yes(state.kept.arrive(owner, text, rule.retention, received, now))
    }

    /// The rule for keys: that of the document, or that of a token endpoint which honors them.
    fn key_rule<'w>(
        &'w self,
        operation: &'w Operation,
        state: &State,
    ) -> Option<&'w IdempotencyRule> {
        static TOKEN_KEYS: IdempotencyRule = IdempotencyRule {
            header: HeaderName::from_static("idempotency-key"),
            retention: Duration::from_secs(24 * 60 * 60),
        };
        let play = self.profile.play(&operation.id);
        if matches!(play, Some(Play::Token)) && state.authority.settings.rotation.honors_keys() {
            return Some(&TOKEN_KEYS);
        }
        operation.idempotency.as_ref()
    }

    /// The operation that a request means, or the name of the authorization endpoint.
    pub(crate) fn operation_of(&self, method: &Method, path: &str) -> Option<&str> {
        if self.is_authorization(method, path) {
            return Some(AUTHORIZE);
        }
        let operation = self.document.route(method, path);
        operation.map(|(operation, _)| operation.id.as_str())
    }

    /// What the request is answered. `None` if the connection is closed without an answer.
    pub(crate) fn outcome(
        &self,
        state: &mut State,
        received: &Received,
        begun: &Begun,
    ) -> Option<Answer> {
        let now = self.clock.now();
        let (errors, id) = (&self.profile.errors, &begun.request_id);
        // Its token may have ended while it waited.
        state.expire(now);
        // Faults of whatever stands before the application come first: it never sees the request.
        let mut answer = match &begun.fault {
            Some(Fault::CloseBeforeAnswer | Fault::HoldRequest) => return None,
            Some(Fault::Status(status)) => fault::status(errors, *status, &[], id),
            Some(Fault::StatusWithHeaders(status, headers)) => {
                fault::status(errors, *status, headers, id)
            }
            Some(Fault::RateLimited { limit, reset }) => {
                fault::rate_limited(errors, state.limiter.refusal_of(*limit, now.plus(*reset)), id)
            }
            Some(Fault::Redirect(url)) => fault::redirect(url),
            Some(Fault::Body(bytes)) => fault::body(bytes),
            Some(Fault::Html(status)) => fault::html(*status),
            Some(
                Fault::StoredStatus(_)
                | Fault::Code(_)
                | Fault::CloseAfterEffect
                | Fault::StatusAfterEffect(_)
                | Fault::ContentType(_)
                | Fault::TruncatedJson
                | Fault::CutAfter(_)
                | Fault::Delay(_)
                | Fault::HoldBeforeEffect
                | Fault::HoldAfterEffect,
            )
            | None => self.application(state, received, begun, now),
        };
        // Faults of whatever carries the answer back come last: everything is done.
        match &begun.fault {
            Some(Fault::CloseAfterEffect) => return None,
            Some(Fault::StatusAfterEffect(status)) => {
                answer = fault::status(errors, *status, &[], id);
            }
            Some(Fault::ContentType(media_type)) => answer = fault::relabeled(answer, media_type),
            Some(Fault::TruncatedJson) => answer = fault::truncated(answer),
            _ => {}
        }
        answer.headers.extend(HeaderValue::from_str(id).ok().map(|id| (X_REQUEST_ID, id)));
        answer.headers.extend(
            HeaderValue::from_str(&state.date_offset.of(now).to_http_date())
                .ok()
                .map(|date| (http::header::DATE, date)),
        );
        Some(answer)
    }

    fn application(
        &self,
        state: &mut State,
        received: &Received,
        begun: &Begun,
        now: Moment,
    ) -> Answer {
        if self.is_authorization(&received.method, &received.path) {
            return authorization(state, received, now);
        }
        let Some((operation, path)) = self.document.route(&received.method, &received.path) else {
            let message = format!("There is no {} {}.", received.method, received.path);
            let refusal = Refusal::new(Cause::NoEndpoint, message);
            return self.profile.errors.answer(&refusal, &begun.request_id);
        };
        let turn = Turn { world: self, operation, path, received, begun, now };
        turn.play(state)
    }

    fn is_authorization(&self, method: &Method, path: &str) -> bool {
        [Method::GET, Method::POST].contains(method) && self.authorization_path() == Some(path)
    }

    /// The path of the page on which people decide. `None` if the vendor has none.
    pub(crate) fn authorization_path(&self) -> Option<&str> {
        let path = self.profile.tokens.authorization.path.as_ref();
        path.or(self.document.authorization.as_ref()).map(String::as_str)
    }
}

/// The client that a token request is of. `None` if it did not show its secret.
fn client<'c>(
    operation: &Operation,
    received: &Received,
    authority: &'c AuthorizationServer,
) -> Option<&'c Client> {
    let bytes = received.body.as_ref()?;
    let body = body::read(operation, &received.headers, bytes).ok().flatten()?;
    authority.clients.authenticated(&body).ok()
}

/// The page on which people decide, and its form.
fn authorization(state: &mut State, received: &Received, now: Moment) -> Answer {
    let State { authority, journal, .. } = state;
    if received.method == Method::POST {
        return authority.decide(received.body.as_deref().unwrap_or_default(), journal, now);
    }
    authority.authorize(&received.query, journal, now)
}

/// A request whose operation is known.
pub(crate) struct Turn<'t> {
    pub(crate) world: &'t World,
    pub(crate) operation: &'t Operation,
    pub(crate) path: PathValues,
    pub(crate) received: &'t Received,
    pub(crate) begun: &'t Begun,
    pub(crate) now: Moment,
}

impl Turn<'_> {
    fn play(&self, state: &mut State) -> Answer {
        let (caller, told) = match self.enter(state) {
            Ok(entered) => entered,
            Err(refusal) => return self.conforming(state, |_| Err(refusal)),
        };
        match self.answer(state, caller) {
            Ok(mut answer) => {
                // After an answer was kept for its key: what it told is over by the time it is given again.
                answer.headers.extend(told);
                answer
            }
            // Whatever keeps the keys knows nothing of the windows, and has no word on when to come back.
            Err(refusal) => {
                let answer = self.refused_for_its_key(refusal);
                self.conforming(state, |_| Ok(answer))
            }
        }
    }

    /// What a request is answered that the windows let in, unless it may not act because of its key.
    fn answer(&self, state: &mut State, caller: Caller) -> Result<Answer, KeyRefusal> {
        let media_type = match self.admit() {
            Ok(media_type) => media_type,
            Err(refusal) => return Ok(self.conforming(state, |_| Err(refusal))),
        };
        // A known key before the request is looked at: a kept answer may be one to a request that was wrong.
        let claim = self.begun.keyed.claim();
        if let Some(claim) = claim
            && let Some(answer) = self.known(state, claim)?
        {
            return Ok(answer);
        }
        let key = claim.map(Claim::text);
        let (errors, id) = (&self.world.profile.errors, &self.begun.request_id);
        // What a test scripted is not compared with the document: it may be what the test is about.
        let answer = match &self.begun.fault {
            Some(Fault::StoredStatus(status)) if self.is_about_tokens() => {
                fault::oauth_status(*status)
            }
            Some(Fault::StoredStatus(status)) => fault::status(errors, *status, &[], id),
            Some(Fault::Code(code)) if self.is_about_tokens() => fault::oauth(code),
            Some(Fault::Code(code)) => errors.with_code(code, id).unwrap_or_else(|| {
                let message = format!("The table of errors has no code {code}.");
                errors.answer(&Refusal::new(Cause::Failure, message), id)
            }),
            _ => self.conforming(state, |state| self.perform(state, caller, media_type, key)),
        };
        let answer = match self.world.profile.play(&self.operation.id) {
            Some(Play::Token) => state.authority.settings.expires_in.written(answer),
            _ => answer,
        };
        // After the effect and in one lock with it: failures are kept too.
        if let Some(claim) = claim {
            state.kept.keep(claim, self.begun.number, &answer, self.now);
        }
        Ok(answer)
    }

    /// The answer that is kept for a key.
    fn known(&self, state: &mut State, claim: &Claim) -> Result<Option<Answer>, KeyRefusal> {
        let State { kept, journal, .. } = state;
        let Some(kept) = kept.known(claim, self.now)? else { return Ok(None) };
        let (number, status) = (self.begun.number, kept.answer.status.as_u16());
        journal.replay(self.now, number, kept.request, claim.text(), status);
        Ok(Some(kept.answer.clone()))
    }

    /// Looks at who asks, and whether that was one too many; gives what the answer tells of the windows.
    fn enter(&self, state: &mut State) -> Result<(Caller, Told), Refusal> {
        let State { authority, journal, .. } = state;
        // Credentials before everything else: a stranger learns nothing about the API.
        let security = &self.operation.security;
        let caller =
            security.admit(&self.received.headers, &authority.tokens, journal, self.now)?;
        let told = self.begun.windows.clone()?;
        if let Caller::Token(ordinal) = caller {
            authority.tokens.used(ordinal, journal, self.now);
        }
        Ok((caller, told))
    }

    /// Looks at what is asked for, before the application does; gives the media type of the answer.
    fn admit(&self) -> Result<&str, Refusal> {
        let media_type = negotiate::media_type(self.operation, &self.received.headers)?;
        match &self.begun.keyed {
            Keyed::NoValue(header) => {
                let message = format!("The header {header} has no value.");
                Err(Refusal::new(Cause::Unreadable, message))
            }
            Keyed::No | Keyed::Yes(_) => Ok(media_type.unwrap_or(JSON)),
        }
    }

    /// Does what `perform` does and looks at the answer before it leaves: one that breaks the
    /// document is a defect of the sandbox, and a test must not learn from it.
    fn conforming(
        &self,
        state: &mut State,
        perform: impl FnOnce(&mut State) -> Result<Answer, Refusal>,
    ) -> Answer {
        let answer = perform(state).unwrap_or_else(|refusal| self.refused(&refusal));
        match self.defect(&answer) {
            None => answer,
            Some(defect) => {
                state.journal.defect(self.now, &self.operation.id, &defect);
                let message = format!("The sandbox's own answer breaks the document: {defect}");
                self.refused(&Refusal::new(Cause::Failure, message))
            }
        }
    }

    fn defect(&self, answer: &Answer) -> Option<String> {
        let status = answer.status;
        let Some(response) = self.operation.response(status) else {
            // Documents leave many errors out, but not what happens when all is well.
            return status.is_success().then(|| format!("the status {status} is not documented"));
        };
        let documented = response.content.iter().find(|content| content.media_type == JSON);
        match (&answer.body, documented) {
            (Body::Json(body), Some(content)) => {
                let check = content.check.as_ref()?;
                let violations = check.violations(body, "");
                let reasons: Vec<String> = violations.iter().map(ToString::to_string).collect();
                (!reasons.is_empty()).then(|| format!("{status}: {}", reasons.join("; ")))
            }
            (Body::Json(_), None) => Some(format!("{status}: the document has no JSON here")),
            (Body::Empty, Some(_)) => Some(format!("{status}: the document has a body here")),
            // A file has the media type that was chosen from those of the document.
            (Body::Empty, None) | (Body::File(_) | Body::Raw(_), _) => None,
        }
    }

    fn refused(&self, refusal: &Refusal) -> Answer {
        if self.is_about_tokens() {
            // RFC 6749, section 5.2: the token endpoints have an error form of their own. It has no code
            // for a server that fails; this one is that of section 4.1.2.1.
            let (status, error) = match refusal.cause {
                Cause::Failure => (StatusCode::INTERNAL_SERVER_ERROR, "server_error"),
                _ => (StatusCode::BAD_REQUEST, "invalid_request"),
            };
            return Answer::oauth_error(status, error, &refusal.words());
        }
        self.world.profile.errors.answer(refusal, &self.begun.request_id)
    }

    fn refused_for_its_key(&self, refusal: KeyRefusal) -> Answer {
        let (status, refusal) = (refusal.status(), Refusal::from(refusal));
        if self.is_about_tokens() {
            // RFC 6749 has no code for it either.
            return Answer::oauth_error(status, "invalid_request", &refusal.words());
        }
        self.refused(&refusal)
    }

    fn is_about_tokens(&self) -> bool {
        let play = self.world.profile.play(&self.operation.id);
        matches!(play, Some(Play::Token | Play::Revocation))
    }
}

/// Names the authorization endpoint, which is in no document, as an `operationId` names an operation.
pub(crate) const AUTHORIZE: &str = "authorize";

/// One mebibyte: a thousand times the largest contact.
pub(crate) const LARGEST_BODY: usize = 1 << 20;

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
