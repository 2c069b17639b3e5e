//! Expressions: what their values are, and the calls inside them.

use proc_macro2::Span;
use syn::visit::{self, Visit as _};
use syn::{
    Expr, ExprAssign, ExprClosure, ExprField, ExprIf, ExprMatch, ExprPath, ExprStruct, ExprWhile,
    Member, ReturnType, UnOp,
};

use super::Doubt;
use super::body::Body;
use super::kind::Kind;
use super::paths::{Target, resolve, segments};
use super::program::text;
use super::surface::{EXPAND, Item};
use super::types::{CONTAINERS, kind_of};

impl Body<'_> {
    /// What an expression is. Every expression inside it is looked at once.
    pub(super) fn expression(&mut self, expression: &Expr) -> Kind {
        match expression {
            Expr::Path(path) => self.path(path),
            Expr::Call(call) => self.function_call(call),
            Expr::MethodCall(call) => self.method_call(call),
            Expr::Field(field) => self.field(field),
            Expr::Closure(closure) => self.closure(closure, &Kind::Unknown),
            Expr::Struct(literal) => self.literal(literal),
            Expr::Macro(call) => self.macro_call(&call.mac),
            Expr::Assign(assignment) => self.assignment(assignment),
            Expr::If(branch) => self.branch(branch),
            Expr::Match(choice) => self.choice(choice),
            Expr::While(repeated) => self.repeat(repeated),
            Expr::Let(condition) => {
                let kind = self.expression(&condition.expr);
                self.bind(&condition.pat, kind);
                Kind::Other
            }
            Expr::ForLoop(repeated) => {
                let kind = self.expression(&repeated.expr).inner();
                self.within(|it| {
                    it.bind(&repeated.pat, kind);
                    it.block(&repeated.body)
                });
                Kind::Other
            }
            Expr::Await(awaited) => match self.expression(&awaited.base) {
                // The answer is a model.
                Kind::Call(_) => Kind::Other,
                kind => kind,
            },
            Expr::Try(tried) => self.expression(&tried.expr).inner(),
            Expr::Index(indexed) => {
                self.expression(&indexed.index);
                self.expression(&indexed.expr).inner()
            }
            Expr::Unary(unary) => {
                let kind = self.expression(&unary.expr);
                if matches!(unary.op, UnOp::Deref(_)) { kind } else { Kind::Other }
            }
            Expr::Cast(cast) => {
                let kind = self.expression(&cast.expr);
                self.visit_type(&cast.ty);
                kind_of(self.program, &self.scope, &cast.ty).or_initial(kind)
            }
            Expr::Block(block) => self.block(&block.block),
            Expr::Async(block) => self.block(&block.block),
            Expr::Unsafe(block) => self.block(&block.block),
            Expr::Const(block) => self.block(&block.block),
            Expr::TryBlock(block) => self.block(&block.block).held(),
            Expr::Paren(inner) => self.expression(&inner.expr),
            Expr::Group(inner) => self.expression(&inner.expr),
            Expr::Reference(inner) => self.expression(&inner.expr),
            Expr::RawAddr(inner) => self.expression(&inner.expr),
            Expr::Tuple(tuple) => {
                Kind::tuple(tuple.elems.iter().map(|member| self.expression(member)).collect())
            }
            Expr::Array(array) => {
                let kinds: Vec<Kind> =
                    array.elems.iter().map(|item| self.expression(item)).collect();
                kinds.into_iter().reduce(Kind::or).unwrap_or(Kind::Other).held()
            }
            Expr::Repeat(array) => {
                self.expression(&array.len);
                self.expression(&array.expr).held()
            }
            // `loop` gives what a `break` inside it gives.
            Expr::Loop(repeated) => {
                self.block(&repeated.body);
                Kind::Unknown
            }
            Expr::Verbatim(tokens) => {
                self.tokens(tokens.clone());
                Kind::Unknown
            }
            // None of the others gives something of the API.
            others => {
                visit::visit_expr(self, others);
                Kind::Other
            }
        }
    }

    /// A closure; it counts as what it gives. `hint` is what its arguments are if it does not say so.
    pub(super) fn closure(&mut self, closure: &ExprClosure, hint: &Kind) -> Kind {
        let body = self.within(|it| {
            for input in &closure.inputs {
                it.bind(input, hint.clone());
            }
            it.expression(&closure.body)
        });
        match &closure.output {
            ReturnType::Default => body,
            ReturnType::Type(_, ty) => {
                self.visit_type(ty);
                kind_of(self.program, &self.scope, ty).or_initial(body)
            }
        }
    }

    /// A path that stands for a value; a function counts as what it gives.
    fn path(&mut self, path: &ExprPath) -> Kind {
        for segment in &path.path.segments {
            self.visit_path_arguments(&segment.arguments);
        }
        let names = segments(&path.path);
        let span = path.path.segments.last().map_or_else(Span::call_site, |last| last.ident.span());
        if let Some(qself) = &path.qself {
            self.visit_type(&qself.ty);
            let kind = kind_of(self.program, &self.scope, &qself.ty);
            return match names.last() {
                Some(name) => self.associated(kind, std::slice::from_ref(name), span),
                None => kind,
            };
        }
        if let [name] = names.as_slice()
            && let Some(kind) = self.variable(name)
        {
            return kind.clone();
        }
        self.named(&names, span)
    }

    /// An item that stands for a value.
    pub(super) fn named(&mut self, names: &[String], span: Span) -> Kind {
        if let [first, rest @ ..] = names
            && let Some(kind) = self.type_parameter(first)
        {
            return self.associated(kind, rest, span);
        }
        match resolve(self.program, &self.scope.imports, names) {
            Target::Client(path) => match self.program.surface.item(&path) {
                Item::Type(kind, rest) => self.associated(kind, &rest, span),
                Item::Call | Item::Nothing => Kind::Other,
            },
            Target::Own(path) => self.own(&path, span),
            Target::Std(path) => match path.as_slice() {
                [.., ty, _] if CONTAINERS.contains(&ty.as_str()) => Kind::Unknown.held(),
                _ => Kind::Other,
            },
            Target::Foreign(_) => Kind::Other,
            Target::Unknown(path) => {
                self.doubt_request(&path, span);
                Kind::Unknown
            }
        }
    }

    /// `Self`, or a type parameter of the function.
    fn type_parameter(&self, name: &str) -> Option<Kind> {
        if name == "Self" {
            return self.scope.this.clone();
        }
        self.scope.parameters.get(name).cloned()
    }

    /// An item of the program.
    fn own(&mut self, path: &[String], span: Span) -> Kind {
        let program = self.program;
        match path {
            [name] => {
                let found = program.function(None, name).or_else(|| program.constant(name));
                let ty = || {
                    program
                        .is_type(name)
                        .then(|| program.alias(name).unwrap_or_else(|| Kind::Own(name.clone())))
                };
                found.or_else(ty).unwrap_or_else(|| {
                    self.doubt_request(path, span);
                    Kind::Unknown
                })
            }
            [ty, rest @ ..] => {
                let kind = program.alias(ty).unwrap_or_else(|| Kind::Own(ty.clone()));
                self.associated(kind, rest, span)
            }
            [] => Kind::Unknown,
        }
    }

    /// What stands inside a type: `Contacts::list`, `App::new`.
    fn associated(&mut self, kind: Kind, rest: &[String], span: Span) -> Kind {
        let surface = self.program.surface;
        match (&kind, rest) {
            (Kind::Request(operation), _) => self.called(*operation, span),
            (Kind::Client, [name]) if name == "request" => self.doubt(Doubt::Raw, span),
            (Kind::Client, [name]) => {
                if let Some(handle) = surface.root(name) {
                    return Kind::Handle(handle);
                }
            }
            (Kind::Handle(handle), [name]) => {
                if let Some(child) = surface.child(*handle, name) {
                    return Kind::Handle(child);
                }
                if let Some(operation) = surface.operation(*handle, name) {
                    self.called(operation, span);
                    return Kind::Call(operation);
                }
            }
            // A derived or a foreign function of a type makes a value of it: `App::default`.
            (Kind::Own(ty), [name]) => {
                return self.program.function(Some(ty), name).unwrap_or(kind);
            }
            _ => {}
        }
        kind
    }

    fn field(&mut self, field: &ExprField) -> Kind {
        let member = match &field.member {
            Member::Named(name) => text(name),
            Member::Unnamed(index) => index.index.to_string(),
        };
        let base = self.expression(&field.base).inner();
        let of_any = || self.program.any_field(&member).unwrap_or(Kind::Unknown);
        match base {
            Kind::Own(ty) => self.program.field(&ty, &member).unwrap_or_else(of_any),
            Kind::Tuple(kinds) => {
                let member =
                    member.parse().ok().and_then(|index: usize| kinds.into_iter().nth(index));
                member.unwrap_or(Kind::Unknown)
            }
            Kind::Unknown => of_any(),
            // Members of a model, of a request.
            _ => Kind::Other,
        }
    }

    fn literal(&mut self, literal: &ExprStruct) -> Kind {
        let span =
            literal.path.segments.last().map_or_else(Span::call_site, |last| last.ident.span());
        let kind = self.named(&segments(&literal.path), span);
        for field in &literal.fields {
            self.expression(&field.expr);
            if let (Kind::Request(_), Member::Named(name)) = (&kind, &field.member)
                && name == EXPAND
            {
                self.expanded(&[&field.expr], name.span());
            }
        }
        if let Some(rest) = &literal.rest {
            self.expression(rest);
        }
        kind
    }

    fn assignment(&mut self, assignment: &ExprAssign) -> Kind {
        let kind = self.expression(&assignment.right);
        if let Expr::Field(field) = &*assignment.left
            && let Member::Named(name) = &field.member
            && name == EXPAND
            && let Kind::Request(_) = self.expression(&field.base)
        {
            self.expanded(&[&assignment.right], name.span());
        } else {
            self.assign(&assignment.left, kind);
        }
        Kind::Other
    }

    /// Gives a value to what stands on the left of `=`: a variable, a tuple of them, `Some(…)`.
    fn assign(&mut self, left: &Expr, kind: Kind) {
        match left {
            Expr::Path(path) if path.path.get_ident().is_some() => {
                let name = segments(&path.path).concat();
                let known = self.variable(&name).cloned().unwrap_or(Kind::Unknown);
                if kind.leads_on() || !known.leads_on() {
                    self.learn(&name, kind);
                }
            }
            Expr::Tuple(tuple) => {
                let kinds = match kind.inner() {
                    Kind::Tuple(kinds) => kinds,
                    other => vec![other; tuple.elems.len()],
                };
                for (left, kind) in tuple.elems.iter().zip(kinds) {
                    self.assign(left, kind);
                }
            }
            Expr::Call(call) => {
                for left in &call.args {
                    self.assign(left, kind.clone().inner());
                }
            }
            Expr::Infer(_) => {}
            place => {
                self.expression(place);
            }
        }
    }

    fn branch(&mut self, branch: &ExprIf) -> Kind {
        let then = self.within(|it| {
            it.expression(&branch.cond);
            it.block(&branch.then_branch)
        });
        match &branch.else_branch {
            Some((_, otherwise)) => then.or(self.expression(otherwise)),
            None => Kind::Other,
        }
    }

    fn choice(&mut self, choice: &ExprMatch) -> Kind {
        let kind = self.expression(&choice.expr);
        let arms = choice.arms.iter().map(|arm| {
            self.within(|it| {
                it.bind(&arm.pat, kind.clone());
                it.expression(&arm.body)
            })
        });
        let arms: Vec<Kind> = arms.collect();
        arms.into_iter().reduce(Kind::or).unwrap_or(Kind::Other)
    }

    fn repeat(&mut self, repeated: &ExprWhile) -> Kind {
        self.within(|it| {
            it.expression(&repeated.cond);
            it.block(&repeated.body)
        });
        Kind::Other
    }
}
