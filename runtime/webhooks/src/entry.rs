//! What a row says of an event.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use specwright_store::{Form, FormError, StoreTime, Version};

use crate::dedupe::Ticket;

/// The form of entries that this version writes.
const FORM: Form = Form::new("event", 1);

/// An event that somebody has or had.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub(crate) enum Entry {
    /// Somebody has it, for a lease.
    Claimed {
        from: StoreTime,
        until: StoreTime,
        /// The number of the ticket, if it is not that of the row's version.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ticket: Option<u64>,
    },
    /// Somebody had it and gave it up.
    Released,
    /// It was handed off.
    Done,
}

/// How whoever claims an event finds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Met {
    /// Nobody has it.
    Nobody,
    /// Somebody has it, for so long at most.
    Claimed(Duration),
    /// Somebody has claimed it at a moment that is yet to come: the clock was set back, and nobody knows how much of this
    /// lease is over.
    ClaimedLater(Duration),
    /// It was handed off.
    Done,
}

impl Entry {
    /// A claim that begins now.
    pub(crate) fn claimed(now: StoreTime, lease: Duration) -> Self {
        Self::Claimed { from: now, until: now.after(lease), ticket: None }
    }

    /// The claim of `ticket`, as if it began now.
    pub(crate) fn redated(now: StoreTime, lease: Duration, ticket: Option<Ticket>) -> Self {
        let ticket = ticket.map(Ticket::number);
        Self::Claimed { from: now, until: now.after(lease), ticket }
    }

    /// What there is of an event at a moment.
    pub(crate) fn met(there: Option<&Self>, now: StoreTime) -> Met {
        match there {
            Some(Self::Done) => Met::Done,
            Some(Self::Claimed { from, until, .. }) if now < *from => {
                Met::ClaimedLater(from.until(*until))
            }
            Some(Self::Claimed { until, .. }) if now < *until => Met::Claimed(now.until(*until)),
            None | Some(Self::Released | Self::Claimed { .. }) => Met::Nobody,
        }
    }

    /// The ticket of whoever has it, of a row with this version.
    pub(crate) fn ticket(&self, version: Version) -> Option<Ticket> {
        match self {
            Self::Claimed { ticket, .. } => Some(Ticket::new(ticket.unwrap_or(version.number()))),
            Self::Released | Self::Done => None,
        }
    }

    /// The text that is stored: one JSON object.
    pub(crate) fn to_text(&self) -> Result<String, FormError> {
        FORM.write(self)
    }

    /// Reads a stored text.
    pub(crate) fn parse(text: &str) -> Result<Self, FormError> {
        FORM.read(text)
    }
}

#[cfg(test)]
mod tests {
    use specwright_store::FormErrorKind;

    use super::*;

    const LEASE: Duration = Duration::from_secs(60);

    fn at(seconds: u64) -> StoreTime {
        StoreTime::from_millis(seconds * 1_000)
    }

    #[test]
    fn a_claim_is_met_until_its_lease_ends() {
        let claimed = Entry::claimed(at(100), LEASE);
        let met = |seconds| Entry::met(Some(&claimed), at(seconds));
        assert_eq!(met(100), Met::Claimed(LEASE));
        assert_eq!(met(159), Met::Claimed(Duration::from_secs(1)));
        assert_eq!(met(160), Met::Nobody);
    }

    #[test]
    fn of_a_claim_that_is_yet_to_come_the_whole_lease_is_left() {
        let claimed = Entry::claimed(at(100), LEASE);
        assert_eq!(Entry::met(Some(&claimed), at(99)), Met::ClaimedLater(LEASE));
    }

    #[test]
    fn a_claim_keeps_its_ticket_when_it_is_written_again() {
        let ticket = Entry::claimed(at(100), LEASE).ticket(Version::new(7));
        let redated = Entry::redated(at(50), LEASE, ticket);
        assert_eq!(redated.ticket(Version::new(8)), Some(Ticket::new(7)));
    }

    #[test]
    fn the_text_is_what_other_versions_read() {
        let redated = Entry::redated(at(50), LEASE, Some(Ticket::new(7)));
        let texts = [
            (
                Entry::claimed(at(100), LEASE),
                r#"{"form":1,"is":"claimed","from":100000,"until":160000}"#,
            ),
            (redated, r#"{"form":1,"is":"claimed","from":50000,"until":110000,"ticket":7}"#),
            (Entry::Released, r#"{"form":1,"is":"released"}"#),
            (Entry::Done, r#"{"form":1,"is":"done"}"#),
        ];
        for (entry, text) in texts {
            assert_eq!(entry.to_text().unwrap(), text);
            assert_eq!(Entry::parse(text).unwrap(), entry);
        }
    }

    #[test]
    fn a_newer_form_is_refused() {
        let error = Entry::parse(r#"{"form":2,"is":"done"}"#).unwrap_err();
        assert_eq!(error.kind(), FormErrorKind::Newer);
    }
}
