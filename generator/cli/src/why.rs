//! What a thing is, where it comes from, and why it is called what it is: `specwright why`.
//!
//! Input: a folder of specs that was understood, and what a user calls something: a JSON Pointer, an
//! operation (`GET /contacts`), an `operationId`, or a path of Rust as it is written in a program.
//! Output: text, one fact a line. Nothing is decided here; what was decided is looked up in the
//! document, the overlays, the lock and the guesses.

mod catalog;
mod guesses;
mod naming;
mod place;

use std::fmt::Write as _;

use specwright_ir::lock::Lock;
use specwright_source::{DiskFiles, Loader, Pointer, Sink};

use crate::facts::Facts;
use crate::render::visible;
use crate::specs::Specs;
use catalog::{Catalog, Item};

/// Everything there is to know of what a user names, or the names nearest to it if there is nothing
/// of that name.
///
/// A few things of one name follow each other, an empty line between them; many are listed.
///
/// # Errors
///
/// At most three names, the nearest first.
pub fn answer(
    specs: &Specs,
    loader: &Loader<DiskFiles>,
    item: &str,
) -> Result<String, Vec<String>> {
    let mut lock = specs.lock.clone();
    specwright_rust::decide_names(&specs.api, &mut lock, &mut Sink::default());
    let mut fresh = Lock::default();
    specwright_rust::decide_names(&specs.api, &mut fresh, &mut Sink::default());
    let subject = Subject { specs, loader, lock, fresh };
    let catalog = Catalog::of(&specs.api, &subject.lock, &specs.config.library);
    let mut items = catalog.find(item);
    if items.is_empty() {
        items.extend(subject.place_of(item));
    }
    if items.is_empty() {
        return Err(catalog.nearest(item));
    }
    let text = if items.len() > SHOWN {
        // A parameter that all lists share, or the method of all groups.
        let place = subject.place_of(item).map(|place| subject.describe(&catalog, &place));
        let headings = items.iter().map(|item| subject.heading(&catalog, item) + "\n");
        place.into_iter().chain(headings).collect()
    } else {
        let texts: Vec<String> =
            items.iter().map(|item| subject.describe(&catalog, item)).collect();
        texts.join("\n")
    };
    Ok(visible(&text))
}

/// Of more things of one name than these only the headings are shown.
const SHOWN: usize = 4;

/// What is asked about.
struct Subject<'s> {
    specs: &'s Specs,
    loader: &'s Loader<DiskFiles>,
    /// Every name, those of the lock and new ones.
    lock: Lock,
    /// What everything would be called without a lock.
    fresh: Lock,
}

impl Subject<'_> {
    /// A pointer to a place of the document that is no item of its own.
    fn place_of(&self, text: &str) -> Option<Item> {
        let pointer = Pointer::parse(text)?;
        self.loader.tree(self.specs.reading.file)?.find(&pointer)?;
        Some(Item::Place(pointer))
    }

    fn describe(&self, catalog: &Catalog, item: &Item) -> String {
        let mut text = format!("{}\n", self.heading(catalog, item));
        for line in self.meaning(item) {
            let _ = writeln!(text, "  {line}");
        }
        for line in self.places(catalog, item) {
            let _ = writeln!(text, "  {line}");
        }
        for line in self.names(item) {
            let _ = writeln!(text, "  {line}");
        }
        for line in self.guesses(item) {
            let _ = writeln!(text, "  {line}");
        }
        text
    }

    fn heading(&self, catalog: &Catalog, item: &Item) -> String {
        let api = &self.specs.api;
        let path = catalog.path(item).unwrap_or_default();
        match item {
            Item::Type(_) => format!("type `{path}`"),
            Item::Member { wire, .. } => format!("member `{path}`, on the wire `{wire}`"),
            Item::Operation(index) => {
                let key = api.operations.get(*index).map_or("", |operation| &operation.key);
                format!("operation `{path}`, {key}")
            }
            Item::Param { .. } => format!("parameter `{path}`"),
            Item::Group(_) => format!("group `{path}`"),
            Item::Event(index) => {
                let name = api.webhooks.get(*index).map_or("", |webhook| &webhook.name);
                format!("event `{path}`, on the wire `{name}`")
            }
            Item::Place(pointer) => format!("place {pointer}"),
        }
    }

    /// What an item means, in the words of `specwright ir` without the prose.
    fn meaning(&self, item: &Item) -> Vec<String> {
        let facts = Facts::of(&self.specs.api);
        let is_prose = |line: &&str| {
            let line = line.trim_start();
            line.starts_with("description ") || line.starts_with("summary ")
        };
        let lines = |block: &str| -> Vec<String> {
            block.lines().filter(|line| !is_prose(line)).map(str::to_owned).collect()
        };
        // A member has a line of its own, which names it first.
        let line_of = |block: &str, wire: &str| -> Vec<String> {
            let names = |line: &&str| {
                let mut words = line.trim_start().splitn(2, ' ').skip(1);
                words.next().is_some_and(|rest| rest.starts_with(&format!("{wire:?} ")))
            };
            let lines =
                block.lines().filter(|line| line.starts_with("  ") && !line.starts_with("   "));
            lines.filter(names).map(|line| line.trim_start().to_owned()).collect()
        };
        match item {
            Item::Type(index) => lines(facts.of_type(*index)),
            Item::Member { ty, wire } => line_of(facts.of_type(*ty), wire),
            // Not the line with its key, nor that with the words of its names: both are said already.
            Item::Operation(index) => lines(facts.of_operation(*index))
                .into_iter()
                .skip(1)
                .filter(|line| !line.starts_with("  named "))
                .map(|line| line.chars().skip(2).collect())
                .collect(),
            Item::Param { operation, index } => {
                let operation_ = self.specs.api.operations.get(*operation);
                let param = operation_.and_then(|operation| operation.params.get(*index));
                let wire = param.map_or("", |param| &param.wire);
                line_of(facts.of_operation(*operation), wire)
            }
            Item::Event(index) => lines(facts.of_webhook(*index)),
            Item::Group(path) => {
                let inside = self.lock.operations.iter().filter(|(_, names)| names.group == *path);
                let inside = inside.filter(|(_, names)| !names.gone);
                inside.map(|(key, names)| format!("`{}`: {key}", names.method)).collect()
            }
            Item::Place(_) => Vec::new(),
        }
    }
}
