//! The Rust files of a program.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::tests_only::{is_test, take_out};
use super::{Doubt, Place, modules};

/// The files below a folder, sorted by name.
#[derive(Default)]
pub(super) struct Sources {
    pub(super) files: Vec<Source>,
    /// `Cargo.toml` files on the way, sorted.
    pub(super) manifests: Vec<PathBuf>,
    /// Files that are no Rust.
    pub(super) broken: Vec<(Place, Doubt)>,
}

/// A file that was read.
pub(super) struct Source {
    /// The path as the caller can find it, with `/` between its parts.
    pub(super) name: String,
    /// What it says without what only tests compile; empty if it is no Rust.
    pub(super) items: Vec<syn::Item>,
}

/// A file with what is known of it before all are read.
struct Read {
    path: PathBuf,
    name: String,
    content: Result<syn::File, syn::Error>,
}

impl Sources {
    pub(super) fn read(folder: &Path) -> io::Result<Self> {
        let mut sources = Self::default();
        let mut paths = Vec::new();
        collect(folder, &mut paths, &mut sources.manifests)?;
        let read = paths.into_iter().map(read).collect::<io::Result<Vec<Read>>>()?;
        if read.is_empty() {
            return Err(io::Error::new(io::ErrorKind::NotFound, "there is no .rs file"));
        }
        let only_tests = only_tests(&read);
        for (file, read) in read.into_iter().enumerate() {
            let items = match read.content {
                _ if only_tests.contains(&file) => Vec::new(),
                Ok(mut content) => {
                    take_out(&mut content);
                    content.items
                }
                Err(error) => {
                    let place = place(file, error.span());
                    sources.broken.push((place, Doubt::File(error.to_string())));
                    Vec::new()
                }
            };
            sources.files.push(Source { name: read.name, items });
        }
        Ok(sources)
    }
}

fn read(path: PathBuf) -> io::Result<Read> {
    let name = path.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/");
    let bytes = fs::read(&path)
        .map_err(|error| io::Error::new(error.kind(), format!("{name}: {error}")))?;
    let content = syn::parse_file(&String::from_utf8_lossy(&bytes));
    Ok(Read { path, name, content })
}

fn only_tests(read: &[Read]) -> BTreeSet<usize> {
    let files = read.iter().map(|read| match &read.content {
        Ok(file) => {
            modules::File { path: &read.path, items: &file.items, is_test: is_test(&file.attrs) }
        }
        Err(_) => modules::File { path: &read.path, items: &[], is_test: false },
    });
    modules::only_tests(&files.collect::<Vec<_>>())
}

/// The place of a token of a file.
pub(super) fn place(file: usize, span: proc_macro2::Span) -> Place {
    let start = span.start();
    Place { file, line: start.line, column: start.column + 1 }
}

/// Files below a folder, sorted. Left out: what is hidden, what Cargo builds, and the tests and
/// benchmarks of a package. Links are not followed: one could lead in a circle.
fn collect(
    folder: &Path,
    sources: &mut Vec<PathBuf>,
    manifests: &mut Vec<PathBuf>,
) -> io::Result<()> {
    let mut entries = fs::read_dir(folder)?.collect::<io::Result<Vec<_>>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    let is_package = folder.join("Cargo.toml").is_file();
    for entry in entries {
        let (path, kind) = (entry.path(), entry.file_type()?);
        let name = entry.file_name().to_string_lossy().into_owned();
        let left_out = name.starts_with('.')
            || name == "target"
            || is_package && (name == "tests" || name == "benches");
        if kind.is_dir() && !left_out {
            collect(&path, sources, manifests)?;
        } else if kind.is_file() && name == "Cargo.toml" {
            manifests.push(path);
        } else if kind.is_file() && path.extension().is_some_and(|extension| extension == "rs") {
            sources.push(path);
        }
    }
    Ok(())
}
