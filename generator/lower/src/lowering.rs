//! What the passes over schemas and operations share while they read the document.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::Deref;
use std::rc::Rc;

use specwright_ir::{Docs, Guess, GuessKind, Origin, Shape, Ty, TypeDef, TypeId, Usage};
use specwright_openapi::Document;
use specwright_openapi::document::{Place, Schema, SchemaId, SchemaObject};
use specwright_source::Sink;

use crate::hint::Hints;
use crate::schema;

/// A use of a schema: the type of a value that is not null, and whether it may be null.
#[derive(Clone, Debug)]
pub(crate) struct Use {
    pub(crate) ty: Ty,
    pub(crate) nullable: bool,
}

impl Use {
    pub(crate) fn of(ty: Ty) -> Self {
        Self { ty, nullable: false }
    }

    /// The type where null cannot be said beside it: elements, values of maps, whole bodies.
    pub(crate) fn in_place(self) -> Ty {
        match self.ty {
            Ty::Json | Ty::Nothing | Ty::Nullable(_) => self.ty,
            ty if self.nullable => Ty::Nullable(Box::new(ty)),
            ty => ty,
        }
    }
}

/// The keywords of a schema: as the document has them, or merged from several schemas.
#[derive(Clone)]
pub(crate) enum Keywords<'d> {
    Written(&'d SchemaObject),
    Merged(Rc<SchemaObject>),
}

impl Deref for Keywords<'_> {
    type Target = SchemaObject;

    fn deref(&self) -> &SchemaObject {
        match self {
            Self::Written(object) => object,
            Self::Merged(object) => object,
        }
    }
}

/// An alternative that has taken in what stood beside the alternatives.
#[derive(Clone)]
pub(crate) struct Alternative {
    /// The alternative as it was written.
    pub(crate) written: SchemaId,
    /// The unions it stands in, by the first alternative of each, from the outermost in.
    pub(crate) unions: Vec<SchemaId>,
}

/// The document, the definitions found so far and what is remembered of schemas.
pub(crate) struct Lowering<'d> {
    pub(crate) document: &'d Document,
    pub(crate) sink: &'d mut Sink,
    pub(crate) hints: Hints,
    /// Uses by schema, so that a schema is read once.
    pub(crate) uses: BTreeMap<SchemaId, Use>,
    /// Schemas without `$ref` and `allOf`, by the schema they stand for; `None` if they cannot be
    /// merged.
    pub(crate) flat: BTreeMap<SchemaId, Option<Keywords<'d>>>,
    /// The same with the members of a schema inside its alternatives.
    pub(crate) distributed: BTreeMap<SchemaId, Option<Keywords<'d>>>,
    /// Alternatives that no file holds: those that took members in.
    pub(crate) alternatives: BTreeMap<SchemaId, Alternative>,
    /// Whether null is a value of a schema.
    pub(crate) null: BTreeMap<SchemaId, bool>,
    /// Formats that were noted as unknown.
    pub(crate) formats: BTreeSet<String>,
    guesses: Vec<Guess>,
    types: Vec<TypeDef>,
    keys: BTreeSet<String>,
    named: BTreeSet<SchemaId>,
    declared: VecDeque<(SchemaId, TypeId)>,
    merged: Vec<Rc<SchemaObject>>,
}

impl<'d> Lowering<'d> {
    pub(crate) fn new(document: &'d Document, sink: &'d mut Sink) -> Self {
        Self {
            document,
            sink,
            hints: Hints::new(document),
            uses: BTreeMap::new(),
            flat: BTreeMap::new(),
            distributed: BTreeMap::new(),
            alternatives: BTreeMap::new(),
            null: BTreeMap::new(),
            formats: BTreeSet::new(),
            guesses: Vec::new(),
            types: Vec::new(),
            keys: BTreeSet::new(),
            named: schema::named(document),
            declared: VecDeque::new(),
            merged: Vec::new(),
        }
    }

    /// The keywords of a schema; `None` if it is a boolean.
    pub(crate) fn keywords(&self, id: SchemaId) -> Option<Keywords<'d>> {
        match self.document.schemas.get(id.0) {
            Some(Schema::Object(object)) => Some(Keywords::Written(object)),
            Some(Schema::Boolean { .. }) => None,
            None => {
                let index = id.0.checked_sub(self.document.schemas.len())?;
                self.merged.get(index).cloned().map(Keywords::Merged)
            }
        }
    }

    /// The value of a boolean schema; `None` if it has keywords.
    pub(crate) fn boolean(&self, id: SchemaId) -> Option<bool> {
        match self.document.schemas.get(id.0) {
            Some(Schema::Boolean { value, .. }) => Some(*value),
            Some(Schema::Object(_)) | None => None,
        }
    }

    /// Where a schema stands.
    pub(crate) fn place(&self, id: SchemaId) -> Place {
        match self.document.schemas.get(id.0) {
            Some(schema) => schema.at().clone(),
            None => self.keywords(id).map_or(self.document.at.clone(), |object| object.at.clone()),
        }
    }

    /// Adds a schema that no file holds.
    pub(crate) fn add_schema(&mut self, object: SchemaObject) -> SchemaId {
        self.merged.push(Rc::new(object));
        SchemaId(self.document.schemas.len() + self.merged.len() - 1)
    }

    /// The alternative as it was written, if the schema is one that has taken members in.
    pub(crate) fn taken_in(&self, id: SchemaId) -> SchemaId {
        let mut id = id;
        while let Some(alternative) = self.alternatives.get(&id) {
            id = alternative.written;
        }
        id
    }

    /// True if uses of the schema are uses of a definition with a name of its own.
    pub(crate) fn is_named(&self, id: SchemaId) -> bool {
        self.named.contains(&id)
    }

    /// A definition whose shape comes later, so that it can hold itself.
    pub(crate) fn declare(&mut self, id: SchemaId) -> TypeId {
        let at = self.place(id);
        let ty = self.define(&at, Shape::Alias(Ty::Json));
        self.declared.push_back((id, ty));
        ty
    }

    /// The next definition that waits for its shape.
    pub(crate) fn next_declared(&mut self) -> Option<(SchemaId, TypeId)> {
        self.declared.pop_front()
    }

    /// Adds a definition for the schema at a place.
    pub(crate) fn define(&mut self, at: &Place, shape: Shape) -> TypeId {
        let plain = at.pointer.to_string();
        // Two files can have a schema at the same place; a document alone cannot.
        let mut key = plain.clone();
        let mut count = 1;
        while !self.keys.insert(key.clone()) {
            count += 1;
            key = format!("{plain}#{count}");
        }
        self.types.push(TypeDef {
            key,
            hint: self.hints.of(&at.pointer),
            shape,
            docs: Docs::default(),
            deprecated: false,
            usage: Usage::default(),
            origin: origin(at),
        });
        TypeId(self.types.len() - 1)
    }

    /// Notes a decision about the schema at a place that the document left open.
    pub(crate) fn guess(&mut self, at: &Place, kind: GuessKind, value: &str, because: &str) {
        self.guesses.push(Guess {
            key: at.pointer.to_string(),
            kind,
            value: value.to_owned(),
            because: because.to_owned(),
            origin: origin(at),
        });
    }

    /// A definition that this lowering made.
    pub(crate) fn definition(&mut self, id: TypeId) -> Option<&mut TypeDef> {
        self.types.get_mut(id.0)
    }

    /// Ends the reading of schemas: the definitions, and what was guessed on the way.
    pub(crate) fn finish(self) -> (Vec<TypeDef>, Vec<Guess>) {
        (self.types, self.guesses)
    }
}

/// Prose without the empty texts that fill required members of a document.
pub(crate) fn docs(summary: Option<&String>, description: Option<&String>) -> Docs {
    let said = |text: &&String| !text.trim().is_empty();
    Docs { summary: summary.filter(said).cloned(), description: description.filter(said).cloned() }
}

pub(crate) fn origin(at: &Place) -> Origin {
    Origin { pointer: at.pointer.clone(), span: at.span }
}
