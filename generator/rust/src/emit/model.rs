//! The file of types.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::quote;
use specwright_ir::{Shape, Ty, TypeId};

use super::{Cx, alias, choice, imports, newtype, record, union};

/// All types, sorted by name.
pub(super) fn emit(cx: Cx<'_>) -> TokenStream {
    let mut ids: Vec<TypeId> = (0..cx.api.types.len()).map(TypeId).collect();
    ids.sort_by_key(|id| &cx.names.of_type(*id).name);
    let types = ids.into_iter().map(|id| match &cx.api.types[id.0].shape {
        Shape::Record { .. } => with_uses(cx, id, &record::emit(cx, id)),
        Shape::Choice { .. } => choice::emit(cx, id),
        Shape::Union { .. } => with_uses(cx, id, &union::emit(cx, id)),
        Shape::Newtype(_) => newtype::emit(cx, id),
        Shape::Expandable { id: reference, whole, .. } => {
            alias::emit_expandable(cx, id, reference, whole)
        }
        Shape::MergePatch(value) => alias::emit_merge_patch(cx, id, value),
        Shape::Alias(ty) => alias::emit(cx, id, ty),
    });
    let items = quote!(#(#types)*);
    let imports = imports::of_runtime(&imports::mentioned(&items));
    quote! {
        #![doc = " The types of the API, sorted by name."]
        #imports
        #items
    }
}

/// A type with what its places in the API ask of it.
fn with_uses(cx: Cx<'_>, id: TypeId, items: &TokenStream) -> TokenStream {
    let (param, expanded) = (param_of_json(cx, id), alias::emit_expanded(cx, id));
    quote!(#items #expanded #param)
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
