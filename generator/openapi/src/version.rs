//! The versions of OpenAPI that are read.

use std::fmt;

/// A line of OpenAPI versions; patch versions differ in wording only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum OpenApiVersion {
    /// 3.0.x: upgraded before it is read.
    V30,
    /// 3.1.x: the model.
    V31,
    /// 3.2.x: what it adds is read where the model has a place for it.
    V32,
}

impl OpenApiVersion {
    /// Reads the value of the member `openapi`, for instance `3.1.1`.
    pub fn parse(text: &str) -> Option<Self> {
        let line = text.trim().strip_prefix("3.")?;
        match line.split(['.', '-']).next()? {
            "0" => Some(Self::V30),
            "1" => Some(Self::V31),
            "2" => Some(Self::V32),
            _ => None,
        }
    }
}

impl fmt::Display for OpenApiVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::V30 => "3.0",
            Self::V31 => "3.1",
            Self::V32 => "3.2",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patch_and_candidate_parts_are_not_looked_at() {
        assert_eq!(OpenApiVersion::parse("3.0.4"), Some(OpenApiVersion::V30));
        assert_eq!(OpenApiVersion::parse("3.1.0-rc1"), Some(OpenApiVersion::V31));
        assert_eq!(OpenApiVersion::parse("3.1"), Some(OpenApiVersion::V31));
        assert_eq!(OpenApiVersion::parse("3.2.0"), Some(OpenApiVersion::V32));
    }

    #[test]
    fn other_major_versions_are_unknown() {
        assert_eq!(OpenApiVersion::parse("2.0"), None);
        assert_eq!(OpenApiVersion::parse("3.10.0"), None);
        assert_eq!(OpenApiVersion::parse("4.0.0"), None);
    }
}
