//! The Link Object.

use specwright_source::{Files, codes};

use super::{Reader, Site};
use crate::document::{Link, LinkTarget, Value};
use crate::keywords::Object;

impl<'t, F: Files> Reader<'t, F> {
    pub(super) fn link(&mut self, site: Site<'t>) -> Option<Link> {
        let mut link = self.within(site, Object::Link, |reader, site| Link {
            target: reader.link_target(site),
            parameters: reader
                .map(site, "parameters")
                .into_iter()
                .map(|(name, value)| (name.to_owned(), Value::of(value.node)))
                .collect(),
            request_body: site.get("requestBody").map(|body| Value::of(body.node)),
            description: reader.text(site, "description"),
            server: site.get("server").and_then(|server| reader.server(server)),
            extensions: site.extensions(),
            at: site.at(),
        })?;
        link.description = site.overriding("description", link.description);
        Some(link)
    }

    fn link_target(&mut self, site: Site<'t>) -> Option<LinkTarget> {
        self.exclusive(site, "operationId", "operationRef");
        if let Some(id) = self.text(site, "operationId") {
            return Some(LinkTarget::OperationId(id));
        }
        if let Some(reference) = self.text(site, "operationRef") {
            return Some(LinkTarget::OperationRef(reference));
        }
        self.report(&codes::MISSING_MEMBER, site, "a link needs `operationId` or `operationRef`");
        None
    }
}
