//! Answers that a server kept for an idempotency key, and gives again.

use specwright_idempotency::KeyHeader;

use crate::attempt::Attempt;

/// When an answer was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Made {
    /// For this request, as far as anything tells. A server need not say so when it gives an answer again.
    Now,
    /// For an earlier request with the same key. This one was not looked at.
    Before,
}

/// Recognizes, within one call, answers that are given again.
#[derive(Debug, Default)]
pub(crate) struct Replays {
    /// The server's name for the request of the last answer.
    answered: Option<String>,
}

impl Replays {
    /// When the answer of an attempt was made. Without a key, no server keeps any.
    pub(crate) fn note(&mut self, key: Option<&KeyHeader>, attempt: &Attempt) -> Made {
        let Attempt::Answered(received, provenance) = attempt else { return Made::Now };
        if key.is_none() {
            return Made::Now;
        }
        let name = provenance.request_id.clone();
        let earlier = std::mem::replace(&mut self.answered, name.clone());
        let is_named_again = name.is_some() && name == earlier;
        if is_named_again || received.answer.is_replayed() { Made::Before } else { Made::Now }
    }
}
