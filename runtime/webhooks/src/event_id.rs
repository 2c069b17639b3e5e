//! What names an event.

use std::error::Error as StdError;
use std::fmt;

use specwright_core::json::DecodeError;

/// The name that a vendor gave an event. It is the same in each delivery of it.
///
/// It has 1 to 256 bytes and no control character, so it can be logged and kept.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventId(Box<str>);

impl EventId {
    /// The longest id, in bytes. Those of vendors have 20 to 40.
    pub const MAX_BYTES: usize = 256;

    /// The id with this text.
    pub fn new(text: impl Into<Box<str>>) -> Result<Self, EventIdError> {
        let text = text.into();
        if text.is_empty() || text.len() > Self::MAX_BYTES || text.chars().any(char::is_control) {
            return Err(EventIdError(None));
        }
        Ok(Self(text))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(&self.0)
    }
}

impl fmt::Debug for EventId {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "EventId({:?})", self.0)
    }
}

/// Names one event of one source: the key under which it is claimed.
///
/// The source is a text of the program's own, such as `stora/operator 42`. Two endpoints that are both sent an event have
/// a source each, or one of them would take it away from the other.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventKey {
    source: Box<str>,
    event: EventId,
}

impl EventKey {
    /// The event `event` of `source`.
    pub fn new(source: impl Into<Box<str>>, event: EventId) -> Self {
        Self { source: source.into(), event }
    }

    /// Where it comes from.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Which event it is.
    pub fn event(&self) -> &EventId {
        &self.event
    }
}

impl fmt::Display for EventKey {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "{}/{}", self.source, self.event)
    }
}

impl fmt::Debug for EventKey {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "EventKey({:?}, {:?})", self.source, self.event.as_str())
    }
}

/// An event without a usable id. Where the body cannot be read at all, that is its source.
#[derive(Debug)]
pub struct EventIdError(Option<DecodeError>);

impl From<DecodeError> for EventIdError {
    fn from(error: DecodeError) -> Self {
        Self(Some(error))
    }
}

impl fmt::Display for EventIdError {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(match self.0 {
            Some(_) => "the event has no id where one belongs",
            None => "the id of the event is empty, too long, or has a control character",
        })
    }
}

impl StdError for EventIdError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.as_ref().map(|error| error as _)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_1_to_256_bytes() {
        assert!(EventId::new("").is_err());
        assert!(EventId::new("e").is_ok());
        assert!(EventId::new("e".repeat(256)).is_ok());
        assert!(EventId::new("e".repeat(257)).is_err());
    }

    #[test]
    fn an_id_with_a_line_break_is_refused() {
        assert!(EventId::new("evt\nfake").is_err());
    }
}
