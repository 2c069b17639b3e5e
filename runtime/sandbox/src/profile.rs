//! What a document does not say: how the operations of a vendor hang together.
//!
//! A profile is YAML and reads as a description of the vendor. Whatever the sandbox does for one
//! operation it can do for any: a profile names behaviors, it does not program them.

pub(crate) mod check;
pub(crate) mod collection;
pub(crate) mod errors;
pub(crate) mod vendor;
pub(crate) mod webhooks;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;
use serde_json::Value;
use serde_path_to_error::{Path, Segment};

use crate::error::StartError;
use crate::json::escape;
use crate::recipe::Recipe;
use collection::{Behavior, CollectionRules};
use errors::ErrorRules;
use vendor::{LanguageRules, LimitRules, ListRules, MergeRule, MoneyRule, TimeRules, TokenRules};
use webhooks::WebhookRules;

/// The behavior behind a document, read from YAML.
///
/// At the top stands what is the same for all resources; below `collections`, what is particular to
/// one kind. In a value, `${…}` is a blank: `${now}`, `${id}`, `${body PATH}` (of the request),
/// `${its PATH}` (of the resource, through references too), `${sum PATH}`, `${product PRICE QUANTITY}`,
/// `${hex BYTES}` and `${base64 BYTES}` (secrets), `${n}` (in `seed`). A blank that stands for nothing
/// takes its member with it.
///
/// | key | says |
/// |---|---|
/// | `tokens` | the token endpoint, its answer, `audience`, lifetimes and model of `rotation`; the endpoint |
/// | | that revokes; the one where people decide |
/// | `errors` | the form of an error, and which status and code stand for each way to fail |
/// | `every_answer` | what answers hold beside the resource |
/// | `lists` | the usual order; what tells where a page stands; the end of a list; how long cursors live |
/// | `times`, `merged`, `money`, `languages`, `limits` | conventions of the vendor |
/// | `webhooks` | the endpoints, how events are signed and retried, and what they tell |
/// | `fixed` | operations that answer with the document's example |
/// | `others` | of operations that nothing is said of: `refused` (at the start), or `validated` and no more |
/// | `beside_the_document` | endpoints that the document lacks, as OpenAPI |
///
/// | key of a collection | says |
/// |---|---|
/// | `id`, `parameter` | the prefix of ids, the member and the path parameter that hold one |
/// | `operations` | by `operationId`: `list`, `show`, `create`, `update` (merges), `replace`, `delete`, |
/// | | `members: NAME` (a list below a resource), `change: {…}` and `bulk: {…}` |
/// | `references` | where a resource refers to which collections |
/// | `new` | what a new one `holds`, `needs`, `shows` and shows `once` |
/// | `filters` | query parameters of lists |
/// | `derived`, `renamed`, `also`, `apart`, `files`, `held_by`, `deleted`, `seed`, `scope`, `end` | the rest |
///
/// ```
/// # use specwright_sandbox::Profile;
/// let error = Profile::from_yaml("colour: red").unwrap_err();
/// assert!(error.to_string().contains("unknown field `colour`"));
/// ```
///
/// The two profiles in this package are the best introduction.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// Whose it is, if it came with the sandbox; `None` if it was read by the user.
    #[serde(skip)]
    pub(crate) built_in: Option<Api>,
    pub(crate) tokens: TokenRules,
    pub(crate) errors: ErrorRules,
    /// What every answer holds beside its resources. Blank: `request_id`.
    #[serde(default)]
    pub(crate) every_answer: Recipe,
    #[serde(default)]
    pub(crate) lists: ListRules,
    #[serde(default)]
    pub(crate) times: TimeRules,
    /// By field, in every collection.
    #[serde(default)]
    pub(crate) merged: BTreeMap<String, MergeRule>,
    pub(crate) money: Option<MoneyRule>,
    pub(crate) languages: Option<LanguageRules>,
    #[serde(default)]
    pub(crate) limits: LimitRules,
    pub(crate) webhooks: Option<WebhookRules>,
    /// What becomes of operations that the profile does not name.
    #[serde(default)]
    pub(crate) others: Others,
    /// Operations that always answer with the document's example.
    #[serde(default)]
    pub(crate) fixed: Vec<String>,
    #[serde(default)]
    pub(crate) collections: BTreeMap<String, CollectionRules>,
    /// Endpoints that the vendor has and its document has not, in OpenAPI themselves.
    pub(crate) beside_the_document: Option<Value>,
}

/// A further file of a profile.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Topic {
    collections: BTreeMap<String, CollectionRules>,
}

/// What becomes of operations of the document that the profile does not name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Others {
    /// The sandbox does not start.
    #[default]
    Refused,
    /// Their requests are validated, and then answered with the error for `no_behavior`.
    Validated,
}

/// An API whose document and profile come with the sandbox.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Api {
    /// Stora, version 2025-09.
    #[default]
    Stora,
    /// Understory, version v1.
    Understory,
}

/// What an operation does, by the profile.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Play<'p> {
    Token,
    Revocation,
    Fixed,
    /// Something with the resources of the collection of this name.
    Resources(&'p str, &'p CollectionRules, &'p Behavior),
}

impl Profile {
    /// The profile of Stora, version 2025-09.
    pub fn stora() -> Result<Self, StartError> {
        static READ: OnceLock<Profile> = OnceLock::new();
        Self::assembled(&READ, Api::Stora, STORA, &STORA_TOPICS)
    }

    /// The profile of Understory, version v1.
    pub fn understory() -> Result<Self, StartError> {
        static READ: OnceLock<Profile> = OnceLock::new();
        Self::assembled(&READ, Api::Understory, UNDERSTORY, &[])
    }

    /// The profile of an API.
    pub(crate) fn of(api: Api) -> Result<Self, StartError> {
        match api {
            Api::Stora => Self::stora(),
            Api::Understory => Self::understory(),
        }
    }

    /// Reads a profile. Every key is known; an unknown one is an error.
    pub fn from_yaml(text: &str) -> Result<Self, StartError> {
        read(text)
    }

    /// Adds the collections of a further file: a long description is split by topic.
    ///
    /// # Errors
    /// The file cannot be read, or describes a collection that is described already.
    pub fn with_topic(mut self, text: &str) -> Result<Self, StartError> {
        for (name, rules) in read::<Topic>(text)?.collections {
            if self.collections.insert(name.clone(), rules).is_some() {
                let at = format!("/collections/{}", escape(&name));
                return Err(StartError::profile(&at, "the collection is described twice"));
            }
        }
        Ok(self)
    }

    /// Reads one of our own, once in the life of the process.
    fn assembled(
        read: &OnceLock<Self>,
        api: Api,
        text: &str,
        topics: &[&str],
    ) -> Result<Self, StartError> {
        if let Some(profile) = read.get() {
            return Ok(profile.clone());
        }
        let profile = Self { built_in: Some(api), ..Self::from_yaml(text)? };
        let profile =
            topics.iter().try_fold(profile, |profile, topic| profile.with_topic(topic))?;
        Ok(read.get_or_init(|| profile).clone())
    }

    /// What the operation does; `None` if the profile does not know it.
    pub(crate) fn play(&self, operation: &str) -> Option<Play<'_>> {
        if operation == self.tokens.operation {
            return Some(Play::Token);
        }
        if self.tokens.revocation.as_deref() == Some(operation) {
            return Some(Play::Revocation);
        }
        if self.fixed.iter().any(|fixed| fixed == operation) {
            return Some(Play::Fixed);
        }
        self.collections.iter().find_map(|(name, rules)| {
            let behavior = rules.operations.get(operation)?;
            Some(Play::Resources(name, rules, behavior))
        })
    }
}

fn read<T: for<'de> Deserialize<'de>>(text: &str) -> Result<T, StartError> {
    // Through YAML's own value first, which refuses a key given twice; then through JSON, because
    // YAML writes "one of several" as a tag, which nobody who describes a vendor should have to know.
    let whole = |reason: String| StartError::profile("", reason);
    let yaml: serde_yaml::Value =
        serde_yaml::from_str(text).map_err(|error| whole(error.to_string()))?;
    let json = serde_json::to_value(yaml).map_err(|error| whole(error.to_string()))?;
    serde_path_to_error::deserialize(json)
        .map_err(|error| StartError::profile(&pointer(error.path()), error.inner().to_string()))
}

fn pointer(path: &Path) -> String {
    let segments = path.iter().map(|segment| match segment {
        Segment::Seq { index } => format!("/{index}"),
        Segment::Map { key } => format!("/{}", escape(key)),
        Segment::Enum { variant } => format!("/{}", escape(variant)),
        Segment::Unknown => "/?".to_owned(),
    });
    segments.collect::<Vec<_>>().concat()
}

const STORA: &str = include_str!("../profiles/stora-2025-09/profile.yaml");
const STORA_TOPICS: [&str; 5] = [
    include_str!("../profiles/stora-2025-09/people.yaml"),
    include_str!("../profiles/stora-2025-09/units.yaml"),
    include_str!("../profiles/stora-2025-09/sales.yaml"),
    include_str!("../profiles/stora-2025-09/billing.yaml"),
    include_str!("../profiles/stora-2025-09/integrations.yaml"),
];
const UNDERSTORY: &str = include_str!("../profiles/understory-v1/profile.yaml");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_key_is_an_error() {
        let error = Profile::from_yaml("tokens: {}\ncolour: red\n").unwrap_err();
        assert!(error.to_string().contains("colour"), "{error}");
    }

    #[test]
    fn a_key_given_twice_is_an_error() {
        let error = Profile::from_yaml("fixed: []\nfixed: []\n").unwrap_err();
        assert!(error.to_string().contains("duplicate"), "{error}");
    }

    #[test]
    fn an_unknown_key_far_inside_is_an_error_that_names_the_place() {
        let change = "{ change: { set: {}, colour: red } }";
        let yaml = format!(
            "collections: {{ a: {{ id: {{ prefix: a_ }}, operations: {{ b: {change} }} }} }}"
        );
        let error = read::<Topic>(&yaml).unwrap_err().to_string();
        let place = "cannot use the profile: at `#/collections/a/operations/b/change/colour`: ";
        assert!(error.starts_with(&format!("{place}unknown field `colour`")), "{error}");
    }
}
