//! I3 and I6 for operations and webhooks.

use std::collections::BTreeSet;

use super::Found;
use crate::api::Api;
use crate::operation::{
    CaseBody, Media, Operation, Pagination, Param, ParamStyle, PathPart, Place, Status,
};

pub(super) fn check(api: &Api, found: &mut Found) {
    for op in &api.operations {
        operation(api, op, found);
    }
    for webhook in &api.webhooks {
        found.ty(&webhook.name, &webhook.payload);
    }
}

fn operation(api: &Api, op: &Operation, found: &mut Found) {
    let place = op.key.as_str();
    if op.hint.is_empty() || op.full_hint.is_empty() {
        found.report("I2", place, "the operation has no word");
    }
    if op.group.0 >= api.groups.len() {
        found.report("I3", place, "the group does not exist");
    }
    let schemes = op.security.iter().flat_map(|requirement| &requirement.schemes);
    if schemes.into_iter().any(|(id, _)| id.0 >= api.schemes.len()) {
        found.report("I3", place, "a security scheme does not exist");
    }
    params(place, op, found);
    if let Some(body) = &op.body {
        media(place, &body.media, found);
    }
    cases(place, op, found);
    if let Some(Pagination { param, limit, .. }) = &op.pagination {
        for name in limit.iter().chain([param]) {
            let known = |param: &Param| param.place == Place::Query && param.wire == *name;
            if !op.params.iter().any(known) {
                found.report("I6", place, format!("pages need the query parameter {name:?}"));
            }
        }
    }
}

fn params(place: &str, op: &Operation, found: &mut Found) {
    let mut names = BTreeSet::new();
    for param in &op.params {
        found.ty(place, &param.ty);
        if !names.insert((param.place, param.wire.as_str())) {
            found.report("I6", place, format!("the parameter {:?} is there twice", param.wire));
        }
        if !style_fits(param) {
            found.report("I6", place, format!("{:?} has a style of another place", param.wire));
        }
        if param.place == Place::Path && !param.required {
            found.report("I6", place, format!("the path can lack {:?}", param.wire));
        }
    }
    let in_path: BTreeSet<&str> = op
        .path
        .parts
        .iter()
        .filter_map(|part| match part {
            PathPart::Text(_) => None,
            PathPart::Param(name) => Some(name.as_str()),
        })
        .collect();
    let given: BTreeSet<&str> =
        names.iter().filter(|(place, _)| *place == Place::Path).map(|(_, name)| *name).collect();
    if in_path != given {
        found.report("I6", place, "path and path parameters differ");
    }
}

fn style_fits(param: &Param) -> bool {
    match param.style {
        ParamStyle::Json => true,
        ParamStyle::Simple { .. } => matches!(param.place, Place::Path | Place::Header),
        ParamStyle::Label { .. } | ParamStyle::Matrix { .. } => param.place == Place::Path,
        ParamStyle::Form { .. } => matches!(param.place, Place::Query | Place::Cookie),
        ParamStyle::SpaceDelimited | ParamStyle::PipeDelimited | ParamStyle::DeepObject => {
            param.place == Place::Query
        }
    }
}

fn cases(place: &str, op: &Operation, found: &mut Found) {
    let mut before = None;
    for case in &op.cases {
        let rank = (!case.is_success(), case.status);
        if before.is_some_and(|before| before >= rank) {
            found.report("I6", place, "statuses are not in order, or one is there twice");
        }
        before = Some(rank);
        let possible = match case.status {
            Status::Exact(code) => (100..=599).contains(&code),
            Status::Class(digit) => (1..=5).contains(&digit),
            Status::Default => true,
        };
        if !possible {
            found.report("I6", place, "there is no such status");
        }
        match &case.body {
            CaseBody::Empty => {}
            CaseBody::Media(list) => media(place, list, found),
            CaseBody::Redirect if case.status.is_redirect() => {
                if op.cases.iter().any(|case| case.status.is_success()) {
                    found.report("I6", place, "a redirect is the result beside a success");
                }
            }
            CaseBody::Redirect => found.report("I6", place, "the status is no redirect"),
        }
    }
}

fn media(place: &str, list: &[Media], found: &mut Found) {
    let ranges: BTreeSet<&str> = list.iter().map(|media| media.range.as_str()).collect();
    if list.is_empty() || ranges.len() != list.len() {
        found.report("I6", place, "a body has no media type, or one twice");
    }
    for media in list {
        found.ty(place, &media.ty);
    }
}
