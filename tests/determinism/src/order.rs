//! The order of maps.

use proptest::prelude::{ProptestConfig, RngExt, any, prop_assert_eq, proptest};
use proptest::test_runner::{RngAlgorithm, TestRng};
use serde_yaml::{Mapping, Value};

use crate::api::any_api;
use crate::generator::generate;

/// Documents with each kind of node that the generator knows.
const DOCUMENTS: [&str; 3] = [
    include_str!("../../../generator/rust/tests/by_hand/openapi.yaml"),
    include_str!("../../../runtime/sandbox/profiles/stora-2025-09/openapi.json"),
    include_str!("../../rehearsal/specs/parcels/2026-03/openapi.yaml"),
];

#[test]
fn a_second_run_writes_the_same_bytes() {
    for document in DOCUMENTS {
        let first = generate(document, "");
        assert_eq!(first.first_difference(&generate(document, "")), None);
    }
}

#[test]
fn a_run_with_the_lock_of_the_first_writes_the_same_bytes() {
    for document in DOCUMENTS {
        let first = generate(document, "");
        assert_eq!(first.first_difference(&generate(document, &first.lock)), None);
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 16,
        max_shrink_iters: 8,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn order_without_meaning_changes_no_byte(
        which in 0..DOCUMENTS.len(),
        seed in any::<[u8; 32]>(),
    ) {
        let plain = generate(DOCUMENTS[which], "");
        let again = generate(&shuffled(DOCUMENTS[which], &seed), "");
        prop_assert_eq!(plain.first_difference(&again), None);
    }

    #[test]
    fn order_without_meaning_decides_no_collision(api in any_api(), seed in any::<[u8; 32]>()) {
        let document = api.document();
        let again = generate(&shuffled(&document, &seed), "");
        prop_assert_eq!(generate(&document, "").first_difference(&again), None);
    }

    #[test]
    fn order_without_meaning_changes_no_byte_under_a_lock(
        which in 0..DOCUMENTS.len(),
        seed in any::<[u8; 32]>(),
    ) {
        let plain = generate(DOCUMENTS[which], "");
        let again = generate(&shuffled(DOCUMENTS[which], &seed), &plain.lock);
        prop_assert_eq!(plain.first_difference(&again), None);
    }
}

#[test]
fn shuffling_moves_paths_and_leaves_properties() {
    let document =
        "{paths: {/a: {}, /b: {}, /c: {}, /d: {}, /e: {}}, properties: {x: 1, y: 2, z: 3}}";
    let text = shuffled(document, &[7; 32]);
    let places = |keys: [&str; 3]| keys.map(|key| text.find(&format!("{key}:")).unwrap());
    assert!(
        !places(["/a", "/b", "/c"]).is_sorted() || !places(["/c", "/d", "/e"]).is_sorted(),
        "{text}"
    );
    assert!(places(["x", "y", "z"]).is_sorted(), "{text}");
}

/// The document with every map shuffled whose order has no meaning.
fn shuffled(document: &str, seed: &[u8; 32]) -> String {
    let mut rng = TestRng::from_seed(RngAlgorithm::ChaCha, seed);
    let value = serde_yaml::from_str(document).unwrap();
    serde_yaml::to_string(&shuffle("", value, &mut rng)).unwrap()
}

fn shuffle(key: &str, value: Value, rng: &mut TestRng) -> Value {
    // JSON values of the document's own: what they hold is not OpenAPI.
    if ["const", "default", "enum", "example", "examples"].contains(&key) {
        return value;
    }
    match value {
        Value::Sequence(items) => items.into_iter().map(|item| shuffle("", item, rng)).collect(),
        Value::Mapping(map) => {
            let mut members: Vec<(Value, Value)> = map
                .into_iter()
                .map(|(name, value)| {
                    // A property may have the name of a keyword.
                    let inner = if key == "properties" { "" } else { name.as_str().unwrap_or("") };
                    let value = shuffle(inner, value, rng);
                    (name, value)
                })
                .collect();
            // Properties are fields: users see them in the order of the document.
            if key != "properties" {
                for end in (1..members.len()).rev() {
                    members.swap(end, rng.random_range(0..=end));
                }
            }
            Value::Mapping(Mapping::from_iter(members))
        }
        scalar => scalar,
    }
}
