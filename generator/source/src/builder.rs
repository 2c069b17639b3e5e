//! Builds a tree from the events of a reader; the budgets and the unique keys are kept here, so
//! that YAML and JSON cannot differ in them.

use std::collections::BTreeSet;

use crate::budget::Budget;
use crate::codes;
use crate::diagnostic::{Diagnostic, Sink};
use crate::pointer::Pointer;
use crate::span::{FileId, Span};
use crate::tree::{Entry, Kind, NodeId, Tree};

/// The budget is used up; the diagnostic has been reported.
#[derive(Debug)]
pub(crate) struct Exhausted;

/// An array or an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Container {
    Sequence,
    Mapping,
}

/// A tree that grows from the front of the text to its end.
#[derive(Debug)]
pub(crate) struct Builder<'b> {
    tree: Tree,
    file: FileId,
    budget: &'b Budget,
    open: Vec<Open>,
    root: Option<NodeId>,
}

/// A container whose end has not been read.
#[derive(Debug)]
struct Open {
    start: usize,
    items: Items,
}

#[derive(Debug)]
enum Items {
    Sequence(Vec<NodeId>),
    Mapping { entries: Vec<Entry>, key: Option<Key>, merges: Vec<Merge> },
}

/// A key that waits for its value.
#[derive(Debug)]
enum Key {
    Name(Box<str>, Span),
    Merge(Span),
}

/// What a `<<` key names: members to be taken over at place `at`.
#[derive(Debug)]
struct Merge {
    at: usize,
    source: NodeId,
    key_span: Span,
}

impl<'b> Builder<'b> {
    pub(crate) fn new(file: FileId, budget: &'b Budget) -> Self {
        let tree = Tree::new(Span::new(file, 0, 0));
        Self { tree, file, budget, open: Vec::new(), root: None }
    }

    /// The kind of the innermost open container.
    pub(crate) fn innermost(&self) -> Option<Container> {
        self.open.last().map(|open| match open.items {
            Items::Sequence(_) => Container::Sequence,
            Items::Mapping { .. } => Container::Mapping,
        })
    }

    /// True if the next node is a key.
    pub(crate) fn wants_key(&self) -> bool {
        matches!(self.open.last(), Some(Open { items: Items::Mapping { key: None, .. }, .. }))
    }

    /// True if the root is complete.
    pub(crate) fn is_complete(&self) -> bool {
        self.root.is_some()
    }

    /// Opens an array or an object whose first byte is at `start`.
    pub(crate) fn open(
        &mut self,
        container: Container,
        start: usize,
        sink: &mut Sink,
    ) -> Result<(), Exhausted> {
        if self.open.len() >= self.budget.depth {
            return Err(self.too_deep(start, sink));
        }
        let items = match container {
            Container::Sequence => Items::Sequence(Vec::new()),
            Container::Mapping => {
                Items::Mapping { entries: Vec::new(), key: None, merges: Vec::new() }
            }
        };
        self.open.push(Open { start, items });
        Ok(())
    }

    /// Names the member whose value comes next.
    pub(crate) fn key(&mut self, name: Box<str>, span: Span) {
        self.set_key(Some(Key::Name(name, span)));
    }

    /// Says that the next value is an object, or an array of them, to be merged into this one.
    pub(crate) fn merge_key(&mut self, span: Span) {
        self.set_key(Some(Key::Merge(span)));
    }

    /// Forgets a key that has no value.
    pub(crate) fn drop_key(&mut self) {
        self.set_key(None);
    }

    /// Adds a scalar.
    pub(crate) fn scalar(
        &mut self,
        kind: Kind,
        span: Span,
        sink: &mut Sink,
    ) -> Result<NodeId, Exhausted> {
        let id = self.detached(kind, span, sink)?;
        self.attach(id);
        Ok(id)
    }

    /// Adds a node that has no place in the tree, such as a key that an anchor names.
    pub(crate) fn detached(
        &mut self,
        kind: Kind,
        span: Span,
        sink: &mut Sink,
    ) -> Result<NodeId, Exhausted> {
        if self.tree.len() >= self.budget.nodes {
            return Err(self.too_many_nodes(span.start as usize, sink));
        }
        Ok(self.tree.add(kind, span))
    }

    /// Adds a copy of a node that is complete.
    pub(crate) fn alias(
        &mut self,
        source: NodeId,
        span: Span,
        sink: &mut Sink,
    ) -> Result<(), Exhausted> {
        let (_, height) = self.tree.measure(source);
        if self.open.len() + height > self.budget.depth {
            return Err(self.too_deep(span.start as usize, sink));
        }
        match self.tree.duplicate(source, self.budget.nodes) {
            Some(copy) => {
                self.attach(copy);
                Ok(())
            }
            None => Err(self.too_many_nodes(span.start as usize, sink)),
        }
    }

    /// Closes the innermost container, whose last byte is before `end`.
    pub(crate) fn close(
        &mut self,
        end: usize,
        sink: &mut Sink,
    ) -> Result<Option<NodeId>, Exhausted> {
        let Some(Open { start, items }) = self.open.pop() else { return Ok(None) };
        let kind = match items {
            Items::Sequence(items) => Kind::Sequence(items),
            Items::Mapping { entries, merges, .. } => {
                let mut entries = without_repetitions(entries, sink);
                self.apply_merges(&mut entries, merges, sink);
                Kind::Mapping(entries)
            }
        };
        let span = Span::new(self.file, start, end);
        self.scalar(kind, span, sink).map(Some)
    }

    /// What a complete node holds.
    pub(crate) fn kind(&self, id: NodeId) -> &Kind {
        self.tree.node(id).kind()
    }

    /// The name by which a place that is still being read can be named.
    pub(crate) fn pointer(&self) -> Pointer {
        let tokens = self.open.iter().filter_map(|open| match &open.items {
            Items::Sequence(items) => Some(items.len().to_string().into_boxed_str()),
            Items::Mapping { key: Some(Key::Name(name, _)), .. } => Some(name.clone()),
            Items::Mapping { .. } => None,
        });
        tokens.collect()
    }

    /// Closes what is open and hands out the tree; `None` if there is nothing in it.
    pub(crate) fn finish(mut self, end: usize, sink: &mut Sink) -> Option<Tree> {
        while self.root.is_none() && !self.open.is_empty() {
            // A tree that used up its nodes may be closed all the same: this adds one per level.
            let Some(Open { start, items }) = self.open.pop() else { break };
            let kind = match items {
                Items::Sequence(items) => Kind::Sequence(items),
                Items::Mapping { entries, .. } => Kind::Mapping(without_repetitions(entries, sink)),
            };
            let id = self.tree.add(kind, Span::new(self.file, start, end));
            self.attach(id);
        }
        self.tree.set_root(self.root?);
        Some(self.tree)
    }

    fn set_key(&mut self, new: Option<Key>) {
        if let Some(Open { items: Items::Mapping { key, .. }, .. }) = self.open.last_mut() {
            *key = new;
        }
    }

    fn attach(&mut self, id: NodeId) {
        match self.open.last_mut().map(|open| &mut open.items) {
            None => self.root = Some(id),
            Some(Items::Sequence(items)) => items.push(id),
            Some(Items::Mapping { entries, key, merges }) => match key.take() {
                Some(Key::Name(key, key_span)) => entries.push(Entry { key, key_span, value: id }),
                Some(Key::Merge(key_span)) => {
                    merges.push(Merge { at: entries.len(), source: id, key_span });
                }
                None => {}
            },
        }
    }

    /// Takes over the members of merged objects that the object does not name itself. Of several
    /// merged objects the first that names a member wins (YAML 1.1, merge key language-independent
    /// type). Merged members stand where the `<<` stood.
    fn apply_merges(&mut self, entries: &mut Vec<Entry>, merges: Vec<Merge>, sink: &mut Sink) {
        if merges.is_empty() {
            return;
        }
        let mut known: BTreeSet<Box<str>> = entries.iter().map(|entry| entry.key.clone()).collect();
        let mut result = Vec::with_capacity(entries.len());
        let mut own = std::mem::take(entries).into_iter();
        let mut taken = 0;
        for merge in merges {
            // Repeated keys may have gone, so there may be fewer entries than were counted.
            result.extend(own.by_ref().take(merge.at.saturating_sub(taken)));
            taken = merge.at;
            for entry in self.merged_entries(&merge, sink) {
                if known.insert(entry.key.clone()) {
                    result.push(entry);
                }
            }
        }
        result.extend(own);
        *entries = result;
    }

    fn merged_entries(&self, merge: &Merge, sink: &mut Sink) -> Vec<Entry> {
        let source = self.tree.node(merge.source);
        let sources = if source.is_sequence() { source.items().collect() } else { vec![source] };
        let mut entries = Vec::new();
        for source in sources {
            if !source.is_mapping() {
                let message = format!("`<<` merges {}, not an object", source.kind_name());
                sink.report(
                    Diagnostic::new(&codes::WRONG_KIND, message)
                        .label(merge.key_span, "merged here")
                        .label(source.span(), source.kind_name())
                        .help("name an object by an alias, or quote the key if a member `<<` is meant"),
                );
            }
            entries.extend(source.entries().iter().cloned());
        }
        entries
    }

    /// Reports that a container at `at` lies too deep.
    pub(crate) fn too_deep(&self, at: usize, sink: &mut Sink) -> Exhausted {
        let limit = self.budget.depth;
        let message = format!("arrays and objects are nested more than {limit} levels deep");
        self.exhausted(message, at, sink)
    }

    fn too_many_nodes(&self, at: usize, sink: &mut Sink) -> Exhausted {
        let limit = self.budget.nodes;
        let message = format!("document has more than {limit} nodes, counting what aliases repeat");
        self.exhausted(message, at, sink)
    }

    fn exhausted(&self, message: String, at: usize, sink: &mut Sink) -> Exhausted {
        let span = Span::new(self.file, at, at);
        sink.report(
            Diagnostic::new(&codes::BUDGET, message)
                .label(span, "reading ends here")
                .at(self.pointer())
                .help("split the document, or write it without repeating so much"),
        );
        Exhausted
    }
}

/// Reports keys that are given twice. The last one wins, as in most JSON libraries (RFC 8259 §4
/// calls the behaviour unpredictable), and takes the place of the first.
fn without_repetitions(mut entries: Vec<Entry>, sink: &mut Sink) -> Vec<Entry> {
    let mut order: Vec<(&str, usize)> =
        entries.iter().enumerate().map(|(index, entry)| (&*entry.key, index)).collect();
    order.sort_unstable();
    let mut winners = Vec::new();
    let mut losers = BTreeSet::new();
    for group in order.chunk_by(|left, right| left.0 == right.0) {
        for pair in group.windows(2) {
            if let [(_, earlier), (_, later)] = *pair {
                report_repetition(&entries[earlier], &entries[later], sink);
                losers.insert(later);
            }
        }
        if let [(_, first), .., (_, last)] = *group {
            winners.push((first, last));
        }
    }
    if winners.is_empty() {
        return entries;
    }
    for (first, last) in winners {
        entries.swap(first, last);
    }
    let kept = entries.into_iter().enumerate().filter(|(index, _)| !losers.contains(index));
    kept.map(|(_, entry)| entry).collect()
}

fn report_repetition(earlier: &Entry, later: &Entry, sink: &mut Sink) {
    let message = format!("key `{}` is given twice in one object", later.key);
    sink.report(
        Diagnostic::new(&codes::DUPLICATE_KEY, message)
            .label(later.key_span, "this one is used")
            .label(earlier.key_span, "this one is ignored")
            .help("remove or rename one of the two"),
    );
}
