//! The Components Object.

use specwright_source::Files;

use super::{Reader, Site};
use crate::document::SchemaId;
use crate::keywords::Object;

impl<'t, F: Files> Reader<'t, F> {
    /// Reads every component and gives the schemas, in file order.
    ///
    /// Components of other kinds are read for their damage: what uses them reads them again, and
    /// what nothing uses is checked all the same.
    pub(super) fn components(&mut self, root: Site<'t>) -> Vec<(String, SchemaId)> {
        let Some(components) = self.object(root, "components", Object::Components) else {
            return Vec::new();
        };
        self.security_schemes(components);
        let schemas = self.map_of(components, "schemas", |reader, site| Some(reader.schema(site)));
        self.map_of(components, "responses", Self::response);
        self.map_of(components, "parameters", Self::parameter);
        self.map_of(components, "examples", Self::named_example);
        self.map_of(components, "requestBodies", Self::request_body);
        self.map_of(components, "headers", Self::header);
        self.map_of(components, "links", Self::link);
        self.map_of(components, "callbacks", Self::callback);
        self.map_of(components, "pathItems", Self::path_item);
        self.map_of(components, "mediaTypes", Self::media_type);
        schemas
    }
}
