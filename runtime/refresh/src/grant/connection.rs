//! A pair with which the user connected, from the exchange of its code to the record.
//!
//! The store may be down for long in between, so much may have happened by then. Transitions, as in [`super::lease`].

use serde::{Deserialize, Serialize};

use super::commit::connect;
use super::record::{AttemptId, Pair, Phase, Record};
use super::time::StoreTime;
use crate::bearer::Generation;

/// The exchange of one code. It can be written down beside the pair that it brought, for a store that is down.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Connection {
    /// The name of the exchange.
    pub(crate) attempt: AttemptId,
    /// The generation of the grant before the code was shown. The pair is sealed for the next one.
    pub(crate) generation: Generation,
    /// When the code was shown, or a little before.
    pub(crate) begun: StoreTime,
}

/// What a record says of an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Course {
    /// Its pair may be taken.
    Open,
    /// The user is connected by it. The pair was written, although nobody may have said so, and may be renewed since.
    Connected,
    /// The user has connected by another exchange since the code was shown, and that one stands.
    Replaced,
    /// The grant was ended after the code was shown. What the user wanted last stands.
    Ended,
}

impl Connection {
    /// How this exchange stands in a record.
    pub(crate) fn course(&self, record: &Record) -> Course {
        let ended = match &record.phase {
            Phase::Disconnecting { since } | Phase::Disconnected { since, .. } => {
                self.begun < *since
            }
            Phase::Unconnected
            | Phase::Active
            | Phase::Refreshing { .. }
            | Phase::Suspect { .. }
            | Phase::ReconnectRequired { .. } => false,
        };
        if record.exchange.as_ref() == Some(&self.attempt) {
            Course::Connected
        } else if ended {
            Course::Ended
        } else if record.connected > self.generation {
            Course::Replaced
        } else {
            Course::Open
        }
    }
}

/// The user connected by an exchange. `pair` is what it brought, sealed for the next generation of the record.
pub(crate) fn establish(
    record: Option<&Record>,
    connection: &Connection,
    pair: Pair,
    now: StoreTime,
) -> Record {
    let exchange = Some(connection.attempt.clone());
    Record { exchange, ..connect(record, pair, now) }
}

#[cfg(test)]
mod tests {
    use super::super::ending::disconnect;
    use super::super::sample::{Counting, at, attempt, connected, pair};
    use super::*;

    fn connection(record: &Record, random: &Counting) -> Connection {
        Connection { attempt: attempt(random), generation: record.generation, begun: at(50) }
    }

    #[test]
    fn a_pair_is_recognized_however_often_it_was_renewed_since() {
        let random = Counting::default();
        let before = connected(&random);
        let connection = connection(&before, &random);
        let after = establish(Some(&before), &connection, pair(at(50), &random), at(51));
        let renewed = Record { generation: Generation::new(9), ..after };
        assert_eq!(connection.course(&renewed), Course::Connected);
    }

    #[test]
    fn a_grant_that_was_renewed_since_is_connected_anew() {
        let random = Counting::default();
        let before = connected(&random);
        let connection = connection(&before, &random);
        let renewed = Record { generation: before.generation.next(), ..before };
        assert_eq!(connection.course(&renewed), Course::Open);
    }

    #[test]
    fn an_end_before_the_code_was_shown_stands_in_the_way_of_nothing_and_one_after_it_stands() {
        let random = Counting::default();
        let before = connected(&random);
        let connection = connection(&before, &random);
        for (seconds, expected) in [(40, Course::Open), (60, Course::Ended)] {
            assert_eq!(connection.course(&disconnect(&before, at(seconds))), expected);
        }
    }

    #[test]
    fn whoever_has_connected_since_stays_connected() {
        let random = Counting::default();
        let before = connected(&random);
        let [late, first] = [connection(&before, &random), connection(&before, &random)];
        let after = establish(Some(&before), &first, pair(at(51), &random), at(52));
        assert_eq!(late.course(&after), Course::Replaced);
    }
}
