//! Equal: whether what was decoded and encoded again is what came.
//!
//! Input: an effective document (OpenAPI 3.1 in JSON, overlays applied), the JSON Pointer of a schema in it, the value
//! that came and the value that was written after it had been decoded. Output: how often each relaxation was needed, or
//! every difference.
//!
//! The same JSON, after five [relaxations](Relaxations), each of which is counted: members that no schema declares are
//! dropped where additional properties are not modelled; null is absent in types that only answers hold; numbers are
//! compared by value, date-times by instant; a lesser spelling becomes the main one.
//!
//! By the same schemas, [`Equal::members`] says which of the members that it may have a value has, and
//! [`Equal::alternatives`] what else it might be.
//!
//! Invariants:
//! - The schemas are those of the raw document, read here once more, and alternatives are told apart by the `jsonschema`
//!   package: a mistake of the generator cannot excuse itself.
//! - Where several schemas hold for a value, a member is declared if one of them declares it. So the whole resource is
//!   compared where a reference to it would fit too.
//! - What this crate does not understand is a difference, never a relaxation.
//!
//! It must never link the generator, the runtime or a generated crate.

mod comparison;
mod direction;
mod members;
#[cfg(test)]
mod mutations;
mod relaxations;
mod schemas;

use std::collections::BTreeSet;
use std::fmt;

use serde_json::Value;

pub use members::Members;
pub use relaxations::Relaxations;

use comparison::Comparison;
use schemas::Schemas;

/// Compares values by the schemas of one document.
pub struct Equal {
    schemas: Schemas,
}

/// Why two values are not Equal: each difference, as `pointer: came became written`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unequal(Vec<String>);

impl Equal {
    /// Takes an effective document.
    ///
    /// # Errors
    ///
    /// The document cannot be registered with the validator.
    pub fn of(document: Value) -> Result<Self, Unequal> {
        Ok(Self { schemas: Schemas::of(document)? })
    }

    /// Compares `written` with `came`, both of which the schema at `pointer` describes.
    ///
    /// # Errors
    ///
    /// Every difference, and every schema on the way that is not understood.
    pub fn compare(
        &self,
        pointer: &str,
        came: &Value,
        written: &Value,
    ) -> Result<Relaxations, Unequal> {
        Comparison::new(&self.schemas).of(pointer, came, written)
    }

    /// What `value`, which the schema at `pointer` describes, has of the members that are declared for it.
    ///
    /// # Errors
    ///
    /// A schema on the way that is not understood.
    pub fn members(&self, pointer: &str, value: &Value) -> Result<Members, Unequal> {
        members::members(&self.schemas, pointer, value)
    }

    /// Every alternative that a value of the schema at `pointer` may be, as pointers into the document.
    ///
    /// # Errors
    ///
    /// A schema on the way that is not understood.
    pub fn alternatives(&self, pointer: &str) -> Result<BTreeSet<String>, Unequal> {
        members::alternatives(&self.schemas, pointer)
    }

    /// The document.
    pub fn document(&self) -> &Value {
        self.schemas.document()
    }
}

impl fmt::Debug for Equal {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("Equal")
    }
}

impl fmt::Display for Unequal {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(&self.0.join("\n"))
    }
}

impl std::error::Error for Unequal {}
