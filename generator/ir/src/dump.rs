//! An [`Api`] as text, for people who review it and for programs that compare two of them.
//!
//! One fact a line, two spaces a level, everything in the order of the [`Api`]. Two APIs mean the
//! same if and only if their dumps are equal: the dump holds all but the [`Origin`]s, which say
//! where something was written and not what it is, and the guesses, which say why.
//!
//! A use of a definition is `@` and its key, without `/components/schemas/` if that is where it
//! stands.
//!
//! [`Origin`]: crate::api::Origin

mod operation;
mod ty;

use crate::api::{Api, Docs, Group, ResetUnit, Webhook, WebhookSignature};
use crate::security::{OAuthFlows, Rotation, SchemeKind, SecurityScheme, TokenKey};
use crate::words::Words;

/// The text of an API. Ids that lead nowhere are written as `@?`, so it never fails.
pub fn dump(api: &Api) -> String {
    let mut text = Text::default();
    head(&mut text, api);
    for scheme in &api.schemes {
        security_scheme(&mut text, scheme);
    }
    for group in &api.groups {
        api_group(&mut text, group);
    }
    for def in &api.types {
        ty::def(&mut text, api, def);
    }
    for op in &api.operations {
        operation::operation(&mut text, api, op);
    }
    for webhook in &api.webhooks {
        api_webhook(&mut text, api, webhook);
    }
    text.lines
}

fn head(text: &mut Text, api: &Api) {
    text.line(0, format_args!("api {:?} version {:?}", api.title, api.version));
    text.docs(1, &api.docs);
    if let Some(server) = &api.server {
        text.line(1, format_args!("server {server:?}"));
    }
    for window in &api.rate_windows {
        text.line(1, format_args!("rate {} in {} s", window.requests, window.seconds));
    }
    match api.rate_reset {
        ResetUnit::Unknown => {}
        ResetUnit::DeltaSeconds => text.line(1, format_args!("rate reset in seconds")),
        ResetUnit::EpochSeconds => text.line(1, format_args!("rate reset at epoch second")),
    }
    if let Some(seconds) = api.rate_limit_wait {
        text.line(1, format_args!("rate wait {seconds} s"));
    }
    if let Some(envelope) = &api.error_envelope {
        let id =
            envelope.request_id.as_ref().map_or(String::new(), |id| format!("request id {id:?}, "));
        let (code, faults) = (&envelope.code, &envelope.server_faults);
        text.line(1, format_args!("errors: {id}code {code:?}, of the server {faults:?}"));
    }
    if let Some(tag) = &api.webhook_tag {
        text.line(1, format_args!("webhook tag {:?}", tag.pointer.to_string()));
    }
    match &api.webhook_signature {
        Some(WebhookSignature::Timestamped { header, id }) => {
            text.line(1, format_args!("webhook signature in {header:?}, id at {id:?}"));
        }
        Some(WebhookSignature::Standard) => {
            text.line(1, format_args!("webhook signature of the standard"));
        }
        None => {}
    }
}

fn security_scheme(text: &mut Text, scheme: &SecurityScheme) {
    match &scheme.kind {
        SchemeKind::Bearer => text.line(0, format_args!("scheme {:?} bearer", scheme.name)),
        SchemeKind::Basic => text.line(0, format_args!("scheme {:?} basic", scheme.name)),
        SchemeKind::ApiKey { place, name } => {
            let place = operation::place(*place);
            text.line(0, format_args!("scheme {:?} key in {place} {name:?}", scheme.name));
        }
        SchemeKind::OAuth2(flows) => {
            text.line(0, format_args!("scheme {:?} oauth2", scheme.name));
            oauth_flows(text, flows);
        }
        SchemeKind::Other { kind } => {
            text.line(0, format_args!("scheme {:?} other {kind:?}", scheme.name));
        }
    }
    text.docs(1, &scheme.docs);
}

fn oauth_flows(text: &mut Text, flows: &OAuthFlows) {
    if flows.client_credentials {
        text.line(1, format_args!("flow client credentials"));
    }
    if flows.authorization_code {
        text.line(1, format_args!("flow authorization code"));
    }
    for (name, url) in [
        ("token", &flows.token),
        ("authorization", &flows.authorization),
        ("revocation", &flows.revocation),
        ("audience", &flows.audience),
        ("offline scope", &flows.offline_scope),
    ] {
        if let Some(url) = url {
            text.line(1, format_args!("{name} {url:?}"));
        }
    }
    if let Some(rotation) = rotation(flows.rotation) {
        text.line(1, format_args!("rotation {rotation}"));
    }
    if let Some(seconds) = flows.refresh_token_life {
        text.line(1, format_args!("refresh token life {seconds} s"));
    }
    match flows.token_key {
        TokenKey::None => {}
        TokenKey::IdempotencyKey => text.line(1, format_args!("token key Idempotency-Key")),
    }
    for (scope, meaning) in &flows.scopes {
        text.line(1, format_args!("scope {scope:?} {meaning:?}"));
    }
}

fn rotation(rotation: Rotation) -> Option<&'static str> {
    match rotation {
        Rotation::Immediate => Some("immediate"),
        Rotation::OnFirstUse => Some("on first use"),
        Rotation::ReuseRevokes => Some("reuse revokes"),
        Rotation::Grace => Some("grace"),
        Rotation::LostAnswer => Some("lost answer"),
        Rotation::None => Some("none"),
        Rotation::Undocumented => None,
    }
}

fn api_group(text: &mut Text, group: &Group) {
    let path = group_path(&group.path);
    match &group.tag {
        Some(tag) => text.line(0, format_args!("group {path} (tag {tag:?})")),
        None => text.line(0, format_args!("group {path}")),
    }
    text.docs(1, &group.docs);
}

fn api_webhook(text: &mut Text, api: &Api, webhook: &Webhook) {
    let payload = ty::ty(api, &webhook.payload);
    match &webhook.tag {
        Some(tag) => {
            text.line(0, format_args!("webhook {:?} {payload} tag {tag:?}", webhook.name));
        }
        None => text.line(0, format_args!("webhook {:?} {payload}", webhook.name)),
    }
    text.docs(1, &webhook.docs);
}

fn group_path(path: &[Words]) -> String {
    path.iter().map(Words::to_string).collect::<Vec<_>>().join(" / ")
}

/// The lines written so far.
#[derive(Default)]
struct Text {
    lines: String,
}

impl Text {
    fn line(&mut self, level: usize, content: std::fmt::Arguments<'_>) {
        for _ in 0..level {
            self.lines.push_str("  ");
        }
        self.lines.push_str(&content.to_string());
        self.lines.push('\n');
    }

    fn docs(&mut self, level: usize, docs: &Docs) {
        if let Some(summary) = &docs.summary {
            self.line(level, format_args!("summary {summary:?}"));
        }
        if let Some(description) = &docs.description {
            self.line(level, format_args!("description {description:?}"));
        }
    }
}
