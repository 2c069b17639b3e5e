//! Which files only tests compile: those behind `#[cfg(test)] mod name;`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use syn::{Expr, ExprLit, Item, ItemMod, Lit, Meta};

use super::tests_only::is_test;

/// A file as far as its modules are concerned.
pub(super) struct File<'f> {
    pub(super) path: &'f Path,
    pub(super) items: &'f [Item],
    /// True if the file itself says that it is for tests: `#![cfg(test)]`.
    pub(super) is_test: bool,
}

/// The files, by their index, that no other compilation than that of tests reaches. A file that no
/// other one declares is taken for the root of a crate. One that several declare is program code if
/// one of them says so.
pub(super) fn only_tests(files: &[File<'_>]) -> BTreeSet<usize> {
    let mut declared: Vec<(usize, usize, bool)> = Vec::new();
    for (from, file) in files.iter().enumerate() {
        let mut modules = Vec::new();
        collect(file.items, &folder_of_modules(file), file.path, false, &mut modules);
        for module in modules {
            let to = files.iter().position(|file| module.paths.iter().any(|it| it == file.path));
            declared.extend(to.map(|to| (from, to, module.is_test)));
        }
    }
    let is_root = |index: &usize| !declared.iter().any(|(_, to, _)| to == index);
    let mut program: BTreeSet<usize> = (0..files.len()).filter(is_root).collect();
    program.retain(|index| files.get(*index).is_some_and(|file| !file.is_test));
    loop {
        let reached = declared.iter().filter(|(from, to, is_test)| {
            let itself = files.get(*to).is_some_and(|file| file.is_test);
            !is_test && !itself && program.contains(from) && !program.contains(to)
        });
        let reached: Vec<usize> = reached.map(|(_, to, _)| *to).collect();
        if reached.is_empty() {
            break;
        }
        program.extend(reached);
    }
    (0..files.len()).filter(|index| !program.contains(index)).collect()
}

/// A module that stands in a file of its own.
struct Module {
    /// Where the file may be.
    paths: Vec<PathBuf>,
    is_test: bool,
}

fn collect(items: &[Item], folder: &Path, file: &Path, in_tests: bool, found: &mut Vec<Module>) {
    for item in items {
        let Item::Mod(module) = item else { continue };
        let is_test = in_tests || is_test(&module.attrs);
        let name = syn::ext::IdentExt::unraw(&module.ident).to_string();
        let path = stated_path(module);
        match (&module.content, path) {
            (Some((_, items)), path) => {
                let folder = folder.join(path.unwrap_or(name));
                collect(items, &folder, file, is_test, found);
            }
            // Below the folder of the file, whatever the name of the file (The Rust Reference, The
            // `path` attribute).
            (None, Some(path)) => {
                let paths = file.parent().map(|folder| folder.join(path)).into_iter().collect();
                found.push(Module { paths, is_test });
            }
            (None, None) => {
                let paths =
                    vec![folder.join(format!("{name}.rs")), folder.join(name).join("mod.rs")];
                found.push(Module { paths, is_test });
            }
        }
    }
}

/// The folder in which the modules of a file are: its own for the root of a crate and for `mod.rs`,
/// else the one beside it that has its name (The Rust Reference, Module source filenames).
fn folder_of_modules(file: &File<'_>) -> PathBuf {
    let name = file.path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    // A root has whatever name its manifest gives it, but a program has its `main`.
    let main = |item: &Item| matches!(item, Item::Fn(item) if item.sig.ident == "main");
    let is_root = matches!(name, "main.rs" | "lib.rs" | "mod.rs") || file.items.iter().any(main);
    if is_root {
        file.path.parent().map(Path::to_path_buf).unwrap_or_default()
    } else {
        file.path.with_extension("")
    }
}

/// `#[path = "…"]`.
fn stated_path(module: &ItemMod) -> Option<String> {
    module.attrs.iter().find_map(|attribute| match &attribute.meta {
        Meta::NameValue(pair) if pair.path.is_ident("path") => match &pair.value {
            Expr::Lit(ExprLit { lit: Lit::Str(path), .. }) => Some(path.value()),
            _ => None,
        },
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The files that only tests compile.
    fn only_tests_of(files: &[(&str, &str)]) -> Vec<String> {
        let parsed: Vec<(&Path, syn::File)> = files
            .iter()
            .map(|(path, text)| (Path::new(*path), syn::parse_file(text).unwrap()))
            .collect();
        let files: Vec<File<'_>> = parsed
            .iter()
            .map(|(path, file)| File { path, items: &file.items, is_test: is_test(&file.attrs) })
            .collect();
        let path = |index: usize| files[index].path.display().to_string();
        only_tests(&files).into_iter().map(path).collect()
    }

    #[test]
    fn a_file_behind_a_test_module_is_one_wherever_it_may_stand() {
        let files = [
            ("src/lib.rs", "#[cfg(test)] mod a; #[cfg(test)] mod b; mod c;"),
            ("src/a.rs", ""),
            ("src/b/mod.rs", ""),
            ("src/c.rs", "#[cfg(test)] mod a; mod inner { #[cfg(test)] mod d; }"),
            ("src/c/a.rs", ""),
            ("src/c/inner/d.rs", ""),
        ];
        let expected = ["src/a.rs", "src/b/mod.rs", "src/c/a.rs", "src/c/inner/d.rs"];
        assert_eq!(only_tests_of(&files), expected);
    }

    #[test]
    fn what_a_test_module_declares_is_for_tests_too() {
        let files = [
            ("src/main.rs", "#[cfg(test)] mod a;"),
            ("src/a.rs", "mod b;"),
            ("src/a/b.rs", "mod c;"),
            ("src/a/b/c.rs", ""),
        ];
        assert_eq!(only_tests_of(&files), ["src/a.rs", "src/a/b.rs", "src/a/b/c.rs"]);
    }

    #[test]
    fn a_file_that_the_program_declares_as_well_belongs_to_the_program() {
        let files =
            [("src/lib.rs", "#[cfg(test)] mod a;"), ("src/main.rs", "mod a;"), ("src/a.rs", "")];
        assert_eq!(only_tests_of(&files), [""; 0]);
    }

    #[test]
    fn a_program_beside_others_has_its_modules_in_its_own_folder() {
        let files = [("src/bin/a.rs", "#[cfg(test)] mod b; fn main() {}"), ("src/bin/b.rs", "")];
        assert_eq!(only_tests_of(&files), ["src/bin/b.rs"]);
    }

    #[test]
    fn a_module_may_say_where_its_file_is() {
        let files = [
            ("src/lib.rs", "mod a;"),
            ("src/a.rs", "#[cfg(test)] #[path = \"of_a.rs\"] mod tests;"),
            ("src/of_a.rs", ""),
        ];
        assert_eq!(only_tests_of(&files), ["src/of_a.rs"]);
    }

    #[test]
    fn a_file_may_say_itself_that_it_is_for_tests() {
        let files = [("src/lib.rs", "mod a;"), ("src/a.rs", "#![cfg(test)]")];
        assert_eq!(only_tests_of(&files), ["src/a.rs"]);
    }
}
