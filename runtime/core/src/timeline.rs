//! What a call went through, in its order: for its error, and for whoever watches.

use std::fmt;
use std::time::Duration;

use crate::error::ErrorKind;
use crate::transport::{SendErrorKind, Sent};

/// What a call went through: every wait and every request, in their order.
///
/// It holds times, statuses and kinds, and nothing of what was sent or answered, so it may be logged. `Display` writes a
/// line for each entry.
///
/// A call whose waits have no end but its deadline may go through a lot: of more than 64 entries the first eight are kept
/// and the last ones.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Timeline {
    entries: Vec<TimelineEntry>,
    left_out: usize,
}

/// One thing that happened to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TimelineEntry {
    /// When it began, counted from the beginning of the call.
    pub at: Duration,
    /// How long it took.
    pub took: Duration,
    /// What it was.
    pub happened: Happened,
}

/// What happened to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Happened {
    /// It waited for a token, which was fetched or renewed meanwhile.
    AwaitedToken,
    /// It waited for its turn: the windows of the account were full, too many requests were in flight, or others
    /// were ahead.
    Queued,
    /// It waited for somebody else who carries out the same operation, or for what may still arrive of it.
    AwaitedOperation,
    /// A request was made.
    Requested(RequestEnd),
    /// It waited before it went on, because the server had asked for that or to spare it.
    Paused,
    /// It ended without success.
    GaveUp(GaveUp),
}

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RequestEnd {
    /// An answer came, with this status.
    Answered(u16),
    /// None came.
    Unanswered {
        /// What went wrong.
        kind: SendErrorKind,
        /// Whether the server may have seen the request.
        sent: Sent,
    },
    /// Its caller gave the call up meanwhile. Whether the server has seen the request is unknown.
    Abandoned,
}

/// Why a call went no further.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum GaveUp {
    /// The last answer is final, or no further request could end otherwise.
    Final,
    /// The request may have been executed, and sending it again could do it twice.
    OutcomeUnknown,
    /// The server keeps its answer under the idempotency key, so no request under that key gets another one.
    Stored,
    /// It may be sent again, but has been sent as often as the client allows.
    Attempts,
    /// It may be sent again, but the account or the host has had its share of retries.
    Budget,
    /// It may be sent again after this wait, and that is longer than the deadline leaves or than the client waits for
    /// anybody.
    TooLate {
        /// The wait.
        wait: Duration,
    },
    /// It may be sent again, but its body could be read once only.
    BodySpent,
    /// A further request was not sent at all, for this reason.
    Unsent(ErrorKind),
}

impl Timeline {
    /// The most entries that are kept.
    pub const MAX_ENTRIES: usize = 64;

    /// Entries from the beginning that stay when others are left out.
    const FIRST: usize = 8;

    /// The entries that are kept, oldest first.
    pub fn entries(&self) -> &[TimelineEntry] {
        &self.entries
    }

    /// How many entries were left out after the first eight.
    pub fn left_out(&self) -> usize {
        self.left_out
    }

    /// Adds what happened last.
    pub fn push(&mut self, entry: TimelineEntry) {
        if self.entries.len() >= Self::MAX_ENTRIES {
            self.entries.remove(Self::FIRST);
            self.left_out = self.left_out.saturating_add(1);
        }
        self.entries.push(entry);
    }
}

impl GaveUp {
    /// A short name in lower case, for logs and as the label of a metric.
    pub fn name(self) -> &'static str {
        match self {
            Self::Final => "final",
            Self::OutcomeUnknown => "outcome_unknown",
            Self::Stored => "stored",
            Self::Attempts => "attempts",
            Self::Budget => "budget",
            Self::BodySpent => "body_spent",
            Self::TooLate { .. } => "too_late",
            Self::Unsent(_) => "unsent",
        }
    }
}

impl TimelineEntry {
    /// What happened from `at` on, and for how long.
    pub fn new(at: Duration, took: Duration, happened: Happened) -> Self {
        Self { at, took, happened }
    }
}

impl fmt::Display for Timeline {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, entry) in self.entries.iter().enumerate() {
            if index > 0 {
                writeln!(to)?;
            }
            if index == Self::FIRST && self.left_out > 0 {
                writeln!(to, "({} more)", self.left_out)?;
            }
            write!(to, "{entry}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Timeline {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.debug_list().entries(self.entries.iter().map(ToString::to_string)).finish()
    }
}

impl fmt::Display for TimelineEntry {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let took = Seconds(self.took);
        write!(to, "{:>9} ", Seconds(self.at).to_string())?;
        match self.happened {
            Happened::AwaitedToken => write!(to, "waited {took} for a token"),
            Happened::Queued => write!(to, "waited {took} for its turn"),
            Happened::AwaitedOperation => {
                write!(to, "waited {took} for a request of the same operation")
            }
            Happened::Requested(RequestEnd::Answered(status)) => {
                write!(to, "request: status {status} after {took}")
            }
            Happened::Requested(RequestEnd::Unanswered { kind, sent }) => {
                let sent = match sent {
                    Sent::No => ", not sent",
                    Sent::Maybe => "",
                };
                write!(to, "request{sent}: {} after {took}", kind.text())
            }
            Happened::Requested(RequestEnd::Abandoned) => {
                write!(to, "request: given up after {took}")
            }
            Happened::Paused => write!(to, "waited {took} to go on"),
            Happened::GaveUp(reason) => write!(to, "gave up: {reason}"),
        }
    }
}

impl fmt::Display for GaveUp {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Final => to.write_str("this is final"),
            Self::OutcomeUnknown => {
                to.write_str("it may have been executed, and again could be twice")
            }
            Self::Stored => to.write_str("the server keeps this answer under the key"),
            Self::Attempts => to.write_str("no attempt is left"),
            Self::Budget => to.write_str("the account or the host has had its share of retries"),
            Self::BodySpent => to.write_str("the body could be read once only"),
            Self::TooLate { wait } => {
                write!(to, "to wait another {} would be too late", Seconds(*wait))
            }
            Self::Unsent(kind) => to.write_str(kind.text()),
        }
    }
}

/// A time in seconds, to the millisecond.
struct Seconds(Duration);

impl fmt::Display for Seconds {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "{}.{:03} s", self.0.as_secs(), self.0.subsec_millis())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(at: u64, took: u64, happened: Happened) -> TimelineEntry {
        TimelineEntry::new(Duration::from_millis(at), Duration::from_millis(took), happened)
    }

    #[test]
    fn each_entry_is_a_line_that_says_when_and_how_long() {
        let timed_out = RequestEnd::Unanswered { kind: SendErrorKind::Timeout, sent: Sent::Maybe };
        let mut timeline = Timeline::default();
        for entry in [
            entry(0, 120, Happened::AwaitedToken),
            entry(120, 3_200, Happened::Queued),
            entry(3_320, 80, Happened::Requested(RequestEnd::Answered(503))),
            entry(3_400, 431, Happened::Paused),
            entry(3_831, 30_000, Happened::Requested(timed_out)),
            entry(33_831, 0, Happened::GaveUp(GaveUp::Attempts)),
        ] {
            timeline.push(entry);
        }
        let lines = [
            "  0.000 s waited 0.120 s for a token",
            "  0.120 s waited 3.200 s for its turn",
            "  3.320 s request: status 503 after 0.080 s",
            "  3.400 s waited 0.431 s to go on",
            "  3.831 s request: no answer in time after 30.000 s",
            " 33.831 s gave up: no attempt is left",
        ];
        assert_eq!(timeline.to_string(), lines.join("\n"));
    }

    #[test]
    fn of_a_long_one_the_beginning_and_the_end_are_kept() {
        let mut timeline = Timeline::default();
        for number in 0..100 {
            timeline.push(entry(number, 0, Happened::Paused));
        }
        let at: Vec<_> = timeline.entries().iter().map(|entry| entry.at.as_millis()).collect();
        assert_eq!((at.len(), timeline.left_out()), (64, 36));
        assert_eq!((&at[..9], at[63]), (&[0, 1, 2, 3, 4, 5, 6, 7, 44][..], 99));
        assert!(timeline.to_string().contains("\n(36 more)\n"));
    }
}
