//! `x-specwright-spellings`: several texts that mean one value.

use std::collections::{BTreeMap, BTreeSet};

use specwright_ir::Scalar;
use specwright_openapi::document::{SchemaObject, Value, extension};
use specwright_source::{Diagnostic, codes};

use super::enumeration::text;
use crate::convention::vocabulary;
use crate::lowering::Lowering;

/// Other spellings of each value, by the text that is written.
///
/// A value that is not in the list, or a spelling that is claimed twice or is itself a value with
/// other spellings, says nothing: it is reported and left out.
pub(super) fn of(
    lowering: &mut Lowering<'_>,
    schema: &SchemaObject,
    values: &[Value],
    base: Scalar,
) -> BTreeMap<String, Vec<String>> {
    let mut spellings = BTreeMap::new();
    let Some(stated) = extension(&schema.extensions, vocabulary::SPELLINGS) else {
        return spellings;
    };
    let known: BTreeSet<String> = values.iter().map(text).collect();
    let mut taken: BTreeSet<&str> =
        stated.value.members().iter().map(|(value, _)| value.as_str()).collect();
    for (value, others) in stated.value.members() {
        let mut also = Vec::new();
        for other in others.items().iter().filter_map(Value::as_str) {
            let problem = if base != Scalar::String {
                "a number has no other spelling".to_owned()
            } else if !known.contains(value) {
                format!("`{value}` is none of the values")
            } else if !taken.insert(other) {
                format!("`{other}` cannot be a spelling of `{value}`: it stands for something else")
            } else {
                also.push(other.to_owned());
                continue;
            };
            lowering.sink.report(
                Diagnostic::new(&codes::SPELLINGS_UNFOUNDED, problem)
                    .label(stated.at.span, "")
                    .at(stated.at.pointer.clone())
                    .note("this spelling is left out"),
            );
        }
        also.sort();
        spellings.insert(value.clone(), also);
    }
    spellings
}
