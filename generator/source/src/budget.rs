//! How much a document may cost. Documents are untrusted: every limit here ends in a diagnostic.

/// The limits that reading one file keeps.
///
/// A limit that is reached ends the reading of that file with `OA0006`; what was read up to there
/// is the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Size of the file in bytes. Spans hold 32-bit offsets, so more than 4 GiB has no effect.
    pub bytes: usize,
    /// How many arrays and objects may lie inside each other, the outermost included.
    pub depth: usize,
    /// How many nodes the tree may have, those that YAML aliases repeat included.
    pub nodes: usize,
}

impl Budget {
    /// The limits of a run that names no others.
    ///
    /// - 64 MiB: five times the largest public document known to us (GitHub, 13 MB).
    /// - 100 levels: real documents end at 22, and the common JSON and YAML libraries refuse
    ///   to read more than 127, so whatever we write can be read by them. Code that walks a tree
    ///   may recurse.
    /// - 5,000,000 nodes: twenty times GitHub's; a tree of that size needs about 250 MB.
    pub const DEFAULT: Self = Self { bytes: 64 << 20, depth: 100, nodes: 5_000_000 };
}

impl Default for Budget {
    fn default() -> Self {
        Self::DEFAULT
    }
}
