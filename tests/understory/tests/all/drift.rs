//! Lists by cursor that change while they are read. The sandbox's cursors are the place in the list, which moves.

use std::collections::BTreeSet;

use specwright_testkit::sandbox::Churn;
use understory_v1::runtime::Drift;

use crate::setup::started;

const LIMIT: i32 = 3;

/// Orders beside those of the examples.
const THERE: usize = 20;

/// Runs of each kind of change.
const SEEDS: u64 = 5;

/// After so many pages nothing changes any more.
const TURNS: u64 = 5;

/// The orders that come while they change so, those that were there all the time, and what shows of it.
async fn walked(churn: Churn) -> (Vec<String>, BTreeSet<String>, Drift) {
    let (sandbox, client) = started().await;
    sandbox.seed("orders", THERE);
    let before: BTreeSet<String> = sandbox.ids("orders").into_iter().collect();
    assert!(sandbox.set_churn("orders", churn.with_turns(TURNS)));
    let mut items = client.orders().list().limit(LIMIT).items();
    let mut delivered = Vec::new();
    while let Some(order) = items.next().await {
        delivered.push(order.unwrap().id.into_inner());
    }
    let after: BTreeSet<String> = sandbox.ids("orders").into_iter().collect();
    (delivered, before.intersection(&after).cloned().collect(), items.drift())
}

#[tokio::test]
async fn where_entries_come_each_is_delivered_once_and_what_came_again_shows() {
    for seed in 1..=SEEDS {
        for inserted in [1, 3, 6] {
            let (delivered, throughout, drift) = walked(Churn::new(seed, inserted, 0)).await;
            let ids: BTreeSet<String> = delivered.iter().cloned().collect();
            assert_eq!(ids.len(), delivered.len(), "seed {seed}, +{inserted}");
            assert!(ids.is_superset(&throughout), "seed {seed}, +{inserted}");
            assert!(drift.repeated() > 0 && drift.is_noticed(), "seed {seed}, +{inserted}");
        }
    }
}

/// The pages say nothing of how many entries there are, and the drift says so.
#[tokio::test]
async fn where_entries_go_none_is_delivered_twice_and_what_is_skipped_cannot_show() {
    let mut skipped = 0;
    for seed in 1..=SEEDS {
        for deleted in [1, 3, 6] {
            let (delivered, throughout, drift) = walked(Churn::new(seed, 0, deleted)).await;
            let ids: BTreeSet<String> = delivered.iter().cloned().collect();
            assert_eq!(ids.len(), delivered.len(), "seed {seed}, -{deleted}");
            assert!(!drift.is_counted(), "seed {seed}, -{deleted}");
            skipped += throughout.difference(&ids).count();
        }
    }
    assert!(skipped > 0);
}
