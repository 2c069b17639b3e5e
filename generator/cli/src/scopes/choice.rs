//! The smallest set of scopes that allows a number of operations.

use std::collections::BTreeSet;

/// Scopes that are asked for together.
pub(super) type Scopes = BTreeSet<String>;

/// The smallest set in which each operation finds all scopes of one of its alternatives (OpenAPI:
/// one requirement of `security` must hold). Among sets of one size the first in the order of the
/// alphabet is taken, so the choice depends on nothing but the operations.
///
/// An operation without alternatives needs nothing. Cost: in the worst case exponential in the number
/// of operations that leave a choice, so beyond [`KEPT`] candidates the larger ones are dropped.
pub(super) fn smallest<'o>(operations: impl IntoIterator<Item = &'o [Scopes]>) -> Scopes {
    let mut operations: Vec<Vec<Scopes>> = operations.into_iter().map(minimal).collect();
    // Those that leave no choice first: what they need, others may have for nothing.
    operations.sort_by_key(|alternatives| (alternatives.len(), alternatives.clone()));
    operations.dedup();
    let mut candidates: Vec<Scopes> = vec![Scopes::new()];
    for alternatives in operations.iter().filter(|alternatives| !alternatives.is_empty()) {
        let joined = candidates.iter().flat_map(|candidate| {
            alternatives.iter().map(|alternative| candidate.union(alternative).cloned().collect())
        });
        candidates = minimal(&joined.collect::<Vec<Scopes>>());
        candidates.truncate(KEPT);
    }
    candidates.into_iter().next().unwrap_or_default()
}

/// The alternative that a chosen set allows and that needs least.
pub(super) fn allowed<'o>(alternatives: &'o [Scopes], chosen: &Scopes) -> Option<&'o Scopes> {
    let allowed = alternatives.iter().filter(|alternative| alternative.is_subset(chosen));
    allowed.min_by_key(|alternative| (alternative.len(), *alternative))
}

/// The sets that contain no other one, smallest first.
fn minimal(sets: &[Scopes]) -> Vec<Scopes> {
    let mut sorted = sets.to_vec();
    sorted.sort_by(|one, two| (one.len(), one).cmp(&(two.len(), two)));
    let mut kept: Vec<Scopes> = Vec::new();
    for set in sorted {
        if !kept.iter().any(|smaller| smaller.is_subset(&set)) {
            kept.push(set);
        }
    }
    kept
}

const KEPT: usize = 1_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn scopes(text: &str) -> Scopes {
        text.split_whitespace().map(str::to_owned).collect()
    }

    fn chosen(operations: &[&[&str]]) -> Scopes {
        let operations: Vec<Vec<Scopes>> =
            operations.iter().map(|all| all.iter().map(|text| scopes(text)).collect()).collect();
        smallest(operations.iter().map(Vec::as_slice))
    }

    #[test]
    fn the_scopes_of_operations_without_a_choice_add_up() {
        assert_eq!(chosen(&[&["a"], &["b c"], &["a"]]), scopes("a b c"));
    }

    #[test]
    fn an_alternative_that_others_need_anyway_is_taken() {
        assert_eq!(chosen(&[&["a", "z"], &["z"]]), scopes("z"));
    }

    #[test]
    fn one_scope_that_serves_several_beats_one_for_each() {
        assert_eq!(chosen(&[&["a", "all"], &["b", "all"], &["c", "all"]]), scopes("all"));
    }

    #[test]
    fn among_equals_the_first_of_the_alphabet_is_taken_whatever_the_order() {
        assert_eq!(chosen(&[&["b", "a"]]), scopes("a"));
        assert_eq!(chosen(&[&["x y", "a"], &["b", "y"]]), chosen(&[&["y", "b"], &["a", "x y"]]));
    }

    #[test]
    fn an_operation_that_can_do_without_needs_nothing() {
        assert_eq!(chosen(&[&["a", ""], &[]]), scopes(""));
    }
}
