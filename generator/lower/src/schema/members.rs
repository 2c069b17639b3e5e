//! Alternatives that are told apart by the members they must have.

use std::collections::{BTreeMap, BTreeSet};

use specwright_ir::{Dispatch, JsonKind, MembersQuestion, Shape, Takes};

use super::alternatives;
use super::union::{Branch, type_hint, variant};
use crate::lowering::Lowering;

/// A union by members; `None` if an alternative is no object, or if the members tell nothing.
pub(super) fn tell_apart(lowering: &mut Lowering<'_>, branches: &[Branch<'_>]) -> Option<Shape> {
    let found: Option<Vec<Members>> =
        branches.iter().map(|branch| members(lowering, branch)).collect();
    let found = found?;
    let questions = at_once(&found).or_else(|| one_by_one(&found))?;
    let variants = branches
        .iter()
        .map(|branch| variant(type_hint(lowering, branch, JsonKind::Object), branch, Vec::new()))
        .collect();
    Some(Shape::Union { variants, dispatch: Dispatch::Members(questions), open: true })
}

/// What an alternative says of the members of its objects.
struct Members {
    /// Described and required, in the order of the document.
    required: Vec<String>,
    /// Described or required.
    declared: BTreeSet<String>,
}

/// The members of an alternative. One that has alternatives itself requires what all of them require,
/// and declares what any of them declares.
fn members(lowering: &mut Lowering<'_>, branch: &Branch<'_>) -> Option<Members> {
    if !branch.kinds.iter().eq([&JsonKind::Object]) {
        return None;
    }
    let mut all: Option<Members> = None;
    for schema in alternatives::leaves(lowering, branch.id, |_| false)? {
        if schema.properties.is_empty() {
            return None;
        }
        let described: BTreeSet<&String> = schema.properties.iter().map(|(name, _)| name).collect();
        let required: Vec<String> =
            schema.required.iter().filter(|name| described.contains(name)).cloned().collect();
        let declared = described.into_iter().chain(&schema.required).cloned();
        let all = all.get_or_insert_with(|| Members {
            required: required.clone(),
            declared: BTreeSet::new(),
        });
        all.required.retain(|name| required.contains(name));
        all.declared.extend(declared);
    }
    all
}

/// Each alternative requires a member that none of the others declares: the order does not matter.
fn at_once(found: &[Members]) -> Option<Vec<MembersQuestion>> {
    let count = declarations(found);
    found.iter().enumerate().map(|(variant, members)| own(variant, members, &count)).collect()
}

/// A list of decisions: an alternative that requires members which none of those that are left
/// declares is asked for and taken away, the first one in the document if there are several. The one
/// that is left in the end is asked for by whatever it requires.
///
/// One of the members is enough for a yes. An object that lacks another one is damaged, and to say so
/// is better than to take it for an alternative with less in it, which the next one mostly is. Taking
/// one away leaves the others no worse off, so an order is found if there is one. Cost: the
/// square of the alternatives.
fn one_by_one(found: &[Members]) -> Option<Vec<MembersQuestion>> {
    let mut count = declarations(found);
    let mut left: Vec<(usize, &Members)> = found.iter().enumerate().collect();
    let mut questions = Vec::new();
    while left.len() > 1 {
        let (place, question) =
            left.iter().enumerate().find_map(|(place, (variant, members))| {
                own(*variant, members, &count).map(|question| (place, question))
            })?;
        questions.push(MembersQuestion { takes: Takes::Any, ..question });
        let (_, taken) = left.remove(place);
        for name in &taken.declared {
            count.entry(name).and_modify(|count| *count -= 1);
        }
    }
    let (variant, last) = left.pop()?;
    let members = last.required.clone();
    questions.push(MembersQuestion { variant, takes: Takes::Any, members });
    (!last.required.is_empty()).then_some(questions)
}

/// How many alternatives declare each member.
fn declarations(found: &[Members]) -> BTreeMap<&String, usize> {
    let mut count = BTreeMap::new();
    for name in found.iter().flat_map(|members| &members.declared) {
        *count.entry(name).or_insert(0) += 1;
    }
    count
}

/// Whether the required members are there that this alternative alone declares.
fn own(
    variant: usize,
    members: &Members,
    count: &BTreeMap<&String, usize>,
) -> Option<MembersQuestion> {
    let is_own = |name: &&String| count.get(name) == Some(&1);
    let own: Vec<String> = members.required.iter().filter(is_own).cloned().collect();
    (!own.is_empty()).then_some(MembersQuestion { variant, takes: Takes::All, members: own })
}
