//! How a line of a corpus is written.

use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue};

/// The rows of a corpus: their numbers, and their columns without the space around them.
pub(crate) fn rows<const N: usize>(
    corpus: &'static str,
) -> impl Iterator<Item = (usize, [&'static str; N])> {
    (1..).zip(corpus.lines()).filter(|(_, line)| !line.is_empty() && !line.starts_with('#')).map(
        |(number, line)| {
            let columns: Vec<_> = line.split(" | ").map(str::trim).collect();
            (number, columns.try_into().unwrap_or_else(|_| panic!("line {number}: {line}")))
        },
    )
}

/// `Name: value & Name: value`
pub(crate) fn headers(text: &str) -> HeaderMap {
    let lines = text.split(" & ").map(|line| {
        let (name, value) = line.split_once(':').unwrap();
        let name: HeaderName = name.to_ascii_lowercase().parse().unwrap();
        (name, HeaderValue::from_bytes(value.as_bytes()).unwrap())
    });
    let mut headers = HeaderMap::new();
    lines.for_each(|(name, value)| {
        headers.append(name, value);
    });
    headers
}

/// A number of seconds, as exact as it is written.
pub(crate) fn seconds(text: &str) -> Duration {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let nanos: u32 = format!("{fraction:0<9}").parse().unwrap();
    Duration::new(whole.parse().unwrap(), nanos)
}
