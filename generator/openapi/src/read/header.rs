//! The Header Object.

use specwright_source::Files;

use super::{Reader, Site};
use crate::document::{Header, ParameterLocation};
use crate::keywords::Object;

impl<'t, F: Files> Reader<'t, F> {
    pub(super) fn header(&mut self, site: Site<'t>) -> Option<Header> {
        let mut header = self.within(site, Object::Header, |reader, site| Header {
            description: reader.text(site, "description"),
            required: reader.flag(site, "required"),
            deprecated: reader.flag(site, "deprecated"),
            form: reader.form(site, ParameterLocation::Header, Object::Header),
            examples: reader.examples(site),
            extensions: site.extensions(),
            at: site.at(),
        })?;
        header.description = site.overriding("description", header.description);
        Some(header)
    }
}
