//! The control API: what a test in another process may look at and change.
//!
//! It stands below `/__sandbox/`, where no vendor has a path, for clients on this machine. A request
//! shows the control token, so a page in somebody's browser cannot use it. `docs/sandbox.md` lists the
//! calls.

use std::time::Duration;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::account::Account;
use crate::chaos::Chaos;
use crate::churn::Churn;
use crate::fault::{Fault, Target, seconds};
use crate::limits::ForeignUse;
use crate::oauth::{EarlierTokens, ExpiresIn, Rotation};
use crate::secret::Secret;
use crate::service::Service;
use crate::webhooks::WebhookSettings;

/// Whether a path is one of the control API.
pub(crate) fn is_below(path: &str) -> bool {
    path.starts_with(BASE)
}

/// Answers a call. `body` is `None` if it was larger than the server takes.
pub(crate) fn answer(
    service: &Service,
    method: &Method,
    path: &str,
    headers: &HeaderMap,
    body: Option<&[u8]>,
) -> Response<Bytes> {
    let result = if is_known(headers, service.control_secret()) {
        let call = path.strip_prefix(BASE).unwrap_or_default();
        perform(service, method.as_str(), call, body.unwrap_or_default())
    } else {
        Err(Refused(StatusCode::UNAUTHORIZED, "the control token is missing or wrong".to_owned()))
    };
    let (status, value) = match result {
        Ok(value) => (StatusCode::OK, value),
        Err(Refused(status, reason)) => (status, json!({ "error": reason })),
    };
    let text = serde_json::to_vec_pretty(&value).unwrap_or_default();
    let mut response = Response::new(Bytes::from(text));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

fn perform(service: &Service, method: &str, call: &str, body: &[u8]) -> Result<Value, Refused> {
    match (method, call) {
        ("GET", "ledger") => Ok(json!(service.ledger())),
        ("POST", "peak") => {
            let PeakCall { account, stretch } = read(body)?;
            known(service, &account)?;
            Ok(json!(service.ledger().peak(&account, stretch)))
        }
        ("POST", "token") => token(service, &read(body)?),
        ("POST", "faults") => {
            let FaultCall { operation, nth, fault } = read(body)?;
            let target = match (operation, nth) {
                (None, None) => Target::Any,
                (None, Some(_)) => return Err(wrong("`nth` goes with an `operation`")),
                (Some(operation), None) => Target::Operation(operation),
                (Some(operation), Some(nth)) => Target::Nth(operation, nth),
            };
            service.push_fault(target, fault);
            Ok(json!({}))
        }
        ("DELETE", "faults") => {
            service.clear_faults();
            Ok(json!({}))
        }
        ("POST", "chaos") => {
            let ChaosCall { seed, per_thousand, faults, operation, duration } = read(body)?;
            let mut chaos = Chaos::new(seed, per_thousand, faults);
            if let Some(operation) = operation {
                chaos = chaos.with_operation(operation);
            }
            if let Some(duration) = duration {
                chaos = chaos.with_duration(duration);
            }
            service.set_chaos(Some(chaos));
            Ok(json!({ "seed": seed }))
        }
        ("DELETE", "chaos") => {
            service.set_chaos(None);
            Ok(json!({}))
        }
        ("POST", "foreign") => {
            let ForeignCall { account, seed, per_minute } = read(body)?;
            known(service, &account)?;
            service.set_foreign_use(account, Some(ForeignUse::new(seed, per_minute)));
            Ok(json!({ "seed": seed }))
        }
        ("POST", "churn") => {
            let ChurnCall { collection, seed, inserted, deleted, turns } = read(body)?;
            let mut churn = Churn::new(seed, inserted, deleted);
            if let Some(turns) = turns {
                churn = churn.with_turns(turns);
            }
            if !service.set_churn(&collection, churn) {
                return Err(wrong(format!("there is no collection `{collection}`")));
            }
            Ok(json!({ "seed": seed }))
        }
        ("DELETE", "churn") => {
            service.clear_churn();
            Ok(json!({}))
        }
        ("POST", "emit") => {
            let EmitCall { event_type, id } = read(body)?;
            if service.emit(&event_type, &id) {
                return Ok(json!({}));
            }
            Err(wrong(format!("there is no event `{event_type}`, or nothing with the id `{id}`")))
        }
        ("POST", "webhooks") => {
            service.set_webhooks(read::<WebhooksCall>(body)?.settings());
            Ok(json!({}))
        }
        ("GET", "held") => Ok(json!({ "held": service.held() })),
        ("POST", "release") => Ok(json!({ "released": service.release() })),
        ("POST", "settings") => settings(service, &read(body)?),
        ("POST", "clock") => {
            let ClockCall { advance } = read(body)?;
            service.advance(advance);
            Ok(json!({ "now": service.clock().unix_seconds() }))
        }
        ("GET", "operators") => Ok(operators(service)),
        ("POST", "revoke") => {
            let RevokeCall { operator, client } = read(body)?;
            let client = client.as_deref().unwrap_or_else(|| service.client_id());
            Ok(json!({ "revoked": service.revoke_grant(&operator, client) }))
        }
        ("POST", "approve") => {
            let ApproveCall { url, operator } = read(body)?;
            let callback = service.approve(&url, &operator);
            Ok(json!({ "callback": callback.map_err(|error| wrong(error.to_string()))? }))
        }
        ("POST", "deny") => {
            let DenyCall { url } = read(body)?;
            let callback = service.deny(&url);
            Ok(json!({ "callback": callback.map_err(|error| wrong(error.to_string()))? }))
        }
        _ => Err(Refused(StatusCode::NOT_FOUND, "there is no such call".to_owned())),
    }
}

/// Refuses an account that nobody can have: a misspelled one would have no requests, whatever was sent.
fn known(service: &Service, account: &Account) -> Result<(), Refused> {
    let state = service.world.state();
    let (is_known, what, name) = match account {
        Account::Operator(name) => (state.authority.operators.contains(name), "operator", name),
        Account::Client(id) => (state.authority.clients.get(id).is_some(), "client", id),
        Account::Static => return Ok(()),
    };
    if is_known { Ok(()) } else { Err(wrong(format!("there is no {what} `{name}`"))) }
}

/// What a token is that somebody holds: a test in another process has values, and the ledger ordinals.
fn token(service: &Service, call: &TokenCall) -> Result<Value, Refused> {
    service.world.end_what_is_over();
    let state = service.world.state();
    let Some(token) = state.authority.tokens.find(&call.token) else {
        return Err(Refused(StatusCode::NOT_FOUND, "the token is not known".to_owned()));
    };
    let holder = token.holder.as_ref();
    Ok(json!({
        "token": token.ordinal,
        "kind": token.kind,
        "live": token.is_live(),
        "traded": token.was_traded(),
        "operator": holder.and_then(|holder| holder.operator.clone()),
        "family": holder.and_then(|holder| holder.family),
        "generation": holder.map(|holder| holder.generation),
    }))
}

fn settings(service: &Service, call: &SettingsCall) -> Result<Value, Refused> {
    if let Some(name) = &call.rotation {
        service.set_rotation(name.parse().map_err(|error| wrong(format!("{error}")))?);
    }
    if let Some(window) = call.window {
        let rotation = match service.rotation() {
            Rotation::Grace(_) => Rotation::Grace(window),
            Rotation::LostAnswer(_) => Rotation::LostAnswer(window),
            other => return Err(wrong(format!("the model {other} has no window"))),
        };
        service.set_rotation(rotation);
    }
    if let Some(lifetime) = call.token_lifetime {
        service.set_token_lifetime(lifetime);
    }
    if let Some(form) = call.expires_in {
        service.set_expires_in(form);
    }
    if let Some(earlier) = call.earlier_tokens {
        service.set_earlier_tokens(earlier);
    }
    if let Some(offset) = call.date_offset {
        service.set_date_offset(offset);
    }
    if let Some(secret) = &call.client_secret {
        service.set_client_secret(service.client_id(), secret);
    }
    Ok(json!({ "rotation": service.rotation().name() }))
}

fn operators(service: &Service) -> Value {
    let ledger = service.ledger();
    let operators = service.operators().into_iter().map(|operator| {
        let (live, families) = (ledger.live_tokens(&operator), ledger.families_of(&operator));
        json!({ "operator": operator, "live_tokens": live, "families": families })
    });
    operators.collect()
}

fn is_known(headers: &HeaderMap, secret: &Secret) -> bool {
    let shown = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    shown.and_then(|text| text.strip_prefix("Bearer ")).is_some_and(|token| secret.matches(token))
}

/// Reads the body of a call. Every member is known; an unknown one is an error.
fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refused> {
    serde_json::from_slice(body).map_err(|error| wrong(error.to_string()))
}

/// A call that is not performed, and why.
struct Refused(StatusCode, String);

fn wrong(reason: impl Into<String>) -> Refused {
    Refused(StatusCode::BAD_REQUEST, reason.into())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TokenCall {
    token: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PeakCall {
    account: Account,
    /// Seconds.
    #[serde(deserialize_with = "seconds")]
    stretch: Duration,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FaultCall {
    operation: Option<String>,
    nth: Option<usize>,
    fault: Fault,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChaosCall {
    seed: u64,
    per_thousand: u64,
    faults: Vec<Fault>,
    operation: Option<String>,
    /// In seconds.
    #[serde(default, deserialize_with = "some_seconds")]
    duration: Option<Duration>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ForeignCall {
    account: Account,
    seed: u64,
    /// 0 ends it.
    per_minute: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChurnCall {
    collection: String,
    seed: u64,
    #[serde(default)]
    inserted: usize,
    #[serde(default)]
    deleted: usize,
    /// After so many pages it ends.
    turns: Option<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EmitCall {
    #[serde(rename = "type")]
    event_type: String,
    /// Of the resource that the event is about.
    id: String,
}

/// What is left out is as the vendor does it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WebhooksCall {
    copies: Option<usize>,
    #[serde(default)]
    newest_first: bool,
    #[serde(default)]
    wrong_signatures: bool,
    /// In seconds.
    #[serde(default, deserialize_with = "some_seconds")]
    age: Option<Duration>,
    /// In seconds, whole ones.
    retries: Option<Vec<u64>>,
    /// In seconds.
    #[serde(default, deserialize_with = "some_seconds")]
    timeout: Option<Duration>,
}

impl WebhooksCall {
    fn settings(self) -> WebhookSettings {
        let mut settings = WebhookSettings::new()
            .with_copies(self.copies.unwrap_or(1))
            .with_age(self.age.unwrap_or_default());
        if self.newest_first {
            settings = settings.with_newest_first();
        }
        if self.wrong_signatures {
            settings = settings.with_wrong_signatures();
        }
        if let Some(retries) = self.retries {
            let waits: Vec<Duration> = retries.into_iter().map(Duration::from_secs).collect();
            settings = settings.with_retries(waits);
        }
        if let Some(timeout) = self.timeout {
            settings = settings.with_timeout(timeout);
        }
        settings
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SettingsCall {
    rotation: Option<String>,
    /// Of M4 and M5, in seconds.
    #[serde(default, deserialize_with = "some_seconds")]
    window: Option<Duration>,
    /// Of new access tokens, in seconds.
    #[serde(default, deserialize_with = "some_seconds")]
    token_lifetime: Option<Duration>,
    expires_in: Option<ExpiresIn>,
    earlier_tokens: Option<EarlierTokens>,
    /// Seconds.
    date_offset: Option<i64>,
    /// Of the first client.
    client_secret: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClockCall {
    /// Seconds.
    #[serde(deserialize_with = "seconds")]
    advance: Duration,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RevokeCall {
    operator: String,
    /// The first one if it is missing.
    client: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ApproveCall {
    url: String,
    operator: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DenyCall {
    url: String,
}

fn some_seconds<'de, D: serde::Deserializer<'de>>(reader: D) -> Result<Option<Duration>, D::Error> {
    seconds(reader).map(Some)
}

const BASE: &str = "/__sandbox/";
