//! The Parameter Object.

use specwright_source::{Diagnostic, Files, Severity, codes};

use super::{Reader, Site};
use crate::document::{Parameter, ParameterForm, ParameterLocation, Style};
use crate::keywords::Object;
use crate::version::OpenApiVersion;

impl<'t, F: Files> Reader<'t, F> {
    /// `parameters` of a path item or an operation.
    pub(super) fn parameters(&mut self, owner: Site<'t>) -> Vec<Parameter> {
        let items = self.list(owner, "parameters");
        items.into_iter().filter_map(|item| self.parameter(item)).collect()
    }

    /// A parameter; `None` also if it has no name or no place, without which it cannot be sent.
    pub(super) fn parameter(&mut self, site: Site<'t>) -> Option<Parameter> {
        let mut parameter = self.within(site, Object::Parameter, Self::own_parameter)??;
        parameter.description = self.overriding(site, "description", parameter.description);
        Some(parameter)
    }

    fn own_parameter(&mut self, site: Site<'t>) -> Option<Parameter> {
        let name = self.required_text(site, "name", Object::Parameter);
        let location = self.location(site)?;
        if name.is_empty() && location != ParameterLocation::QueryString {
            return None;
        }
        Some(Parameter {
            required: self.required(site, location),
            form: self.form(site, location, Object::Parameter),
            name,
            location,
            description: self.text(site, "description"),
            deprecated: self.flag(site, "deprecated"),
            allow_empty_value: self.flag(site, "allowEmptyValue"),
            examples: self.examples(site),
            extensions: site.extensions(),
            at: site.at(),
        })
    }

    fn location(&mut self, site: Site<'t>) -> Option<ParameterLocation> {
        let place = self.required_text(site, "in", Object::Parameter);
        if place == "querystring"
            && let Some(member) = site.get("in")
        {
            self.report_younger(member, "place `querystring`");
        }
        let location = match place.as_str() {
            "path" => ParameterLocation::Path,
            "query" => ParameterLocation::Query,
            "querystring" => ParameterLocation::QueryString,
            "header" => ParameterLocation::Header,
            "cookie" => ParameterLocation::Cookie,
            _ => {
                if let Some(member) = site.get("in") {
                    self.report(
                        &codes::UNKNOWN_VALUE,
                        member,
                        format!("a parameter cannot be in `{place}`"),
                    );
                }
                return None;
            }
        };
        Some(location)
    }

    fn required(&mut self, site: Site<'t>, location: ParameterLocation) -> bool {
        let required = self.flag(site, "required");
        if location == ParameterLocation::Path && !required {
            let mut diagnostic =
                Diagnostic::new(&codes::MISSING_MEMBER, "a path parameter needs `required: true`");
            // There is no other reading: a path without the parameter is another path.
            diagnostic.severity = Severity::Warning;
            self.send(diagnostic.note("it is read as required"), site);
            return true;
        }
        required
    }

    /// `schema` or `content` of a parameter or a header.
    pub(super) fn form(
        &mut self,
        site: Site<'t>,
        location: ParameterLocation,
        object: Object,
    ) -> ParameterForm {
        self.exclusive(site, "schema", "content");
        let mut content = self.map_of(site, "content", Self::media_type).into_iter();
        if site.get("schema").is_none()
            && let Some((range, media)) = content.next()
        {
            if content.next().is_some() {
                let message =
                    format!("`content` of {} has more than one media type", object.name());
                let content = site.get("content").unwrap_or(site);
                self.report(&codes::UNKNOWN_VALUE, content, message);
            }
            return ParameterForm::Content { range, media: Box::new(media) };
        }
        let schema = site.get("schema").map(|schema| self.schema(schema));
        let schema = schema.unwrap_or_else(|| {
            let message = format!("{} needs `schema` or `content`", object.name());
            self.report(&codes::MISSING_MEMBER, site, message);
            self.anything(site)
        });
        let style = self.style(site, location);
        let explode = self.optional_flag(site, "explode");
        ParameterForm::Schema {
            schema,
            style,
            explode: explode.unwrap_or(matches!(style, Style::Form | Style::Cookie)),
            allow_reserved: self.allow_reserved(site, location),
        }
    }

    fn style(&mut self, site: Site<'t>, location: ParameterLocation) -> Style {
        let default = match location {
            ParameterLocation::Path | ParameterLocation::Header => Style::Simple,
            ParameterLocation::Query
            | ParameterLocation::QueryString
            | ParameterLocation::Cookie => Style::Form,
        };
        let Some(member) = site.get("style") else { return default };
        let Some(style) = self.style_of(member) else { return default };
        if fits(style, location) {
            return style;
        }
        let name = member.node.as_str().unwrap_or_default();
        self.send(
            Diagnostic::new(
                &codes::STYLE_MISFIT,
                format!("style `{name}` does not fit {}", place_name(location)),
            )
            .note("the default style of the place is read"),
            member,
        );
        default
    }

    /// The value of a member `style`.
    pub(super) fn style_of(&mut self, member: Site<'t>) -> Option<Style> {
        let name = self.text_of(member)?;
        if name == "cookie" {
            self.report_younger(member, "style `cookie`");
        }
        let style = match name.as_str() {
            "matrix" => Style::Matrix,
            "label" => Style::Label,
            "simple" => Style::Simple,
            "form" => Style::Form,
            "spaceDelimited" => Style::SpaceDelimited,
            "pipeDelimited" => Style::PipeDelimited,
            "deepObject" => Style::DeepObject,
            "cookie" => Style::Cookie,
            _ => {
                self.report(&codes::UNKNOWN_VALUE, member, format!("no style is named `{name}`"));
                return None;
            }
        };
        Some(style)
    }

    /// Reports a value that came with OpenAPI 3.2 in a file of an older version.
    fn report_younger(&mut self, member: Site<'t>, value: &str) {
        let version = self.version(member);
        if version < OpenApiVersion::V32 {
            let message = format!("{value} came with OpenAPI 3.2, this document is of {version}");
            let diagnostic = Diagnostic::new(&codes::UNKNOWN_VALUE, message);
            self.send(diagnostic.note("it is read as if it were known"), member);
        }
    }

    /// `allowReserved`, which has a meaning where values are percent-encoded by this API's own
    /// rules: the query and, as a form, cookies.
    fn allow_reserved(&mut self, site: Site<'t>, location: ParameterLocation) -> bool {
        let allowed = self.flag(site, "allowReserved");
        let encoded = matches!(
            location,
            ParameterLocation::Query | ParameterLocation::QueryString | ParameterLocation::Cookie
        );
        if let Some(member) = site.get("allowReserved")
            && !encoded
        {
            let message = format!("`allowReserved` does not fit {}", place_name(location));
            self.report(&codes::STYLE_MISFIT, member, message);
            return false;
        }
        allowed
    }
}

/// The table of style values (3.1.1 §4.8.12.3) and `cookie` of 3.2.
fn fits(style: Style, location: ParameterLocation) -> bool {
    match location {
        ParameterLocation::Path => matches!(style, Style::Matrix | Style::Label | Style::Simple),
        ParameterLocation::Query => matches!(
            style,
            Style::Form | Style::SpaceDelimited | Style::PipeDelimited | Style::DeepObject
        ),
        ParameterLocation::QueryString => false,
        ParameterLocation::Header => style == Style::Simple,
        ParameterLocation::Cookie => matches!(style, Style::Form | Style::Cookie),
    }
}

fn place_name(location: ParameterLocation) -> &'static str {
    match location {
        ParameterLocation::Path => "a path parameter",
        ParameterLocation::Query => "a query parameter",
        ParameterLocation::QueryString => "a parameter in `querystring`",
        ParameterLocation::Header => "a header",
        ParameterLocation::Cookie => "a cookie",
    }
}

#[cfg(test)]
mod tests {
    use crate::document::{Parameter, ParameterForm, ParameterLocation, Style};
    use crate::fixture::Fixture;

    #[track_caller]
    fn parameter(text: &str) -> (Parameter, Vec<String>) {
        let fixture = Fixture::operation(&format!("parameters: [{text}]"));
        (fixture.first_operation().parameters[0].clone(), fixture.found())
    }

    #[track_caller]
    fn assert_style(text: &str, style: Style, explode: bool) {
        let (parameter, found) = parameter(&format!("{{ name: p, schema: {{}}, {text} }}"));
        match parameter.form {
            ParameterForm::Schema { style: read, explode: exploded, .. } => {
                assert_eq!((read, exploded), (style, explode), "{text}");
            }
            ParameterForm::Content { .. } => panic!("{text} gave content"),
        }
        assert_eq!(found, [""; 0], "{text}");
    }

    #[test]
    fn each_place_has_its_default_style() {
        assert_style("in: path, required: true", Style::Simple, false);
        assert_style("in: query", Style::Form, true);
        assert_style("in: header", Style::Simple, false);
        assert_style("in: cookie", Style::Form, true);
    }

    #[test]
    fn explode_has_a_default_for_each_style() {
        assert_style("in: query, style: pipeDelimited", Style::PipeDelimited, false);
        assert_style("in: query, style: deepObject", Style::DeepObject, false);
        assert_style("in: query, explode: false", Style::Form, false);
        assert_style("in: path, required: true, style: matrix, explode: true", Style::Matrix, true);
    }

    #[test]
    fn a_style_that_does_not_fit_gives_the_default() {
        let (parameter, found) = parameter("{ name: p, in: header, style: form, schema: {} }");
        assert!(matches!(parameter.form, ParameterForm::Schema { style: Style::Simple, .. }));
        assert_eq!(found, ["OA0312 /paths/~1x/get/parameters/0/style"]);
    }

    #[test]
    fn a_parameter_with_content_has_one_media_type() {
        let (parameter, found) =
            parameter("{ name: p, in: query, content: { application/json: { schema: {} } } }");
        let ParameterForm::Content { range, media } = parameter.form else { panic!("no content") };
        assert_eq!(range, "application/json");
        assert!(media.schema.is_some());
        assert_eq!(found, [""; 0]);
    }

    #[test]
    fn a_path_parameter_is_required_whatever_it_says() {
        let (parameter, found) = parameter("{ name: p, in: path, schema: {} }");
        assert!(parameter.required);
        assert_eq!(found, ["OA0004 /paths/~1x/get/parameters/0"]);
    }

    #[test]
    fn a_parameter_without_schema_or_content_is_any_value() {
        let (parameter, found) = parameter("{ name: p, in: query }");
        assert!(matches!(parameter.form, ParameterForm::Schema { .. }));
        assert_eq!(found, ["OA0004 /paths/~1x/get/parameters/0"]);
    }

    #[test]
    fn a_parameter_in_an_unknown_place_is_left_out() {
        let fixture = Fixture::operation("parameters: [{ name: p, in: body, schema: {} }]");
        assert!(fixture.first_operation().parameters.is_empty());
        assert_eq!(fixture.found(), ["OA0010 /paths/~1x/get/parameters/0/in"]);
    }

    #[test]
    fn the_whole_query_of_3_2_is_a_place() {
        let (parameter, found) =
            parameter("{ name: q, in: querystring, content: { application/json: {} } }");
        assert_eq!(parameter.location, ParameterLocation::QueryString);
        assert_eq!(found, ["OA0010 /paths/~1x/get/parameters/0/in"]);
    }

    #[test]
    fn the_description_beside_a_reference_wins_since_3_1() {
        assert_eq!(description_beside_a_reference("3.1.1").as_deref(), Some("here"));
        assert_eq!(description_beside_a_reference("3.0.3").as_deref(), Some("there"));
    }

    #[track_caller]
    fn description_beside_a_reference(version: &str) -> Option<String> {
        let text = "info: { title: T, version: '1' }\n\
             paths: { /x: { get: { parameters: [{ $ref: '#/components/parameters/P', description: here }] } } }\n\
             components: { parameters: { P: { name: p, in: query, description: there, schema: {} } } }\n";
        let fixture = Fixture::read(&format!("openapi: {version}\n{text}"));
        let parameter = &fixture.first_operation().parameters[0];
        assert_eq!(parameter.at.pointer.to_string(), "/components/parameters/P");
        parameter.description.clone()
    }
}
