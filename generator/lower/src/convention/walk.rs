//! From a JSON Pointer into a value to the type at its end.

use specwright_ir::{Api, Shape, Ty};
use specwright_source::Pointer;

/// The type that a pointer into a value of `ty` leads to, through members of objects that have names
/// of their own; `None` if some member is not described.
pub(super) fn walk<'a>(api: &'a Api, ty: &'a Ty, pointer: &Pointer) -> Option<&'a Ty> {
    pointer.tokens().try_fold(ty, |ty, token| member(api, ty, token))
}

fn member<'a>(api: &'a Api, ty: &'a Ty, name: &str) -> Option<&'a Ty> {
    match api.shape(ty)? {
        (_, Shape::Record { fields, .. }) => {
            fields.iter().find(|field| field.wire == name).map(|field| &field.ty)
        }
        _ => None,
    }
}
