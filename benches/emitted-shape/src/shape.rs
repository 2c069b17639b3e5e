//! The shapes under comparison.

#[derive(Clone, Copy, PartialEq)]
pub enum Shape {
    /// No codec at all: what the types cost by themselves.
    Bare,
    /// A: serde's derive macros.
    Derive,
    /// B on a `serde_json::Value`.
    ValueTree,
    /// B on a flat vector of borrowed nodes.
    FlatTree,
    /// C: a streaming reader.
    Stream,
}

impl Shape {
    pub const ALL: [Self; 5] =
        [Self::Bare, Self::Derive, Self::ValueTree, Self::FlatTree, Self::Stream];

    /// Those that can decode.
    pub const CODECS: [Self; 4] = [Self::Derive, Self::ValueTree, Self::FlatTree, Self::Stream];

    pub fn title(self) -> &'static str {
        match self {
            Self::Bare => "types only, no codec",
            Self::Derive => "A: serde derive",
            Self::ValueTree => "B: tree, `serde_json::Value`",
            Self::FlatTree => "B: tree, flat nodes",
            Self::Stream => "C: streaming reader",
        }
    }

    /// The package of the types.
    pub fn package(self) -> &'static str {
        match self {
            Self::Bare => "types-bare",
            Self::Derive => "types-derive",
            Self::ValueTree => "types-value-tree",
            Self::FlatTree => "types-flat-tree",
            Self::Stream => "types-stream",
        }
    }

    /// The package of the program that runs the codec.
    pub fn runner(self) -> String {
        self.package().replace("types", "run")
    }

    /// The `[dependencies]` of the types, with `RUNTIME` for the folder of the runtime crates.
    pub fn dependencies(self) -> &'static str {
        match self {
            Self::Bare => "json = { package = \"shape-json-common\", path = \"RUNTIME/common\" }\n",
            Self::Derive => {
                "serde = { version = \"1\", features = [\"derive\"] }\nserde_json = \"1\"\n\
                 support = { package = \"shape-serde-support\", path = \"RUNTIME/serde-support\" }\n"
            }
            Self::ValueTree => {
                "json = { package = \"shape-json-value\", path = \"RUNTIME/value-tree\" }\n"
            }
            Self::FlatTree => {
                "json = { package = \"shape-json-flat\", path = \"RUNTIME/flat-tree\" }\n"
            }
            Self::Stream => {
                "json = { package = \"shape-json-stream\", path = \"RUNTIME/stream\" }\n"
            }
        }
    }
}
