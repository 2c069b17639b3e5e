//! What a document does not say: which operations are about the same things, and what they do.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::document::Document;
use crate::error::StartError;

/// The behavior behind a document.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    pub(crate) token_operation: String,
    token_lifetime_seconds: u64,
    /// JSON Pointer to the id of the request in an enveloped answer.
    pub(crate) request_id: Option<String>,
    pub(crate) collections: BTreeMap<String, CollectionRules>,
}

/// How the resources of one collection behave.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CollectionRules {
    pub(crate) id_prefix: String,
    pub(crate) id_parameter: String,
    pub(crate) operations: Operations,
    /// The fields of a resource that nobody has set.
    #[serde(default)]
    pub(crate) new: Map<String, Value>,
    /// Fields whose changes are merged into what is there.
    #[serde(default)]
    pub(crate) merged: BTreeMap<String, MergeRule>,
    pub(crate) sort: Option<SortRule>,
    /// By query parameter.
    #[serde(default)]
    pub(crate) filters: BTreeMap<String, FilterRule>,
    /// A seeded resource; `{n}` in a text is its number, counted from 1.
    #[serde(default)]
    pub(crate) seed: Map<String, Value>,
}

/// `operationId`s. What is absent is not offered.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Operations {
    pub(crate) list: Option<String>,
    pub(crate) create: Option<String>,
    pub(crate) show: Option<String>,
    pub(crate) update: Option<String>,
    pub(crate) delete: Option<String>,
}

/// A merged field.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MergeRule {
    /// The most keys it may hold.
    pub(crate) most: usize,
}

/// The query parameters that order a list.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SortRule {
    /// Holds the name of the field.
    pub(crate) by: String,
    /// Holds `ASC` or `DESC`.
    pub(crate) direction: String,
}

/// What a query parameter keeps.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FilterRule {
    pub(crate) field: String,
    pub(crate) keep: Keep,
    /// The value that means "the field is null".
    pub(crate) absent: Option<String>,
}

/// Which resources a filter keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Keep {
    /// The field is one of the values.
    AnyOf,
    /// The field is this moment or a later one.
    AtOrAfter,
    /// The field is an earlier moment.
    Before,
    /// The field is an object with all these members.
    Contains,
}

/// What an operation does, by the profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Behavior<'p> {
    Token,
    List(&'p str),
    Create(&'p str),
    Show(&'p str),
    Update(&'p str),
    Delete(&'p str),
}

impl Profile {
    /// The profile of Stora, version 2025-09.
    pub fn stora() -> Result<Self, StartError> {
        Self::from_yaml(STORA)
    }

    /// Reads a profile. Every key is known; an unknown one is an error.
    pub fn from_yaml(text: &str) -> Result<Self, StartError> {
        serde_yaml::from_str(text).map_err(|error| StartError::profile(error.to_string()))
    }

    pub(crate) fn token_lifetime(&self) -> Duration {
        Duration::from_secs(self.token_lifetime_seconds)
    }

    /// What the operation does; `None` if the profile does not know it.
    pub(crate) fn behavior(&self, operation: &str) -> Option<Behavior<'_>> {
        if operation == self.token_operation {
            return Some(Behavior::Token);
        }
        self.collections.iter().find_map(|(name, rules)| {
            let is = |id: &Option<String>| id.as_deref() == Some(operation);
            let Operations { list, create, show, update, delete } = &rules.operations;
            if is(list) {
                Some(Behavior::List(name))
            } else if is(create) {
                Some(Behavior::Create(name))
            } else if is(show) {
                Some(Behavior::Show(name))
            } else if is(update) {
                Some(Behavior::Update(name))
            } else {
                is(delete).then_some(Behavior::Delete(name))
            }
        })
    }

    /// Refuses a profile that names what the document does not have.
    pub(crate) fn check(&self, document: &Document) -> Result<(), StartError> {
        let exists = |id: &String| match document.operation(id) {
            Some(operation) => Ok(operation),
            None => Err(StartError::profile(format!("the document has no operation `{id}`"))),
        };
        exists(&self.token_operation)?;
        for rules in self.collections.values() {
            let Operations { list, create, show, update, delete } = &rules.operations;
            for id in [create, show, update, delete].into_iter().flatten() {
                exists(id)?;
            }
            if let Some(id) = list
                && exists(id)?.pages.is_none()
            {
                let reason = format!("the list `{id}` has no `x-specwright-pagination`");
                return Err(StartError::profile(reason));
            }
        }
        Ok(())
    }
}

const STORA: &str = include_str!("../profiles/stora-2025-09/profile.yaml");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_key_is_an_error() {
        let error = Profile::from_yaml("token_operation: t\ncolour: red\n").unwrap_err();
        assert!(error.to_string().contains("colour"), "{error}");
    }
}
