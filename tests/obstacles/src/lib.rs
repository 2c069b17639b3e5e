//! An obstacle course for the generator: the worst names and shapes that OpenAPI 3.1 allows.
//!
//! Input: `openapi.yaml`, an invented document. Output: none; this package is its tests, and `client` is the
//! crate that is generated from it and checked in. The tests here generate it in memory and compare; those of
//! `client` send requests and read answers. They are two packages, because a generated crate that does not
//! compile must not keep the test that writes it from running.
//!
//! After a change of the generator that is meant, `SPECWRIGHT_BLESS=1 cargo test -p obstacles` writes the crate
//! anew. No `api.lock` is kept: the course shows which names are found without one.
//!
//! `features.yaml` is a second one, for crates that are compiled in part. Its client is written to a temporary folder and
//! compiled there with each of its features alone.

#[cfg(test)]
mod course;
#[cfg(test)]
mod fresh;
#[cfg(test)]
mod repeated;
