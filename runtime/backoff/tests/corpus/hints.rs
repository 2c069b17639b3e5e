//! The waits that servers ask for.

use std::collections::BTreeSet;
use std::time::{Duration, UNIX_EPOCH};

use http::HeaderMap;
use http::header::{DATE, HeaderValue};
use specwright_backoff::Hint;
use specwright_backoff::hint::{rate_limit_hint, retry_after};
use specwright_core::security::RateReset;

use crate::row;

const CORPUS: &str = include_str!("hints.txt");

/// `now` of the corpus: Tue, 10 Mar 2026 08:00:00 GMT.
const NOW: u64 = 1_773_129_600;

const YEAR: i64 = 31_536_000;

struct Row {
    line: usize,
    status: &'static str,
    headers: HeaderMap,
    /// Whether the server says what its clock shows.
    is_dated: bool,
    clock: i64,
    hint: Option<Hint>,
    source: &'static str,
}

impl Row {
    fn read(line: usize, columns: [&'static str; 6]) -> Self {
        let [status, headers, date, clock, hint, source] = columns;
        let mut headers = row::headers(headers);
        let seconds = match date.strip_prefix("now") {
            Some("") => Some(NOW),
            Some(offset) => Some(later(offset.parse().unwrap())),
            None => None,
        };
        let date = match seconds {
            Some(seconds) => httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(seconds)),
            None => date.to_owned(),
        };
        if date != "-" {
            headers.insert(DATE, HeaderValue::from_str(&date).unwrap());
        }
        let hint = match hint.rsplit_once(' ') {
            None if hint == "none" => None,
            Some(("wait", wait)) => Some(Hint::Wait(row::seconds(wait))),
            Some(("too long", wait)) => Some(Hint::TooLong(row::seconds(wait))),
            _ => panic!("line {line}: {hint}"),
        };
        let (is_dated, clock) = (seconds.is_some(), clock.parse().unwrap());
        Self { line, status, headers, is_dated, clock, hint, source }
    }

    /// What is understood by a process whose clock is so many seconds ahead of `now`.
    fn hint_by(&self, clock: i64) -> Option<Hint> {
        let local = UNIX_EPOCH + Duration::from_secs(later(clock));
        match self.status {
            "429" => rate_limit_hint(&self.headers, RateReset::Undocumented, None, local),
            _ => retry_after(&self.headers, local),
        }
    }
}

/// `now`, moved by so many seconds.
fn later(seconds: i64) -> u64 {
    NOW.checked_add_signed(seconds).unwrap()
}

fn rows() -> impl Iterator<Item = Row> {
    row::rows(CORPUS).map(|(line, columns)| Row::read(line, columns))
}

#[test]
fn every_hint_is_understood_as_the_corpus_says() {
    let wrong: Vec<_> = rows()
        .filter_map(|row| {
            let hint = row.hint_by(row.clock);
            (hint != row.hint).then(|| {
                format!("line {}: {hint:?}, not {:?} ({})", row.line, row.hint, row.source)
            })
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn with_a_date_no_local_clock_moves_a_hint_by_more_than_a_second() {
    let mut dated = 0;
    for row in rows().filter(|row| row.is_dated) {
        dated += 1;
        let wait = row.hint_by(row.clock).map(Hint::duration);
        for clock in [row.clock - YEAR, row.clock + YEAR] {
            let moved = row.hint_by(clock).map(Hint::duration);
            let is_near = match (wait, moved) {
                (Some(wait), Some(moved)) => wait.abs_diff(moved) <= Duration::from_secs(1),
                (wait, moved) => wait == moved,
            };
            assert!(is_near, "line {}: {moved:?}, not {wait:?}", row.line);
        }
    }
    assert!(dated > 150, "{dated}");
}

#[test]
fn the_corpus_has_200_different_rows_and_every_story() {
    let rows: Vec<[&str; 6]> = row::rows(CORPUS).map(|(_, columns)| columns).collect();
    let different: BTreeSet<_> = rows.iter().map(|columns| &columns[..4]).collect();
    assert_eq!(different.len(), rows.len(), "a row stands twice");
    assert!(rows.len() >= 200, "{}", rows.len());
    for story in ["story 22", "story 23", "story 24", "story 40"] {
        assert!(rows.iter().any(|columns| columns[5].starts_with(story)), "{story}");
    }
}
