//! `x-specwright-pagination`: how a list continues.

use std::collections::BTreeMap;

use specwright_ir::{
    Api, Case, CaseBody, Codec, Field, Literal, Media, Operation, PagesBy, Pagination, Param,
    Place, Scalar, Shape, Ty, TypeId,
};
use specwright_openapi::Document;
use specwright_openapi::document::{Extension, Value, extension};
use specwright_source::{Diagnostic, Pointer, Sink, codes};

use super::walk::walk;
use super::{lowered, operations, vocabulary};

/// Gives operations the pagination that the document states, if request and response have what it
/// names.
///
/// Before: operations and types are there. After: each [`Pagination`] names query parameters that
/// exist, pointers that lead somewhere in the first success body, and a member that its items have.
pub(crate) fn recognise(document: &Document, api: &mut Api, sink: &mut Sink) {
    let mut unions = BTreeMap::new();
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
        match fitted(api, &found, pagination, &mut unions) {
            Ok(pagination) => {
                if let Some(op) = lowered(api, template, op) {
                    op.pagination = Some(pagination);
                }
            }
            Err(problem) => report(stated, &problem, sink),
        }
    }
}

/// The stated pagination; `None` if it has the wrong form, which the vocabulary reports.
fn read(value: &Value) -> Option<Pagination> {
    let text = |name: &str| value.member(name).and_then(Value::as_str).map(str::to_owned);
    let (by, param) = match text("style")?.as_str() {
        "page-number" => {
            let by = PagesBy::Number { first: None, count: text("count"), pages: text("pages") };
            (by, text("page")?)
        }
        "cursor" => (PagesBy::Cursor, text("cursor")?),
        _ => return None,
    };
    let (limit, items, next) = (text("limit"), text("items")?, text("next")?);
    Some(Pagination { by, param, limit, items, next, identity: text("id") })
}

/// The pagination with what the operation adds to it, or what is missing in the operation.
fn fitted(
    api: &Api,
    op: &Operation,
    mut stated: Pagination,
    unions: &mut BTreeMap<TypeId, String>,
) -> Result<Pagination, String> {
    let query = |name: &String| {
        let mut params = op.params.iter();
        let found = params.find(|param| param.place == Place::Query && param.wire == *name);
        found.ok_or_else(|| format!("there is no query parameter `{name}`"))
    };
    if let Some(limit) = &stated.limit {
        query(limit)?;
    }
    let param = query(&stated.param)?;
    let wanted = match &stated.by {
        PagesBy::Number { .. } => Position::Number,
        PagesBy::Cursor => Position::Text,
    };
    if !wanted.fits(api, &param.ty) {
        let (param, wanted) = (&param.wire, wanted.name());
        return Err(format!("the query parameter `{param}` does not hold {wanted}"));
    }
    let body = success_body(op)?;
    let at = |text: &String| {
        let found = Pointer::parse(text).and_then(|pointer| walk(api, body, &pointer));
        found.ok_or_else(|| format!("`{text}` leads to nothing in the response"))
    };
    let items = at(&stated.items)?;
    let next = at(&stated.next)?;
    let Ty::List(item) = api.resolve(items) else {
        return Err(format!("`{}` does not lead to a list", stated.items));
    };
    if !wanted.fits(api, next) {
        return Err(format!("`{}` does not lead to {}", stated.next, wanted.name()));
    }
    if let PagesBy::Number { first, count, pages } = &mut stated.by {
        for total in [&*count, &*pages].into_iter().flatten() {
            if !wanted.fits(api, at(total)?) {
                return Err(format!("`{total}` does not lead to {}", wanted.name()));
            }
        }
        *first = first_page(param);
    }
    stated.identity = identity(api, item, stated.identity, unions)?;
    Ok(stated)
}

/// The number of the page that comes when none is asked for. What a parameter is at least is the first
/// number that there is.
fn first_page(param: &Param) -> Option<i64> {
    let at_least = param.constraints.rules.iter().find(|(keyword, _)| *keyword == "minimum");
    let number = match param.default.as_ref().or(at_least.map(|(_, value)| value))? {
        Literal::Number(number) => number,
        Literal::Null
        | Literal::Bool(_)
        | Literal::String(_)
        | Literal::List(_)
        | Literal::Object(_) => return None,
    };
    number.parse().ok()
}

/// The member that tells items apart: the stated one, or `id`, by which people know one.
fn identity(
    api: &Api,
    item: &Ty,
    stated: Option<String>,
    unions: &mut BTreeMap<TypeId, String>,
) -> Result<Option<String>, String> {
    let name = stated.as_deref().unwrap_or("id").to_owned();
    // The enum of a union says what tells its values apart, once for all lists.
    let union = match api.shape(item) {
        Some((id, Shape::Union { .. })) => Some(id),
        _ => None,
    };
    let agreed = union.is_none_or(|id| *unions.entry(id).or_insert_with(|| name.clone()) == name);
    if agreed && has_key(api, item, &name) {
        return Ok(Some(name));
    }
    match stated {
        None => Ok(None),
        Some(name) => Err(format!("`{name}` is no text or whole number that tells items apart")),
    }
}

/// True if a record, or every record of a union, has a member that can tell it from others.
fn has_key(api: &Api, item: &Ty, name: &str) -> bool {
    let is_key = |field: &Field| {
        field.wire == name && api.scalar(&field.ty).is_some_and(Scalar::can_be_newtype)
    };
    match api.shape(item) {
        Some((_, Shape::Record { fields, .. })) => fields.iter().any(is_key),
        Some((_, Shape::Union { variants, .. })) => {
            variants.iter().all(|variant| match api.shape(&variant.ty) {
                Some((_, Shape::Record { fields, .. })) => fields.iter().any(is_key),
                _ => false,
            })
        }
        _ => false,
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
