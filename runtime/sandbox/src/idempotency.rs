//! Answers kept for the key of a POST.
//!
//! The vendor keeps status and body for 24 hours, success or failure, and gives them again for the
//! same key. The body of the second request is not compared: that is not documented, so it is not
//! played.

use std::collections::BTreeMap;

use crate::answer::Answer;
use crate::clock::Moment;

/// The answers that are kept.
#[derive(Debug, Default)]
pub(crate) struct KeptAnswers {
    by_key: BTreeMap<String, Kept>,
}

#[derive(Debug)]
struct Kept {
    answer: Answer,
    until: Moment,
}

impl KeptAnswers {
    /// The answer that was given for `key`, if it is still kept.
    pub(crate) fn replay(&self, key: &str, now: Moment) -> Option<Answer> {
        let kept = self.by_key.get(key)?;
        (now < kept.until).then(|| kept.answer.clone())
    }

    /// Keeps an answer, and forgets those whose time is over.
    pub(crate) fn keep(&mut self, key: &str, answer: &Answer, until: Moment, now: Moment) {
        self.by_key.retain(|_, kept| now < kept.until);
        self.by_key.insert(key.to_owned(), Kept { answer: answer.clone(), until });
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use http::StatusCode;

    use super::*;
    use crate::clock::SandboxClock;

    #[test]
    fn an_answer_is_kept_until_its_time_is_over() {
        let clock = SandboxClock::fixed_at(0);
        let mut kept = KeptAnswers::default();
        let until = clock.now().plus(Duration::from_secs(10));
        kept.keep("key", &Answer::empty(StatusCode::BAD_REQUEST), until, clock.now());

        clock.advance(Duration::from_secs(9));
        let replay = kept.replay("key", clock.now()).map(|answer| answer.status);
        assert_eq!(replay, Some(StatusCode::BAD_REQUEST));

        clock.advance(Duration::from_secs(1));
        assert!(kept.replay("key", clock.now()).is_none());
    }
}
