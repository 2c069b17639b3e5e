//! Equal input gives equal bytes, and a name that was given stays.
//!
//! Input: a few documents of the repository, and documents that proptest makes up, with names that are
//! bound to collide. Output: none; the package is its tests. Three properties:
//!
//! - Generating twice gives the same bytes.
//! - So does a document whose maps are shuffled where OpenAPI gives their order no meaning. Order that
//!   users see stays: parameters, properties, enum values, alternatives.
//! - With the `api.lock` of an earlier run nothing that is still there is renamed, whatever is added,
//!   removed or moved around it, and no name comes to mean another thing.
//!
//! Things are told apart by their descriptions, which carry a mark each, so the properties do not
//! rest on the lock that they test. Nothing is read from or written to a disk.

#[cfg(test)]
mod api;
#[cfg(test)]
mod generator;
#[cfg(test)]
mod names;
#[cfg(test)]
mod order;
#[cfg(test)]
mod stability;
