//! The registry of diagnostic codes, sorted. A code is never given a second meaning.
//!
//! Families: `OA00xx` syntax and keywords · `OA01xx` references · `OA02xx` schemas ·
//! `OA03xx` operations · `OA04xx` not supported yet · `OA05xx` names · `OA06xx` conventions ·
//! `OA07xx` decision lock · `OA08xx` overlays · `OA09xx` files and configuration.
//! Each code has a page `docs/diagnostics/<code>.md`, proved by a test of the command.

use crate::diagnostic::Severity;

/// A kind of problem.
#[derive(Debug, PartialEq, Eq)]
pub struct Code {
    /// `OA` and four digits.
    pub id: &'static str,
    /// The kind in a few words.
    pub title: &'static str,
    /// What a diagnostic of this kind weighs unless a stage says otherwise.
    pub severity: Severity,
}

macro_rules! codes {
    ($($name:ident = $id:literal, $severity:ident, $title:literal;)*) => {
        $(
            #[doc = concat!($id, ": ", $title, ".")]
            pub static $name: Code =
                Code { id: $id, title: $title, severity: Severity::$severity };
        )*

        /// Every code, sorted by id.
        pub static ALL: &[&Code] = &[$(&$name),*];
    };
}

codes! {
    SYNTAX = "OA0001", Error, "text is not YAML or JSON";
    UNKNOWN_KEYWORD = "OA0002", Warning, "keyword is not known here";
    WRONG_KIND = "OA0003", Error, "value is of the wrong kind";
    MISSING_MEMBER = "OA0004", Error, "required member is missing";
    DUPLICATE_KEY = "OA0005", Error, "key is given twice";
    BUDGET = "OA0006", Error, "document is larger than its budget";
    VERSION = "OA0007", Error, "OpenAPI version is missing or not known";
    NUMBER_NOT_JSON = "OA0008", Error, "number has no form in JSON";
    UNKNOWN_TAG = "OA0009", Warning, "YAML tag is not known";
    UNKNOWN_VALUE = "OA0010", Error, "value is not one of those that are known";
    MEMBERS_EXCLUDE = "OA0011", Error, "members exclude each other";
    REFERENCE_UNRESOLVED = "OA0101", Error, "reference does not resolve";
    REFERENCE_REFUSED = "OA0102", Error, "reference leaves the reference root";
    REFERENCE_CYCLE = "OA0103", Error, "reference leads back to itself";
    REFERENCE_SIBLINGS = "OA0104", Warning, "members beside a reference are not read";
    SCHEMA_NOT_AN_OBJECT = "OA0205", Error, "schema is neither an object nor a boolean";
    MAPPING_NOT_A_STRING = "OA0209", Error, "discriminator mapping value is not a string";
    SECURITY_UNDECLARED = "OA0310", Error, "security scheme is not declared";
    SECURITY_UNREADABLE = "OA0311", Error, "security cannot be read";
    STYLE_MISFIT = "OA0312", Error, "style does not fit its place";
    LOCK_MALFORMED = "OA0701", Error, "decision lock is not understood";
    NAME_TAKEN = "OA0501", Warning, "no name is free";
    OVERLAY_NO_MATCH = "OA0801", Error, "overlay action matches nothing";
    OVERLAY_MALFORMED = "OA0802", Error, "overlay document is malformed";
    OVERLAY_MISFIT = "OA0803", Error, "overlay action does not fit its target";
    FILE_UNREADABLE = "OA0901", Error, "file cannot be read";
    CONFIG_MALFORMED = "OA0902", Error, "configuration is not understood";
    SECOND_OPINION = "OA0903", Error, "second reader understands the document otherwise";
    SECOND_OPINION_UNUSED = "OA0904", Error, "listed difference of the second reader does not occur";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_sorted_and_unique() {
        assert!(ALL.windows(2).all(|pair| pair[0].id < pair[1].id));
    }
}
