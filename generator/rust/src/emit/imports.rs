//! The imports a file needs, found by looking at what it says.

use std::collections::BTreeSet;

use proc_macro2::{TokenStream, TokenTree};
use quote::quote;

use super::Cx;

/// Identifiers that occur in some tokens and do not continue a path: those that must be in scope.
pub(super) fn mentioned(tokens: &TokenStream) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    collect(tokens.clone(), &mut found);
    found
}

/// `use` items for the names of the runtime and the standard library that are mentioned.
pub(super) fn of_runtime(mentioned: &BTreeSet<String>) -> TokenStream {
    let operation = list(mentioned, OPERATION);
    let json = list(mentioned, JSON);
    let types = list(mentioned, TYPES);
    let map = mentioned.contains("BTreeMap").then(|| {
        quote!(
            use std::collections::BTreeMap;
        )
    });
    let json = json.map(|names| quote!(use specwright_client::json::{#names};));
    let operation = operation.map(|names| quote!(use specwright_client::operation::{#names};));
    let types = types.map(|names| quote!(use specwright_client::types::{#names};));
    quote!(#map #json #operation #types)
}

impl Cx<'_> {
    /// A `use` item for the types of the API that are mentioned.
    pub(super) fn imports_of_model(self, mentioned: &BTreeSet<String>) -> TokenStream {
        let ids = (0..self.api.types.len()).map(specwright_ir::TypeId);
        let names = ids.map(|id| self.names.of_type(id));
        let mut used: BTreeSet<_> = BTreeSet::new();
        for names in names {
            used.extend(
                [&names.name, &names.args].into_iter().filter(|n| mentioned.contains(n.as_str())),
            );
        }
        if used.is_empty() {
            return TokenStream::new();
        }
        quote!(use crate::model::{#(#used),*};)
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

fn collect(tokens: TokenStream, found: &mut BTreeSet<String>) {
    let mut colons = 0;
    for tree in tokens {
        match tree {
            TokenTree::Punct(punct) if punct.as_char() == ':' => {
                colons += 1;
                continue;
            }
            TokenTree::Ident(ident) if colons < 2 => {
                found.insert(ident.to_string());
            }
            TokenTree::Group(group) => collect(group.stream(), found),
            TokenTree::Ident(_) | TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
        colons = 0;
    }
}

/// What `specwright_client::operation` offers to generated files.
const OPERATION: &[&str] = &[
    "Answer",
    "BodyCodec",
    "Decoded",
    "EncodeError",
    "Idempotency",
    "Method",
    "Operation",
    "OperationMeta",
    "Paginated",
    "ParamValue",
    "PathStyle",
    "QueryStyle",
    "Reply",
    "RequestEncoder",
    "ToParam",
];

/// What `specwright_client::json` offers to generated files.
const JSON: &[&str] = &["Decode", "DecodeError", "Encode", "Node", "NodeKind", "Writer"];

/// What `specwright_client::types` offers to generated files.
pub(super) const TYPES: &[&str] = &[
    "Bytes",
    "Date",
    "DateTime",
    "ExpiresIn",
    "Json",
    "Maybe",
    "SecretString",
    "UnknownJson",
    "UnknownValue",
];
