//! How a vendor sends webhooks.

use std::collections::BTreeMap;
use std::time::Duration;

use http::HeaderName;
use serde::{Deserialize, Deserializer};

use crate::ledger::EffectKind;
use crate::profile::collection::Conditions;
use crate::recipe::Recipe;

/// The rules of events. Endpoints are resources with a `url` and `event_types`, and whoever makes one is told its `secret`
/// once.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WebhookRules {
    /// The collection of endpoints.
    pub(crate) endpoints: String,
    /// What an endpoint has to be to get events.
    pub(crate) enabled: Conditions,
    pub(crate) signature: SignatureRule,
    /// The prefix of the id by which duplicates are told.
    pub(crate) id_prefix: String,
    /// A header with an id of each attempt.
    #[serde(default, deserialize_with = "header")]
    pub(crate) attempt_header: Option<HeaderName>,
    pub(crate) user_agent: Option<String>,
    /// How long after an attempt that failed the next one follows. After the last of them nobody tries again.
    retries_seconds: Vec<u64>,
    /// How long an endpoint may take for its answer.
    timeout_seconds: u64,
    /// The body. Blanks: `event_id` (by which duplicates are told), `uuid`, `type`, `now`, `data`.
    pub(crate) body: Recipe,
    /// By type.
    pub(crate) events: BTreeMap<String, EventRule>,
}

/// One type of event.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EventRule {
    /// The collection of what it is about.
    pub(crate) collection: String,
    /// What has to be done to a resource through the API. Without it, a test asks for the event.
    pub(crate) on: Option<EffectKind>,
    /// What fills `data`. Blanks: those of a resource, and `whole`: the resource with what it refers to.
    pub(crate) data: Recipe,
}

/// How a body is signed: HMAC with SHA-256, in a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SignatureRule {
    /// `X-Stora-Signature: t=SECONDS,v1=HEX` of `SECONDS.BODY`, with the secret as it is.
    Stora,
    /// `webhook-id`, `webhook-timestamp` and `webhook-signature: v1,BASE64` of `ID.SECONDS.BODY`, with the bytes of which the
    /// secret is the base64 after `whsec_`.
    StandardWebhooks,
}

impl WebhookRules {
    pub(crate) fn retries(&self) -> Vec<Duration> {
        self.retries_seconds.iter().copied().map(Duration::from_secs).collect()
    }

    pub(crate) fn timeout(&self) -> Duration {
        Duration::from_secs(self.timeout_seconds)
    }
}

fn header<'de, D: Deserializer<'de>>(reader: D) -> Result<Option<HeaderName>, D::Error> {
    let name = String::deserialize(reader)?;
    name.parse().map(Some).map_err(serde::de::Error::custom)
}
