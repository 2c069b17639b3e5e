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
    /// How the grant stood then. What an older version of this library wrote down does not say it.
    #[serde(default)]
    pub(crate) before: Before,
    /// When the code was shown, or a little before. The life of the tokens counts from it; the order of things does not,
    /// because a clock may be set back.
    pub(crate) begun: StoreTime,
}

/// Whether a grant had been ended when a code for it was shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Before {
    /// It had been, and the user connects it anew.
    Ended,
    /// It had not been, or nobody wrote it down: then it is better to ask the user again than to undo an end.
    #[default]
    NotEnded,
}

/// What a record says of an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Course {
    /// Its pair may be taken.
    Open,
    /// The user is connected by it. The pair was written, although nobody may have said so, and may be renewed since.
    Connected,
    /// The grant was connected otherwise since the code was shown: by another exchange, or by a pair that was adopted. It may
    /// have been ended before that. What stands there now stays, and the pair of this exchange is to be revoked.
    Replaced,
    /// The grant was ended after the code was shown. What the user wanted last stands.
    Ended,
}

impl Connection {
    /// A code is about to be shown for a grant with this record.
    pub(crate) fn begin(record: Option<&Record>, attempt: AttemptId, now: StoreTime) -> Self {
        let generation = record.map_or_else(Generation::default, |record| record.generation);
        let before = record.map_or(Before::NotEnded, Before::of);
        Self { attempt, generation, before, begun: now }
    }

    /// How this exchange stands in a record.
    ///
    /// Between two ends of a grant somebody connects it, so an end is another one than that of before exactly if there was
    /// none before or if somebody has connected since. No clock is asked.
    pub(crate) fn course(&self, record: &Record) -> Course {
        let connected_since = record.connected > self.generation;
        if record.exchange.as_ref() == Some(&self.attempt) {
            return Course::Connected;
        }
        match (self.before, Before::of(record)) {
            (Before::NotEnded, Before::Ended) => Course::Ended,
            (Before::Ended, Before::Ended) if connected_since => Course::Ended,
            (_, Before::NotEnded) if connected_since => Course::Replaced,
            (Before::Ended, Before::Ended) | (_, Before::NotEnded) => Course::Open,
        }
    }
}

impl Before {
    fn of(record: &Record) -> Self {
        match &record.phase {
            Phase::Disconnecting { .. } | Phase::Disconnected { .. } => Self::Ended,
            Phase::Unconnected
            | Phase::Active
            | Phase::Refreshing { .. }
            | Phase::Suspect { .. }
            | Phase::ReconnectRequired { .. } => Self::NotEnded,
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
    use super::super::ending::{Revoked, disconnect, give_back, revoked};
    use super::super::sample::{Counting, at, attempt, connected, pair, policy};
    use super::*;

    fn connection(record: &Record, random: &Counting) -> Connection {
        Connection::begin(Some(record), attempt(random), at(50))
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
        let ended = disconnect(&before, at(40));
        assert_eq!(connection(&ended, &random).course(&ended), Course::Open);
        let connection = connection(&before, &random);
        assert_eq!(connection.course(&disconnect(&before, at(60))), Course::Ended);
    }

    #[test]
    fn an_end_that_goes_on_while_the_code_is_exchanged_is_that_of_before() {
        let random = Counting::default();
        let ended = disconnect(&connected(&random), at(40));
        let connection = connection(&ended, &random);
        let sealed = ended.retired[0].sealed.clone();
        let dead = revoked(&ended, &sealed, Revoked::Yes, at(60), &policy());
        let late = give_back(&dead, dead.generation, pair(at(30), &random).sealed, at(61));
        for record in [ended, dead, late] {
            assert_eq!(connection.course(&record), Course::Open, "{:?}", record.phase);
        }
    }

    #[test]
    fn a_clock_that_was_set_back_turns_no_end_around() {
        let random = Counting::default();
        let before = connected(&random);
        let ended = disconnect(&before, at(1_000));
        assert_eq!(connection(&ended, &random).course(&ended), Course::Open);
        let connection = connection(&before, &random);
        assert_eq!(connection.course(&disconnect(&before, at(10))), Course::Ended);
    }

    #[test]
    fn a_second_end_stands_although_there_was_one_before_the_code_was_shown() {
        let random = Counting::default();
        let ended = disconnect(&connected(&random), at(40));
        let connection = connection(&ended, &random);
        let again = connect(Some(&ended), pair(at(51), &random), at(51));
        assert_eq!(connection.course(&disconnect(&again, at(52))), Course::Ended);
    }

    #[test]
    fn an_exchange_that_does_not_say_what_was_before_undoes_no_end() {
        let random = Counting::default();
        let ended = disconnect(&connected(&random), at(40));
        let mut written = serde_json::to_value(connection(&ended, &random)).unwrap();
        written.as_object_mut().unwrap().remove("before").unwrap();
        let read: Connection = serde_json::from_value(written).unwrap();
        assert_eq!(read.course(&ended), Course::Ended);
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
