//! The `x-specwright-*` keys: which there are, where they may stand, and what they hold.

use specwright_openapi::Document;
use specwright_openapi::document::{
    Extension, MediaType, Operation, PathItem, Schema, SecuritySchemeKind, Value,
};
use specwright_source::{Diagnostic, Number, Sink, codes};

use super::{rate, renewal, signature};

pub(crate) const PAGINATION: &str = "x-specwright-pagination";
pub(crate) const RATE_LIMITS: &str = "x-specwright-rate-limits";
pub(crate) const RATE_LIMIT_WAIT: &str = "x-specwright-rate-limit-wait";
pub(crate) const RATE_LIMIT_RESET: &str = "x-specwright-rate-limit-reset";
pub(crate) const IDEMPOTENCY_KEY: &str = "x-specwright-idempotency-key";
pub(crate) const SENSITIVE: &str = "x-specwright-sensitive";
pub(crate) const ENVELOPE: &str = "x-specwright-envelope";
pub(crate) const ERROR_ENVELOPE: &str = "x-specwright-error-envelope";
pub(crate) const AUDIENCE: &str = "x-specwright-audience";
pub(crate) const OFFLINE_SCOPE: &str = "x-specwright-offline-scope";
pub(crate) const ROTATION: &str = "x-specwright-rotation";
pub(crate) const REFRESH_TOKEN_LIFE: &str = "x-specwright-refresh-token-life";
pub(crate) const TOKEN_IDEMPOTENCY: &str = "x-specwright-token-idempotency";
pub(crate) const REVOCATION_URL: &str = "x-specwright-revocation-url";
pub(crate) const WEBHOOK_SIGNATURE: &str = "x-specwright-webhook-signature";
pub(crate) const EPOCH_OR_SECONDS: &str = "x-specwright-epoch-or-seconds";
pub(crate) const EXPANDS_TO: &str = "x-specwright-expands-to";
pub(crate) const MERGE_PATCH: &str = "x-specwright-merge-patch";
pub(crate) const SPELLINGS: &str = "x-specwright-spellings";

const PREFIX: &str = "x-specwright-";

/// Reports every key that is unknown, stands in the wrong place or holds the wrong kind of value.
/// Such a key has no effect: each reader takes the right form only.
///
/// Before: nothing. After: nothing changed but the sink. Cost: one look at each extension.
pub(crate) fn check(document: &Document, sink: &mut Sink) {
    here(&document.extensions, Site::Root, sink);
    here(&document.info.extensions, Site::Elsewhere, sink);
    for scheme in &document.schemes {
        let site = match &scheme.kind {
            // The reader has said what is wrong with the scheme; its keys may be in the right place.
            SecuritySchemeKind::OAuth2 { .. } | SecuritySchemeKind::Unreadable => Site::OAuth2,
            SecuritySchemeKind::ApiKey { .. }
            | SecuritySchemeKind::Http { .. }
            | SecuritySchemeKind::MutualTls
            | SecuritySchemeKind::OpenIdConnect { .. } => Site::Elsewhere,
        };
        here(&scheme.extensions, site, sink);
    }
    for schema in document.schemas.iter().filter_map(Schema::as_object) {
        here(&schema.extensions, Site::Schema, sink);
    }
    for (_, item) in &document.paths {
        path_item(item, Site::Operation, sink);
    }
    for (_, item) in &document.webhooks {
        path_item(item, Site::Webhook, sink);
    }
}

/// True if a key is known and holds what it should; what does not is reported by [`check`].
pub(crate) fn is_well_formed(extension: &Extension) -> bool {
    KEYS.iter().any(|(name, _, form)| *name == extension.name && form.fits(&extension.value))
}

fn path_item(item: &PathItem, site: Site, sink: &mut Sink) {
    here(&item.extensions, Site::Elsewhere, sink);
    for op in &item.operations {
        here(&op.extensions, site, sink);
        operation(op, sink);
    }
}

fn operation(op: &Operation, sink: &mut Sink) {
    for param in &op.parameters {
        here(&param.extensions, Site::Elsewhere, sink);
    }
    if let Some(body) = &op.request_body {
        here(&body.extensions, Site::Elsewhere, sink);
        media(&body.content, Site::Elsewhere, sink);
    }
    for (_, response) in &op.responses.cases {
        here(&response.extensions, Site::Elsewhere, sink);
        media(&response.content, Site::ResponseMedia, sink);
    }
}

fn media(content: &[(String, MediaType)], site: Site, sink: &mut Sink) {
    for (_, media) in content {
        here(&media.extensions, site, sink);
    }
}

fn here(extensions: &[Extension], site: Site, sink: &mut Sink) {
    for extension in extensions.iter().filter(|one| one.name.starts_with(PREFIX)) {
        let name = &extension.name;
        let Some((_, right, form)) = KEYS.iter().find(|(known, ..)| known == name) else {
            let known: Vec<&str> =
                KEYS.iter().filter(|(_, right, _)| *right == site).map(|(key, ..)| *key).collect();
            let help = match known.as_slice() {
                [] => "no such key is known in this place".to_owned(),
                known => format!("known in this place: {}", known.join(", ")),
            };
            sink.report(
                Diagnostic::new(&codes::EXTENSION_UNKNOWN, format!("`{name}` is not known"))
                    .label(extension.at.span, "")
                    .at(extension.at.pointer.clone())
                    .help(help),
            );
            continue;
        };
        let problem = if *right != site {
            Some(format!("`{name}` belongs to {}", right.name()))
        } else if !form.fits(&extension.value) {
            Some(format!("`{name}` has the wrong form"))
        } else {
            None
        };
        if let Some(problem) = problem {
            sink.report(
                Diagnostic::new(&codes::EXTENSION_MALFORMED, problem)
                    .label(extension.at.span, "")
                    .at(extension.at.pointer.clone())
                    .note("left out")
                    .help(format!("it holds {}", form.name())),
            );
        }
    }
}

/// Where a key may stand.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Site {
    Root,
    Operation,
    Webhook,
    ResponseMedia,
    Schema,
    OAuth2,
    Elsewhere,
}

impl Site {
    fn name(self) -> &'static str {
        match self {
            Self::Root => "the root of the document",
            Self::Operation => "an operation",
            Self::Webhook => "an operation of a webhook",
            Self::ResponseMedia => "a media type of a response",
            Self::Schema => "a schema",
            Self::OAuth2 => "a security scheme of the type `oauth2`",
            Self::Elsewhere => "no place",
        }
    }
}

/// What a key holds.
#[derive(Clone, Copy)]
enum Form {
    True,
    Bool,
    Text,
    Windows,
    Seconds,
    Scope,
    Rotation,
    TokenKey,
    ResetUnit,
    Pages,
    Key,
    Signature,
    ErrorEnvelope,
    Component,
    EmptyClears,
    Spellings,
}

impl Form {
    fn name(self) -> &'static str {
        match self {
            Self::True => "`true`",
            Self::Bool => "`true` or `false`",
            Self::Text => "a string",
            Self::Windows => "a list of objects with `requests` and `seconds`, both above zero",
            Self::Seconds => "a whole number of seconds above zero",
            Self::Scope => "one scope: visible characters without blanks",
            Self::Rotation => {
                "one of `immediate`, `on-first-use`, `reuse-revokes`, `grace`, `lost-answer`, \
                 `none`, `undocumented`"
            }
            Self::TokenKey => "`Idempotency-Key`, the only header in which the runtime sends a key",
            Self::ResetUnit => "`epoch-seconds` or `delta-seconds`",
            Self::Pages => {
                "an object with `style: page-number` and `page`, or `style: cursor` and `cursor`; \
                 with `items`, `next`, and maybe `limit` and `id`; with `page`, maybe `count` and `pages`"
            }
            Self::Key => "an object with `header`, and maybe `retention_seconds`",
            Self::Signature => {
                "`scheme: standard-webhooks` with `header: webhook-signature`, or `scheme: stora-v1` with the name of a \
                 `header` and the `id` of an event as a JSON Pointer"
            }
            Self::Component => "a reference such as `#/components/schemas/Contact`",
            Self::EmptyClears => "`{ empty: clear }`",
            Self::Spellings => "an object with a list of strings for each value",
            Self::ErrorEnvelope => {
                "an object with `code` and maybe `request_id`, both JSON Pointers, and maybe a list \
                 `server_faults`"
            }
        }
    }

    fn fits(self, value: &Value) -> bool {
        match self {
            Self::True => *value == Value::Bool(true),
            Self::Bool => matches!(value, Value::Bool(_)),
            Self::Text => value.as_str().is_some(),
            Self::Windows => matches!(value, Value::List(_)) && value.items().iter().all(is_window),
            Self::Seconds => rate::positive(value).is_some(),
            Self::Scope => renewal::scope(value).is_some(),
            Self::Rotation => renewal::rotation(value).is_some(),
            Self::TokenKey => renewal::token_key(value).is_some(),
            Self::ResetUnit => matches!(value.as_str(), Some("epoch-seconds" | "delta-seconds")),
            Self::Pages => {
                let (param, rest): (_, &[&str]) =
                    match value.member("style").and_then(Value::as_str) {
                        Some("page-number") => ("page", &["limit", "id", "count", "pages"]),
                        Some("cursor") => ("cursor", &["limit", "id"]),
                        _ => return false,
                    };
                is_object(value, &["style", param, "items", "next"], rest)
            }
            Self::Key => {
                let mut rest = value.members().iter().filter(|(name, _)| name != "header");
                value.member("header").is_some_and(|header| header.as_str().is_some())
                    && rest.all(|(name, value)| {
                        name == "retention_seconds"
                            && value.as_number().and_then(Number::as_u64).is_some()
                    })
            }
            Self::Signature => signature::read(value).is_some(),
            Self::Component => value.as_str().is_some_and(|text| text.starts_with("#/")),
            Self::EmptyClears => {
                is_object(value, &["empty"], &[])
                    && value.member("empty").and_then(Value::as_str) == Some("clear")
            }
            Self::Spellings => {
                let texts = |list: &Value| {
                    !list.items().is_empty()
                        && list.items().iter().all(|text| text.as_str().is_some())
                };
                !value.members().is_empty() && value.members().iter().all(|(_, list)| texts(list))
            }
            Self::ErrorEnvelope => is_error_envelope(value),
        }
    }
}

/// An object of strings with these members and no other.
fn is_object(value: &Value, required: &[&str], optional: &[&str]) -> bool {
    required.iter().all(|name| value.member(name).is_some())
        && value.members().iter().all(|(name, value)| {
            value.as_str().is_some()
                && (required.contains(&name.as_str()) || optional.contains(&name.as_str()))
        })
}

fn is_error_envelope(value: &Value) -> bool {
    let pointer = |name: &str| {
        value.member(name).and_then(Value::as_str).is_some_and(|text| text.starts_with('/'))
    };
    let known = ["request_id", "code", "server_faults"];
    let faults = value.member("server_faults").map(Value::items).unwrap_or_default();
    pointer("code")
        && (value.member("request_id").is_none() || pointer("request_id"))
        && value.members().iter().all(|(name, _)| known.contains(&name.as_str()))
        && faults.iter().all(|fault| fault.as_str().is_some())
}

fn is_window(value: &Value) -> bool {
    let positive = |name: &str| value.member(name).is_some_and(|n| rate::positive(n).is_some());
    value.members().len() == 2 && positive("requests") && positive("seconds")
}

const KEYS: [(&str, Site, Form); 19] = [
    (AUDIENCE, Site::OAuth2, Form::Text),
    (ENVELOPE, Site::ResponseMedia, Form::Text),
    (EPOCH_OR_SECONDS, Site::Schema, Form::True),
    (ERROR_ENVELOPE, Site::Root, Form::ErrorEnvelope),
    (EXPANDS_TO, Site::Schema, Form::Component),
    (IDEMPOTENCY_KEY, Site::Operation, Form::Key),
    (MERGE_PATCH, Site::Schema, Form::EmptyClears),
    (OFFLINE_SCOPE, Site::OAuth2, Form::Scope),
    (PAGINATION, Site::Operation, Form::Pages),
    (RATE_LIMIT_RESET, Site::Root, Form::ResetUnit),
    (RATE_LIMIT_WAIT, Site::Root, Form::Seconds),
    (RATE_LIMITS, Site::Root, Form::Windows),
    (REFRESH_TOKEN_LIFE, Site::OAuth2, Form::Seconds),
    (REVOCATION_URL, Site::OAuth2, Form::Text),
    (ROTATION, Site::OAuth2, Form::Rotation),
    (SENSITIVE, Site::Schema, Form::Bool),
    (SPELLINGS, Site::Schema, Form::Spellings),
    (TOKEN_IDEMPOTENCY, Site::OAuth2, Form::TokenKey),
    (WEBHOOK_SIGNATURE, Site::Webhook, Form::Signature),
];
