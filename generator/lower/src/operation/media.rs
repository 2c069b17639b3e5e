//! Media types: what a body holds and how it becomes bytes.

use specwright_ir::{Codec, Media, Scalar, Ty, Words};
use specwright_openapi::document::{MediaType, SchemaId, extension};
use specwright_source::codes;

use crate::convention::vocabulary;
use crate::lowering::Lowering;
use crate::schema::use_of;
use crate::unsupported::unsupported;

/// Says how schemas inside a body are called. The JSON form has the plain name, others add theirs.
pub(super) fn add_hints(
    lowering: &mut Lowering<'_>,
    content: &[(String, MediaType)],
    words: &Words,
) {
    for (range, media) in content {
        let Some(id) = media.schema else {
            continue;
        };
        let form = match codec(range) {
            Codec::Json => Words::default(),
            Codec::Form => Words::split("form"),
            Codec::Text => Words::split("text"),
            Codec::Bytes => Words::split("file"),
        };
        let pointer = lowering.place(id).pointer;
        lowering.hints.add_root(pointer, words.join(&form));
    }
}

/// The forms of a body, JSON first. `content` is an object, so its own order says nothing.
pub(super) fn lower_all(
    lowering: &mut Lowering<'_>,
    content: &[(String, MediaType)],
) -> Vec<Media> {
    let mut media: Vec<Media> =
        content.iter().map(|(range, media)| lower(lowering, range, media)).collect();
    media.sort_by(|one, two| (one.codec, &one.range).cmp(&(two.codec, &two.range)));
    media
}

/// True for `application/json`, `+json` and what stands for any type.
pub(super) fn is_json(range: &str) -> bool {
    codec(range) == Codec::Json
}

fn lower(lowering: &mut Lowering<'_>, range: &str, media: &MediaType) -> Media {
    let codec = codec(range);
    if let Some(feature) = unread(range) {
        let reading = match codec {
            Codec::Text => "read as text",
            Codec::Json | Codec::Form | Codec::Bytes => "read as bytes",
        };
        lowering.sink.report(unsupported(&codes::MEDIA_UNSUPPORTED, &media.at, feature, reading));
    }
    let envelope = extension(&media.extensions, vocabulary::ENVELOPE);
    Media {
        range: range.to_owned(),
        codec,
        ty: match codec {
            Codec::Json | Codec::Form => {
                media.schema.map_or(Ty::Json, |id| use_of(lowering, id).in_place())
            }
            Codec::Text => media.schema.map_or(Ty::Scalar(Scalar::String), |id| text(lowering, id)),
            Codec::Bytes => Ty::Scalar(Scalar::String),
        },
        envelope: envelope.and_then(|name| name.value.as_str()).map(str::to_owned),
    }
}

/// Text is a scalar; a schema that wants parts in it is not known to have a form as text.
fn text(lowering: &mut Lowering<'_>, id: SchemaId) -> Ty {
    match use_of(lowering, id).ty {
        ty @ Ty::Scalar(_) => ty,
        Ty::Def(_) | Ty::List(_) | Ty::Map(_) | Ty::Nullable(_) | Ty::Json | Ty::Nothing => {
            Ty::Scalar(Scalar::String)
        }
    }
}

/// The codec of a media range. `*/*` with nothing else said is JSON in all documents seen.
fn codec(range: &str) -> Codec {
    let essence = essence(range);
    match essence.as_str() {
        "application/json" | "text/json" | "*/*" | "application/*" => Codec::Json,
        "application/x-www-form-urlencoded" => Codec::Form,
        _ if essence.ends_with("+json") => Codec::Json,
        _ if essence.starts_with("text/") => Codec::Text,
        _ => Codec::Bytes,
    }
}

/// Media types that have a structure of their own, which nothing reads yet.
fn unread(range: &str) -> Option<&'static str> {
    let essence = essence(range);
    match essence.as_str() {
        "text/event-stream" => Some("server-sent events"),
        "application/x-ndjson" | "application/jsonl" | "application/json-seq" => {
            Some("a sequence of JSON values")
        }
        "application/xml" | "text/xml" => Some("XML"),
        _ if essence.ends_with("+xml") && essence != "image/svg+xml" => Some("XML"),
        _ if essence.starts_with("multipart/") => Some("multipart bodies"),
        _ => None,
    }
}

/// The type without parameters, in lower case: names of types ignore case (RFC 9110 §8.3.1).
fn essence(range: &str) -> String {
    range.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_media_type_has_one_codec() {
        for (range, expected) in [
            ("application/json; charset=utf-8", Codec::Json),
            ("Application/Problem+JSON", Codec::Json),
            ("application/x-www-form-urlencoded", Codec::Form),
            ("text/csv", Codec::Text),
            ("application/pdf", Codec::Bytes),
            ("multipart/form-data", Codec::Bytes),
        ] {
            assert_eq!(codec(range), expected, "{range}");
        }
    }
}
