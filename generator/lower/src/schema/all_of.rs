//! `allOf`, and `$ref` with siblings: several schemas as one.

use std::rc::Rc;

use specwright_openapi::document::{Discriminator, JsonType, Place, SchemaId, SchemaObject, Value};
use specwright_source::{Diagnostic, codes};

use super::{distribution, last_target, null, reference};
use crate::lowering::{Keywords, Lowering};
use crate::unsupported::unsupported;

/// Schemas merged into one another before the reading stops; more are an attack on the stack.
const MAX_DEPTH: usize = 64;

/// The schema with everything that `$ref`, `allOf` and single alternatives say, and without them. If
/// it has both members and alternatives, the alternatives have taken the members in.
///
/// `None` if it cannot be merged, which is reported. The order of merging is: target of `$ref`,
/// branches in document order, own keywords. Where two disagree, the first one stands.
pub(super) fn flatten<'d>(lowering: &mut Lowering<'d>, id: SchemaId) -> Option<Keywords<'d>> {
    if let Some(known) = lowering.distributed.get(&id) {
        return known.clone();
    }
    let merged = merged(lowering, id);
    let found = match merged {
        Some(schema) if distribution::is_needed(lowering, &schema) => {
            distribution::distribute(lowering, id, &schema)
        }
        schema => schema,
    };
    lowering.distributed.insert(id, found.clone());
    found
}

/// The same with members and alternatives side by side.
pub(super) fn merged<'d>(lowering: &mut Lowering<'d>, id: SchemaId) -> Option<Keywords<'d>> {
    at_depth(lowering, id, 0)
}

fn at_depth<'d>(lowering: &mut Lowering<'d>, id: SchemaId, depth: usize) -> Option<Keywords<'d>> {
    if let Some(known) = lowering.flat.get(&id) {
        return known.clone();
    }
    let schema = lowering.keywords(id)?;
    let parts = parts(lowering, &schema);
    let found = if parts.is_empty() {
        Some(schema)
    } else if depth > MAX_DEPTH {
        let feature = format!("more than {MAX_DEPTH} schemas inside one another");
        give_up(lowering, &schema.at, &feature);
        None
    } else {
        merge_all(lowering, &schema, &parts, depth).map(|merged| absorb(lowering, id, merged))
    };
    lowering.flat.insert(id, found.clone());
    found
}

/// What is one of several is that one: a child that takes in the members of a base whose alternatives
/// are its children has no alternatives itself.
fn absorb<'d>(lowering: &Lowering<'d>, id: SchemaId, merged: Keywords<'d>) -> Keywords<'d> {
    let own = last_target(lowering, id);
    let mut alternatives = merged.one_of.iter().chain(&merged.any_of);
    if !alternatives.any(|alternative| last_target(lowering, *alternative) == own) {
        return merged;
    }
    let mut object: SchemaObject = (*merged).clone();
    object.one_of.clear();
    object.any_of.clear();
    object.discriminator = None;
    Keywords::Merged(Rc::new(object))
}

/// The schemas that hold besides the own keywords.
fn parts(lowering: &Lowering<'_>, schema: &SchemaObject) -> Vec<SchemaId> {
    let mut parts: Vec<SchemaId> = reference(schema).into_iter().collect();
    parts.extend(&schema.all_of);
    parts.extend([&schema.one_of, &schema.any_of].into_iter().filter_map(|branches| {
        match branches.as_slice() {
            [one] if !null::is_null(lowering, *one) => Some(*one),
            _ => None,
        }
    }));
    parts
}

fn merge_all<'d>(
    lowering: &mut Lowering<'d>,
    schema: &Keywords<'d>,
    parts: &[SchemaId],
    depth: usize,
) -> Option<Keywords<'d>> {
    let mut merge = Merge {
        types_at: schema.at.clone(),
        fixed_at: schema.at.clone(),
        discriminator: None,
        object: SchemaObject::empty(schema.at.clone()),
    };
    for part in parts {
        match lowering.boolean(*part) {
            Some(true) => continue,
            Some(false) => {
                let at = lowering.place(*part);
                give_up(lowering, &at, "`false` as a part of a schema");
                return None;
            }
            None => {}
        }
        let part = at_depth(lowering, *part, depth + 1)?;
        if !merge.add(lowering, &part) {
            return None;
        }
    }
    let mut own: SchemaObject = (**schema).clone();
    own.reference = None;
    own.dynamic_reference = None;
    own.all_of.clear();
    for branches in [&mut own.one_of, &mut own.any_of] {
        if branches.len() == 1 {
            branches.clear();
        }
    }
    merge.add(lowering, &own).then(|| Keywords::Merged(Rc::new(merge.finish())))
}

/// A schema that grows.
struct Merge {
    object: SchemaObject,
    types_at: Place,
    fixed_at: Place,
    /// A discriminator that stands beside the alternatives it speaks of, in another part.
    discriminator: Option<Discriminator>,
}

impl Merge {
    /// Adds what a part says; false if nothing can hold both, which is reported.
    fn add(&mut self, lowering: &mut Lowering<'_>, part: &SchemaObject) -> bool {
        let unions = |schema: &SchemaObject| schema.one_of.len() + schema.any_of.len() > 0;
        let asks = distribution::only_asks(lowering, part);
        if asks {
            distribution::report_question(lowering, &part.at);
        } else if unions(&self.object) && unions(part) {
            give_up(lowering, &part.at, "alternatives (`oneOf`, `anyOf`) in two parts of a schema");
            return false;
        }
        self.types(lowering, part);
        self.fixed_values(lowering, part);
        self.members(lowering, part);
        self.elements(lowering, part);
        self.limits(part);
        self.prose(part);
        let discriminator = part.discriminator.clone();
        if unions(part) && !asks {
            let object = &mut self.object;
            object.one_of.extend(&part.one_of);
            object.any_of.extend(&part.any_of);
            object.discriminator = discriminator;
        } else {
            self.discriminator = self.discriminator.take().or(discriminator);
        }
        true
    }

    fn finish(self) -> SchemaObject {
        let mut object = self.object;
        if object.one_of.len() + object.any_of.len() > 0 {
            object.discriminator = object.discriminator.or(self.discriminator);
        }
        object
    }

    fn types(&mut self, lowering: &mut Lowering<'_>, part: &SchemaObject) {
        if part.types.is_empty() {
            return;
        }
        if self.object.types.is_empty() {
            self.object.types.clone_from(&part.types);
            self.types_at = part.at.clone();
            return;
        }
        let both = common_types(&self.object.types, &part.types);
        if both.is_empty() {
            let (first, second) = (names(&self.object.types), names(&part.types));
            self.disagree(lowering, "type", (&self.types_at, first), (&part.at, second));
        } else {
            self.object.types = both;
        }
    }

    fn fixed_values(&mut self, lowering: &mut Lowering<'_>, part: &SchemaObject) {
        let Some(values) = fixed(part) else {
            return;
        };
        let Some(before) = fixed(&self.object) else {
            self.object.constant.clone_from(&part.constant);
            self.object.enumeration.clone_from(&part.enumeration);
            self.fixed_at = part.at.clone();
            return;
        };
        let both: Vec<Value> = before
            .iter()
            .filter(|value| values.iter().any(|other| value.same_json(other)))
            .cloned()
            .collect();
        if both.is_empty() {
            let texts = ("these values".to_owned(), "none of them".to_owned());
            self.disagree(lowering, "values", (&self.fixed_at, texts.0), (&part.at, texts.1));
        } else {
            let constant = part.constant.clone().or(self.object.constant.take());
            self.object.enumeration = if constant.is_some() { None } else { Some(both) };
            self.object.constant = constant;
        }
    }

    fn members(&mut self, lowering: &mut Lowering<'_>, part: &SchemaObject) {
        for (name, id) in &part.properties {
            match self.object.properties.iter().position(|(known, _)| known == name) {
                None => self.object.properties.push((name.clone(), *id)),
                Some(index) => {
                    if let Some((_, before)) = self.object.properties.get_mut(index) {
                        let at = inside(&self.object.at, &["properties", name], part);
                        *before = both(lowering, at, *before, *id);
                    }
                }
            }
        }
        for name in &part.required {
            if !self.object.required.contains(name) {
                self.object.required.push(name.clone());
            }
        }
        let object = &mut self.object;
        object.pattern_properties.extend(part.pattern_properties.iter().cloned());
        for (keyword, before, new) in [
            ("additionalProperties", &mut object.additional_properties, part.additional_properties),
            (
                "unevaluatedProperties",
                &mut object.unevaluated_properties,
                part.unevaluated_properties,
            ),
        ] {
            *before = match (*before, new) {
                (Some(one), Some(two)) => {
                    Some(both(lowering, inside(&object.at, &[keyword], part), one, two))
                }
                (one, two) => one.or(two),
            };
        }
        object.property_names = object.property_names.or(part.property_names);
    }

    fn elements(&mut self, lowering: &mut Lowering<'_>, part: &SchemaObject) {
        let object = &mut self.object;
        object.items = match (object.items, part.items) {
            (Some(one), Some(two)) => {
                Some(both(lowering, inside(&object.at, &["items"], part), one, two))
            }
            (one, two) => one.or(two),
        };
        if object.prefix_items.is_empty() {
            object.prefix_items.clone_from(&part.prefix_items);
        }
    }

    /// Limits are for documentation; the first one of a kind stands.
    fn limits(&mut self, part: &SchemaObject) {
        macro_rules! first {
            ($($field:ident),*) => {
                $(if self.object.$field.is_none() {
                    self.object.$field.clone_from(&part.$field);
                })*
            };
        }
        first!(min_properties, max_properties, min_items, max_items, min_length, max_length);
        first!(minimum, maximum, exclusive_minimum, exclusive_maximum, multiple_of, pattern);
        first!(format, content_encoding, content_media_type, not, if_schema, contains);
        self.object.unique_items |= part.unique_items;
        self.object.dependent_required.extend(part.dependent_required.iter().cloned());
        self.object.dependent_schemas.extend(part.dependent_schemas.iter().cloned());
    }

    /// The own keywords come last and have the last word on prose.
    fn prose(&mut self, part: &SchemaObject) {
        let object = &mut self.object;
        object.title = part.title.clone().or(object.title.take());
        object.description = part.description.clone().or(object.description.take());
        object.default = part.default.clone().or(object.default.take());
        object.deprecated |= part.deprecated;
        object.read_only |= part.read_only;
        object.write_only |= part.write_only;
        object.extensions.extend(part.extensions.iter().cloned());
    }

    fn disagree(
        &self,
        lowering: &mut Lowering<'_>,
        what: &str,
        first: (&Place, String),
        second: (&Place, String),
    ) {
        let name = self.object.at.pointer.last().unwrap_or("the document").to_owned();
        lowering.sink.report(
            Diagnostic::new(
                &codes::ALL_OF_CONFLICT,
                format!("`allOf` branches disagree on the {what} of `{name}`"),
            )
            .label(second.0.span, second.1)
            .label(first.0.span, first.1)
            .at(second.0.pointer.clone())
            .note("the first branch is taken")
            .help("no value satisfies both; patch one of them with an overlay"),
        );
    }
}

/// A schema that is two others at once; their own merge comes when it is used.
fn both(lowering: &mut Lowering<'_>, at: Place, one: SchemaId, two: SchemaId) -> SchemaId {
    if one == two || lowering.boolean(two) == Some(true) || lowering.boolean(one) == Some(false) {
        return one;
    }
    if lowering.boolean(one) == Some(true) || lowering.boolean(two) == Some(false) {
        return two;
    }
    let mut object = SchemaObject::empty(at);
    object.all_of = vec![one, two];
    lowering.add_schema(object)
}

/// A place inside a merged schema, shown where its last part was written.
fn inside(owner: &Place, path: &[&str], part: &SchemaObject) -> Place {
    let pointer = path.iter().fold(owner.pointer.clone(), |pointer, token| pointer.join(*token));
    Place { pointer, span: part.at.span }
}

fn common_types(one: &[JsonType], two: &[JsonType]) -> Vec<JsonType> {
    let has = |types: &[JsonType], ty: JsonType| {
        types.contains(&ty) || ty == JsonType::Integer && types.contains(&JsonType::Number)
    };
    let mut both: Vec<JsonType> = one.iter().copied().filter(|ty| has(two, *ty)).collect();
    both.extend(two.iter().copied().filter(|ty| has(one, *ty) && !one.contains(ty)));
    both
}

fn names(types: &[JsonType]) -> String {
    let name = |ty: &JsonType| {
        JsonType::ALL.iter().find(|(_, known)| known == ty).map_or("", |(name, _)| name)
    };
    format!("{} here", types.iter().map(name).collect::<Vec<_>>().join(" or "))
}

fn fixed(schema: &SchemaObject) -> Option<Vec<Value>> {
    match (&schema.constant, &schema.enumeration) {
        (Some(value), _) => Some(vec![value.clone()]),
        (None, values) => values.clone(),
    }
}

pub(super) fn give_up(lowering: &mut Lowering<'_>, at: &Place, feature: &str) {
    lowering.sink.report(unsupported(
        &codes::MERGE_UNSUPPORTED,
        at,
        feature,
        "read as any JSON value",
    ));
}
