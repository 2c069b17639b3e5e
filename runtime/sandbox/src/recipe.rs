//! Values of a profile with blanks in them: `${now}`, `${body contact_id}`, `Contact ${n}`.
//!
//! A text that is one blank becomes whatever the blank stands for, of any type. In a longer text a
//! blank becomes words. A blank that stands for nothing takes the member it is in with it: so a
//! field is set "from the body, if it is there".

use std::fmt;

use serde::Deserialize;
use serde_json::{Map, Value};

/// A value, read from a profile.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "Value")]
pub(crate) enum Recipe {
    Fixed(Value),
    Blank(Blank),
    Text(Vec<Piece>),
    List(Vec<Recipe>),
    Object(Vec<(String, Recipe)>),
}

/// A part of a text.
#[derive(Clone, Debug)]
pub(crate) enum Piece {
    Words(String),
    Blank(Blank),
}

/// A blank: a name, and what it is asked with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Blank {
    pub(crate) name: String,
    pub(crate) arguments: Vec<String>,
}

impl Recipe {
    /// The value, with each blank filled by `fill`. `None` if it is a blank that stands for nothing.
    pub(crate) fn filled(&self, fill: &mut dyn FnMut(&Blank) -> Option<Value>) -> Option<Value> {
        match self {
            Self::Fixed(value) => Some(value.clone()),
            Self::Blank(blank) => fill(blank),
            Self::Text(pieces) => {
                let mut text = String::new();
                for piece in pieces {
                    match piece {
                        Piece::Words(words) => text.push_str(words),
                        Piece::Blank(blank) => text.push_str(&words(&fill(blank)?)),
                    }
                }
                Some(Value::String(text))
            }
            Self::List(items) => {
                Some(Value::Array(items.iter().filter_map(|item| item.filled(fill)).collect()))
            }
            Self::Object(members) => {
                let filled =
                    |(name, member): &(String, Self)| Some((name.clone(), member.filled(fill)?));
                Some(Value::Object(members.iter().filter_map(filled).collect()))
            }
        }
    }

    /// The members of the filled object; none if it is something else.
    pub(crate) fn members(
        &self,
        fill: &mut dyn FnMut(&Blank) -> Option<Value>,
    ) -> Map<String, Value> {
        match self.filled(fill) {
            Some(Value::Object(members)) => members,
            _ => Map::new(),
        }
    }

    /// The members as they are written; none if it is something else.
    pub(crate) fn written(&self) -> &[(String, Self)] {
        match self {
            Self::Object(members) => members,
            Self::Fixed(_) | Self::Blank(_) | Self::Text(_) | Self::List(_) => &[],
        }
    }

    /// A blank that is not one of `known`, if there is any. Each of these is a name, and a word for each
    /// of its arguments.
    pub(crate) fn stranger(&self, known: &[&str]) -> Option<&Blank> {
        let strange = |blank: &&Blank| !known.iter().any(|form| blank.has_form(form));
        match self {
            Self::Fixed(_) => None,
            Self::Blank(blank) => Some(blank).filter(strange),
            Self::Text(pieces) => pieces.iter().find_map(|piece| match piece {
                Piece::Blank(blank) => Some(blank).filter(strange),
                Piece::Words(_) => None,
            }),
            Self::List(items) => items.iter().find_map(|item| item.stranger(known)),
            Self::Object(members) => members.iter().find_map(|(_, member)| member.stranger(known)),
        }
    }
}

impl Blank {
    fn has_form(&self, form: &str) -> bool {
        let mut words = form.split(' ');
        words.next() == Some(&self.name) && words.count() == self.arguments.len()
    }
}

impl fmt::Display for Blank {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "${{{}", self.name)?;
        self.arguments.iter().try_for_each(|argument| write!(f, " {argument}"))?;
        f.write_str("}")
    }
}

impl Default for Recipe {
    fn default() -> Self {
        Self::Object(Vec::new())
    }
}

impl TryFrom<Value> for Recipe {
    type Error = String;

    fn try_from(value: Value) -> Result<Self, String> {
        Ok(match value {
            Value::String(text) => of_text(&text)?,
            Value::Array(items) => {
                Self::List(items.into_iter().map(Self::try_from).collect::<Result<_, _>>()?)
            }
            Value::Object(members) => {
                let read = |(name, member)| Ok((name, Self::try_from(member)?));
                Self::Object(members.into_iter().map(read).collect::<Result<_, String>>()?)
            }
            other => Self::Fixed(other),
        })
    }
}

fn of_text(text: &str) -> Result<Recipe, String> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let (inner, after) =
            after.split_once('}').ok_or_else(|| format!("a blank of `{text}` has no end"))?;
        if !before.is_empty() {
            pieces.push(Piece::Words(before.to_owned()));
        }
        let mut parts = inner.split_whitespace().map(str::to_owned);
        let name = parts.next().ok_or_else(|| format!("a blank of `{text}` has no name"))?;
        pieces.push(Piece::Blank(Blank { name, arguments: parts.collect() }));
        rest = after;
    }
    if pieces.is_empty() {
        return Ok(Recipe::Fixed(Value::String(text.to_owned())));
    }
    if !rest.is_empty() {
        pieces.push(Piece::Words(rest.to_owned()));
    }
    Ok(match pieces.as_slice() {
        [Piece::Blank(blank)] => Recipe::Blank(blank.clone()),
        _ => Recipe::Text(pieces),
    })
}

fn words(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn recipe(value: Value) -> Recipe {
        Recipe::try_from(value).unwrap()
    }

    fn filled(value: Value) -> Option<Value> {
        recipe(value).filled(&mut |blank| match blank.name.as_str() {
            "n" => Some(json!(7)),
            "body" if blank.arguments == ["a.b"] => Some(json!([1])),
            _ => None,
        })
    }

    #[test]
    fn a_lone_blank_keeps_the_type_of_what_it_stands_for() {
        assert_eq!(filled(json!("${body a.b}")), Some(json!([1])));
    }

    #[test]
    fn a_blank_in_a_text_becomes_words() {
        assert_eq!(filled(json!("No. ${n} of ${n}")), Some(json!("No. 7 of 7")));
    }

    #[test]
    fn what_stands_for_nothing_takes_its_member_with_it() {
        let value = json!({"gone": "${nothing}", "too": "a ${nothing}", "kept": [null, "$5"]});
        assert_eq!(filled(value), Some(json!({"kept": [null, "$5"]})));
    }

    #[test]
    fn a_blank_without_an_end_is_an_error() {
        assert!(Recipe::try_from(json!({"a": "${now"})).is_err());
    }

    #[test]
    fn a_blank_that_is_not_known_is_found() {
        let recipe = recipe(json!({"a": ["${now}", "x ${noon}"]}));
        assert_eq!(recipe.stranger(&["now"]).map(Blank::to_string).as_deref(), Some("${noon}"));
        assert_eq!(recipe.stranger(&["now", "noon"]), None);
    }

    #[test]
    fn a_blank_with_too_few_arguments_is_not_known() {
        let recipe = recipe(json!("${body}"));
        assert!(recipe.stranger(&["body PATH"]).is_some());
    }
}
