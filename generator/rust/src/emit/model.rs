//! The file of types.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::quote;
use specwright_ir::{Shape, Ty, TypeId};

use super::{Cx, choice, docs, imports, record, union};

/// All types, sorted by name.
pub(super) fn emit(cx: Cx<'_>) -> TokenStream {
    let mut ids: Vec<TypeId> = (0..cx.api.types.len()).map(TypeId).collect();
    ids.sort_by_key(|id| &cx.names.of_type(*id).name);
    let types = ids.into_iter().map(|id| match &cx.api.types[id.0].shape {
        Shape::Record { .. } => {
            let (record, param) = (record::emit(cx, id), param_of_json(cx, id));
            quote!(#record #param)
        }
        Shape::Choice { .. } => choice::emit(cx, id),
        Shape::Union { .. } => {
            let (union, param) = (union::emit(cx, id), param_of_json(cx, id));
            quote!(#union #param)
        }
        Shape::Alias(ty) => alias(cx, id, ty),
    });
    let items = quote!(#(#types)*);
    let imports = imports::of_runtime(&imports::mentioned(&items));
    quote! {
        #![doc = " The types of the API, sorted by name."]
        #imports
        #items
    }
}

/// True if some parameter holds values of the type.
pub(super) fn is_param(cx: Cx<'_>, id: TypeId) -> bool {
    let mut open: Vec<&Ty> = cx
        .api
        .operations
        .iter()
        .flat_map(|operation| &operation.params)
        .map(|param| &param.ty)
        .collect();
    let mut seen: BTreeSet<TypeId> = BTreeSet::new();
    while let Some(ty) = open.pop() {
        match ty {
            Ty::Def(found) if *found == id => return true,
            Ty::Def(found) => {
                if let Shape::Alias(inner) = &cx.api.types[found.0].shape
                    && seen.insert(*found)
                {
                    open.push(inner);
                }
            }
            Ty::List(inner) | Ty::Map(inner) | Ty::Nullable(inner) => open.push(inner),
            Ty::Scalar(_) | Ty::Json | Ty::Nothing => {}
        }
    }
    false
}

/// A parameter that has the shape of its JSON.
fn param_of_json(cx: Cx<'_>, id: TypeId) -> Option<TokenStream> {
    let name = &cx.names.of_type(id).name;
    is_param(cx, id).then(|| {
        quote! {
            impl ToParam for #name {
                fn to_param(&self) -> ParamValue {
                    ParamValue::encoded(self)
                }
            }
        }
    })
}

fn alias(cx: Cx<'_>, id: TypeId, ty: &Ty) -> TokenStream {
    let def = &cx.api.types[id.0];
    let name = &cx.names.of_type(id).name;
    let docs = docs::attributes(&docs::of_type(def, name));
    let ty = cx.ty(ty);
    quote!(#docs pub type #name = #ty;)
}
