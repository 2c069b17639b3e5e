//! One request from arrival to answer. The order of the steps is written here and nowhere else.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use serde_json::{Map, Value, json};

use crate::body;
use crate::clock::{Moment, SandboxClock};
use crate::collection::{Collection, id_of};
use crate::document::Document;
use crate::envelope::{Answer, Body, Refusal};
use crate::fault::{self, Fault, Faults};
use crate::idempotency::KeptAnswers;
use crate::ids::Ids;
use crate::json::insert;
use crate::ledger::{Arrival, EffectKind, Journal, RequestNumber, TokenEvent, Verdict};
use crate::limits::RateLimiter;
use crate::list;
use crate::oauth::TokenBook;
use crate::operation::Operation;
use crate::params::{self, Arguments};
use crate::profile::{Behavior, Profile};
use crate::route::PathValues;
use crate::security::Caller;

/// Everything the server knows.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) document: Arc<Document>,
    pub(crate) profile: Profile,
    pub(crate) clock: SandboxClock,
    pub(crate) state: Mutex<State>,
}

/// What requests change. One lock over all of it: two requests with one key must not both act.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) tokens: TokenBook,
    pub(crate) collections: BTreeMap<String, Collection>,
    pub(crate) kept: KeptAnswers,
    pub(crate) limiter: RateLimiter,
    pub(crate) faults: Faults,
    pub(crate) journal: Journal,
    pub(crate) ids: Ids,
}

/// A request as it came in.
#[derive(Debug)]
pub(crate) struct Received {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    /// `None` if it was larger than the server takes.
    pub(crate) body: Option<Bytes>,
}

/// A request that is in the ledger and has not been answered.
#[derive(Debug)]
pub(crate) struct Begun {
    number: RequestNumber,
    request_id: String,
    pub(crate) fault: Option<Fault>,
}

/// How a request ends.
#[derive(Debug)]
pub(crate) enum Outcome {
    Answer(Answer),
    /// The connection is closed without an answer.
    Close,
}

impl World {
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        // A panic under the lock is a failed test already; the ledger shall still be readable.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes the request down and takes the fault that waits for it.
    pub(crate) fn begin(&self, received: &Received) -> Begun {
        let now = self.clock.now();
        let operation = self.document.route(&received.method, &received.path);
        let operation = operation.map(|(operation, _)| operation.id.as_str());
        let mut state = self.state();
        let number = state.journal.request(
            now,
            &Arrival {
                method: &received.method,
                path: &received.path,
                query: &received.query,
                headers: &received.headers,
                body: received.body.as_deref(),
                operation,
            },
        );
        let fault = state.faults.take(operation);
        if let Some(fault) = &fault {
            state.journal.fault(now, fault.name());
        }
        Begun { number, request_id: state.ids.request(), fault }
    }

    /// Plays the request to its end.
    pub(crate) fn finish(&self, received: &Received, begun: &Begun) -> Outcome {
        let mut state = self.state();
        let outcome = self.outcome(&mut state, received, begun);
        let verdict = match &outcome {
            Outcome::Answer(answer) => {
                Verdict::Answered { status: answer.status.as_u16(), reason: answer.reason.clone() }
            }
            Outcome::Close => Verdict::Closed,
        };
        state.journal.conclude(begun.number, verdict);
        outcome
    }

    fn outcome(&self, state: &mut State, received: &Received, begun: &Begun) -> Outcome {
        let now = self.clock.now();
        let id = &begun.request_id;
        // Faults of whatever stands before the application come first: it never sees the request.
        let mut answer = match &begun.fault {
            Some(Fault::CloseBeforeAnswer) => return Outcome::Close,
            Some(Fault::Status(status)) => fault::status(*status, &[], id),
            Some(Fault::StatusWithHeaders(status, headers)) => fault::status(*status, headers, id),
            Some(Fault::Redirect(url)) => fault::redirect(url),
            Some(Fault::Body(bytes)) => fault::body(bytes),
            Some(Fault::StoredStatus(_) | Fault::CloseAfterEffect | Fault::Delay(_)) | None => {
                self.application(state, received, begun, now)
            }
        };
        if begun.fault == Some(Fault::CloseAfterEffect) {
            return Outcome::Close;
        }
        answer.headers.extend(HeaderValue::from_str(id).ok().map(|id| (X_REQUEST_ID, id)));
        answer.headers.extend(
            HeaderValue::from_str(&now.to_http_date()).ok().map(|date| (http::header::DATE, date)),
        );
        Outcome::Answer(answer)
    }

    fn application(
        &self,
        state: &mut State,
        received: &Received,
        begun: &Begun,
        now: Moment,
    ) -> Answer {
        let Some((operation, path)) = self.document.route(&received.method, &received.path) else {
            let message = format!("There is no {} {}.", received.method, received.path);
            return Refusal::invalid_endpoint(message).into_answer(&begun.request_id);
        };
        let turn = Turn { world: self, operation, path, received, begun, now };
        turn.play(state).unwrap_or_else(|refusal| turn.refused(refusal))
    }
}

/// A request whose operation is known.
struct Turn<'t> {
    world: &'t World,
    operation: &'t Operation,
    path: PathValues,
    received: &'t Received,
    begun: &'t Begun,
    now: Moment,
}

impl Turn<'_> {
    fn play(&self, state: &mut State) -> Result<Answer, Refusal> {
        // Before the token is looked up: what is over must read as expired.
        state.tokens.expire(&mut state.journal, self.now);
        // Credentials before everything else: a stranger learns nothing about the API.
        let caller = self.operation.security.admit(&self.received.headers, &state.tokens)?;
        if let Caller::Token(ordinal) = caller {
            // The windows belong to an operator, so they count once the operator is known.
            state.limiter.count(self.now)?;
            state.journal.token(self.now, ordinal, TokenEvent::Used);
        }
        body::check_accept(self.operation, &self.received.headers)?;
        // A known key before the request is looked at: its body is not compared.
        let key = self.idempotency_key()?;
        if let Some((key, answer)) =
            key.and_then(|key| Some((key, state.kept.replay(key, self.now)?)))
        {
            state.journal.replay(self.now, key, answer.status.as_u16());
            return Ok(answer);
        }
        let answer = match &self.begun.fault {
            Some(Fault::StoredStatus(status)) => {
                fault::status(*status, &[], &self.begun.request_id)
            }
            _ => self.conforming(state, |state| self.perform(state, key)),
        };
        // After the effect and in one lock with it: failures are kept too.
        if let (Some(key), Some(rule)) = (key, &self.operation.idempotency) {
            state.kept.keep(key, &answer, self.now.plus(rule.retention), self.now);
        }
        Ok(answer)
    }

    fn idempotency_key(&self) -> Result<Option<&str>, Refusal> {
        let Some(rule) = &self.operation.idempotency else { return Ok(None) };
        let Some(value) = self.received.headers.get(&rule.header) else { return Ok(None) };
        match value.to_str() {
            Ok(key) if !key.is_empty() => Ok(Some(key)),
            _ => Err(Refusal::invalid_request(format!("The header {} has no value.", rule.header))),
        }
    }

    /// Does what `perform` does and looks at the answer before it leaves: one that breaks the
    /// document is a defect of the sandbox, and a test must not learn from it.
    fn conforming(
        &self,
        state: &mut State,
        perform: impl FnOnce(&mut State) -> Result<Answer, Refusal>,
    ) -> Answer {
        let answer = perform(state).unwrap_or_else(|refusal| self.refused(refusal));
        match self.defect(&answer) {
            None => answer,
            Some(defect) => {
                state.journal.defect(self.now, &self.operation.id, &defect);
                let message = format!("The sandbox's own answer breaks the document: {defect}");
                Refusal::internal(message).into_answer(&self.begun.request_id)
            }
        }
    }

    fn defect(&self, answer: &Answer) -> Option<String> {
        let status = answer.status;
        let Some(response) = self.operation.response(status) else {
            // Documents leave many errors out, but not what happens when all is well.
            return status.is_success().then(|| format!("the status {status} is not documented"));
        };
        let documented =
            response.content.iter().find(|content| content.media_type == "application/json");
        match (&answer.body, documented) {
            (Body::Json(body), Some(content)) => {
                let check = content.check.as_ref()?;
                let violations = check.violations(body, "");
                let reasons: Vec<String> = violations.iter().map(ToString::to_string).collect();
                (!reasons.is_empty()).then(|| format!("{status}: {}", reasons.join("; ")))
            }
            (Body::Json(_), None) => Some(format!("{status}: the document has no JSON here")),
            (Body::Empty, Some(_)) => Some(format!("{status}: the document has a body here")),
            (Body::Empty, None) | (Body::Raw(_), _) => None,
        }
    }

    fn perform(&self, state: &mut State, key: Option<&str>) -> Result<Answer, Refusal> {
        let Received { query, headers, body, .. } = self.received;
        let arguments = params::read(self.operation, &self.path, query, headers)
            .map_err(Refusal::invalid_url_param)?;
        let bytes = body
            .as_ref()
            .ok_or_else(|| Refusal::body_too_large("The body is larger than this server takes."))?;
        let body = body::read(self.operation, headers, bytes)?;
        let behavior = self.world.profile.behavior(&self.operation.id).ok_or_else(|| {
            Refusal::not_implemented("The profile gives this operation no behavior.")
        })?;
        if behavior == Behavior::Token {
            let body = body.ok_or_else(|| Refusal::invalid_request("The body is missing."))?;
            return Ok(state.tokens.answer(&body, &mut state.journal, self.now));
        }
        let fields = match body {
            Some(body) if !body.violations.is_empty() => {
                return Err(Refusal::invalid_content(body.violations));
            }
            Some(body) => body.value,
            None => Value::Null,
        };
        self.act(state, behavior, &arguments, fields, key)
    }

    fn act(
        &self,
        state: &mut State,
        behavior: Behavior<'_>,
        arguments: &Arguments,
        fields: Value,
        key: Option<&str>,
    ) -> Result<Answer, Refusal> {
        let (Behavior::List(name)
        | Behavior::Create(name)
        | Behavior::Show(name)
        | Behavior::Update(name)
        | Behavior::Delete(name)) = behavior
        else {
            return Err(Refusal::internal("The token endpoint has no resources."));
        };
        let State { collections, journal, ids, .. } = state;
        let Some(collection) = collections.get_mut(name) else {
            return Err(Refusal::internal(format!("There is no collection {name}.")));
        };
        let id = arguments.path(&collection.rules.id_parameter).and_then(Value::as_str);
        let id = id.unwrap_or_default();
        let fields = match fields {
            Value::Object(fields) => fields,
            _ => Map::new(),
        };
        let (resource, effect) = match behavior {
            Behavior::List(_) | Behavior::Token => {
                let Some(rule) = &self.operation.pages else {
                    return Err(Refusal::internal("The list has no pages."));
                };
                return Ok(self.success(list::page(collection, rule, arguments)));
            }
            Behavior::Show(_) => return Ok(self.enveloped(collection.show(id)?)),
            Behavior::Create(_) => {
                (Some(collection.create(fields, ids, self.now)), EffectKind::Created)
            }
            Behavior::Update(_) => {
                (Some(collection.update(id, fields, self.now)?), EffectKind::Updated)
            }
            Behavior::Delete(_) => {
                collection.delete(id)?;
                (None, EffectKind::Deleted)
            }
        };
        let id = resource.as_ref().map_or(id, id_of);
        journal.effect(self.now, effect, name, id, key);
        Ok(match resource {
            Some(resource) => self.enveloped(resource),
            None => Answer::empty(self.success_status()),
        })
    }

    fn enveloped(&self, resource: Map<String, Value>) -> Answer {
        let envelope = self.operation.success().and_then(|(_, response)| response.envelope.clone());
        let Some(envelope) = envelope else {
            return Answer::json(self.success_status(), Value::Object(resource));
        };
        let mut body = Map::new();
        body.insert(envelope, Value::Object(resource));
        self.success(Value::Object(body))
    }

    fn success(&self, mut body: Value) -> Answer {
        if let Some(pointer) = &self.world.profile.request_id {
            insert(&mut body, pointer, json!(self.begun.request_id));
        }
        Answer::json(self.success_status(), body)
    }

    fn success_status(&self) -> StatusCode {
        self.operation.success().map_or(StatusCode::OK, |(status, _)| status)
    }

    /// RFC 6749, section 5.2: the token endpoint has an error form of its own.
    fn refused(&self, refusal: Refusal) -> Answer {
        if self.operation.id == self.world.profile.token_operation {
            let status = StatusCode::BAD_REQUEST;
            return Answer::oauth_error(status, "invalid_request", &refusal.reason());
        }
        refusal.into_answer(&self.begun.request_id)
    }
}

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
