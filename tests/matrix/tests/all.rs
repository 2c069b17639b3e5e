//! The whole matrix, once for each kind of server. A failure names the cell and the seed; `SPECWRIGHT_MATRIX=cell:seed` plays
//! that one again, and `SPECWRIGHT_MATRIX_SEEDS=n` plays more.

#![allow(clippy::unwrap_used, reason = "what a test cannot do without stops it")]

use matrix::cell::{Cell, Trouble};
use matrix::model::Model;
use matrix::point::Point;
use matrix::steps;
use matrix::tally::{Choice, Tally};
use matrix::trial::{self, Fate};

#[track_caller]
fn nothing_is_wrong_at(model: Model) {
    let choice = Choice::of_environment().unwrap();
    let tally = Tally::of(&choice.cells(model), &choice.seeds);
    let wrong = tally.wrong.join("\n");
    assert!(tally.wrong.is_empty(), "{} of {} trials:\n{wrong}", tally.wrong.len(), tally.trials);
}

#[test]
fn m1_loses_lost_answers_alone_and_says_so() {
    nothing_is_wrong_at(Model::M1);
}

#[test]
fn m2_loses_nothing() {
    nothing_is_wrong_at(Model::M2);
}

#[test]
fn m3_loses_lost_answers_alone_and_says_so() {
    nothing_is_wrong_at(Model::M3);
}

#[test]
fn m4_loses_nothing() {
    nothing_is_wrong_at(Model::M4);
}

#[test]
fn m5_loses_nothing() {
    nothing_is_wrong_at(Model::M5);
}

#[test]
fn m6_loses_nothing() {
    nothing_is_wrong_at(Model::M6);
}

#[test]
fn r_loses_nothing() {
    nothing_is_wrong_at(Model::R);
}

#[test]
fn a_cell_and_a_seed_are_one_trial() {
    for point in [Point::F6, Point::F12] {
        let cell = Cell { model: Model::M4, first: None, point, trouble: Trouble::Ends };
        // Among so many seeds are some with one process, some with two, and some with three.
        for seed in 1..=9 {
            let [one, other] = [(); 2].map(|()| trial::ledger(cell, seed).unwrap());
            assert_eq!(one, other, "{cell}:{seed}");
        }
    }
}

#[test]
fn a_runtime_that_is_torn_down_is_a_process_that_ends() {
    for model in Model::ALL {
        for point in Point::ALL {
            let fate =
                |trouble| trial::run(Cell { model, first: None, point, trouble }, 2).unwrap();
            assert_eq!(fate(Trouble::TornDown), fate(Trouble::Ends), "{model:?} {point:?}");
        }
    }
}

#[test]
fn a_caller_that_is_dropped_at_any_poll_loses_nothing() {
    for model in Model::ALL {
        let all = steps::everywhere(model, Trouble::CallersDropped, 1).unwrap();
        assert!(all.steps > 10 && all.lost == 0, "{model:?} {all:?}");
    }
}

#[test]
fn a_process_that_ends_at_any_step_loses_nothing_but_an_answer_on_its_way_at_a_strict_server() {
    for model in Model::ALL {
        let all = steps::everywhere(model, Trouble::Ends, 1).unwrap();
        assert_eq!(all.lost > 0, model.is_strict(), "{model:?} {all:?}");
    }
}

#[test]
fn a_runtime_that_is_torn_down_at_any_step_is_a_process_that_ends_there() {
    for model in Model::ALL {
        let torn = steps::everywhere(model, Trouble::TornDown, 1).unwrap();
        assert_eq!(torn, steps::everywhere(model, Trouble::Ends, 1).unwrap(), "{model:?}");
    }
}

#[test]
fn a_cell_that_loses_shows_that_the_matrix_can() {
    let fate = |point| {
        let cell = Cell { model: Model::M1, first: None, point, trouble: Trouble::Ends };
        trial::run(cell, 1).unwrap()
    };
    assert_eq!([Point::F4, Point::F5].map(fate), [Fate::Alive, Fate::LostExplicitly]);
}
