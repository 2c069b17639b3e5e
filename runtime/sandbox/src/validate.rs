//! JSON Schema 2020-12 on the raw document, by the `jsonschema` package.

use std::fmt::{self, Write as _};

use jiff::civil::DateTime;
use jsonschema::error::ValidationErrorKind;
use jsonschema::{Draft, Registry, ValidationError, Validator};
use serde::Serialize;
use serde_json::{Value, json};

use crate::document::Place;
use crate::error::StartError;
use crate::undeclared::Declared;

/// Compiles schemas where they stand in the document, so that every `$ref` keeps its meaning.
pub(crate) struct Schemas<'d> {
    registry: Registry<'d>,
}

/// One compiled schema.
pub(crate) struct Check {
    validator: Validator,
    /// Of a request: the only members it may have.
    declared: Option<Declared>,
}

/// One thing that is wrong with a value. Holds no part of the value: it may be a secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Violation {
    pub(crate) message: String,
    pub(crate) pointer: String,
}

impl Schemas<'_> {
    pub(crate) fn of(document: &Value) -> Result<Self, StartError> {
        let registry = Registry::new()
            .draft(Draft::Draft202012)
            .add(DOCUMENT, document.clone())
            .and_then(jsonschema::RegistryBuilder::prepare)
            .map_err(|error| StartError::document("", error.to_string()))?;
        Ok(Self { registry })
    }

    /// Compiles the schema at `place` for requests: a member that it does not declare is a violation.
    pub(crate) fn check_of_request(&self, place: &Place<'_>) -> Result<Check, StartError> {
        let declared = Some(Declared::read(place, self)?);
        Ok(Check { declared, ..self.check(&place.pointer)? })
    }

    /// Compiles the schema at `pointer`.
    pub(crate) fn check(&self, pointer: &str) -> Result<Check, StartError> {
        let reference = json!({ "$ref": format!("{DOCUMENT}#{}", fragment(pointer)) });
        jsonschema::options()
            .with_draft(Draft::Draft202012)
            .with_registry(&self.registry)
            .offline()
            .should_validate_formats(true)
            .with_format("date-time-local", is_local_date_time)
            .build(&reference)
            .map(|validator| Check { validator, declared: None })
            .map_err(|error| StartError::document(pointer, error.to_string()))
    }
}

impl Check {
    /// What is wrong with `value`; each pointer starts with `prefix`.
    pub(crate) fn violations(&self, value: &Value, prefix: &str) -> Vec<Violation> {
        let mut found: Vec<Violation> = Vec::new();
        for error in self.validator.iter_errors(value) {
            reasons(&error, prefix, &mut found);
        }
        match &self.declared {
            // Which branch of a union declares the members is known only if one fits.
            Some(declared) if found.is_empty() => declared.violations(value, prefix),
            _ => found,
        }
    }

    /// Whether the schema takes `value`; members that it does not declare set aside.
    pub(crate) fn accepts(&self, value: &Value) -> bool {
        self.validator.is_valid(value)
    }
}

impl fmt::Debug for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Check")
    }
}

impl Violation {
    pub(crate) fn new(pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self { message: message.into(), pointer: pointer.into() }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.pointer, self.message)
    }
}

/// Of a union, the branch that fits best speaks: "not valid under any" helps nobody.
fn reasons(error: &ValidationError<'_>, prefix: &str, found: &mut Vec<Violation>) {
    let branches = match error.kind() {
        ValidationErrorKind::OneOfNotValid { context } | ValidationErrorKind::AnyOf { context } => {
            context.as_slice()
        }
        _ => &[],
    };
    match branches.iter().min_by_key(|errors| distance(errors)) {
        Some(errors) => errors.iter().for_each(|error| reasons(error, prefix, found)),
        None => found.push(Violation::new(
            format!("{prefix}{}", error.instance_path().as_str()),
            error.masked().to_string(),
        )),
    }
}

/// A branch whose tag is another one is further away than any with the right tag.
fn distance(errors: &[ValidationError<'_>]) -> (bool, usize) {
    let tag = |error: &ValidationError<'_>| {
        matches!(
            error.kind(),
            ValidationErrorKind::Constant { .. } | ValidationErrorKind::Type { .. }
        )
    };
    (errors.iter().any(tag), errors.len())
}

/// `full-date "T" partial-time` of RFC 3339, section 5.6 (OpenAPI format registry). `jiff` takes more
/// forms than this one, so it is asked only whether there is such a day and such a time.
fn is_local_date_time(text: &str) -> bool {
    let (whole, fraction) = match text.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (text, None),
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let form = b"dddd-dd-ddTdd:dd:dd";
    let has_form = whole.len() == form.len()
        && whole.bytes().zip(form).all(|(byte, wanted)| match wanted {
            b'd' => byte.is_ascii_digit(),
            wanted => byte == *wanted,
        });
    has_form && fraction.is_none_or(digits) && whole.parse::<DateTime>().is_ok()
}

/// A JSON Pointer as the fragment of a URI (RFC 6901, section 6).
fn fragment(pointer: &str) -> String {
    let mut written = String::with_capacity(pointer.len());
    for byte in pointer.bytes() {
        if byte.is_ascii_alphanumeric() || b"/~-._".contains(&byte) {
            written.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(written, "%{byte:02X}");
        }
    }
    written
}

/// The name under which the document is registered. Nothing is ever fetched from it.
const DOCUMENT: &str = "urn:specwright:document";

#[cfg(test)]
mod tests {
    use super::*;

    fn violations(document: &Value, pointer: &str, value: &Value) -> Vec<String> {
        let schemas = Schemas::of(document).unwrap();
        let check = schemas.check(pointer).unwrap();
        check.violations(value, "").iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_schema_under_a_path_template_is_found() {
        let document = json!({"paths": {"/a/{id}": {"type": "integer"}}});
        let found = violations(&document, "/paths/~1a~1{id}", &json!("secret"));
        assert_eq!(found, [": value is not of type \"integer\""]);
    }

    #[test]
    fn formats_are_asserted() {
        let document = json!({"when": {"type": "string", "format": "date-time"}});
        assert_eq!(violations(&document, "/when", &json!("yesterday")).len(), 1);
        assert_eq!(violations(&document, "/when", &json!("2026-01-01T00:00:00Z")).len(), 0);
    }

    #[test]
    fn a_local_date_time_has_no_zone() {
        let document = json!({"when": {"type": "string", "format": "date-time-local"}});
        let is_good = |text: &str| violations(&document, "/when", &json!(text)).is_empty();
        assert!(is_good("2026-06-15T09:00:00"));
        for text in ["2026-06-15T09:00:00Z", "2026-06-15T09:00:00+02:00", "2026-06-15", "soon"] {
            assert!(!is_good(text), "{text}");
        }
    }

    #[test]
    fn a_local_date_time_has_seconds_and_at_most_a_fraction() {
        assert!(is_local_date_time("2026-06-15T09:00:00.123456789012"));
        for text in [
            "2026-06-15T09:00",
            "2026-06-15T09",
            "20260615T090000",
            "2026-06-15t09:00:00",
            "2026-06-15 09:00:00",
            "2026-06-15T09:00:00.",
            "2026-06-15T09:00:00,5",
            "+002026-06-15T09:00:00",
            "2026-06-15T09:00:00[Europe/Copenhagen]",
            "2026-06-15T09:00:00.5[u-ca=iso8601]",
        ] {
            assert!(!is_local_date_time(text), "{text}");
        }
    }

    #[test]
    fn a_local_date_time_is_on_a_day_and_at_a_time_that_exist() {
        assert!(!is_local_date_time("2026-02-29T09:00:00"));
        assert!(!is_local_date_time("2026-06-15T24:00:00"));
    }

    #[test]
    fn the_branch_with_the_right_tag_speaks() {
        let document = json!({"oneOf": [
            {"properties": {"kind": {"const": "a"}, "x": {"type": "string"}}, "required": ["x"]},
            {"properties": {"kind": {"const": "b"}}, "required": ["y", "z"]},
        ]});
        let found = violations(&document, "", &json!({"kind": "b", "y": 1}));
        assert_eq!(found, [": \"z\" is a required property"]);
    }

    #[test]
    fn a_reference_out_of_the_document_is_not_fetched() {
        let document = json!({"schema": {"$ref": "https://elsewhere.example/schema.json"}});
        let schemas = Schemas::of(&document);
        assert!(schemas.and_then(|schemas| schemas.check("/schema")).is_err());
    }
}
