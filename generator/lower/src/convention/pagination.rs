//! `x-specwright-pagination`: how a list continues.

use std::collections::BTreeMap;

use specwright_ir::{
    Api, Case, CaseBody, Codec, Field, Guess, GuessKind, Literal, Media, Operation, PagesBy,
    Pagination, Param, Place, Scalar, Shape, Ty, TypeId,
};
use specwright_openapi::Document;
use specwright_openapi::document::{Extension, Value, extension};
use specwright_source::{Diagnostic, Pointer, Sink, codes};

use super::walk::walk;
use super::{lowered, operations, vocabulary};
use crate::lowering::origin;

/// The items of a page that is called full. Quotas count requests, so pages shall be large; this is the most that servers
/// commonly allow, and what many give by themselves.
const FULL: i64 = 100;

/// Gives operations the pagination that the document states, if request and response have what it
/// names.
///
/// Before: operations and types are there. After: each [`Pagination`] names query parameters that
/// exist, pointers that lead somewhere in the first success body, and a member that its items have;
/// one that the document does not state is among the guesses.
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
                if let (Some(name), None) = (&pagination.identity, stated.value.member("id")) {
                    api.guesses.push(Guess {
                        key: found.key.clone(),
                        kind: GuessKind::Identity,
                        value: name.clone(),
                        because: "items have it, and it is the usual name".to_owned(),
                        origin: origin(&stated.at),
                    });
                }
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
    Some(Pagination { by, param, limit, full: None, items, next, identity: text("id") })
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
    let limit = stated.limit.as_ref().map(query).transpose()?;
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
    // Who names a page or a size counts in pages of that size.
    stated.full = limit
        .filter(|limit| !limit.required && !param.required)
        .filter(|limit| Position::Number.fits(api, &limit.ty))
        .and_then(full_page);
    stated.identity = identity(api, item, stated.identity, unions)?;
    Ok(stated)
}

/// The number of the page that comes when none is asked for: the default. What a parameter is at least says it only if it
/// is 1, because nobody counts from 2. From 0 on it may mean that pages are counted from 0, or that no number is negative.
fn first_page(param: &Param) -> Option<i64> {
    match &param.default {
        Some(default) => whole(default),
        None => rule(param, "minimum").filter(|least| *least == 1),
    }
}

/// The size of a full page, if the document allows it and the server gives less by itself. Where no most is stated, even a
/// small size might be refused.
fn full_page(limit: &Param) -> Option<i64> {
    let size = rule(limit, "maximum")?.min(FULL);
    let by_itself = limit.default.as_ref().and_then(whole);
    let allowed = size > 0
        && rule(limit, "minimum").is_none_or(|least| least <= size)
        && rule(limit, "exclusiveMaximum").is_none_or(|most| size < most)
        && rule(limit, "multipleOf").is_none_or(|step| step != 0 && size % step == 0);
    (allowed && by_itself.is_none_or(|given| given < size)).then_some(size)
}

/// The whole number that a parameter is bound by.
fn rule(param: &Param, keyword: &str) -> Option<i64> {
    let (_, bound) = param.constraints.rules.iter().find(|(known, _)| *known == keyword)?;
    whole(bound)
}

fn whole(literal: &Literal) -> Option<i64> {
    let number = match literal {
        Literal::Number(number) => number,
        Literal::Null
        | Literal::Bool(_)
        | Literal::String(_)
        | Literal::List(_)
        | Literal::Object(_) => return None,
    };
    number.parse().ok()
}

/// The member that tells items apart: the stated one, or `id`, by which people know one. An empty text states that there is
/// none.
fn identity(
    api: &Api,
    item: &Ty,
    stated: Option<String>,
    unions: &mut BTreeMap<TypeId, String>,
) -> Result<Option<String>, String> {
    if stated.as_deref() == Some("") {
        return Ok(None);
    }
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
