//! The Responses and Response Objects.

use specwright_source::{Diagnostic, Files, codes};

use super::{Reader, Site};
use crate::document::{Response, Responses, StatusPattern};
use crate::keywords::Object;

impl<'t, F: Files> Reader<'t, F> {
    /// `responses` of an operation.
    pub(super) fn responses(&mut self, operation: Site<'t>) -> Responses {
        let mut responses = Responses { cases: Vec::new(), extensions: Vec::new() };
        let Some(site) = self.object(operation, "responses", Object::Responses) else {
            return responses;
        };
        responses.extensions = site.extensions();
        for (status, response) in site.members().filter(|(name, _)| !name.starts_with("x-")) {
            let Some(pattern) = status_pattern(status) else {
                self.send(
                    Diagnostic::new(
                        &codes::UNKNOWN_VALUE,
                        format!("`{status}` is no status: one is `200`, `2XX` or `default`"),
                    )
                    .note("the response is not read"),
                    response,
                );
                continue;
            };
            if let Some(response) = self.response(response) {
                responses.cases.push((pattern, response));
            }
        }
        responses
    }

    pub(super) fn response(&mut self, site: Site<'t>) -> Option<Response> {
        let mut response = self.within(site, Object::Response, |reader, site| {
            let description = reader.text(site, "description");
            if description.is_none() && site.get("summary").is_none() {
                reader.send(
                    Diagnostic::new(&codes::MISSING_MEMBER, "a response needs `description`"),
                    site,
                );
            }
            Response {
                summary: reader.text(site, "summary"),
                description,
                headers: reader.map_of(site, "headers", Self::header),
                content: reader.content(site),
                links: reader.map_of(site, "links", Self::link),
                extensions: site.extensions(),
                at: site.at(),
            }
        })?;
        response.description = self.overriding(site, "description", response.description);
        response.summary = self.overriding(site, "summary", response.summary);
        Some(response)
    }
}

/// Reads a key of `responses`. `2xx` in lower case is not of the specification and is common.
fn status_pattern(text: &str) -> Option<StatusPattern> {
    if text == "default" {
        return Some(StatusPattern::Default);
    }
    let [class @ b'1'..=b'5', rest @ ..] = text.as_bytes() else { return None };
    if rest.eq_ignore_ascii_case(b"XX") {
        return Some(StatusPattern::Class(class - b'0'));
    }
    let status: u16 = text.parse().ok()?;
    (100..=599).contains(&status).then_some(StatusPattern::Exact(status))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{LinkTarget, ParameterForm};
    use crate::fixture::Fixture;

    #[test]
    fn a_response_has_headers_content_and_links() {
        let fixture = Fixture::operation(
            r"responses:
  2xx:
    description: d
    headers: { X-A: { required: true, schema: { type: integer } } }
    content: { application/json: { schema: {} } }
    links: { next: { operationId: op, parameters: { p: $response.body#/n } } }",
        );
        assert_eq!(fixture.found(), [""; 0]);
        let (status, response) = &fixture.first_operation().responses.cases[0];
        assert_eq!(*status, StatusPattern::Class(2));
        assert!(response.headers[0].1.required);
        assert!(matches!(response.headers[0].1.form, ParameterForm::Schema { .. }));
        assert_eq!(response.content[0].0, "application/json");
        assert_eq!(response.links[0].1.target, Some(LinkTarget::OperationId("op".into())));
    }

    #[test]
    fn a_key_that_is_no_status_is_left_out() {
        let fixture =
            Fixture::operation("responses: { ok: { description: d }, 204: { description: d } }");
        assert_eq!(fixture.first_operation().responses.cases.len(), 1);
        assert_eq!(fixture.found(), ["OA0010 /paths/~1x/get/responses/ok"]);
    }

    #[test]
    fn responses_that_refer_to_each_other_are_reported() {
        let fixture = Fixture::read(
            "openapi: 3.1.1\ninfo: { title: T, version: '1' }\ncomponents:\n  responses:\n    \
             A: { $ref: '#/components/responses/B' }\n    B: { $ref: '#/components/responses/A' }\n",
        );
        assert!(fixture.found().iter().all(|found| found.starts_with("OA0103")));
        assert_eq!(fixture.diagnostics.len(), 2);
    }

    #[test]
    fn a_status_is_a_number_a_class_or_the_default() {
        assert_eq!(status_pattern("404"), Some(StatusPattern::Exact(404)));
        assert_eq!(status_pattern("5XX"), Some(StatusPattern::Class(5)));
        assert_eq!(status_pattern("default"), Some(StatusPattern::Default));
        for text in ["", "20", "2000", "6XX", "2X", "+20", "Default", "2é"] {
            assert_eq!(status_pattern(text), None, "{text}");
        }
    }
}
