//! Which path template a request path is an instance of.

use crate::percent::{self, Plus};

/// A path of the document, cut at its slashes.
#[derive(Clone, Debug)]
pub(crate) struct PathTemplate {
    segments: Vec<Segment>,
}

#[derive(Clone, Debug)]
enum Segment {
    Literal(String),
    Variable(String),
}

/// The values of the variables of a template, still encoded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct PathValues(Vec<(String, String)>);

impl PathTemplate {
    /// Reads `/contacts/{contact_id}`; the error says what the sandbox cannot match.
    pub(crate) fn parse(template: &str) -> Result<Self, String> {
        let inner = template.strip_prefix('/').ok_or("a path starts with `/`")?;
        let segments = inner.split('/').map(Segment::parse).collect::<Result<_, _>>()?;
        Ok(Self { segments })
    }

    /// The values of the variables, if `path` is an instance of this template.
    ///
    /// A variable takes an empty segment: that a value is missing is then said by name.
    pub(crate) fn matches(&self, path: &str) -> Option<PathValues> {
        let segments: Vec<&str> = path.strip_prefix('/')?.split('/').collect();
        if segments.len() != self.segments.len() {
            return None;
        }
        let mut values = Vec::new();
        for (pattern, segment) in self.segments.iter().zip(segments) {
            match pattern {
                Segment::Literal(literal) => {
                    let decoded = percent::decode(segment, Plus::Literal).ok()?;
                    if decoded != *literal {
                        return None;
                    }
                }
                Segment::Variable(name) => values.push((name.clone(), segment.to_owned())),
            }
        }
        Some(PathValues(values))
    }

    /// The names of the variables.
    pub(crate) fn variables(&self) -> impl Iterator<Item = &str> {
        self.segments.iter().filter_map(|segment| match segment {
            Segment::Variable(name) => Some(name.as_str()),
            Segment::Literal(_) => None,
        })
    }

    /// How many segments are fixed. Of two templates that match, the more fixed one is meant
    /// (OpenAPI 3.1.1, "Path Templating Matching").
    pub(crate) fn literals(&self) -> usize {
        self.segments.iter().filter(|segment| matches!(segment, Segment::Literal(_))).count()
    }
}

impl PathValues {
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

impl Segment {
    fn parse(text: &str) -> Result<Self, String> {
        let name = text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
        match name {
            Some(name) if !name.contains(['{', '}']) => Ok(Self::Variable(name.to_owned())),
            None if !text.contains(['{', '}']) => Ok(Self::Literal(text.to_owned())),
            _ => Err(format!("the segment `{text}` mixes text and variables")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(template: &str, path: &str) -> Option<String> {
        let values = PathTemplate::parse(template).unwrap().matches(path)?;
        values.get("id").map(str::to_owned)
    }

    #[test]
    fn a_variable_takes_one_segment() {
        assert_eq!(value("/a/{id}", "/a/b%2Fc").as_deref(), Some("b%2Fc"));
        assert_eq!(value("/a/{id}", "/a/b/c"), None);
    }

    #[test]
    fn a_variable_takes_an_empty_segment() {
        assert_eq!(value("/a/{id}", "/a/").as_deref(), Some(""));
    }

    #[test]
    fn a_segment_of_text_and_variable_is_refused() {
        assert!(PathTemplate::parse("/a/{id}.pdf").is_err());
    }
}
