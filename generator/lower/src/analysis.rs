//! What follows from the whole API: facts that any back end may read.

pub(crate) mod constants;
pub(crate) mod graph;
pub(crate) mod order;
pub(crate) mod recursion;
pub(crate) mod usage;
pub(crate) mod webhook_tag;
