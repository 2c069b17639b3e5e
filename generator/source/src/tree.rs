//! The span tree: one arena of nodes, each with its place in the text and in the document.

use std::collections::BTreeMap;
use std::fmt;

use crate::pointer::Pointer;
use crate::span::Span;

/// Names a node of one [`Tree`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(u32);

/// A number as it was written. Arithmetic on it is the reader's business.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Number(pub(crate) Box<str>);

impl Number {
    /// The digits as a JSON number; YAML's other notations were normalised when it was read.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The value if it is a whole number that fits.
    pub fn as_i64(&self) -> Option<i64> {
        self.0.parse().ok()
    }

    /// The value if it is a whole number that fits and is not negative.
    pub fn as_u64(&self) -> Option<u64> {
        self.0.parse().ok()
    }

    /// The nearest value.
    pub fn as_f64(&self) -> Option<f64> {
        self.0.parse().ok()
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a node holds.
#[derive(Clone, Debug)]
pub enum Kind {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A string.
    String(Box<str>),
    /// An array.
    Sequence(Vec<NodeId>),
    /// An object, in the order of the file; keys are unique.
    Mapping(Vec<Entry>),
}

/// A member of an object.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The member's name.
    pub key: Box<str>,
    /// Where the name stands.
    pub key_span: Span,
    /// The member's value.
    pub value: NodeId,
}

#[derive(Clone, Debug)]
struct Node {
    kind: Kind,
    span: Span,
    place: Option<Place>,
}

/// Where in its parent a node is: what makes pointers and keys cheap to find.
#[derive(Clone, Copy, Debug)]
struct Place {
    parent: NodeId,
    /// Index into the parent's entries or items.
    slot: u32,
}

/// A document as a tree. Invariants: a node has one parent, so it has one pointer; no node lies
/// inside itself. All nodes are in one list, so copying and dropping a tree needs no recursion.
#[derive(Clone, Debug)]
pub struct Tree {
    nodes: Vec<Node>,
    root: NodeId,
    /// Of each large object, the indexes of its entries in the order of their keys.
    key_order: BTreeMap<NodeId, Box<[u32]>>,
    /// What an overlay replaced, with the place where the replaced text stands.
    replaced: BTreeMap<NodeId, Span>,
}

impl Tree {
    /// Creates a tree whose root is `null` at `span`.
    pub fn new(span: Span) -> Self {
        let root = Node { kind: Kind::Null, span, place: None };
        Self {
            nodes: vec![root],
            root: NodeId(0),
            key_order: BTreeMap::new(),
            replaced: BTreeMap::new(),
        }
    }

    /// The root node.
    pub fn root(&self) -> NodeRef<'_> {
        self.node(self.root)
    }

    /// A node of this tree.
    pub fn node(&self, id: NodeId) -> NodeRef<'_> {
        NodeRef { tree: self, id }
    }

    /// The node a pointer names.
    pub fn find(&self, pointer: &Pointer) -> Option<NodeRef<'_>> {
        pointer.tokens().try_fold(self.root(), NodeRef::child)
    }

    /// Number of nodes, detached ones included; what the node budget counts.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Never true: a tree has a root.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// Adds a node that belongs to nothing yet; children it names become its own.
    pub fn add(&mut self, kind: Kind, span: Span) -> NodeId {
        let id = node_id(self.nodes.len());
        self.nodes.push(Node { kind: Kind::Null, span, place: None });
        self.set_kind(id, kind);
        id
    }

    /// Makes a node the root.
    pub fn set_root(&mut self, id: NodeId) {
        self.root = id;
        self.slot(id).place = None;
    }

    /// Replaces what a node holds; its place in the document stays.
    ///
    /// Children that are not named again belong to nothing, unless they have moved already.
    pub fn set_kind(&mut self, id: NodeId, kind: Kind) {
        self.key_order.remove(&id);
        for child in children(&std::mem::replace(&mut self.slot(id).kind, Kind::Null)) {
            let place = &mut self.slot(child).place;
            if place.is_some_and(|place| place.parent == id) {
                *place = None;
            }
        }
        match &kind {
            Kind::Sequence(items) => {
                for (slot, item) in (0..).zip(items) {
                    self.slot(*item).place = Some(Place { parent: id, slot });
                }
            }
            Kind::Mapping(entries) => {
                for (slot, entry) in (0..).zip(entries) {
                    self.slot(entry.value).place = Some(Place { parent: id, slot });
                }
                self.key_order.extend(key_order(entries).map(|order| (id, order)));
            }
            Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::String(_) => {}
        }
        self.slot(id).kind = kind;
    }

    /// Says where a node was written; for nodes that an overlay replaced.
    pub fn set_span(&mut self, id: NodeId, span: Span) {
        self.slot(id).span = span;
    }

    /// Remembers where the text stands that a node replaced; the first such place is kept.
    pub(crate) fn set_replaced(&mut self, id: NodeId, span: Span) {
        self.replaced.entry(id).or_insert(span);
    }

    /// Copies a node of another tree with everything in it.
    pub fn copy(&mut self, source: NodeRef<'_>) -> NodeId {
        let copied = self.copy_nodes(Some(source.tree), source.id, usize::MAX);
        copied.unwrap_or(self.root)
    }

    /// Copies a node of this tree with everything in it.
    ///
    /// `None` if the tree would have more than `limit` nodes; it has at most `limit` then.
    pub fn duplicate(&mut self, source: NodeId, limit: usize) -> Option<NodeId> {
        self.copy_nodes(None, source, limit)
    }

    /// How many nodes a node consists of, and how many arrays and objects lie inside each other
    /// from it on (0 for a scalar).
    pub(crate) fn measure(&self, id: NodeId) -> (usize, usize) {
        let (mut size, mut height) = (0, 0);
        let mut waiting = vec![(id, 0)];
        while let Some((id, above)) = waiting.pop() {
            size += 1;
            let node = self.node(id);
            if node.is_mapping() || node.is_sequence() {
                height = height.max(above + 1);
            }
            waiting.extend(children(node.kind()).into_iter().map(|child| (child, above + 1)));
        }
        (size, height)
    }

    /// Copies breadth first: the copy of the n-th node of `order` is the n-th new node, so the id
    /// of a child's copy is known before the child is copied. `source` of `None` is this tree.
    fn copy_nodes(&mut self, source: Option<&Self>, top: NodeId, limit: usize) -> Option<NodeId> {
        let base = self.nodes.len();
        let mut order: Vec<(NodeId, Option<Place>)> = vec![(top, None)];
        let mut done = 0;
        while let Some((old, place)) = order.get(done).copied() {
            if base + order.len() > limit {
                self.nodes.truncate(base);
                self.key_order.split_off(&node_id(base));
                return None;
            }
            let parent = node_id(base + done);
            let mut enlist = |child: NodeId, slot: usize| {
                let slot = u32::try_from(slot).unwrap_or(u32::MAX);
                order.push((child, Some(Place { parent, slot })));
                node_id(base + order.len() - 1)
            };
            let node = source.unwrap_or(self).node(old);
            let span = node.span();
            let kind = match node.kind() {
                Kind::Sequence(items) => {
                    let items = items.iter().enumerate();
                    Kind::Sequence(items.map(|(slot, item)| enlist(*item, slot)).collect())
                }
                Kind::Mapping(entries) => {
                    let entries = entries.iter().enumerate();
                    let entries = entries.map(|(slot, entry)| Entry {
                        value: enlist(entry.value, slot),
                        ..entry.clone()
                    });
                    let entries: Vec<Entry> = entries.collect();
                    self.key_order.extend(key_order(&entries).map(|order| (parent, order)));
                    Kind::Mapping(entries)
                }
                scalar => scalar.clone(),
            };
            self.nodes.push(Node { kind, span, place });
            done += 1;
        }
        Some(node_id(base))
    }

    fn slot(&mut self, id: NodeId) -> &mut Node {
        &mut self.nodes[id.0 as usize]
    }
}

/// A node together with its tree: the form in which readers walk a document.
#[derive(Clone, Copy)]
pub struct NodeRef<'t> {
    tree: &'t Tree,
    id: NodeId,
}

impl<'t> NodeRef<'t> {
    /// The node's name in its tree.
    pub fn id(self) -> NodeId {
        self.id
    }

    /// What the node holds.
    pub fn kind(self) -> &'t Kind {
        &self.inner().kind
    }

    /// Where the node was written.
    pub fn span(self) -> Span {
        self.inner().span
    }

    /// Where the text stands that this node replaced, if an overlay put the node there.
    pub fn replaced_span(self) -> Option<Span> {
        self.tree.replaced.get(&self.id).copied()
    }

    /// Where the node's key was written if it is a member of an object, else where it was written.
    pub fn key_span(self) -> Span {
        self.entry_in_parent().map_or(self.span(), |entry| entry.key_span)
    }

    /// The name under which the node's object holds it; `None` for elements and the root.
    pub fn key(self) -> Option<&'t str> {
        self.entry_in_parent().map(|entry| &*entry.key)
    }

    /// The node that holds this one.
    pub fn parent(self) -> Option<NodeRef<'t>> {
        self.inner().place.map(|place| self.tree.node(place.parent))
    }

    /// The node's place in the document.
    pub fn pointer(self) -> Pointer {
        let mut tokens: Vec<Box<str>> = Vec::new();
        let mut node = self;
        while let Some(place) = node.inner().place {
            let parent = self.tree.node(place.parent);
            tokens.push(match parent.entries().get(place.slot as usize) {
                Some(entry) => entry.key.clone(),
                None => place.slot.to_string().into_boxed_str(),
            });
            node = parent;
        }
        tokens.into_iter().rev().collect()
    }

    /// The member with this name, if the node is an object that has it.
    pub fn get(self, key: &str) -> Option<NodeRef<'t>> {
        let entries = self.entries();
        let entry = match self.tree.key_order.get(&self.id) {
            None => entries.iter().find(|entry| &*entry.key == key)?,
            Some(order) => {
                let found = order.binary_search_by(|index| {
                    entries.get(*index as usize).map_or("", |entry| &*entry.key).cmp(key)
                });
                entries.get(*order.get(found.ok()?)? as usize)?
            }
        };
        Some(self.tree.node(entry.value))
    }

    /// The member or the element that a reference token names.
    pub fn child(self, token: &str) -> Option<NodeRef<'t>> {
        match self.kind() {
            Kind::Mapping(_) => self.get(token),
            Kind::Sequence(items) => {
                let index: usize = token.parse().ok()?;
                items.get(index).map(|id| self.tree.node(*id))
            }
            Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::String(_) => None,
        }
    }

    /// The members in file order; empty if the node is no object.
    pub fn entries(self) -> &'t [Entry] {
        match self.kind() {
            Kind::Mapping(entries) => entries,
            _ => &[],
        }
    }

    /// Names and values of the members in file order; empty if the node is no object.
    pub fn members(self) -> impl Iterator<Item = (&'t str, NodeRef<'t>)> {
        self.entries().iter().map(move |entry| (&*entry.key, self.tree.node(entry.value)))
    }

    /// The elements; empty if the node is no array.
    pub fn items(self) -> impl ExactSizeIterator<Item = NodeRef<'t>> {
        let items: &'t [NodeId] = match self.kind() {
            Kind::Sequence(items) => items,
            _ => &[],
        };
        items.iter().map(move |id| self.tree.node(*id))
    }

    /// The text, if the node is a string.
    pub fn as_str(self) -> Option<&'t str> {
        match self.kind() {
            Kind::String(text) => Some(text),
            _ => None,
        }
    }

    /// The truth value, if the node is one.
    pub fn as_bool(self) -> Option<bool> {
        match self.kind() {
            Kind::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The number, if the node is one.
    pub fn as_number(self) -> Option<&'t Number> {
        match self.kind() {
            Kind::Number(number) => Some(number),
            _ => None,
        }
    }

    /// True if the node is an object.
    pub fn is_mapping(self) -> bool {
        matches!(self.kind(), Kind::Mapping(_))
    }

    /// True if the node is an array.
    pub fn is_sequence(self) -> bool {
        matches!(self.kind(), Kind::Sequence(_))
    }

    /// What the node is, in JSON's words, for messages.
    pub fn kind_name(self) -> &'static str {
        match self.kind() {
            Kind::Null => "null",
            Kind::Bool(_) => "a boolean",
            Kind::Number(_) => "a number",
            Kind::String(_) => "a string",
            Kind::Sequence(_) => "an array",
            Kind::Mapping(_) => "an object",
        }
    }

    /// The node in a short notation for tests: keys without quotes, strings as Rust writes them.
    #[cfg(test)]
    pub(crate) fn sketch(self) -> String {
        match self.kind() {
            Kind::Null => "null".to_owned(),
            Kind::Bool(value) => value.to_string(),
            Kind::Number(number) => number.to_string(),
            Kind::String(text) => format!("{text:?}"),
            Kind::Sequence(_) => {
                format!("[{}]", self.items().map(Self::sketch).collect::<Vec<_>>().join(", "))
            }
            Kind::Mapping(_) => {
                let members =
                    self.members().map(|(key, value)| format!("{key}: {}", value.sketch()));
                format!("{{{}}}", members.collect::<Vec<_>>().join(", "))
            }
        }
    }

    fn inner(self) -> &'t Node {
        &self.tree.nodes[self.id.0 as usize]
    }

    fn entry_in_parent(self) -> Option<&'t Entry> {
        let place = self.inner().place?;
        self.tree.node(place.parent).entries().get(place.slot as usize)
    }
}

impl fmt::Debug for NodeRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NodeRef")
            .field("pointer", &self.pointer().to_string())
            .field("kind", self.kind())
            .finish()
    }
}

fn children(kind: &Kind) -> Vec<NodeId> {
    match kind {
        Kind::Sequence(items) => items.clone(),
        Kind::Mapping(entries) => entries.iter().map(|entry| entry.value).collect(),
        Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::String(_) => Vec::new(),
    }
}

fn node_id(index: usize) -> NodeId {
    NodeId(u32::try_from(index).unwrap_or(u32::MAX))
}

/// The indexes of the entries in the order of their keys; `None` for an object that is small
/// enough to be searched from the front.
fn key_order(entries: &[Entry]) -> Option<Box<[u32]>> {
    if entries.len() <= SEARCHED_FROM_THE_FRONT {
        return None;
    }
    let mut keyed: Vec<(&str, u32)> = entries.iter().map(|entry| &*entry.key).zip(0..).collect();
    keyed.sort_unstable();
    Some(keyed.into_iter().map(|(_, index)| index).collect())
}

const SEARCHED_FROM_THE_FRONT: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::span::FileId;

    const NOWHERE: Span = Span { file: FileId(0), start: 0, end: 0 };

    fn object(tree: &mut Tree, keys: impl Iterator<Item = String>) -> NodeId {
        let entries = keys.map(|key| Entry {
            value: tree.add(Kind::String(key.clone().into()), NOWHERE),
            key: key.into(),
            key_span: NOWHERE,
        });
        let entries = entries.collect();
        tree.add(Kind::Mapping(entries), NOWHERE)
    }

    #[test]
    fn every_member_of_a_large_object_is_found_by_its_key() {
        let mut tree = Tree::new(NOWHERE);
        let root = object(&mut tree, (0..100).rev().map(|number| format!("k{number}")));
        tree.set_root(root);
        let found = (0..100).filter_map(|number| {
            let key = format!("k{number}");
            tree.root().get(&key).and_then(NodeRef::as_str).filter(|text| **text == key)
        });
        assert_eq!(found.count(), 100);
        assert!(tree.root().get("k100").is_none());
    }

    #[test]
    fn a_copy_has_its_own_pointers() {
        let mut tree = Tree::new(NOWHERE);
        let inner = object(&mut tree, (0..40).map(|number| format!("k{number}")));
        let copy = tree.duplicate(inner, usize::MAX).unwrap();
        let root = tree.add(Kind::Sequence(vec![inner, copy]), NOWHERE);
        tree.set_root(root);
        let member = tree.node(copy).get("k7").unwrap();
        assert_eq!(member.pointer().to_string(), "/1/k7");
        assert_eq!(member.key(), Some("k7"));
    }

    #[test]
    fn a_node_that_is_no_longer_named_belongs_to_nothing() {
        let mut tree = Tree::new(NOWHERE);
        let inner = object(&mut tree, ["a".to_owned()].into_iter());
        let root = tree.add(Kind::Sequence(vec![inner]), NOWHERE);
        tree.set_root(root);
        let wrapper = tree.add(Kind::Sequence(vec![inner]), NOWHERE);
        tree.set_kind(root, Kind::Sequence(vec![wrapper]));
        assert_eq!(tree.node(inner).pointer().to_string(), "/0/0");
        tree.set_kind(root, Kind::Null);
        assert!(tree.node(wrapper).parent().is_none());
    }

    #[test]
    fn a_copy_stops_at_its_limit() {
        let mut tree = Tree::new(NOWHERE);
        let inner = object(&mut tree, (0..40).map(|number| format!("k{number}")));
        let limit = tree.len() + 40;
        assert_eq!(tree.duplicate(inner, limit), None);
        assert!(tree.len() <= limit);
    }
}
