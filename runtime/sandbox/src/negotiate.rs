//! In which media type a request wants its answer (RFC 9110, section 12.5.1).

use http::HeaderMap;
use http::header::ACCEPT;

use crate::operation::Operation;
use crate::refusal::{Cause, Refusal};

/// JSON, in which everything is answered unless a request asks otherwise.
pub(crate) const JSON: &str = "application/json";

/// The media type of the answer, of those that the document names. `None` if it names none.
pub(crate) fn media_type<'o>(
    operation: &'o Operation,
    headers: &HeaderMap,
) -> Result<Option<&'o str>, Refusal> {
    let mut ranges = Vec::new();
    for line in headers.get_all(ACCEPT) {
        let line = line.to_str().map_err(|_| {
            Refusal::new(Cause::Unreadable, "The header Accept is not visible ASCII.")
        })?;
        ranges.extend(line.split(',').filter_map(Range::read));
    }
    let Some((_, success)) = operation.success() else { return Ok(None) };
    let mut offered: Vec<&str> =
        success.content.iter().map(|content| content.media_type.as_str()).collect();
    // Of two that are equally welcome, JSON.
    offered.sort_by_key(|media_type| *media_type != JSON);
    if ranges.is_empty() || offered.is_empty() {
        return Ok(offered.first().copied());
    }
    let mut best: Option<(f32, &str)> = None;
    for media_type in offered {
        let weight = weight(&ranges, media_type);
        if weight > best.map_or(0.0, |(weight, _)| weight) {
            best = Some((weight, media_type));
        }
    }
    best.map(|(_, media_type)| Some(media_type)).ok_or_else(|| {
        let message = "The resource is not available in an accepted media type.";
        Refusal::new(Cause::Format, message)
    })
}

/// One media range with its weight.
struct Range {
    essence: String,
    weight: f32,
}

impl Range {
    /// `None` for an empty element, which a list may have (RFC 9110, section 5.6.1).
    fn read(text: &str) -> Option<Self> {
        let mut parts = text.split(';').map(str::trim);
        let essence = parts.next().unwrap_or_default().to_ascii_lowercase();
        let weight = parts.find_map(|part| part.strip_prefix("q=")?.parse().ok());
        (!essence.is_empty()).then_some(Self { essence, weight: weight.unwrap_or(1.0) })
    }

    /// How closely the range describes the media type; `None` if it does not.
    fn closeness(&self, media_type: &str) -> Option<u8> {
        if self.essence == media_type {
            return Some(2);
        }
        let class = self.essence.strip_suffix('*')?;
        if class.ends_with('/') && class.len() > 2 && media_type.starts_with(class) {
            return Some(1);
        }
        (self.essence == "*/*").then_some(0)
    }
}

/// The weight of the closest range; zero if there is none.
fn weight(ranges: &[Range], media_type: &str) -> f32 {
    let close = ranges.iter().filter_map(|range| Some((range.closeness(media_type)?, range)));
    close.max_by_key(|(closeness, _)| *closeness).map_or(0.0, |(_, range)| range.weight)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weight_of(accept: &str, media_type: &str) -> f32 {
        let ranges: Vec<Range> = accept.split(',').filter_map(Range::read).collect();
        weight(&ranges, media_type)
    }

    #[track_caller]
    fn assert_weight(accept: &str, weight: f32) {
        let found = weight_of(accept, JSON);
        assert!((found - weight).abs() < f32::EPSILON, "{accept}: {found}");
    }

    #[test]
    fn a_media_range_takes_a_type_its_class_or_everything() {
        assert_weight("application/json", 1.0);
        assert_weight("application/*", 1.0);
        assert_weight("*/*", 1.0);
        assert_weight(" Application/JSON ; q=0.5", 0.5);
    }

    #[test]
    fn a_weight_of_zero_takes_nothing() {
        assert_weight("application/json;q=0", 0.0);
        assert_weight("*/*, application/json;q=0.000", 0.0);
    }

    #[test]
    fn another_class_takes_nothing() {
        assert_weight("text/*", 0.0);
        assert_weight("app*", 0.0);
        assert_weight("text/csv,", 0.0);
    }

    #[test]
    fn the_closest_range_decides() {
        assert_weight("application/*;q=0.2, */*;q=0.9, application/json;q=0.4", 0.4);
    }
}
