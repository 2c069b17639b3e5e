//! What those are told who watch.

use std::sync::atomic::Ordering;
use std::time::Duration;

use specwright_refresh::RotationModel;

use crate::fleet::{EXPIRED, Fleet, TOKEN, pair, refusal};

#[tokio::test]
async fn of_two_processes_one_is_told_that_it_renewed_and_the_other_that_it_found_the_pair() {
    let fleet = Fleet::new(RotationModel::Immediate);
    let (one, two) = (fleet.connected().await, fleet.process());
    assert_eq!(two.token().await.unwrap(), "canary-access-0");
    fleet.watched.wishes.lock().unwrap().clear();
    fleet.clock.advance(EXPIRED);
    fleet.transport.push(TOKEN, pair(1).after(Duration::from_secs(2)));
    for process in [one, two] {
        assert_eq!(process.token().await.unwrap(), "canary-access-1");
    }
    let wishes = fleet.watched.wishes.lock().unwrap().clone();
    assert_eq!(wishes, [("renewed", Duration::from_secs(2)), ("found", Duration::ZERO)]);
    assert_eq!(fleet.watched.takeovers.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn a_wish_that_fails_is_told_with_its_reason() {
    let fleet = Fleet::new(RotationModel::Immediate);
    let process = fleet.connected().await;
    fleet.clock.advance(EXPIRED);
    fleet.transport.push(TOKEN, refusal(400, "invalid_grant"));
    process.token().await.unwrap_err();
    let wishes = fleet.watched.wishes.lock().unwrap().clone();
    assert_eq!(wishes, [("reconnect_required", Duration::ZERO)]);
}
