//! The invariants of the crate, checked.
//!
//! I1 and I7 hold by construction and by tests: no type of this crate can hold a reference, and
//! [`dump`](crate::dump()) reads nothing but the [`Api`]. The others are looked at here.

mod operations;
mod types;

use std::fmt;

use crate::api::{Api, Group};
use crate::ty::{Ty, TypeId};
use crate::words::Words;

/// A broken invariant: a bug of whoever built the [`Api`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// `I2` to `I6`.
    pub invariant: &'static str,
    /// The key of the definition or operation, or the list.
    pub place: String,
    /// What is wrong there.
    pub what: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {}: {}", self.invariant, self.place, self.what)
    }
}

/// Every broken invariant, in the order of the API; empty if all hold. Never panics, whatever the
/// API holds. Cost: linear in its size.
pub fn verify(api: &Api) -> Vec<Violation> {
    let mut found = Found { violations: Vec::new(), types: api.types.len() };
    order(api, &mut found);
    types::check(api, &mut found);
    operations::check(api, &mut found);
    found.violations
}

fn order(api: &Api, found: &mut Found) {
    sorted("types", api.types.iter().map(|def| def.key.as_str()), found);
    sorted("operations", api.operations.iter().map(|op| op.key.as_str()), found);
    sorted("groups", api.groups.iter().map(|group| &group.path), found);
    sorted("schemes", api.schemes.iter().map(|scheme| scheme.name.as_str()), found);
    sorted("webhooks", api.webhooks.iter().map(|webhook| webhook.name.as_str()), found);
    for Group { path, .. } in &api.groups {
        if path.is_empty() || path.iter().any(Words::is_empty) {
            found.report("I2", "groups", "a group has a part without a word");
        }
    }
}

/// Sorted and without repetition, so that a key finds one thing.
fn sorted<T: Ord>(place: &str, keys: impl Iterator<Item = T> + Clone, found: &mut Found) {
    if keys.clone().zip(keys.skip(1)).any(|(left, right)| left >= right) {
        found.report("I3", place, "not sorted, or a key is there twice");
    }
}

/// What was found, and what is needed to check a use of a type.
struct Found {
    violations: Vec<Violation>,
    types: usize,
}

impl Found {
    fn report(&mut self, invariant: &'static str, place: &str, what: impl Into<String>) {
        self.violations.push(Violation { invariant, place: place.to_owned(), what: what.into() });
    }

    fn ty(&mut self, place: &str, ty: &Ty) {
        match ty {
            Ty::Def(TypeId(index)) => {
                if *index >= self.types {
                    self.report("I3", place, format!("there is no type {index}"));
                }
            }
            Ty::List(inner) | Ty::Map(inner) => self.ty(place, inner),
            Ty::Nullable(inner) => {
                if matches!(**inner, Ty::Nullable(_) | Ty::Json | Ty::Nothing) {
                    self.report("I6", place, "null is allowed twice");
                }
                self.ty(place, inner);
            }
            Ty::Scalar(_) | Ty::Json | Ty::Nothing => {}
        }
    }
}
