//! Any text: the JSON reader of the runtime reads what `serde_json` reads, refuses what it refuses, and writes what it
//! read so that it reads the same again.
//!
//! Three differences are meant: a byte order mark is passed over, half a surrogate pair is replaced, and one level of
//! nesting more is read. In each of them ours reads more, never less.

#![no_main]

use std::collections::BTreeMap;

use libfuzzer_sys::fuzz_target;
use specwright_core::json::{Decode, from_slice, to_vec};
use specwright_core::types::{DateTime, Json, Maybe, UnknownJson};

fuzz_target!(|text: &[u8]| {
    let ours = from_slice::<Json>(text);
    let theirs = serde_json::from_slice::<Json>(text);
    match (&ours, &theirs) {
        (Ok(ours), Ok(theirs)) => assert_eq!(ours, theirs),
        (Ok(_), Err(_)) => assert!(is_meant(text), "we read what is no JSON"),
        (Err(ours), Ok(_)) => panic!("we refuse what is JSON: {ours}"),
        (Err(error), Err(_)) => drop(format!("{error} {error:?} {:?}", error.pointer())),
    }
    if let Ok(value) = &ours {
        let written = to_vec(value).expect("what was read can be written");
        assert_eq!(&from_slice::<Json>(&written).expect("what was written can be read"), value);
        let kept: UnknownJson = from_slice(text).expect("any value can be kept");
        assert_eq!(&kept.to_json(), value);
    }
    decode::<Vec<Maybe<String>>>(text);
    decode::<BTreeMap<String, Option<f64>>>(text);
    decode::<Vec<i64>>(text);
    decode::<DateTime>(text);
});

/// Reads a text as a type that it may not be. An error must be able to say where.
fn decode<T: Decode>(text: &[u8]) {
    if let Err(error) = from_slice::<T>(text) {
        let _ = (error.to_string(), error.pointer());
    }
}

fn is_meant(text: &[u8]) -> bool {
    let marked = text.starts_with("\u{feff}".as_bytes());
    let escapes = text.windows(4).any(|part| {
        part.starts_with(b"\\u")
            && matches!(part[2], b'd' | b'D')
            && !matches!(part[3], b'0'..=b'7')
    });
    let levels = text.iter().filter(|byte| matches!(byte, b'[' | b'{')).count();
    marked || escapes || levels >= 128
}
