//! A part of the table that `cargo xtask torture requests` prints in full, in little time.

#![allow(clippy::unwrap_used, reason = "what a test cannot do without stops it")]

use std::path::Path;
use std::time::Duration;

use specwright_testkit::sandbox::WindowKind;
use torture::requests::day::Day;
use torture::requests::ledger::Count;
use torture::requests::windows::{Crowd, Kept};

fn caller() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_torture-caller"))
}

/// Five a second and twelve in four: for a few seconds of real time.
fn crowd(processes: u32) -> Crowd {
    let lasts = Duration::from_secs(6);
    Crowd { processes, at_once: 8 / processes, windows: vec![(5, 1), (12, 4)], lasts }
}

#[tokio::test]
async fn one_process_uses_the_windows_and_never_exceeds_them() {
    let crowd = crowd(1);
    for kind in [WindowKind::Fixed, WindowKind::Sliding] {
        let kept = crowd.run(caller(), kind).await.unwrap();
        assert!(crowd.is_met(&kept), "{kind:?} {kept:?}");
    }
}

#[tokio::test]
async fn four_processes_on_one_file_use_the_windows_and_never_exceed_them() {
    let crowd = crowd(4);
    let kept = crowd.run(caller(), WindowKind::Sliding).await.unwrap();
    assert!(crowd.is_met(&kept), "{kept:?}");
}

#[tokio::test]
async fn ten_minutes_of_virtual_time_uses_the_windows_and_never_exceeds_them() {
    let day = Day { lasts: Duration::from_secs(600), at_once: 8, seed: 1 };
    for kind in [WindowKind::Fixed, WindowKind::Sliding] {
        let count = day.run(kind).await.unwrap();
        assert!(day.is_met(&count), "{kind:?} {count:?}");
    }
}

#[test]
fn who_has_tried_nothing_has_met_nothing() {
    assert!(!crowd(1).is_met(&Kept::default()));
    let day = Day { lasts: Duration::from_secs(60), at_once: 1, seed: 1 };
    assert!(!day.is_met(&Count::default()));
}
