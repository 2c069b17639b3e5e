//! The same document in another order.

use specwright_source::{Kind, NodeId, Tree};

/// Shuffles every object but those whose order people see: `properties`.
pub(crate) fn shuffle(tree: &mut Tree, seed: u64) {
    let root = tree.root().id();
    walk(tree, root, &mut { seed });
}

/// Fisher and Yates, object by object.
fn walk(tree: &mut Tree, id: NodeId, state: &mut u64) {
    let node = tree.node(id);
    let is_visible = node.key() == Some("properties");
    let (kind, children): (Option<Kind>, Vec<NodeId>) = match node.kind() {
        Kind::Mapping(entries) => {
            let children = entries.iter().map(|entry| entry.value).collect();
            let mut entries = entries.clone();
            for index in (1..entries.len()).rev() {
                entries.swap(index, next(state) % (index + 1));
            }
            ((!is_visible).then_some(Kind::Mapping(entries)), children)
        }
        Kind::Sequence(items) => (None, items.clone()),
        Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::String(_) => (None, Vec::new()),
    };
    if let Some(kind) = kind {
        tree.set_kind(id, kind);
    }
    for child in children {
        walk(tree, child, state);
    }
}

/// A linear congruential generator with the constants of MMIX; its high bits are random enough.
fn next(state: &mut u64) -> usize {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    usize::try_from(*state >> 40).unwrap()
}
