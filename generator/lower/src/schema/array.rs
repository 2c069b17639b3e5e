//! Arrays.

use specwright_ir::Ty;
use specwright_openapi::document::SchemaObject;
use specwright_source::codes;

use super::{Body, use_of};
use crate::lowering::Lowering;
use crate::unsupported::unsupported;

pub(super) fn lower(lowering: &mut Lowering<'_>, schema: &SchemaObject) -> Body {
    if !schema.prefix_items.is_empty() {
        lowering.sink.report(unsupported(
            &codes::TUPLE_UNSUPPORTED,
            &schema.at,
            "an array whose places have types of their own (`prefixItems`)",
            "read as a list of any JSON values",
        ));
        return Body::ty(Ty::List(Box::new(Ty::Json)));
    }
    let item = schema.items.map_or(Ty::Json, |items| use_of(lowering, items).in_place());
    Body::ty(Ty::List(Box::new(item)))
}
