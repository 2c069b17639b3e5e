//! Webhooks: what changes through the API, or because a test says so, is posted to the endpoints that asked for it.
//!
//! The endpoints are resources, made through the vendor's own operations. An attempt that is not answered with 2XX in time
//! is followed by another on the vendor's schedule, by the sandbox clock. Every attempt is in the ledger.

mod outbox;
mod post;
mod signature;

use std::sync::Arc;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, USER_AGENT};
use http::{HeaderMap, HeaderValue, Request, Uri};
use http_body_util::Full;
use serde_json::{Map, Value, json};

use crate::blanks::Source;
use crate::clock::Moment;
use crate::exchange::{State, World};
use crate::ledger::{AttemptNumber, AttemptVerdict, Attempted};
use crate::profile::webhooks::{EventRule, WebhookRules};
use crate::secret::Secret;
use crate::service::Service;
use crate::store::Resource;
use crate::view::View;
pub(crate) use outbox::Outbox;
pub use outbox::WebhookSettings;
use outbox::{Event, Pending};
use post::{Post, on_this_machine};

impl Service {
    /// Posts an event of this type about a resource, as if it had just happened; says whether the profile has such an event
    /// and the collection such a resource. A [`Sandbox`](crate::Sandbox) posts; without a socket nothing leaves.
    pub fn emit(&self, event_type: &str, id: &str) -> bool {
        let World { profile, clock, .. } = &*self.world;
        let Some(rules) = &profile.webhooks else { return false };
        let Some(rule) = rules.events.get(event_type) else { return false };
        let mut state = self.world.state();
        let is_there = self.world.happened(&mut state, rules, event_type, rule, id, clock.now());
        drop(state);
        self.world.posted.notify_one();
        is_there
    }

    /// From now on webhooks are sent so.
    pub fn set_webhooks(&self, settings: WebhookSettings) {
        self.world.state().outbox.settings = settings;
    }
}

/// Posts whatever is due, one after the other, until it is dropped.
pub(crate) async fn post_all(service: Service) {
    let world = &service.world;
    loop {
        if let Some(post) = world.next_post() {
            let (pending, number, verdict) = post.send(&world.clock).await;
            world.was_posted(pending, number, verdict);
            continue;
        }
        let next = world.state().outbox.next();
        match next {
            Some(due) => tokio::select! {
                () = world.clock.reaches(due) => {}
                () = world.posted.notified() => {}
            },
            None => world.posted.notified().await,
        }
    }
}

impl World {
    /// Looks at what a request has done.
    pub(crate) fn notice(&self, state: &mut State, now: Moment) {
        let Some(rules) = &self.profile.webhooks else { return };
        let new = state.journal.effects_after(state.outbox.noticed).to_vec();
        state.outbox.noticed += new.len();
        for effect in &new {
            let about = |rule: &EventRule| {
                rule.collection == effect.collection && rule.on == Some(effect.kind)
            };
            for (event_type, rule) in rules.events.iter().filter(|(_, rule)| about(rule)) {
                self.happened(state, rules, event_type, rule, &effect.id, now);
            }
        }
        if !new.is_empty() {
            self.posted.notify_one();
        }
    }

    /// Keeps the secret of a new endpoint, which no other answer shows.
    pub(crate) fn keep_secret(&self, state: &mut State, collection: &str, endpoint: &Resource) {
        let is_endpoint =
            self.profile.webhooks.as_ref().is_some_and(|rules| rules.endpoints == collection);
        if let (true, Some(secret)) =
            (is_endpoint, endpoint.fields.get("secret").and_then(Value::as_str))
        {
            state.outbox.secrets.insert(endpoint.id.clone(), Secret::new(secret));
        }
    }

    /// Puts an event on its way to all who asked for it. Not if there is no such resource.
    fn happened(
        &self,
        state: &mut State,
        rules: &WebhookRules,
        event_type: &str,
        rule: &EventRule,
        id: &str,
        now: Moment,
    ) -> bool {
        let view = View { profile: &self.profile, store: &state.store };
        let Some(resource) = view.store.get(&rule.collection, id) else { return false };
        let endpoints: Vec<String> = view
            .store
            .all(&rules.endpoints)
            .iter()
            .filter(|endpoint| view.fits(&rules.endpoints, &endpoint.fields, &rules.enabled))
            .filter(|endpoint| wants(endpoint, event_type))
            .map(|endpoint| endpoint.id.clone())
            .collect();
        if endpoints.is_empty() {
            return true;
        }
        let data = data(view, rule, resource, now).unwrap_or_default();
        let (event_id, uuid) = (state.ids.resource(&rules.id_prefix), state.ids.request());
        let body = rules.body.filled(&mut |blank| match blank.name.as_str() {
            "event_id" => Some(json!(event_id)),
            "uuid" => Some(json!(uuid)),
            "type" => Some(json!(event_type)),
            "now" => Some(json!(now.to_rfc3339())),
            "data" => Some(data.clone()),
            _ => None,
        });
        let body = body.unwrap_or_default();
        if let Some(defect) = self.document.event_defect(event_type, &body) {
            state.journal.defect(now, event_type, &defect);
        }
        let body = Bytes::from(body.to_string());
        let event = Arc::new(Event { id: event_id, kind: event_type.to_owned(), body });
        for endpoint in endpoints {
            for _ in 0..state.outbox.settings.copies {
                let (event, endpoint) = (Arc::clone(&event), endpoint.clone());
                state.outbox.put(Pending { event, endpoint, attempts: 0, due: now });
            }
        }
        true
    }

    /// The next request that is due. What is on its way to an endpoint that is gone or off by then is dropped.
    fn next_post(&self) -> Option<Post> {
        let rules = self.profile.webhooks.as_ref()?;
        let mut state = self.state();
        let now = self.clock.now();
        while let Some(pending) = state.outbox.take(now) {
            let post = self.post_of(&mut state, rules, pending, now);
            if post.is_some() {
                return post;
            }
        }
        None
    }

    fn post_of(
        &self,
        state: &mut State,
        rules: &WebhookRules,
        mut pending: Pending,
        now: Moment,
    ) -> Option<Post> {
        let view = View { profile: &self.profile, store: &state.store };
        let endpoint = view.store.get(&rules.endpoints, &pending.endpoint)?;
        if !view.fits(&rules.endpoints, &endpoint.fields, &rules.enabled) {
            return None;
        }
        let url: Uri = endpoint.fields.get("url")?.as_str()?.parse().ok()?;
        let secret = state.outbox.secrets.get(&pending.endpoint)?;
        let settings = &state.outbox.settings;
        let seconds = now.before(settings.age).unix_seconds();
        // Of the same form, and nobody's.
        let wrong = Secret::new("whsec_d3Jvbmc=");
        let secret = if settings.forged { &wrong } else { secret };
        let Event { id, kind, body } = &*pending.event;
        let signed = signature::headers(rules.signature, secret.expose(), id, seconds, body)?;
        let timeout = settings.timeout.unwrap_or_else(|| rules.timeout());
        pending.attempts += 1;
        let attempted = Attempted {
            event: id,
            event_type: kind,
            endpoint: &pending.endpoint,
            attempt: pending.attempts,
            signed_at: seconds,
        };
        let number = state.journal.attempt(now, &attempted);
        let headers = headers(rules, signed, &state.ids.request());
        let mut request = Request::post(url.clone()).body(Full::new(body.clone())).ok()?;
        *request.headers_mut() = headers;
        Some(Post { number, address: on_this_machine(&url), request, timeout, pending })
    }

    /// Writes down what an endpoint answered, and plans the next attempt if it was not 2XX.
    fn was_posted(&self, pending: Pending, number: AttemptNumber, verdict: AttemptVerdict) {
        let mut state = self.state();
        let now = self.clock.now();
        state.journal.attempted(number, verdict);
        let failed = match verdict {
            AttemptVerdict::Answered { status } => !(200..300).contains(&status),
            AttemptVerdict::Failed | AttemptVerdict::Late => true,
            // It will be elsewhere the next time as well.
            AttemptVerdict::Elsewhere | AttemptVerdict::Open => false,
        };
        let Some(rules) = self.profile.webhooks.as_ref().filter(|_| failed) else { return };
        let waits = state.outbox.settings.retries.clone().unwrap_or_else(|| rules.retries());
        if let Some(wait) = waits.get(pending.attempts.saturating_sub(1)) {
            state.outbox.put(Pending { due: now.plus(*wait), ..pending });
        }
    }
}

/// The headers of an attempt with those that sign it.
fn headers(rules: &WebhookRules, mut headers: HeaderMap, attempt: &str) -> HeaderMap {
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let agent = rules.user_agent.as_ref().and_then(|agent| HeaderValue::from_str(agent).ok());
    headers.extend(agent.map(|agent| (USER_AGENT, agent)));
    let attempt = HeaderValue::from_str(attempt).ok();
    headers.extend(rules.attempt_header.clone().zip(attempt));
    headers
}

fn wants(endpoint: &Resource, event_type: &str) -> bool {
    let wanted = endpoint.fields.get("event_types").and_then(Value::as_array);
    wanted.is_some_and(|wanted| wanted.iter().any(|wanted| wanted == event_type))
}

/// What an event tells of a resource.
fn data(view: View<'_>, rule: &EventRule, resource: &Resource, now: Moment) -> Option<Value> {
    let collection = rule.collection.as_str();
    let (id, fields) = (resource.id.as_str(), &resource.fields);
    let source = Source { view, collection, id, fields, body: &Map::new(), number: None, now };
    rule.data.filled(&mut |blank| match blank.name.as_str() {
        "whole" => {
            let references = view.rules(collection).map(|rules| rules.references.keys());
            // What stands inside of lists is told by its id.
            let names = references.into_iter().flatten().filter(|path| !path.contains('.'));
            let names: Vec<&str> = names.map(String::as_str).collect();
            let expansion = view.expansion(collection, &names).ok()?;
            Some(Value::Object(view.shown(collection, resource, &expansion)))
        }
        _ => source.fill(blank),
    })
}
