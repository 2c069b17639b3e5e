//! How a request is written: each input through the codec of its place and style.

use proc_macro2::TokenStream;
use quote::quote;
use specwright_ir::{Codec, Param, ParamStyle, Place};

use super::Op;
use super::request::offers_codecs;
use crate::names::{Input, Name};

impl Op<'_> {
    pub(super) fn encode(self) -> TokenStream {
        let mut steps: Vec<TokenStream> = self
            .operation
            .params
            .iter()
            .zip(&self.names.params)
            .map(|(p, name)| write_param(p, name))
            .collect();
        let body = self.operation.body.as_ref().and_then(|body| Some((body, body.media.first()?)));
        let mut last = None;
        if let Some((body, media)) = body {
            let field = &self.names.body;
            let optional = !self.names.positional.contains(&Input::Body);
            let value = if optional { quote!(body) } else { quote!(&self.#field) };
            let write = match media.codec {
                _ if offers_codecs(body) => {
                    let codec = &self.names.body_codec;
                    quote!(to.body(self.#codec, #value))
                }
                Codec::Json => quote!(to.json(#value)),
                Codec::Form => quote!(to.form(#value)),
                Codec::Text => {
                    let range = concrete(&media.range, "text/plain");
                    quote!(to.text(#range, #value))
                }
                Codec::Bytes => {
                    let range = concrete(&media.range, "application/octet-stream");
                    quote!(to.bytes(#range, #value))
                }
            };
            if optional {
                last = Some(quote! {
                    match &self.#field {
                        Some(body) => #write,
                        None => Ok(()),
                    }
                });
            } else {
                last = Some(write);
            }
        }
        let last = last.or_else(|| steps.pop());
        let Some(last) = last else {
            return quote! {
                fn encode(&self, _: &mut RequestEncoder) -> Result<(), EncodeError> {
                    Ok(())
                }
            };
        };
        quote! {
            fn encode(&self, to: &mut RequestEncoder) -> Result<(), EncodeError> {
                #(#steps?;)*
                #last
            }
        }
    }
}

fn write_param(param: &Param, name: &Name) -> TokenStream {
    let wire = &param.wire;
    let value = quote!(&self.#name);
    match (param.place, param.style) {
        (Place::Path, ParamStyle::Simple { explode: false }) => quote!(to.path(#wire, #value)),
        (Place::Path, style) => {
            let style = path_style(style);
            quote!(to.path_styled(#wire, #style, #value))
        }
        (Place::Query, ParamStyle::Json) => quote!(to.query_json(#wire, #value)),
        (Place::Query, style) => {
            let style = query_style(style);
            quote!(to.query(#wire, #style, #value))
        }
        (Place::Header, ParamStyle::Simple { explode: true }) => {
            quote!(to.header_exploded(#wire, #value))
        }
        (Place::Header, _) => quote!(to.header(#wire, #value)),
        (Place::Cookie, _) => quote!(to.cookie(#wire, #value)),
    }
}

fn path_style(style: ParamStyle) -> TokenStream {
    match style {
        ParamStyle::Simple { explode: true } => quote!(PathStyle::SimpleExploded),
        ParamStyle::Label { explode: false } => quote!(PathStyle::Label),
        ParamStyle::Label { explode: true } => quote!(PathStyle::LabelExploded),
        ParamStyle::Matrix { explode: false } => quote!(PathStyle::Matrix),
        ParamStyle::Matrix { explode: true } => quote!(PathStyle::MatrixExploded),
        ParamStyle::Simple { explode: false }
        | ParamStyle::Form { .. }
        | ParamStyle::SpaceDelimited
        | ParamStyle::PipeDelimited
        | ParamStyle::DeepObject
        | ParamStyle::Json => quote!(PathStyle::Simple),
    }
}

fn query_style(style: ParamStyle) -> TokenStream {
    match style {
        ParamStyle::Form { explode: false, .. } => quote!(QueryStyle::Form),
        ParamStyle::SpaceDelimited => quote!(QueryStyle::SpaceDelimited),
        ParamStyle::PipeDelimited => quote!(QueryStyle::PipeDelimited),
        ParamStyle::DeepObject => quote!(QueryStyle::DeepObject),
        ParamStyle::Form { explode: true, .. }
        | ParamStyle::Simple { .. }
        | ParamStyle::Label { .. }
        | ParamStyle::Matrix { .. }
        | ParamStyle::Json => quote!(QueryStyle::FormExploded),
    }
}

/// A media type that can be sent: a range such as `text/*` cannot.
fn concrete<'r>(range: &'r str, otherwise: &'r str) -> &'r str {
    if range.contains('*') { otherwise } else { range }
}
