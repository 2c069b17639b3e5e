//! The names by which a program reaches the operations of a client.

use specwright_ir::lock::Lock;
use specwright_ir::{Api, OperationId, Place};

use super::kind::Kind;

/// Index into the handles of a [`Surface`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct HandleId(usize);

/// The handles, methods and request types of a client.
#[derive(Debug)]
pub(super) struct Surface {
    handles: Vec<Handle>,
    /// In the order of [`Api::operations`].
    operations: Vec<Names>,
}

#[derive(Debug)]
struct Handle {
    /// The modules that lead to it, which are the accessors too.
    path: Vec<String>,
    /// The type.
    name: String,
}

#[derive(Debug)]
struct Names {
    group: Vec<String>,
    method: String,
    request: String,
    /// Inputs by position. More than a few are given as one value.
    positional: usize,
    /// True if `expand` gives related resources in full.
    expands: bool,
}

/// What an item below the root of the client's crate is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Item {
    /// A type, and the path that goes on inside it: `new` of `ListContacts::new`.
    Type(Kind, Vec<String>),
    /// `Call`, whose argument says what is called.
    Call,
    /// A module, or something that starts no call.
    Nothing,
}

impl Surface {
    pub(super) fn of(api: &Api, lock: &Lock) -> Self {
        let handles = lock.handles.iter().map(|(path, name)| Handle {
            path: path.split('/').map(str::to_owned).collect(),
            name: name.clone(),
        });
        let operations = api.operations.iter().map(|operation| {
            let names = lock.operations.get(&operation.key).cloned().unwrap_or_default();
            let expand = operation
                .params
                .iter()
                .find(|param| param.wire == EXPAND && param.place == Place::Query);
            Names {
                group: names.group,
                method: names.method,
                request: names.request,
                positional: names.positional.len(),
                expands: expand.is_some(),
            }
        });
        Self { handles: handles.collect(), operations: operations.collect() }
    }

    /// The handle that a method of the client gives.
    pub(super) fn root(&self, accessor: &str) -> Option<HandleId> {
        self.handle_at(&[accessor.to_owned()])
    }

    /// The handle that a method of another handle gives.
    pub(super) fn child(&self, parent: HandleId, accessor: &str) -> Option<HandleId> {
        let mut path = self.handles.get(parent.0)?.path.clone();
        path.push(accessor.to_owned());
        self.handle_at(&path)
    }

    /// Every handle to which some accessor of this name leads.
    pub(super) fn handles_named(&self, accessor: &str) -> Vec<HandleId> {
        let handles = self.handles.iter().enumerate();
        let named =
            handles.filter(|(_, handle)| handle.path.last().is_some_and(|it| it == accessor));
        named.map(|(index, _)| HandleId(index)).collect()
    }

    /// The operation that a method of a handle prepares.
    pub(super) fn operation(&self, handle: HandleId, method: &str) -> Option<OperationId> {
        let path = &self.handles.get(handle.0)?.path;
        let mut operations = self.operations.iter();
        let index = operations.position(|names| names.group == *path && names.method == method)?;
        Some(OperationId(index))
    }

    /// Every operation whose method has this name and may take this many arguments.
    pub(super) fn operations_named(&self, method: &str, arguments: usize) -> Vec<OperationId> {
        let fits = |(_, names): &(usize, &Names)| {
            names.method == method
                && (arguments == names.positional || arguments == 1 && names.positional > 1)
        };
        self.operations
            .iter()
            .enumerate()
            .filter(fits)
            .map(|(index, _)| OperationId(index))
            .collect()
    }

    /// The operation with this request type, whatever its module.
    pub(super) fn request_named(&self, name: &str) -> Option<OperationId> {
        self.operations.iter().position(|names| names.request == name).map(OperationId)
    }

    /// True if the request has the parameter that gives related resources in full.
    pub(super) fn expands(&self, operation: OperationId) -> bool {
        self.operations.get(operation.0).is_some_and(|names| names.expands)
    }

    /// What a path below the root of the crate names.
    pub(super) fn item(&self, path: &[String]) -> Item {
        let found = |kind: Kind, length: usize| {
            Item::Type(kind, path.iter().skip(length).cloned().collect())
        };
        match path {
            [first, ..] if first == "Client" => return found(Kind::Client, 1),
            [first] if first == "Call" => return Item::Call,
            _ => {}
        }
        for length in (2..=path.len()).rev() {
            let Some((name, modules)) = path.get(..length).and_then(<[String]>::split_last) else {
                continue;
            };
            let handles = self.handles.iter();
            let handle = handles.clone().position(|it| it.path == modules && it.name == *name);
            if let Some(index) = handle {
                return found(Kind::Handle(HandleId(index)), length);
            }
            let mut operations = self.operations.iter();
            let request = operations.position(|it| it.group == modules && it.request == *name);
            if let Some(index) = request {
                return found(Kind::Request(OperationId(index)), length);
            }
        }
        Item::Nothing
    }

    /// True if a glob of a module of the crate brings in this name: a type, or a module inside.
    pub(super) fn has(&self, module: &[String], name: &str) -> bool {
        let mut path = module.to_vec();
        path.push(name.to_owned());
        self.item(&path) != Item::Nothing || self.handle_at(&path).is_some()
    }

    fn handle_at(&self, path: &[String]) -> Option<HandleId> {
        self.handles.iter().position(|handle| handle.path == path).map(HandleId)
    }
}

/// The parameter by which APIs of this make give related resources in full instead of by id.
pub(super) const EXPAND: &str = "expand";
