//! The root of the crate.

use proc_macro2::TokenStream;
use quote::quote;

use super::{Cx, docs, gate, guide};

/// `lib.rs`.
pub(super) fn emit(cx: Cx<'_>) -> TokenStream {
    let docs = docs::inner_attributes(&guide::of_crate(cx));
    let mut modules: Vec<(String, TokenStream)> = vec![
        (
            "call".to_owned(),
            quote!(
                mod call;
            ),
        ),
        (
            "client".to_owned(),
            quote!(
                mod client;
            ),
        ),
        (
            "meta".to_owned(),
            quote!(
                pub mod meta;
            ),
        ),
        (
            "model".to_owned(),
            quote!(
                pub mod model;
            ),
        ),
    ];
    if !cx.api.webhooks.is_empty() {
        let gate = gate::attribute(cx.features.of_events());
        modules.push((
            "webhooks".to_owned(),
            quote!(
                #gate
                pub mod webhooks;
            ),
        ));
    }
    for module in &cx.names.modules {
        if let [name] = module.path.as_slice() {
            let gate = gate::attribute(cx.features.of_module(module));
            modules.push((name.as_str().to_owned(), quote!(#gate pub mod #name;)));
        }
    }
    modules.sort_by(|(a, _), (b, _)| a.cmp(b));
    let modules = modules.into_iter().map(|(_, module)| module);
    let partly = (!cx.features.is_empty()).then(|| {
        quote! {
            #![cfg_attr(not(feature = "all"), allow(unused_imports, reason = "a file imports what all features need"))]
        }
    });
    quote! {
        #docs
        #![allow(deprecated, reason = "the crate offers what the API marks as deprecated")]
        #![allow(clippy::large_enum_variant, reason = "a variant boxed by its size would change its type as it grows")]
        #![allow(clippy::should_implement_trait, reason = "a setter is named as its member, be it `add` or `sub`")]
        #partly
        #(#modules)*
        pub use specwright_client as runtime;
        pub use specwright_client::AnyError as Error;
        pub use self::call::Call;
        pub use self::client::Client;
    }
}
