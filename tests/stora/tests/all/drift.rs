//! Lists by number that change while they are read.

use std::collections::BTreeSet;

use specwright_testkit::Sandbox;
use specwright_testkit::sandbox::Churn;
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

/// Reads all contacts while they change so.
async fn walked(churn: Option<Churn>) -> Walk {
    let sandbox = sandbox_with(options().with_seeds("contacts", THERE)).await;
    let ids = |sandbox: &Sandbox| sandbox.ids("contacts").into_iter().collect::<BTreeSet<_>>();
    let before = ids(&sandbox);
    if let Some(churn) = churn {
        assert!(sandbox.set_churn("contacts", churn.with_turns(TURNS)));
    }
    let mut items = client(&sandbox).contacts().list().limit(LIMIT).items();
    let mut delivered = Vec::new();
    while let Some(contact) = items.next().await {
        delivered.push(contact.unwrap().id.into_inner());
    }
    let throughout = before.intersection(&ids(&sandbox)).cloned().collect();
    Walk { delivered, throughout, drift: items.drift() }
}

#[tokio::test]
async fn a_list_that_nobody_changes_is_whole_and_shows_no_drift() {
    let walk = walked(None).await;
    assert_eq!((walk.delivered.len(), walk.skipped()), (THERE, 0));
    assert!(!walk.drift.is_noticed() && walk.drift.is_counted(), "{:?}", walk.drift);
}

/// From one entry up to two pages' worth of them come or go after each page.
#[tokio::test]
async fn no_entry_comes_twice_and_whoever_misses_one_is_told() {
    let (mut skipped, mut repeated) = (0, 0);
    for seed in 1..=SEEDS {
        for (inserted, deleted) in
            [(1, 0), (5, 0), (10, 0), (0, 1), (0, 5), (0, 10), (10, 10), (2, 3)]
        {
            let walk = walked(Some(Churn::new(seed, inserted, deleted))).await;
            let what = format!("seed {seed}, +{inserted} or -{deleted}: {:?}", walk.drift);
            assert!(walk.is_without_repetition(), "{what}");
            assert!(walk.drift.is_noticed(), "{what}");
            if deleted == 0 {
                assert_eq!(walk.skipped(), 0, "{what}");
                assert!(walk.drift.repeated() > 0, "{what}");
            }
            skipped += walk.skipped();
            repeated += walk.drift.repeated();
        }
    }
    // Else nothing was tried.
    assert!(skipped > 0 && repeated > 0, "{skipped} skipped, {repeated} repeated");
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
