//! Items to tokens.
//!
//! One function an item kind; each looks names up and decides nothing. A `quote!` block looks like
//! what it produces.

mod alias;
mod call;
mod choice;
mod client;
mod docs;
mod example;
mod gate;
mod group;
mod guide;
mod imports;
mod input;
mod meta;
mod model;
mod newtype;
mod once;
mod operation;
mod operators;
mod page;
mod pages;
mod record;
mod reference;
mod root;
mod types;
mod union;
mod value;
mod webhooks;

use specwright_ir::Api;

use operation::Op;

use crate::features::Features;
use crate::names::Names;
use crate::render::rust_file;
use crate::{File, Settings};

/// What every emitting function looks things up in.
#[derive(Clone, Copy)]
struct Cx<'a> {
    api: &'a Api,
    settings: &'a Settings,
    names: &'a Names,
    features: &'a Features,
}

/// The files of the crate but its manifest.
pub(crate) fn sources(
    api: &Api,
    settings: &Settings,
    names: &Names,
    features: &Features,
) -> Vec<File> {
    let cx = Cx { api, settings, names, features };
    let mut files = vec![
        cx.file("src/lib.rs", &root::emit(cx)),
        cx.file("src/client.rs", &client::emit(cx)),
        cx.file("src/call.rs", &call::emit()),
        cx.file("src/meta.rs", &meta::emit(cx)),
        File { path: "README.md".to_owned(), text: guide::readme(cx) },
        File { path: "api.md".to_owned(), text: reference::emit(cx) },
    ];
    files.extend(model::files(cx));
    for module in &names.modules {
        let path: Vec<&str> = module.path.iter().map(crate::names::Name::as_str).collect();
        files.push(cx.file(&format!("src/{}.rs", path.join("/")), &group::emit(cx, module)));
    }
    if !api.webhooks.is_empty() {
        files.push(cx.file("src/webhooks.rs", &webhooks::emit(cx)));
    }
    files
}

impl<'a> Cx<'a> {
    /// Every operation, in the order of modules and keys.
    fn operations(self) -> impl Iterator<Item = Op<'a>> {
        let modules = self.names.modules.iter();
        modules.flat_map(|module| &module.operations).map(move |id| Op::new(self, *id))
    }

    fn file(&self, path: &str, tokens: &proc_macro2::TokenStream) -> File {
        File { path: path.to_owned(), text: rust_file(&self.settings.command, tokens) }
    }
}
