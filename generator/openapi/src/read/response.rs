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
        response.description = site.overriding("description", response.description);
        response.summary = site.overriding("summary", response.summary);
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
