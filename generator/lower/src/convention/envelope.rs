//! `x-specwright-envelope`: the member of a body that is the result.

use specwright_ir::{Api, CaseBody, Ty};
use specwright_openapi::Document;
use specwright_openapi::document::{MediaType, extension};
use specwright_source::{Diagnostic, Pointer, Sink, codes};

use super::walk::walk;
use super::{lowered, operations, vocabulary};

/// Drops envelopes whose member the body does not describe, with a report.
///
/// Before: types are there. After: each envelope names a member of its body.
pub(crate) fn check(document: &Document, api: &mut Api, sink: &mut Sink) {
    for (template, op) in operations(document) {
        let states_one = op
            .responses
            .cases
            .iter()
            .flat_map(|(_, response)| &response.content)
            .any(|(_, media)| extension(&media.extensions, vocabulary::ENVELOPE).is_some());
        let Some(mut cases) =
            lowered(api, template, op).filter(|_| states_one).map(|op| op.cases.clone())
        else {
            continue;
        };
        for case in &mut cases {
            let CaseBody::Media(media) = &mut case.body else {
                continue;
            };
            for media in media.iter_mut() {
                let Some(name) = media.envelope.clone() else {
                    continue;
                };
                if !is_member(api, &media.ty, &name) {
                    media.envelope = None;
                    for written in written(op, &media.range, &name) {
                        report(written, &name, sink);
                    }
                }
            }
        }
        if let Some(op) = lowered(api, template, op) {
            op.cases = cases;
        }
    }
}

fn is_member(api: &Api, ty: &Ty, name: &str) -> bool {
    walk(api, ty, &Pointer::root().join(name)).is_some()
}

/// The media types of an operation that state this envelope.
fn written<'d>(
    op: &'d specwright_openapi::document::Operation,
    range: &str,
    name: &str,
) -> Vec<&'d MediaType> {
    op.responses
        .cases
        .iter()
        .flat_map(|(_, response)| &response.content)
        .filter(|(written, media)| {
            written == range
                && extension(&media.extensions, vocabulary::ENVELOPE)
                    .is_some_and(|stated| stated.value.as_str() == Some(name))
        })
        .map(|(_, media)| media)
        .collect()
}

fn report(media: &MediaType, name: &str, sink: &mut Sink) {
    let Some(stated) = extension(&media.extensions, vocabulary::ENVELOPE) else {
        return;
    };
    sink.report(
        Diagnostic::new(
            &codes::ENVELOPE_UNFOUNDED,
            format!("the stated envelope `{name}` is no member of the body"),
        )
        .label(stated.at.span, "")
        .at(stated.at.pointer.clone())
        .note("the whole body is the result"),
    );
}
