//! What a document states beyond OpenAPI, with the `x-specwright-*` keys of `specs/README.md`.
//!
//! A convention is checked against the types it speaks of. One that does not fit is reported and
//! left out: a client that pages wrongly is worse than one that does not page.

pub(crate) mod envelope;
pub(crate) mod errors;
pub(crate) mod expandable;
pub(crate) mod idempotency;
pub(crate) mod merge_patch;
pub(crate) mod pagination;
pub(crate) mod rate;
pub(crate) mod renewal;
pub(crate) mod signature;
pub(crate) mod vocabulary;
mod walk;
mod wire;

use specwright_ir::{Api, Operation};
use specwright_openapi::Document;
use specwright_openapi::document;

/// The operation of the API that came from one of the document.
fn lowered<'a>(
    api: &'a mut Api,
    template: &str,
    op: &document::Operation,
) -> Option<&'a mut Operation> {
    let key = format!("{} {template}", op.method.as_str());
    let index = api.operations.binary_search_by(|lowered| lowered.key.cmp(&key)).ok()?;
    api.operations.get_mut(index)
}

/// Every operation of the document with its path.
pub(crate) fn operations(
    document: &Document,
) -> impl Iterator<Item = (&str, &document::Operation)> {
    document
        .paths
        .iter()
        .flat_map(|(path, item)| item.operations.iter().map(move |op| (path.as_str(), op)))
}
