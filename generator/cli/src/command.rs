//! The command line: what was asked for, and what is said about it.
//!
//! Data goes to stdout and words go to stderr. Diagnostics are data for `lint`, which is asked for
//! nothing else, and wherever a format for programs was asked for.

mod arguments;
mod progress;
mod scopes;
mod why;

use std::io::{self, Write as _};
use std::path::Path;

use clap::Parser as _;
use specwright_ir::Api;
use specwright_ir::lock::Lock;
use specwright_rust::Settings;
use specwright_source::{Budget, Diagnostic, DiskFiles, Loader, Sink, SourceMap, codes};

use crate::exit::Exit;
use crate::output::disk::RealDisk;
use crate::output::{Change, Mode, sync};
use crate::pipeline::{self, Input, Reading};
use crate::project::{self, LOCK};
use crate::render::{Color, Format, render, tally};
use crate::specs::Specs;
use crate::{explain, second_opinion};

use arguments::{Arguments, Document, Generate, Verb};
use progress::Progress;

/// Runs the command with the arguments of this process.
pub fn run() -> Exit {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Nothing is left to tell if the stream is closed.
            let _ = error.print();
            return if error.use_stderr() { Exit::Usage } else { Exit::Done };
        }
    };
    // A reader that has seen enough, for instance `head`, closes the pipe; the work is done.
    verb(arguments.verb).unwrap_or(Exit::Done)
}

fn verb(verb: Verb) -> io::Result<Exit> {
    match verb {
        Verb::Generate(arguments) => generate(&arguments, Mode::Write),
        Verb::Check(arguments) => generate(&arguments, Mode::Check),
        Verb::Lint { document, format } => lint(&document, format),
        Verb::Explain { code } => explain(&code),
        Verb::Scopes { specs, program } => scopes::run(&specs, &program),
        Verb::Why { specs, item } => why::run(&specs, &item),
        Verb::Ir { document } => show(&document, |reading, sink| {
            let api = pipeline::understand(&reading.document, &Lock::default(), sink);
            specwright_ir::dump(&api)
        }),
        Verb::Effective { document } => show(&document, |reading, _| reading.effective),
    }
}

fn generate(arguments: &Generate, mode: Mode) -> io::Result<Exit> {
    let Some(mut session) = Session::open(&arguments.document, arguments.format)? else {
        return Ok(Exit::Input);
    };
    let progress = Progress::start(&arguments.document.file);
    let sets = session.client(arguments);
    drop(progress);
    session.report(Use::Generate)?;
    let Some(sets) = sets else {
        return Ok(Exit::Input);
    };
    let changes = match sync(&RealDisk, &sets, mode) {
        Ok(changes) => changes,
        Err(error) => {
            writeln!(io::stderr(), "error: {error}")?;
            return Ok(Exit::Output);
        }
    };
    let out = arguments.out.display();
    match mode {
        Mode::Write => {
            let all: usize = sets.iter().map(|set| set.files.len()).sum();
            writeln!(io::stderr(), "{all} files in {out}, {} changed", changes.len())?;
        }
        Mode::Check if changes.is_empty() => writeln!(io::stderr(), "{out} is fresh")?,
        Mode::Check => {
            stale(&changes, &arguments::as_generate(std::env::args()))?;
            return Ok(Exit::Stale);
        }
    }
    let cross_checked = arguments.cross_check || arguments.cross_check_allow.is_some();
    let differs = |found: &Diagnostic| {
        found.code == &codes::SECOND_OPINION || found.code == &codes::SECOND_OPINION_UNUSED
    };
    let differs = session.sink.diagnostics().iter().any(differs);
    Ok(if cross_checked && differs { Exit::Findings } else { Exit::Done })
}

/// Says what is not fresh and how to mend it.
pub fn stale(changes: &[Change], command: &str) -> io::Result<()> {
    let mut stderr = io::stderr().lock();
    for change in changes.iter().take(CHANGES_SHOWN) {
        write!(stderr, "{}", change.difference())?;
    }
    if changes.len() > CHANGES_SHOWN {
        writeln!(stderr, "… and {} more files", changes.len() - CHANGES_SHOWN)?;
    }
    writeln!(stderr, "error: what is on the disk is not what would be generated; run\n  {command}")
}

/// Writes diagnostics and their number to stderr, as people read them.
pub fn report(sources: &SourceMap, sink: &Sink) -> io::Result<()> {
    let mut stderr = io::stderr().lock();
    write!(stderr, "{}", render(sources, sink, Format::Text, color(&stderr)))?;
    match tally(sink) {
        Some(tally) => writeln!(stderr, "{tally}"),
        None => Ok(()),
    }
}

fn lint(document: &Document, format: Format) -> io::Result<Exit> {
    let Some(mut session) = Session::open(document, format)? else {
        return Ok(Exit::Input);
    };
    let progress = Progress::start(&document.file);
    let reading = session.read(document);
    if let Some(reading) = &reading {
        pipeline::understand(&reading.document, &Lock::default(), &mut session.sink);
    }
    drop(progress);
    session.report(Use::Lint)?;
    Ok(match reading {
        None => Exit::Input,
        Some(_) if session.sink.has_errors() => Exit::Findings,
        Some(_) => Exit::Done,
    })
}

/// Prints something that a document turns into.
fn show(document: &Document, view: impl FnOnce(Reading, &mut Sink) -> String) -> io::Result<Exit> {
    let Some(mut session) = Session::open(document, Format::Text)? else {
        return Ok(Exit::Input);
    };
    let progress = Progress::start(&document.file);
    let text = session.read(document).map(|reading| view(reading, &mut session.sink));
    drop(progress);
    session.report(Use::Generate)?;
    let Some(text) = text else {
        return Ok(Exit::Input);
    };
    io::stdout().lock().write_all(text.as_bytes())?;
    Ok(Exit::Done)
}

fn explain(code: &str) -> io::Result<Exit> {
    if let Some(page) = explain::page(code) {
        io::stdout().lock().write_all(page.as_bytes())?;
        return Ok(Exit::Done);
    }
    writeln!(io::stderr(), "error: there is no code `{code}`; codes look like OA0205")?;
    Ok(Exit::Usage)
}

/// Reads a folder of specs for a question about it, with the files that its places are in. What is
/// wrong in it is said only if that leaves no answer: `regen` says the rest.
fn understand(folder: &Path) -> io::Result<Option<(Specs, Loader<DiskFiles>)>> {
    let mut loader = match Specs::loader(folder) {
        Ok(loader) => loader,
        Err(error) => {
            let folder = folder.display();
            writeln!(io::stderr(), "error: cannot enter the folder `{folder}`: {error}")?;
            return Ok(None);
        }
    };
    let mut sink = Sink::default();
    let specs = Specs::read(&mut loader, folder, &mut sink);
    if specs.is_none() {
        report(loader.sources(), &sink)?;
    }
    Ok(specs.map(|specs| (specs, loader)))
}

/// One run over one document.
struct Session {
    loader: Loader<DiskFiles>,
    sink: Sink,
    format: Format,
}

/// What diagnostics are to a command.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Use {
    /// Words beside the data, unless a program reads them.
    Generate,
    /// The data.
    Lint,
}

impl Session {
    /// `None` if the reference root cannot be entered, which has been said.
    fn open(document: &Document, format: Format) -> io::Result<Option<Self>> {
        let loader = match &document.ref_root {
            Some(root) => Loader::new(DiskFiles, root, Budget::DEFAULT),
            None => Loader::beside(DiskFiles, &document.file, Budget::DEFAULT),
        };
        match loader {
            Ok(loader) => Ok(Some(Self { loader, sink: Sink::default(), format })),
            Err(error) => {
                let beside = document.file.parent().unwrap_or(Path::new(""));
                let root = document.ref_root.as_deref().unwrap_or(beside).display();
                writeln!(io::stderr(), "error: cannot enter the folder `{root}`: {error}")?;
                Ok(None)
            }
        }
    }

    fn read(&mut self, document: &Document) -> Option<Reading> {
        let input = Input { document: &document.file, overlays: &document.overlay };
        pipeline::read(&mut self.loader, input, &mut self.sink)
    }

    /// The crate and its lock, in memory.
    fn client(&mut self, arguments: &Generate) -> Option<Vec<crate::output::FileSet>> {
        let lock = project::load_lock(&arguments.out.join(LOCK), &mut self.sink)?;
        let reading = self.read(&arguments.document)?;
        let api = pipeline::understand(&reading.document, &lock, &mut self.sink);
        self.cross_check(arguments, &reading, &api)?;
        let settings = settings(arguments, &api);
        let client = pipeline::write(&api, &settings, lock, &mut self.sink);
        let lock = project::single(arguments.out.clone(), LOCK, client.lock.to_text());
        Some(vec![project::crate_set(arguments.out.clone(), client), lock])
    }

    fn cross_check(&mut self, arguments: &Generate, reading: &Reading, api: &Api) -> Option<()> {
        let allowed = match &arguments.cross_check_allow {
            Some(path) => second_opinion::allowed(&mut self.loader, path, &mut self.sink)?,
            None if arguments.cross_check => Vec::new(),
            None => return Some(()),
        };
        second_opinion::compare(reading, api, &allowed, &mut self.sink);
        Some(())
    }

    fn report(&self, purpose: Use) -> io::Result<()> {
        let sources = self.loader.sources();
        if self.format == Format::Text && purpose == Use::Generate {
            return report(sources, &self.sink);
        }
        let mut stdout = io::stdout().lock();
        let color = color(&stdout);
        stdout.write_all(render(sources, &self.sink, self.format, color).as_bytes())?;
        match tally(&self.sink) {
            Some(tally) => writeln!(io::stderr(), "{tally}"),
            None => Ok(()),
        }
    }
}

fn settings(arguments: &Generate, api: &Api) -> Settings {
    let package = arguments.package.clone().unwrap_or_else(|| arguments::package_of(&api.title));
    Settings {
        library: package.replace('-', "_"),
        package,
        title: api.title.clone(),
        runtime: arguments.runtime.clone().into(),
        command: "specwright generate".to_owned(),
        repository: None,
        feature_threshold: Settings::FEATURE_THRESHOLD,
    }
}

/// Colors for a terminal, unless its user wants none (<https://no-color.org>).
fn color(stream: &impl io::IsTerminal) -> Color {
    let unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    if stream.is_terminal() && !unwanted { Color::Styled } else { Color::Plain }
}

/// Files whose difference is shown: the first ones say what happened.
const CHANGES_SHOWN: usize = 10;
