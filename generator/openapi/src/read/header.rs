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
        header.description = self.overriding(site, "description", header.description);
        Some(header)
    }
}

#[cfg(test)]
mod tests {
    use crate::document::{ParameterForm, Style};
    use crate::fixture::Fixture;

    #[test]
    fn a_header_is_written_simply() {
        let fixture = Fixture::operation(
            "responses: { 200: { description: d, headers: { X-A: { explode: true, schema: {} } } } }",
        );
        let header = &fixture.first_operation().responses.cases[0].1.headers[0].1;
        assert!(matches!(
            header.form,
            ParameterForm::Schema { style: Style::Simple, explode: true, .. }
        ));
    }
}
