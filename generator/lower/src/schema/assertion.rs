//! Keywords that limit a value without giving it a form.

use specwright_openapi::document::SchemaObject;
use specwright_source::codes;

use crate::lowering::Lowering;
use crate::unsupported::unsupported;

/// Names the assertions of a schema that no part of the API shows. The server checks them.
pub(super) fn report(lowering: &mut Lowering<'_>, schema: &SchemaObject) {
    let present: Vec<&str> = [
        ("`not`", schema.not.is_some()),
        ("`if`", schema.if_schema.is_some()),
        ("`dependentSchemas`", !schema.dependent_schemas.is_empty()),
        ("`dependentRequired`", !schema.dependent_required.is_empty()),
        ("`contains`", schema.contains.is_some()),
        ("`unevaluatedItems`", schema.unevaluated_items.is_some()),
        ("`contentSchema`", schema.content_schema.is_some()),
    ]
    .into_iter()
    .filter_map(|(name, present)| present.then_some(name))
    .collect();
    if !present.is_empty() {
        lowering.sink.report(unsupported(
            &codes::ASSERTION_UNSUPPORTED,
            &schema.at,
            &format!("the assertion {}", present.join(" and ")),
            "left to the server to check",
        ));
    }
}
