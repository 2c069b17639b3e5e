//! A module of operations: the handle, then each operation.

use proc_macro2::TokenStream;
use quote::quote;
use specwright_ir::Docs;

use super::operation::Op;
use super::{Cx, docs, example, gate, imports};
use crate::names::{MAX_POSITIONAL, Module};
use crate::prose;

/// The file of a module.
pub(super) fn emit(cx: Cx<'_>, module: &Module) -> TokenStream {
    let operations: Vec<Op<'_>> = module.operations.iter().map(|id| Op::new(cx, *id)).collect();
    let (tag, tag_docs) = tag(cx, module);
    let handle = handle(cx, module, &operations, &tag, &tag_docs);
    let requests = operations.iter().map(|op| op.emit());
    let items = quote!(#handle #(#requests)*);
    let mentioned = imports::mentioned(&items);
    let runtime = imports::of_runtime(&mentioned);
    let model = cx.imports_of_model(&mentioned);
    let call = mentioned.contains("Call").then(|| {
        quote!(
            use crate::call::Call;
        )
    });
    let children = children(cx, module).into_iter().map(|child| {
        let name = child.path.last();
        quote!(pub mod #name;)
    });
    let first = format!("Operations on {tag}. {}", docs::summary_or(&tag_docs, ""));
    let docs = docs::inner_attributes(&[first.trim_end().to_owned()]);
    quote! {
        #docs
        #(#children)*
        #runtime
        #call
        use crate::client::Client;
        #model
        #items
    }
}

/// The modules directly inside a module.
pub(super) fn children<'a>(cx: Cx<'a>, module: &Module) -> Vec<&'a Module> {
    let inside = |child: &&Module| {
        child.path.len() == module.path.len() + 1 && child.path.starts_with(&module.path)
    };
    cx.names.modules.iter().filter(inside).collect()
}

/// What the document calls the group, and what it says of it.
fn tag(cx: Cx<'_>, module: &Module) -> (String, Docs) {
    let (tag, docs) = named(cx, module);
    (prose::code(&tag), docs)
}

/// The tag of a group, or the words of its module, and its prose.
pub(super) fn named(cx: Cx<'_>, module: &Module) -> (String, Docs) {
    let group = module.operations.first().map(|id| &cx.api.groups[cx.api.operations[id.0].group.0]);
    let words: Vec<&str> = module.path.iter().map(crate::names::Name::as_str).collect();
    match group {
        Some(group) => {
            let tag = group.tag.as_deref().map_or_else(|| words.join(" "), str::to_owned);
            (tag, group.docs.clone())
        }
        None => (words.join(" "), Docs::default()),
    }
}

fn handle(
    cx: Cx<'_>,
    module: &Module,
    operations: &[Op<'_>],
    tag: &str,
    tag_docs: &Docs,
) -> TokenStream {
    let name = &module.handle;
    let mut lines = vec![format!("The operations on {tag}.")];
    if tag_docs.description.is_some() {
        lines.push(String::new());
        lines.extend(docs::prose_or(tag_docs, ""));
    }
    let docs = docs::attributes(&lines);
    let accessors = children(cx, module).into_iter().map(|child| {
        accessor(cx, child, &quote!(&self.client), &module.path.iter().collect::<Vec<_>>())
    });
    let methods = operations.iter().map(|op| method(*op));
    quote! {
        #docs
        #[derive(Clone, Debug)]
        pub struct #name {
            client: Client,
        }
        impl #name {
            pub(crate) fn new(client: &Client) -> Self {
                Self { client: client.clone() }
            }
            #(#accessors)*
            #(#methods)*
        }
    }
}

/// The method that leads to a module's handle.
pub(super) fn accessor(
    cx: Cx<'_>,
    module: &Module,
    client: &TokenStream,
    parent: &[&crate::names::Name],
) -> TokenStream {
    let (tag, tag_docs) = tag(cx, module);
    let summary = docs::summary_or(&tag_docs, "");
    let doc = format!(" The operations on {tag}. {summary}");
    let doc = doc.trim_end();
    // A group inside another one is left out with its file.
    let gate = gate::attribute(cx.features.of_module(module).filter(|_| parent.is_empty()));
    let (name, handle) = (module.path.last(), &module.handle);
    let path = if parent.is_empty() {
        quote!(crate::#name::#handle)
    } else {
        quote!(crate #(::#parent)* ::#name::#handle)
    };
    quote! {
        #[doc = #doc]
        #gate
        pub fn #name(&self) -> #path {
            #path::new(#client)
        }
    }
}

fn method(op: Op<'_>) -> TokenStream {
    let (name, request) = (&op.names.method, &op.names.request);
    let summary = docs::summary_or(&op.operation.docs, "");
    let sent = prose::code(&op.operation.key);
    let first = format!("{summary} Prepares [`{request}`]: {sent}.");
    let mut lines = vec![first.trim_start().to_owned(), String::new()];
    lines.extend(example::of_operation(op));
    let docs = docs::attributes(&lines);
    let positional = op.positional();
    let deprecated = op.deprecated();
    if positional.len() > MAX_POSITIONAL {
        let args = &op.names.args;
        return quote! {
            #docs
            #deprecated
            pub fn #name(&self, args: #args) -> Call<#request> {
                self.client.send(#request::new(args))
            }
        };
    }
    let names: Vec<_> = positional.iter().map(|field| field.name).collect();
    let parameters = positional.iter().map(|field| {
        let name = field.name;
        let ty = field.argument(op.cx, name).ty;
        quote!(#name: #ty)
    });
    quote! {
        #docs
        #deprecated
        pub fn #name(&self #(, #parameters)*) -> Call<#request> {
            self.client.send(#request::new(#(#names),*))
        }
    }
}
