//! What alternatives of alternatives lead to.

use std::collections::BTreeSet;

use specwright_openapi::document::{SchemaId, SchemaObject};

use super::{all_of, null};
use crate::lowering::{Keywords, Lowering};

/// The schemas without alternatives of their own that a schema stands for, each once, null left out.
///
/// `stops` tells of schemas that are taken as they are although they have alternatives. `None` if a
/// schema has no keywords or cannot be merged, or if there are more than anybody would write: a union
/// asks this of each of its alternatives, and they may be the same thousands.
pub(super) fn leaves<'d>(
    lowering: &mut Lowering<'d>,
    id: SchemaId,
    stops: impl Fn(&SchemaObject) -> bool,
) -> Option<Vec<Keywords<'d>>> {
    const MAX: usize = 256;
    let mut seen = BTreeSet::from([id]);
    let mut open = vec![id];
    let mut leaves = Vec::new();
    while let Some(id) = open.pop() {
        if seen.len() > MAX {
            return None;
        }
        let schema = all_of::flatten(lowering, id)?;
        if stops(&schema) || schema.one_of.len() + schema.any_of.len() == 0 {
            leaves.push(schema);
            continue;
        }
        // The first one is looked at first.
        for next in schema.any_of.iter().rev().chain(schema.one_of.iter().rev()) {
            if !null::is_null(lowering, *next) && seen.insert(*next) {
                open.push(*next);
            }
        }
    }
    Some(leaves)
}
