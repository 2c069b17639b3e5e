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
