//! Operations: what is sent and what may come back.
//!
//! First every operation gets its name and its group, because the words of schemas inside it come
//! from them; then its parts are read.

mod body;
mod group;
mod media;
mod name;
mod param;
mod path;
mod response;
mod security;
mod server;
pub(crate) mod webhook;

use std::collections::BTreeMap;

use specwright_ir::{Api, GroupId, Method, Operation, Words};
use specwright_openapi::document::{self, PathItem, Place};
use specwright_source::{Diagnostic, codes};

pub(crate) use name::stated_id;

use crate::lowering::{Lowering, docs, origin};
use crate::unsupported::unsupported;

/// An API without types and operations: its prose, server, groups and security schemes.
pub(crate) fn api(lowering: &mut Lowering<'_>) -> Api {
    let document = lowering.document;
    Api {
        title: document.info.title.clone(),
        version: document.info.version.clone(),
        docs: docs(document.info.summary.as_ref(), document.info.description.as_ref()),
        server: server::base_url(&document.servers),
        schemes: security::schemes(lowering),
        groups: group::groups(document),
        ..Api::default()
    }
}

/// Reads the operations.
///
/// Before: the API has its groups and schemes. After: it has its operations, sorted by key, and all
/// schemas they use have a definition or a place in the queue for one.
pub(crate) fn lower_operations(lowering: &mut Lowering<'_>, api: &mut Api) {
    let outlines = outlines(lowering, api);
    report_duplicate_ids(lowering, &outlines);
    for outline in &outlines {
        add_hints(lowering, outline);
    }
    webhook::add_hints(lowering);
    let mut unread = Unread::default();
    for outline in &outlines {
        let op = operation(lowering, api, outline, &mut unread);
        api.operations.push(op);
    }
    unread.report(lowering);
}

/// An operation as far as its name goes.
struct Outline<'d> {
    key: String,
    method: Method,
    template: &'d str,
    item: &'d PathItem,
    op: &'d document::Operation,
    group: GroupId,
    id: String,
    hint: Words,
    full_hint: Words,
}

fn outlines<'d>(lowering: &mut Lowering<'d>, api: &Api) -> Vec<Outline<'d>> {
    let mut outlines = Vec::new();
    for (template, item) in &lowering.document.paths {
        for op in &item.operations {
            let Some(method) = method(&op.method) else {
                let feature = format!("the method `{}`", op.method.as_str());
                let reading = "the operation is left out";
                let code = &codes::PART_UNSUPPORTED;
                lowering.sink.report(unsupported(code, &op.at, &feature, reading));
                continue;
            };
            let path = group::path_of(op, template);
            let group = api.groups.binary_search_by(|group| group.path.cmp(&path));
            let full_hint = name::full(op, template);
            outlines.push(Outline {
                key: format!("{} {template}", op.method.as_str()),
                method,
                template,
                item,
                op,
                // Every path of an operation is among the groups, so both cases are the same.
                group: GroupId(group.unwrap_or_else(|index| index)),
                id: name::id(op, &full_hint),
                hint: name::in_group(op, template, &path, &full_hint),
                full_hint,
            });
        }
    }
    outlines.sort_by(|one, two| one.key.cmp(&two.key));
    outlines
}

fn add_hints(lowering: &mut Lowering<'_>, outline: &Outline<'_>) {
    let op = outline.op;
    for param in &op.parameters {
        param::add_hint(lowering, param, &outline.full_hint);
    }
    for param in &outline.item.parameters {
        param::add_hint(lowering, param, &name::path_words(outline.template));
    }
    if let Some(body) = &op.request_body {
        let base = section(&body.at, "requestBodies").unwrap_or(outline.full_hint.clone());
        media::add_hints(lowering, &body.content, &base.join(&Words::split("request")));
    }
    response::add_hints(lowering, &op.responses, &outline.full_hint);
}

/// The words of a component in one section of `components`, for parts that several operations share.
fn section(at: &Place, section: &str) -> Option<Words> {
    let tokens: Vec<&str> = at.pointer.tokens().collect();
    match tokens.as_slice() {
        ["components", found, name] if *found == section => Some(Words::split(name)),
        _ => None,
    }
}

fn operation(
    lowering: &mut Lowering<'_>,
    api: &Api,
    outline: &Outline<'_>,
    unread: &mut Unread,
) -> Operation {
    let op = outline.op;
    unread.look(outline);
    let path = path::parse(lowering, outline.template, &op.at);
    let own = param::lower_all(lowering, &outline.item.parameters, &op.parameters);
    Operation {
        key: outline.key.clone(),
        id: outline.id.clone(),
        method: outline.method,
        params: path::check_params(lowering, &path, own, &op.at),
        path,
        group: outline.group,
        hint: outline.hint.clone(),
        full_hint: outline.full_hint.clone(),
        body: op.request_body.as_ref().and_then(|body| body::lower(lowering, body)),
        cases: response::lower_all(lowering, &op.responses),
        security: security::requirements(lowering.document, api, op.security.as_deref()),
        pagination: None,
        idempotency: None,
        docs: docs(op.summary.as_ref(), op.description.as_ref()),
        deprecated: op.deprecated,
        origin: origin(&op.at),
    }
}

/// The method, if a request value can name it: the methods of OpenAPI 3.2 are not among them.
fn method(method: &document::Method) -> Option<Method> {
    Some(match method {
        document::Method::Get => Method::Get,
        document::Method::Head => Method::Head,
        document::Method::Post => Method::Post,
        document::Method::Put => Method::Put,
        document::Method::Patch => Method::Patch,
        document::Method::Delete => Method::Delete,
        document::Method::Options => Method::Options,
        document::Method::Trace => Method::Trace,
        document::Method::Other(_) => return None,
    })
}

fn report_duplicate_ids(lowering: &mut Lowering<'_>, outlines: &[Outline<'_>]) {
    let mut seen: BTreeMap<&str, &Outline<'_>> = BTreeMap::new();
    for outline in outlines.iter().filter(|outline| stated_id(outline.op).is_some()) {
        if let Some(first) = seen.get(outline.id.as_str()) {
            lowering.sink.report(
                Diagnostic::new(
                    &codes::OPERATION_ID_REPEATED,
                    format!("`operationId` `{}` is used twice", outline.id),
                )
                .label(outline.op.at.span, "used again here")
                .label(first.op.at.span, "first used here")
                .at(outline.op.at.pointer.clone())
                .help("give each operation an `operationId` of its own with an overlay"),
            );
        } else {
            seen.insert(&outline.id, outline);
        }
    }
}

/// Parts of operations that nothing reads yet: each kind is reported once, with its number.
#[derive(Default)]
struct Unread {
    kinds: BTreeMap<&'static str, (Place, usize)>,
}

impl Unread {
    fn look(&mut self, outline: &Outline<'_>) {
        let op = outline.op;
        let responses = || op.responses.cases.iter().map(|(_, response)| response);
        let headers = responses().find(|response| !response.headers.is_empty());
        let links = responses().find(|response| !response.links.is_empty());
        let server = op.servers.first().or(outline.item.servers.first());
        for (kind, at) in [
            ("header fields of responses", headers.map(|response| &response.at)),
            ("links of responses", links.map(|response| &response.at)),
            ("callbacks", op.callbacks.first().map(|(_, callback)| &callback.at)),
            ("servers of single operations", server.map(|server| &server.at)),
        ] {
            if let Some(at) = at {
                self.kinds.entry(kind).or_insert_with(|| (at.clone(), 0)).1 += 1;
            }
        }
    }

    fn report(self, lowering: &mut Lowering<'_>) {
        for (kind, (at, count)) in self.kinds {
            let reading = match count {
                1 => "one operation has them; left out".to_owned(),
                _ => format!("{count} operations have them, the first one here; left out"),
            };
            lowering.sink.report(unsupported(&codes::PART_UNSUPPORTED, &at, kind, &reading));
        }
    }
}
