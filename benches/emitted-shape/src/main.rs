//! Measures what generated types cost to compile in three shapes, and prints the tables of ADR 0001.
//!
//! `cargo run --release -- [--runs N] [--out DIR] [--inline]`

mod compile;
mod documents;
mod emit;
mod mix;
mod model;
mod names;
mod report;
mod rng;
mod roots;
mod running;
mod scratch;
mod shape;

use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::{env, io};

use compile::Mode;
use report::Row;
use running::Trial;
use scratch::Scratch;
use shape::Shape;

const TYPES: usize = 300;

struct Options {
    out: PathBuf,
    runs: usize,
    inline: bool,
}

fn main() -> ExitCode {
    match options().and_then(measure) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn options() -> io::Result<Options> {
    let out = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/target/scratch"));
    let mut options = Options { out, runs: 5, inline: false };
    let mut arguments = env::args().skip(1);
    while let Some(option) = arguments.next() {
        let mut value = || arguments.next().ok_or_else(usage);
        match option.as_str() {
            "--out" => options.out = PathBuf::from(value()?),
            "--runs" => options.runs = value()?.parse().map_err(io::Error::other)?,
            "--inline" => options.inline = true,
            _ => return Err(usage()),
        }
    }
    if options.runs == 0 { Err(usage()) } else { Ok(options) }
}

fn usage() -> io::Error {
    io::Error::other("usage: emitted-shape [--runs N] [--out DIR] [--inline]")
}

fn measure(options: Options) -> io::Result<()> {
    let Options { out, runs, inline } = options;
    let mut types = mix::types(TYPES);
    let mut roots = roots::roots(&types);
    // The page is one type more: it wraps a record, as list operations do.
    types.push(mix::page(&types));
    roots.push(types.len() - 1);

    let scratch = Scratch::write(out, inline, &types, &roots)?;
    eprintln!("building the dependencies");
    compile::prepare(&scratch)?;

    let trial = Trial::write(&scratch, &types, &roots)?;
    for shape in Shape::CODECS {
        trial.agree(shape)?;
        eprintln!(
            "{} says: {}",
            shape.title(),
            trial.refusal(shape, &types[types.len() - 1].name)?
        );
    }
    let rows = rows(&scratch, &trial, runs)?;

    println!("{}", rustc_version()?);
    println!("{} types, {} of them roots, median of {runs} runs", types.len(), roots.len());
    println!(
        "{} documents came back equal in every shape; the page has {} bytes\n",
        trial.count(),
        trial.page_bytes()?
    );
    report::print(&rows);
    Ok(())
}

/// One run of every shape before the next run of any, so that a busy minute falls on all of them.
fn rows(scratch: &Scratch, trial: &Trial<'_>, runs: usize) -> io::Result<Vec<Row>> {
    let mut rows = Vec::new();
    for shape in Shape::ALL {
        let speed = if shape == Shape::Bare { None } else { Some(trial.speed(shape)?) };
        let (lines, library_kb) = (scratch.lines(shape)?, compile::library_kb(scratch, shape)?);
        rows.push(Row { shape, check: Vec::new(), release: Vec::new(), lines, library_kb, speed });
    }
    for run in 1..=runs {
        for row in &mut rows {
            let check = compile::measure(scratch, row.shape, Mode::Check)?;
            let release = compile::measure(scratch, row.shape, Mode::Release)?;
            // Printed at once: on a busy machine the runs take long, and a stopped one should not be lost.
            eprintln!(
                "run {run} of {runs}: {}: check {check}, release {release}",
                row.shape.title()
            );
            row.check.push(check);
            row.release.push(release);
        }
    }
    Ok(rows)
}

fn rustc_version() -> io::Result<String> {
    let output = Command::new("rustc").arg("--version").output()?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
