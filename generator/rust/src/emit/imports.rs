//! The imports a file needs, found by looking at what it says.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::TokenStream;
use quote::quote;
use specwright_ir::TypeId;
use syn::visit::{self, Visit};

use super::{Cx, gate};
use crate::names::Name;

/// The names with which paths of some items begin: those that must be in scope.
pub(super) fn mentioned(items: &TokenStream) -> BTreeSet<String> {
    let file = match syn::parse2::<syn::File>(items.clone()) {
        Ok(file) => file,
        Err(error) => unreachable!("emitted tokens are Rust items: {error}\n{items}"),
    };
    let mut mentioned = Mentioned::default();
    mentioned.visit_file(&file);
    mentioned.names
}

/// `use` items for the names of the runtime and the standard library that are mentioned.
pub(super) fn of_runtime(mentioned: &BTreeSet<String>) -> TokenStream {
    let operation = list(mentioned, OPERATION);
    let json = list(mentioned, JSON);
    let types = list(mentioned, TYPES);
    let root = list(mentioned, ROOT).map(|names| quote!(use specwright_client::{#names};));
    let map = mentioned.contains("BTreeMap").then(|| {
        quote!(
            use std::collections::BTreeMap;
        )
    });
    let json = json.map(|names| quote!(use specwright_client::json::{#names};));
    let operation = operation.map(|names| quote!(use specwright_client::operation::{#names};));
    let types = types.map(|names| quote!(use specwright_client::types::{#names};));
    quote!(#map #json #operation #types #root)
}

impl Cx<'_> {
    /// A `use` item for the types of the API that are mentioned.
    pub(super) fn imports_of_model(self, mentioned: &BTreeSet<String>) -> TokenStream {
        let used = self.mentioned_types(mentioned).into_iter().map(|(_, name)| name);
        let used: BTreeSet<&Name> = used.collect();
        if used.is_empty() {
            return TokenStream::new();
        }
        quote!(use crate::model::{#(#used),*};)
    }

    /// The same for a file of types, one `use` for each feature but the file's own.
    pub(super) fn imports_of_siblings(
        self,
        mentioned: &BTreeSet<String>,
        file: &Name,
        feature: Option<&str>,
    ) -> TokenStream {
        let mut used: BTreeMap<Option<&str>, BTreeSet<&Name>> = BTreeMap::new();
        for (id, name) in self.mentioned_types(mentioned) {
            if self.names.of_type(id).file != *file {
                let needed = self.features.of_type(id).filter(|needed| Some(*needed) != feature);
                used.entry(needed).or_default().insert(name);
            }
        }
        let uses = used.into_iter().map(|(feature, names)| {
            let gate = gate::attribute(feature);
            quote!(#gate use super::{#(#names),*};)
        });
        quote!(#(#uses)*)
    }

    fn mentioned_types<'a>(self, mentioned: &BTreeSet<String>) -> Vec<(TypeId, &'a Name)>
    where
        Self: 'a,
    {
        let ids = (0..self.api.types.len()).map(TypeId);
        let names = ids.flat_map(|id| {
            let names = self.names.of_type(id);
            [(id, &names.name), (id, &names.args)]
        });
        names.filter(|(_, name)| mentioned.contains(name.as_str())).collect()
    }
}

fn list(mentioned: &BTreeSet<String>, known: &[&str]) -> Option<TokenStream> {
    let used: Vec<TokenStream> = known
        .iter()
        .filter(|name| mentioned.contains(**name))
        .filter_map(|name| name.parse().ok())
        .collect();
    (!used.is_empty()).then(|| quote!(#(#used),*))
}

#[derive(Default)]
struct Mentioned {
    names: BTreeSet<String>,
}

impl<'ast> Visit<'ast> for Mentioned {
    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.names.extend(path.segments.first().map(|segment| segment.ident.to_string()));
        visit::visit_path(self, path);
    }
}

/// What `specwright_client::operation` offers to generated files.
const OPERATION: &[&str] = &[
    "Answer",
    "BodyCodec",
    "Decoded",
    "EncodeError",
    "Idempotency",
    "ItemKey",
    "Keyed",
    "Method",
    "NextPage",
    "Operation",
    "OperationMeta",
    "PageItems",
    "Paginated",
    "ParamValue",
    "PathStyle",
    "QueryStyle",
    "Redirect",
    "Reply",
    "RequestBody",
    "RequestEncoder",
    "ToParam",
    "fill_page",
];

/// What `specwright_client::json` offers to generated files.
const JSON: &[&str] = &["Decode", "DecodeError", "Encode", "Node", "NodeKind", "Writer"];

/// What `specwright_client::types` offers to generated files.
pub(super) const TYPES: &[&str] = &[
    "Bytes",
    "Date",
    "DateTime",
    "Expandable",
    "Expanded",
    "ExpiresIn",
    "Json",
    "LocalDateTime",
    "Maybe",
    "MergePatch",
    "SecretString",
    "UnknownJson",
    "UnknownValue",
];

/// What `specwright_client` itself offers to generated files.
const ROOT: &[&str] = &["Download", "Error"];
