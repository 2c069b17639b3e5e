//! An entry as text.

use specwright_store::{Form, StoreError};

use super::record::Entry;

/// The form of entries that this version writes.
const FORM: Form = Form::new("operation", 1);

impl Entry {
    /// The text that is stored: one JSON object.
    pub(crate) fn to_text(&self) -> Result<String, StoreError> {
        Ok(FORM.write(self)?)
    }

    /// Reads a stored text.
    pub(crate) fn parse(text: &str) -> Result<Self, StoreError> {
        Ok(FORM.read(text)?)
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;

    use specwright_store::StoreErrorKind;

    use super::super::record::{Earlier, Inconclusive, State};
    use super::super::sample::{at, attempt, entry};
    use super::*;

    #[test]
    fn an_entry_is_read_as_it_was_written_in_each_state() {
        let states = [
            State::Prepared,
            State::UnderWay { attempt: attempt(1), until: at(60), earlier: Earlier::Unknown },
            State::Unanswered { until: at(60) },
            State::Succeeded,
            State::Rejected,
            State::Unknown { answer: Inconclusive::Stored { status: 500 }, until: at(60) },
            State::Unknown { answer: Inconclusive::RejectedLater, until: at(60) },
        ];
        for state in states {
            let entry = entry(state);
            let text = entry.to_text().unwrap();
            assert_eq!(Entry::parse(&text).unwrap(), entry, "{text}");
        }
    }

    #[test]
    fn the_text_is_what_other_versions_read() {
        let stored = Inconclusive::Stored { status: 500 };
        let texts = [
            (State::Prepared, r#""is":"prepared""#),
            (
                State::UnderWay { attempt: attempt(1), until: at(60), earlier: Earlier::Unknown },
                r#""is":"under_way","attempt":"01010101-0101-4101-8101-010101010101","until":60000,"earlier":"unknown""#,
            ),
            (
                State::UnderWay {
                    attempt: attempt(1),
                    until: at(60),
                    earlier: Earlier::WithoutEffect,
                },
                r#""is":"under_way","attempt":"01010101-0101-4101-8101-010101010101","until":60000,"earlier":"without_effect""#,
            ),
            (State::Unanswered { until: at(60) }, r#""is":"unanswered","until":60000"#),
            (State::Succeeded, r#""is":"succeeded""#),
            (State::Rejected, r#""is":"rejected""#),
            (
                State::Unknown { answer: stored, until: at(60) },
                r#""is":"unknown","doubt":"stored","status":500,"until":60000"#,
            ),
            (
                State::Unknown { answer: Inconclusive::RejectedLater, until: at(60) },
                r#""is":"unknown","doubt":"rejected_later","until":60000"#,
            ),
        ];
        for (state, expected) in texts {
            let text = entry(state).to_text().unwrap();
            let (head, tail) = text.split_once(r#""fingerprint":""#).unwrap();
            assert_eq!(head, r#"{"form":1,"key":"key-1","#);
            let (_, tail) = tail.split_once(r#"","#).unwrap();
            let moments = r#""first_sent":0,"last_sent":0,"attempts":1"#;
            assert_eq!(tail, format!("{moments},{expected}}}"));
        }
    }

    #[test]
    fn a_newer_form_is_refused() {
        let text = entry(State::Prepared).to_text().unwrap().replace(r#""form":1"#, r#""form":2"#);
        let error = Entry::parse(&text).unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Unreadable);
        assert!(error.source().unwrap().to_string().contains("newer version"));
    }

    #[test]
    fn a_damaged_text_is_refused_without_a_word_of_it() {
        // A wrong type and an unknown name are what JSON's own errors quote.
        let number =
            entry(State::Prepared).to_text().unwrap().replace(":1,\"is\"", ":\"canary\",\"is\"");
        let name = entry(State::Prepared).to_text().unwrap().replace("prepared", "canary");
        let form = r#"{"form":"canary"}"#;
        let key = r#"{"form":1,"key":"canary canary"}"#;
        for text in ["", "canary", r#"{"form":1}"#, key, form, &number, &name] {
            let error = Entry::parse(text).unwrap_err();
            assert_eq!(error.kind(), StoreErrorKind::Unreadable, "{text}");
            assert!(!format!("{error:?}").contains("canary"), "{error:?}");
        }
    }
}
