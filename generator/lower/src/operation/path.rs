//! Path templates and the parameters they ask for.

use std::collections::BTreeSet;

use specwright_ir::{
    Constraints, Docs, Param, ParamStyle, PathPart, PathTemplate, Place, Scalar, Ty, Words,
};
use specwright_openapi::document;
use specwright_source::{Diagnostic, codes};

use crate::lowering::{Lowering, origin};

/// Splits a template at its braces. A brace without its counterpart is text, and reported.
pub(super) fn parse(
    lowering: &mut Lowering<'_>,
    template: &str,
    at: &document::Place,
) -> PathTemplate {
    let mut parts = Vec::new();
    let mut rest = template;
    let mut text = String::new();
    if !template.starts_with('/') {
        text.push('/');
    }
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        let Some((name, behind)) = after.split_once('}') else {
            text.push('{');
            rest = after;
            report(lowering, &codes::PATH_TEMPLATE, at, "a path has `{` without `}`".to_owned());
            break;
        };
        if !text.is_empty() {
            parts.push(PathPart::Text(std::mem::take(&mut text)));
        }
        parts.push(PathPart::Param(name.to_owned()));
        rest = behind;
    }
    text.push_str(rest);
    if !text.is_empty() {
        parts.push(PathPart::Text(text));
    }
    PathTemplate { parts }
}

/// Makes path and path parameters agree: a parameter that the path lacks is left out, one that is
/// missing is a required string.
pub(super) fn check_params(
    lowering: &mut Lowering<'_>,
    path: &PathTemplate,
    mut params: Vec<Param>,
    at: &document::Place,
) -> Vec<Param> {
    let mut wanted: BTreeSet<&str> = BTreeSet::new();
    let mut missing = Vec::new();
    for part in &path.parts {
        let PathPart::Param(name) = part else {
            continue;
        };
        let given = params.iter().any(|param| param.place == Place::Path && param.wire == *name);
        if wanted.insert(name) && !given {
            let message = format!("path parameter `{name}` is not described");
            report(lowering, &codes::PATH_PARAMETER_MISSING, at, message);
            missing.push(undescribed(name, at));
        }
    }
    params.retain(|param| {
        let keep = param.place != Place::Path || wanted.contains(param.wire.as_str());
        if !keep {
            let message = format!("path parameter `{}` is not in the path", param.wire);
            report(lowering, &codes::PATH_PARAMETER_UNUSED, at, message);
        }
        keep
    });
    missing.extend(params);
    missing
}

fn undescribed(name: &str, at: &document::Place) -> Param {
    Param {
        place: Place::Path,
        wire: name.to_owned(),
        hint: Words::split(name),
        ty: Ty::Scalar(Scalar::String),
        required: true,
        style: ParamStyle::Simple { explode: false },
        default: None,
        constraints: Constraints::default(),
        format: None,
        docs: Docs::default(),
        deprecated: false,
        origin: origin(at),
    }
}

fn report(
    lowering: &mut Lowering<'_>,
    code: &'static specwright_source::Code,
    at: &document::Place,
    message: String,
) {
    lowering.sink.report(Diagnostic::new(code, message).label(at.span, "").at(at.pointer.clone()));
}
