//! A part of the table that `cargo xtask torture grants` prints in full: real processes, in little time.

#![allow(clippy::unwrap_used, reason = "what a test cannot do without stops it")]

use std::path::PathBuf;
use std::time::Duration;

use matrix::model::Model;
use matrix::point::Point;
use torture::ahead::Rotations;
use torture::crowd::Crowd;
use torture::defaults;
use torture::ending::Endings;
use torture::frozen::{Thaw, Thawed, thaw};
use torture::health::Condition;
use torture::kills::{Outcome, expected, kill_at};
use torture::races::Races;
use torture::storage::{Endured, Outage};

fn worker() -> PathBuf {
    env!("CARGO_BIN_EXE_torture-worker").into()
}

async fn outcomes(rotation: Model, points: &[Point]) -> Vec<(Point, Outcome)> {
    let outcomes = kill_at(worker(), rotation, points).await.unwrap();
    for (point, outcome) in &outcomes {
        assert_eq!(*outcome, expected(rotation, *point), "{rotation:?} {point:?}");
    }
    outcomes
}

#[tokio::test]
async fn a_server_that_waits_for_the_first_use_loses_nothing_at_any_point() {
    outcomes(Model::M2, &Point::ALL).await;
}

#[tokio::test]
async fn a_server_that_keeps_answers_by_key_loses_nothing_where_a_strict_one_would() {
    outcomes(Model::R, &[Point::F5, Point::F6, Point::F7, Point::F8]).await;
}

#[tokio::test]
async fn a_strict_server_loses_what_was_not_written_and_the_user_is_told() {
    let outcomes = outcomes(Model::M1, &[Point::F1, Point::F5, Point::F8, Point::F9]).await;
    let lost: Vec<_> = outcomes
        .into_iter()
        .filter(|(_, outcome)| *outcome == Outcome::LostExplicitly)
        .map(|(point, _)| point)
        .collect();
    assert_eq!(lost, [Point::F5, Point::F8]);
}

#[tokio::test]
async fn four_processes_on_one_file_are_one_request_for_each_end_of_a_token() {
    let crowd =
        Crowd { processes: 4, calls: 50, grants: 10, rounds: 1, life: Duration::from_secs(120) };
    let count = crowd.run(worker(), Model::M1).await.unwrap();
    assert_eq!(count.posts, crowd.expected_posts());
    assert_eq!((count.succeeded, count.failed), (crowd.expected_calls(), Vec::new()));
}

#[tokio::test]
async fn a_process_that_was_frozen_and_taken_for_dead_loses_nothing() {
    let thawed = thaw(worker(), Model::M2, Thaw::WhenTakenOver).await.unwrap();
    assert_eq!(thawed, Thawed { posts: 2, outcome: Outcome::Alive });
}

#[tokio::test]
async fn nobody_takes_over_from_the_frozen_where_a_spent_token_ends_the_grant() {
    let thawed = thaw(worker(), Model::M3, Thaw::AfterTwoLeases).await.unwrap();
    assert_eq!(thawed, Thawed { posts: 1, outcome: Outcome::Alive });
}

#[tokio::test]
async fn a_refusal_that_comes_while_another_process_commits_is_no_end() {
    let races = Races { grants: 8, rounds: 4, life: Duration::from_secs(2), seed: 1 };
    let count = races.run(worker()).await.unwrap();
    assert!(count.refused >= races.races() as usize, "{count:?}");
    assert_eq!(count.failed, Vec::new());
    assert_eq!(count.false_reconnects(), 0, "{count:?}");
}

/// When the ends come is drawn. On a machine with much other work all of them may come before or after their renewals: nothing
/// was tried then, so it is tried again.
async fn nothing_is_left(rotation: Model) {
    let mut in_vain = 0;
    for seed in 2..=6 {
        let within = Duration::from_millis(150);
        let endings = Endings { grants: 40, at_once: 20, within, seed };
        let left = endings.run(worker(), rotation).await.unwrap();
        assert_eq!((left.live, left.unfinished, left.failed), (0, Vec::new(), Vec::new()));
        in_vain += left.in_vain;
        if in_vain > 0 {
            break;
        }
    }
    assert!(in_vain > 0, "no end came in between");
}

#[tokio::test]
async fn a_disconnect_that_races_a_refresh_leaves_no_token_where_the_old_pair_lives_on() {
    nothing_is_left(Model::M2).await;
}

#[tokio::test]
async fn a_disconnect_that_races_a_refresh_leaves_no_token_where_a_pair_is_revoked_alone() {
    nothing_is_left(Model::M1).await;
}

#[tokio::test]
async fn what_was_used_or_acknowledged_is_in_the_file_after_each_kill() {
    let rotations = Rotations {
        workers: 2,
        grants: 20,
        rotations: 100,
        kills: 40,
        life: Duration::from_secs(1),
        within: Duration::from_millis(200),
        seed: 3,
    };
    let found = rotations.run(worker()).await.unwrap();
    assert!(found.is_proof(), "{found}");
}

async fn endured(condition: Condition) -> (bool, Endured) {
    let outage = Outage { condition, grants: 4, pairs: 2 };
    let endured = outage.run(worker()).await.unwrap();
    (outage.is_endured(&endured), endured)
}

#[tokio::test]
async fn while_the_store_is_away_what_is_valid_is_served_and_a_new_pair_is_not_lost() {
    let (is_endured, how) = endured(Condition::Away).await;
    assert!(is_endured, "{how:?}");
}

#[tokio::test]
async fn while_the_disk_is_full_what_is_valid_is_served_and_a_new_pair_is_not_lost() {
    let (is_endured, how) = endured(Condition::Full).await;
    assert!(is_endured, "{how:?}");
}

#[tokio::test]
async fn at_shipped_defaults_a_crowd_on_either_store_is_one_request() {
    let crowd = defaults::Crowd { processes: 2, calls: 50 };
    assert_eq!(crowd.on_sqlite(worker()).await.unwrap(), crowd.expected());
    let crowd = defaults::Crowd { processes: 1, calls: 100 };
    assert_eq!(crowd.in_memory().await.unwrap(), crowd.expected());
}
