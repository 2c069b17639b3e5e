//! Events that the API sends.

use proc_macro2::TokenStream;
use quote::quote;
use specwright_ir::WebhookSignature;

use super::{Cx, docs, imports};
use crate::prose;

/// The file with the event enum.
///
/// Without a place in the payload that names the event there is nothing to tell events apart by:
/// then the payload types stand alone and the file only says so.
pub(super) fn emit(cx: Cx<'_>) -> TokenStream {
    let scheme = scheme(cx);
    // The module, not what is in it: no type of an API is called like a module.
    let webhooks = scheme.as_ref().map(|_| {
        quote!(
            use specwright_client::webhooks;
        )
    });
    let Some(tag) = &cx.api.webhook_tag else {
        let payloads = cx.api.webhooks.iter().zip(&cx.names.events).map(|(event, name)| {
            let docs = docs::attributes(&docs::prose_or(&event.docs, &prose::code(&event.name)));
            let ty = cx.ty(&event.payload);
            quote!(#docs pub type #name = #ty;)
        });
        let items = quote!(#scheme #(#payloads)*);
        let mentioned = imports::mentioned(&items);
        let runtime = imports::of_runtime(&mentioned);
        let model = cx.imports_of_model(&mentioned);
        return quote! {
            #![doc = " Payloads of the events that the API sends; none says which event it is."]
            #runtime
            #webhooks
            #model
            #items
        };
    };
    let pointer = tag.pointer.to_string();
    let events: Vec<_> = cx
        .api
        .webhooks
        .iter()
        .zip(&cx.names.events)
        .filter(|(event, _)| event.tag.is_some())
        .collect();
    let declared = events.iter().map(|(event, name)| {
        let docs = docs::attributes(&docs::prose_or(&event.docs, &prose::code(&event.name)));
        let ty = cx.ty(&event.payload);
        quote!(#docs #name(#ty))
    });
    let decode = events.iter().map(|(event, name)| {
        let tag = &event.tag;
        quote!(#tag => from.decode().map(Self::#name))
    });
    let encode = events.iter().map(|(_, name)| quote!(Self::#name(event) => event.encode(to)));
    let doc = format!(
        " Told apart by {}. What this version does not know is kept as `Unknown`.",
        prose::code(&pointer)
    );
    let items = quote! {
        #scheme
        #[doc = " An event that the API sends."]
        #[doc = ""]
        #[doc = #doc]
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub enum Event {
            #(#declared,)*
            #[doc = " An event that the document does not name."]
            Unknown(UnknownJson),
        }
        impl Event {
            #[doc = " Reads the body of a webhook request whose signature was verified."]
            pub fn parse(body: &[u8]) -> Result<Self, DecodeError> {
                specwright_client::json::from_slice(body)
            }
        }
        impl Decode for Event {
            fn decode(from: Node<'_>) -> Result<Self, DecodeError> {
                match from.tag_at(#pointer)? {
                    #(#decode,)*
                    _ => from.decode().map(Self::Unknown),
                }
            }
        }
        impl Encode for Event {
            fn encode(&self, to: &mut Writer) {
                match self {
                    #(#encode,)*
                    Self::Unknown(event) => event.encode(to),
                }
            }
        }
    };
    let mentioned = imports::mentioned(&items);
    let runtime = imports::of_runtime(&mentioned);
    let model = cx.imports_of_model(&mentioned);
    quote! {
        #![doc = " Events that the API sends."]
        #runtime
        #webhooks
        #model
        #items
    }
}

/// The constant that says how events are signed, if the document does.
fn scheme(cx: Cx<'_>) -> Option<TokenStream> {
    let scheme = match cx.api.webhook_signature.as_ref()? {
        WebhookSignature::Timestamped { header, id } => quote!(timestamped(#header, #id)),
        WebhookSignature::Standard => quote!(STANDARD),
    };
    Some(quote! {
        #[doc = " How the API signs what it sends."]
        pub const SCHEME: webhooks::Scheme = webhooks::Scheme::#scheme;
    })
}
