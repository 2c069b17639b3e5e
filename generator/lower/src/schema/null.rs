//! Whether null is a value of a schema.

use specwright_openapi::document::{JsonType, SchemaId, SchemaObject, Value};

use super::{is_prose, reference};
use crate::lowering::Lowering;

/// References followed before the answer is no; more are no document but an attack on the stack.
const MAX_DEPTH: usize = 128;

/// True if the schema has null among other values.
///
/// `type` decides if it is there: `nullable: true` of OpenAPI 3.0 is often written beside an
/// `allOf` or an `enum` without null, and means null all the same. `true` and the like allow null
/// as they allow everything; that is part of "any JSON" and not said again.
pub(super) fn is_allowed(lowering: &mut Lowering<'_>, id: SchemaId) -> bool {
    if let Some(known) = lowering.null.get(&id) {
        return *known;
    }
    let found = look(lowering, id, &mut Vec::new());
    lowering.null.insert(id, found);
    found
}

/// True if the schema itself has null as its only value.
pub(super) fn is_null(lowering: &Lowering<'_>, id: SchemaId) -> bool {
    lowering.keywords(id).is_some_and(|schema| {
        schema.types == [JsonType::Null]
            || schema.constant == Some(Value::Null)
            || schema.enumeration.as_deref() == Some(&[Value::Null])
    })
}

fn look(lowering: &Lowering<'_>, id: SchemaId, path: &mut Vec<SchemaId>) -> bool {
    if path.contains(&id) || path.len() > MAX_DEPTH {
        return false;
    }
    if let Some(known) = lowering.null.get(&id) {
        return *known;
    }
    let Some(schema) = lowering.keywords(id) else {
        return false;
    };
    if !schema.types.is_empty() {
        return schema.lists_null();
    }
    path.push(id);
    let found = by_keywords(lowering, &schema, path);
    path.pop();
    found
}

fn by_keywords(lowering: &Lowering<'_>, schema: &SchemaObject, path: &mut Vec<SchemaId>) -> bool {
    if let Some(value) = &schema.constant {
        return *value == Value::Null;
    }
    if let Some(values) = &schema.enumeration {
        return values.contains(&Value::Null);
    }
    let mut parts: Vec<SchemaId> = reference(schema).into_iter().collect();
    parts.extend(schema.all_of.iter().copied().filter(|id| !is_prose(lowering, *id)));
    let branches: Vec<SchemaId> = schema.one_of.iter().chain(&schema.any_of).copied().collect();
    let parts_allow = parts.iter().all(|id| look(lowering, *id, path));
    let branches_allow = branches.iter().any(|id| look(lowering, *id, path));
    match (parts.is_empty(), branches.is_empty()) {
        (true, true) => false,
        (false, true) => parts_allow,
        (true, false) => branches_allow,
        (false, false) => parts_allow && branches_allow,
    }
}
