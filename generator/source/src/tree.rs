//! The span tree: one arena of nodes, each with its place in the text and in the document.

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
    parent: Option<NodeId>,
}

/// A document as a tree. Invariant: a node has one parent, so it has one pointer.
#[derive(Clone, Debug)]
pub struct Tree {
    nodes: Vec<Node>,
    root: NodeId,
}

impl Tree {
    /// Creates a tree whose root is `null` at `span`.
    pub fn new(span: Span) -> Self {
        let root = Node { kind: Kind::Null, span, parent: None };
        Self { nodes: vec![root], root: NodeId(0) }
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
        let id = NodeId(u32::try_from(self.nodes.len()).unwrap_or(u32::MAX));
        self.nodes.push(Node { kind: Kind::Null, span, parent: None });
        self.set_kind(id, kind);
        id
    }

    /// Makes a node the root.
    pub fn set_root(&mut self, id: NodeId) {
        self.root = id;
        self.slot(id).parent = None;
    }

    /// Replaces what a node holds; its place in the document stays.
    pub fn set_kind(&mut self, id: NodeId, kind: Kind) {
        let children: Vec<NodeId> = match &kind {
            Kind::Sequence(items) => items.clone(),
            Kind::Mapping(entries) => entries.iter().map(|entry| entry.value).collect(),
            Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::String(_) => Vec::new(),
        };
        for child in children {
            self.slot(child).parent = Some(id);
        }
        self.slot(id).kind = kind;
    }

    /// Says where a node was written; for nodes that an overlay replaced.
    pub fn set_span(&mut self, id: NodeId, span: Span) {
        self.slot(id).span = span;
    }

    /// Copies a node of another tree, or of this one, with everything in it.
    pub fn copy(&mut self, source: NodeRef<'_>) -> NodeId {
        let kind = match source.kind() {
            Kind::Sequence(items) => Kind::Sequence(
                items.iter().map(|item| self.copy(source.tree.node(*item))).collect(),
            ),
            Kind::Mapping(entries) => Kind::Mapping(
                entries
                    .iter()
                    .map(|entry| Entry {
                        key: entry.key.clone(),
                        key_span: entry.key_span,
                        value: self.copy(source.tree.node(entry.value)),
                    })
                    .collect(),
            ),
            scalar => scalar.clone(),
        };
        self.add(kind, source.span())
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
        self.inner().parent.map(|id| self.tree.node(id))
    }

    /// The node's place in the document.
    pub fn pointer(self) -> Pointer {
        let mut tokens: Vec<Box<str>> = Vec::new();
        let mut node = self;
        while let Some(parent) = node.parent() {
            match parent.kind() {
                Kind::Mapping(entries) => {
                    tokens
                        .extend(entries.iter().find(|e| e.value == node.id).map(|e| e.key.clone()));
                }
                Kind::Sequence(items) => {
                    let index = items.iter().position(|item| *item == node.id);
                    tokens.extend(index.map(|index| index.to_string().into_boxed_str()));
                }
                Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::String(_) => {}
            }
            node = parent;
        }
        tokens.into_iter().rev().collect()
    }

    /// The member with this name, if the node is an object that has it.
    pub fn get(self, key: &str) -> Option<NodeRef<'t>> {
        let entry = self.entries().iter().find(|entry| &*entry.key == key)?;
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

    fn inner(self) -> &'t Node {
        &self.tree.nodes[self.id.0 as usize]
    }

    fn entry_in_parent(self) -> Option<&'t Entry> {
        self.parent()?.entries().iter().find(|entry| entry.value == self.id)
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
