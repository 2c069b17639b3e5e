//! Why inputs could not be written as a request.

use std::fmt;

/// The input that cannot be written, and why. It never holds the input's value.
#[derive(Clone, PartialEq, Eq)]
pub struct EncodeError(Box<Facts>);

#[derive(Clone, PartialEq, Eq)]
struct Facts {
    input: Input,
    problem: &'static str,
}

/// Which input it is.
#[derive(Clone, PartialEq, Eq)]
enum Input {
    Path,
    Body,
    Parameter { place: Place, name: String },
}

/// Where a parameter goes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Path,
    Query,
    Header,
    Cookie,
}

/// `problem` completes the sentence that begins with the input, as in "is empty".
impl EncodeError {
    pub(crate) fn path(problem: &'static str) -> Self {
        Self(Box::new(Facts { input: Input::Path, problem }))
    }

    pub(crate) fn body(problem: &'static str) -> Self {
        Self(Box::new(Facts { input: Input::Body, problem }))
    }

    pub(crate) fn parameter(place: Place, name: &str, problem: &'static str) -> Self {
        let input = Input::Parameter { place, name: name.to_owned() };
        Self(Box::new(Facts { input, problem }))
    }
}

impl fmt::Display for EncodeError {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.input {
            Input::Path => to.write_str("the path")?,
            Input::Body => to.write_str("the body")?,
            Input::Parameter { place, name } => {
                let place = match place {
                    Place::Path => "path parameter",
                    Place::Query => "query parameter",
                    Place::Header => "header",
                    Place::Cookie => "cookie",
                };
                write!(to, "the {place} `{}`", name.escape_debug())?;
            }
        }
        write!(to, " {}", self.0.problem)
    }
}

impl fmt::Debug for EncodeError {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "EncodeError({self})")
    }
}

impl std::error::Error for EncodeError {}
