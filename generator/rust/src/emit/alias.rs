//! Other names: for types that stand elsewhere, and for what the runtime makes of two of them.

use proc_macro2::TokenStream;
use quote::quote;
use specwright_ir::{Shape, Ty, TypeId};

use super::{Cx, docs};

/// Another name for a type.
pub(super) fn emit(cx: Cx<'_>, id: TypeId, ty: &Ty) -> TokenStream {
    declared(cx, id, &[], &cx.ty(ty))
}

/// A reference to another object, or all of it.
pub(super) fn emit_expandable(cx: Cx<'_>, id: TypeId, reference: &Ty, whole: &Ty) -> TokenStream {
    let (reference, whole) = (cx.ty(reference), cx.ty(whole));
    let fact = format!("The id alone, or the whole [`{whole}`].");
    declared(cx, id, &[fact], &quote!(Expandable<#reference, #whole>))
}

/// A change of a map.
pub(super) fn emit_merge_patch(cx: Cx<'_>, id: TypeId, value: &Ty) -> TokenStream {
    let value = cx.ty(value);
    let fact = "What is not named stays as it is: set keys, remove keys, or clear all of them.";
    declared(cx, id, &[fact.to_owned()], &quote!(MergePatch<#value>))
}

/// What shows that a value of the type is there as a whole, where some [`Shape::Expandable`] holds it.
pub(super) fn emit_expanded(cx: Cx<'_>, id: TypeId) -> Option<TokenStream> {
    let signs = cx.api.types.iter().find_map(|def| match &def.shape {
        Shape::Expandable { whole, signs, .. } if *cx.api.resolve(whole) == Ty::Def(id) => {
            Some(signs)
        }
        _ => None,
    })?;
    let name = &cx.names.of_type(id).name;
    Some(quote! {
        impl Expanded for #name {
            const REQUIRED: &'static [&'static str] = &[#(#signs),*];
        }
    })
}

fn declared(cx: Cx<'_>, id: TypeId, facts: &[String], ty: &TokenStream) -> TokenStream {
    let def = &cx.api.types[id.0];
    let name = &cx.names.of_type(id).name;
    let mut lines = docs::of_type(def, name);
    for fact in facts {
        lines.extend([String::new(), fact.clone()]);
    }
    let docs = docs::attributes(&lines);
    quote!(#docs pub type #name = #ty;)
}
