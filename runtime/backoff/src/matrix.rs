//! The retry matrix: what happened, against what kind of request it happened to.
//!
//! One table, read by the request loop and by its tests. A request that may have been executed is sent again only when
//! that cannot double an effect (RFC 9110 §9.2.2): it is idempotent by its method, or it carries a key under which the
//! server remembers it.

/// What came back from one attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// An answer with a status of the 200 family.
    Success,
    /// The request surely did not reach the server: name lookup, refused connection, failed handshake.
    NotSent,
    /// Sent, and no complete answer before the attempt's time was up.
    TimedOut,
    /// Sent, and the connection broke before the answer was complete.
    Lost,
    /// The caller's body could not be read to its end, so what the server has is no whole request (RFC 9112 §8).
    Unfinished,
    /// 401: the credential was refused before the request was looked at.
    Unauthorized,
    /// 408: the server gave up waiting for the request.
    RequestTimeout,
    /// 429: refused before it was looked at.
    Throttled,
    /// 400 in the vendor's envelope with the code of a fault that is not the caller's.
    UpstreamFault,
    /// A status of the 500 family written by the application itself: the vendor's envelope with a request id.
    AppFault,
    /// 502, 504 or any other 500-family answer that the application did not write.
    EdgeFault,
    /// 503 that does not say when to come back.
    Unavailable,
    /// 503 with a usable `Retry-After`: the server says that it did not take the request.
    Busy,
    /// 404 or 410 after an earlier attempt of the same call whose outcome is unknown.
    GoneAfterUnknown,
    /// A status of the 300 family. Nothing here follows it.
    Redirect,
    /// Any other status of the 400 family: the request was looked at and refused.
    Refused,
}

/// What sending the request twice would mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Changes nothing (GET, HEAD, OPTIONS, or said so by the document).
    Safe,
    /// The second time has no further effect (PUT, or said so by the document).
    Put,
    /// As [`Class::Put`]; besides, "not there" is what the caller wanted.
    Delete,
    /// Carries an idempotency key, the same on every attempt.
    Keyed,
    /// Has an effect each time it is executed.
    Post,
    /// As [`Class::Post`], for partial changes.
    Patch,
}

/// What to do after an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// The call succeeded.
    Accept,
    /// Send again, at most so many times because of this event, and never beyond the policy's attempts.
    Resend {
        /// How many more sends this event may cause within one call.
        times: u8,
    },
    /// Get a newer credential, then send once more; the third time the answer stands.
    Renew,
    /// The answer stands.
    Final,
    /// The request may have been executed and sending it again could double its effect.
    Unknown,
    /// The server keeps this answer under the key: sending the key again can only bring it back. Whether the effect
    /// took place is unknown.
    Stored,
}

impl Event {
    /// Every event, in the order of the table.
    pub const ALL: [Self; 16] = [
        Self::Success,
        Self::NotSent,
        Self::TimedOut,
        Self::Lost,
        Self::Unfinished,
        Self::Unauthorized,
        Self::RequestTimeout,
        Self::Throttled,
        Self::UpstreamFault,
        Self::AppFault,
        Self::EdgeFault,
        Self::Unavailable,
        Self::Busy,
        Self::GoneAfterUnknown,
        Self::Redirect,
        Self::Refused,
    ];

    /// Whether the request may have had its effect although no usable answer says so.
    ///
    /// The rows are those where the table never lets a request without a key go out again.
    pub const fn leaves_outcome_unknown(self) -> bool {
        matches!(decide(self, Class::Post), Decision::Unknown)
    }
}

impl Class {
    /// Every class, in the order of the table's columns.
    pub const ALL: [Self; 6] =
        [Self::Safe, Self::Put, Self::Delete, Self::Keyed, Self::Post, Self::Patch];
}

/// Looks up one cell of the matrix.
pub const fn decide(event: Event, class: Class) -> Decision {
    let [safe, put, delete, keyed, post, patch] = row(event);
    match class {
        Class::Safe => safe,
        Class::Put => put,
        Class::Delete => delete,
        Class::Keyed => keyed,
        Class::Post => post,
        Class::Patch => patch,
    }
}

const ACCEPT: Decision = Decision::Accept;
const AGAIN: Decision = Decision::Resend { times: u8::MAX };
const TWICE: Decision = Decision::Resend { times: 2 };
const ONCE: Decision = Decision::Resend { times: 1 };
const RENEW: Decision = Decision::Renew;
const FINAL: Decision = Decision::Final;
const UNKNOWN: Decision = Decision::Unknown;
const STORED: Decision = Decision::Stored;

/// The table. Columns: Safe, Put, Delete, Keyed, Post, Patch.
#[rustfmt::skip]
#[expect(clippy::match_same_arms, reason = "a table has a line for each event")]
const fn row(event: Event) -> [Decision; 6] {
    match event {
        Event::Success          => [ACCEPT; 6],
        Event::NotSent          => [AGAIN; 6],
        Event::TimedOut         => [AGAIN, AGAIN, AGAIN,  AGAIN,  UNKNOWN, UNKNOWN],
        Event::Lost             => [AGAIN, AGAIN, AGAIN,  AGAIN,  UNKNOWN, UNKNOWN],
        // Reading it once more is for the caller to decide, whose reader failed.
        Event::Unfinished       => [FINAL; 6],
        Event::Unauthorized     => [RENEW; 6],
        Event::RequestTimeout   => [AGAIN, AGAIN, AGAIN,  AGAIN,  FINAL,   FINAL],
        Event::Throttled        => [AGAIN; 6],
        // A keyed answer is kept by the server, so the key can only bring the same fault back. What failed may have failed after
        // the effect: a third party is asked once something is there to tell it.
        Event::UpstreamFault    => [ONCE,  ONCE,  ONCE,   STORED, UNKNOWN, UNKNOWN],
        Event::AppFault         => [TWICE, TWICE, TWICE,  STORED, UNKNOWN, UNKNOWN],
        Event::EdgeFault        => [AGAIN, AGAIN, AGAIN,  AGAIN,  UNKNOWN, UNKNOWN],
        Event::Unavailable      => [AGAIN, AGAIN, AGAIN,  AGAIN,  UNKNOWN, UNKNOWN],
        // The project's rule for POST without a key admits 401 and 429 only; PATCH may trust the server's hint.
        Event::Busy             => [AGAIN, AGAIN, AGAIN,  AGAIN,  UNKNOWN, AGAIN],
        Event::GoneAfterUnknown => [FINAL, FINAL, ACCEPT, FINAL,  FINAL,   FINAL],
        Event::Redirect         => [FINAL; 6],
        Event::Refused          => [FINAL; 6],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The matrix once more, as a person would write it down; a change of a cell must be made in both places.
    const AS_WRITTEN: &str = "
        Success          ok    ok    ok    ok     ok      ok
        NotSent          again again again again  again   again
        TimedOut         again again again again  unknown unknown
        Lost             again again again again  unknown unknown
        Unfinished       final final final final  final   final
        Unauthorized     renew renew renew renew  renew   renew
        RequestTimeout   again again again again  final   final
        Throttled        again again again again  again   again
        UpstreamFault    1     1     1     stored unknown unknown
        AppFault         2     2     2     stored unknown unknown
        EdgeFault        again again again again  unknown unknown
        Unavailable      again again again again  unknown unknown
        Busy             again again again again  unknown again
        GoneAfterUnknown final final ok    final  final   final
        Redirect         final final final final  final   final
        Refused          final final final final  final   final
    ";

    fn word(decision: Decision) -> String {
        match decision {
            Decision::Accept => "ok".to_owned(),
            Decision::Resend { times: u8::MAX } => "again".to_owned(),
            Decision::Resend { times } => times.to_string(),
            Decision::Renew => "renew".to_owned(),
            Decision::Final => "final".to_owned(),
            Decision::Unknown => "unknown".to_owned(),
            Decision::Stored => "stored".to_owned(),
        }
    }

    #[test]
    fn every_cell_is_as_written() {
        let written: Vec<Vec<&str>> = AS_WRITTEN
            .lines()
            .map(|line| line.split_whitespace().collect::<Vec<_>>())
            .filter(|cells| !cells.is_empty())
            .collect();
        assert_eq!(written.len(), Event::ALL.len());
        for (event, line) in Event::ALL.into_iter().zip(written) {
            let mut actual = vec![format!("{event:?}")];
            actual.extend(Class::ALL.into_iter().map(|class| word(decide(event, class))));
            assert_eq!(actual, line);
        }
    }

    #[test]
    fn nothing_without_a_key_is_sent_again_once_it_may_have_been_executed() {
        let faults = [Event::UpstreamFault, Event::AppFault, Event::EdgeFault];
        for event in [Event::TimedOut, Event::Lost].into_iter().chain(faults) {
            assert_eq!(decide(event, Class::Post), Decision::Unknown, "{event:?}");
            assert_eq!(decide(event, Class::Patch), Decision::Unknown, "{event:?}");
        }
    }

    #[test]
    fn an_answered_fault_leaves_the_outcome_unknown_and_a_refusal_does_not() {
        assert!(Event::AppFault.leaves_outcome_unknown());
        assert!(Event::UpstreamFault.leaves_outcome_unknown());
        assert!(!Event::Throttled.leaves_outcome_unknown());
        assert!(!Event::NotSent.leaves_outcome_unknown());
    }
}
