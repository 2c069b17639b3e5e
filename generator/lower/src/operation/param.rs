//! Parameters with every style explicit.

use specwright_ir::{Constraints, Param, ParamStyle, Place, Scalar, Ty, Words};
use specwright_openapi::document::{Parameter, ParameterForm, ParameterLocation, SchemaId, Style};
use specwright_source::{Diagnostic, codes};

use super::{media, section};
use crate::lowering::{Lowering, Use, docs, origin};
use crate::schema::{self, Facets, facets};
use crate::unsupported::unsupported;

/// Header fields that belong to the media types and the credentials (OpenAPI 3.1.1 §4.8.12.2).
const RESERVED: [&str; 3] = ["accept", "content-type", "authorization"];

/// Says how schemas inside a parameter are called: a shared one by its own key.
pub(super) fn add_hint(lowering: &mut Lowering<'_>, param: &Parameter, owner: &Words) {
    let words =
        section(&param.at, "parameters").unwrap_or_else(|| owner.join(&Words::split(&param.name)));
    if let Some(id) = schema_of(param) {
        let pointer = lowering.place(id).pointer;
        lowering.hints.add_root(pointer, words);
    }
}

/// The parameters of an operation, those of its path item first. An operation's own parameter
/// stands in for the path item's of the same place and name.
pub(super) fn lower_all(
    lowering: &mut Lowering<'_>,
    shared: &[Parameter],
    own: &[Parameter],
) -> Vec<Param> {
    let same =
        |one: &Parameter, two: &Parameter| one.location == two.location && one.name == two.name;
    let mut chosen: Vec<&Parameter> = shared
        .iter()
        .map(|param| own.iter().find(|own| same(own, param)).unwrap_or(param))
        .collect();
    chosen.extend(own.iter().filter(|own| !shared.iter().any(|param| same(param, own))));
    let mut params: Vec<Param> = Vec::new();
    for param in chosen {
        let Some(param) = lower(lowering, param) else {
            continue;
        };
        if params.iter().any(|known| known.place == param.place && known.wire == param.wire) {
            lowering.sink.report(
                Diagnostic::new(
                    &codes::PARAMETER_REPEATED,
                    format!("parameter `{}` is there twice", param.wire),
                )
                .label(param.origin.span, "again here")
                .at(param.origin.pointer.clone())
                .note("the first one stands"),
            );
            continue;
        }
        params.push(param);
    }
    params
}

/// One parameter; `None` if it cannot be sent, which is reported.
fn lower(lowering: &mut Lowering<'_>, param: &Parameter) -> Option<Param> {
    let place = match param.location {
        ParameterLocation::Path => Place::Path,
        ParameterLocation::Query => Place::Query,
        ParameterLocation::Header => Place::Header,
        ParameterLocation::Cookie => Place::Cookie,
        ParameterLocation::QueryString => {
            lowering.sink.report(unsupported(
                &codes::PARAMETER_UNSUPPORTED,
                &param.at,
                "a parameter that is the whole query (`in: querystring`)",
                "left out",
            ));
            return None;
        }
    };
    if place == Place::Header && RESERVED.contains(&param.name.to_ascii_lowercase().as_str()) {
        lowering.sink.report(
            Diagnostic::new(
                &codes::HEADER_RESERVED,
                format!("header `{}` is not a parameter", param.name),
            )
            .label(param.at.span, "")
            .at(param.at.pointer.clone())
            .note("left out: media types and security say what it holds"),
        );
        return None;
    }
    let found = schema_of(param).map_or(Use::of(Ty::Json), |id| schema::use_of(lowering, id));
    let (facets, at) =
        schema_of(param).map_or((Facets::default(), param.at.clone()), |id| facets(lowering, id));
    let (ty, style) = written(lowering, param, place, found.ty.clone());
    Some(Param {
        place,
        wire: param.name.clone(),
        hint: Words::split(&param.name),
        ty,
        required: param.required || place == Place::Path,
        style,
        default: schema::default::lower(lowering, facets.default.as_ref(), &found, &at),
        constraints: Constraints { rules: facets.constraints.rules },
        format: facets.format,
        docs: docs(None, param.description.as_ref().or(facets.docs.description.as_ref())),
        deprecated: param.deprecated || facets.deprecated,
        origin: origin(&param.at),
    })
}

fn schema_of(param: &Parameter) -> Option<SchemaId> {
    match &param.form {
        ParameterForm::Schema { schema, .. } => Some(*schema),
        ParameterForm::Content { media, .. } => media.schema,
    }
}

/// How the value becomes text. Null has no text, so a value of a parameter is never null.
fn written(
    lowering: &mut Lowering<'_>,
    param: &Parameter,
    place: Place,
    ty: Ty,
) -> (Ty, ParamStyle) {
    match &param.form {
        ParameterForm::Schema { style, explode, allow_reserved, .. } => {
            let reserved = *allow_reserved && place == Place::Query;
            // The reader has replaced styles that do not fit, so the default is never needed.
            let style = fitting(place, *style, *explode, reserved);
            (ty, style.unwrap_or(default_style(place)))
        }
        ParameterForm::Content { range, .. } if media::is_json(range) && place == Place::Query => {
            (ty, ParamStyle::Json)
        }
        ParameterForm::Content { range, .. } => {
            lowering.sink.report(unsupported(
                &codes::PARAMETER_UNSUPPORTED,
                &param.at,
                &format!("a parameter of media type `{range}` in the {}", place_word(place)),
                "read as a string that is sent as it is",
            ));
            (Ty::Scalar(Scalar::String), default_style(place))
        }
    }
}

/// The styles of each place (OpenAPI 3.1.1 §4.8.12.3). Exploded, a delimiter has nothing to
/// delimit, and what is left is the exploded form.
fn fitting(place: Place, style: Style, explode: bool, allow_reserved: bool) -> Option<ParamStyle> {
    let form = ParamStyle::Form { explode, allow_reserved };
    match (place, style) {
        (Place::Path | Place::Header, Style::Simple) => Some(ParamStyle::Simple { explode }),
        (Place::Path, Style::Label) => Some(ParamStyle::Label { explode }),
        (Place::Path, Style::Matrix) => Some(ParamStyle::Matrix { explode }),
        (Place::Query | Place::Cookie, Style::Form) | (Place::Cookie, Style::Cookie) => Some(form),
        (Place::Query, Style::SpaceDelimited | Style::PipeDelimited) if explode => Some(form),
        (Place::Query, Style::SpaceDelimited) => Some(ParamStyle::SpaceDelimited),
        (Place::Query, Style::PipeDelimited) => Some(ParamStyle::PipeDelimited),
        (Place::Query, Style::DeepObject) => Some(ParamStyle::DeepObject),
        (Place::Path | Place::Query | Place::Header | Place::Cookie, _) => None,
    }
}

fn place_word(place: Place) -> &'static str {
    match place {
        Place::Path => "path",
        Place::Query => "query",
        Place::Header => "header",
        Place::Cookie => "cookies",
    }
}

fn default_style(place: Place) -> ParamStyle {
    match place {
        Place::Path | Place::Header => ParamStyle::Simple { explode: false },
        Place::Query | Place::Cookie => ParamStyle::Form { explode: true, allow_reserved: false },
    }
}
