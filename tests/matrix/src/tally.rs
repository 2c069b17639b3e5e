//! Many trials, and what came of them.

use std::env;
use std::ops::RangeInclusive;

use crate::Failure;
use crate::cell::Cell;
use crate::model::Model;
use crate::trial::{self, Fate};

/// What came of many trials.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many there were.
    pub trials: usize,
    /// The grants that were lost, each explicitly and where it is allowed.
    pub lost: usize,
    /// What must not be, each with the cell and the seed that shows it again.
    pub wrong: Vec<String>,
}

impl Tally {
    /// Plays each of these cells at each of these seeds.
    pub fn of(cells: &[Cell], seeds: &RangeInclusive<u64>) -> Self {
        let mut tally = Self::default();
        for cell in cells {
            for seed in seeds.clone() {
                tally.trials += 1;
                match trial::run(*cell, seed) {
                    Ok(Fate::LostExplicitly) => tally.lost += 1,
                    Ok(Fate::Alive | Fate::Ended) => {}
                    Err(failure) => tally.wrong.push(format!("{cell}:{seed}: {failure}")),
                }
            }
        }
        tally
    }
}

/// What a run of the tests is to play.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    cell: Option<Cell>,
    /// The seeds of each cell.
    pub seeds: RangeInclusive<u64>,
}

impl Choice {
    /// The choice of the environment: `SPECWRIGHT_MATRIX=cell[:seed]` plays one cell, and `SPECWRIGHT_MATRIX_SEEDS=n` plays
    /// seeds 1 to n. Without them it is every cell, once.
    pub fn of_environment() -> Result<Self, Failure> {
        let cell = env::var("SPECWRIGHT_MATRIX").ok();
        let seeds = env::var("SPECWRIGHT_MATRIX_SEEDS").ok();
        Self::parse(cell.as_deref(), seeds.as_deref())
    }

    fn parse(cell: Option<&str>, seeds: Option<&str>) -> Result<Self, Failure> {
        let seeds = 1..=seeds.map_or(Ok(1), str::parse)?;
        let Some(named) = cell else { return Ok(Self { cell: None, seeds }) };
        let (name, seed) = match named.split_once(':') {
            Some((name, seed)) => (name, Some(seed.parse()?)),
            None => (named, None),
        };
        let mut all = Model::ALL.into_iter().flat_map(Cell::all);
        let cell = all.find(|cell| cell.to_string() == name);
        let cell = cell.ok_or_else(|| format!("there is no cell {name}"))?;
        Ok(Self { cell: Some(cell), seeds: seed.map_or(seeds, |seed| seed..=seed) })
    }

    /// The cells to be played at this kind of server.
    pub fn cells(&self, model: Model) -> Vec<Cell> {
        let mut cells = Cell::all(model);
        cells.retain(|cell| self.cell.is_none_or(|chosen| chosen == *cell));
        cells
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cell_can_be_named() {
        for cell in Cell::all(Model::M1) {
            let choice = Choice::parse(Some(&format!("{cell}:7")), None).unwrap();
            assert_eq!(choice.cells(cell.model), [cell]);
            assert_eq!(choice.seeds, 7..=7);
        }
    }

    #[test]
    fn a_cell_that_is_not_there_is_an_error() {
        assert!(Choice::parse(Some("M1/F13/ends"), None).is_err());
    }
}
