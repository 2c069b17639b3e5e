//! A part of the table that `cargo xtask torture requests` prints in full, in little time.

#![allow(clippy::unwrap_used, reason = "what a test cannot do without stops it")]

use std::path::Path;
use std::time::Duration;

use specwright_testkit::sandbox::WindowKind;
use torture::codes::Vendor;
use torture::requests::day::Day;
use torture::requests::deliveries::{Forged, Parallel, deliver, forge};
use torture::requests::drift::{Drifted, drift};
use torture::requests::faults::{Tried, tried};
use torture::requests::foreign::{Beside, Loss, Shared};
use torture::requests::hints::{Asked, ask};
use torture::requests::killed::{Kills, Resumed};
use torture::requests::ledger::Count;
use torture::requests::named::{Again, Case};
use torture::requests::noisy::{Hall, Heard};
use torture::requests::outage::{Borne, Door, Outage};
use torture::requests::pages::{Story, Walked, walk};
use torture::requests::shapes::shapes;
use torture::requests::slices::{Every, Sliced};
use torture::requests::slow::{self, Limits};
use torture::requests::stored::{Stored, store};
use torture::requests::waiters::{Dropped, Drops};
use torture::requests::windows::{Crowd, Kept};

const MINUTE: Duration = Duration::from_secs(60);

fn caller() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_torture-caller"))
}

#[tokio::test]
async fn who_is_killed_at_a_point_of_an_operation_leaves_it_to_the_next_process() {
    let kills = Kills { runs: 24, at_once: 2 };
    let clerk = Path::new(env!("CARGO_BIN_EXE_torture-clerk"));
    let resumed = kills.run(clerk).await.unwrap();
    assert!(kills.is_met(&resumed), "{resumed:?}");
}

#[test]
fn nobody_killed_is_no_success() {
    let kills = Kills { runs: 0, at_once: 1 };
    assert!(!kills.is_met(&Resumed::default()));
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

fn beside(loss: Loss) -> Beside {
    Beside { lasts: MINUTE * 60, processes: 4, per_minute: 30, loss, seed: 2 }
}

#[tokio::test]
async fn beside_a_foreign_client_few_are_refused_and_no_window_is_exceeded() {
    let beside = beside(Loss::Never);
    let shared = beside.run(WindowKind::Sliding).await.unwrap();
    assert!(beside.is_met(&shared), "{shared:?}");
}

#[tokio::test]
async fn rows_that_are_lost_beside_a_foreign_client_let_no_window_be_exceeded() {
    for loss in
        [Loss::Away { after: MINUTE * 5, lasts: MINUTE * 3 }, Loss::Emptied { after: MINUTE * 6 }]
    {
        let beside = beside(loss);
        let shared = beside.run(WindowKind::Sliding).await.unwrap();
        assert!(beside.is_met(&shared), "{loss:?} {shared:?}");
    }
}

#[tokio::test]
async fn a_connection_that_is_cut_anywhere_doubles_nothing_and_loses_nothing() {
    let shapes = shapes();
    assert_eq!(shapes.len(), 40);
    let every = Every { byte: 131, lanes: 4 };
    for shape in &shapes {
        let sliced = every.run(shape).await.unwrap();
        assert!(sliced.is_met(), "{} {sliced:?}", shape.name);
    }
}

#[tokio::test]
async fn a_stored_500_is_one_send_and_nobody_knows_what_it_did() {
    let stored = store(&shapes()[26..30]).await.unwrap();
    assert!(stored.is_met(), "{stored:?}");
    assert_eq!(stored.calls, 8);
}

#[tokio::test]
async fn what_is_called_again_under_its_name_is_not_sent_but_in_the_time_of_its_key() {
    let mut again = Again::default();
    for case in Case::ALL {
        again.add(case.run(shapes()).await.unwrap());
    }
    assert!(again.is_met(), "{again:?}");
    assert_eq!((again.sent, again.unsent), (40, 240));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_server_is_an_error_at_the_limit_at_every_stage() {
    let ends = slow::ends(Limits::Short).await.unwrap();
    // A test may have to wait for the processor.
    let late = Duration::from_secs(5);
    assert!(slow::are_met(&ends, Limits::Short, late), "{ends:?}");
}

#[tokio::test]
async fn every_fault_of_a_server_costs_as_many_sends_as_the_table_says() {
    let tried = tried().await.unwrap();
    assert!(tried.is_met(), "{tried:?}");
    assert!(tried.cells >= 90, "{tried:?}");
}

#[tokio::test]
async fn a_hostile_list_ends_and_says_why() {
    let short = Story::ALL.iter().copied().filter(|story| *story != Story::Growing);
    let walked = walk(&short.collect::<Vec<_>>()).await.unwrap();
    assert!(walked.is_met(), "{walked:?}");
}

#[tokio::test]
async fn who_misses_an_entry_of_a_list_is_told() {
    for vendor in Vendor::ALL {
        let drifted = drift(vendor, 1..=3).await.unwrap();
        assert!(drifted.is_met(vendor), "{vendor:?} {drifted:?}");
    }
}

#[tokio::test]
async fn no_answer_has_a_client_wait_for_longer_than_the_cap_or_by_its_own_clock() {
    let asked = ask().await.unwrap();
    assert!(asked.is_met(), "{asked:?}");
    assert!(asked.answers >= 200, "{asked:?}");
}

#[tokio::test]
async fn no_webhook_with_a_changed_bit_is_taken() {
    let forged = forge().await.unwrap();
    assert!(forged.is_met(), "{forged:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_deliveries_at_once_one_is_new() {
    let parallel = deliver(50, 7).await.unwrap();
    assert!(parallel.is_met(50, 7), "{parallel:?}");
}

#[tokio::test]
async fn waiters_who_are_dropped_take_no_permit_with_them() {
    for processes in [1, 4] {
        let drops = Drops { lasts: MINUTE * 10, processes, waiting: 60, seed: 3 };
        let dropped = drops.run().await.unwrap();
        assert!(drops.is_met(&dropped), "{dropped:?}");
    }
}

#[tokio::test]
async fn a_noisy_tenant_costs_no_call_of_another_one_more_than_a_slot() {
    let hall = Hall { tenants: 100, rounds: 2, times: 100, slots: 16, seed: 5 };
    let heard = hall.run().await.unwrap();
    assert!(hall.is_met(&heard), "{heard:?}");
}

#[tokio::test]
async fn an_outage_costs_at_most_a_fifth_more_sends() {
    let every = Duration::from_secs(10);
    let outage = Outage { door: Door::Dead, tenants: 100, lasts: MINUTE, every, seed: 4 };
    let borne = outage.run().await.unwrap();
    assert!(outage.is_met(&borne), "{borne:?}");
}

#[tokio::test]
async fn a_429_that_asks_for_a_wait_is_obeyed_five_times_a_call() {
    let every = Duration::from_secs(10);
    let outage = Outage { door: Door::Busy, tenants: 100, lasts: MINUTE, every, seed: 4 };
    let borne = outage.run().await.unwrap();
    assert!(outage.is_met(&borne), "{borne:?}");
}

#[test]
fn who_has_tried_nothing_has_met_nothing() {
    assert!(!crowd(1).is_met(&Kept::default()));
    let day = Day { lasts: Duration::from_secs(60), at_once: 1, seed: 1 };
    assert!(!day.is_met(&Count::default()));
    assert!(!beside(Loss::Never).is_met(&Shared::default()));
    assert!(!Sliced::default().is_met());
    assert!(!Stored::default().is_met());
    assert!(!Again::default().is_met());
    assert!(!slow::are_met(&[], Limits::Short, MINUTE));
    assert!(!Tried::default().is_met());
    assert!(!Asked::default().is_met());
    assert!(!Walked::default().is_met());
    assert!(!Drifted::default().is_met(Vendor::Stora));
    assert!(!Forged::default().is_met());
    assert!(!Parallel::default().is_met(0, 7));
    let drops = Drops { lasts: MINUTE, processes: 1, waiting: 1, seed: 1 };
    assert!(!drops.is_met(&Dropped::default()));
    let hall = Hall { tenants: 1, rounds: 1, times: 1, slots: 1, seed: 1 };
    assert!(!hall.is_met(&Heard::default()));
    let outage = Outage { door: Door::Dead, tenants: 1, lasts: MINUTE, every: MINUTE, seed: 1 };
    assert!(!outage.is_met(&Borne::default()));
}
