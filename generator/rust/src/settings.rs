//! What the user decides about the crate to write.

/// Settings of one generated crate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Package name: `specwright-stora-2025-09`.
    pub package: String,
    /// Name of the library target: `stora_2025_09`.
    pub library: String,
    /// How documentation calls the API: `Stora`.
    pub title: String,
    /// Where the runtime comes from.
    pub runtime: Runtime,
    /// The command that writes the crate, for the header of its files.
    pub command: String,
    /// URL of the Git repository that the crate can be had from, if there is one.
    pub repository: Option<String>,
    /// A crate of more operations than this has a feature for each group.
    pub feature_threshold: usize,
}

impl Settings {
    /// Up to this many operations a crate is compiled as a whole, unless its user decides otherwise:
    /// it takes a few seconds.
    pub const FEATURE_THRESHOLD: usize = 60;
}

/// Where the generated crate finds `specwright-client`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Runtime {
    /// The workspace that the crate is a member of.
    Workspace,
    /// A folder, as written in `Cargo.toml`.
    Path(String),
    /// A Git repository.
    Git {
        /// Its URL.
        url: String,
        /// Branch, tag or commit.
        rev: String,
    },
    /// A version requirement for the registry.
    Version(String),
}
