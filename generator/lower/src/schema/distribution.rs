//! Members and alternatives of one schema: each alternative takes the members in.
//!
//! An object that is `allOf` of a base and one of several others is one of several objects, each with
//! the members of the base. So what tells alternatives apart can look at whole objects.

use std::collections::BTreeSet;
use std::rc::Rc;

use specwright_openapi::document::{JsonType, Place, SchemaId, SchemaObject};
use specwright_source::codes;

use super::all_of::{give_up, merged};
use super::{is_object, last_target, null, object};
use crate::lowering::{Alternative, Keywords, Lowering};
use crate::unsupported::unsupported;

/// Unions inside unions that take members in, one in the other.
const MAX_DEPTH: usize = 4;

/// Alternatives of a whole document that took members in. Unions inside unions multiply, and a few
/// lines can ask for millions.
const MAX_ALTERNATIVES: usize = 10_000;

/// True if the schema has both alternatives and a form besides them. `required` and a closed
/// `additionalProperties` are none.
pub(super) fn is_needed(lowering: &Lowering<'_>, schema: &SchemaObject) -> bool {
    let is_fixed = schema.enumeration.is_some() || schema.constant.is_some();
    schema.one_of.len() + schema.any_of.len() > 0
        && !is_fixed
        && (!schema.properties.is_empty()
            || !schema.pattern_properties.is_empty()
            || schema.items.is_some()
            || !schema.prefix_items.is_empty()
            || schema.additional_properties.is_some_and(|id| lowering.boolean(id).is_none()))
}

/// The schema as alternatives alone; `None` if they cannot take the members in, which is reported.
///
/// Alternatives that do nothing but ask for members are an assertion, and the members are left. An
/// alternative that describes and requires all of them already stays what it is, and keeps its name.
pub(super) fn distribute<'d>(
    lowering: &mut Lowering<'d>,
    id: SchemaId,
    schema: &Keywords<'d>,
) -> Option<Keywords<'d>> {
    let mut rest: SchemaObject = (**schema).clone();
    rest.one_of.clear();
    rest.any_of.clear();
    rest.discriminator = None;
    if only_asks(lowering, schema) {
        report_question(lowering, &schema.at);
        return Some(Keywords::Merged(Rc::new(rest)));
    }
    let union = schema.one_of.iter().chain(&schema.any_of).next().copied()?;
    let mut unions = lowering.alternatives.get(&id).map_or(Vec::new(), |own| own.unions.clone());
    unions.push(union);
    if let Err(feature) = check(lowering, schema, &unions) {
        give_up(lowering, &schema.at, feature);
        return None;
    }
    // What is said of the whole is said where the whole is named.
    rest.title = None;
    rest.description = None;
    rest.default = None;
    rest.extensions.clear();
    let mut object = SchemaObject::empty(schema.at.clone());
    // What is left to the server is said once, where the whole stands.
    object.not = rest.not.take();
    object.if_schema = rest.if_schema.take();
    object.contains = rest.contains.take();
    object.unevaluated_items = rest.unevaluated_items.take();
    object.content_schema = rest.content_schema.take();
    object.dependent_schemas = std::mem::take(&mut rest.dependent_schemas);
    object.dependent_required = std::mem::take(&mut rest.dependent_required);
    leave_out_undescribed(lowering, &mut rest, schema);
    let rest_id = lowering.add_schema(rest.clone());
    object.types.clone_from(&schema.types);
    object.title.clone_from(&schema.title);
    object.description.clone_from(&schema.description);
    object.default.clone_from(&schema.default);
    object.deprecated = schema.deprecated;
    object.read_only = schema.read_only;
    object.write_only = schema.write_only;
    object.extensions.clone_from(&schema.extensions);
    object.discriminator.clone_from(&schema.discriminator);
    let mut taken = Taken { owner: &schema.at, rest: &rest, rest_id, unions: &unions };
    object.one_of = taken.all(lowering, "oneOf", &schema.one_of);
    object.any_of = taken.all(lowering, "anyOf", &schema.any_of);
    Some(Keywords::Merged(Rc::new(object)))
}

/// True if the alternatives do nothing but say which members are required together.
pub(super) fn only_asks(lowering: &Lowering<'_>, schema: &SchemaObject) -> bool {
    let only_asks = |id: &SchemaId| {
        lowering.keywords(*id).is_some_and(|branch| {
            let has_others =
                branch.additional_properties.is_some_and(|id| lowering.boolean(id).is_none());
            branch.types_without_null().all(|ty| ty == JsonType::Object)
                && branch.properties.is_empty()
                && branch.pattern_properties.is_empty()
                && !has_others
                && branch.reference.is_none()
                && branch.all_of.is_empty()
                && branch.one_of.is_empty()
                && branch.any_of.is_empty()
                && branch.items.is_none()
                && branch.enumeration.is_none()
                && branch.constant.is_none()
        })
    };
    let mut alternatives = schema.one_of.iter().chain(&schema.any_of).peekable();
    alternatives.peek().is_some() && alternatives.all(only_asks)
}

/// Says that members which are required together are left to the server.
pub(super) fn report_question(lowering: &mut Lowering<'_>, at: &Place) {
    lowering.sink.report(unsupported(
        &codes::ASSERTION_UNSUPPORTED,
        at,
        "alternatives that only say which members are required together",
        "left to the server to check",
    ));
}

/// The reason for which the alternatives cannot take the members in, if there is one.
fn check(
    lowering: &mut Lowering<'_>,
    schema: &SchemaObject,
    unions: &[SchemaId],
) -> Result<(), &'static str> {
    let distinct: BTreeSet<&SchemaId> = unions.iter().collect();
    if distinct.len() < unions.len() {
        return Err("alternatives that lead back to themselves");
    }
    let count = schema.one_of.len() + schema.any_of.len();
    if unions.len() > MAX_DEPTH || lowering.alternatives.len() + count > MAX_ALTERNATIVES {
        return Err("alternatives inside alternatives, too many of them");
    }
    if schema.items.is_some() || !schema.prefix_items.is_empty() {
        return Err("alternatives (`oneOf`, `anyOf`) beside elements");
    }
    let alternatives: Vec<SchemaId> = schema.one_of.iter().chain(&schema.any_of).copied().collect();
    let mut open =
        alternatives.into_iter().filter(|id| !null::is_null(lowering, *id)).collect::<Vec<_>>();
    while let Some(id) = open.pop() {
        let takes = merged(lowering, id).is_some_and(|alternative| {
            let mut types = alternative.types_without_null().peekable();
            (types.peek().is_none() || types.any(|ty| ty == JsonType::Object))
                && alternative.enumeration.is_none()
                && alternative.constant.is_none()
                && alternative.items.is_none()
        });
        if !takes {
            return Err("alternatives that are no objects, beside members");
        }
    }
    Ok(())
}

/// Reports required members that neither the schema nor an alternative describes, and leaves them out.
fn leave_out_undescribed(
    lowering: &mut Lowering<'_>,
    rest: &mut SchemaObject,
    schema: &SchemaObject,
) {
    let alternatives = schema.one_of.iter().chain(&schema.any_of);
    let alternatives: Vec<_> = alternatives.filter_map(|id| merged(lowering, *id)).collect();
    // Alternatives of alternatives may describe anything.
    if alternatives.iter().any(|schema| schema.one_of.len() + schema.any_of.len() > 0) {
        return;
    }
    let describes = |schema: &SchemaObject, name: &String| {
        schema.properties.iter().any(|(known, _)| known == name)
    };
    let (described, undescribed) =
        std::mem::take(&mut rest.required).into_iter().partition(|name| {
            describes(rest, name) || alternatives.iter().any(|schema| describes(schema, name))
        });
    rest.required = described;
    let undescribed: Vec<String> = undescribed;
    for name in undescribed {
        object::report_undescribed(lowering, &schema.at, &name);
    }
}

/// What the alternatives of a schema take in.
struct Taken<'a> {
    owner: &'a Place,
    rest: &'a SchemaObject,
    rest_id: SchemaId,
    unions: &'a [SchemaId],
}

impl Taken<'_> {
    fn all(
        &mut self,
        lowering: &mut Lowering<'_>,
        keyword: &str,
        ids: &[SchemaId],
    ) -> Vec<SchemaId> {
        let ids = ids.iter().enumerate();
        ids.map(|(index, id)| self.one(lowering, keyword, index, *id)).collect()
    }

    fn one(
        &mut self,
        lowering: &mut Lowering<'_>,
        keyword: &str,
        index: usize,
        id: SchemaId,
    ) -> SchemaId {
        if null::is_null(lowering, id) || self.is_said_by(lowering, id) {
            return id;
        }
        let pointer = self.owner.pointer.join(keyword).join(index.to_string());
        let target = last_target(lowering, id);
        if lowering.is_named(target) {
            let words = lowering.hints.of(&lowering.place(target).pointer);
            lowering.hints.add_branch(pointer.clone(), words);
        }
        let at = Place { pointer, span: lowering.place(id).span };
        let mut object = SchemaObject::empty(at);
        object.all_of = vec![self.rest_id, id];
        let taken = lowering.add_schema(object);
        let unions = self.unions.to_vec();
        lowering.alternatives.insert(taken, Alternative { written: id, unions });
        taken
    }

    /// True if an alternative describes and requires all there is to take in.
    fn is_said_by(&self, lowering: &mut Lowering<'_>, id: SchemaId) -> bool {
        let rest = self.rest;
        let has_more = rest.additional_properties.is_some_and(|id| lowering.boolean(id).is_none())
            || !rest.pattern_properties.is_empty();
        !has_more
            && merged(lowering, id).is_some_and(|alternative| {
                let describes =
                    |name: &String| alternative.properties.iter().any(|(known, _)| known == name);
                is_object(&alternative)
                    && rest.properties.iter().all(|(name, _)| describes(name))
                    && rest.required.iter().all(|name| alternative.required.contains(name))
            })
    }
}
