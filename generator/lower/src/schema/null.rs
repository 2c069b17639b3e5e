//! Whether null is a value of a schema.

use specwright_openapi::document::{JsonType, SchemaId, SchemaObject, Value};

use super::{is_prose, reference};
use crate::lowering::Lowering;

/// References followed before the answer is no; more are no document but an attack on the stack.
const MAX_DEPTH: usize = 128;

/// Schemas looked at for one question; circles in which many schemas take part have many ways.
const MAX_STEPS: usize = 10_000;

/// True if the schema has null among other values.
///
/// `type` decides if it is there: `nullable: true` of OpenAPI 3.0 is often written beside an
/// `allOf` or an `enum` without null, and means null all the same. `true` and the like allow null
/// as they allow everything; that is part of "any JSON" and not said again.
pub(super) fn is_allowed(lowering: &mut Lowering<'_>, id: SchemaId) -> bool {
    if let Some(known) = lowering.null.get(&id) {
        return *known;
    }
    Search { path: Vec::new(), steps: 0 }.look(lowering, id).allowed
}

/// True if the schema itself has null as its only value.
pub(super) fn is_null(lowering: &Lowering<'_>, id: SchemaId) -> bool {
    lowering.keywords(id).is_some_and(|schema| {
        schema.types == [JsonType::Null]
            || schema.constant == Some(Value::Null)
            || schema.enumeration.as_deref() == Some(&[Value::Null])
    })
}

/// A walk through the schemas that a schema is made of.
struct Search {
    path: Vec<SchemaId>,
    steps: usize,
}

/// What a walk found.
#[derive(Clone, Copy)]
struct Found {
    allowed: bool,
    /// False if something was not looked at: a circle, or too long a way.
    complete: bool,
}

impl Search {
    fn look(&mut self, lowering: &mut Lowering<'_>, id: SchemaId) -> Found {
        if let Some(known) = lowering.null.get(&id) {
            return Found { allowed: *known, complete: true };
        }
        self.steps += 1;
        if self.path.contains(&id) || self.path.len() > MAX_DEPTH || self.steps > MAX_STEPS {
            return Found { allowed: false, complete: false };
        }
        let Some(schema) = lowering.keywords(id) else {
            return Found { allowed: false, complete: true };
        };
        self.path.push(id);
        let found = self.by_keywords(lowering, &schema);
        self.path.pop();
        // What was cut short may still be true of another one that asks; what is true stays true.
        if found.complete || self.path.is_empty() {
            lowering.null.insert(id, found.allowed);
        }
        found
    }

    fn by_keywords(&mut self, lowering: &mut Lowering<'_>, schema: &SchemaObject) -> Found {
        let stated = match (&schema.constant, &schema.enumeration) {
            _ if !schema.types.is_empty() => Some(schema.lists_null()),
            (Some(value), _) => Some(*value == Value::Null),
            (None, Some(values)) => Some(values.contains(&Value::Null)),
            (None, None) => None,
        };
        if let Some(allowed) = stated {
            return Found { allowed, complete: true };
        }
        let mut parts: Vec<SchemaId> = reference(schema).into_iter().collect();
        parts.extend(schema.all_of.iter().copied().filter(|id| !is_prose(lowering, *id)));
        let branches: Vec<SchemaId> = schema.one_of.iter().chain(&schema.any_of).copied().collect();
        let parts: Vec<Found> = parts.into_iter().map(|id| self.look(lowering, id)).collect();
        let branches: Vec<Found> = branches.into_iter().map(|id| self.look(lowering, id)).collect();
        let parts_allow = parts.iter().all(|found| found.allowed);
        let branches_allow = branches.iter().any(|found| found.allowed);
        Found {
            allowed: match (parts.is_empty(), branches.is_empty()) {
                (true, true) => false,
                (false, true) => parts_allow,
                (true, false) => branches_allow,
                (false, false) => parts_allow && branches_allow,
            },
            complete: parts.iter().chain(&branches).all(|found| found.complete),
        }
    }
}
