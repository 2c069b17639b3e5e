//! From a path as it is written to what it names.

use std::collections::BTreeMap;

use syn::ext::IdentExt as _;
use syn::{Item, UseTree};

use super::program::{Program, Shared};

/// The names that the `use` items of one module or block bring in.
#[derive(Clone, Debug, Default)]
pub(super) struct Imports {
    names: BTreeMap<String, Vec<String>>,
    globs: Vec<Vec<String>>,
}

/// What a path names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// An item of the client's crate, by its path there.
    Client(Vec<String>),
    /// An item of the program, by the names that lead on from the last known module.
    Own(Vec<String>),
    /// An item of `std`, `core` or `alloc`, or of the prelude.
    Std(Vec<String>),
    /// An item of a crate that cannot have anything of the client's.
    Foreign(Vec<String>),
    /// Nothing that is known.
    Unknown(Vec<String>),
}

impl Imports {
    pub(super) fn of<'i>(items: impl IntoIterator<Item = &'i Item>) -> Self {
        let mut imports = Self::default();
        for item in items {
            match item {
                Item::Use(item) => imports.add(&item.tree, &mut Vec::new()),
                Item::ExternCrate(item) => {
                    let name = item.ident.unraw().to_string();
                    let alias = item.rename.as_ref().map(|(_, alias)| alias.unraw().to_string());
                    imports.names.insert(alias.unwrap_or_else(|| name.clone()), vec![name]);
                }
                _ => {}
            }
        }
        imports
    }

    /// Every name with the path that it stands for, as written.
    pub(super) fn names(&self) -> impl Iterator<Item = (&String, &Vec<String>)> {
        self.names.iter()
    }

    /// The paths of which everything is brought in.
    pub(super) fn globs(&self) -> impl Iterator<Item = &Vec<String>> {
        self.globs.iter()
    }

    fn add(&mut self, tree: &UseTree, prefix: &mut Vec<String>) {
        match tree {
            UseTree::Path(path) => {
                prefix.push(path.ident.unraw().to_string());
                self.add(&path.tree, prefix);
                prefix.pop();
            }
            UseTree::Name(name) => self.name(&name.ident.unraw().to_string(), None, prefix),
            UseTree::Rename(name) => {
                let alias = name.rename.unraw().to_string();
                self.name(&name.ident.unraw().to_string(), Some(alias), prefix);
            }
            UseTree::Glob(_) => self.globs.push(prefix.clone()),
            UseTree::Group(group) => {
                for tree in &group.items {
                    self.add(tree, prefix);
                }
            }
        }
    }

    fn name(&mut self, name: &str, alias: Option<String>, prefix: &[String]) {
        let mut path = prefix.to_vec();
        // `a::{self}` is `a`.
        if name != "self" {
            path.push(name.to_owned());
        }
        if let Some(name) = alias.or_else(|| path.last().cloned()) {
            self.names.insert(name, path);
        }
    }
}

/// What a path names where these imports hold, the innermost last.
pub(super) fn resolve(program: &Program<'_>, imports: &[Imports], path: &[String]) -> Target {
    let (path, imported) = expand(imports, path);
    let Some((first, rest)) = path.split_first() else { return Target::Unknown(path) };
    if program.crates.is_client(first) {
        return Target::Client(rest.to_vec());
    }
    if matches!(first.as_str(), "std" | "core" | "alloc") {
        return Target::Std(rest.to_vec());
    }
    if is_inside(program, first) {
        return within(program, &path);
    }
    if imported {
        return foreign(program, path);
    }
    if let Some(target) = through_globs(program, imports, &path) {
        return target;
    }
    if program.declares(first) {
        return within(program, &path);
    }
    if PRELUDE.contains(&first.as_str()) {
        return Target::Std(path);
    }
    // One name alone is a crate only in `use`; else a macro made it.
    if path.len() == 1 { Target::Unknown(path) } else { foreign(program, path) }
}

/// The path with what its first name was imported as in place of that name; true if it was.
fn expand(imports: &[Imports], path: &[String]) -> (Vec<String>, bool) {
    let mut path = path.to_vec();
    let mut followed: Vec<String> = Vec::new();
    // An import may begin with another one; `use foo::foo` would lead in a circle.
    while let Some(first) = path.first().filter(|first| !followed.contains(first)).cloned() {
        let imported = imports.iter().rev().find_map(|imports| imports.names.get(&first));
        let Some(imported) = imported else { break };
        followed.push(first);
        path.splice(..1, imported.iter().cloned());
    }
    (path, !followed.is_empty())
}

fn is_inside(program: &Program<'_>, first: &str) -> bool {
    matches!(first, "crate" | "self" | "super") || program.crates.is_own(first)
}

fn foreign(program: &Program<'_>, path: Vec<String>) -> Target {
    let may = path.first().is_none_or(|first| program.crates.may_hand_on(first));
    // `use module::Name` of the program, without `crate` or `self` before it.
    match path.first() {
        Some(first) if program.declares(first) => within(program, &path),
        _ if may => Target::Unknown(path),
        _ => Target::Foreign(path),
    }
}

/// A path inside the program. A name by which some module hands on a part of the client leads there;
/// modules are not told apart by more than their names.
fn within(program: &Program<'_>, path: &[String]) -> Target {
    for (index, name) in path.iter().enumerate() {
        let rest = path.iter().skip(index + 1).cloned();
        match program.shared(name) {
            Shared::Path(shared) => {
                return Target::Client(shared.into_iter().chain(rest).collect());
            }
            Shared::Several => return Target::Unknown(path.to_vec()),
            Shared::Not => {}
        }
    }
    let known = path.iter().position(|name| program.is_type(name));
    let start = known.unwrap_or(path.len().saturating_sub(1));
    Target::Own(path.iter().skip(start).cloned().collect())
}

/// A name that a glob brings in.
fn through_globs(program: &Program<'_>, imports: &[Imports], path: &[String]) -> Option<Target> {
    let (first, rest) = path.split_first()?;
    for glob in imports.iter().rev().flat_map(|imports| &imports.globs) {
        let (glob, _) = expand(imports, glob);
        let Some((root, module)) = glob.split_first() else { continue };
        let target = if program.crates.is_client(root) {
            Target::Client(module.to_vec())
        } else if is_inside(program, root) || program.declares(root) {
            within(program, &glob)
        } else {
            continue;
        };
        if let Target::Client(mut module) = target {
            if program.surface.has(&module, first) {
                module.extend(path.iter().cloned());
                return Some(Target::Client(module));
            }
        } else if let Shared::Path(shared) = program.shared(first) {
            return Some(Target::Client(shared.into_iter().chain(rest.iter().cloned()).collect()));
        }
    }
    None
}

/// The segments of a path without their arguments.
pub(super) fn segments(path: &syn::Path) -> Vec<String> {
    path.segments.iter().map(|segment| segment.ident.unraw().to_string()).collect()
}

/// The prelude of edition 2024 (The Rust Reference, Preludes) and the primitive types, as far as they
/// are written where a type or a constructor stands.
const PRELUDE: &[&str] = &[
    "AsMut",
    "AsRef",
    "Box",
    "Clone",
    "Copy",
    "Default",
    "Drop",
    "Err",
    "Fn",
    "FnMut",
    "FnOnce",
    "From",
    "Future",
    "Into",
    "IntoFuture",
    "IntoIterator",
    "Iterator",
    "None",
    "Ok",
    "Option",
    "Result",
    "Some",
    "String",
    "ToOwned",
    "ToString",
    "TryFrom",
    "TryInto",
    "Vec",
    "bool",
    "char",
    "drop",
    "f32",
    "f64",
    "i128",
    "i16",
    "i32",
    "i64",
    "i8",
    "isize",
    "str",
    "u128",
    "u16",
    "u32",
    "u64",
    "u8",
    "usize",
];
