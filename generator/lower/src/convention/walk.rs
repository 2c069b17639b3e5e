//! From a JSON Pointer into a value to the type at its end.

use specwright_ir::{Api, Scalar, Shape, Ty};
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
            Shape::Choice { .. }
            | Shape::Union { .. }
            | Shape::Newtype(_)
            | Shape::Expandable { .. }
            | Shape::MergePatch(_)
            | Shape::Alias(_) => None,
        },
        Ty::Scalar(_) | Ty::List(_) | Ty::Nullable(_) | Ty::Json | Ty::Nothing => None,
    }
}

/// The text or number that a newtype is.
fn unnamed(scalar: Scalar) -> &'static Ty {
    match scalar {
        Scalar::I32 => &Ty::Scalar(Scalar::I32),
        Scalar::U64 => &Ty::Scalar(Scalar::U64),
        Scalar::I64 => &Ty::Scalar(Scalar::I64),
        Scalar::Bool
        | Scalar::F64
        | Scalar::String
        | Scalar::Secret
        | Scalar::DateTime
        | Scalar::Date
        | Scalar::LocalDateTime
        | Scalar::Base64
        | Scalar::ExpiresIn => &Ty::Scalar(Scalar::String),
    }
}

/// The type behind names for it.
fn plain<'a>(api: &'a Api, ty: &'a Ty) -> &'a Ty {
    let mut plain = ty;
    // A name cannot stand for itself, but this runs before that is checked.
    for _ in 0..=api.types.len() {
        match plain {
            Ty::Nullable(inner) => plain = inner,
            Ty::Def(id) => match api.types.get(id.0).map(|def| &def.shape) {
                Some(Shape::Alias(inner)) => plain = inner,
                Some(Shape::Newtype(scalar)) => return unnamed(*scalar),
                _ => break,
            },
            Ty::Scalar(_) | Ty::List(_) | Ty::Map(_) | Ty::Json | Ty::Nothing => break,
        }
    }
    plain
}
