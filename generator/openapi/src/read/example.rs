//! The Example Object, and a lone `example`.

use specwright_source::Files;

use super::{Reader, Site};
use crate::document::{Example, Value};
use crate::keywords::Object;

impl<'t, F: Files> Reader<'t, F> {
    /// `examples` and `example` of a parameter, a header or a media type.
    pub(super) fn examples(&mut self, owner: Site<'t>) -> Vec<Example> {
        self.exclusive(owner, "examples", "example");
        if owner.get("examples").is_none() {
            return owner.get("example").map(|value| lone_example(value)).into_iter().collect();
        }
        let examples = self.map_of(owner, "examples", Self::named_example);
        examples.into_iter().map(|(name, example)| Example { name, ..example }).collect()
    }

    pub(super) fn named_example(&mut self, site: Site<'t>) -> Option<Example> {
        let mut example = self.within(site, Object::Example, |reader, site| {
            reader.exclusive(site, "value", "externalValue");
            let value = site.get("value").or_else(|| site.get("dataValue"));
            Example {
                name: String::new(),
                summary: reader.text(site, "summary"),
                description: reader.text(site, "description"),
                value: value.map(|value| Value::of(value.node)),
                serialized_value: reader.text(site, "serializedValue"),
                external_value: reader.text(site, "externalValue"),
                extensions: site.extensions(),
                at: site.at(),
            }
        })?;
        example.description = self.overriding(site, "description", example.description);
        example.summary = self.overriding(site, "summary", example.summary);
        Some(example)
    }
}

fn lone_example(value: Site<'_>) -> Example {
    Example {
        name: String::new(),
        summary: None,
        description: None,
        value: Some(Value::of(value.node)),
        serialized_value: None,
        external_value: None,
        extensions: Vec::new(),
        at: value.at(),
    }
}

#[cfg(test)]
mod tests {
    use crate::fixture::Fixture;

    #[test]
    fn a_lone_example_is_an_example_without_a_name() {
        let fixture =
            Fixture::operation("parameters: [{ name: p, in: query, schema: {}, example: 7 }]");
        let examples = &fixture.first_operation().parameters[0].examples;
        assert_eq!(examples[0].name, "");
        assert_eq!(examples[0].at.pointer.to_string(), "/paths/~1x/get/parameters/0/example");
    }

    #[test]
    fn example_and_examples_exclude_each_other() {
        let fixture = Fixture::operation(
            "parameters: [{ name: p, in: query, schema: {}, example: 7, examples: { a: { value: 8 } } }]",
        );
        assert_eq!(fixture.first_operation().parameters[0].examples[0].name, "a");
        assert_eq!(fixture.found(), ["OA0011 /paths/~1x/get/parameters/0"]);
    }

    #[test]
    fn a_reference_inside_an_example_is_data() {
        let fixture = Fixture::operation(
            "parameters: [{ name: p, in: query, schema: {}, example: { $ref: '#/nowhere' } }]",
        );
        assert_eq!(fixture.found(), [""; 0]);
    }
}
