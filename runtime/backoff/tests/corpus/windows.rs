//! The windows that servers tell of.

use specwright_backoff::windows::{WindowTold, full_window, windows_told};

use crate::row::{headers, rows};

const CORPUS: &str = include_str!("windows.txt");

#[test]
fn every_window_is_understood_as_the_corpus_says() {
    for (line, [fields, windows, _, source]) in rows::<4>(CORPUS) {
        let told: Vec<_> = windows_told(&headers(fields)).iter().map(text).collect();
        let told = if told.is_empty() { "-".to_owned() } else { told.join(", ") };
        assert_eq!(told, windows, "line {line}: {source}");
    }
}

#[test]
fn the_full_window_of_a_refusal_is_the_one_that_the_corpus_names() {
    for (line, [fields, _, full, source]) in rows::<4>(CORPUS) {
        let window = full_window(&headers(fields));
        let window = window.map_or("-".to_owned(), |window| window.limit.to_string());
        assert_eq!(window, full, "line {line}: {source}");
    }
}

/// `LIMIT per SECONDS left N`
fn text(window: &WindowTold) -> String {
    let WindowTold { limit, period, remaining, .. } = window;
    let period = period.map(|period| format!(" per {}", period.as_secs_f64()));
    let left = remaining.map(|left| format!(" left {left}"));
    format!("{limit}{}{}", period.unwrap_or_default(), left.unwrap_or_default())
}
