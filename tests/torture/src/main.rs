//! Every row of the table, with real processes, and whether it is met. Words name the rows to run: those whose name holds
//! one of them.

#![expect(clippy::print_stdout, reason = "the table is what the program is for")]

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use torture::crowd::Crowd;
use torture::frozen::freeze;
use torture::kills::{Outcome, Point, is_allowed, kill_at};
use torture::order::Rotation;
use torture::setting::Trouble;

#[tokio::main]
#[expect(
    clippy::disallowed_methods,
    reason = "the time of each row is told to whoever waits for it"
)]
async fn main() -> Result<ExitCode, Trouble> {
    let worker = std::env::current_exe()?.with_file_name("torture-worker");
    println!("| row | must be | was | met | time |");
    println!("|---|---|---|---|---|");
    let words: Vec<String> = std::env::args().skip(1).collect();
    let asked = |row: &Row| words.is_empty() || words.iter().any(|word| row.name().contains(word));
    let rows: Vec<Row> = Row::ALL.into_iter().filter(asked).collect();
    if rows.is_empty() {
        return Err("no row has such a name".into());
    }
    let mut missed = 0;
    for row in &rows {
        let start = Instant::now();
        let line = row.run(worker.clone()).await?;
        missed += u32::from(!line.met);
        let met = if line.met { "yes" } else { "NO" };
        let seconds = start.elapsed().as_secs();
        println!("| {} | {} | {} | {met} | {seconds} s |", row.name(), line.expected, line.found);
    }
    println!("\ntorture grants: {} rows, {missed} missed", rows.len());
    Ok(if missed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Everybody at once, at the end of one token.
const ONE_PROCESS: Crowd =
    Crowd { processes: 1, calls: 10_000, grants: 1, rounds: 1, life: Duration::from_secs(120) };

/// Four processes on one file, at the end of every token, again and again.
const FOUR_PROCESSES: Crowd =
    Crowd { processes: 4, calls: 250, grants: 100, rounds: 20, life: Duration::from_secs(12) };

/// One row of the table.
#[derive(Clone, Copy)]
enum Row {
    Crowd(Crowd),
    Kills(Rotation),
    Freeze(Rotation),
}

/// What came of a row.
struct Line {
    expected: String,
    found: String,
    met: bool,
}

impl Row {
    const ALL: [Self; 16] = [
        Self::Crowd(ONE_PROCESS),
        Self::Crowd(FOUR_PROCESSES),
        Self::Kills(Rotation::M1),
        Self::Kills(Rotation::M2),
        Self::Kills(Rotation::M3),
        Self::Kills(Rotation::M4),
        Self::Kills(Rotation::M5),
        Self::Kills(Rotation::M6),
        Self::Kills(Rotation::R),
        Self::Freeze(Rotation::M1),
        Self::Freeze(Rotation::M2),
        Self::Freeze(Rotation::M3),
        Self::Freeze(Rotation::M4),
        Self::Freeze(Rotation::M5),
        Self::Freeze(Rotation::M6),
        Self::Freeze(Rotation::R),
    ];

    fn name(self) -> String {
        match self {
            Self::Crowd(Crowd { processes, calls, grants, rounds, .. }) => {
                format!(
                    "{processes} processes × {calls} calls × {grants} grants × {rounds} expiries"
                )
            }
            Self::Kills(rotation) => format!("kill -9 at F0 to F12, {rotation:?}"),
            Self::Freeze(rotation) => format!("frozen for twice its lease, {rotation:?}"),
        }
    }

    async fn run(self, worker: PathBuf) -> Result<Line, Trouble> {
        match self {
            Self::Crowd(numbers) => crowd(worker, numbers).await,
            Self::Kills(rotation) => kills(worker, rotation).await,
            Self::Freeze(rotation) => frozen(worker, rotation).await,
        }
    }
}

async fn crowd(worker: PathBuf, crowd: Crowd) -> Result<Line, Trouble> {
    let count = crowd.run(worker, Rotation::M1).await?;
    let (posts, calls) = (crowd.expected_posts(), crowd.expected_calls());
    Ok(Line {
        expected: format!("{posts} token requests, {calls} calls succeed"),
        found: format!("{}, {}, failed {:?}", count.posts, count.succeeded, count.failed),
        met: count.posts == posts && count.succeeded == calls && count.failed.is_empty(),
    })
}

async fn kills(worker: PathBuf, rotation: Rotation) -> Result<Line, Trouble> {
    let outcomes = kill_at(worker, rotation, &Point::ALL).await?;
    let lost: Vec<_> = outcomes
        .iter()
        .filter(|(_, outcome)| *outcome == Outcome::LostExplicitly)
        .map(|(point, _)| format!("{point:?}"))
        .collect();
    let wrong: Vec<_> = outcomes
        .iter()
        .filter(|(point, outcome)| !is_allowed(rotation, *point, outcome))
        .map(|(point, outcome)| format!("{point:?} {outcome}"))
        .collect();
    let expected = match rotation {
        Rotation::M1 | Rotation::M3 => "lost at F5 to F8 only, each explicitly",
        _ => "0 lost",
    };
    Ok(Line {
        expected: expected.to_owned(),
        found: format!("lost: {}; wrong: {}", listed(&lost), listed(&wrong)),
        met: wrong.is_empty(),
    })
}

async fn frozen(worker: PathBuf, rotation: Rotation) -> Result<Line, Trouble> {
    let thawed = freeze(worker, rotation).await?;
    let may_be_lost = rotation == Rotation::M3;
    let kept = match thawed.outcome {
        Outcome::Alive => true,
        Outcome::LostExplicitly => may_be_lost,
        Outcome::Ended | Outcome::Wrong(_) => false,
    };
    Ok(Line {
        expected: format!(
            "at most 2 token requests, {}",
            if may_be_lost { "alive or lost explicitly" } else { "alive" }
        ),
        found: format!("{}, {}", thawed.posts, thawed.outcome),
        met: kept && thawed.posts <= 2,
    })
}

fn listed(words: &[String]) -> String {
    if words.is_empty() { "none".to_owned() } else { words.join(", ") }
}
