//! The forms in which servers tell how long a token lasts.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::answer::{Answer, Body};

/// What `expires_in` of a token answer holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ExpiresIn {
    /// The lifetime in seconds (RFC 6749, section 5.1).
    #[default]
    Seconds,
    /// The moment of expiry in seconds since 1970, as in the vendor's example of a refresh.
    Epoch,
    /// The lifetime in seconds, as a text: `"7200"`.
    Text,
    /// The lifetime in seconds, with a fraction: `7200.5`.
    Float,
    /// Nothing: the member is missing, which RFC 6749 allows.
    Absent,
    /// The lifetime in seconds, below zero.
    Negative,
}

impl ExpiresIn {
    /// What the member holds before it takes a form that breaks the document.
    pub(crate) fn documented(self, lifetime: u64, expires: u64) -> u64 {
        match self {
            Self::Epoch => expires,
            Self::Seconds | Self::Text | Self::Float | Self::Absent | Self::Negative => lifetime,
        }
    }

    /// The answer in this form. Done after the answer was compared with the document: a form that breaks it is what a
    /// test asked for.
    pub(crate) fn written(self, mut answer: Answer) -> Answer {
        let Body::Json(Value::Object(members)) = &mut answer.body else { return answer };
        let Some(seconds) = members.get("expires_in").and_then(Value::as_i64) else {
            return answer;
        };
        let form = match self {
            Self::Seconds | Self::Epoch => json!(seconds),
            Self::Text => json!(seconds.to_string()),
            Self::Float => json!(u32::try_from(seconds).map_or(0.0, f64::from) + 0.5),
            Self::Negative => json!(seconds.saturating_neg()),
            Self::Absent => {
                members.remove("expires_in");
                return answer;
            }
        };
        members.insert("expires_in".to_owned(), form);
        answer
    }
}
