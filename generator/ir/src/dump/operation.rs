//! Operations as text.

use super::ty::{details, ty};
use super::{Text, group_path};
use crate::api::Api;
use crate::operation::{
    CaseBody, Codec, Media, Operation, PagesBy, Pagination, Param, ParamStyle, PathPart, Place,
    Status,
};
use crate::security::Requirement;

pub(super) fn operation(text: &mut Text, api: &Api, op: &Operation) {
    let deprecated = if op.deprecated { ", deprecated" } else { "" };
    let group = api.groups.get(op.group.0).map_or("?".to_owned(), |group| group_path(&group.path));
    text.line(0, format_args!("operation {:?} {:?}{deprecated}", op.key, op.id));
    text.docs(1, &op.docs);
    text.line(1, format_args!("named {} in {group}, {} in all", op.hint, op.full_hint));
    text.line(1, format_args!("send {} {:?}", op.method.as_str(), path(&op.path.parts)));
    for param in &op.params {
        write_param(text, api, param);
    }
    if let Some(body) = &op.body {
        let required = if body.required { "required" } else { "optional" };
        text.line(1, format_args!("body {required}"));
        text.docs(2, &body.docs);
        write_media(text, api, &body.media);
    }
    for case in &op.cases {
        match &case.body {
            CaseBody::Empty => text.line(1, format_args!("case {} empty", status(case.status))),
            CaseBody::Redirect => {
                text.line(1, format_args!("case {} redirect", status(case.status)));
            }
            CaseBody::Media(media) => {
                text.line(1, format_args!("case {}", status(case.status)));
                write_media(text, api, media);
            }
        }
        text.docs(2, &case.docs);
    }
    for requirement in &op.security {
        text.line(1, format_args!("security {}", show_requirement(api, requirement)));
    }
    if let Some(pagination) = &op.pagination {
        write_pagination(text, pagination);
    }
    if let Some(key) = &op.idempotency {
        let kept = key.retention_seconds.map_or(String::new(), |s| format!(" kept {s} s"));
        text.line(1, format_args!("idempotency key {:?}{kept}", key.header));
    }
}

fn write_pagination(text: &mut Text, pagination: &Pagination) {
    let Pagination { by, param, limit, full, items, next, identity } = pagination;
    let stated = |name: &str, value: &Option<String>| {
        value.as_ref().map_or(String::new(), |value| format!(" {name} {value:?}"))
    };
    let (kind, rest) = match by {
        PagesBy::Number { first, count, pages } => {
            let first = first.map_or(String::new(), |first| format!(" from {first}"));
            ("number", format!("{first}{}{}", stated("count", count), stated("pages", pages)))
        }
        PagesBy::Cursor => ("cursor", String::new()),
    };
    let (limit, identity) = (stated("limit", limit), stated("told apart by", identity));
    let full = full.map_or(String::new(), |full| format!(" of {full}"));
    text.line(
        1,
        format_args!(
            "pages by {kind} {param:?}{limit}{full} items {items:?}{identity} next {next:?}{rest}"
        ),
    );
}

pub(super) fn place(place: Place) -> &'static str {
    match place {
        Place::Path => "path",
        Place::Query => "query",
        Place::Header => "header",
        Place::Cookie => "cookie",
    }
}

fn write_param(text: &mut Text, api: &Api, param: &Param) {
    let required = if param.required { "required" } else { "optional" };
    let details = details(
        param.default.as_ref(),
        param.format.as_deref(),
        &param.constraints,
        param.deprecated,
    );
    let (place, style) = (place(param.place), style(param.style));
    let ty = ty(api, &param.ty);
    let (wire, hint) = (&param.wire, &param.hint);
    text.line(1, format_args!("{place} {wire:?} ({hint}): {ty}, {required}, {style}{details}"));
    text.docs(2, &param.docs);
}

fn write_media(text: &mut Text, api: &Api, media: &[Media]) {
    for media in media {
        let envelope =
            media.envelope.as_ref().map_or(String::new(), |name| format!(", result in {name:?}"));
        let (codec, ty) = (codec(media.codec), ty(api, &media.ty));
        text.line(2, format_args!("{:?} {codec}: {ty}{envelope}", media.range));
    }
}

fn path(parts: &[PathPart]) -> String {
    let part = |part: &PathPart| match part {
        PathPart::Text(text) => text.clone(),
        PathPart::Param(name) => format!("{{{name}}}"),
    };
    parts.iter().map(part).collect()
}

fn show_requirement(api: &Api, requirement: &Requirement) -> String {
    if requirement.schemes.is_empty() {
        return "none".to_owned();
    }
    let scheme = |(id, scopes): &(crate::SchemeId, Vec<String>)| {
        let name = api.schemes.get(id.0).map_or("?", |scheme| &scheme.name);
        format!("{name:?} {scopes:?}")
    };
    requirement.schemes.iter().map(scheme).collect::<Vec<_>>().join(" and ")
}

fn status(status: Status) -> String {
    match status {
        Status::Exact(code) => code.to_string(),
        Status::Class(digit) => format!("{digit}XX"),
        Status::Default => "default".to_owned(),
    }
}

fn codec(codec: Codec) -> &'static str {
    match codec {
        Codec::Json => "as json",
        Codec::Form => "as form",
        Codec::Text => "as text",
        Codec::Bytes => "as bytes",
    }
}

fn style(style: ParamStyle) -> String {
    let exploded = |name: &str, explode: bool| {
        if explode { format!("{name} exploded") } else { name.to_owned() }
    };
    match style {
        ParamStyle::Simple { explode } => exploded("simple", explode),
        ParamStyle::Label { explode } => exploded("label", explode),
        ParamStyle::Matrix { explode } => exploded("matrix", explode),
        ParamStyle::Form { explode, allow_reserved: false } => exploded("form", explode),
        ParamStyle::Form { explode, allow_reserved: true } => {
            exploded("form", explode) + " reserved"
        }
        ParamStyle::SpaceDelimited => "space delimited".to_owned(),
        ParamStyle::PipeDelimited => "pipe delimited".to_owned(),
        ParamStyle::DeepObject => "deep object".to_owned(),
        ParamStyle::Json => "json text".to_owned(),
    }
}
