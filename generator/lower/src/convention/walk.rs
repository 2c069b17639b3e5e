//! From a JSON Pointer into a value to the type at its end.

use specwright_ir::{Api, Shape, Ty};
use specwright_source::Pointer;

/// The type that a pointer into a value of `ty` leads to; `None` if some member is not described.
pub(super) fn walk<'a>(api: &'a Api, ty: &'a Ty, pointer: &Pointer) -> Option<&'a Ty> {
    pointer.tokens().try_fold(ty, |ty, token| member(api, ty, token)).map(|ty| plain(api, ty))
}

fn member<'a>(api: &'a Api, ty: &'a Ty, name: &str) -> Option<&'a Ty> {
    match plain(api, ty) {
        Ty::Map(value) => Some(value),
        Ty::Def(id) => match &api.types.get(id.0)?.shape {
            Shape::Record { fields, .. } => {
                fields.iter().find(|field| field.wire == name).map(|field| &field.ty)
            }
            Shape::Choice { .. } | Shape::Union { .. } | Shape::Alias(_) => None,
        },
        Ty::Scalar(_) | Ty::List(_) | Ty::Nullable(_) | Ty::Json | Ty::Nothing => None,
    }
}

/// The type behind other names for it.
fn plain<'a>(api: &'a Api, ty: &'a Ty) -> &'a Ty {
    let mut plain = ty;
    // A name cannot stand for itself, but this runs before that is checked.
    for _ in 0..=api.types.len() {
        match plain {
            Ty::Nullable(inner) => plain = inner,
            Ty::Def(id) => match api.types.get(id.0).map(|def| &def.shape) {
                Some(Shape::Alias(inner)) => plain = inner,
                _ => break,
            },
            Ty::Scalar(_) | Ty::List(_) | Ty::Map(_) | Ty::Json | Ty::Nothing => break,
        }
    }
    plain
}
