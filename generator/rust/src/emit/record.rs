//! Records: structs with named members.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use specwright_ir::{Field, Literal, Rest, Shape, TypeDef, TypeId};

use super::types::Held;
use super::{Cx, docs};
use crate::names::Name;

/// `new` takes at most this many arguments; more come as one struct, because a row of strings
/// invites mistakes.
pub(super) const MAX_ARGUMENTS: usize = 4;

struct Record<'a> {
    cx: Cx<'a>,
    id: TypeId,
    ty: &'a TypeDef,
    fields: Vec<(&'a Field, &'a Name)>,
    constants: &'a [(String, Literal)],
    rest: &'a Rest,
}

/// The struct with its constructor, setters and codec.
pub(super) fn emit(cx: Cx<'_>, id: TypeId) -> TokenStream {
    let ty = &cx.api.types[id.0];
    let Shape::Record { fields, constants, rest } = &ty.shape else {
        unreachable!("the model dispatches by shape")
    };
    let names = cx.names.of_type(id);
    let fields = fields.iter().zip(&names.members).collect();
    let record = Record { cx, id, ty, fields, constants, rest };
    let declaration = record.declaration();
    let constructor = record.constructor();
    let decode = record.decode();
    let encode = record.encode();
    quote!(#declaration #constructor #decode #encode)
}

/// The members that `new` needs, in their order; none if the type is no record.
pub(super) fn required(cx: Cx<'_>, id: TypeId) -> Vec<(&Field, &Name)> {
    let Shape::Record { fields, .. } = &cx.api.types[id.0].shape else { return Vec::new() };
    let members = fields.iter().zip(&cx.names.of_type(id).members);
    members
        .filter(|(field, _)| matches!(cx.held(id, field), Held::Plain | Held::Nullable))
        .collect()
}

impl Record<'_> {
    fn name(&self) -> &Name {
        &self.cx.names.of_type(self.id).name
    }

    fn rest_field(&self) -> Option<(&Name, TokenStream)> {
        match self.rest {
            Rest::Ignore => None,
            Rest::Collect(ty) => Some((&self.cx.names.of_type(self.id).rest, self.cx.ty(ty))),
        }
    }

    fn required(&self) -> Vec<(&Field, &Name)> {
        required(self.cx, self.id)
    }

    fn declaration(&self) -> TokenStream {
        let name = self.name();
        let docs = docs::attributes(&docs::of_type(self.ty, name));
        let default = self.required().is_empty().then(|| quote!(, Default));
        let deprecated = docs::deprecated(self.ty.deprecated, "type");
        let fields = self.fields.iter().map(|(field, name)| {
            let docs = docs::attributes(&docs::of_field(field, name));
            let ty = self.cx.field_ty(self.id, field);
            let deprecated = docs::deprecated(field.deprecated, "member");
            quote!(#docs #deprecated pub #name: #ty)
        });
        let rest = self.rest_field().map(|(name, ty)| {
            quote! {
                #[doc = " Members that the document does not name."]
                pub #name: BTreeMap<String, #ty>,
            }
        });
        quote! {
            #docs
            #deprecated
            #[derive(Clone, Debug, PartialEq #default)]
            #[non_exhaustive]
            pub struct #name {
                #(#fields,)*
                #rest
            }
        }
    }

    fn constructor(&self) -> TokenStream {
        let name = self.name();
        let required = self.required();
        let (args_struct, new) = if required.is_empty() {
            (
                None,
                quote!(
                    pub fn new() -> Self {
                        Self::default()
                    }
                ),
            )
        } else if required.len() <= MAX_ARGUMENTS {
            (None, self.positional_new(&required))
        } else {
            (Some(self.args_struct(&required)), self.struct_new())
        };
        let setters = self.ty.usage.request.then(|| self.setters());
        quote! {
            #args_struct
            impl #name {
                #[doc = " A value with everything that must be there."]
                #new
                #setters
            }
        }
    }

    fn positional_new(&self, required: &[(&Field, &Name)]) -> TokenStream {
        let mut parameters = Vec::new();
        let mut conversions = Vec::new();
        for (field, name) in required {
            let (ty, value) = self.required_argument(field, name);
            parameters.push(quote!(#name: #ty));
            let converts = value.to_string() != name.to_token_stream().to_string();
            conversions.extend(converts.then(|| quote!(let #name = #value;)));
        }
        let names = required.iter().map(|(_, name)| name);
        let absent = self.absent();
        quote! {
            pub fn new(#(#parameters),*) -> Self {
                #(#conversions)*
                Self { #(#names,)* #(#absent),* }
            }
        }
    }

    fn required_argument(&self, field: &Field, name: &Name) -> (TokenStream, TokenStream) {
        match self.cx.held(self.id, field) {
            Held::Plain if field.indirect => {
                let argument = self.cx.argument(&field.ty, name);
                let value = argument.value;
                (argument.ty, quote!(Box::new(#value)))
            }
            Held::Plain => {
                let argument = self.cx.argument(&field.ty, name);
                (argument.ty, argument.value)
            }
            Held::Nullable | Held::Optional | Held::ThreeState | Held::Patch => {
                (self.cx.field_ty(self.id, field), quote!(#name))
            }
        }
    }

    fn args_struct(&self, required: &[(&Field, &Name)]) -> TokenStream {
        let name = self.name();
        let args = &self.cx.names.of_type(self.id).args;
        let doc = format!(" What [`{name}::new`] needs.");
        let fields = required.iter().map(|(field, field_name)| {
            let doc = format!(" [`{name}::{}`].", field_name.as_str());
            let ty = self.cx.field_ty(self.id, field);
            quote!(#[doc = #doc] pub #field_name: #ty)
        });
        quote! {
            #[doc = #doc]
            #[derive(Clone, Debug, PartialEq)]
            pub struct #args {
                #(#fields),*
            }
        }
    }

    fn struct_new(&self) -> TokenStream {
        let args = &self.cx.names.of_type(self.id).args;
        let fields = self.required().into_iter().map(|(_, name)| quote!(#name: args.#name));
        let absent = self.absent();
        quote! {
            pub fn new(args: #args) -> Self {
                Self { #(#fields,)* #(#absent),* }
            }
        }
    }

    /// The members that `new` leaves out.
    fn absent(&self) -> Vec<TokenStream> {
        let mut absent: Vec<TokenStream> = Vec::new();
        for (field, name) in &self.fields {
            match self.cx.held(self.id, field) {
                Held::Plain | Held::Nullable => {}
                Held::Optional => absent.push(quote!(#name: None)),
                Held::ThreeState => absent.push(quote!(#name: Maybe::Absent)),
                Held::Patch => {
                    let ty = self.cx.ty(&field.ty);
                    absent.push(quote!(#name: #ty::Unchanged));
                }
            }
        }
        absent.extend(self.rest_field().map(|(name, _)| quote!(#name: BTreeMap::new())));
        absent
    }

    fn setters(&self) -> TokenStream {
        let setter = |(field, name): &(&Field, &Name)| {
            let boxed =
                |value: TokenStream| if field.indirect { quote!(Box::new(#value)) } else { value };
            let doc = format!(" Sets [`Self::{}`].", name.as_str());
            let (ty, value) = match self.cx.held(self.id, field) {
                Held::Plain | Held::Nullable => return None,
                Held::Optional => {
                    let argument = self.cx.argument(&field.ty, &quote!(value));
                    let value = boxed(argument.value);
                    (argument.ty, quote!(Some(#value)))
                }
                Held::ThreeState => {
                    let ty = self.cx.field_ty(self.id, field);
                    (quote!(impl Into<#ty>), quote!(value.into()))
                }
                Held::Patch => (self.cx.ty(&field.ty), quote!(value)),
            };
            let deprecated = docs::deprecated(field.deprecated, "member");
            Some(quote! {
                #[doc = #doc]
                #deprecated
                pub fn #name(mut self, value: #ty) -> Self {
                    self.#name = #value;
                    self
                }
            })
        };
        let setters = self.fields.iter().filter_map(setter);
        quote!(#(#setters)*)
    }

    fn decode(&self) -> TokenStream {
        let name = self.name();
        let members = self.fields.iter().map(|(field, name)| {
            let wire = &field.wire;
            let read = match self.cx.held(self.id, field) {
                Held::Plain => quote!(required),
                Held::Nullable => quote!(nullable),
                Held::Optional => quote!(optional),
                Held::ThreeState => quote!(maybe),
                Held::Patch => quote!(merge_patch),
            };
            quote!(#name: object.#read(#wire)?)
        });
        let known = self.constants.iter().map(|(wire, _)| wire);
        let rest = self.rest_field().map(|(name, _)| quote!(#name: object.rest(&[#(#known),*])?));
        if self.fields.is_empty() && rest.is_none() {
            return quote! {
                impl Decode for #name {
                    fn decode(from: Node<'_>) -> Result<Self, DecodeError> {
                        from.object().map(|_| Self {})
                    }
                }
            };
        }
        quote! {
            impl Decode for #name {
                fn decode(from: Node<'_>) -> Result<Self, DecodeError> {
                    let mut object = from.object()?;
                    Ok(Self { #(#members,)* #rest })
                }
            }
        }
    }

    fn encode(&self) -> TokenStream {
        let name = self.name();
        let constants = self.constants.iter().map(|(wire, value)| match value {
            Literal::String(text) => quote!(object.constant(#wire, #text);),
            Literal::Bool(value) => quote!(object.required(#wire, &#value);),
            Literal::Number(digits) => {
                let number: TokenStream = digits.parse().unwrap_or_default();
                quote!(object.required(#wire, &#number);)
            }
            Literal::Null | Literal::List(_) | Literal::Object(_) => {
                quote!(object.required(#wire, &Json::Null);)
            }
        });
        let members = self.fields.iter().map(|(field, name)| {
            let wire = &field.wire;
            match self.cx.held(self.id, field) {
                Held::Plain => quote!(object.required(#wire, &self.#name);),
                Held::Nullable => quote!(object.nullable(#wire, &self.#name);),
                Held::Optional => quote!(object.optional(#wire, &self.#name);),
                Held::ThreeState => quote!(object.maybe(#wire, &self.#name);),
                Held::Patch => quote!(object.merge_patch(#wire, &self.#name);),
            }
        });
        let rest = self.rest_field().map(|(name, _)| quote!(object.rest(&self.#name);));
        if self.fields.is_empty() && self.constants.is_empty() && rest.is_none() {
            return quote! {
                impl Encode for #name {
                    fn encode(&self, to: &mut Writer) {
                        to.object().end();
                    }
                }
            };
        }
        quote! {
            impl Encode for #name {
                fn encode(&self, to: &mut Writer) {
                    let mut object = to.object();
                    #(#constants)*
                    #(#members)*
                    #rest
                    object.end();
                }
            }
        }
    }
}
