//! What a caller hands in: arguments of constructors and setters.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use specwright_ir::{Scalar, Shape, Ty};

use super::Cx;

/// An argument: its declared type, and the expression that turns it into what a field holds.
pub(super) struct Argument {
    /// Declared type.
    pub(super) ty: TokenStream,
    /// Expression over the argument's name.
    pub(super) value: TokenStream,
}

impl Cx<'_> {
    /// The argument that fills a field of a type.
    ///
    /// Text, secrets, newtypes, lists and unions are taken as `impl Into`, since each has a form that callers
    /// hold more often than the exact type.
    pub(super) fn argument(self, ty: &Ty, name: &impl ToTokens) -> Argument {
        let exact = self.ty(ty);
        let converts = match self.api.resolve(ty) {
            Ty::Scalar(Scalar::String | Scalar::Secret) | Ty::List(_) => true,
            Ty::Def(id) => {
                matches!(self.api.types[id.0].shape, Shape::Union { .. } | Shape::Newtype(_))
            }
            Ty::Scalar(_) | Ty::Map(_) | Ty::Nullable(_) | Ty::Json | Ty::Nothing => false,
        };
        if converts {
            Argument { ty: quote!(impl Into<#exact>), value: quote!(#name.into()) }
        } else {
            Argument { ty: exact, value: name.to_token_stream() }
        }
    }
}
