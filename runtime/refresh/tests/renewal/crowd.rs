//! Many callers, in one process and in several: one request.

use std::num::NonZeroU16;
use std::sync::Arc;
use std::time::Duration;

use specwright_core::clock::Clock as _;
use specwright_oauth::IssuedToken;
use specwright_refresh::{Credentials, GrantKey, GrantProblem, Renewal, RotationModel};
use specwright_testkit::Script;

use crate::fleet::{EXPIRED, Fleet, LIFE, Process, TOKEN, key, pair, refusal, shown};

/// A time within the soft window of a token, before its hard end.
const SOON: Duration = Duration::from_secs(7_000);

async fn all(processes: Vec<Arc<Process>>, callers: usize) -> Vec<String> {
    let mut tasks = Vec::new();
    for process in processes {
        for _ in 0..callers {
            let process = Arc::clone(&process);
            tasks.push(tokio::spawn(async move { process.token().await.unwrap() }));
        }
    }
    let mut tokens = Vec::new();
    for task in tasks {
        tokens.push(task.await.unwrap());
    }
    tokens
}

#[tokio::test]
async fn ten_thousand_callers_at_expiry_are_one_request() {
    let fleet = Fleet::new(RotationModel::Immediate);
    let process = Arc::new(fleet.connected().await);
    fleet.clock.advance(EXPIRED);
    fleet.transport.push(TOKEN, pair(1).after(Duration::from_secs(1)));
    let tokens = all(vec![process], 10_000).await;
    assert!(tokens.iter().all(|token| token == "canary-access-1"));
    assert_eq!(fleet.sent(), ["canary-refresh-0"]);
}

#[tokio::test]
async fn four_processes_at_expiry_are_one_request() {
    let fleet = Fleet::new(RotationModel::Immediate);
    fleet.connected().await;
    let processes: Vec<_> = (0..4).map(|_| Arc::new(fleet.process())).collect();
    for number in 1..=5 {
        fleet.clock.advance(EXPIRED);
        fleet.transport.push(TOKEN, pair(number).after(Duration::from_secs(3)));
        let tokens = all(processes.clone(), 50).await;
        let expected = format!("canary-access-{number}");
        assert!(tokens.iter().all(|token| *token == expected), "{number}");
        assert_eq!(fleet.sent().len(), usize::try_from(number).unwrap());
    }
}

#[tokio::test]
async fn who_waits_for_another_process_keeps_no_other_grant_from_the_server() {
    let mut fleet = Fleet::new(RotationModel::Immediate);
    fleet.policy.pace.parallel = NonZeroU16::MIN;
    fleet.policy.pace.spacing = Duration::from_millis(20);
    let (process, faster) = (fleet.connected().await, fleet.process());
    let others = ["1", "2"].map(|number| GrantKey::new("another-operator", number));
    for other in &others {
        let token = IssuedToken::new("canary-access-0", LIFE).refresh_token("canary-refresh-0");
        process.grants.adopt(other, token).await.unwrap();
    }
    let [first, last] = others.map(|other| process.grants.credentials(other));
    fleet.clock.advance(EXPIRED);
    fleet.issue(1);
    first.bearer().await.unwrap();
    // The next turn is a moment later, and by then another process asks.
    tokio::spawn(async move { process.token().await });
    tokio::task::yield_now().await;
    fleet.transport.push(TOKEN, pair(1).after(Duration::from_secs(5)));
    tokio::spawn(async move { faster.token().await });
    while fleet.posts().len() < 2 {
        tokio::task::yield_now().await;
    }
    fleet.issue(1);
    last.bearer().await.unwrap();
    let sent: Vec<_> = fleet.posts().iter().map(|post| post.at).collect();
    assert_eq!(sent[2], sent[0] + 2 * fleet.policy.pace.spacing);
}

#[tokio::test]
async fn an_answer_that_takes_longer_than_the_lease_is_waited_for() {
    // Of these the second waits beyond the end of a lease in any case, and the first does not.
    for rotation in [RotationModel::Immediate, RotationModel::ReuseRevokes] {
        let fleet = Fleet::new(rotation);
        fleet.connected().await;
        let processes: Vec<_> = (0..4).map(|_| Arc::new(fleet.process())).collect();
        fleet.clock.advance(EXPIRED);
        fleet.transport.push(TOKEN, pair(1).after(Duration::from_secs(12)));
        let tokens = all(processes, 10).await;
        assert!(tokens.iter().all(|token| token == "canary-access-1"), "{rotation:?}");
        assert_eq!(fleet.sent(), ["canary-refresh-0"], "{rotation:?}");
    }
}

#[tokio::test]
async fn a_token_that_is_valid_is_served_while_another_process_renews_it() {
    let fleet = Fleet::new(RotationModel::Immediate);
    let (one, two) = (fleet.connected().await, fleet.process());
    assert_eq!(two.token().await.unwrap(), "canary-access-0");
    fleet.clock.advance(SOON);
    fleet.transport.push(TOKEN, pair(1).after(Duration::from_secs(5)));
    assert_eq!(one.token().await.unwrap(), "canary-access-0");
    assert_eq!(two.token().await.unwrap(), "canary-access-0");
    tokio::spawn(specwright_core::clock::Clock::sleep(&fleet.clock, Duration::from_secs(20)))
        .await
        .unwrap();
    assert_eq!(two.token().await.unwrap(), "canary-access-1");
    assert_eq!(fleet.sent(), ["canary-refresh-0"]);
}

#[tokio::test]
async fn a_refused_token_is_replaced_by_the_one_that_another_process_has_got_meanwhile() {
    let fleet = Fleet::new(RotationModel::Immediate);
    let (one, two) = (fleet.connected().await, fleet.process());
    let seen = two.credentials.bearer().await.unwrap().generation();
    fleet.clock.advance(EXPIRED);
    fleet.issue(1);
    one.token().await.unwrap();
    assert_eq!(two.credentials.refuse(seen), Renewal::Possible);
    assert_eq!(two.token().await.unwrap(), "canary-access-1");
    assert_eq!(fleet.sent().len(), 1);
}

#[tokio::test]
async fn a_refused_token_is_replaced_and_one_that_is_refused_again_is_kept() {
    let fleet = Fleet::new(RotationModel::Immediate);
    let process = fleet.connected().await;
    let bearer = process.credentials.bearer().await.unwrap();
    assert_eq!(process.credentials.refuse(bearer.generation()), Renewal::Possible);
    fleet.issue(1);
    assert_eq!(process.token().await.unwrap(), "canary-access-1");
    let fresh = process.credentials.bearer().await.unwrap();
    assert_eq!(process.credentials.refuse(fresh.generation()), Renewal::Possible);
    assert_eq!(process.token().await.unwrap(), "canary-access-1");
    assert_eq!(process.credentials.refuse(fresh.generation()), Renewal::Impossible);
    assert_eq!(fleet.posts().len(), 1);
}

#[tokio::test]
async fn a_token_is_kept_through_refusals_for_as_long_as_the_policy_says() {
    let mut fleet = Fleet::new(RotationModel::Immediate);
    fleet.policy.forced_spacing = Duration::from_secs(300);
    let process = fleet.connected().await;
    let first = process.credentials.bearer().await.unwrap().generation();
    process.credentials.refuse(first);
    fleet.issue(1);
    let fresh = process.credentials.bearer().await.unwrap().generation();
    process.credentials.refuse(fresh);
    process.token().await.unwrap();
    fleet.clock.advance(Duration::from_secs(290));
    assert_eq!(process.credentials.refuse(fresh), Renewal::Impossible);
    fleet.clock.advance(Duration::from_secs(10));
    assert_eq!(process.credentials.refuse(fresh), Renewal::Possible);
}

#[tokio::test]
async fn a_token_that_was_found_in_the_store_is_renewed_although_the_one_before_was_kept() {
    let fleet = Fleet::new(RotationModel::Immediate);
    let (process, other) = (fleet.connected().await, fleet.process());
    let first = process.credentials.bearer().await.unwrap().generation();
    process.credentials.refuse(first);
    fleet.issue(1);
    let fresh = process.credentials.bearer().await.unwrap().generation();
    process.credentials.refuse(fresh);
    process.token().await.unwrap();
    assert_eq!(process.credentials.refuse(fresh), Renewal::Impossible);
    let token = IssuedToken::new("canary-access-9", LIFE).refresh_token("canary-refresh-9");
    other.grants.adopt(&key(), token).await.unwrap();
    let found = process.credentials.newer(fresh).await.unwrap();
    assert_eq!(shown(&found), "canary-access-9");
    assert_eq!(process.credentials.refuse(found.generation()), Renewal::Possible);
}

/// A grant whose token one API refuses, for want of a permission maybe, while the server has no other.
async fn refused_without_another(fleet: &Fleet) -> Process {
    let process = fleet.connected().await;
    let seen = process.credentials.bearer().await.unwrap().generation();
    fleet.transport.always(TOKEN, refusal(503, "temporarily_unavailable"));
    assert_eq!(process.credentials.refuse(seen), Renewal::Possible);
    process
}

#[tokio::test]
async fn a_refused_token_is_served_while_there_is_no_other_but_not_to_whom_it_was_refused() {
    let fleet = Fleet::new(RotationModel::Immediate);
    let process = refused_without_another(&fleet).await;
    for _ in 0..60 {
        let bearer = process.credentials.bearer().await.unwrap();
        assert_eq!(shown(&bearer), "canary-access-0");
        assert_eq!(process.credentials.refuse(bearer.generation()), Renewal::Possible);
        let none = process.credentials.replacement(bearer.generation()).await.unwrap_err();
        assert!(matches!(none.problem(), Some(GrantProblem::Unrenewed { .. })), "{none:?}");
        fleet.clock.sleep(Duration::from_secs(10)).await;
    }
    assert!(fleet.posts().len() < 100, "{}", fleet.posts().len());
}

#[tokio::test]
async fn a_refused_token_is_replaced_as_soon_as_the_server_or_another_process_has_one() {
    for by_another in [false, true] {
        let fleet = Fleet::new(RotationModel::Immediate);
        let process = refused_without_another(&fleet).await;
        process.token().await.unwrap();
        fleet.clock.sleep(Duration::from_secs(120)).await;
        fleet.issue(1);
        if by_another {
            let other = fleet.process();
            let seen = other.credentials.bearer().await.unwrap().generation();
            other.credentials.refuse(seen);
            assert_eq!(other.token().await.unwrap(), "canary-access-1");
        }
        assert_eq!(process.token().await.unwrap(), "canary-access-0");
        fleet.clock.sleep(Duration::from_secs(1)).await;
        assert_eq!(process.token().await.unwrap(), "canary-access-1", "{by_another}");
    }
}

/// A second process in which the renewal ahead of time has begun, while the first one asks for the next pair and waits for
/// this answer. Its token is refused: a server that rotates lets the old token die with it.
async fn refused_while_another_renews(fleet: &Fleet, answer: Script) -> Process {
    let (one, two) = (fleet.connected().await, fleet.process());
    let seen = two.credentials.bearer().await.unwrap().generation();
    one.token().await.unwrap();
    fleet.clock.advance(SOON);
    fleet.transport.push(TOKEN, answer.after(Duration::from_secs(5)));
    one.token().await.unwrap();
    while fleet.posts().is_empty() {
        tokio::task::yield_now().await;
    }
    two.token().await.unwrap();
    assert_eq!(two.credentials.refuse(seen), Renewal::Possible);
    two
}

#[tokio::test]
async fn who_has_no_token_waits_for_another_process_although_a_flight_is_joined_that_would_not() {
    let fleet = Fleet::new(RotationModel::Immediate);
    let process = refused_while_another_renews(&fleet, pair(1)).await;
    assert_eq!(process.token().await.unwrap(), "canary-access-1");
    assert_eq!(fleet.sent(), ["canary-refresh-0"]);
}

#[tokio::test]
async fn who_has_no_token_waits_for_another_process_although_somebody_did_not_a_moment_ago() {
    let fleet = Fleet::new(RotationModel::Immediate);
    let process = refused_while_another_renews(&fleet, pair(1)).await;
    fleet.clock.sleep(Duration::from_millis(100)).await;
    assert_eq!(process.token().await.unwrap(), "canary-access-1");
    assert_eq!(fleet.sent(), ["canary-refresh-0"]);
}

#[tokio::test]
async fn a_token_that_is_refused_in_the_middle_of_a_flight_is_served_while_there_is_no_other() {
    let fleet = Fleet::new(RotationModel::Immediate);
    let unavailable = || refusal(503, "temporarily_unavailable");
    fleet.transport.always(TOKEN, unavailable());
    let process = refused_while_another_renews(&fleet, unavailable()).await;
    assert_eq!(process.token().await.unwrap(), "canary-access-0");
}

#[tokio::test]
async fn a_refused_token_is_not_served_after_its_grant_has_ended() {
    let fleet = Fleet::new(RotationModel::Immediate);
    let process = refused_without_another(&fleet).await;
    process.token().await.unwrap();
    fleet.clock.sleep(Duration::from_secs(120)).await;
    fleet.transport.push(TOKEN, refusal(400, "invalid_grant"));
    assert_eq!(process.token().await.unwrap(), "canary-access-0");
    fleet.clock.sleep(Duration::from_secs(40)).await;
    process.token().await.unwrap();
    fleet.clock.sleep(Duration::from_secs(1)).await;
    let problem = process.token().await.unwrap_err();
    assert!(matches!(problem, GrantProblem::ReconnectRequired { .. }), "{problem:?}");
}

#[tokio::test]
async fn a_late_refusal_of_an_older_generation_changes_nothing() {
    let fleet = Fleet::new(RotationModel::Immediate);
    let process = fleet.connected().await;
    let older = process.credentials.bearer().await.unwrap().generation();
    process.credentials.refuse(older);
    fleet.issue(1);
    assert_eq!(process.token().await.unwrap(), "canary-access-1");
    // A refusal of the token that is held would bring another one by now.
    fleet.clock.advance(Duration::from_secs(120));
    assert_eq!(process.credentials.refuse(older), Renewal::Possible);
    assert_eq!(process.token().await.unwrap(), "canary-access-1");
    assert_eq!(fleet.posts().len(), 1);
}

#[tokio::test]
async fn a_caller_that_goes_away_takes_nothing_along() {
    let fleet = Fleet::new(RotationModel::Immediate);
    let process = Arc::new(fleet.connected().await);
    fleet.clock.advance(EXPIRED);
    fleet.transport.push(TOKEN, pair(1).after(Duration::from_secs(5)));
    let caller = Arc::clone(&process);
    let task = tokio::spawn(async move { caller.token().await });
    while fleet.posts().is_empty() {
        tokio::task::yield_now().await;
    }
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
    assert_eq!(process.token().await.unwrap(), "canary-access-1");
    assert_eq!(fleet.sent(), ["canary-refresh-0"]);
}
