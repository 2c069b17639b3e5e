//! Runs the codec of one shape. Copied beside a generated `table.rs`, which names the shape's types.

mod table;

use std::hint::black_box;
use std::time::Instant;
use std::{env, fs};

const ROUNDS: usize = 2_000;

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["round-trip", folder, shape] => round_trip(folder, shape),
        ["refuse", file, root] => refuse(file, root),
        ["time", file] => time(&read(file)),
        ["decode", file, rounds] => decode(&read(file), rounds.parse().expect("a number")),
        ["encode", file, rounds] => encode(&read(file), rounds.parse().expect("a number")),
        _ => panic!("see the source for what to pass"),
    }
}

fn read(file: &str) -> Vec<u8> {
    fs::read(file).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// Decodes the document of every root and writes what encoding makes of it.
fn round_trip(folder: &str, shape: &str) {
    for root in table::ROOTS {
        let body = read(&format!("{folder}/{root}.json"));
        let again = table::round_trip(root, &body).unwrap_or_else(|error| panic!("{root}: {error}"));
        fs::write(format!("{folder}/{root}.{shape}.json"), again).expect("the folder is ours");
    }
}

/// Prints why a damaged document is refused.
fn refuse(file: &str, root: &str) {
    match table::round_trip(root, &read(file)) {
        Ok(_) => panic!("{file} was accepted"),
        Err(error) => println!("{error}"),
    }
}

fn decode(body: &[u8], rounds: usize) {
    for _ in 0..rounds {
        black_box(table::decode(black_box(body)));
    }
}

fn encode(body: &[u8], rounds: usize) {
    let page = table::decode(body);
    for _ in 0..rounds {
        black_box(table::encode(black_box(&page)));
    }
}

/// Prints the median nanoseconds of decoding and of encoding.
fn time(body: &[u8]) {
    let page = table::decode(body);
    let decode = median(|| drop(black_box(table::decode(black_box(body)))));
    let encode = median(|| drop(black_box(table::encode(black_box(&page)))));
    println!("{decode} {encode}");
}

fn median(mut work: impl FnMut()) -> u128 {
    let mut times = [0; ROUNDS];
    for time in &mut times {
        let start = Instant::now();
        work();
        *time = start.elapsed().as_nanos();
    }
    times.sort_unstable();
    times[ROUNDS / 2]
}
