//! Changes of a tree that remember where the new text stands and what it replaced.
//!
//! New nodes are handed over detached, in the same tree; their spans point to the file that brings
//! them. A node that is replaced keeps its id and its place in the document, takes the new span,
//! and remembers the old one ([`NodeRef::replaced_span`](crate::NodeRef::replaced_span)).

use std::collections::BTreeSet;

use crate::tree::{Entry, Kind, NodeId, NodeRef, Tree};

/// Two values that cannot be merged, because they are of different kinds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Misfit {
    pub(crate) target: NodeId,
    pub(crate) value: NodeId,
}

/// Merges an object into an object, as Overlay 1.1 says: members that only one of them has are
/// kept, objects are merged, arrays are concatenated, and other values are replaced. Members whose
/// kinds do not go together stay as they were and are returned.
pub(crate) fn merge(tree: &mut Tree, target: NodeId, value: NodeId) -> Vec<Misfit> {
    let mut misfits = Vec::new();
    let mut waiting = vec![(target, value)];
    while let Some((target, value)) = waiting.pop() {
        let mut entries = tree.node(target).entries().to_vec();
        for new in tree.node(value).entries().to_vec() {
            let Some(old) = entries.iter_mut().find(|entry| entry.key == new.key) else {
                entries.push(new);
                continue;
            };
            match (tree.node(old.value).kind(), tree.node(new.value).kind()) {
                (Kind::Mapping(_), Kind::Mapping(_)) => waiting.push((old.value, new.value)),
                (Kind::Sequence(_), Kind::Sequence(items)) => {
                    let items = items.clone();
                    append(tree, old.value, &items);
                }
                (Kind::Mapping(_) | Kind::Sequence(_), _)
                | (_, Kind::Mapping(_) | Kind::Sequence(_)) => {
                    misfits.push(Misfit { target: old.value, value: new.value });
                }
                (_, _) => {
                    replace(tree, old.value, new.value);
                    old.key_span = new.key_span;
                }
            }
        }
        tree.set_kind(target, Kind::Mapping(entries));
    }
    misfits
}

/// Appends elements to an array.
pub(crate) fn append(tree: &mut Tree, target: NodeId, items: &[NodeId]) {
    let old = tree.node(target).items().map(NodeRef::id);
    let all = old.chain(items.iter().copied()).collect();
    tree.set_kind(target, Kind::Sequence(all));
}

/// Puts what `value` holds in the place of what `target` holds.
pub(crate) fn replace(tree: &mut Tree, target: NodeId, value: NodeId) {
    let replaced = tree.node(target).span();
    let (kind, span) = (tree.node(value).kind().clone(), tree.node(value).span());
    tree.set_kind(target, kind);
    tree.set_span(target, span);
    tree.set_replaced(target, replaced);
}

/// Takes nodes out of the objects and arrays that hold them. The root stays.
pub(crate) fn remove(tree: &mut Tree, gone: &BTreeSet<NodeId>) {
    let parents: BTreeSet<NodeId> =
        gone.iter().filter_map(|id| Some(tree.node(*id).parent()?.id())).collect();
    for parent in parents {
        let kept = match tree.node(parent).kind() {
            Kind::Sequence(items) => {
                Kind::Sequence(items.iter().filter(|item| !gone.contains(item)).copied().collect())
            }
            Kind::Mapping(entries) => {
                let kept = entries.iter().filter(|entry| !gone.contains(&entry.value));
                Kind::Mapping(kept.cloned().collect::<Vec<Entry>>())
            }
            Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::String(_) => continue,
        };
        tree.set_kind(parent, kept);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Budget, Sink, SourceMap, read};

    /// Two documents in one tree: the first is its root, the second is detached.
    fn trees(target: &str, value: &str) -> (SourceMap, Tree, NodeId) {
        let mut sources = SourceMap::default();
        let mut load = |name: &str, text: &str| {
            let bytes = text.as_bytes();
            read(&mut sources, name, bytes, &Budget::DEFAULT, &mut Sink::default()).unwrap().1
        };
        let mut tree = load("target.yaml", target);
        let value = load("value.yaml", value);
        let value = tree.copy(value.root());
        (sources, tree, value)
    }

    #[test]
    fn a_merge_keeps_adds_concatenates_and_replaces() {
        let (_, mut tree, value) = trees(
            "{keep: 1, list: [a], object: {x: 1, y: 1}, scalar: old}",
            "{object: {y: 2, z: 3}, scalar: null, list: [b], new: [c]}",
        );
        let root = tree.root().id();
        assert_eq!(merge(&mut tree, root, value), []);
        assert_eq!(
            tree.root().sketch(),
            r#"{keep: 1, list: ["a", "b"], object: {x: 1, y: 2, z: 3}, scalar: null, new: ["c"]}"#
        );
    }

    #[test]
    fn kinds_that_do_not_go_together_stay_and_are_returned() {
        let (_, mut tree, value) = trees("{a: {x: 1}, b: 1, c: [1]}", "{a: 1, b: {x: 1}, c: {}}");
        let root = tree.root().id();
        let misfits = merge(&mut tree, root, value);
        let places = misfits.iter().map(|misfit| tree.node(misfit.target).pointer().to_string());
        assert_eq!(places.collect::<Vec<_>>(), ["/a", "/b", "/c"]);
        assert_eq!(tree.root().sketch(), "{a: {x: 1}, b: 1, c: [1]}");
    }

    #[test]
    fn a_replaced_node_points_to_the_new_text_and_remembers_the_old() {
        let (sources, mut tree, value) = trees("a: old", "a: new");
        let root = tree.root().id();
        assert_eq!(merge(&mut tree, root, value), []);
        let node = tree.root().get("a").unwrap();
        assert_eq!(sources.slice(node.span()), "new");
        assert_eq!(node.replaced_span().map(|span| sources.slice(span)), Some("old"));
        assert_eq!(sources.file(node.key_span().file).name(), "value.yaml");
    }

    #[test]
    fn elements_and_members_are_removed_together() {
        let (_, mut tree, _) = trees("{a: [1, 2, 3], b: 4, c: 5}", "{}");
        let array = tree.root().get("a").unwrap();
        let gone = array.items().take(2).chain(tree.root().get("b")).map(NodeRef::id).collect();
        remove(&mut tree, &gone);
        assert_eq!(tree.root().sketch(), "{a: [3], c: 5}");
        let last = tree.root().get("a").unwrap().items().next().unwrap();
        assert_eq!(last.pointer().to_string(), "/a/0");
    }
}
