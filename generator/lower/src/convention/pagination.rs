//! `x-specwright-pagination`: how a list continues.

use specwright_ir::{Api, CaseBody, Codec, Operation, Pagination, Place, Scalar, Shape, Ty};
use specwright_openapi::Document;
use specwright_openapi::document::{Extension, Value, extension};
use specwright_source::{Diagnostic, Pointer, Sink, codes};

use super::walk::walk;
use super::{lowered, operations, vocabulary};

/// Gives operations the pagination that the document states, if request and response have what it
/// names.
///
/// Before: operations and types are there. After: each [`Pagination`] names query parameters that
/// exist and pointers that lead somewhere in the first success body.
pub(crate) fn recognise(document: &Document, api: &mut Api, sink: &mut Sink) {
    for (template, op) in operations(document) {
        let Some(stated) = extension(&op.extensions, vocabulary::PAGINATION) else {
            continue;
        };
        let Some(pagination) = read(&stated.value) else {
            continue;
        };
        let Some(found) = lowered(api, template, op).map(|op| op.clone()) else {
            continue;
        };
        match problem(api, &found, &pagination) {
            None => {
                if let Some(op) = lowered(api, template, op) {
                    op.pagination = Some(pagination);
                }
            }
            Some(problem) => report(stated, &problem, sink),
        }
    }
}

/// The stated pagination; `None` if it has the wrong form, which the vocabulary reports.
fn read(value: &Value) -> Option<Pagination> {
    let text = |name: &str| value.member(name).and_then(Value::as_str).map(str::to_owned);
    (text("style")? == "page-number").then_some(())?;
    Some(Pagination::PageNumber {
        page: text("page")?,
        limit: text("limit"),
        items: text("items")?,
        next: text("next")?,
    })
}

/// What is missing in the operation, if anything is.
fn problem(api: &Api, op: &Operation, pagination: &Pagination) -> Option<String> {
    let Pagination::PageNumber { page, limit, items, next } = pagination;
    for name in limit.iter().chain([page]) {
        let known = op.params.iter().any(|p| p.place == Place::Query && p.wire == *name);
        if !known {
            return Some(format!("there is no query parameter `{name}`"));
        }
    }
    let Some(body) = success_body(op) else {
        return Some("there is no JSON body in a success response".to_owned());
    };
    let at = |text: &str| Pointer::parse(text).and_then(|pointer| walk(api, body, &pointer));
    match (at(items), at(next)) {
        (None, _) => Some(format!("`{items}` leads to nothing in the response")),
        (_, None) => Some(format!("`{next}` leads to nothing in the response")),
        (Some(found), _) if !matches!(found, Ty::List(_)) => {
            Some(format!("`{items}` does not lead to a list"))
        }
        (_, Some(found)) if !is_number(api, found) => {
            Some(format!("`{next}` does not lead to a whole number"))
        }
        (Some(_), Some(_)) => None,
    }
}

fn success_body(op: &Operation) -> Option<&Ty> {
    let case = op.cases.iter().find(|case| case.status.is_success())?;
    match &case.body {
        CaseBody::Empty => None,
        CaseBody::Media(media) => {
            media.iter().find(|media| media.codec == Codec::Json).map(|media| &media.ty)
        }
    }
}

fn is_number(api: &Api, ty: &Ty) -> bool {
    match ty {
        Ty::Scalar(Scalar::I32 | Scalar::I64 | Scalar::U64) => true,
        Ty::Def(id) => match api.types.get(id.0).map(|def| &def.shape) {
            Some(Shape::Choice { base, .. }) => *base != Scalar::String,
            Some(Shape::Record { .. } | Shape::Union { .. } | Shape::Alias(_)) | None => false,
        },
        Ty::Scalar(_) | Ty::List(_) | Ty::Map(_) | Ty::Nullable(_) | Ty::Json | Ty::Nothing => {
            false
        }
    }
}

fn report(stated: &Extension, problem: &str, sink: &mut Sink) {
    sink.report(
        Diagnostic::new(
            &codes::PAGINATION_UNFOUNDED,
            format!("the stated pagination does not fit: {problem}"),
        )
        .label(stated.at.span, "")
        .at(stated.at.pointer.clone())
        .note("read as a list without pages"),
    );
}
