//! Lists by number that change while they are read.

use std::collections::BTreeSet;

use specwright_testkit::Sandbox;
use specwright_testkit::sandbox::{BeyondTheEnd, Churn, Options};
use stora_2025_09::model::SortDirection;
use stora_2025_09::runtime::Drift;

use crate::setup::{client, options, sandbox_with};

const LIMIT: i64 = 5;

/// Contacts that are there when the list is begun: eight pages.
const THERE: usize = 40;

/// Runs of each kind of change.
const SEEDS: u64 = 5;

/// After so many pages nothing changes any more.
const TURNS: u64 = 6;

/// What a walk through a list that changes gave.
struct Walk {
    /// In the order in which they came.
    delivered: Vec<String>,
    /// Those that were there all the time.
    throughout: BTreeSet<String>,
    drift: Drift,
    /// The status of the error that ended it.
    end: Option<u16>,
}

impl Walk {
    fn is_without_repetition(&self) -> bool {
        self.delivered.iter().collect::<BTreeSet<_>>().len() == self.delivered.len()
    }

    /// Those that were there all the time and did not come.
    fn skipped(&self) -> usize {
        self.throughout.iter().filter(|id| !self.delivered.contains(id)).count()
    }
}

/// Reads all contacts of this sandbox in this order, the newest or the oldest first, while they change so.
async fn walked(options: Options, direction: SortDirection, churn: Option<Churn>) -> Walk {
    let sandbox = sandbox_with(options.with_seeds("contacts", THERE)).await;
    let ids = |sandbox: &Sandbox| sandbox.ids("contacts").into_iter().collect::<BTreeSet<_>>();
    let before = ids(&sandbox);
    if let Some(churn) = churn {
        assert!(sandbox.set_churn("contacts", churn.with_turns(TURNS)));
    }
    let list = client(&sandbox).contacts().list().limit(LIMIT).sort_direction(direction);
    let mut items = list.items();
    let (mut delivered, mut end) = (Vec::new(), None);
    while let Some(contact) = items.next().await {
        match contact {
            Ok(contact) => delivered.push(contact.id.into_inner()),
            Err(error) => end = error.status(),
        }
    }
    let throughout = before.intersection(&ids(&sandbox)).cloned().collect();
    Walk { delivered, throughout, drift: items.drift(), end }
}

#[tokio::test]
async fn a_list_that_nobody_changes_is_whole_and_shows_no_drift() {
    for direction in [SortDirection::Desc, SortDirection::Asc] {
        let walk = walked(options(), direction, None).await;
        assert_eq!((walk.delivered.len(), walk.skipped(), walk.end), (THERE, 0, None));
        assert!(!walk.drift.is_noticed() && walk.drift.is_counted(), "{:?}", walk.drift);
    }
}

/// From one entry up to two pages' worth of them come, or go, or both, after each page: no entry comes twice, and whoever
/// misses one is told. How many were missed, and how many came again.
async fn missed_and_repeated(direction: SortDirection, changes: &[(usize, usize)]) -> (usize, u64) {
    let (mut missed, mut repeated) = (0, 0);
    for seed in 1..=SEEDS {
        for (inserted, deleted) in changes {
            let churn = Churn::new(seed, *inserted, *deleted);
            let walk = walked(options(), direction.clone(), Some(churn)).await;
            let what = format!("seed {seed}, +{inserted} -{deleted}: {:?}", walk.drift);
            assert!(walk.is_without_repetition(), "{what}");
            assert!(walk.skipped() == 0 || walk.drift.is_noticed(), "{what}");
            assert_eq!(walk.end, None, "{what}");
            if *deleted == 0 {
                assert_eq!(walk.skipped(), 0, "{what}");
            }
            missed += walk.skipped();
            repeated += walk.drift.repeated();
        }
    }
    (missed, repeated)
}

#[tokio::test]
async fn newest_first_no_entry_comes_twice_and_whoever_misses_one_is_told() {
    const CHANGES: [(usize, usize); 10] =
        [(1, 0), (5, 0), (10, 0), (0, 1), (0, 5), (0, 10), (1, 1), (10, 10), (2, 3), (10, 1)];
    let (missed, repeated) = missed_and_repeated(SortDirection::Desc, &CHANGES).await;
    // Else nothing was tried.
    assert!(missed > 0 && repeated > 0, "{missed} missed, {repeated} repeated");
}

/// Where as many come at the end as go at once, no page shows it, which `Drift` says.
#[tokio::test]
async fn oldest_first_no_entry_comes_twice_and_whoever_misses_one_is_told() {
    const CHANGES: [(usize, usize); 8] =
        [(1, 0), (5, 0), (10, 0), (0, 1), (0, 5), (0, 10), (2, 3), (10, 9)];
    let (missed, repeated) = missed_and_repeated(SortDirection::Asc, &CHANGES).await;
    assert!(missed > 0 && repeated == 0, "{missed} missed, {repeated} repeated");
}

/// Where the server has no empty pages, a list that became shorter ends with its error, and the drift says why.
#[tokio::test]
async fn a_list_that_ends_before_the_page_that_was_named_is_an_error_and_shows_drift() {
    let mut refused = 0;
    for seed in 1..=SEEDS {
        for deleted in [1, 5, 10] {
            let options = options().with_beyond_the_end(BeyondTheEnd::NotFound);
            let churn = Churn::new(seed, 0, deleted);
            let walk = walked(options, SortDirection::Desc, Some(churn)).await;
            let what = format!("seed {seed}, -{deleted}: {:?}", walk.drift);
            assert!(walk.is_without_repetition() && walk.drift.is_noticed(), "{what}");
            assert!([None, Some(404)].contains(&walk.end), "{what}");
            refused += usize::from(walk.end.is_some());
        }
    }
    assert!(refused > 0);
}

#[tokio::test]
async fn pages_hold_no_entry_twice() {
    let churn = Churn::new(7, 3, 0).with_turns(TURNS);
    let options = options().with_seeds("contacts", THERE).with_churn("contacts", churn);
    let sandbox = sandbox_with(options).await;
    let mut pages = client(&sandbox).contacts().list().limit(LIMIT).pages();
    let (mut ids, mut sizes) = (BTreeSet::new(), Vec::new());
    while let Some(page) = pages.next().await {
        let page = page.unwrap();
        sizes.push(page.contacts.len());
        for contact in page.contacts {
            assert!(ids.insert(contact.id.clone()), "{} came twice", contact.id);
        }
    }
    assert_eq!(&sizes[..3], [5, 2, 2]);
    assert_eq!(pages.drift().repeated(), 3 * TURNS);
}
