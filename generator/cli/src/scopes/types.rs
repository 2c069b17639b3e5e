//! What a value of a written type is.

use std::collections::BTreeMap;

use syn::{
    GenericArgument, Generics, PathArguments, ReturnType, Type, TypeParamBound, WherePredicate,
};

use super::kind::Kind;
use super::paths::{Imports, Target, resolve, segments};
use super::program::Program;
use super::surface::Item;

/// What the types of some place mean.
#[derive(Clone, Debug, Default)]
pub(super) struct Scope {
    /// Imports of the module and of the blocks around the place, the innermost last.
    pub(super) imports: Vec<Imports>,
    /// Type parameters.
    pub(super) parameters: BTreeMap<String, Kind>,
    /// `Self`.
    pub(super) this: Option<Kind>,
}

impl Scope {
    /// What holds in a module: its own imports and nothing of what stands around it.
    pub(super) fn of_module(items: &[syn::Item]) -> Self {
        Self { imports: vec![Imports::of(items)], ..Self::default() }
    }

    /// Adds type parameters. What can be done with a value of one is what its bounds allow; without
    /// any that is nothing.
    pub(super) fn declare(&mut self, program: &Program<'_>, generics: &Generics) {
        for parameter in generics.type_params() {
            let kind = bounds(program, self, &parameter.bounds);
            self.parameters.insert(parameter.ident.to_string(), kind);
        }
        for predicate in generics.where_clause.iter().flat_map(|clause| &clause.predicates) {
            if let WherePredicate::Type(predicate) = predicate
                && let Type::Path(path) = &predicate.bounded_ty
                && let Some(name) = path.path.get_ident()
            {
                let kind = bounds(program, self, &predicate.bounds);
                let known = self.parameters.remove(&name.to_string()).unwrap_or(Kind::Other);
                self.parameters.insert(name.to_string(), known.or(kind));
            }
        }
    }
}

/// What a value of a type is.
pub(super) fn kind_of(program: &Program<'_>, scope: &Scope, ty: &Type) -> Kind {
    match ty {
        Type::Path(path) => match &path.qself {
            // `<Vec<Client> as IntoIterator>::Item`: what is in it, whatever is asked for.
            Some(qself) => kind_of(program, scope, &qself.ty).inner(),
            None => path_kind(program, scope, &path.path),
        },
        Type::Reference(reference) => kind_of(program, scope, &reference.elem),
        Type::Ptr(pointer) => kind_of(program, scope, &pointer.elem),
        Type::Paren(paren) => kind_of(program, scope, &paren.elem),
        Type::Group(group) => kind_of(program, scope, &group.elem),
        Type::Slice(slice) => kind_of(program, scope, &slice.elem).held(),
        Type::Array(array) => kind_of(program, scope, &array.elem).held(),
        Type::Tuple(tuple) => {
            Kind::tuple(tuple.elems.iter().map(|ty| kind_of(program, scope, ty)).collect())
        }
        Type::ImplTrait(it) => bounds(program, scope, &it.bounds),
        Type::TraitObject(it) => bounds(program, scope, &it.bounds),
        Type::FnPtr(pointer) => returned(program, scope, &pointer.output),
        Type::Never(_) => Kind::Other,
        // `_`, macros, and what is newer than the parser.
        _ => Kind::Unknown,
    }
}

/// What a function gives.
pub(super) fn returned(program: &Program<'_>, scope: &Scope, output: &ReturnType) -> Kind {
    match output {
        ReturnType::Default => Kind::Other,
        ReturnType::Type(_, ty) => kind_of(program, scope, ty),
    }
}

fn bounds<'b>(
    program: &Program<'_>,
    scope: &Scope,
    bounds: impl IntoIterator<Item = &'b TypeParamBound>,
) -> Kind {
    let kinds = bounds.into_iter().map(|bound| match bound {
        TypeParamBound::Trait(bound) => path_kind(program, scope, &bound.path),
        TypeParamBound::Lifetime(_) | TypeParamBound::PreciseCapture(_) => Kind::Other,
        _ => Kind::Unknown,
    });
    kinds.reduce(Kind::or).unwrap_or(Kind::Other)
}

fn path_kind(program: &Program<'_>, scope: &Scope, path: &syn::Path) -> Kind {
    let names = segments(path);
    if let [name] = names.as_slice() {
        if name == "Self" {
            return scope.this.clone().unwrap_or(Kind::Unknown);
        }
        if let Some(kind) = scope.parameters.get(name) {
            return kind.clone();
        }
    }
    // `T::Item` of a type parameter.
    if let Some(kind) = names.first().and_then(|name| scope.parameters.get(name)) {
        return kind.clone().inner();
    }
    let arguments = arguments(program, scope, path);
    let target = resolve(program, &scope.imports, &names);
    match &target {
        Target::Client(path) => match (program.surface.item(path), arguments.as_slice()) {
            (Item::Type(kind, rest), _) if rest.is_empty() => kind,
            (Item::Call, [Kind::Request(operation)]) => Kind::Call(*operation),
            // What is built by a builder is what it builds.
            (Item::Nothing, arguments) if arguments.contains(&Kind::Client) => Kind::Client,
            _ => Kind::Other,
        },
        Target::Own(names) => match names.as_slice() {
            [name, ..] => program.alias(name).unwrap_or_else(|| Kind::Own(name.clone())),
            [] => Kind::Unknown,
        },
        Target::Std(names) | Target::Foreign(names) | Target::Unknown(names) => {
            let name = names.last().map_or("", String::as_str);
            let fallback = match target {
                Target::Std(_) if CONTAINERS.contains(&name) && arguments.is_empty() => {
                    Kind::Unknown.held()
                }
                Target::Unknown(_) => Kind::Unknown,
                _ => Kind::Other,
            };
            match holder(name, arguments, fallback) {
                // Nobody knows whether somebody else's type holds values or leads to one.
                Kind::Of(inner) if *inner == Kind::Unknown && !matches!(target, Target::Std(_)) => {
                    Kind::Unknown
                }
                kind => kind,
            }
        }
    }
}

/// What a generic type of somebody else is, by what it holds.
fn holder(name: &str, arguments: Vec<Kind>, fallback: Kind) -> Kind {
    let known = arguments.iter().position(Kind::leads_on);
    let unknown = arguments.iter().position(|kind| *kind != Kind::Other);
    let held = known.or(unknown).and_then(|index| arguments.into_iter().nth(index));
    match held {
        Some(kind) if POINTERS.contains(&name) => kind,
        Some(kind) => kind.held(),
        None => fallback,
    }
}

/// The type arguments of the last segment: `<T>`, `<Item = T>`, `(…) -> T`.
fn arguments(program: &Program<'_>, scope: &Scope, path: &syn::Path) -> Vec<Kind> {
    match path.segments.last().map(|segment| &segment.arguments) {
        Some(PathArguments::AngleBracketed(arguments)) => {
            let types = arguments.args.iter().filter_map(|argument| match argument {
                GenericArgument::Type(ty) => Some(kind_of(program, scope, ty)),
                GenericArgument::AssocType(ty) => Some(kind_of(program, scope, &ty.ty)),
                GenericArgument::Constraint(it) => Some(bounds(program, scope, &it.bounds)),
                _ => None,
            });
            types.collect()
        }
        Some(PathArguments::Parenthesized(function)) => {
            vec![returned(program, scope, &function.output)]
        }
        Some(PathArguments::None) | None => Vec::new(),
    }
}

/// Types through which Rust reaches the methods of what they hold (`Deref`), and traits whose values
/// give one thing that they name.
pub(super) const POINTERS: &[&str] = &[
    "Arc",
    "AsMut",
    "AsRef",
    "Borrow",
    "BorrowMut",
    "Box",
    "Cow",
    "Deref",
    "DerefMut",
    "Into",
    "LazyCell",
    "LazyLock",
    "ManuallyDrop",
    "MutexGuard",
    "OwnedMutexGuard",
    "Pin",
    "Rc",
    "Ref",
    "RefMut",
    "RwLockReadGuard",
    "RwLockWriteGuard",
];

/// Types of the standard library that hold whatever is put into them later.
pub(super) const CONTAINERS: &[&str] = &[
    "Arc",
    "BTreeMap",
    "BTreeSet",
    "BinaryHeap",
    "Box",
    "Cell",
    "HashMap",
    "HashSet",
    "LazyLock",
    "LinkedList",
    "Mutex",
    "OnceCell",
    "OnceLock",
    "Option",
    "Rc",
    "RefCell",
    "Result",
    "RwLock",
    "Vec",
    "VecDeque",
];
