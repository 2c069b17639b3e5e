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
    SCHEMA_ENDLESS = "OA0201", Error, "schema is made of nothing but itself";
    REQUIRED_UNDESCRIBED = "OA0202", Warning, "required member is not described";
    ENUM_KIND = "OA0203", Warning, "enum value is not of the schema's type";
    ALL_OF_CONFLICT = "OA0204", Error, "`allOf` branches disagree";
    SCHEMA_NOT_AN_OBJECT = "OA0205", Error, "schema is neither an object nor a boolean";
    FORMAT_UNKNOWN = "OA0206", Note, "format is not known";
    ENUM_REPEATED = "OA0207", Warning, "enum value is there twice";
    DISCRIMINATOR_INCOMPLETE = "OA0208", Warning, "alternative has no tag in its discriminator";
    MAPPING_NOT_A_STRING = "OA0209", Error, "discriminator mapping value is not a string";
    DEFAULT_KIND = "OA0210", Warning, "default is not a value of its schema";
    OPERATION_ID_REPEATED = "OA0301", Warning, "operation id is used twice";
    PATH_PARAMETER_MISSING = "OA0302", Error, "path parameter is not described";
    PATH_PARAMETER_UNUSED = "OA0303", Warning, "path parameter is not in the path";
    PARAMETER_REPEATED = "OA0305", Warning, "parameter is there twice";
    HEADER_RESERVED = "OA0306", Warning, "header is not a parameter";
    PATH_TEMPLATE = "OA0307", Error, "path template has an open brace";
    SECURITY_UNDECLARED = "OA0310", Warning, "security scheme is not declared";
    SECURITY_UNREADABLE = "OA0311", Error, "security cannot be read";
    STYLE_MISFIT = "OA0312", Error, "style does not fit its place";
    MERGE_UNSUPPORTED = "OA0401", Warning, "merging of these schemas is not supported yet";
    UNION_UNSUPPORTED = "OA0402", Warning, "alternatives of this form are not supported yet";
    TUPLE_UNSUPPORTED = "OA0403", Warning, "tuples are not supported yet";
    ASSERTION_UNSUPPORTED = "OA0404", Warning, "assertion is not shown yet";
    MEDIA_UNSUPPORTED = "OA0405", Warning, "media type is not supported yet";
    PARAMETER_UNSUPPORTED = "OA0406", Warning, "parameter of this form is not supported yet";
    SUBTYPES_UNSUPPORTED = "OA0407", Warning, "discriminator without `oneOf` is not supported yet";
    SECURITY_UNSUPPORTED = "OA0408", Warning, "security of this kind is not supported yet";
    PART_UNSUPPORTED = "OA0409", Warning, "part of an operation is not supported yet";
    PATTERNS_UNSUPPORTED = "OA0410", Warning, "members by pattern are not supported yet";
    ENUM_UNSUPPORTED = "OA0411", Warning, "fixed values of several kinds are not supported yet";
    NAME_TAKEN = "OA0501", Warning, "no name is free";
    EXTENSION_UNKNOWN = "OA0601", Warning, "extension key is not known";
    EXTENSION_MALFORMED = "OA0602", Warning, "extension has the wrong form or place";
    PAGINATION_UNFOUNDED = "OA0603", Warning, "stated pagination does not fit the operation";
    ENVELOPE_UNFOUNDED = "OA0604", Warning, "stated envelope is no member of the body";
    SENSITIVE_NOT_TEXT = "OA0605", Warning, "only a string can be sensitive";
    WEBHOOK_TAG = "OA0606", Note, "place that tells webhooks apart was recognised";
    CREDENTIAL_RECOGNIZED = "OA0607", Note, "name of a credential was recognized";
    EXPANDABLE_RECOGNIZED = "OA0608", Note, "reference or whole object was recognized";
    EXPANSION_UNFOUNDED = "OA0609", Warning, "stated expansion does not fit its target";
    SPELLINGS_UNFOUNDED = "OA0610", Warning, "stated spelling does not fit the enum";
    RENEWAL_UNFOUNDED = "OA0611", Warning, "stated renewal does not fit the flows";
    SIGNATURES_DIFFER = "OA0612", Warning, "webhooks are not signed in the same way";
    LOCK_MALFORMED = "OA0701", Error, "decision lock is not understood";
    GUESS_CHANGED = "OA0702", Warning, "guess changed";
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
