//! Files by name and by reference: the only file that touches the disk.
//!
//! A file that the user names is read from wherever it is. A file that a *document* names, by a
//! `$ref`, is untrusted: it must lie under the reference root after symbolic links are followed.
//! A URL is never fetched.

use std::collections::BTreeMap;
use std::io::{self, Read as _};
use std::path::{Component, Path, PathBuf};

use crate::budget::Budget;
use crate::codes;
use crate::diagnostic::{Diagnostic, Sink};
use crate::file::SourceMap;
use crate::pointer::{Pointer, percent_decode};
use crate::read::read;
use crate::span::{FileId, Span};
use crate::tree::{NodeRef, Tree};

/// Where files come from.
pub trait Files {
    /// Reads a file. More than `limit` bytes need not be read: one byte more is enough to tell.
    fn read(&self, path: &Path, limit: usize) -> io::Result<Vec<u8>>;

    /// The absolute path of an existing file or folder, with all symbolic links followed.
    fn canonical(&self, path: &Path) -> io::Result<PathBuf>;
}

/// The files of the disk.
#[derive(Clone, Copy, Debug, Default)]
pub struct DiskFiles;

/// Files that are held in memory, for programs and tests that have no disk.
#[derive(Clone, Debug, Default)]
pub struct MemoryFiles {
    contents: BTreeMap<PathBuf, Vec<u8>>,
}

/// Reads documents and the files they refer to, each file once.
#[derive(Debug)]
pub struct Loader<F> {
    files: F,
    root: PathBuf,
    budget: Budget,
    sources: SourceMap,
    /// What each canonical path gave; `None` if it gave no tree.
    loaded: BTreeMap<PathBuf, Option<FileId>>,
    documents: BTreeMap<FileId, Document>,
}

#[derive(Debug)]
struct Document {
    path: PathBuf,
    tree: Tree,
}

impl<F: Files> Loader<F> {
    /// Creates a loader whose references stay under the folder `root`.
    ///
    /// An error means that `root` does not exist or cannot be entered.
    pub fn new(files: F, root: &Path, budget: Budget) -> io::Result<Self> {
        let root = if root.as_os_str().is_empty() { Path::new(".") } else { root };
        let root = files.canonical(root)?;
        Ok(Self {
            files,
            root,
            budget,
            sources: SourceMap::default(),
            loaded: BTreeMap::new(),
            documents: BTreeMap::new(),
        })
    }

    /// Creates a loader whose references stay under the folder that holds the file `main`.
    pub fn beside(files: F, main: &Path, budget: Budget) -> io::Result<Self> {
        Self::new(files, main.parent().unwrap_or(Path::new("")), budget)
    }

    /// Reads a file that the user names: the document itself, an overlay, a configuration.
    ///
    /// `None` if there is no tree, which has been reported (`OA0901` if the file cannot be read).
    pub fn open(&mut self, path: &Path, sink: &mut Sink) -> Option<FileId> {
        let name = display_name(path);
        let canonical = self.files.canonical(path);
        if let Some(loaded) = canonical.as_ref().ok().and_then(|path| self.loaded.get(path)) {
            return *loaded;
        }
        let read = canonical.and_then(|canonical| Ok((self.read_bytes(&canonical)?, canonical)));
        match read {
            Ok((bytes, canonical)) => self.add(&name, canonical, &bytes, sink),
            Err(error) => {
                let file = self.sources.add(&*name, "");
                let message = format!("file `{name}` cannot be read: {error}");
                sink.report(
                    Diagnostic::new(&codes::FILE_UNREADABLE, message)
                        .label(Span::new(file, 0, 0), ""),
                );
                None
            }
        }
    }

    /// Reads the file that a reference names. The text of the reference is a URI reference
    /// (RFC 3986 §4.1), whose fragment is not looked at. A reference without a
    /// path names its own file.
    ///
    /// `None` if the file is out of bounds (`OA0102`), does not exist or cannot be read (`OA0101`),
    /// or has no tree; this has been reported at `at`, or at the file if it was read in vain.
    pub fn follow(&mut self, at: &Reference, sink: &mut Sink) -> Option<FileId> {
        let path = at.text.split('#').next().unwrap_or_default();
        if path.is_empty() {
            return Some(at.span.file);
        }
        let canonical = match self.locate(path, at.span.file) {
            Ok(canonical) => canonical,
            Err(Refusal::OutOfBounds(reason)) => {
                sink.report(at.refused(reason));
                return None;
            }
            Err(Refusal::NotThere(error)) => {
                sink.report(at.unresolved(&error));
                return None;
            }
        };
        if let Some(loaded) = self.loaded.get(&canonical) {
            return *loaded;
        }
        match self.read_bytes(&canonical) {
            Ok(bytes) => {
                let name = self.name_beside(at.span.file, path);
                self.add(&name, canonical, &bytes, sink)
            }
            Err(error) => {
                sink.report(at.unresolved(&error));
                None
            }
        }
    }

    /// The tree of a file that was opened or followed.
    pub fn tree(&self, file: FileId) -> Option<&Tree> {
        self.documents.get(&file).map(|document| &document.tree)
    }

    /// The tree of a file, to be patched.
    pub fn tree_mut(&mut self, file: FileId) -> Option<&mut Tree> {
        self.documents.get_mut(&file).map(|document| &mut document.tree)
    }

    /// Takes a tree out of the loader, for instance to read an overlay while another tree changes.
    pub fn take(&mut self, file: FileId) -> Option<Tree> {
        self.documents.remove(&file).map(|document| document.tree)
    }

    /// The texts of all files that were read, for positions and excerpts.
    pub fn sources(&self) -> &SourceMap {
        &self.sources
    }

    /// Ends the loading and keeps the texts.
    pub fn into_sources(self) -> SourceMap {
        self.sources
    }

    fn read_bytes(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.files.read(path, self.budget.bytes)
    }

    fn add(&mut self, name: &str, path: PathBuf, bytes: &[u8], sink: &mut Sink) -> Option<FileId> {
        let read = read(&mut self.sources, name, bytes, &self.budget, sink);
        self.loaded.insert(path.clone(), read.as_ref().map(|(file, _)| *file));
        let (file, tree) = read?;
        self.documents.insert(file, Document { path, tree });
        Some(file)
    }

    /// Finds the canonical path that a reference in `file` names, if it may be read.
    fn locate(&self, reference: &str, file: FileId) -> Result<PathBuf, Refusal> {
        let path = relative_path(reference).map_err(Refusal::OutOfBounds)?;
        let folder = self.documents.get(&file).and_then(|document| document.path.parent());
        let wanted = normalised(&folder.unwrap_or(&self.root).join(path));
        // Looked at before the disk is: whether a file outside exists is nobody's business.
        if !wanted.starts_with(&self.root) {
            return Err(Refusal::OutOfBounds("path leads out of the reference root"));
        }
        let canonical = self.files.canonical(&wanted).map_err(Refusal::NotThere)?;
        if !canonical.starts_with(&self.root) {
            return Err(Refusal::OutOfBounds("symbolic link leads out of the reference root"));
        }
        Ok(canonical)
    }

    /// The name under which the user can find a file that `file` refers to.
    fn name_beside(&self, file: FileId, reference: &str) -> String {
        let folder = Path::new(self.sources.file(file).name()).parent().unwrap_or(Path::new(""));
        display_name(&normalised(&folder.join(percent_decode(reference))))
    }
}

/// A reference and the place where it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The URI reference.
    pub text: Box<str>,
    /// Where it is written; names the file that it is relative to.
    pub span: Span,
    /// The node that holds it.
    pub pointer: Pointer,
}

impl Reference {
    /// The reference that a string node holds; `None` if the node is no string.
    pub fn of(node: NodeRef<'_>) -> Option<Self> {
        let text = node.as_str()?.into();
        Some(Self { text, span: node.span(), pointer: node.pointer() })
    }

    fn refused(&self, reason: &str) -> Diagnostic {
        let message = format!("reference `{}` is not followed: {reason}", self.text);
        Diagnostic::new(&codes::REFERENCE_REFUSED, message)
            .label(self.span, "")
            .at(self.pointer.clone())
            .help("put the file under the reference root, or name a wider one with `--ref-root`")
    }

    fn unresolved(&self, error: &io::Error) -> Diagnostic {
        let message = format!("file of reference `{}` cannot be read: {error}", self.text);
        Diagnostic::new(&codes::REFERENCE_UNRESOLVED, message)
            .label(self.span, "")
            .at(self.pointer.clone())
            .help("the path is relative to the file that holds the reference")
    }
}

impl Files for DiskFiles {
    fn read(&self, path: &Path, limit: usize) -> io::Result<Vec<u8>> {
        let file = std::fs::File::open(path)?;
        let mut bytes = Vec::new();
        let limit = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
        file.take(limit).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn canonical(&self, path: &Path) -> io::Result<PathBuf> {
        path.canonicalize()
    }
}

impl MemoryFiles {
    /// Adds a file. Its path is relative to a folder that contains all files.
    pub fn with(mut self, path: &str, contents: impl Into<Vec<u8>>) -> Self {
        self.contents.insert(normalised(&memory_root().join(path)), contents.into());
        self
    }
}

impl Files for MemoryFiles {
    fn read(&self, path: &Path, _limit: usize) -> io::Result<Vec<u8>> {
        let contents = self.contents.get(path);
        contents.cloned().ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))
    }

    fn canonical(&self, path: &Path) -> io::Result<PathBuf> {
        let path = normalised(&memory_root().join(path));
        if self.contents.keys().any(|known| known.starts_with(&path)) {
            Ok(path)
        } else {
            Err(io::ErrorKind::NotFound.into())
        }
    }
}

fn memory_root() -> PathBuf {
    PathBuf::from(std::path::MAIN_SEPARATOR_STR)
}

enum Refusal {
    OutOfBounds(&'static str),
    NotThere(io::Error),
}

/// The path of a URI reference, decoded; the error is the reason why it is not followed.
fn relative_path(reference: &str) -> Result<PathBuf, &'static str> {
    // RFC 3986 §3.1; also the drive letter of a Windows path.
    let scheme = reference.split_once(':').map(|(scheme, _)| scheme);
    if scheme.is_some_and(|scheme| !scheme.contains('/')) {
        return Err("URLs are never fetched");
    }
    let path = percent_decode(reference);
    if path.starts_with('/') {
        return Err("path is absolute");
    }
    // A folder separator on some machines and part of a name on others.
    if path.contains('\\') {
        return Err("path contains a backslash");
    }
    Ok(PathBuf::from(path))
}

/// Removes `.` and `..` by the text of the path alone; `..` stays where nothing is left to remove.
fn normalised(path: &Path) -> PathBuf {
    let mut result = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir
                if matches!(result.components().next_back(), Some(Component::Normal(_))) =>
            {
                result.pop();
            }
            other => result.push(other),
        }
    }
    result
}

/// The path with forward slashes on every machine.
fn display_name(path: &Path) -> String {
    path.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn loader(files: MemoryFiles, root: &str) -> Loader<MemoryFiles> {
        Loader::new(files, Path::new(root), Budget::DEFAULT).unwrap()
    }

    /// Opens `main`, follows the reference at `/r`, and names the file reached or the code reported.
    fn follow(loader: &mut Loader<MemoryFiles>, main: &str) -> Result<String, &'static str> {
        let mut sink = Sink::default();
        let file = loader.open(Path::new(main), &mut sink).unwrap();
        let node = loader.tree(file).unwrap().root().get("r").unwrap();
        let reference = Reference::of(node).unwrap();
        match loader.follow(&reference, &mut sink) {
            Some(found) => Ok(loader.sources().file(found).name().to_owned()),
            None => Err(sink.diagnostics()[0].code.id),
        }
    }

    #[test]
    fn a_reference_is_relative_to_the_file_that_holds_it() {
        let files = MemoryFiles::default()
            .with("specs/api/main.yaml", "r: '../common/other%20one.yaml#/a'")
            .with("specs/common/other one.yaml", "a: 1");
        let found = follow(&mut loader(files, "specs"), "specs/api/main.yaml");
        assert_eq!(found.as_deref(), Ok("specs/common/other one.yaml"));
    }

    #[test]
    fn a_reference_without_a_path_names_its_own_file() {
        let files = MemoryFiles::default().with("main.yaml", "r: '#/a'");
        assert_eq!(follow(&mut loader(files, ""), "main.yaml").as_deref(), Ok("main.yaml"));
    }

    #[test]
    fn what_leaves_the_root_is_refused() {
        for reference in [
            "/etc/passwd",
            "../../../../etc/passwd",
            "../secret.yaml",
            "%2e%2e/secret.yaml",
            "..%2Fsecret.yaml",
            "a/../../secret.yaml",
            "%2Fetc/passwd",
            "..\\secret.yaml",
            "C:/secret.yaml",
            "file:///etc/passwd",
            "http://127.0.0.1/secret.yaml",
            "https://example.com/secret.yaml#/a",
            "//example.com/secret.yaml",
        ] {
            let files = MemoryFiles::default()
                .with("specs/main.yaml", format!("r: '{reference}'"))
                .with("secret.yaml", "a: 1");
            let refused = follow(&mut loader(files, "specs"), "specs/main.yaml");
            assert_eq!(refused, Err("OA0102"), "{reference}");
        }
    }

    #[test]
    fn a_file_that_does_not_exist_is_reported_at_the_reference() {
        let files = MemoryFiles::default().with("main.yaml", "r: missing.yaml");
        assert_eq!(follow(&mut loader(files, ""), "main.yaml"), Err("OA0101"));
    }

    #[test]
    fn a_file_is_read_once() {
        let files = MemoryFiles::default()
            .with("main.yaml", "r: sub/../other.yaml")
            .with("other.yaml", "r: main.yaml");
        let mut loader = loader(files, "");
        assert_eq!(follow(&mut loader, "main.yaml").as_deref(), Ok("other.yaml"));
        assert_eq!(follow(&mut loader, "other.yaml").as_deref(), Ok("main.yaml"));
        assert_eq!(loader.sources().files().count(), 2);
    }

    #[test]
    fn a_file_the_user_names_that_does_not_exist_is_reported() {
        let files = MemoryFiles::default().with("main.yaml", "");
        let mut sink = Sink::default();
        assert_eq!(loader(files, "").open(Path::new("other.yaml"), &mut sink), None);
        assert_eq!(sink.diagnostics()[0].code.id, "OA0901");
    }
}
