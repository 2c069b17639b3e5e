//! What is left out without a feature.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, Item, parse_quote};

/// The attribute of what needs a feature; `None` if it is always there.
pub(super) fn attribute(feature: Option<&str>) -> Option<TokenStream> {
    feature.map(|feature| quote!(#[cfg(feature = #feature)]))
}

/// Items that need a feature.
pub(super) fn items(feature: Option<&str>, items: &TokenStream) -> TokenStream {
    let Some(feature) = feature else { return items.clone() };
    let mut file = match syn::parse2::<syn::File>(items.clone()) {
        Ok(file) => file,
        Err(error) => unreachable!("emitted tokens are Rust items: {error}\n{items}"),
    };
    for attributes in file.items.iter_mut().map(attributes) {
        let docs = attributes.iter().take_while(|it| it.path().is_ident("doc")).count();
        attributes.insert(docs, parse_quote!(#[cfg(feature = #feature)]));
    }
    quote!(#file)
}

/// The attributes of an item that a type becomes.
fn attributes(item: &mut Item) -> &mut Vec<Attribute> {
    match item {
        Item::Enum(item) => &mut item.attrs,
        Item::Impl(item) => &mut item.attrs,
        Item::Macro(item) => &mut item.attrs,
        Item::Struct(item) => &mut item.attrs,
        Item::Type(item) => &mut item.attrs,
        other => unreachable!("no type becomes this: {}", quote!(#other)),
    }
}
