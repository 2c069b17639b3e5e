//! Unions: enums with a payload each, that stay open.

use proc_macro2::TokenStream;
use quote::quote;
use specwright_ir::{
    Dispatch, Field, JsonKind, MembersQuestion, Shape, Takes, Ty, TypeId, Variant,
};

use super::{Cx, docs};
use crate::names::Name;
use crate::prose;

/// The enum with its codec.
pub(super) fn emit(cx: Cx<'_>, id: TypeId) -> TokenStream {
    let ty = &cx.api.types[id.0];
    let Shape::Union { variants, dispatch, open: _ } = &ty.shape else {
        unreachable!("the model dispatches by shape")
    };
    let names = cx.names.of_type(id);
    let name = &names.name;
    let mut lines = docs::of_type(ty, name);
    lines.extend([String::new(), manner(dispatch)]);
    let docs = docs::attributes(&lines);
    let variants: Vec<(&Variant, &Name)> = variants.iter().zip(&names.members).collect();
    let declared = variants.iter().map(|(variant, name)| {
        let first = variant
            .tags
            .first()
            .map_or_else(|| prose::escape(&variant.hint.to_string()), |tag| docs::text(tag));
        let docs = docs::attributes(&docs::prose_or(&variant.docs, &first));
        let payload = payload(dispatch, variant).map(|ty| {
            let ty = cx.ty(ty);
            quote!((#ty))
        });
        quote!(#docs #name #payload)
    });
    let decode = decode(dispatch, &variants);
    let encode = variants.iter().map(|(variant, name)| match (dispatch, variant.tags.first()) {
        (Dispatch::Tag { property }, Some(tag)) if !holds_tag(cx, variant, property) => {
            quote!(Self::#name(value) => to.tagged(#property, #tag, value))
        }
        (Dispatch::Literal, Some(text)) => quote!(Self::#name => to.str(#text)),
        _ => quote!(Self::#name(value) => value.encode(to)),
    });
    let held = variants.iter().copied();
    let held = held.filter(|(variant, _)| payload(dispatch, variant).is_some());
    let keyed = super::pages::keyed(cx, id, &variants);
    let conversions = conversions(cx, name, &held.collect::<Vec<_>>());
    let deprecated = docs::deprecated(ty.deprecated, "type");
    quote! {
        #docs
        #deprecated
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub enum #name {
            #(#declared,)*
            #[doc = " An alternative that the document does not name."]
            Unknown(UnknownJson),
        }
        impl Decode for #name {
            fn decode(from: Node<'_>) -> Result<Self, DecodeError> {
                #decode
            }
        }
        impl Encode for #name {
            fn encode(&self, to: &mut Writer) {
                match self {
                    #(#encode,)*
                    Self::Unknown(value) => value.encode(to),
                }
            }
        }
        #keyed
        #conversions
    }
}

/// What a variant holds: nothing if it is a fixed text.
fn payload<'v>(dispatch: &Dispatch, variant: &'v Variant) -> Option<&'v Ty> {
    match dispatch {
        Dispatch::Literal if !variant.tags.is_empty() => None,
        _ => Some(&variant.ty),
    }
}

/// True if the payload itself says which of several tags it was read with, and so writes it.
fn holds_tag(cx: Cx<'_>, variant: &Variant, property: &str) -> bool {
    let Some((_, Shape::Record { fields, .. })) = cx.api.shape(&variant.ty) else { return false };
    let says = |field: &Field| {
        field.wire == property && field.presence.required && !field.presence.nullable
    };
    variant.tags.len() > 1 && fields.iter().any(says)
}

fn manner(dispatch: &Dispatch) -> String {
    let manner = match dispatch {
        Dispatch::Tag { property } => format!("Told apart by {}.", prose::code(property)),
        Dispatch::Kind(_) => "Told apart by the kind of JSON value.".to_owned(),
        Dispatch::Members(_) => "Told apart by the members that are there.".to_owned(),
        Dispatch::Literal => "Told apart by the text.".to_owned(),
    };
    format!("{manner} What this version does not know is kept as `Unknown`.")
}

fn decode(dispatch: &Dispatch, variants: &[(&Variant, &Name)]) -> TokenStream {
    let names: Vec<&Name> = variants.iter().map(|(_, name)| *name).collect();
    match dispatch {
        Dispatch::Tag { property } => {
            let tags = variants.iter().map(|(variant, _)| {
                let tags = &variant.tags;
                quote!(#(#tags)|*)
            });
            quote! {
                match from.tag(#property)? {
                    #(#tags => from.decode().map(Self::#names),)*
                    _ => from.decode().map(Self::Unknown),
                }
            }
        }
        Dispatch::Kind(kinds) => {
            let kinds = kinds.iter().map(|kind| kind_path(*kind));
            quote! {
                match from.kind() {
                    #(#kinds => from.decode().map(Self::#names),)*
                    _ => from.decode().map(Self::Unknown),
                }
            }
        }
        Dispatch::Members(questions) => {
            let asked = questions.iter().map(|MembersQuestion { variant, takes, members }| {
                let condition = match takes {
                    Takes::All => quote!(from.has(&[#(#members),*])),
                    Takes::Any if members.len() == 1 => quote!(from.has(&[#(#members),*])),
                    Takes::Any => {
                        quote!([#(#members),*].iter().any(|member| from.has(&[member])))
                    }
                };
                let name = names[*variant];
                quote!(if #condition { return from.decode().map(Self::#name); })
            });
            quote! {
                #(#asked)*
                from.decode().map(Self::Unknown)
            }
        }
        Dispatch::Literal => {
            let fixed = variants.iter().filter(|(variant, _)| !variant.tags.is_empty());
            let fixed = fixed.map(|(variant, name)| {
                let texts = &variant.tags;
                quote!(Ok(#(#texts)|*) => Ok(Self::#name))
            });
            let formatted = variants.iter().find(|(variant, _)| variant.tags.is_empty());
            let formatted = formatted.map(|(_, name)| name);
            quote! {
                match from.str() {
                    #(#fixed,)*
                    _ => from
                        .decode()
                        .map(Self::#formatted)
                        .or_else(|_| from.decode().map(Self::Unknown)),
                }
            }
        }
    }
}

fn kind_path(kind: JsonKind) -> TokenStream {
    match kind {
        JsonKind::Null => quote!(NodeKind::Null),
        JsonKind::Bool => quote!(NodeKind::Bool),
        JsonKind::Number => quote!(NodeKind::Number),
        JsonKind::String => quote!(NodeKind::String),
        JsonKind::Array => quote!(NodeKind::Array),
        JsonKind::Object => quote!(NodeKind::Object),
    }
}

/// `From` for each payload that only one variant has.
fn conversions(cx: Cx<'_>, name: &Name, variants: &[(&Variant, &Name)]) -> TokenStream {
    let types: Vec<String> =
        variants.iter().map(|(variant, _)| cx.without_names(&variant.ty).to_string()).collect();
    let own = |index: usize| {
        types.iter().filter(|ty| **ty == types[index]).count() == 1 && types[index] != "Json"
    };
    let conversions = variants.iter().enumerate().filter(|(index, _)| own(*index)).map(
        |(_, (variant, variant_name))| {
            let ty = cx.ty(&variant.ty);
            quote! {
                impl From<#ty> for #name {
                    fn from(value: #ty) -> Self {
                        Self::#variant_name(value)
                    }
                }
            }
        },
    );
    quote!(#(#conversions)*)
}
