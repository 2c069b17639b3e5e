//! Names that stay.

use proptest::prelude::{ProptestConfig, prop_assert_eq, proptest};

use crate::api::any_api;
use crate::generator::generate;
use crate::names::{Names, names};

const NOTHING: [String; 0] = [];

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 24,
        max_shrink_iters: 64,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn things_of_one_document_have_different_names(api in any_api()) {
        let names = names(&generate(&api.document(), "").files);
        prop_assert_eq!(reused(&names, &names), NOTHING);
    }

    #[test]
    fn what_is_still_there_keeps_its_name(before in any_api(), after in any_api()) {
        let first = generate(&before.document(), "");
        let second = generate(&after.document(), &first.lock);
        prop_assert_eq!(renamed(&names(&first.files), &names(&second.files)), NOTHING);
    }

    #[test]
    fn the_name_of_what_is_gone_is_given_to_nothing_else(
        before in any_api(),
        between in any_api(),
        after in any_api(),
    ) {
        let first = generate(&before.document(), "");
        let second = generate(&between.document(), &first.lock);
        let third = generate(&after.document(), &second.lock);
        prop_assert_eq!(reused(&names(&first.files), &names(&second.files)), NOTHING);
        prop_assert_eq!(reused(&names(&first.files), &names(&third.files)), NOTHING);
    }

    #[test]
    fn what_comes_back_has_its_old_name(before in any_api(), between in any_api()) {
        let first = generate(&before.document(), "");
        let second = generate(&between.document(), &first.lock);
        let third = generate(&before.document(), &second.lock);
        prop_assert_eq!(renamed(&names(&first.files), &names(&third.files)), NOTHING);
    }

    #[test]
    fn unrelated_parts_rename_nothing_even_without_a_lock(api in any_api()) {
        let first = generate(&api.document(), "");
        let second = generate(&api.with_unrelated_parts().document(), "");
        prop_assert_eq!(renamed(&names(&first.files), &names(&second.files)), NOTHING);
    }
}

/// Things of both runs that the second one calls otherwise.
fn renamed(before: &Names, after: &Names) -> Vec<String> {
    let both = before.iter().filter_map(|(thing, old)| Some((thing, old, after.get(thing)?)));
    both.filter(|(_, old, new)| old != new)
        .map(|(thing, old, new)| format!("{thing}: {old}, then {new}"))
        .collect()
}

/// Names of the first run that mean another thing in the second one.
fn reused(before: &Names, after: &Names) -> Vec<String> {
    let mut reused = Vec::new();
    for (thing, name) in before {
        let others = after.iter().filter(|(other, same)| *same == name && *other != thing);
        reused.extend(others.map(|(other, _)| format!("{name}: {thing}, then {other}")));
    }
    reused
}
