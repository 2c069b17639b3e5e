//! `cargo xtask spec pull`: a newer document of the same API version.

mod edit;

use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, ensure};
use specwright_cli::command::report;
use specwright_cli::config::Config;
use specwright_cli::exit::Exit;
use specwright_cli::output::disk::RealDisk;
use specwright_cli::output::{FileSet, Mode, NewFile, Replace, sync};
use specwright_cli::pipeline::is_broken;
use specwright_cli::project::Project;
use specwright_source::overlay::{ActionReport, Overlay};
use specwright_source::{Budget, Diagnostic, DiskFiles, FileId, Loader, Sink, Span, codes};

use crate::regen::projects;
use edit::Edit;

/// What is done about overlay actions that match nothing in the new document.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stale {
    /// Print them.
    List,
    /// Print them and remove them.
    Prune,
}

/// Replaces the document of a project of the repository whose root is the current folder.
pub(crate) fn pull(name: &str, file: &Path, stale: Stale) -> anyhow::Result<ExitCode> {
    let projects = projects(Some(name))?;
    let project = projects.first().context("no such project")?;
    let mut lines = Vec::new();
    let exit = replace(project, file, stale, &mut lines)?;
    for line in lines {
        writeln!(io::stdout(), "{line}")?;
    }
    Ok(exit.into())
}

/// Replaces the document, and pushes a line for each action that matches nothing.
fn replace(
    project: &Project,
    file: &Path,
    stale: Stale,
    lines: &mut Vec<String>,
) -> anyhow::Result<Exit> {
    let mut stderr = io::stderr();
    let mut loader = Loader::beside(DiskFiles, file, Budget::DEFAULT)
        .with_context(|| format!("cannot enter the folder of {}", file.display()))?;
    let mut sink = Sink::default();
    let Some(pulled) = Pulled::read(&mut loader, project, file, &mut sink) else {
        report(loader.sources(), &sink)?;
        writeln!(stderr, "error: nothing was changed")?;
        return Ok(Exit::Input);
    };
    for overlay in &pulled.overlays {
        for (place, query) in &overlay.stale {
            let at = loader.sources().position(*place);
            let name = loader.sources().file(overlay.file).name();
            lines.push(format!("{name}:{}:{}: {query}", at.line, at.column));
        }
    }
    let set = pulled.files(&loader, &project.folder(), file, stale)?;
    let changes = match sync(&RealDisk, &[set], Mode::Write) {
        Ok(changes) => changes,
        Err(error) => {
            writeln!(stderr, "error: {error}")?;
            return Ok(Exit::Output);
        }
    };
    writeln!(stderr, "changed files: {}", changes.len())?;
    if !lines.is_empty() {
        let done = match stale {
            Stale::Prune => "removed",
            Stale::List => "`--prune` removes them",
        };
        let count = lines.len();
        writeln!(stderr, "overlay actions that match nothing any more: {count}; {done}")?;
    }
    writeln!(stderr, "next: cargo xtask regen {}", project.name())?;
    Ok(Exit::Done)
}

/// A new document and how the configured overlays fit it.
struct Pulled {
    document: FileId,
    config: Config,
    config_file: FileId,
    overlays: Vec<Tried>,
}

/// An overlay after it was tried on the new document.
struct Tried {
    file: FileId,
    /// Place in the configuration's list.
    index: usize,
    /// The actions that match nothing: where and what they look for.
    stale: Vec<(Span, String)>,
    /// Their places in the list of actions.
    actions: Vec<usize>,
}

impl Pulled {
    /// Reads everything and changes nothing. `None` if something cannot be read.
    fn read(
        loader: &mut Loader<DiskFiles>,
        project: &Project,
        file: &Path,
        sink: &mut Sink,
    ) -> Option<Self> {
        let document = document(loader, file, sink)?;
        let config_path = project.folder().join("api.yaml");
        let config = Config::load(loader, &config_path, sink)?;
        let config_file = loader.open(&config_path, sink)?;
        let mut overlays = Vec::new();
        for (index, name) in config.overlays.iter().enumerate() {
            let file = loader.open(&project.folder().join(name), sink)?;
            let overlay = Overlay::read(loader.tree(file)?.root(), sink)?;
            let mut found = Sink::default();
            let applied = overlay.apply(loader.tree_mut(document)?, &mut found);
            // An optional action may match nothing, so what the overlay reports decides.
            let is_stale = |action: &&ActionReport| {
                let unmatched = found.diagnostics().iter();
                unmatched.filter(|found| found.code == &codes::OVERLAY_NO_MATCH).any(|found| {
                    found.labels.first().is_some_and(|label| label.span == action.span)
                })
            };
            let stale = applied.actions.iter().filter(is_stale);
            let (actions, stale) =
                stale.map(|action| (action.index, (action.span, action.target.clone()))).unzip();
            overlays.push(Tried { file, index, stale, actions });
        }
        Some(Self { document, config, config_file, overlays })
    }

    /// The files of the folder as they shall be.
    fn files(
        &self,
        loader: &Loader<DiskFiles>,
        folder: &Path,
        file: &Path,
        stale: Stale,
    ) -> anyhow::Result<FileSet> {
        let mut set = FileSet {
            root: folder.to_owned(),
            files: BTreeMap::new(),
            gone: Vec::new(),
            sweep: None,
        };
        let mut write = |path: &str, text: String| {
            set.files.insert(path.to_owned(), NewFile { text, replace: Replace::Known });
        };
        let text = |file: FileId| loader.sources().file(file).text();
        let mut config = Edit::new(text(self.config_file));
        let config_root = loader.tree(self.config_file).context("api.yaml has no tree")?.root();

        let name = target_name(&self.config.document, file);
        write(&name, text(self.document).to_owned());
        if let Some(member) = config_root.get("document").filter(|_| name != self.config.document) {
            config.replace(member, &name);
            set.gone.push(self.config.document.clone());
        }
        let mut unlisted = Vec::new();
        let stale_ones = self.overlays.iter().filter(|overlay| !overlay.actions.is_empty());
        for overlay in stale_ones.filter(|_| stale == Stale::Prune) {
            let path = self.config.overlays.get(overlay.index).context("no such overlay")?;
            let root = loader.tree(overlay.file).context("the overlay has no tree")?.root();
            let actions = root.get("actions").context("the overlay has no actions")?;
            if actions.items().len() == overlay.actions.len() {
                set.gone.push(path.clone());
                unlisted.push(overlay.index);
                continue;
            }
            let mut edit = Edit::new(text(overlay.file));
            let cut = edit.remove_items(actions, &overlay.actions).then(|| edit.finish()).flatten();
            let by_hand = || format!("{path}: remove the actions by hand; nothing was changed");
            let (pruned, _) = cut.with_context(by_hand)?;
            write(path, pruned);
        }
        if let Some(list) = config_root.get("overlays").filter(|_| !unlisted.is_empty()) {
            let by_hand = "api.yaml: remove the overlays by hand; nothing was changed";
            ensure!(config.remove_items(list, &unlisted), by_hand);
        }
        let (text, _) =
            config.finish().context("api.yaml cannot be changed; nothing was changed")?;
        write("api.yaml", text);
        Ok(set)
    }
}

/// The new document, if the whole of it can be read as OpenAPI. A text that breaks off, as a
/// download may, is not taken although the generator could make something of it.
fn document(loader: &mut Loader<DiskFiles>, file: &Path, sink: &mut Sink) -> Option<FileId> {
    let document = loader.open(file, sink)?;
    if is_broken(sink) {
        return None;
    }
    let root = loader.tree(document)?.root();
    if root.get("openapi").is_none() {
        sink.report(
            Diagnostic::new(&codes::VERSION, "this is no OpenAPI document")
                .label(root.span(), "has no member `openapi`"),
        );
        return None;
    }
    Some(document)
}

/// The document keeps its name unless the language has changed: the name tells it.
fn target_name(old: &str, file: &Path) -> String {
    let is_json = |path: &Path| path.extension().is_some_and(|extension| extension == "json");
    match (is_json(Path::new(old)), is_json(file)) {
        (false, true) => Path::new(old).with_extension("json").to_string_lossy().into_owned(),
        (true, false) => Path::new(old).with_extension("yaml").to_string_lossy().into_owned(),
        (true, true) | (false, false) => old.to_owned(),
    }
}

#[cfg(test)]
mod tests;
