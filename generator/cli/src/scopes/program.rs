//! What a program declares, and what it has of the client under which names.

use std::collections::{BTreeMap, BTreeSet};

use syn::ext::IdentExt as _;
use syn::visit::{self, Visit};
use syn::{
    Block, Fields, Generics, Ident, Item, ItemConst, ItemEnum, ItemFn, ItemImpl, ItemMod,
    ItemStatic, ItemStruct, ItemTrait, ItemType, Signature, Type,
};

use super::crates::Crates;
use super::kind::Kind;
use super::paths::{Imports, Target, resolve};
use super::sources::Sources;
use super::surface::Surface;
use super::types::{Scope, kind_of, returned};

/// The declarations of a program. Items are told apart by their names alone, not by their modules;
/// where two of one name differ, the one that leads to calls is taken.
#[derive(Debug)]
pub(super) struct Program<'p> {
    pub(super) surface: &'p Surface,
    pub(super) crates: &'p Crates,
    names: Names,
    declared: Declared,
}

/// What is known before any type is looked at.
#[derive(Debug, Default)]
struct Names {
    types: BTreeSet<String>,
    /// Modules, functions, constants and macros.
    others: BTreeSet<String>,
    /// Names by which a module has something of the client, with its path there; `None` if two
    /// modules mean different things.
    shared: BTreeMap<String, Option<Vec<String>>>,
    /// Modules of the client of which some module of the program has everything.
    globs: BTreeSet<Vec<String>>,
}

/// What the types of declarations say.
#[derive(Debug, Default)]
struct Declared {
    /// Members of structs and variants, by the type or variant and by their name or number.
    fields: BTreeMap<(String, String), Kind>,
    /// What functions give, by the type that has them.
    functions: BTreeMap<(Option<String>, String), Kind>,
    statics: BTreeMap<String, Kind>,
    aliases: BTreeMap<String, Kind>,
}

/// What a name stands for in some module of the program.
pub(super) enum Shared {
    /// An item of the client's crate.
    Path(Vec<String>),
    /// Different things in different modules.
    Several,
    /// Nothing of the client's.
    Not,
}

impl<'p> Program<'p> {
    pub(super) fn of(surface: &'p Surface, crates: &'p Crates, sources: &Sources) -> Self {
        let names = Names::default();
        let mut program = Self { surface, crates, names, declared: Declared::default() };
        let mut lists = Vec::new();
        for source in &sources.files {
            let mut collector =
                NameCollector { names: &mut program.names, lists: &mut lists, around: Vec::new() };
            collector.module(&source.items);
        }
        // An import may lead to another one: two rounds follow a `use` of a `pub use`.
        for _ in 0..2 {
            program.share(&lists);
        }
        // A type may be an alias, and an alias may name another one.
        for _ in 0..2 {
            let mut declared = Declared::default();
            for source in &sources.files {
                let scope = Scope::default();
                TypeCollector { program: &program, declared: &mut declared, scope }
                    .module(&source.items);
            }
            program.declared = declared;
        }
        program
    }

    /// True if the program has a type, trait or alias of this name.
    pub(super) fn is_type(&self, name: &str) -> bool {
        self.names.types.contains(name)
    }

    /// True if the program has an item of this name.
    pub(super) fn declares(&self, name: &str) -> bool {
        self.is_type(name) || self.names.others.contains(name)
    }

    /// What a name is in the modules of the program that do not declare it.
    pub(super) fn shared(&self, name: &str) -> Shared {
        if self.declares(name) {
            return Shared::Not;
        }
        match self.names.shared.get(name) {
            Some(Some(path)) => return Shared::Path(path.clone()),
            Some(None) => return Shared::Several,
            None => {}
        }
        let mut globs = self.names.globs.iter().filter(|module| self.surface.has(module, name));
        match (globs.next(), globs.next()) {
            (None, _) => Shared::Not,
            (Some(module), None) => {
                Shared::Path(module.iter().cloned().chain([name.to_owned()]).collect())
            }
            (Some(_), Some(_)) => Shared::Several,
        }
    }

    /// What an alias stands for.
    pub(super) fn alias(&self, name: &str) -> Option<Kind> {
        self.declared.aliases.get(name).cloned()
    }

    /// A member of a type or variant.
    pub(super) fn field(&self, of: &str, member: &str) -> Option<Kind> {
        self.declared.fields.get(&(of.to_owned(), member.to_owned())).cloned()
    }

    /// A member of whatever type has one of this name.
    pub(super) fn any_field(&self, member: &str) -> Option<Kind> {
        let fields = self.declared.fields.iter().filter(|((_, name), _)| name == member);
        fields.map(|(_, kind)| kind.clone()).reduce(Kind::or)
    }

    /// What a function of a type gives, or a free function.
    pub(super) fn function(&self, of: Option<&str>, name: &str) -> Option<Kind> {
        let key = (of.map(str::to_owned), name.to_owned());
        self.declared.functions.get(&key).cloned()
    }

    /// What a method of this name gives, whatever type has it.
    pub(super) fn any_method(&self, name: &str) -> Option<Kind> {
        let methods = self.declared.functions.iter();
        let methods = methods.filter(|((of, method), _)| of.is_some() && method == name);
        methods.map(|(_, kind)| kind.clone()).reduce(Kind::or)
    }

    /// A static or constant.
    pub(super) fn constant(&self, name: &str) -> Option<Kind> {
        self.declared.statics.get(name).cloned()
    }

    fn share(&mut self, lists: &[Vec<Imports>]) {
        let mut shared: BTreeMap<String, Option<Vec<String>>> = BTreeMap::new();
        let mut globs = BTreeSet::new();
        for list in lists {
            let Some(imports) = list.last() else { continue };
            for (name, path) in imports.names() {
                let Target::Client(path) = resolve(self, list, path) else { continue };
                let known = shared.entry(name.clone()).or_insert_with(|| Some(path.clone()));
                if known.as_ref() != Some(&path) {
                    *known = None;
                }
            }
            let paths = imports.globs().map(|path| resolve(self, list, path));
            globs.extend(paths.filter_map(|target| match target {
                Target::Client(path) => Some(path),
                _ => None,
            }));
        }
        self.names.shared = shared;
        self.names.globs = globs;
    }
}

/// Collects names, and the imports of every module and block with those around it.
struct NameCollector<'c> {
    names: &'c mut Names,
    lists: &'c mut Vec<Vec<Imports>>,
    around: Vec<Imports>,
}

impl NameCollector<'_> {
    fn module(&mut self, items: &[Item]) {
        let around = std::mem::replace(&mut self.around, vec![Imports::of(items)]);
        self.lists.push(self.around.clone());
        for item in items {
            self.visit_item(item);
        }
        self.around = around;
    }
}

impl<'ast> Visit<'ast> for NameCollector<'_> {
    fn visit_item(&mut self, item: &'ast Item) {
        let (types, others) = (&mut self.names.types, &mut self.names.others);
        match item {
            Item::Struct(item) => types.insert(text(&item.ident)),
            Item::Enum(item) => types.insert(text(&item.ident)),
            Item::Union(item) => types.insert(text(&item.ident)),
            Item::Trait(item) => types.insert(text(&item.ident)),
            Item::TraitAlias(item) => types.insert(text(&item.ident)),
            Item::Type(item) => types.insert(text(&item.ident)),
            Item::Mod(item) => others.insert(text(&item.ident)),
            Item::Fn(item) => others.insert(text(&item.sig.ident)),
            Item::Const(item) => others.insert(text(&item.ident)),
            Item::Static(item) => others.insert(text(&item.ident)),
            _ => false,
        };
        visit::visit_item(self, item);
    }

    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        if let Some((_, items)) = &item.content {
            self.module(items);
        }
    }

    fn visit_block(&mut self, block: &'ast Block) {
        self.around.push(Imports::of(block_items(block)));
        self.lists.push(self.around.clone());
        visit::visit_block(self, block);
        self.around.pop();
    }
}

/// Collects what the types of declarations say.
struct TypeCollector<'c> {
    program: &'c Program<'c>,
    declared: &'c mut Declared,
    scope: Scope,
}

impl TypeCollector<'_> {
    fn module(&mut self, items: &[Item]) {
        let around = std::mem::replace(&mut self.scope, Scope::of_module(items));
        for item in items {
            self.visit_item(item);
        }
        self.scope = around;
    }

    fn kind(&self, ty: &Type) -> Kind {
        kind_of(self.program, &self.scope, ty)
    }

    fn fields(&mut self, of: &Ident, fields: &Fields) {
        for (index, field) in fields.iter().enumerate() {
            let member = field.ident.as_ref().map_or_else(|| index.to_string(), text);
            let kind = self.kind(&field.ty);
            put(&mut self.declared.fields, (text(of), member), kind);
        }
    }

    fn function(&mut self, of: Option<&str>, signature: &Signature) {
        let around = self.scope.clone();
        self.declare(&signature.generics);
        let kind = returned(self.program, &self.scope, &signature.output);
        let key = (of.map(str::to_owned), text(&signature.ident));
        put(&mut self.declared.functions, key, kind);
        self.scope = around;
    }

    /// Adds type parameters. Whoever uses a declaration chooses them, so they may be anything.
    fn declare(&mut self, generics: &Generics) {
        self.scope.declare(self.program, generics);
        for kind in self.scope.parameters.values_mut().filter(|kind| !kind.leads_on()) {
            *kind = Kind::Unknown;
        }
    }

    /// Looks at the inside of an item whose generics hold there.
    fn inside(&mut self, generics: &Generics, this: Option<Kind>, look: impl FnOnce(&mut Self)) {
        let around = self.scope.clone();
        self.declare(generics);
        self.scope.this = this;
        look(self);
        self.scope = around;
    }
}

impl<'ast> Visit<'ast> for TypeCollector<'_> {
    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        if let Some((_, items)) = &item.content {
            self.module(items);
        }
    }

    fn visit_block(&mut self, block: &'ast Block) {
        self.scope.imports.push(Imports::of(block_items(block)));
        visit::visit_block(self, block);
        self.scope.imports.pop();
    }

    fn visit_item_struct(&mut self, item: &'ast ItemStruct) {
        let this = Some(Kind::Own(text(&item.ident)));
        self.inside(&item.generics, this, |it| it.fields(&item.ident, &item.fields));
    }

    fn visit_item_enum(&mut self, item: &'ast ItemEnum) {
        let this = Some(Kind::Own(text(&item.ident)));
        self.inside(&item.generics, this, |it| {
            for variant in &item.variants {
                it.fields(&variant.ident, &variant.fields);
            }
        });
    }

    fn visit_item_type(&mut self, item: &'ast ItemType) {
        let kind = self.kind(&item.ty);
        put(&mut self.declared.aliases, text(&item.ident), kind);
    }

    fn visit_item_static(&mut self, item: &'ast ItemStatic) {
        let kind = self.kind(&item.ty);
        put(&mut self.declared.statics, text(&item.ident), kind);
    }

    fn visit_item_const(&mut self, item: &'ast ItemConst) {
        let kind = self.kind(&item.ty);
        put(&mut self.declared.statics, text(&item.ident), kind);
    }

    fn visit_item_fn(&mut self, item: &'ast ItemFn) {
        self.function(None, &item.sig);
        visit::visit_block(self, &item.block);
    }

    fn visit_item_impl(&mut self, item: &'ast ItemImpl) {
        let mut scope = self.scope.clone();
        scope.declare(self.program, &item.generics);
        let this = kind_of(self.program, &scope, &item.self_ty);
        let of = type_name(&item.self_ty);
        self.inside(&item.generics, Some(this), |it| {
            for inner in &item.items {
                if let syn::ImplItem::Fn(function) = inner {
                    it.function(Some(&of), &function.sig);
                    it.visit_block(&function.block);
                }
            }
        });
    }

    fn visit_item_trait(&mut self, item: &'ast ItemTrait) {
        let of = text(&item.ident);
        self.inside(&item.generics, Some(Kind::Own(of.clone())), |it| {
            for inner in &item.items {
                if let syn::TraitItem::Fn(function) = inner {
                    it.function(Some(&of), &function.sig);
                }
            }
        });
    }
}

/// The name by which methods of a type are found again.
pub(super) fn type_name(ty: &Type) -> String {
    match ty {
        Type::Path(path) => {
            path.path.segments.last().map_or(String::new(), |last| text(&last.ident))
        }
        Type::Reference(reference) => type_name(&reference.elem),
        _ => String::new(),
    }
}

/// The items that stand in a block.
pub(super) fn block_items(block: &Block) -> impl Iterator<Item = &Item> {
    block.stmts.iter().filter_map(|statement| match statement {
        syn::Stmt::Item(item) => Some(item),
        _ => None,
    })
}

/// A name without `r#`.
pub(super) fn text(name: &Ident) -> String {
    name.unraw().to_string()
}

/// Two items of one name may be meant; the one that leads to calls is taken.
fn put<K: Ord>(map: &mut BTreeMap<K, Kind>, key: K, kind: Kind) {
    let kind = match map.remove(&key) {
        Some(known) => known.or(kind),
        None => kind,
    };
    map.insert(key, kind);
}
