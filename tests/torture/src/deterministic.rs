//! The matrix in virtual time, with more seeds than its own tests play.

use std::ops::RangeInclusive;

use matrix::cell::{Cell, Trouble};
use matrix::model::Model;
use matrix::steps::{self, Steps};
use matrix::tally::Tally;
use tokio::task::{JoinSet, spawn_blocking};

use crate::setting::Trouble as Breakdown;
use crate::table::{Line, Row, listed};

/// The seeds of each cell, and of each renewal that is disturbed everywhere.
const SEEDS: RangeInclusive<u64> = 1..=20;

/// The most words of what is wrong that a row shows. Each names a cell and a seed that show it again.
const SHOWN: usize = 5;

/// The matrix, and what happens between its points.
pub fn rows() -> Vec<Row> {
    let cells: usize = Model::ALL.into_iter().map(|model| Cell::all(model).len()).sum();
    let name = format!("deterministic matrix, {cells} cells, {} seeds", SEEDS.count());
    vec![
        Row::new(name, |_| matrix()),
        Row::new("caller dropped at every poll of a renewal", |_| dropped()),
        Row::new("runtime torn down at every step of a renewal", |_| torn_down()),
    ]
}

async fn matrix() -> Result<Line, Breakdown> {
    let mut playing = JoinSet::new();
    for model in Model::ALL {
        playing.spawn_blocking(move || (model, Tally::of(&Cell::all(model), &SEEDS)));
    }
    let (mut trials, mut lost, mut wrong) = (0, 0, Vec::new());
    while let Some(played) = playing.join_next().await {
        let (model, tally) = played?;
        trials += tally.trials;
        lost += tally.lost;
        wrong.extend(tally.wrong);
        if tally.lost > 0 && !model.is_strict() {
            wrong.push(format!("{model:?} loses {}", tally.lost));
        }
    }
    Ok(Line {
        expected: "0 wrong; lost answers lose a grant at M1 and M3 alone, each explicitly"
            .to_owned(),
        found: format!("{trials} trials, {lost} lost explicitly, wrong: {}", shown(&wrong)),
        met: wrong.is_empty(),
    })
}

async fn dropped() -> Result<Line, Breakdown> {
    let (steps, wrong) = everywhere(Trouble::CallersDropped).await?;
    let lost: usize = steps.iter().map(|(_, steps)| steps.lost).sum();
    Ok(Line {
        expected: "0 lost, 1 request for each pair, nobody told to wait".to_owned(),
        found: format!("{} drops, {lost} lost, wrong: {}", trials(&steps), shown(&wrong)),
        met: lost == 0 && wrong.is_empty(),
    })
}

async fn torn_down() -> Result<Line, Breakdown> {
    let (torn, mut wrong) = everywhere(Trouble::TornDown).await?;
    let (ended, wrong_too) = everywhere(Trouble::Ends).await?;
    wrong.extend(wrong_too);
    let losing = |(model, steps): &&(Model, Steps)| steps.lost > 0 && !model.is_strict();
    wrong.extend(torn.iter().filter(losing).map(|(model, steps)| format!("{model:?} {steps:?}")));
    let lost: usize = torn.iter().map(|(_, steps)| steps.lost).sum();
    let as_ended = torn == ended;
    Ok(Line {
        expected: "as when the process ends there; lost at M1 and M3 alone, each explicitly"
            .to_owned(),
        found: format!(
            "{} ends, {lost} lost explicitly, {}, wrong: {}",
            trials(&torn),
            if as_ended { "as when the process ends" } else { "NOT as when the process ends" },
            shown(&wrong)
        ),
        met: as_ended && wrong.is_empty(),
    })
}

/// Disturbs a renewal at each of its steps, at each kind of server and each seed. Gives what came of each, in a fixed order,
/// and what is wrong.
async fn everywhere(trouble: Trouble) -> Result<(Vec<(Model, Steps)>, Vec<String>), Breakdown> {
    let (mut all, mut wrong) = (Vec::new(), Vec::new());
    let playing: Vec<_> = Model::ALL
        .into_iter()
        .map(|model| {
            let play = move |seed| (model, steps::everywhere(model, trouble, seed));
            spawn_blocking(move || SEEDS.map(play).collect::<Vec<_>>())
        })
        .collect();
    for played in playing {
        for (model, outcome) in played.await? {
            match outcome {
                Ok(steps) => all.push((model, steps)),
                Err(failure) => wrong.push(failure.to_string()),
            }
        }
    }
    Ok((all, wrong))
}

fn trials(all: &[(Model, Steps)]) -> usize {
    all.iter().map(|(_, steps)| steps.steps).sum()
}

fn shown(wrong: &[String]) -> String {
    let some: Vec<_> = wrong.iter().take(SHOWN).cloned().collect();
    match wrong.len().saturating_sub(SHOWN) {
        0 => listed(&some),
        more => format!("{}, and {more} more", listed(&some)),
    }
}
