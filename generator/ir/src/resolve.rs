//! What a use of a type stands for, behind other names for it.

use crate::api::Api;
use crate::ty::{Scalar, Shape, Ty, TypeId};

impl Api {
    /// The type itself, all other names for it followed.
    pub fn resolve<'a>(&'a self, ty: &'a Ty) -> &'a Ty {
        let mut ty = ty;
        // As many steps as there are types: names that go round in a circle end nowhere.
        for _ in 0..=self.types.len() {
            match self.named(ty) {
                Some((_, Shape::Alias(inner))) => ty = inner,
                Some(_) | None => break,
            }
        }
        ty
    }

    /// The definition that a type is, if it is one, and its form.
    pub fn shape<'a>(&'a self, ty: &'a Ty) -> Option<(TypeId, &'a Shape)> {
        self.named(self.resolve(ty))
    }

    /// The scalar that a type is, newtypes included.
    pub fn scalar(&self, ty: &Ty) -> Option<Scalar> {
        match self.resolve(ty) {
            Ty::Scalar(scalar) => Some(*scalar),
            ty => match self.named(ty)? {
                (_, Shape::Newtype(scalar)) => Some(*scalar),
                _ => None,
            },
        }
    }

    fn named(&self, ty: &Ty) -> Option<(TypeId, &Shape)> {
        match ty {
            Ty::Def(id) => Some((*id, &self.types.get(id.0)?.shape)),
            Ty::Scalar(_) | Ty::List(_) | Ty::Map(_) | Ty::Nullable(_) | Ty::Json | Ty::Nothing => {
                None
            }
        }
    }
}
