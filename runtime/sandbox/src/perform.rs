//! What a request that was let in does, and what it is answered.

use bytes::Bytes;
use http::{HeaderValue, StatusCode};
use serde_json::{Map, Value, json};

use crate::act::Actor;
use crate::answer::Answer;
use crate::body;
use crate::exchange::{State, Turn};
use crate::files::{self, PDF};
use crate::json::insert;
use crate::language;
use crate::list::{self, BeyondTheEnd};
use crate::negotiate::JSON;
use crate::params::{self, Arguments};
use crate::profile::Play;
use crate::profile::check::EXPAND;
use crate::profile::collection::{Behavior, CollectionRules};
use crate::references::id_of;
use crate::refusal::{Cause, Refusal};
use crate::security::Caller;
use crate::store::{Fields, Resource};
use crate::validate::Violation;
use crate::view::{Expansion, View, only};

/// A request for resources, read.
struct Wish<'w> {
    collection: &'w str,
    rules: &'w CollectionRules,
    caller: Caller,
    media_type: &'w str,
    arguments: Arguments,
    /// The members of the body; none if it has none.
    body: Fields,
    /// From the path; empty if the path has none.
    id: String,
    key: Option<&'w str>,
}

impl Turn<'_> {
    /// Does what the operation does.
    pub(crate) fn perform(
        &self,
        state: &mut State,
        caller: Caller,
        media_type: &str,
        key: Option<&str>,
    ) -> Result<Answer, Refusal> {
        let profile = &self.world.profile;
        let arguments =
            params::read(self.operation, &self.path, &self.received.query, &self.received.headers)
                .map_err(Refusal::parameters)?;
        if let Some(rules) = &profile.languages {
            language::check(rules, &arguments)?;
        }
        let bytes = self.received.body.as_ref().ok_or_else(|| {
            Refusal::new(Cause::TooLarge, "The body is larger than this server takes.")
        })?;
        let body = body::read(self.operation, &self.received.headers, bytes)?;
        let play = profile.play(&self.operation.id).ok_or_else(|| {
            Refusal::new(Cause::NoBehavior, "The profile gives this operation no behavior.")
        })?;
        if matches!(play, Play::Token | Play::Revocation) {
            let body =
                body.ok_or_else(|| Refusal::new(Cause::Unreadable, "The body is missing."))?;
            let State { authority, journal, .. } = state;
            return Ok(match play {
                Play::Revocation => {
                    authority.answer_revocation(&body, self.success_status(), journal, self.now)
                }
                _ => authority.answer(&body, journal, self.now),
            });
        }
        let body = match body {
            Some(body) if !body.violations.is_empty() => {
                return Err(Refusal::content(body.violations));
            }
            Some(body) => body.value,
            None => Value::Null,
        };
        match play {
            Play::Token | Play::Revocation | Play::Fixed => {
                let example = self.operation.answer_examples().next().cloned();
                Ok(self.success(example.unwrap_or_default()))
            }
            Play::Resources(collection, rules, behavior) => {
                let id = rules.parameter.as_ref().and_then(|name| arguments.path(name));
                let id = id.and_then(Value::as_str).unwrap_or_default().to_owned();
                let body = match body {
                    Value::Object(body) => body,
                    _ => Map::new(),
                };
                let wish = Wish { collection, rules, caller, media_type, arguments, body, id, key };
                self.fulfil(state, behavior, &wish)
            }
        }
    }

    fn fulfil(
        &self,
        state: &mut State,
        behavior: &Behavior,
        wish: &Wish<'_>,
    ) -> Result<Answer, Refusal> {
        match behavior {
            Behavior::List => return self.list(state, wish),
            Behavior::Members(member) => return self.members(state, wish, member),
            Behavior::Show
            | Behavior::Create
            | Behavior::Update
            | Behavior::Replace
            | Behavior::Delete
            | Behavior::Change(_)
            | Behavior::Bulk(_) => {}
        }
        // Before anything is done: what cannot be answered is no reason to undo it.
        if wish.media_type != JSON && !matches!(behavior, Behavior::Show) {
            return Err(unavailable());
        }
        self.expansion(state, wish, wish.collection)?;
        let Wish { collection, body, id, .. } = wish;
        let mut actor = Actor {
            profile: &self.world.profile,
            store: &mut state.store,
            ids: &mut state.ids,
            journal: &mut state.journal,
            request: self.begun.number,
            key: wish.key,
            now: self.now,
        };
        let resource = match behavior {
            Behavior::Create => actor.create(collection, body)?,
            Behavior::Update => actor.update(collection, id, body)?,
            Behavior::Replace => actor.replace(collection, id, body)?,
            Behavior::Change(rule) => actor.change(collection, id, rule, body)?,
            Behavior::Delete => {
                actor.delete(collection, id)?;
                return Ok(Answer::empty(self.success_status()));
            }
            Behavior::Bulk(rule) => {
                let answer = actor.bulk(collection, rule, body)?;
                return Ok(self.success(answer));
            }
            Behavior::Show | Behavior::List | Behavior::Members(_) => {
                actor.resource(collection, id)?
            }
        };
        if matches!(behavior, Behavior::Create) {
            self.world.keep_secret(state, collection, &resource);
        }
        if wish.media_type != JSON {
            return self.file(state, wish, &resource);
        }
        let view = self.view(state);
        let expansion = self.expansion(state, wish, collection)?;
        let fields = view.shown(collection, &resource, &expansion);
        let creates = matches!(behavior, Behavior::Create);
        Ok(self.enveloped(if creates { only(fields, &wish.rules.new.shows) } else { fields }))
    }

    fn list(&self, state: &mut State, wish: &Wish<'_>) -> Result<Answer, Refusal> {
        let Wish { collection, rules, arguments, .. } = wish;
        let view = self.view(state);
        let expansion = self.expansion(state, wish, collection)?;
        let all = view.store.all(collection);
        let found: Vec<Fields> = list::asked_for(view, collection, rules, all, arguments)
            .into_iter()
            .map(|resource| view.shown(collection, resource, &expansion))
            .collect();
        let page = self.page(state, wish, found)?;
        self.world.stir(state, collection, self.now);
        Ok(page)
    }

    /// Lists what a member of one resource holds.
    fn members(&self, state: &mut State, wish: &Wish<'_>, member: &str) -> Result<Answer, Refusal> {
        let Wish { collection, rules, arguments, id, .. } = wish;
        let view = self.view(state);
        let holder = view.store.get(collection, id).ok_or_else(|| Refusal::no_resource(id))?;
        let held = holder.fields.get(member).and_then(Value::as_array);
        let held = held.map(Vec::as_slice).unwrap_or_default();
        let target = rules.references.get(member).and_then(|targets| targets.as_slice().first());
        let found = match target.and_then(|target| Some((target, view.rules(target)?))) {
            None => held.iter().filter_map(Value::as_object).cloned().collect(),
            Some((target, rules)) => {
                let expansion = self.expansion(state, wish, target)?;
                let ids = held.iter().filter_map(id_of);
                let all = ids.filter_map(|id| view.store.get(target, id));
                list::asked_for(view, target, rules, all, arguments)
                    .into_iter()
                    .map(|resource| view.shown(target, resource, &expansion))
                    .collect()
            }
        };
        self.page(state, wish, found)
    }

    fn page(
        &self,
        state: &mut State,
        wish: &Wish<'_>,
        found: Vec<Fields>,
    ) -> Result<Answer, Refusal> {
        if ![JSON, CSV].contains(&wish.media_type) {
            return Err(unavailable());
        }
        let page = list::page(
            found,
            self.operation,
            &self.world.profile.lists,
            wish.rules.end,
            &wish.arguments,
            &mut state.cursors,
            self.now,
        )?;
        if let (Some(number), BeyondTheEnd::NotFound) = (page.beyond, state.beyond_the_end) {
            return Err(Refusal::new(Cause::NoResource, format!("There is no page {number}.")));
        }
        if wish.media_type == CSV {
            let bytes = Bytes::from(files::csv(&page.items));
            return Ok(Answer::file(self.success_status(), HeaderValue::from_static(CSV), bytes));
        }
        let mut body = page.body;
        insert(&mut body, &page.pointer, json!(page.items));
        Ok(self.success(body))
    }

    fn file(&self, state: &State, wish: &Wish<'_>, resource: &Resource) -> Result<Answer, Refusal> {
        let conditions = wish.rules.files.get(wish.media_type);
        let fits =
            |conditions| self.view(state).fits(wish.collection, &resource.fields, conditions);
        match (wish.media_type, conditions.is_some_and(fits)) {
            (PDF, true) => {
                let bytes = Bytes::from(files::pdf(&resource.id));
                Ok(Answer::file(self.success_status(), HeaderValue::from_static(PDF), bytes))
            }
            _ => Err(unavailable()),
        }
    }

    /// What `expand` asks for, if the caller may read it.
    fn expansion<'v>(
        &'v self,
        state: &'v State,
        wish: &Wish<'_>,
        collection: &str,
    ) -> Result<Expansion<'v>, Refusal> {
        let names = wish.arguments.query(EXPAND).and_then(Value::as_array);
        let names: Vec<&str> = names.into_iter().flatten().filter_map(Value::as_str).collect();
        let expansion = self.view(state).expansion(collection, &names).map_err(|name| {
            let reason = format!("`{name}` cannot be expanded");
            Refusal::parameters(vec![Violation::new(format!("/query/{EXPAND}"), reason)])
        })?;
        for expanded in expansion.collections() {
            let scopes = self.world.reading_scopes(expanded);
            if !state.authority.tokens.has_scopes(wish.caller, &scopes) {
                let scopes: Vec<&str> = scopes.iter().map(String::as_str).collect();
                let message = format!("The scope {} is needed to expand.", scopes.join(" "));
                return Err(Refusal::new(Cause::Scope, message));
            }
        }
        Ok(expansion)
    }

    fn view<'v>(&'v self, state: &'v State) -> View<'v> {
        View { profile: &self.world.profile, store: &state.store }
    }

    fn enveloped(&self, resource: Fields) -> Answer {
        let envelope = self.operation.success().and_then(|(_, response)| response.envelope.clone());
        let body = match envelope {
            Some(envelope) => json!({ envelope: resource }),
            None => Value::Object(resource),
        };
        self.success(body)
    }

    /// The answer, with what every answer holds.
    fn success(&self, mut body: Value) -> Answer {
        let common = self.world.profile.every_answer.filled(&mut |blank| {
            (blank.name == "request_id").then(|| json!(self.begun.request_id))
        });
        lay(&mut body, common.unwrap_or_default());
        Answer::json(self.success_status(), body)
    }

    fn success_status(&self) -> StatusCode {
        self.operation.success().map_or(StatusCode::OK, |(status, _)| status)
    }
}

fn unavailable() -> Refusal {
    Refusal::new(Cause::Format, "The resource is not available in this media type.")
}

/// Lays the members of `other` under those of `body`: what the body has stays.
fn lay(body: &mut Value, other: Value) {
    match (body, other) {
        (Value::Object(members), Value::Object(others)) => {
            for (name, other) in others {
                match members.get_mut(&name) {
                    Some(member) => lay(member, other),
                    None => {
                        members.insert(name, other);
                    }
                }
            }
        }
        (body @ Value::Null, other) => *body = other,
        _ => {}
    }
}

const CSV: &str = "text/csv";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_every_answer_holds_does_not_replace_what_one_has() {
        let mut body = json!({"meta": {"unit_ids": ["unit_1"], "request_id": "own"}});
        lay(&mut body, json!({"meta": {"request_id": "common", "curies": []}}));
        let meta = json!({"unit_ids": ["unit_1"], "request_id": "own", "curies": []});
        assert_eq!(body, json!({ "meta": meta }));
    }
}
