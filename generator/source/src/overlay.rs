//! OpenAPI Overlay 1.0 and 1.1: patches of a document, kept in files of their own.
//!
//! Where the specification lets an action without effect pass, this module does not: an action that
//! matches nothing patches a document that no longer exists, and its author wants to know. An
//! action that may match nothing says so with `x-optional: true`.
//!
//! What 1.0 leaves open is done as 1.1 says. They differ in three points: 1.0 has no `copy`, updates
//! no primitive values, and appends an array to an array as one element.

mod read;

use std::collections::BTreeSet;

use serde_json_path::JsonPath;

use crate::budget::Budget;
use crate::codes;
use crate::diagnostic::{Diagnostic, Sink};
use crate::edit;
use crate::emit::to_value;
use crate::pointer::Pointer;
use crate::span::Span;
use crate::tree::{Kind, NodeId, NodeRef, Tree};

/// An overlay that was read and can be applied.
#[derive(Debug)]
pub struct Overlay {
    version: Version,
    actions: Vec<Action>,
    /// The overlay's own text, which holds the values of the updates.
    text: Tree,
}

/// What an overlay did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// The actions that could be read, in their order.
    pub actions: Vec<ActionReport>,
}

/// What one action did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActionReport {
    /// Place of the action in `actions`, from 0.
    pub index: usize,
    /// The JSONPath query as it is written.
    pub target: String,
    /// Where the query is written.
    pub span: Span,
    /// What the query selected, by its places before the action changed anything; empty for an
    /// action that no longer fits the document.
    pub targets: Vec<Pointer>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Version {
    V1_0,
    V1_1,
}

#[derive(Debug)]
struct Action {
    index: usize,
    target: Query,
    change: Change,
    necessity: Necessity,
}

/// Whether an action may match nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Necessity {
    Required,
    Optional,
}

/// A JSONPath query (RFC 9535) and where it is written.
#[derive(Debug)]
struct Query {
    text: String,
    path: JsonPath,
    span: Span,
    pointer: Pointer,
}

#[derive(Debug)]
enum Change {
    /// The action names no change; it only says that its target exists.
    None,
    Update(NodeId),
    Copy(Query),
    Remove,
}

impl Overlay {
    /// Reads an overlay from the root of its document.
    ///
    /// What is damaged is reported (`OA0802`) and left out. `None` if nothing is left.
    pub fn read(root: NodeRef<'_>, sink: &mut Sink) -> Option<Self> {
        read::read(root, sink)
    }

    /// Applies the actions one after another, each to the result of those before.
    ///
    /// An action that matches nothing is reported (`OA0801`) unless it is optional; so are values
    /// that cannot be merged (`OA0803`), which change nothing, and a result beyond
    /// [`Budget::DEFAULT`] (`OA0006`), at which the action stops.
    pub fn apply(&self, tree: &mut Tree, sink: &mut Sink) -> Applied {
        let limit = tree.len().saturating_add(Budget::DEFAULT.nodes);
        let view = to_value(tree.root());
        let mut run = Run { overlay: self, tree, view, limit, sink };
        let reports = self.actions.iter().map(|action| run.action(action)).collect();
        Applied { actions: reports }
    }
}

/// One application of an overlay.
struct Run<'r> {
    overlay: &'r Overlay,
    tree: &'r mut Tree,
    /// The tree as the JSONPath library wants it; kept in step with the tree.
    view: serde_json::Value,
    /// How many nodes the tree may have.
    limit: usize,
    sink: &'r mut Sink,
}

impl Run<'_> {
    fn action(&mut self, action: &Action) -> ActionReport {
        let targets = self.select(&action.target);
        let places = targets.iter().map(|id| self.tree.node(*id).pointer()).collect();
        if targets.is_empty() && action.necessity == Necessity::Required {
            self.report_no_match(&action.target);
        }
        match &action.change {
            Change::None => {}
            Change::Remove => self.remove(&action.target, &targets),
            Change::Update(value) => {
                let overlay = self.overlay;
                let value = overlay.text.node(*value);
                self.update(&action.target, &targets, Value::Overlay(value));
            }
            Change::Copy(source) => {
                if let Some(source) = self.select_source(source) {
                    self.update(&action.target, &targets, Value::Document(source));
                }
            }
        }
        ActionReport {
            index: action.index,
            target: action.target.text.clone(),
            span: action.target.span,
            targets: places,
        }
    }

    /// The nodes that a query selects, each once, in the order of the query.
    fn select(&self, query: &Query) -> Vec<NodeId> {
        let mut known = BTreeSet::new();
        let found = query.path.query_located(&self.view);
        let pointers =
            found.locations().map(|location| Pointer::parse(&location.to_json_pointer()));
        let nodes = pointers.filter_map(|pointer| Some(self.tree.find(&pointer?)?.id()));
        nodes.filter(|id| known.insert(*id)).collect()
    }

    fn select_source(&mut self, query: &Query) -> Option<NodeId> {
        match *self.select(query) {
            [source] => Some(source),
            [] => {
                self.report_no_match(query);
                None
            }
            ref several => {
                let message = format!("`copy` selects {} nodes, it must select one", several.len());
                self.sink.report(query.diagnostic(&codes::OVERLAY_MISFIT, message));
                None
            }
        }
    }

    fn remove(&mut self, query: &Query, targets: &[NodeId]) {
        if targets.contains(&self.tree.root().id()) {
            let message = "the whole document cannot be removed";
            self.sink.report(query.diagnostic(&codes::OVERLAY_MISFIT, message));
        }
        let parents = targets.iter().filter_map(|id| Some(self.tree.node(*id).parent()?.id()));
        let parents: Vec<NodeId> = parents.collect();
        edit::remove(self.tree, &targets.iter().copied().collect());
        self.refresh(&parents);
    }

    fn update(&mut self, query: &Query, targets: &[NodeId], value: Value<'_>) {
        if !self.is_uniform(query, targets) {
            return;
        }
        let (size, height) = match value {
            Value::Overlay(node) => self.overlay.text.measure(node.id()),
            Value::Document(id) => self.tree.measure(id),
        };
        let source = match value {
            Value::Overlay(node) => Some(self.tree.copy(node)),
            Value::Document(id) => self.tree.duplicate(id, self.limit),
        };
        for target in targets {
            let depth = self.tree.node(*target).pointer().tokens().len();
            let copy = source.filter(|_| depth + height <= Budget::DEFAULT.depth);
            let copy = copy.and_then(|source| self.tree.duplicate(source, self.limit));
            let Some(copy) = copy else {
                let message = format!(
                    "the action adds {size} nodes and {height} levels, which exceeds the budget"
                );
                self.sink.report(query.diagnostic(&codes::BUDGET, message));
                break;
            };
            self.update_one(query, *target, copy);
        }
        self.refresh(targets);
    }

    fn update_one(&mut self, query: &Query, target: NodeId, value: NodeId) {
        match (self.tree.node(target).kind(), self.tree.node(value).kind(), self.overlay.version) {
            (Kind::Mapping(_), Kind::Mapping(_), _) => {
                for misfit in edit::merge(self.tree, target, value) {
                    self.report_misfit(query, misfit);
                }
            }
            (Kind::Sequence(_), Kind::Sequence(items), Version::V1_1) => {
                let items = items.clone();
                edit::append(self.tree, target, &items);
            }
            (Kind::Sequence(_), _, _) => edit::append(self.tree, target, &[value]),
            (Kind::Mapping(_), _, _) | (_, Kind::Mapping(_) | Kind::Sequence(_), _) => {
                self.report_misfit(query, edit::Misfit { target, value });
            }
            (_, _, Version::V1_1) => edit::replace(self.tree, target, value),
            (_, _, Version::V1_0) => {
                let kind = self.tree.node(target).kind_name();
                let message = format!("Overlay 1.0 cannot update {kind}");
                self.sink.report(
                    query
                        .diagnostic(&codes::OVERLAY_MISFIT, message)
                        .label(self.tree.node(target).span(), "this is selected")
                        .help("select the object that holds the value, or use `overlay: 1.1.0`"),
                );
            }
        }
    }

    /// Overlay 1.1: all targets of an update or a copy are objects, or arrays, or primitive values.
    fn is_uniform(&mut self, query: &Query, targets: &[NodeId]) -> bool {
        let shape = |id: &NodeId| {
            let node = self.tree.node(*id);
            (node.is_mapping(), node.is_sequence())
        };
        let first = targets.first().map(shape);
        let Some(other) = targets.iter().find(|id| Some(shape(id)) != first) else { return true };
        if self.overlay.version == Version::V1_0 {
            return true;
        }
        let message = "the query selects values of different kinds; nothing is updated";
        let diagnostic = query.diagnostic(&codes::OVERLAY_MISFIT, message);
        let places = targets.first().into_iter().chain([other]).map(|id| self.tree.node(*id));
        self.sink.report(
            places.fold(diagnostic, |diagnostic, node| {
                diagnostic.label(node.span(), node.kind_name())
            }),
        );
        false
    }

    /// Brings the view in step after changes inside these nodes.
    fn refresh(&mut self, changed: &[NodeId]) {
        let place = match changed {
            [] => return,
            [only] => self.view.pointer_mut(&self.tree.node(*only).pointer().to_string()),
            _ => None,
        };
        match (place, changed) {
            (Some(place), [only]) => *place = to_value(self.tree.node(*only)),
            _ => self.view = to_value(self.tree.root()),
        }
    }

    fn report_no_match(&mut self, query: &Query) {
        let message = format!("`{}` matches nothing in the document", query.text);
        let mut diagnostic = query.diagnostic(&codes::OVERLAY_NO_MATCH, message);
        if let Some(prefix) = self.longest_match(&query.text) {
            diagnostic = diagnostic.note(format!("`{prefix}` matches; what follows does not"));
        }
        self.sink.report(diagnostic.help(
            "remove the action if the vendor has mended the document, \
             or give it `x-optional: true`",
        ));
    }

    /// The longest beginning of a query that matches something.
    fn longest_match<'q>(&self, query: &'q str) -> Option<&'q str> {
        let ends = query.char_indices().filter(|(_, character)| matches!(character, '.' | '['));
        let prefixes = ends.filter_map(|(end, _)| query.get(..end));
        let mut matching = prefixes.filter(|prefix| {
            JsonPath::parse(prefix).is_ok_and(|path| !path.query(&self.view).is_empty())
        });
        matching.next_back()
    }

    fn report_misfit(&mut self, query: &Query, misfit: edit::Misfit) {
        let target = self.tree.node(misfit.target);
        let value = self.tree.node(misfit.value);
        let message = format!("{} cannot be merged into {}", value.kind_name(), target.kind_name());
        self.sink.report(
            Diagnostic::new(&codes::OVERLAY_MISFIT, message)
                .label(value.span(), value.kind_name())
                .label(target.span(), target.kind_name())
                .at(target.pointer())
                .note(format!("the action's target is `{}`", query.text))
                .help("remove the old value first, by an action of its own"),
        );
    }
}

/// Where the value of an update comes from.
#[derive(Clone, Copy)]
enum Value<'v> {
    Overlay(NodeRef<'v>),
    Document(NodeId),
}

impl Query {
    fn diagnostic(&self, code: &'static crate::Code, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(code, message).label(self.span, "").at(self.pointer.clone())
    }
}

#[cfg(test)]
mod tests;
