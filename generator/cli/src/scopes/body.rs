//! The walk through the code of a program.

use std::collections::BTreeMap;

use proc_macro2::{Span, TokenStream, TokenTree};
use specwright_ir::OperationId;
use syn::visit::{self, Visit};
use syn::{
    Attribute, Block, Expr, FnArg, ImplItemFn, Item, ItemFn, ItemImpl, ItemMacro, ItemMod,
    ItemTrait, ItemUse, Macro, Signature, Stmt, TraitItemFn, TypePath,
};

use super::kind::Kind;
use super::paths::{Imports, Target, resolve, segments};
use super::program::{Program, block_items, text};
use super::sources::{Sources, place};
use super::surface::Item as ApiItem;
use super::types::{Scope, kind_of};
use super::{Doubt, Found};

/// Finds the calls of a program.
pub(super) fn walk(program: &Program<'_>, sources: &Sources) -> Found {
    let mut found = Found::default();
    found.doubts.extend(sources.broken.iter().cloned());
    for (file, source) in sources.files.iter().enumerate() {
        let mut body = Body {
            program,
            file,
            found: &mut found,
            scope: Scope::default(),
            variables: vec![BTreeMap::new()],
        };
        body.module(&source.items);
    }
    found
}

/// One file on the walk.
pub(super) struct Body<'w> {
    pub(super) program: &'w Program<'w>,
    pub(super) scope: Scope,
    /// Variables of the function, a map for each block, the innermost last.
    variables: Vec<BTreeMap<String, Kind>>,
    file: usize,
    found: &'w mut Found,
}

impl Body<'_> {
    fn module(&mut self, items: &[Item]) {
        let around = std::mem::replace(&mut self.scope, Scope::of_module(items));
        for item in items {
            self.visit_item(item);
        }
        self.scope = around;
    }

    /// A function sees the types around it, and none of the variables.
    fn function(&mut self, signature: &Signature, block: Option<&Block>) {
        let around = self.scope.clone();
        let variables = std::mem::replace(&mut self.variables, vec![BTreeMap::new()]);
        self.scope.declare(self.program, &signature.generics);
        self.visit_signature(signature);
        for input in &signature.inputs {
            match input {
                FnArg::Receiver(_) => {
                    let this = self.scope.this.clone().unwrap_or(Kind::Unknown);
                    self.set("self", this);
                }
                FnArg::Typed(input) => {
                    let kind = kind_of(self.program, &self.scope, &input.ty);
                    self.bind(&input.pat, kind);
                }
            }
        }
        if let Some(block) = block {
            self.block(block);
        }
        self.variables = variables;
        self.scope = around;
    }

    /// A block; what it is is what its last expression is.
    pub(super) fn block(&mut self, block: &Block) -> Kind {
        self.scope.imports.push(Imports::of(block_items(block)));
        let kind = self.within(|it| it.statements(&block.stmts));
        self.scope.imports.pop();
        kind
    }

    pub(super) fn statements(&mut self, statements: &[Stmt]) -> Kind {
        let mut last = Kind::Other;
        for statement in statements {
            last = Kind::Other;
            match statement {
                Stmt::Local(local) => {
                    let kind = match &local.init {
                        Some(init) => {
                            let kind = self.expression(&init.expr);
                            if let Some((_, otherwise)) = &init.diverge {
                                self.expression(otherwise);
                            }
                            kind
                        }
                        None => Kind::Unknown,
                    };
                    self.bind(&local.pat, kind);
                }
                Stmt::Item(item) => self.visit_item(item),
                Stmt::Expr(expression, end) => {
                    let kind = self.expression(expression);
                    if end.is_none() {
                        last = kind;
                    }
                }
                Stmt::Macro(statement) => {
                    let kind = self.macro_call(&statement.mac);
                    if statement.semi_token.is_none() {
                        last = kind;
                    }
                }
            }
        }
        last
    }

    /// Looks at something whose variables end with it.
    pub(super) fn within<T>(&mut self, look: impl FnOnce(&mut Self) -> T) -> T {
        self.variables.push(BTreeMap::new());
        let found = look(self);
        self.variables.pop();
        found
    }

    /// A variable, the innermost of its name.
    pub(super) fn variable(&self, name: &str) -> Option<&Kind> {
        self.variables.iter().rev().find_map(|variables| variables.get(name))
    }

    /// Begins a variable, which hides others of its name until the block ends.
    pub(super) fn set(&mut self, name: &str, kind: Kind) {
        if let Some(variables) = self.variables.last_mut() {
            variables.insert(name.to_owned(), kind);
        }
    }

    /// Says more about a variable that is there; begins it if it is not.
    pub(super) fn learn(&mut self, name: &str, kind: Kind) {
        let mut maps = self.variables.iter_mut().rev();
        match maps.find_map(|variables| variables.get_mut(name)) {
            Some(known) => *known = kind,
            None => self.set(name, kind),
        }
    }

    /// Notes that an operation is called.
    pub(super) fn called(&mut self, operation: OperationId, span: Span) {
        self.found.calls.entry(operation).or_default().insert(place(self.file, span));
    }

    /// Notes that related resources are asked for in full.
    pub(super) fn expanded(&mut self, expressions: &[&Expr], span: Span) {
        let mut names = Texts::default();
        for expression in expressions {
            names.visit_expr(expression);
        }
        self.found.expansions.entry(place(self.file, span)).or_default().extend(names.0);
    }

    /// Notes what cannot be told.
    pub(super) fn doubt(&mut self, doubt: Doubt, span: Span) {
        self.found.doubts.insert((place(self.file, span), doubt));
    }

    /// Notes a type of another crate that has the name of a request.
    pub(super) fn doubt_request(&mut self, path: &[String], span: Span) {
        for name in path {
            if let Some(operation) = self.program.surface.request_named(name) {
                let doubt = Doubt::Request { name: name.clone(), candidates: vec![operation] };
                self.doubt(doubt, span);
            }
        }
    }
}

impl<'ast> Visit<'ast> for Body<'_> {
    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        if let Some((_, items)) = &item.content {
            self.module(items);
        }
    }

    fn visit_item_fn(&mut self, item: &'ast ItemFn) {
        self.function(&item.sig, Some(&item.block));
    }

    /// Not its head: implementing a trait for a request calls nothing.
    fn visit_item_impl(&mut self, item: &'ast ItemImpl) {
        let around = self.scope.clone();
        self.scope.declare(self.program, &item.generics);
        self.scope.this = Some(kind_of(self.program, &self.scope, &item.self_ty));
        for inner in &item.items {
            self.visit_impl_item(inner);
        }
        self.scope = around;
    }

    fn visit_impl_item_fn(&mut self, item: &'ast ImplItemFn) {
        self.function(&item.sig, Some(&item.block));
    }

    fn visit_item_trait(&mut self, item: &'ast ItemTrait) {
        let around = self.scope.clone();
        self.scope.declare(self.program, &item.generics);
        self.scope.this = Some(Kind::Own(text(&item.ident)));
        visit::visit_item_trait(self, item);
        self.scope = around;
    }

    fn visit_trait_item_fn(&mut self, item: &'ast TraitItemFn) {
        self.function(&item.sig, item.default.as_ref());
    }

    fn visit_item_macro(&mut self, item: &'ast ItemMacro) {
        self.macro_call(&item.mac);
    }

    fn visit_item_use(&mut self, _: &'ast ItemUse) {}

    fn visit_attribute(&mut self, _: &'ast Attribute) {}

    fn visit_block(&mut self, block: &'ast Block) {
        self.block(block);
    }

    fn visit_expr(&mut self, expression: &'ast Expr) {
        self.expression(expression);
    }

    fn visit_macro(&mut self, mac: &'ast Macro) {
        self.macro_call(mac);
    }

    /// A request counts wherever its type is named: a value of it may come from `Default` or from a
    /// generic function, which shows nothing else.
    fn visit_type_path(&mut self, path: &'ast TypePath) {
        let names = segments(&path.path);
        let span = path.path.segments.last().map_or_else(Span::call_site, |last| last.ident.span());
        match resolve(self.program, &self.scope.imports, &names) {
            Target::Client(names) => {
                if let ApiItem::Type(Kind::Request(operation), _) =
                    self.program.surface.item(&names)
                {
                    self.called(operation, span);
                }
            }
            Target::Unknown(names) if names.len() > 1 => self.doubt_request(&names, span),
            Target::Own(names) if !names.iter().any(|name| self.program.is_type(name)) => {
                self.doubt_request(&names, span);
            }
            Target::Own(_) | Target::Std(_) | Target::Foreign(_) | Target::Unknown(_) => {}
        }
        visit::visit_type_path(self, path);
    }
}

/// The texts in an expression.
#[derive(Default)]
struct Texts(Vec<String>);

impl<'ast> Visit<'ast> for Texts {
    fn visit_lit_str(&mut self, text: &'ast syn::LitStr) {
        self.0.push(text.value());
    }

    /// `vec!["a", "b"]`.
    fn visit_macro(&mut self, mac: &'ast Macro) {
        self.tokens(mac.tokens.clone());
    }
}

impl Texts {
    fn tokens(&mut self, tokens: TokenStream) {
        for token in tokens {
            match token {
                TokenTree::Group(group) => self.tokens(group.stream()),
                token => {
                    if let Ok(text) = syn::parse2::<syn::LitStr>(token.into()) {
                        self.0.push(text.value());
                    }
                }
            }
        }
    }
}
