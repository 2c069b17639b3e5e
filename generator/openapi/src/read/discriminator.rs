//! The Discriminator Object.

use specwright_source::{Diagnostic, Files, codes};

use super::{Reader, Site};
use crate::document::{Discriminator, SchemaId};
use crate::keywords::Object;

impl<'t, F: Files> Reader<'t, F> {
    /// `discriminator` of a schema; `None` also if it names no property. A lone string, as in
    /// OpenAPI 2.0, is the name of the property.
    pub(super) fn discriminator(&mut self, schema: Site<'t>) -> Option<Discriminator> {
        let site = schema.get("discriminator")?;
        if let Some(name) = site.node.as_str() {
            self.wrong_kind(site, Object::Discriminator.name());
            return Some(Discriminator {
                property_name: name.to_owned(),
                mapping: Vec::new(),
                default_mapping: None,
                extensions: Vec::new(),
                at: site.at(),
            });
        }
        let site = self.as_object(site, Object::Discriminator)?;
        let property_name = self.required_text(site, "propertyName", Object::Discriminator);
        if property_name.is_empty() {
            return None;
        }
        Some(Discriminator {
            property_name,
            mapping: self.mapping(site),
            default_mapping: site.get("defaultMapping").and_then(|value| self.mapped(value)),
            extensions: site.extensions(),
            at: site.at(),
        })
    }

    /// `mapping`. Values are strings; an object with `$ref` is damage whose meaning is plain.
    fn mapping(&mut self, discriminator: Site<'t>) -> Vec<(String, SchemaId)> {
        let mut mapping = Vec::new();
        let mut damaged = Vec::new();
        for (tag, value) in self.map(discriminator, "mapping") {
            let inner = value.get("$ref").filter(|inner| inner.node.as_str().is_some());
            damaged.extend(inner.map(|_| value));
            let reference = inner.unwrap_or(value);
            if reference.node.as_str().is_none() {
                self.wrong_kind(value, "the name of a schema or a URI reference");
            }
            mapping.extend(self.mapped(reference).map(|schema| (tag.to_owned(), schema)));
        }
        if let Some(site) = discriminator.get("mapping") {
            self.report_mapping(site, &damaged);
        }
        mapping
    }

    fn mapped(&mut self, reference: Site<'t>) -> Option<SchemaId> {
        let target = self.target(reference)?;
        Some(self.schema(target))
    }

    /// One diagnostic for all values of a mapping: they have one cause and one cure.
    fn report_mapping(&mut self, mapping: Site<'t>, damaged: &[Site<'t>]) {
        if damaged.is_empty() {
            return;
        }
        let mut diagnostic = Diagnostic::new(
            &codes::MAPPING_NOT_A_STRING,
            "values of `mapping` are objects, where strings belong",
        )
        .at(mapping.node.pointer())
        .note("each is read as the reference it holds");
        for value in damaged {
            diagnostic = diagnostic.label(value.node.span(), "");
        }
        let help = self.overlay_for_mapping(mapping);
        self.sink.report(diagnostic.help(help));
    }
}

#[cfg(test)]
mod tests {
    use crate::fixture::Fixture;

    #[track_caller]
    fn assert_mapping(mapping: &str, found: &[&str]) {
        let fixture = Fixture::schema(&format!(
            "{{ discriminator: {{ propertyName: kind, mapping: {{ s: {mapping} }} }} }}"
        ));
        let discriminator = fixture.component("S").discriminator.clone().unwrap();
        assert_eq!(discriminator.mapping, [("s".to_owned(), fixture.document.components[0].1)]);
        assert_eq!(fixture.found(), found);
    }

    #[test]
    fn a_mapping_names_a_schema() {
        assert_mapping("S", &[]);
    }

    #[test]
    fn a_mapping_holds_a_uri_reference() {
        assert_mapping("'#/components/schemas/S'", &[]);
    }

    #[test]
    fn a_mapping_to_an_object_with_a_reference_is_damage_with_a_plain_meaning() {
        assert_mapping(
            "{ $ref: '#/components/schemas/S' }",
            &["OA0209 /components/schemas/S/discriminator/mapping"],
        );
    }

    #[test]
    fn a_mapping_that_does_not_resolve_is_left_out() {
        let fixture = Fixture::schema(
            "{ discriminator: { propertyName: kind, mapping: { s: T, t: 5, u: S } } }",
        );
        let discriminator = fixture.component("S").discriminator.clone().unwrap();
        assert_eq!(discriminator.mapping.len(), 1);
        assert_eq!(
            fixture.found(),
            [
                "OA0101 /components/schemas/S/discriminator/mapping/s",
                "OA0003 /components/schemas/S/discriminator/mapping/t"
            ]
        );
    }

    #[test]
    fn a_default_mapping_of_3_2_is_read() {
        let fixture = Fixture::schema("{ discriminator: { propertyName: k, defaultMapping: S } }");
        let discriminator = fixture.component("S").discriminator.clone().unwrap();
        assert_eq!(discriminator.default_mapping, Some(fixture.document.components[0].1));
    }
}
