//! Features that have no reading yet: one diagnostic, one manner.

use specwright_openapi::document::Place;
use specwright_source::{Code, Diagnostic};

/// Says which feature was met, and what is done instead.
pub(crate) fn unsupported(
    code: &'static Code,
    at: &Place,
    feature: &str,
    reading: &str,
) -> Diagnostic {
    Diagnostic::new(code, format!("not supported yet: {feature}"))
        .label(at.span, "")
        .at(at.pointer.clone())
        .note(reading)
}
