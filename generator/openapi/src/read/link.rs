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
        link.description = self.overriding(site, "description", link.description);
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

#[cfg(test)]
mod tests {
    use crate::document::LinkTarget;
    use crate::fixture::Fixture;

    #[test]
    fn a_link_names_an_operation_by_a_reference() {
        let fixture = Fixture::operation(
            "responses: { 200: { description: d, links: { l: { operationRef: '#/paths/~1x/get' } } } }",
        );
        let link = &fixture.first_operation().responses.cases[0].1.links[0].1;
        assert_eq!(link.target, Some(LinkTarget::OperationRef("#/paths/~1x/get".into())));
    }

    #[test]
    fn a_link_without_an_operation_is_reported() {
        let fixture = Fixture::components("3.1.1", "links", "L", "{ description: d }");
        assert_eq!(fixture.found(), ["OA0004 /components/links/L"]);
    }
}
