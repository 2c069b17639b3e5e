//! Newtypes: text and whole numbers that have a name in the API.

use proc_macro2::TokenStream;
use quote::quote;
use specwright_ir::{Scalar, Shape, Ty, TypeId};

use super::{Cx, docs};

/// The struct; what it can do comes from a macro of the runtime, the same for all of them.
pub(super) fn emit(cx: Cx<'_>, id: TypeId) -> TokenStream {
    let ty = &cx.api.types[id.0];
    let Shape::Newtype(scalar) = &ty.shape else { unreachable!("the model dispatches by shape") };
    let name = &cx.names.of_type(id).name;
    let docs = docs::attributes(&docs::of_type(ty, name));
    let deprecated = docs::deprecated(ty.deprecated, "type");
    let inner = cx.ty(&Ty::Scalar(*scalar));
    let is_text = *scalar == Scalar::String;
    let copy = (!is_text).then(|| quote!(Copy,));
    let abilities = if is_text {
        quote!(specwright_client::text_newtype!(#name);)
    } else {
        quote!(specwright_client::integer_newtype!(#name, #inner);)
    };
    quote! {
        #docs
        #deprecated
        #[derive(Clone, #copy Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct #name(#inner);
        #abilities
    }
}
