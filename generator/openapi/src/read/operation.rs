//! The Operation Object.

use specwright_source::Files;

use super::{Reader, Site};
use crate::document::{Method, Operation};
use crate::keywords::Object;

impl<'t, F: Files> Reader<'t, F> {
    pub(super) fn operation(&mut self, site: Site<'t>, method: Method) -> Option<Operation> {
        let site = self.as_object(site, Object::Operation)?;
        Some(Operation {
            method,
            operation_id: self.text(site, "operationId"),
            tags: self.texts(site, "tags"),
            summary: self.text(site, "summary"),
            description: self.text(site, "description"),
            external_docs: self.external_docs(site),
            parameters: self.parameters(site),
            request_body: site.get("requestBody").and_then(|body| self.request_body(body)),
            responses: self.responses(site),
            callbacks: self.map_of(site, "callbacks", Self::callback),
            deprecated: self.flag(site, "deprecated"),
            security: self.security(site),
            servers: self.servers(site),
            extensions: site.extensions(),
            at: site.at(),
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::fixture::Fixture;

    #[test]
    fn each_member_of_an_operation_is_read() {
        let fixture = Fixture::operation(
            r"operationId: op
tags: [a, b]
summary: s
description: d
externalDocs: { url: u }
parameters: [{ name: p, in: query, schema: {} }]
requestBody: { required: true, content: { application/json: {} } }
responses: { 200: { description: ok } }
callbacks: { done: { '{$request.body#/url}': { post: {} } } }
deprecated: true
security: []
servers: [{ url: / }]
x-own: 1",
        );
        assert_eq!(fixture.found(), [""; 0]);
        let operation = fixture.first_operation();
        assert_eq!(operation.operation_id.as_deref(), Some("op"));
        assert_eq!(operation.tags, ["a", "b"]);
        assert!(operation.external_docs.is_some() && operation.deprecated);
        assert_eq!((operation.parameters.len(), operation.servers.len()), (1, 1));
        assert!(operation.request_body.as_ref().is_some_and(|body| body.required));
        assert_eq!(operation.responses.cases.len(), 1);
        assert_eq!(operation.callbacks[0].1.items[0].1.operations.len(), 1);
        assert!(operation.security.as_ref().is_some_and(Vec::is_empty));
        assert_eq!(operation.extensions[0].name, "x-own");
    }

    #[test]
    fn a_damaged_member_leaves_the_others_alone() {
        let fixture = Fixture::operation(
            "{ tags: one, deprecated: 'true', parameters: { name: p, in: query, schema: {} }, responses: [] }",
        );
        let operation = fixture.first_operation();
        assert_eq!(operation.tags, ["one"]);
        assert!(operation.deprecated);
        assert_eq!(operation.parameters[0].name, "p");
        assert_eq!(fixture.found().len(), 4);
    }
}
