//! What is the same for everything a vendor has: tokens, lists, times, money, languages.

use std::time::Duration;

use http::HeaderName;
use serde::{Deserialize, Deserializer};

use crate::profile::collection::End;
use crate::recipe::Recipe;

/// The token endpoint (RFC 6749), and the one that revokes (RFC 7009).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TokenRules {
    pub(crate) operation: String,
    pub(crate) revocation: Option<String>,
    lifetime_seconds: u64,
    /// Blanks: `access_token`, `expires_in`, `scope`, `created_at` (seconds since 1970).
    pub(crate) answer: Recipe,
    /// What a request for client credentials must name as `audience`.
    pub(crate) audience: Option<String>,
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

/// The headers of an answer to one request too many.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LimitRules {
    /// How many requests the full window allows.
    #[serde(default, deserialize_with = "header")]
    pub(crate) limit_header: Option<HeaderName>,
    /// When it opens again, in seconds since 1970.
    #[serde(default, deserialize_with = "header")]
    pub(crate) reset_header: Option<HeaderName>,
}

impl TokenRules {
    pub(crate) fn lifetime(&self) -> Duration {
        Duration::from_secs(self.lifetime_seconds)
    }
}

impl ListRules {
    pub(crate) fn cursor_lifetime(&self) -> Duration {
        self.cursor_seconds.map_or(Duration::MAX, Duration::from_secs)
    }
}

fn header<'de, D: Deserializer<'de>>(reader: D) -> Result<Option<HeaderName>, D::Error> {
    let name = Option::<String>::deserialize(reader)?;
    name.map(|name| name.parse().map_err(serde::de::Error::custom)).transpose()
}
