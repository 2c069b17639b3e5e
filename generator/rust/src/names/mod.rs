//! Names, decided once.
//!
//! Input: the word lists of the [`Api`] and the decisions of the [`Lock`]. Output: [`Names`], which
//! emission looks things up in. A name that the lock holds is taken first; then every new thing
//! claims one, in the order of keys, never in the order of the document.

mod ident;
mod operations;
mod scope;
mod types;

use specwright_ir::lock::Lock;
use specwright_ir::{Api, OperationId, TypeId, Words};
use specwright_source::Sink;

pub(crate) use ident::Name;
pub(crate) use operations::{Input, MAX_POSITIONAL, Module, OperationNames};
use scope::Scope;
pub(crate) use types::TypeNames;

/// Every identifier of the crate.
#[derive(Debug)]
pub(crate) struct Names {
    types: Vec<TypeNames>,
    operations: Vec<OperationNames>,
    /// Modules of operations, sorted by path; a parent stands before its children.
    pub(crate) modules: Vec<Module>,
    /// Variants of the event enum, in the order of [`Api::webhooks`].
    pub(crate) events: Vec<Name>,
}

impl Names {
    /// The names of a type.
    pub(crate) fn of_type(&self, id: TypeId) -> &TypeNames {
        &self.types[id.0]
    }

    /// The names of an operation.
    pub(crate) fn of_operation(&self, id: OperationId) -> &OperationNames {
        &self.operations[id.0]
    }
}

/// Names everything and brings the lock up to date.
pub(crate) fn decide(api: &Api, lock: &mut Lock, sink: &mut Sink) -> Names {
    let mut scope = Scope::reserving(RESERVED_TYPES);
    // Names of the lock are taken before anything new is named, those of things that are gone
    // included: a name must never come to mean another thing.
    for ty in lock.types.values() {
        scope.take_family(&ty.name, types::FAMILY);
    }
    for operation in lock.operations.values() {
        scope.take_family(&operation.request, operations::FAMILY);
    }
    for handle in lock.handles.values() {
        scope.take(handle);
    }
    // Without an enum of events each event is a type of its own.
    if api.webhook_tag.is_none() {
        for name in lock.events.values() {
            scope.take(name);
        }
    }
    let types = types::decide(api, lock, &mut scope, sink);
    let (modules, operations) = operations::decide(api, lock, &mut scope, sink);
    let events = events(api, lock, &mut scope);
    Names { types, operations, modules, events }
}

/// Names the events: variants of one enum, or types of their own if nothing tells the events apart.
fn events(api: &Api, lock: &mut Lock, types: &mut Scope) -> Vec<Name> {
    let mut variants = Scope::reserving(&["Unknown"]);
    for name in lock.events.values() {
        variants.take(name);
    }
    let scope = if api.webhook_tag.is_some() { &mut variants } else { types };
    let mut names = Vec::with_capacity(api.webhooks.len());
    for event in &api.webhooks {
        let name = lock.events.get(&event.name).map_or_else(
            || {
                let plain = ident::upper_camel(&Words::split(&event.name));
                let payload = plain.as_ref().map(|name| ident::suffixed(name, "Payload"));
                let spelled = ident::upper_camel(&ident::spelled(&event.name));
                // A name in a script that identifiers are not made of.
                let unnamed = plain.is_none().then(|| "Event".to_owned());
                scope.claim([plain, payload, spelled, unnamed], &event.name).0
            },
            |known| Name::new(known.clone()),
        );
        lock.events.insert(event.name.clone(), name.as_str().to_owned());
        names.push(name);
    }
    names
}

/// Names that generated files use for something else: the prelude, and what they import.
const RESERVED_TYPES: &[&str] = &[
    "Answer",
    "Arc",
    "AsMut",
    "AsRef",
    "Body",
    "BodyCodec",
    "Box",
    "BTreeMap",
    "Builder",
    "Bytes",
    "Call",
    "Clone",
    "Client",
    "Copy",
    "Date",
    "DateTime",
    "Debug",
    "Decode",
    "DecodeError",
    "Decoded",
    "Default",
    "Download",
    "Drop",
    "Duration",
    "Encode",
    "EncodeError",
    "Eq",
    "Err",
    "Error",
    "Event",
    "Expandable",
    "Expanded",
    "ExpiresIn",
    "Fn",
    "FnMut",
    "FnOnce",
    "From",
    "FromIterator",
    "Future",
    "Hash",
    "Idempotency",
    "Into",
    "IntoFuture",
    "IntoIterator",
    "ItemKey",
    "Items",
    "Iterator",
    "Json",
    "Keyed",
    "LocalDateTime",
    "Maybe",
    "MergePatch",
    "Method",
    "Node",
    "NodeKind",
    // `new` of a type `New` reads as a tuple struct.
    "New",
    "NextPage",
    "None",
    "Ok",
    "Operation",
    "OperationMeta",
    "Option",
    "Ord",
    "PageItems",
    "Pages",
    "Paginated",
    "ParamValue",
    "PartialEq",
    "PartialOrd",
    "PathStyle",
    "QueryStyle",
    "Reply",
    "Redirect",
    "RequestBody",
    "RequestEncoder",
    "Response",
    "Result",
    "SecretString",
    "Self",
    "Send",
    "Sized",
    "Some",
    "String",
    "Sync",
    "ToOwned",
    "ToParam",
    "ToString",
    "TryFrom",
    "TryInto",
    "Unknown",
    "UnknownJson",
    "UnknownValue",
    "Unpin",
    "Vec",
    "Writer",
];
