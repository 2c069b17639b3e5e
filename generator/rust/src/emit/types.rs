//! Uses of types.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use specwright_ir::{Field, Scalar, Shape, Ty, TypeId};

use super::Cx;

/// How a member or an input is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Held {
    /// `T`.
    Plain,
    /// `Option<T>`, written as `null` when it is `None`.
    Nullable,
    /// `Option<T>`, left out when it is `None`.
    Optional,
    /// `Maybe<T>`.
    ThreeState,
    /// `T`, left out when it says that nothing changes.
    Patch,
}

impl Cx<'_> {
    /// The type as Rust source names it.
    pub(super) fn ty(self, ty: &Ty) -> TokenStream {
        match ty {
            Ty::Def(id) => self.names.of_type(*id).name.to_token_stream(),
            Ty::Scalar(scalar) => scalar_ty(*scalar),
            Ty::List(item) => {
                let item = self.ty(item);
                quote!(Vec<#item>)
            }
            Ty::Map(value) => {
                let value = self.ty(value);
                quote!(BTreeMap<String, #value>)
            }
            Ty::Nullable(inner) => {
                let inner = self.ty(inner);
                quote!(Option<#inner>)
            }
            Ty::Json => quote!(Json),
            Ty::Nothing => quote!(()),
        }
    }

    /// True if a type of the API has this name.
    pub(super) fn is_model(self, name: &str) -> bool {
        let mut ids = (0..self.api.types.len()).map(TypeId);
        ids.any(|id| self.names.of_type(id).name.to_string() == name)
    }

    /// The type with all other names replaced by what they stand for: equal text is one type.
    pub(super) fn without_names(self, ty: &Ty) -> TokenStream {
        match self.api.resolve(ty) {
            Ty::Def(id) => match &self.api.types[id.0].shape {
                Shape::Expandable { id, whole, .. } => {
                    let (id, whole) = (self.without_names(id), self.without_names(whole));
                    quote!(Expandable<#id, #whole>)
                }
                Shape::MergePatch(value) => {
                    let value = self.without_names(value);
                    quote!(MergePatch<#value>)
                }
                Shape::Choice { base, .. } if *base != Scalar::String => scalar_ty(*base),
                _ => self.names.of_type(*id).name.to_token_stream(),
            },
            Ty::List(item) => {
                let item = self.without_names(item);
                quote!(Vec<#item>)
            }
            Ty::Map(value) => {
                let value = self.without_names(value);
                quote!(BTreeMap<String, #value>)
            }
            Ty::Nullable(inner) => {
                let inner = self.without_names(inner);
                quote!(Option<#inner>)
            }
            ty @ (Ty::Scalar(_) | Ty::Json | Ty::Nothing) => self.ty(ty),
        }
    }

    /// How a member of a record is held.
    pub(super) fn held(self, owner: TypeId, field: &Field) -> Held {
        if let Some((_, Shape::MergePatch(_))) = self.api.shape(&field.ty) {
            return Held::Patch;
        }
        let request = self.api.types[owner.0].usage.request;
        match (field.presence.required, field.presence.nullable) {
            (true, false) => Held::Plain,
            (true, true) => Held::Nullable,
            (false, true) if request => Held::ThreeState,
            (false, _) => Held::Optional,
        }
    }

    /// The type of a member, as the struct declares it.
    pub(super) fn field_ty(self, owner: TypeId, field: &Field) -> TokenStream {
        let inner = self.ty(&field.ty);
        let inner = if field.indirect { quote!(Box<#inner>) } else { inner };
        match self.held(owner, field) {
            Held::Plain | Held::Patch => inner,
            Held::Nullable | Held::Optional => quote!(Option<#inner>),
            Held::ThreeState => quote!(Maybe<#inner>),
        }
    }
}

fn scalar_ty(scalar: Scalar) -> TokenStream {
    match scalar {
        Scalar::Bool => quote!(bool),
        Scalar::I32 => quote!(i32),
        Scalar::I64 => quote!(i64),
        Scalar::U64 => quote!(u64),
        Scalar::F64 => quote!(f64),
        Scalar::String => quote!(String),
        Scalar::Secret => quote!(SecretString),
        Scalar::DateTime => quote!(DateTime),
        Scalar::Date => quote!(Date),
        Scalar::LocalDateTime => quote!(LocalDateTime),
        Scalar::Base64 => quote!(Bytes),
        Scalar::ExpiresIn => quote!(ExpiresIn),
    }
}
