//! The OpenAPI Object.

use specwright_source::{Files, codes};

use super::{Reader, Site};
use crate::document::{Document, PathItem};
use crate::keywords::Object;
use crate::version::OpenApiVersion;

impl<'t, F: Files> Reader<'t, F> {
    /// Reads everything but the schemas, which wait in the reader.
    pub(super) fn root(&mut self, site: Site<'t>, version: OpenApiVersion) -> Document {
        if !site.node.is_mapping() {
            self.wrong_kind(site, Object::Document.name());
        } else if ["paths", "components", "webhooks"].iter().all(|name| site.get(name).is_none()) {
            self.report(
                &codes::MISSING_MEMBER,
                site,
                "an OpenAPI document needs `paths`, `components` or `webhooks`",
            );
        }
        // Schemes come first: requirements refer to them by name.
        let components = self.components(site);
        Document {
            version,
            info: self.info(site),
            servers: self.servers(site),
            paths: self.paths(site),
            webhooks: self.webhooks(site),
            security: self.security(site),
            tags: self.tags(site),
            external_docs: self.external_docs(site),
            schemes: Vec::new(),
            schemas: Vec::new(),
            components,
            json_schema_dialect: self.text(site, "jsonSchemaDialect"),
            extensions: site.extensions(),
            at: site.at(),
        }
    }

    fn webhooks(&mut self, site: Site<'t>) -> Vec<(String, PathItem)> {
        self.map_of(site, "webhooks", Self::path_item)
    }
}
