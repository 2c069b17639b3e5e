//! The fragment of a reference: JSON Pointers, anchors, and what may have been meant by one that
//! names nothing.

use std::collections::BTreeMap;

use specwright_source::{Files, Loader, NodeRef, Pointer};

use crate::keywords::Object;
use crate::survey::Address;

/// Anchors by the resource that they belong to and their name.
pub(crate) type Anchors = BTreeMap<(Address, String), Address>;

/// Why a reference has no target.
pub(crate) enum Unresolved {
    /// The loader has said so.
    Reported,
    /// To be said: the rest of the sentence "… does not resolve:".
    Because(String),
}

/// Where a fragment may start. Inside a schema with `$id` it starts there (JSON Schema Core
/// §9.2.1); many documents mean the file all the same, so that is tried next.
#[derive(Clone, Copy)]
pub(crate) struct Roots {
    pub(crate) first: Option<Address>,
    pub(crate) file: Option<Address>,
}

/// Finds the node that a fragment names.
pub(crate) fn find_fragment<F: Files>(
    loader: &Loader<F>,
    anchors: &Anchors,
    roots: Roots,
    fragment: &str,
) -> Result<Address, Unresolved> {
    let mut reason = None;
    // Shared by all branches of the search, so that references cannot multiply its cost.
    let mut steps = MAX_STEPS;
    for root in roots.first.into_iter().chain(roots.file) {
        let Some(tree) = loader.tree(root.file) else { continue };
        let node = tree.node(root.node);
        if fragment.is_empty() {
            return Ok(root);
        }
        let found = match Pointer::parse(&format!("#{fragment}")) {
            Some(pointer) => step_down(node, tree.root(), &pointer, &mut steps)
                .map(|target| Address { file: root.file, node: target.id() }),
            None => anchors
                .get(&(root, fragment.to_owned()))
                .copied()
                .ok_or_else(|| format!("no schema has the anchor `{fragment}`")),
        };
        match found {
            Ok(target) => return Ok(target),
            Err(why) => reason = Some(why),
        }
    }
    Err(reason.map_or(Unresolved::Reported, Unresolved::Because))
}

/// A reference that is like `text` and resolves, if there is one.
///
/// Looked for are a name beside the one that is missing, and a component of the wanted kind with
/// the last name of the reference.
pub(crate) fn suggestion(root: NodeRef<'_>, object: Object, text: &str) -> Option<String> {
    let pointer = Pointer::parse(text);
    let name = match &pointer {
        Some(pointer) => pointer.last()?.to_owned(),
        None => text.rsplit(['/', '#']).next()?.to_owned(),
    };
    let section = component_section(object)?;
    let components = root.get("components").and_then(|components| components.get(section));
    let place = Pointer::root().join("components").join(section);
    if let Some(components) = components {
        let names = components.members().map(|(name, _)| name);
        if let Some(similar) = most_similar(&name, names) {
            return Some(format!("#{}", place.join(similar)));
        }
    }
    let (parent, missing) = deepest(root, &pointer?)?;
    let similar = most_similar(&missing, parent.members().map(|(name, _)| name))?;
    Some(format!("#{}", parent.pointer().join(similar)))
}

/// The name that is most like `name`, if one is like it at all.
pub(crate) fn most_similar<'n>(
    name: &str,
    names: impl Iterator<Item = &'n str>,
) -> Option<&'n str> {
    let wanted = name.to_lowercase();
    names
        .map(|candidate| (strsim::jaro_winkler(&wanted, &candidate.to_lowercase()), candidate))
        .filter(|(likeness, _)| *likeness > LIKE)
        // `max_by` would take the last of equals; the first one in the document is steadier.
        .reduce(|best, next| if next.0 > best.0 { next } else { best })
        .map(|(_, candidate)| candidate)
}

/// Follows a pointer. A node that is itself a local reference is passed through: strictly a
/// pointer does not do that, and real documents count on it.
fn step_down<'t>(
    from: NodeRef<'t>,
    file: NodeRef<'t>,
    pointer: &Pointer,
    steps: &mut usize,
) -> Result<NodeRef<'t>, String> {
    let mut node = from;
    for token in pointer.tokens() {
        let child = node.child(token).or_else(|| {
            let reference = node.get("$ref")?.as_str().filter(|text| text.starts_with('#'))?;
            *steps = steps.checked_sub(1)?;
            step_down(file, file, &Pointer::parse(reference)?, steps).ok()?.child(token)
        });
        node = child.ok_or_else(|| missing(node, token))?;
    }
    Ok(node)
}

fn missing(node: NodeRef<'_>, token: &str) -> String {
    let place = node.pointer();
    let place = if place == Pointer::root() { "the document".into() } else { format!("`{place}`") };
    if node.is_mapping() {
        format!("{place} has no member `{token}`")
    } else if node.is_sequence() {
        format!("{place} has no element `{token}`")
    } else {
        format!("{place} is {}, which has no members", node.kind_name())
    }
}

/// The last node on the way of a pointer, and the token that it does not have.
fn deepest<'t>(root: NodeRef<'t>, pointer: &Pointer) -> Option<(NodeRef<'t>, String)> {
    let mut node = root;
    for token in pointer.tokens() {
        match node.child(token) {
            Some(child) => node = child,
            None => return Some((node, token.to_owned())),
        }
    }
    None
}

fn component_section(object: Object) -> Option<&'static str> {
    match object {
        Object::Schema => Some("schemas"),
        Object::Parameter => Some("parameters"),
        Object::RequestBody => Some("requestBodies"),
        Object::Response => Some("responses"),
        Object::Header => Some("headers"),
        Object::Example => Some("examples"),
        Object::Link => Some("links"),
        Object::Callback => Some("callbacks"),
        Object::PathItem => Some("pathItems"),
        Object::SecurityScheme => Some("securitySchemes"),
        Object::MediaType => Some("mediaTypes"),
        _ => None,
    }
}

/// References that one pointer may pass through; real documents need one.
const MAX_STEPS: usize = 16;

/// Jaro-Winkler likeness above which a name is offered: one wrong letter in eight is 0.95, two
/// unrelated words of one length stay below 0.7.
const LIKE: f64 = 0.88;
