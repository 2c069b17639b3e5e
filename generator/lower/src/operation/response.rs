//! Responses.

use specwright_ir::{Case, CaseBody, Status, Words};
use specwright_openapi::document::{Responses, StatusPattern};

use super::{media, section};
use crate::lowering::{Lowering, docs};

/// Says how schemas inside responses are called: a shared one by its own key, the first success by
/// `response`, and every other one by its status.
pub(super) fn add_hints(lowering: &mut Lowering<'_>, responses: &Responses, op: &Words) {
    let first = responses
        .cases
        .iter()
        .map(|(pattern, _)| status(*pattern))
        .filter(|status| status.is_success())
        .min();
    for (pattern, response) in &responses.cases {
        let status = status(*pattern);
        let role = match status {
            Status::Default => "error".to_owned(),
            status if Some(status) == first => "response".to_owned(),
            Status::Exact(code) => format!("response {code}"),
            Status::Class(digit) => format!("response {digit} xx"),
        };
        let words = section(&response.at, "responses").map_or_else(
            || op.join(&Words::split(&role)),
            |shared| shared.join(&Words::split("response")),
        );
        media::add_hints(lowering, &response.content, &words);
    }
}

/// The cases of an operation, success first, each by ascending status.
///
/// `default` stands for every status that is not described (OpenAPI 3.1.1 §4.8.16.1). Where no
/// success is, a redirect is what the operation is for; without one the successes are among the
/// rest.
pub(super) fn lower_all(lowering: &mut Lowering<'_>, responses: &Responses) -> Vec<Case> {
    let mut cases: Vec<Case> = responses
        .cases
        .iter()
        .map(|(pattern, response)| {
            let media = media::lower_all(lowering, &response.content);
            Case {
                status: status(*pattern),
                body: if media.is_empty() { CaseBody::Empty } else { CaseBody::Media(media) },
                docs: docs(response.summary.as_ref(), response.description.as_ref()),
            }
        })
        .collect();
    if !cases.iter().any(|case| case.status.is_success()) {
        for case in cases.iter_mut().filter(|case| case.status.is_redirect()) {
            case.body = CaseBody::Redirect;
        }
        if !cases.iter().any(Case::is_success) {
            let default = cases.iter().find(|case| case.status == Status::Default).cloned();
            cases.extend(default.map(|case| Case { status: Status::Class(2), ..case }));
        }
    }
    cases.sort_by_key(|case| (!case.is_success(), case.status));
    cases.dedup_by_key(|case| case.status);
    cases
}

fn status(pattern: StatusPattern) -> Status {
    match pattern {
        StatusPattern::Exact(code) => Status::Exact(code),
        StatusPattern::Class(digit) => Status::Class(digit),
        StatusPattern::Default => Status::Default,
    }
}
