//! The survey: walks the document along its keywords, loads the files it refers to and finds the
//! target of every reference.
//!
//! It runs on the tree as it was written, before the upgrade, so pointers mean what their author
//! saw. Nodes keep their ids through the upgrade, so the targets stay right.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use specwright_source::{
    Diagnostic, FileId, Files, Loader, NodeId, NodeRef, Reference, Sink, codes,
};
use url::Url;

use crate::keywords::{Child, Object};
use crate::resolve::{Anchors, Roots, Unresolved, find_fragment, suggestion};
use crate::unknown::check_members;
use crate::version::OpenApiVersion;

/// A node of one of the loaded files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Address {
    pub(crate) file: FileId,
    pub(crate) node: NodeId,
}

/// What the survey found.
#[derive(Debug, Default)]
pub(crate) struct Survey {
    /// From the string of a reference to its target. A reference that is not here does not resolve,
    /// which has been reported.
    pub(crate) targets: BTreeMap<Address, Address>,
    /// Every object that the document reaches, in the order in which it was reached.
    pub(crate) objects: Vec<(Address, Object)>,
    /// The version of each file: its own, or that of the document that refers to it.
    pub(crate) versions: BTreeMap<FileId, OpenApiVersion>,
}

/// Walks everything that `main` reaches. Cost: one visit for each node and role it has.
pub(crate) fn survey<F: Files>(
    loader: &mut Loader<F>,
    main: FileId,
    version: OpenApiVersion,
    sink: &mut Sink,
) -> Survey {
    let mut surveyor = Surveyor {
        loader,
        sink,
        main,
        version,
        bases: Vec::new(),
        file_bases: BTreeMap::new(),
        resources: BTreeMap::new(),
        resource_bases: BTreeMap::new(),
        anchors: Anchors::new(),
        todo: Vec::new(),
        pending: VecDeque::new(),
        seen: BTreeSet::new(),
        found: Survey::default(),
    };
    if let Some(root) = surveyor.root(main) {
        let base = surveyor.file_base(main);
        surveyor.todo.push(Visit { at: root, object: Object::Document, base });
        surveyor.run();
    }
    surveyor.found
}

struct Surveyor<'l, F> {
    loader: &'l mut Loader<F>,
    sink: &'l mut Sink,
    main: FileId,
    version: OpenApiVersion,
    bases: Vec<Base>,
    file_bases: BTreeMap<FileId, usize>,
    /// Schemas that have a URI of their own (`$id`), and documents with `$self`.
    resources: BTreeMap<String, Address>,
    /// The base that holds inside a schema with `$id`.
    resource_bases: BTreeMap<Address, usize>,
    anchors: Anchors,
    todo: Vec<Visit>,
    pending: VecDeque<Pending>,
    seen: BTreeSet<(Address, Object)>,
    found: Survey,
}

/// What a relative reference is relative to (JSON Schema Core §8.2.1).
struct Base {
    /// `None` only if the name of the file is no part of a URI.
    uri: Option<Url>,
    /// What `#` alone names.
    root: Address,
}

#[derive(Clone, Copy)]
struct Visit {
    at: Address,
    object: Object,
    base: usize,
}

struct Pending {
    /// The string that holds the reference.
    at: Address,
    /// What the target is.
    object: Object,
    base: usize,
    kind: PendingKind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum PendingKind {
    /// A URI reference.
    Uri,
    /// A URI reference or the name of a schema: `discriminator.mapping`.
    UriOrName,
}

impl<F: Files> Surveyor<'_, F> {
    fn run(&mut self) {
        // References by `$id` wait until everything else is walked: the schema that carries the
        // URI may stand anywhere.
        let mut deferred = VecDeque::new();
        loop {
            if let Some(visit) = self.todo.pop() {
                self.visit(visit);
            } else if let Some(pending) = self.pending.pop_front() {
                if self.needs_resource(&pending) {
                    deferred.push_back(pending);
                } else {
                    self.settle(&pending);
                }
            } else if let Some(pending) = deferred.pop_front() {
                self.settle(&pending);
            } else {
                return;
            }
        }
    }

    fn visit(&mut self, visit: Visit) {
        let Visit { at, object, mut base } = visit;
        if !self.seen.insert((at, object)) {
            return;
        }
        if object == Object::Schema {
            base = self.enter_resource(at, base);
        }
        let version = self.found.versions.get(&at.file).copied().unwrap_or(self.version);
        let Some(tree) = self.loader.tree(at.file) else { return };
        let node = tree.node(at.node);
        if !node.is_mapping() {
            return;
        }
        self.found.objects.push((at, object));
        check_members(node, object, version, self.sink);
        let here = |node: NodeRef<'_>| Address { file: at.file, node: node.id() };
        for (reference, kind) in references(node, object) {
            let object = if object == Object::Discriminator { Object::Schema } else { object };
            self.pending.push_back(Pending { at: here(reference), object, base, kind });
        }
        if replaced_by_reference(node, object, version) {
            return;
        }
        let first = self.todo.len();
        for (child, object) in children(node, object) {
            self.todo.push(Visit { at: here(child), object, base });
        }
        // The list is used from its end; this keeps the order of the document.
        if let Some(added) = self.todo.get_mut(first..) {
            added.reverse();
        }
    }

    /// Notes the URI and the anchors of a schema; gives the base that holds inside it.
    fn enter_resource(&mut self, at: Address, base: usize) -> usize {
        let Some(tree) = self.loader.tree(at.file) else { return base };
        let node = tree.node(at.node);
        let mut inside = base;
        if let Some(id) = node.get("$id").and_then(NodeRef::as_str) {
            let outer = self.bases.get(base).and_then(|base| base.uri.as_ref());
            if let Some(uri) = outer.and_then(|outer| outer.join(id).ok()) {
                self.resources.entry(without_fragment(&uri)).or_insert(at);
                inside = self.bases.len();
                self.bases.push(Base { uri: Some(uri), root: at });
                self.resource_bases.insert(at, inside);
            }
        }
        for keyword in ["$anchor", "$dynamicAnchor"] {
            let anchor = node.get(keyword).and_then(NodeRef::as_str);
            if let (Some(name), Some(base)) = (anchor, self.bases.get(inside)) {
                self.anchors.entry((base.root, name.to_owned())).or_insert(at);
            }
        }
        inside
    }

    /// True if a reference names no file and no schema that is known yet.
    fn needs_resource(&self, pending: &Pending) -> bool {
        let Some(text) = self.text(pending.at) else { return false };
        let by_anchor = text.starts_with('#') && !text.starts_with("#/") && text.len() > 1;
        let by_uri = !text.starts_with('#')
            && (!self.resource_bases.is_empty() || Url::parse(&text).is_ok());
        by_anchor || by_uri
    }

    fn settle(&mut self, pending: &Pending) {
        let Some(text) = self.text(pending.at) else { return };
        match self.resolve(pending, &text) {
            Ok(target) => {
                self.found.targets.insert(pending.at, target);
                let base = self.base_of(target);
                self.todo.push(Visit { at: target, object: pending.object, base });
            }
            Err(Unresolved::Reported) => {}
            Err(Unresolved::Because(reason)) => self.report(pending, &text, &reason),
        }
    }

    fn resolve(&mut self, pending: &Pending, text: &str) -> Result<Address, Unresolved> {
        if text.is_empty() {
            return Err(Unresolved::Because("it is empty".to_owned()));
        }
        if pending.kind == PendingKind::UriOrName
            && let Some(schema) = self.component_schema(pending.at.file, text)
        {
            return Ok(schema);
        }
        let (uri, fragment) = text.split_once('#').unwrap_or((text, ""));
        let base = self.bases.get(pending.base);
        let roots = if uri.is_empty() {
            let resource = base.map(|base| base.root);
            Roots { first: resource, file: self.root(pending.at.file) }
        } else {
            let joined = base.and_then(|base| base.uri.as_ref()?.join(uri).ok());
            let known = joined.and_then(|uri| self.resources.get(&without_fragment(&uri)).copied());
            match known {
                Some(root) => Roots { first: Some(root), file: None },
                None => Roots { first: None, file: Some(self.load(pending.at)?) },
            }
        };
        find_fragment(self.loader, &self.anchors, roots, fragment)
    }

    /// Loads the file that a reference names and gives its root.
    fn load(&mut self, at: Address) -> Result<Address, Unresolved> {
        let tree = self.loader.tree(at.file).ok_or(Unresolved::Reported)?;
        let reference = Reference::of(tree.node(at.node)).ok_or(Unresolved::Reported)?;
        let file = self.loader.follow(&reference, self.sink).ok_or(Unresolved::Reported)?;
        self.file_base(file);
        self.root(file).ok_or(Unresolved::Reported)
    }

    fn component_schema(&self, file: FileId, name: &str) -> Option<Address> {
        [file, self.main].into_iter().find_map(|file| {
            let root = self.loader.tree(file)?.root();
            let schema = root.get("components")?.get("schemas")?.get(name)?;
            Some(Address { file, node: schema.id() })
        })
    }

    fn report(&mut self, pending: &Pending, text: &str, reason: &str) {
        let Some(tree) = self.loader.tree(pending.at.file) else { return };
        let node = tree.node(pending.at.node);
        let mut diagnostic = Diagnostic::new(
            &codes::REFERENCE_UNRESOLVED,
            format!("reference `{text}` does not resolve: {reason}"),
        )
        .label(node.span(), "")
        .at(node.pointer());
        if let Some(similar) = suggestion(tree.root(), pending.object, text) {
            diagnostic = diagnostic.help(format!("did you mean `{similar}`?"));
        }
        self.sink.report(diagnostic);
    }

    fn root(&self, file: FileId) -> Option<Address> {
        self.loader.tree(file).map(|tree| Address { file, node: tree.root().id() })
    }

    fn text(&self, at: Address) -> Option<String> {
        let tree = self.loader.tree(at.file)?;
        tree.node(at.node).as_str().map(str::to_owned)
    }

    /// The base that holds at the root of a file. Notes the version of a file seen first.
    fn file_base(&mut self, file: FileId) -> usize {
        if let Some(base) = self.file_bases.get(&file) {
            return *base;
        }
        let index = self.bases.len();
        let Some(root) = self.root(file) else { return index };
        let name = self.loader.sources().file(file).name();
        let mut uri = Url::parse("file:///").ok().and_then(|files| files.join(name).ok());
        let node = self.loader.tree(file).map(|tree| tree.node(root.node));
        let member = |name| node.and_then(|node| node.get(name)).and_then(NodeRef::as_str);
        let version = member("openapi").and_then(OpenApiVersion::parse).unwrap_or(self.version);
        if let Some(own) = member("$self") {
            uri = uri.and_then(|uri| uri.join(own).ok());
            self.resources.extend(uri.as_ref().map(|uri| (without_fragment(uri), root)));
        }
        self.found.versions.insert(file, version);
        self.bases.push(Base { uri, root });
        self.file_bases.insert(file, index);
        index
    }

    /// The base that holds around a node: that of the nearest schema with `$id`, else of the file.
    fn base_of(&mut self, at: Address) -> usize {
        if !self.resource_bases.is_empty() {
            let mut node = self.loader.tree(at.file).map(|tree| tree.node(at.node));
            while let Some(inner) = node.and_then(NodeRef::parent) {
                let outer = Address { file: at.file, node: inner.id() };
                if let Some(base) = self.resource_bases.get(&outer) {
                    return *base;
                }
                node = Some(inner);
            }
        }
        self.file_base(at.file)
    }
}

/// True if nothing of a node but its reference is read: in place of most objects, and in 3.0 also
/// in place of a schema.
pub(crate) fn replaced_by_reference(
    node: NodeRef<'_>,
    object: Object,
    version: OpenApiVersion,
) -> bool {
    let replaceable =
        object.may_be_reference() || (object == Object::Schema && version == OpenApiVersion::V30);
    replaceable && node.get("$ref").is_some_and(|reference| reference.as_str().is_some())
}

/// The strings in a node that refer to something of the document.
fn references(node: NodeRef<'_>, object: Object) -> Vec<(NodeRef<'_>, PendingKind)> {
    let member = |name| node.get(name).filter(|value| value.as_str().is_some());
    match object {
        Object::Discriminator => {
            let mapping = node.get("mapping").into_iter().flat_map(NodeRef::members);
            // A value that is an object with `$ref` is damage whose meaning is plain.
            let values = mapping
                .map(|(_, value)| value.get("$ref").unwrap_or(value))
                .chain(member("defaultMapping"));
            values
                .filter(|value| value.as_str().is_some())
                .map(|value| (value, PendingKind::UriOrName))
                .collect()
        }
        Object::Schema => ["$ref", "$dynamicRef"]
            .into_iter()
            .filter_map(member)
            .map(|value| (value, PendingKind::Uri))
            .collect(),
        _ if object.may_be_reference() || object == Object::PathItem => {
            member("$ref").map(|value| (value, PendingKind::Uri)).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

/// The objects directly inside a node. Damage is read as the readers read it: one object in the
/// place of a list is a list of one.
fn children(node: NodeRef<'_>, object: Object) -> Vec<(NodeRef<'_>, Object)> {
    let mut children = Vec::new();
    for (name, value) in node.members() {
        match object.keyword(name).map(|keyword| keyword.child) {
            Some(Child::Value) => {}
            Some(Child::One(child) | Child::List(child)) if value.is_sequence() => {
                children.extend(value.items().map(|item| (item, child)));
            }
            Some(Child::One(child) | Child::List(child)) => children.push((value, child)),
            Some(Child::Map(child)) => {
                children.extend(value.members().map(|(_, value)| (value, child)));
            }
            None if name.starts_with("x-") => {}
            None => children.extend(object.free_members().map(|child| (value, child))),
        }
    }
    children
}

fn without_fragment(uri: &Url) -> String {
    let mut uri = uri.clone();
    uri.set_fragment(None);
    uri.into()
}

#[cfg(test)]
mod tests {
    use crate::fixture::Fixture;

    const HEAD: &str = "openapi: 3.1.1\ninfo: { title: T, version: '1' }\n";

    /// Reads a schema `A` beside others, and gives the pointer and the text of what it refers to.
    #[track_caller]
    fn target_of(reference: &str, rest: &str) -> Fixture {
        Fixture::read(&format!(
            "{HEAD}components:\n  schemas:\n    A: {{ $ref: '{reference}' }}\n{rest}"
        ))
    }

    #[track_caller]
    fn assert_target(reference: &str, rest: &str, pointer: &str) {
        let fixture = target_of(reference, rest);
        assert_eq!(fixture.found(), [""; 0], "{reference}");
        let target = fixture.component("A").reference.unwrap();
        assert_eq!(fixture.pointer(target), pointer, "{reference}");
    }

    #[test]
    fn a_pointer_reaches_any_place() {
        let rest = "    B: { properties: { b: { items: {} } } }\n";
        let place = "/components/schemas/B/properties/b/items";
        assert_target(&format!("#{place}"), rest, place);
    }

    #[test]
    fn a_pointer_may_be_percent_encoded() {
        let rest = "paths: { '/a/{b}': { parameters: [{ name: b, in: path, required: true, schema: {} }] } }\n";
        assert_target(
            "#/paths/~1a~1%7Bb%7D/parameters/0/schema",
            rest,
            "/paths/~1a~1{b}/parameters/0/schema",
        );
    }

    #[test]
    fn a_pointer_passes_through_a_reference() {
        let rest = "    B: { $ref: '#/components/schemas/C' }\n    C: { properties: { c: {} } }\n";
        assert_target(
            "#/components/schemas/B/properties/c",
            rest,
            "/components/schemas/C/properties/c",
        );
    }

    #[test]
    fn an_anchor_names_a_schema() {
        let rest = "    B: { $defs: { x: { $anchor: here } } }\n";
        assert_target("#here", rest, "/components/schemas/B/$defs/x");
    }

    #[test]
    fn an_id_names_a_schema_wherever_it_stands() {
        let rest = "    B: { $id: 'https://schemas.example/b' }\n";
        assert_target("https://schemas.example/b", rest, "/components/schemas/B");
    }

    #[test]
    fn inside_a_schema_with_an_id_references_are_relative_to_it() {
        let fixture = Fixture::schema(
            "$id: 'https://schemas.example/dir/s'\n$defs: { x: { $id: other }, y: { type: string } }\nproperties: { a: { $ref: other }, b: { $ref: '#/$defs/y' } }",
        );
        assert_eq!(fixture.found(), [""; 0]);
        let properties = &fixture.component("S").properties;
        let targets = properties.iter().map(|(_, id)| fixture.object(*id).reference.unwrap());
        assert_eq!(
            targets.map(|id| fixture.pointer(id)).collect::<Vec<_>>(),
            ["/components/schemas/S/$defs/x", "/components/schemas/S/$defs/y"]
        );
    }

    #[test]
    fn a_file_is_read_for_the_part_that_is_meant() {
        let fixture = Fixture::read_files(&[
            (
                "openapi.yaml",
                &format!(
                    "{HEAD}components: {{ schemas: {{ A: {{ $ref: 'sub/other.yaml#/x/S' }} }} }}"
                ),
            ),
            ("sub/other.yaml", "x: { S: { properties: { t: { $ref: third.json } } } }"),
            ("sub/third.json", r#"{ "type": "string" }"#),
        ]);
        assert_eq!(fixture.found(), [""; 0]);
        let outer = fixture.object(fixture.component("A").reference.unwrap());
        let inner = fixture.object(outer.properties[0].1).reference.unwrap();
        assert_eq!(fixture.object(inner).types.len(), 1);
    }

    #[test]
    fn a_file_of_another_version_is_read_as_that_version() {
        let other = "openapi: 3.0.3\ninfo: { title: O, version: '1' }\npaths: {}\n\
                     components: { schemas: { S: { type: string, nullable: true } } }";
        let fixture = Fixture::read_files(&[
            (
                "a.yaml",
                &format!(
                    "{HEAD}components: {{ schemas: {{ A: {{ $ref: 'b.yaml#/components/schemas/S' }} }} }}"
                ),
            ),
            ("b.yaml", other),
        ]);
        assert_eq!(fixture.found(), [""; 0]);
        assert!(fixture.object(fixture.component("A").reference.unwrap()).lists_null());
    }

    #[test]
    fn a_reference_that_names_nothing_is_reported_with_what_may_be_meant() {
        for (reference, meant) in [
            ("#/components/schemas/Contcat", "#/components/schemas/Contact"),
            ("#/definitions/Contact", "#/components/schemas/Contact"),
            ("#/component/schemas/contact", "#/components/schemas/Contact"),
            ("#Contact", "#/components/schemas/Contact"),
        ] {
            let fixture = target_of(reference, "    Contact: {}\n");
            assert_eq!(fixture.found(), ["OA0101 /components/schemas/A/$ref"], "{reference}");
            let help = fixture.diagnostics[0].help.clone();
            assert_eq!(help, Some(format!("did you mean `{meant}`?")), "{reference}");
            assert!(fixture.component("A").reference.is_none());
        }
    }

    #[test]
    fn an_empty_reference_names_nothing() {
        assert_eq!(target_of("", "").found(), ["OA0101 /components/schemas/A/$ref"]);
    }

    #[test]
    fn nothing_outside_the_root_is_read() {
        for reference in ["/etc/passwd", "../../etc/passwd", "file:///etc/passwd"] {
            let found = target_of(reference, "").found();
            assert_eq!(found, ["OA0102 /components/schemas/A/$ref"], "{reference}");
        }
    }

    #[test]
    fn nothing_is_fetched() {
        for reference in ["http://127.0.0.1:9/a.yaml", "https://schemas.example/a#/x"] {
            let found = target_of(reference, "").found();
            assert_eq!(found, ["OA0102 /components/schemas/A/$ref"], "{reference}");
        }
    }

    #[test]
    fn references_that_multiply_end_in_a_budget() {
        // Each level holds two references to the next: 2^40 readings without a limit.
        let level = |at: usize| {
            let next = format!("$ref: '#/components/callbacks/C{}'", at + 1);
            format!(
                "    C{at}: {{ e: {{ post: {{ callbacks: {{ a: {{ {next} }}, b: {{ {next} }} }} }} }} }}\n"
            )
        };
        let levels: Vec<String> = (0..40).map(level).collect();
        let levels = levels.concat();
        let fixture =
            Fixture::read(&format!("{HEAD}components:\n  callbacks:\n{levels}    C40: {{}}\n"));
        assert!(fixture.found().iter().any(|found| found.starts_with("OA0006")));
    }
}
