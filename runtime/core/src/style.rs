//! The styles of parameters: OpenAPI 3.1.1 §4.8.12.4, after RFC 6570.
//!
//! Each function is a row of the specification's table. Names and values are percent-encoded down to the unreserved
//! characters of RFC 3986, so that a separator within a value never reads as one.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::param::ParamValue;

/// How a query parameter is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum QueryStyle {
    /// `form`, not exploded: `color=blue,black` or `color=R,100,G,200`.
    Form,
    /// `form`, exploded, which is the default of OpenAPI: `color=blue&color=black` or `R=100&G=200`.
    FormExploded,
    /// `spaceDelimited`: `color=blue%20black`.
    SpaceDelimited,
    /// `pipeDelimited`: `color=blue%7Cblack`.
    PipeDelimited,
    /// `deepObject`, for objects only: `color%5BR%5D=100&color%5BG%5D=200`.
    DeepObject,
}

/// How a path parameter is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PathStyle {
    /// `simple`, the default of OpenAPI: `blue,black` or `R,100,G,200`.
    Simple,
    /// `simple`, exploded: `blue,black` or `R=100,G=200`.
    SimpleExploded,
    /// `label`: `.blue,black` or `.R,100,G,200`.
    Label,
    /// `label`, exploded: `.blue.black` or `.R=100.G=200`.
    LabelExploded,
    /// `matrix`: `;color=blue,black` or `;color=R,100,G,200`.
    Matrix,
    /// `matrix`, exploded: `;color=blue;color=black` or `;R=100;G=200`.
    MatrixExploded,
}

/// How a header is written. Its text is not percent-encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HeaderStyle {
    /// `simple`, the default of OpenAPI: `blue,black` or `R,100,G,200`.
    Simple,
    /// `simple`, exploded: `blue,black` or `R=100,G=200`.
    SimpleExploded,
}

impl QueryStyle {
    /// The text of the parameter in a query, `None` if nothing is sent. The error completes "the parameter ...".
    pub(crate) fn expand(
        self,
        name: &str,
        value: &ParamValue,
    ) -> Result<Option<String>, &'static str> {
        let name = &encode(name);
        let pair = |text: String| format!("{name}={text}");
        Ok(match (self, value) {
            (_, ParamValue::Absent) => None,
            (_, ParamValue::Unwritable) => return Err(UNWRITABLE),
            (Self::DeepObject, ParamValue::Scalar(_) | ParamValue::List(_)) => {
                return Err("is no object, and its style `deepObject` writes objects only");
            }
            // RFC 6570 §2.3: a list or object without members is undefined and leaves nothing.
            (_, ParamValue::List(_) | ParamValue::Object(_)) if value.is_empty() => None,
            (_, ParamValue::Scalar(text)) => Some(pair(encode(text))),
            (Self::Form, _) => Some(pair(flat(value, ","))),
            (Self::SpaceDelimited, _) => Some(pair(flat(value, "%20"))),
            (Self::PipeDelimited, _) => Some(pair(flat(value, "%7C"))),
            (Self::FormExploded, ParamValue::List(items)) => {
                Some(join(items.iter().map(|item| pair(encode(item))), "&"))
            }
            (Self::FormExploded, ParamValue::Object(members)) => Some(join(named(members), "&")),
            (Self::DeepObject, ParamValue::Object(members)) => {
                let member = |(key, text): &(String, String)| {
                    format!("{name}%5B{}%5D={}", encode(key), encode(text))
                };
                Some(join(members.iter().map(member), "&"))
            }
        })
    }
}

impl PathStyle {
    /// The text of the parameter in a path.
    pub(crate) fn expand(self, name: &str, value: &ParamValue) -> String {
        let name = &encode(name);
        match (self, value) {
            (_, ParamValue::Absent | ParamValue::Unwritable) => String::new(),
            (Self::Simple, _) => flat(value, ","),
            (Self::SimpleExploded, _) => exploded(value, ","),
            (Self::Label, _) => format!(".{}", flat(value, ",")),
            (Self::LabelExploded, _) => format!(".{}", exploded(value, ".")),
            // RFC 6570 §3.2.7: an empty value has no `=`.
            (Self::Matrix | Self::MatrixExploded, _) if value.is_empty() => format!(";{name}"),
            (Self::Matrix, _) | (Self::MatrixExploded, ParamValue::Scalar(_)) => {
                format!(";{name}={}", flat(value, ","))
            }
            (Self::MatrixExploded, ParamValue::List(items)) => {
                let pair = |item: &String| format!(";{name}={}", encode(item));
                join(items.iter().map(pair), "")
            }
            (Self::MatrixExploded, ParamValue::Object(members)) => {
                format!(";{}", join(named(members), ";"))
            }
        }
    }
}

impl HeaderStyle {
    /// The text of the parameter in a header, `None` if nothing is sent. The error completes "the header ...".
    pub(crate) fn expand(self, value: &ParamValue) -> Result<Option<String>, &'static str> {
        let parts: Vec<&str> = match value {
            ParamValue::Absent => return Ok(None),
            ParamValue::Unwritable => return Err(UNWRITABLE),
            ParamValue::Scalar(text) => return Ok(Some(text.clone())),
            ParamValue::List(items) => items.iter().map(String::as_str).collect(),
            ParamValue::Object(members) => {
                members.iter().flat_map(|(name, text)| [name.as_str(), text.as_str()]).collect()
            }
        };
        if parts.iter().any(|part| part.contains(',')) {
            return Err("has an item with a comma, which would read as two items");
        }
        Ok(match (self, value) {
            _ if parts.is_empty() => None,
            (Self::SimpleExploded, ParamValue::Object(members)) => {
                Some(join(members.iter().map(|(name, text)| format!("{name}={text}")), ","))
            }
            _ => Some(parts.join(",")),
        })
    }
}

/// `blue`, `blue,black` or `R,100,G,200`, with the given separator.
fn flat(value: &ParamValue, separator: &str) -> String {
    match value {
        ParamValue::Absent | ParamValue::Unwritable => String::new(),
        ParamValue::Scalar(text) => encode(text),
        ParamValue::List(items) => join(items.iter().map(|item| encode(item)), separator),
        ParamValue::Object(members) => {
            join(members.iter().flat_map(|(name, text)| [encode(name), encode(text)]), separator)
        }
    }
}

/// `blue`, `blue,black` or `R=100,G=200`, with the given separator.
fn exploded(value: &ParamValue, separator: &str) -> String {
    match value {
        ParamValue::Object(members) => join(named(members), separator),
        _ => flat(value, separator),
    }
}

/// `R=100` for each member.
fn named(members: &[(String, String)]) -> impl Iterator<Item = String> {
    members.iter().map(|(name, text)| format!("{}={}", encode(name), encode(text)))
}

fn join(parts: impl Iterator<Item = String>, separator: &str) -> String {
    parts.collect::<Vec<_>>().join(separator)
}

/// Percent-encodes all but the unreserved characters (RFC 3986 §2.3).
fn encode(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What [`ParamValue::Unwritable`] is, to complete "the parameter ...".
pub(crate) const UNWRITABLE: &str = "is a number that has no text (infinite or not a number)";

#[cfg(test)]
mod tests {
    use super::{HeaderStyle, PathStyle, QueryStyle};
    use crate::param::ParamValue;

    /// The four columns of the specification's table, with values of our own.
    fn columns() -> [ParamValue; 4] {
        [
            ParamValue::scalar(""),
            ParamValue::scalar("oak"),
            ParamValue::List(["oak", "ash", "elm"].map(String::from).to_vec()),
            ParamValue::Object(
                [("H", "12"), ("W", "7"), ("D", "3")].map(|(k, v)| (k.into(), v.into())).to_vec(),
            ),
        ]
    }

    /// What stands in the table where the specification defines nothing.
    const UNDEFINED: &str = "n/a";

    #[test]
    fn every_row_of_the_query_table() {
        use QueryStyle::{DeepObject, Form, FormExploded, PipeDelimited, SpaceDelimited};
        let table = [
            (Form, ["wood=", "wood=oak", "wood=oak,ash,elm", "wood=H,12,W,7,D,3"]),
            (FormExploded, ["wood=", "wood=oak", "wood=oak&wood=ash&wood=elm", "H=12&W=7&D=3"]),
            (
                SpaceDelimited,
                [UNDEFINED, UNDEFINED, "wood=oak%20ash%20elm", "wood=H%2012%20W%207%20D%203"],
            ),
            (
                PipeDelimited,
                [UNDEFINED, UNDEFINED, "wood=oak%7Cash%7Celm", "wood=H%7C12%7CW%7C7%7CD%7C3"],
            ),
            (
                DeepObject,
                [UNDEFINED, UNDEFINED, UNDEFINED, "wood%5BH%5D=12&wood%5BW%5D=7&wood%5BD%5D=3"],
            ),
        ];
        for (style, row) in table {
            for (value, expected) in columns().iter().zip(row).filter(|cell| cell.1 != UNDEFINED) {
                let text = style.expand("wood", value).unwrap().unwrap();
                assert_eq!(text, expected, "{style:?}");
            }
        }
    }

    #[test]
    fn every_row_of_the_path_table() {
        use PathStyle::{Label, LabelExploded, Matrix, MatrixExploded, Simple, SimpleExploded};
        let table = [
            (Matrix, [";wood", ";wood=oak", ";wood=oak,ash,elm", ";wood=H,12,W,7,D,3"]),
            (
                MatrixExploded,
                [";wood", ";wood=oak", ";wood=oak;wood=ash;wood=elm", ";H=12;W=7;D=3"],
            ),
            (Label, [".", ".oak", ".oak,ash,elm", ".H,12,W,7,D,3"]),
            (LabelExploded, [".", ".oak", ".oak.ash.elm", ".H=12.W=7.D=3"]),
            (Simple, ["", "oak", "oak,ash,elm", "H,12,W,7,D,3"]),
            (SimpleExploded, ["", "oak", "oak,ash,elm", "H=12,W=7,D=3"]),
        ];
        for (style, row) in table {
            for (value, expected) in columns().iter().zip(row) {
                assert_eq!(style.expand("wood", value), expected, "{style:?}");
            }
        }
    }

    #[test]
    fn every_row_of_the_header_table() {
        let table = [
            (HeaderStyle::Simple, ["", "oak", "oak,ash,elm", "H,12,W,7,D,3"]),
            (HeaderStyle::SimpleExploded, ["", "oak", "oak,ash,elm", "H=12,W=7,D=3"]),
        ];
        for (style, row) in table {
            for (value, expected) in columns().iter().zip(row) {
                assert_eq!(style.expand(value).unwrap().unwrap(), expected, "{style:?}");
            }
        }
    }

    #[test]
    fn a_separator_within_a_value_is_encoded() {
        let value = ParamValue::List(vec!["a,b|c d".into(), "e&f=g".into()]);
        let form = QueryStyle::Form.expand("x y", &value).unwrap();
        assert_eq!(form.as_deref(), Some("x%20y=a%2Cb%7Cc%20d,e%26f%3Dg"));
        assert_eq!(
            PathStyle::Simple.expand("x", &ParamValue::scalar("a/b?c#d;e")),
            "a%2Fb%3Fc%23d%3Be"
        );
    }

    #[test]
    fn a_list_without_items_is_not_sent() {
        for style in [QueryStyle::Form, QueryStyle::FormExploded, QueryStyle::PipeDelimited] {
            assert_eq!(style.expand("x", &ParamValue::List(vec![])), Ok(None));
        }
        assert_eq!(HeaderStyle::Simple.expand(&ParamValue::List(vec![])), Ok(None));
    }

    #[test]
    fn a_number_without_text_is_refused() {
        assert!(QueryStyle::Form.expand("x", &ParamValue::Unwritable).is_err());
        assert!(HeaderStyle::Simple.expand(&ParamValue::Unwritable).is_err());
    }

    #[test]
    fn deep_object_writes_objects_only() {
        assert!(QueryStyle::DeepObject.expand("x", &ParamValue::scalar("a")).is_err());
    }

    #[test]
    fn a_comma_within_a_header_item_is_refused() {
        assert!(HeaderStyle::Simple.expand(&ParamValue::List(vec!["a,b".into()])).is_err());
        assert_eq!(HeaderStyle::Simple.expand(&ParamValue::scalar("a,b")), Ok(Some("a,b".into())));
    }
}
