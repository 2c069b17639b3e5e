//! What is the same for everything a vendor has: tokens, lists, times, money, languages.

use std::time::Duration;

use http::HeaderName;
use serde::{Deserialize, Deserializer};

use crate::oauth::Rotation;
use crate::profile::collection::End;
use crate::recipe::Recipe;

/// The authorization server: the token endpoint (RFC 6749), the one that revokes (RFC 7009), and the
/// one where people decide.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TokenRules {
    pub(crate) operation: String,
    pub(crate) revocation: Option<String>,
    lifetime_seconds: u64,
    /// How long a refresh token can be traded. Without it, until it is revoked.
    refresh_lifetime_seconds: Option<u64>,
    /// How long an authorization code can be exchanged. A minute unless said otherwise: RFC 6749,
    /// section 4.1.2, wants ten at most.
    #[serde(default = "minute")]
    code_seconds: u64,
    /// The model of rotation; the strictest unless said otherwise.
    #[serde(default = "strict", deserialize_with = "rotation")]
    pub(crate) rotation: Rotation,
    /// The scope without which no refresh token is given. Without it, a code always gives one.
    pub(crate) refresh_scope: Option<String>,
    #[serde(default)]
    pub(crate) authorization: AuthorizationRules,
    /// Blanks: `access_token`, `refresh_token`, `expires_in`, `scope`, `created_at` (seconds since
    /// 1970).
    pub(crate) answer: Recipe,
    /// What a request for client credentials, or for authorization, must name as `audience`.
    pub(crate) audience: Option<String>,
}

/// The authorization endpoint.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AuthorizationRules {
    /// Its path, if no security scheme of the document has an `authorizationUrl`.
    pub(crate) path: Option<String>,
    /// How many characters `state` has at least. Without it, `state` may be missing.
    #[serde(default)]
    pub(crate) state_characters: usize,
}

/// What all lists have in common.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListRules {
    /// JSON Pointer to the items of a list without pages.
    pub(crate) items: Option<String>,
    /// What stands beside the number of the next page and tells where the page stands. Blanks: `count`
    /// (of the items of all pages), `limit` (of items on a page), `page`, `pages`, and `previous`,
    /// which is null on the first page.
    #[serde(default)]
    pub(crate) place: Recipe,
    #[serde(default)]
    pub(crate) end: End,
    /// How long a cursor can be used. Without it, until the sandbox ends.
    pub(crate) cursor_seconds: Option<u64>,
    pub(crate) order: Option<OrderRule>,
}

/// How a list is ordered: by the field, the highest first, unless the request says otherwise.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OrderRule {
    pub(crate) field: String,
    /// The query parameter with the name of the field; with a sign before it (`-created_at`) if there
    /// is no `direction`.
    pub(crate) parameter: String,
    /// The query parameter that holds `ASC` or `DESC`.
    pub(crate) direction: Option<String>,
}

/// The fields that hold when a resource was made and last changed.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TimeRules {
    pub(crate) created: String,
    pub(crate) updated: String,
}

impl Default for TimeRules {
    fn default() -> Self {
        Self { created: "created_at".to_owned(), updated: "updated_at".to_owned() }
    }
}

/// A field whose changes are merged into what is there.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MergeRule {
    /// The most keys it may hold.
    pub(crate) most: usize,
}

/// What comes as `{amount}` is answered as `{amount, currency, formatted}`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MoneyRule {
    pub(crate) currency: String,
    pub(crate) symbol: String,
}

/// The languages of the account. A request for others alone is refused.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LanguageRules {
    /// The header parameter with the wished languages.
    pub(crate) parameter: String,
    pub(crate) configured: Vec<String>,
}

/// The headers that tell of the windows. An answer to one request too many has them.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_field_names, reason = "they are the keys of a profile")]
pub(crate) struct LimitRules {
    /// How many requests the full window allows.
    #[serde(default, deserialize_with = "header")]
    pub(crate) limit_header: Option<HeaderName>,
    /// How many more requests the fullest window allows. Sent only where a test asks for it.
    #[serde(default, deserialize_with = "header")]
    pub(crate) remaining_header: Option<HeaderName>,
    /// When it opens again, in seconds since 1970.
    #[serde(default, deserialize_with = "header")]
    pub(crate) reset_header: Option<HeaderName>,
}

impl TokenRules {
    pub(crate) fn lifetime(&self) -> Duration {
        Duration::from_secs(self.lifetime_seconds)
    }

    pub(crate) fn refresh_lifetime(&self) -> Option<Duration> {
        self.refresh_lifetime_seconds.map(Duration::from_secs)
    }

    pub(crate) fn code_lifetime(&self) -> Duration {
        Duration::from_secs(self.code_seconds)
    }
}

impl ListRules {
    pub(crate) fn cursor_lifetime(&self) -> Duration {
        self.cursor_seconds.map_or(Duration::MAX, Duration::from_secs)
    }
}

fn minute() -> u64 {
    60
}

fn strict() -> Rotation {
    Rotation::Strict
}

fn rotation<'de, D: Deserializer<'de>>(reader: D) -> Result<Rotation, D::Error> {
    String::deserialize(reader)?.parse().map_err(serde::de::Error::custom)
}

fn header<'de, D: Deserializer<'de>>(reader: D) -> Result<Option<HeaderName>, D::Error> {
    let name = Option::<String>::deserialize(reader)?;
    name.map(|name| name.parse().map_err(serde::de::Error::custom)).transpose()
}
