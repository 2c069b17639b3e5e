//! Operations: a request value and what becomes of its answers.

mod answer;
mod encode;
mod request;
mod status;

use proc_macro2::TokenStream;
use quote::quote;
use specwright_ir::{Operation, OperationId, PathPart};

use super::Cx;
use crate::names::{Module, Name, OperationNames};

pub(super) use request::InputField;

/// An operation together with what is looked up for it again and again.
#[derive(Clone, Copy)]
pub(super) struct Op<'a> {
    pub(super) cx: Cx<'a>,
    pub(super) operation: &'a Operation,
    pub(super) names: &'a OperationNames,
}

impl<'a> Op<'a> {
    pub(super) fn new(cx: Cx<'a>, id: OperationId) -> Self {
        Self { cx, operation: &cx.api.operations[id.0], names: cx.names.of_operation(id) }
    }

    /// The names of the modules that lead to the operation.
    pub(super) fn module_path(self) -> impl Iterator<Item = &'a Name> {
        let holds = |module: &&Module| {
            module
                .operations
                .iter()
                .any(|id| self.cx.api.operations[id.0].key == self.operation.key)
        };
        self.cx.names.modules.iter().find(holds).into_iter().flat_map(|module| &module.path)
    }

    /// The request, its constructor, its `Operation` impl and the setters of its call.
    pub(super) fn emit(self) -> TokenStream {
        let request = self.request();
        let constructor = self.constructor();
        let operation = self.implementation();
        let pages = super::pages::emit(self);
        let setters = self.on_call();
        let bodies = self.body_enums();
        quote!(#request #constructor #operation #pages #setters #bodies)
    }

    fn implementation(self) -> TokenStream {
        let name = &self.names.request;
        let meta = super::meta::operation(self.cx, self.operation, &self.path());
        let accept = self.accept();
        let accept =
            (accept != "application/json").then(|| quote!(const ACCEPT: &'static str = #accept;));
        let (output, error) = (self.output_ty(), self.error_ty());
        let encode = self.encode();
        let decode = self.decode();
        quote! {
            impl Operation for #name {
                const META: &'static OperationMeta = &#meta;
                #accept
                type Output = #output;
                type Error = #error;
                #encode
                fn decode(answer: &Answer) -> Decoded<Self> {
                    #decode
                }
            }
        }
    }

    /// True if its answers continue.
    pub(super) fn is_list(self) -> bool {
        !super::pages::emit(self).is_empty()
    }

    /// The scopes of the first way to authenticate.
    pub(super) fn scopes(self) -> Vec<&'a str> {
        let schemes = self.operation.security.first().map(|first| first.schemes.as_slice());
        let scopes = schemes.unwrap_or_default().iter().flat_map(|(_, scopes)| scopes);
        scopes.map(String::as_str).collect()
    }

    pub(super) fn deprecated(self) -> Option<TokenStream> {
        self.operation
            .deprecated
            .then(|| quote!(#[deprecated(note = "the API marks this operation as deprecated")]))
    }

    fn path(self) -> String {
        let part = |part: &PathPart| match part {
            PathPart::Text(text) => text.clone(),
            PathPart::Param(name) => format!("{{{name}}}"),
        };
        self.operation.path.parts.iter().map(part).collect()
    }
}
