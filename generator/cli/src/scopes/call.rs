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
use super::surface::{EXPAND, HandleId};
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
        // `Vec::with_capacity(8)` does not say what will be in it.
        let plain = matches!(target, Target::Std(_))
            && names.last().is_none_or(|name| name != "with_capacity");
        match best(&arguments) {
            Some(kind) if pointer => kind,
            Some(Kind::Other) if plain => Kind::Other,
            Some(Kind::Other) | None => given,
            Some(Kind::Unknown) if !matches!(target, Target::Std(_)) => Kind::Unknown,
            Some(kind) => kind.held(),
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
        self.method(receiver, &name, &arguments, span)
    }

    /// What a method gives.
    pub(super) fn method(
        &mut self,
        receiver: Kind,
        name: &str,
        arguments: &[Kind],
        span: Span,
    ) -> Kind {
        let found = match &receiver {
            Kind::Client => self.of_client(name, arguments, span),
            Kind::Handle(handle) => self.of_handle(*handle, name, span),
            Kind::Named(handles) => self.of_named(handles, name, arguments, span),
            Kind::Call(operation) if matches!(name, "as_request" | "into_request") => {
                Some(Kind::Request(*operation))
            }
            // Setters, and what sends.
            Kind::Call(_) | Kind::Request(_) => return receiver,
            // A generic one may hand on what it is given.
            Kind::Own(ty) => self.program.function(Some(ty), name).map(|kind| match kind {
                Kind::Unknown => handed_on(arguments).unwrap_or(Kind::Unknown),
                kind => kind,
            }),
            Kind::Of(inner) => return self.of_holder((**inner).clone(), name, arguments, span),
            Kind::Other => {
                let extension = self.program.any_method(name).filter(Kind::leads_on);
                return extension.or_else(|| handed_on(arguments)).unwrap_or(Kind::Other);
            }
            Kind::Tuple(_) | Kind::Unknown => return self.of_unknown(name, arguments, span),
        };
        // If the type has no such method, it comes from a trait, or from what the type dereferences to.
        let found = found.or_else(|| SAME.contains(&name).then(|| receiver.clone()));
        match found.or_else(|| self.program.any_method(name)) {
            Some(kind) => kind,
            None if self.is_known(name, arguments) => self.of_unknown(name, arguments, span),
            None if matches!(receiver, Kind::Own(_)) => Kind::Unknown,
            None => receiver,
        }
    }

    fn of_client(&mut self, name: &str, arguments: &[Kind], span: Span) -> Option<Kind> {
        match name {
            "send" => Some(self.sent(arguments, span)),
            "request" => {
                self.doubt(Doubt::Raw, span);
                Some(Kind::Other)
            }
            accessor => self.program.surface.root(accessor).map(Kind::Handle),
        }
    }

    fn of_handle(&mut self, handle: HandleId, name: &str, span: Span) -> Option<Kind> {
        let surface = self.program.surface;
        if let Some(child) = surface.child(handle, name) {
            return Some(Kind::Handle(child));
        }
        let operation = surface.operation(handle, name)?;
        self.called(operation, span);
        Some(Kind::Call(operation))
    }

    /// A method of a handle that is known by the name of its accessor alone.
    fn of_named(
        &mut self,
        handles: &[HandleId],
        name: &str,
        arguments: &[Kind],
        span: Span,
    ) -> Option<Kind> {
        let surface = self.program.surface;
        let children = handles.iter().filter_map(|handle| surface.child(*handle, name));
        let children: Vec<HandleId> = children.collect();
        if !children.is_empty() {
            return Some(Kind::Named(children));
        }
        let mut operations = surface.operations_named(name, arguments.len());
        operations.retain(|operation| {
            handles.iter().any(|handle| surface.operation(*handle, name) == Some(*operation))
        });
        for operation in &operations {
            self.called(*operation, span);
        }
        let kind = match operations.as_slice() {
            [] => {
                return SAME
                    .contains(&name)
                    .then(|| Kind::Named(handles.to_vec()))
                    .or(Some(Kind::Unknown));
            }
            [operation] => Kind::Call(*operation),
            _ => Kind::Unknown,
        };
        self.doubt(Doubt::Names { method: name.to_owned(), candidates: operations }, span);
        Some(kind)
    }

    /// A method of something that holds values or leads to one.
    fn of_holder(&mut self, inner: Kind, name: &str, arguments: &[Kind], span: Span) -> Kind {
        if inner == Kind::Unknown && OPENS.contains(&name) {
            return Kind::Unknown;
        }
        if HOLDERS.contains(&name) {
            self.doubt_holder(&inner, name, arguments, span);
        } else if self.has(&inner, name) || inner == Kind::Unknown && self.is_known(name, arguments)
        {
            return self.method(inner, name, arguments, span);
        } else if self.is_known(name, arguments) {
            return self.of_unknown(name, arguments, span);
        }
        // What a closure makes of the values, or still the values.
        handed_on(arguments).unwrap_or_else(|| inner.held())
    }

    /// A method that containers have and the API too. What holds the value may be a pointer that nobody
    /// here knows.
    fn doubt_holder(&mut self, inner: &Kind, name: &str, arguments: &[Kind], span: Span) {
        let surface = self.program.surface;
        let candidates: Vec<OperationId> = match inner {
            Kind::Handle(handle) => surface.operation(*handle, name).into_iter().collect(),
            Kind::Named(handles) => {
                let mut candidates = surface.operations_named(name, arguments.len());
                let has = |operation| {
                    handles.iter().any(|handle| surface.operation(*handle, name) == operation)
                };
                candidates.retain(|operation| has(Some(*operation)));
                candidates
            }
            // A channel for clients is given one; a client is given a request.
            Kind::Client if name == "send" && best(arguments) == Some(Kind::Unknown) => {
                return self.doubt(Doubt::Sent, span);
            }
            _ => Vec::new(),
        };
        if !candidates.is_empty() {
            self.doubt(Doubt::Receiver { method: name.to_owned(), candidates }, span);
        }
    }

    /// A method of something that nothing is known of.
    fn of_unknown(&mut self, name: &str, arguments: &[Kind], span: Span) -> Kind {
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
        handed_on(arguments).unwrap_or(Kind::Unknown)
    }

    /// `Client::send`. The request was counted where it was made, unless nobody can tell what it is.
    fn sent(&mut self, arguments: &[Kind], span: Span) -> Kind {
        match arguments.first().cloned().map(Kind::inner) {
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
    fn is_known(&self, name: &str, arguments: &[Kind]) -> bool {
        let surface = self.program.surface;
        !surface.operations_named(name, arguments.len()).is_empty()
            || arguments.is_empty() && !surface.handles_named(name).is_empty()
    }

    /// Learns what a variable holds from what is put into it.
    fn put_into(&mut self, call: &ExprMethodCall, receiver: &Kind, arguments: &[Kind]) {
        let Expr::Path(path) = &*call.receiver else { return };
        let Some(variable) = path.path.get_ident() else { return };
        let given = call.args.iter().zip(arguments);
        let given = given.filter(|(argument, _)| !matches!(argument, Expr::Closure(_)));
        let given: Vec<Kind> = given.map(|(_, kind)| kind.clone()).collect();
        let Some(kind) = best(&given) else { return };
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

/// What may come back out of a function that is given something that leads on.
fn handed_on(arguments: &[Kind]) -> Option<Kind> {
    best(arguments).filter(Kind::leads_on).map(Kind::held)
}

/// Of several values the one that says most.
fn best(kinds: &[Kind]) -> Option<Kind> {
    let leading = kinds.iter().find(|kind| kind.leads_on());
    let unknown = kinds.iter().find(|kind| **kind != Kind::Other);
    leading.or(unknown).or(kinds.first()).cloned()
}

/// Methods of the standard library's containers whose names an operation may have too. On what holds
/// values they are the container's.
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

/// Methods that give what an `Option` or `Result` holds.
const OPENS: &[&str] = &["expect", "unwrap", "unwrap_or_default", "unwrap_or_else"];

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
