//! Which types the operations send and receive.

use crate::mix::named;
use crate::model::{Body, Type};

/// A third of the records, as in real documents, and every record or union that no other type mentions.
///
/// Generic code costs nothing until someone asks for it with real types. The roots ask, in every shape.
pub fn roots(types: &[Type]) -> Vec<usize> {
    let mut mentioned = vec![false; types.len()];
    for one in types {
        match &one.body {
            Body::Record(fields) => fields
                .iter()
                .filter_map(|field| named(&field.value))
                .for_each(|at| mentioned[at] = true),
            Body::Union(variants) => variants.iter().for_each(|&at| mentioned[at] = true),
            Body::Enum(_) => {}
        }
    }
    let is_root = |&at: &usize| match types[at].body {
        Body::Record(_) => !mentioned[at] || at % 3 == 0,
        Body::Union(_) => !mentioned[at],
        Body::Enum(_) => false,
    };
    (0..types.len()).filter(is_root).collect()
}
