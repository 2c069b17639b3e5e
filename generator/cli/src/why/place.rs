//! Where an item stands, and which overlays had a hand in it.

use std::collections::{BTreeMap, BTreeSet};

use specwright_ir::{Origin, Shape, TypeDef};
use specwright_source::{FileId, NodeRef, Pointer, Span, Tree};

use super::Subject;
use super::catalog::{Catalog, Item};

/// Where a member of a type is written.
enum Member<'m> {
    /// A field, which has a schema of its own.
    Field(&'m Origin),
    /// An element of `enum`.
    Value(NodeRef<'m>),
    /// An alternative, which stands where its type does.
    Alternative,
}

impl Subject<'_> {
    /// The place in the document, what it stands in, and the overlays.
    pub(super) fn places(&self, catalog: &Catalog, item: &Item) -> Vec<String> {
        let Some((pointer, span)) = self.place(item) else { return Vec::new() };
        let mut lines = vec![format!("document: {} {pointer}", self.written(span))];
        if let Item::Place(_) = item
            && let Some(around) = self.around(&pointer)
        {
            let path = catalog.path(&around).unwrap_or_default();
            lines.push(format!("inside: `{path}`"));
        }
        lines.extend(self.overlays(&pointer));
        lines
    }

    /// Where an item is written. Groups are written nowhere but in the tags of their operations.
    pub(super) fn place(&self, item: &Item) -> Option<(Pointer, Span)> {
        let api = &self.specs.api;
        let origin = match item {
            Item::Type(index) => &api.types.get(*index)?.origin,
            Item::Member { ty, wire } => {
                let ty = api.types.get(*ty)?;
                match self.member(ty, wire) {
                    Member::Field(origin) => origin,
                    Member::Value(node) => return Some((node.pointer(), node.span())),
                    Member::Alternative => &ty.origin,
                }
            }
            Item::Operation(index) => &api.operations.get(*index)?.origin,
            Item::Param { operation, index } => {
                &api.operations.get(*operation)?.params.get(*index)?.origin
            }
            Item::Event(index) => &api.webhooks.get(*index)?.origin,
            Item::Place(pointer) => {
                let node = self.document()?.find(pointer)?;
                return Some((pointer.clone(), node.key_span()));
            }
            Item::Group(_) => return None,
        };
        // A key says more to a reader than the brace behind it.
        let node = self.document().and_then(|tree| tree.find(&origin.pointer));
        let key = node.filter(|node| node.span() == origin.span).map(NodeRef::key_span);
        Some((origin.pointer.clone(), key.unwrap_or(origin.span)))
    }

    fn member<'m>(&'m self, ty: &'m TypeDef, wire: &str) -> Member<'m> {
        if let Shape::Record { fields, .. } = &ty.shape
            && let Some(field) = fields.iter().find(|field| field.wire == wire)
        {
            return Member::Field(&field.origin);
        }
        let schema = self.document().and_then(|tree| tree.find(&ty.origin.pointer));
        let values = schema.and_then(|schema| schema.get("enum")).into_iter();
        let mut values = values.flat_map(NodeRef::items);
        let value = values.find(|value| value.as_str() == Some(wire));
        value.map_or(Member::Alternative, Member::Value)
    }

    /// The innermost item that a place is in.
    fn around(&self, pointer: &Pointer) -> Option<Item> {
        let api = &self.specs.api;
        let types = api.types.iter().enumerate();
        let types = types.map(|(index, ty)| (&ty.origin.pointer, Item::Type(index)));
        let operations = api.operations.iter().enumerate();
        let operations = operations.map(|(index, it)| (&it.origin.pointer, Item::Operation(index)));
        let events = api.webhooks.iter().enumerate();
        let events = events.map(|(index, it)| (&it.origin.pointer, Item::Event(index)));
        let around = types.chain(operations).chain(events);
        let around = around.filter(|(outer, _)| pointer.starts_with(outer));
        Some(around.max_by_key(|(outer, _)| outer.tokens().len())?.1)
    }

    /// One line for each overlay action that selected something at the place or inside it, and for
    /// each overlay that wrote something there by an action on what is around it.
    fn overlays(&self, pointer: &Pointer) -> Vec<String> {
        let wrote = self.written_by(pointer);
        let mut lines = Vec::new();
        for patch in &self.specs.reading.patches {
            let inside = |target: &&Pointer| target.starts_with(pointer);
            let actions = patch.actions.iter();
            let mut places: BTreeSet<Span> = actions
                .filter(|action| action.targets.iter().any(|target| inside(&target)))
                .map(|action| action.span)
                .collect();
            if places.is_empty() {
                places.extend(wrote.get(&patch.file).copied());
            }
            let title = self.title(patch.file);
            lines.extend(
                places.into_iter().map(|span| format!("overlay: {}{title}", self.written(span))),
            );
        }
        lines
    }

    /// The files that have a part in a place, each with the first of its words there.
    fn written_by(&self, pointer: &Pointer) -> BTreeMap<FileId, Span> {
        let mut first: BTreeMap<FileId, Span> = BTreeMap::new();
        let mut waiting: Vec<NodeRef<'_>> =
            self.document().and_then(|tree| tree.find(pointer)).into_iter().collect();
        while let Some(node) = waiting.pop() {
            for span in [node.span(), node.key_span()] {
                let known = first.entry(span.file).or_insert(span);
                *known = (*known).min(span);
            }
            waiting.extend(node.members().map(|(_, member)| member));
            waiting.extend(node.items());
        }
        first
    }

    /// What an overlay says it is for.
    fn title(&self, overlay: FileId) -> String {
        let root = self.loader.tree(overlay).map(Tree::root);
        let title = root.and_then(|root| root.get("info")?.get("title")?.as_str());
        title.map_or(String::new(), |title| format!(" ({title})"))
    }

    pub(super) fn document(&self) -> Option<&Tree> {
        self.loader.tree(self.specs.reading.file)
    }

    /// `file:line:column`.
    pub(super) fn written(&self, span: Span) -> String {
        let sources = self.loader.sources();
        let at = sources.position(span);
        format!("{}:{}:{}", sources.file(span.file).name(), at.line, at.column)
    }
}
