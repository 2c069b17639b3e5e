//! Tree to document: a reader for each object, one file each.
//!
//! Every reader follows one policy: a place that is damaged is reported, read as well as can be,
//! and left. Keywords have been checked and references found by the survey; what has no target
//! there is silent here.

mod body;
mod components;
mod cycles;
mod discriminator;
mod example;
mod header;
mod info;
mod link;
mod member;
mod operation;
mod overlay_help;
mod parameter;
mod paths;
mod response;
mod root;
mod schema;
mod security;
mod server;

use std::collections::{BTreeMap, VecDeque};

use specwright_source::{Code, Diagnostic, FileId, Files, Loader, NodeRef, Sink, codes};

use crate::document::{Document, Extension, Place, Schema, SchemaId, SecurityScheme, Value};
use crate::keywords::Object;
use crate::survey::{Address, Survey};
use crate::version::OpenApiVersion;

/// Reads the upgraded document. Cost: one visit for each node, and one more for each reference to
/// an object that is not a schema.
pub(crate) fn read<F: Files>(
    loader: &Loader<F>,
    main: FileId,
    version: OpenApiVersion,
    survey: &Survey,
    sink: &mut Sink,
) -> Option<Document> {
    let root = Site { file: main, node: loader.tree(main)?.root() };
    let mut reader = Reader {
        loader,
        main,
        survey,
        sink,
        schemas: Vec::new(),
        schema_ids: BTreeMap::new(),
        unread: VecDeque::new(),
        schemes: Vec::new(),
        trail: Vec::new(),
        references_left: REFERENCES,
    };
    let mut document = reader.root(root, version);
    reader.read_schemas();
    document.schemes = reader.schemes;
    document.schemas = reader.schemas;
    cycles::cut(&mut document.schemas, reader.sink);
    Some(document)
}

pub(crate) struct Reader<'t, F> {
    loader: &'t Loader<F>,
    main: FileId,
    survey: &'t Survey,
    sink: &'t mut Sink,
    schemas: Vec<Schema>,
    schema_ids: BTreeMap<Address, SchemaId>,
    /// Schemas that have an id and are not read yet. Reading them one after the other instead of
    /// inside each other keeps the stack flat, however long a chain of references is.
    unread: VecDeque<(SchemaId, Site<'t>)>,
    schemes: Vec<SecurityScheme>,
    /// The objects that are being read, the outermost first.
    trail: Vec<Address>,
    references_left: usize,
}

/// A node and the file it is in.
#[derive(Clone, Copy)]
struct Site<'t> {
    file: FileId,
    node: NodeRef<'t>,
}

impl<'t> Site<'t> {
    fn address(self) -> Address {
        Address { file: self.file, node: self.node.id() }
    }

    fn at(self) -> Place {
        Place::of(self.node)
    }

    fn get(self, name: &str) -> Option<Self> {
        self.node.get(name).map(|node| Self { node, ..self })
    }

    fn members(self) -> impl Iterator<Item = (&'t str, Self)> {
        self.node.members().map(move |(name, node)| (name, Self { node, ..self }))
    }

    fn items(self) -> impl Iterator<Item = Self> {
        self.node.items().map(move |node| Self { node, ..self })
    }

    fn extensions(self) -> Vec<Extension> {
        let extensions = self.members().filter(|(name, _)| name.starts_with("x-"));
        extensions
            .map(|(name, value)| Extension {
                name: name.to_owned(),
                value: Value::of(value.node),
                at: value.at(),
            })
            .collect()
    }
}

impl<'t, F: Files> Reader<'t, F> {
    fn report(&mut self, code: &'static Code, site: Site<'t>, message: impl Into<String>) {
        self.send(Diagnostic::new(code, message), site);
    }

    /// Reports a diagnostic whose primary place is a node.
    fn send(&mut self, diagnostic: Diagnostic, site: Site<'t>) {
        self.sink.report(diagnostic.label(site.node.span(), "").at(site.node.pointer()));
    }

    fn wrong_kind(&mut self, site: Site<'t>, expected: &str) {
        let found = site.node.kind_name();
        let subject = match site.node.key() {
            Some(key) => format!("`{key}`"),
            None => "this".to_owned(),
        };
        self.report(
            &codes::WRONG_KIND,
            site,
            format!("{subject} is {found}, where {expected} belongs"),
        );
    }

    /// The version of the file that a node is in.
    fn version(&self, site: Site<'t>) -> OpenApiVersion {
        self.survey.versions.get(&site.file).copied().unwrap_or(OpenApiVersion::V31)
    }

    /// A text of a Reference Object, which since 3.1 replaces that of its target (3.1.1 §4.8.23).
    fn overriding(&self, site: Site<'t>, name: &str, of_target: Option<String>) -> Option<String> {
        if site.get("$ref").is_none() || self.version(site) == OpenApiVersion::V30 {
            return of_target;
        }
        let own = site.get(name).and_then(|text| text.node.as_str());
        own.map(str::to_owned).or(of_target)
    }

    /// The target of the reference that a string holds.
    fn target(&self, reference: Site<'t>) -> Option<Site<'t>> {
        let address = self.survey.targets.get(&reference.address())?;
        let tree = self.loader.tree(address.file)?;
        Some(Site { file: address.file, node: tree.node(address.node) })
    }

    /// Reads an object in whose place a reference may stand.
    ///
    /// `None` if there is no object at the end of the references, or if the object is inside
    /// itself; both have been reported.
    fn within<T>(
        &mut self,
        site: Site<'t>,
        object: Object,
        read: impl FnOnce(&mut Self, Site<'t>) -> T,
    ) -> Option<T> {
        let mut target = site;
        let mut passed = vec![site.address()];
        while object.may_be_reference()
            && let Some(reference) = target.get("$ref")
        {
            if reference.node.as_str().is_none() {
                self.wrong_kind(reference, "a URI reference");
                return None;
            }
            target = self.target(reference)?;
            if passed.contains(&target.address()) || self.trail.contains(&target.address()) {
                self.report_cycle(reference, object);
                return None;
            }
            passed.push(target.address());
            self.spend_reference(reference)?;
        }
        if !target.node.is_mapping() {
            self.wrong_kind(target, object.name());
            return None;
        }
        self.trail.push(target.address());
        let value = read(self, target);
        self.trail.pop();
        Some(value)
    }

    fn report_cycle(&mut self, reference: Site<'t>, object: Object) {
        let name = object.name().split(' ').next_back().unwrap_or_default();
        self.send(
            Diagnostic::new(
                &codes::REFERENCE_CYCLE,
                format!("this reference leads back to the {name} it stands in"),
            )
            .note("it is read as if it were not there"),
            reference,
        );
    }

    /// Counts a reference that is followed. Objects behind references are read once for each, so a
    /// small document could otherwise ask for any number of them.
    fn spend_reference(&mut self, reference: Site<'t>) -> Option<()> {
        match self.references_left.checked_sub(1) {
            Some(left) => {
                self.references_left = left;
                if left == 0 {
                    let message = format!("more than {REFERENCES} references have been followed");
                    self.report(&codes::BUDGET, reference, message);
                }
                Some(())
            }
            None => None,
        }
    }
}

/// How many references to objects other than schemas are followed. GitHub's document has 6,300.
const REFERENCES: usize = 100_000;
