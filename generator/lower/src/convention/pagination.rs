//! `x-specwright-pagination`: how a list continues.

use specwright_ir::{Api, Case, CaseBody, Codec, Media, Operation, Pagination, Place, Scalar, Ty};
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
    let (limit, items, next) = (text("limit"), text("items")?, text("next")?);
    match text("style")?.as_str() {
        "page-number" => Some(Pagination::PageNumber { page: text("page")?, limit, items, next }),
        "cursor" => Some(Pagination::Cursor { cursor: text("cursor")?, limit, items, next }),
        _ => None,
    }
}

/// What is missing in the operation, if anything is.
fn problem(api: &Api, op: &Operation, pagination: &Pagination) -> Option<String> {
    let (param, limit, items, next, wanted) = match pagination {
        Pagination::PageNumber { page, limit, items, next } => {
            (page, limit, items, next, Position::Number)
        }
        Pagination::Cursor { cursor, limit, items, next } => {
            (cursor, limit, items, next, Position::Text)
        }
    };
    let query = |name: &String| {
        op.params.iter().find(|param| param.place == Place::Query && param.wire == *name)
    };
    if let Some(name) = limit.iter().find(|name| query(name).is_none()) {
        return Some(format!("there is no query parameter `{name}`"));
    }
    let Some(param) = query(param) else {
        return Some(format!("there is no query parameter `{param}`"));
    };
    if !wanted.fits(api, &param.ty) {
        return Some(format!(
            "the query parameter `{}` does not hold {}",
            param.wire,
            wanted.name()
        ));
    }
    let body = match success_body(op) {
        Ok(body) => body,
        Err(problem) => return Some(problem.to_owned()),
    };
    let at = |text: &str| Pointer::parse(text).and_then(|pointer| walk(api, body, &pointer));
    match (at(items), at(next)) {
        (None, _) => Some(format!("`{items}` leads to nothing in the response")),
        (_, None) => Some(format!("`{next}` leads to nothing in the response")),
        (Some(found), _) if !matches!(api.resolve(found), Ty::List(_)) => {
            Some(format!("`{items}` does not lead to a list"))
        }
        (_, Some(found)) if !wanted.fits(api, found) => {
            Some(format!("`{next}` does not lead to {}", wanted.name()))
        }
        (Some(_), Some(_)) => None,
    }
}

/// What a caller gets of every success: one JSON body, as a whole. Else what is in the way.
fn success_body(op: &Operation) -> Result<&Ty, &'static str> {
    let successes = || op.cases.iter().filter(|case| case.is_success()).map(asked_for);
    let first = successes().next().flatten();
    let Some(media) = first.filter(|media| media.codec == Codec::Json) else {
        return Err("there is no JSON body in a success response");
    };
    // Statuses with bodies of their own give a caller alternatives, and those have no members.
    let is_same = |other: Option<&Media>| {
        other.is_some_and(|other| other.codec == media.codec && other.ty == media.ty)
    };
    if !successes().all(is_same) {
        return Err("the success responses differ in their bodies");
    }
    if successes().flatten().any(|media| media.envelope.is_some()) {
        return Err("the envelope of the success response hides where the list goes on");
    }
    if matches!(media.ty, Ty::Nullable(_)) {
        return Err("the body of the success response may be null");
    }
    Ok(&media.ty)
}

fn asked_for(case: &Case) -> Option<&Media> {
    match &case.body {
        CaseBody::Empty | CaseBody::Redirect => None,
        CaseBody::Media(media) => media.first(),
    }
}

/// What says where a page begins.
#[derive(Clone, Copy)]
enum Position {
    Number,
    Text,
}

impl Position {
    fn name(self) -> &'static str {
        match self {
            Self::Number => "a whole number",
            Self::Text => "text",
        }
    }

    fn fits(self, api: &Api, ty: &Ty) -> bool {
        api.scalar(ty).is_some_and(|scalar| match self {
            Self::Number => scalar.is_whole_number(),
            Self::Text => scalar == Scalar::String,
        })
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
