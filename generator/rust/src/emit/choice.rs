//! Choices: enums of strings that stay open, and sets of numbers.

use proc_macro2::TokenStream;
use quote::quote;
use specwright_ir::{ChoiceValue, Scalar, Shape, Ty, TypeId};

use super::{Cx, docs};
use crate::names::Name;
use crate::prose;

/// The enum with its way from and to text.
///
/// A set of whole numbers has no words to name its values by: it becomes an alias of the number's
/// type with the values in its documentation.
pub(super) fn emit(cx: Cx<'_>, id: TypeId) -> TokenStream {
    let ty = &cx.api.types[id.0];
    let Shape::Choice { values, base, open: _ } = &ty.shape else {
        unreachable!("the model dispatches by shape")
    };
    if *base != Scalar::String {
        return emit_numbers(cx, id, values, *base);
    }
    let names = cx.names.of_type(id);
    let name = &names.name;
    let mut lines = docs::of_type(ty, name);
    lines.extend([
        String::new(),
        "A value that this version does not know is kept as `Unknown`.".to_owned(),
    ]);
    let docs = docs::attributes(&lines);
    let variants: Vec<(&ChoiceValue, &Name)> = values.iter().zip(&names.members).collect();
    let declared = variants.iter().map(|(value, variant)| {
        let mut lines = docs::prose_or(&value.docs, &docs::text(&value.wire));
        if !value.also.is_empty() {
            let also: Vec<String> = value.also.iter().map(|text| docs::text(text)).collect();
            lines.extend([String::new(), format!("Also read: {}.", also.join(", "))]);
        }
        let docs = docs::attributes(&lines);
        quote!(#docs #variant)
    });
    let to_text = variants.iter().map(|(value, variant)| {
        let wire = &value.wire;
        quote!(Self::#variant => #wire)
    });
    let from_text = variants.iter().map(|(value, variant)| {
        let (wire, also) = (&value.wire, &value.also);
        quote!(#wire #(| #also)* => Self::#variant)
    });
    let param = super::model::is_param(cx, id).then(|| {
        quote! {
            impl ToParam for #name {
                fn to_param(&self) -> ParamValue {
                    ParamValue::scalar(self.as_str())
                }
            }
        }
    });
    let deprecated = docs::deprecated(ty.deprecated, "type");
    quote! {
        #docs
        #deprecated
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum #name {
            #(#declared,)*
            #[doc = " A value that the document does not name."]
            Unknown(UnknownValue),
        }
        impl #name {
            #[doc = " The value on the wire."]
            pub fn as_str(&self) -> &str {
                match self {
                    #(#to_text,)*
                    Self::Unknown(value) => value.as_str(),
                }
            }
        }
        impl From<&str> for #name {
            fn from(value: &str) -> Self {
                match value {
                    #(#from_text,)*
                    unknown => Self::Unknown(UnknownValue::new(unknown)),
                }
            }
        }
        impl Decode for #name {
            fn decode(from: Node<'_>) -> Result<Self, DecodeError> {
                from.str().map(Self::from)
            }
        }
        impl Encode for #name {
            fn encode(&self, to: &mut Writer) {
                to.str(self.as_str());
            }
        }
        #param
    }
}

fn emit_numbers(cx: Cx<'_>, id: TypeId, values: &[ChoiceValue], base: Scalar) -> TokenStream {
    let ty = &cx.api.types[id.0];
    let name = &cx.names.of_type(id).name;
    let listed: Vec<&str> = values.iter().map(|value| value.wire.as_str()).collect();
    let mut lines = docs::of_type(ty, name);
    lines.extend([String::new(), format!("One of {}.", prose::escape(&listed.join(", ")))]);
    let docs = docs::attributes(&lines);
    let base = cx.ty(&Ty::Scalar(base));
    quote!(#docs pub type #name = #base;)
}
