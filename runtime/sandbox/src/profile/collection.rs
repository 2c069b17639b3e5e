//! The resources of one kind: what they hold, what they refer to and what operations do to them.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::recipe::Recipe;

/// How the resources of one collection behave.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CollectionRules {
    pub(crate) id: IdRule,
    /// The path parameter that holds the id.
    pub(crate) parameter: Option<String>,
    /// By `operationId`.
    #[serde(default)]
    pub(crate) operations: BTreeMap<String, Behavior>,
    #[serde(default)]
    pub(crate) new: NewRules,
    /// Fields that follow from others, after each change.
    #[serde(default)]
    pub(crate) derived: Recipe,
    /// What a member of a request is called in a resource.
    #[serde(default)]
    pub(crate) renamed: BTreeMap<String, String>,
    /// A request with this member does what that operation does as well.
    #[serde(default)]
    pub(crate) also: BTreeMap<String, String>,
    /// Where a resource refers to others, and to which; dots go down, lists are entered.
    #[serde(default)]
    pub(crate) references: BTreeMap<String, Targets>,
    /// The vendor expands something here, and what could not be read: every name is taken, and none
    /// does anything.
    #[serde(default)]
    pub(crate) expands_any_name: bool,
    /// By query parameter.
    #[serde(default)]
    pub(crate) filters: BTreeMap<String, FilterRule>,
    /// Members that operations of their own list. They are not shown with the resource.
    #[serde(default)]
    pub(crate) apart: Vec<String>,
    /// Media types in which a resource can be had besides JSON, and when.
    #[serde(default)]
    pub(crate) files: BTreeMap<String, Conditions>,
    /// Collections that keep a resource from being deleted, and where they refer to it.
    #[serde(default)]
    pub(crate) held_by: BTreeMap<String, String>,
    /// What stands where a deleted resource is referred to.
    pub(crate) deleted: Option<Recipe>,
    /// What a seeded resource holds beside and over the document's example.
    #[serde(default)]
    pub(crate) seed: Recipe,
    /// The scope that reads the resources, where no operation tells.
    pub(crate) scope: Option<String>,
    /// What `next` is at the end of a list, if not what the profile says for all.
    pub(crate) end: Option<End>,
}

/// The form of ids, and the member that holds the id.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct IdRule {
    pub(crate) prefix: String,
    /// `null` if resources do not show their id.
    #[serde(default = "usual_id")]
    pub(crate) member: Option<String>,
}

/// How resources come into being.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewRules {
    /// The fields that the request leaves open.
    #[serde(default)]
    pub(crate) holds: Recipe,
    /// The members that the items of a list leave open.
    #[serde(default)]
    pub(crate) each: BTreeMap<String, Recipe>,
    /// Members that only the answer to the creation shows.
    #[serde(default)]
    pub(crate) once: Recipe,
    /// What must hold of the new resource and of what it refers to; otherwise there is a conflict.
    #[serde(default)]
    pub(crate) needs: Conditions,
    /// The blanks of a template that the request must fill.
    pub(crate) fills: Option<FillRule>,
    /// The only members of the answer. Empty: all.
    #[serde(default)]
    pub(crate) shows: Vec<String>,
}

/// Names that a request must give a value: as a field, or as a member of another field.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FillRule {
    /// Where the names are.
    pub(crate) names: String,
    /// The field whose members count too.
    pub(crate) or_in: String,
}

/// What an operation does.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Behavior {
    List,
    Show,
    Create,
    /// Changes the fields that are given.
    Update,
    /// Empties the fields that are not given.
    Replace,
    Delete,
    /// Lists what a member of one resource holds; what is referred to comes whole.
    Members(String),
    /// Sets fields of one resource.
    Change(ChangeRule),
    /// Sets fields of all resources that fit.
    Bulk(BulkRule),
}

/// A change of one resource.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangeRule {
    /// What must hold before; otherwise there is a conflict.
    #[serde(default)]
    pub(crate) when: Conditions,
    #[serde(default)]
    pub(crate) set: Recipe,
    /// Members that refer to a resource of their own: what that one holds from now on. It is made if
    /// the member is null.
    #[serde(default)]
    pub(crate) link: BTreeMap<String, Recipe>,
    /// Lists in which each member of the body is an entry.
    #[serde(default)]
    pub(crate) entries: BTreeMap<String, EntryRule>,
    /// What members of the body refer to.
    #[serde(default)]
    pub(crate) references: BTreeMap<String, Targets>,
}

/// An entry of a list that is known by one of its members.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EntryRule {
    /// Holds the name of the body's member.
    pub(crate) key: String,
    /// Holds the value of the body's member.
    pub(crate) value: String,
    /// What else a new entry holds.
    #[serde(default)]
    pub(crate) new: Recipe,
}

/// A change of many resources.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BulkRule {
    /// The resources whose value here is this one.
    pub(crate) of: BTreeMap<String, Recipe>,
    #[serde(default)]
    pub(crate) when: Conditions,
    pub(crate) set: Recipe,
    /// The whole answer. The blank `ids` stands for the ids of what was changed.
    pub(crate) answer: Recipe,
    /// What members of the body refer to.
    #[serde(default)]
    pub(crate) references: BTreeMap<String, Targets>,
}

/// By field (dots go down, through references too): the values it may have.
pub(crate) type Conditions = BTreeMap<String, OneOrMany<Value>>;

/// The collections a reference may lead to. The prefix of an id tells which.
pub(crate) type Targets = OneOrMany<String>;

/// One value, or a list.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum OneOrMany<T> {
    Many(Vec<T>),
    One(T),
}

impl<T> OneOrMany<T> {
    pub(crate) fn as_slice(&self) -> &[T] {
        match self {
            Self::Many(many) => many,
            Self::One(one) => std::slice::from_ref(one),
        }
    }
}

/// What a query parameter keeps.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FilterRule {
    /// Dots go down, through references too.
    pub(crate) field: String,
    pub(crate) keep: Keep,
    /// The value that means "the field is null".
    pub(crate) absent: Option<String>,
    /// Other spellings of values.
    #[serde(default)]
    pub(crate) spelled: BTreeMap<String, String>,
    /// The field with the time zone of `field`, where local times are compared.
    pub(crate) zone: Option<String>,
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
    /// The field, read on a clock in its own time zone, is this time or a later one.
    LocallyAtOrAfter,
    /// The field, read on a clock in its own time zone, is an earlier time.
    LocallyBefore,
    /// The field is an object with all these members.
    Contains,
}

/// What `next` is on the last page of a list with cursors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum End {
    /// It is not there.
    #[default]
    Absent,
    /// It is an empty text.
    Empty,
}

// Serde wants a function.
#[expect(clippy::unnecessary_wraps, reason = "the member may be null")]
fn usual_id() -> Option<String> {
    Some("id".to_owned())
}
