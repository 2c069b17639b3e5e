//! Calls of functions and methods.

use proc_macro2::Span;
use specwright_ir::OperationId;
use syn::visit::Visit as _;
use syn::{Expr, ExprCall, ExprMethodCall};

use super::Doubt;
use super::body::Body;
use super::kind::Kind;
use super::paths::{Target, resolve, segments};
use super::program::text;
use super::surface::EXPAND;
use super::types::POINTERS;

impl Body<'_> {
    /// `f(a, b)`.
    pub(super) fn function_call(&mut self, call: &ExprCall) -> Kind {
        let arguments: Vec<Kind> =
            call.args.iter().map(|argument| self.expression(argument)).collect();
        let given = self.expression(&call.func);
        let Expr::Path(path) = &*call.func else { return given };
        let names = segments(&path.path);
        let variable =
            path.path.get_ident().is_some_and(|name| self.variable(&text(name)).is_some());
        if variable {
            return given;
        }
        let target = resolve(self.program, &self.scope.imports, &names);
        let known = matches!(target, Target::Client(_) | Target::Own(_));
        if known && given != Kind::Unknown {
            return given;
        }
        // A function of which nothing more is known can but hand on what it is given.
        let pointer = names.iter().rev().nth(1).is_some_and(|ty| POINTERS.contains(&ty.as_str()));
        match best(arguments) {
            Some(kind) if pointer => kind,
            Some(kind) if kind != Kind::Other => kind.held(),
            // `Vec::with_capacity(8)` does not say what will be in it.
            Some(_)
                if matches!(target, Target::Std(_))
                    && !names.contains(&"with_capacity".to_owned()) =>
            {
                Kind::Other
            }
            _ => given,
        }
    }

    /// `a.f(b, c)`.
    pub(super) fn method_call(&mut self, call: &ExprMethodCall) -> Kind {
        let receiver = self.expression(&call.receiver);
        if let Some(arguments) = &call.turbofish {
            self.visit_angle_bracketed_generic_arguments(arguments);
        }
        // What holds values gives them to a closure: `map`, `for_each`, `and_then`.
        let hint = match &receiver {
            Kind::Of(inner) => (**inner).clone(),
            Kind::Other => Kind::Other,
            _ => Kind::Unknown,
        };
        let arguments = call.args.iter().map(|argument| match argument {
            Expr::Closure(closure) => self.closure(closure, &hint),
            argument => self.expression(argument),
        });
        let arguments: Vec<Kind> = arguments.collect();
        let (name, span) = (text(&call.method), call.method.span());
        if let Kind::Call(operation) = receiver
            && name == EXPAND
            && self.program.surface.expands(operation)
        {
            self.expanded(&call.args.iter().collect::<Vec<_>>(), span);
        }
        self.put_into(call, &receiver, &arguments);
        self.method(receiver, &name, arguments, span)
    }

    /// What a method gives.
    pub(super) fn method(
        &mut self,
        receiver: Kind,
        name: &str,
        arguments: Vec<Kind>,
        span: Span,
    ) -> Kind {
        let surface = self.program.surface;
        let count = arguments.len();
        match &receiver {
            Kind::Client => match name {
                "send" => return self.sent(arguments, span),
                "request" => {
                    self.doubt(Doubt::Raw, span);
                    return Kind::Other;
                }
                accessor => {
                    if let Some(handle) = surface.root(accessor) {
                        return Kind::Handle(handle);
                    }
                }
            },
            Kind::Handle(handle) => {
                if let Some(child) = surface.child(*handle, name) {
                    return Kind::Handle(child);
                }
                if let Some(operation) = surface.operation(*handle, name) {
                    self.called(operation, span);
                    return Kind::Call(operation);
                }
            }
            Kind::Named(handles) => {
                let children: Vec<_> =
                    handles.iter().filter_map(|handle| surface.child(*handle, name)).collect();
                if !children.is_empty() {
                    return Kind::Named(children);
                }
                let operations = surface.operations_named(name, count).into_iter();
                let of_these = |operation: &OperationId| {
                    handles
                        .iter()
                        .any(|handle| surface.operation(*handle, name) == Some(*operation))
                };
                let operations: Vec<OperationId> = operations.filter(of_these).collect();
                if SAME.contains(&name) && operations.is_empty() {
                    return receiver;
                }
                return self.by_names(name, operations, span);
            }
            // Setters, and what sends.
            Kind::Call(operation) => {
                let operation = *operation;
                return match name {
                    "into_request" | "as_request" => Kind::Request(operation),
                    _ => receiver,
                };
            }
            Kind::Request(_) => return receiver,
            Kind::Own(ty) => match self.program.function(Some(ty), name) {
                // Generic: it may hand on what it is given.
                Some(Kind::Unknown) => {
                    return best(arguments)
                        .filter(Kind::leads_on)
                        .map_or(Kind::Unknown, Kind::held);
                }
                Some(kind) => return kind,
                None => {}
            },
            Kind::Of(inner) => {
                if HOLDERS.contains(&name)
                    || **inner == Kind::Unknown && !self.is_known(name, count)
                {
                    return held_by(receiver, arguments);
                }
                let inner = (**inner).clone();
                if self.has(&inner, name) || inner == Kind::Unknown {
                    return self.method(inner, name, arguments, span);
                }
                if self.is_known(name, count) {
                    return self.unknown(name, arguments, span);
                }
                return held_by(receiver, arguments);
            }
            Kind::Other => {
                let extension = self.program.any_method(name).filter(Kind::leads_on);
                return extension
                    .or_else(|| best(arguments).filter(Kind::leads_on).map(Kind::held))
                    .unwrap_or(Kind::Other);
            }
            Kind::Tuple(_) | Kind::Unknown => return self.unknown(name, arguments, span),
        }
        if SAME.contains(&name) {
            return receiver;
        }
        // The type has no such method: it comes from a trait, or from what the type dereferences to.
        if let Some(kind) = self.program.any_method(name) {
            return kind;
        }
        match receiver {
            _ if self.is_known(name, count) => self.unknown(name, arguments, span),
            Kind::Own(_) => Kind::Unknown,
            itself => itself,
        }
    }

    /// A method of something that nothing is known of.
    fn unknown(&mut self, name: &str, arguments: Vec<Kind>, span: Span) -> Kind {
        let surface = self.program.surface;
        let candidates = surface.operations_named(name, arguments.len());
        if !candidates.is_empty() {
            self.doubt(Doubt::Receiver { method: name.to_owned(), candidates }, span);
        }
        if let Some(kind) = self.program.any_method(name).filter(Kind::leads_on)
            && !SAME.contains(&name)
        {
            return kind;
        }
        let handles = surface.handles_named(name);
        if arguments.is_empty() && !handles.is_empty() {
            return Kind::Named(handles);
        }
        best(arguments).filter(Kind::leads_on).map_or(Kind::Unknown, Kind::held)
    }

    /// A method of a handle that is known by the name of its accessor alone.
    fn by_names(&mut self, name: &str, operations: Vec<OperationId>, span: Span) -> Kind {
        for operation in &operations {
            self.called(*operation, span);
        }
        let kind = match operations.as_slice() {
            [operation] => Kind::Call(*operation),
            _ => Kind::Unknown,
        };
        if !operations.is_empty() {
            self.doubt(Doubt::Names { method: name.to_owned(), candidates: operations }, span);
        }
        kind
    }

    /// `Client::send`. The request was counted where it was made, unless nobody can tell what it is.
    fn sent(&mut self, arguments: Vec<Kind>, span: Span) -> Kind {
        match arguments.into_iter().next().map(Kind::inner) {
            Some(Kind::Request(operation)) => Kind::Call(operation),
            // A type parameter that is bound to be an operation: its caller made it.
            Some(Kind::Other) => Kind::Other,
            _ => {
                self.doubt(Doubt::Sent, span);
                Kind::Other
            }
        }
    }

    /// True if a value has a method of this name that leads on.
    fn has(&self, kind: &Kind, name: &str) -> bool {
        let surface = self.program.surface;
        match kind {
            Kind::Client => matches!(name, "send" | "request") || surface.root(name).is_some(),
            Kind::Handle(handle) => {
                surface.child(*handle, name).is_some() || surface.operation(*handle, name).is_some()
            }
            Kind::Own(ty) => self.program.function(Some(ty), name).is_some(),
            Kind::Named(_) | Kind::Call(_) | Kind::Request(_) => true,
            Kind::Of(inner) => self.has(inner, name),
            Kind::Tuple(_) | Kind::Other | Kind::Unknown => false,
        }
    }

    /// True if the API has a method of this name somewhere.
    fn is_known(&self, name: &str, arguments: usize) -> bool {
        let surface = self.program.surface;
        !surface.operations_named(name, arguments).is_empty()
            || arguments == 0 && !surface.handles_named(name).is_empty()
    }

    /// Learns what a variable holds from what is put into it.
    fn put_into(&mut self, call: &ExprMethodCall, receiver: &Kind, arguments: &[Kind]) {
        let Expr::Path(path) = &*call.receiver else { return };
        let Some(variable) = path.path.get_ident() else { return };
        let given = call.args.iter().zip(arguments);
        let given = given.filter(|(argument, _)| !matches!(argument, Expr::Closure(_)));
        let Some(kind) = best(given.map(|(_, kind)| kind.clone()).collect()) else { return };
        let learns = match receiver {
            Kind::Of(inner) if **inner == Kind::Unknown => {
                PUTS.contains(&text(&call.method).as_str())
            }
            // A container of another crate does not say that it is one.
            Kind::Other => kind.leads_on(),
            _ => false,
        };
        if learns {
            self.learn(&text(variable), kind.held());
        }
    }
}

/// What a method of something that holds values gives: what a closure makes of them, or them.
fn held_by(receiver: Kind, arguments: Vec<Kind>) -> Kind {
    best(arguments).filter(Kind::leads_on).map_or(receiver, Kind::held)
}

/// Of several values the one that says most.
fn best(kinds: Vec<Kind>) -> Option<Kind> {
    let leading = kinds.iter().position(Kind::leads_on);
    let unknown = kinds.iter().position(|kind| *kind != Kind::Other);
    let index = leading.or(unknown).unwrap_or(0);
    kinds.into_iter().nth(index)
}

/// Methods of the standard library's containers whose names an operation may have too. On what holds
/// a handle they are the container's.
const HOLDERS: &[&str] = &[
    "and_then",
    "append",
    "clear",
    "clone",
    "contains",
    "count",
    "drain",
    "entry",
    "expect",
    "extend",
    "filter",
    "find",
    "first",
    "get",
    "get_mut",
    "get_or_init",
    "insert",
    "into_iter",
    "iter",
    "iter_mut",
    "last",
    "len",
    "lock",
    "map",
    "next",
    "or_insert",
    "or_insert_with",
    "pop",
    "push",
    "read",
    "recv",
    "remove",
    "replace",
    "retain",
    "reverse",
    "search",
    "send",
    "set",
    "sort",
    "split",
    "swap",
    "take",
    "update",
    "unwrap",
    "unwrap_or_else",
    "values",
    "write",
];

/// Methods that put a value into a container.
const PUTS: &[&str] = &[
    "entry",
    "extend",
    "get_or_insert",
    "get_or_insert_with",
    "insert",
    "push",
    "push_back",
    "push_front",
    "replace",
    "send",
    "set",
];

/// Methods that give a value of the same type.
const SAME: &[&str] = &[
    "as_mut",
    "as_ref",
    "borrow",
    "borrow_mut",
    "by_ref",
    "clone",
    "expect",
    "into_inner",
    "to_owned",
    "unwrap",
];
