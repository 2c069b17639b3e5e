//! What each answer of the token endpoint means for the grant.

use std::time::Duration;

use specwright_core::transport::{SendErrorKind, Sent};
use specwright_oauth::IssuedToken;
use specwright_refresh::{
    Credentials as _, GrantKey, GrantProblem, GrantStatus, ReconnectReason, RotationModel,
};
use specwright_testkit::Script;

use crate::fleet::{EXPIRED, Fleet, LIFE, Process, TOKEN, field, pair, refusal};

async fn expired() -> (Fleet, Process) {
    let fleet = Fleet::new(RotationModel::Immediate);
    let process = fleet.connected().await;
    fleet.clock.advance(EXPIRED);
    (fleet, process)
}

fn reason(status: &GrantStatus) -> Option<ReconnectReason> {
    match status {
        GrantStatus::ReconnectRequired { reason, .. } => Some(*reason),
        _ => None,
    }
}

#[tokio::test]
async fn the_next_request_shows_the_newest_refresh_token() {
    let (fleet, process) = expired().await;
    fleet.issue(1);
    process.token().await.unwrap();
    fleet.clock.advance(EXPIRED);
    fleet.issue(2);
    process.token().await.unwrap();
    assert_eq!(fleet.sent(), ["canary-refresh-0", "canary-refresh-1"]);
}

#[tokio::test]
async fn a_server_that_sends_no_refresh_token_means_the_old_one() {
    let (fleet, process) = expired().await;
    fleet.transport.push(TOKEN, Script::json(200, r#"{"access_token":"a1","expires_in":7200}"#));
    process.token().await.unwrap();
    fleet.clock.advance(EXPIRED);
    fleet.issue(2);
    process.token().await.unwrap();
    assert_eq!(fleet.sent(), ["canary-refresh-0", "canary-refresh-0"]);
}

#[tokio::test]
async fn a_scope_is_never_sent() {
    let (fleet, process) = expired().await;
    fleet.issue(1);
    process.token().await.unwrap();
    assert_eq!(field(&fleet.posts()[0].body, "scope"), None);
}

#[tokio::test]
async fn a_refused_refresh_token_needs_the_user_and_is_not_shown_again() {
    let (fleet, process) = expired().await;
    fleet.transport.push(TOKEN, refusal(400, "invalid_grant"));
    let problem = process.token().await.unwrap_err();
    assert!(matches!(problem, GrantProblem::ReconnectRequired { .. }), "{problem:?}");
    assert_eq!(reason(&process.status().await), Some(ReconnectReason::Revoked));
    fleet.clock.advance(Duration::from_secs(86_400));
    process.token().await.unwrap_err();
    assert_eq!(fleet.posts().len(), 1);
}

#[tokio::test]
async fn another_process_and_a_later_one_know_that_the_user_is_needed() {
    let (fleet, process) = expired().await;
    fleet.transport.push(TOKEN, refusal(400, "invalid_grant"));
    process.token().await.unwrap_err();
    let later = fleet.process();
    assert!(matches!(later.token().await, Err(GrantProblem::ReconnectRequired { .. })));
    let changes = later.grants.changes(None, 10).await.unwrap();
    let statuses: Vec<_> = changes.iter().map(|change| change.status.as_ref().unwrap()).collect();
    assert_eq!(statuses.len(), 1);
    assert_eq!(reason(statuses[0]), Some(ReconnectReason::Revoked));
    assert_eq!(fleet.posts().len(), 1);
}

#[tokio::test]
async fn a_refused_program_leaves_the_grant_alone_and_is_news_once() {
    for (status, code) in
        [(401, "invalid_client"), (400, "unauthorized_client"), (400, "unsupported_grant_type")]
    {
        let (fleet, process) = expired().await;
        fleet.transport.always(TOKEN, refusal(status, code));
        for _ in 0..5 {
            let problem = process.token().await.unwrap_err();
            assert!(matches!(problem, GrantProblem::ClientRejected { .. }), "{code}: {problem:?}");
            fleet.clock.advance(Duration::from_secs(5));
        }
        assert_eq!(reason(&process.status().await), None, "{code}");
        assert_eq!(fleet.posts().len(), 1, "{code}");
        assert_eq!(fleet.watched.rejections.lock().unwrap().len(), 1, "{code}");
        fleet.clock.advance(Duration::from_secs(60));
        fleet.transport.push(TOKEN, pair(1));
        assert_eq!(process.token().await.unwrap(), "canary-access-1", "{code}");
    }
}

#[tokio::test]
async fn while_a_program_is_refused_one_grant_tries_for_all() {
    let fleet = Fleet::new(RotationModel::Immediate);
    let process = fleet.connected().await;
    let keys = [1, 2, 3, 4, 5].map(|number| GrantKey::new(format!("operator-{number}"), "stora"));
    for key in &keys {
        let token = IssuedToken::new("canary-access-2", LIFE).refresh_token("canary-refresh-2");
        process.grants.adopt(key, token).await.unwrap();
    }
    fleet.clock.advance(EXPIRED);
    fleet.transport.always(TOKEN, refusal(401, "invalid_client").after(Duration::from_secs(5)));
    process.token().await.unwrap_err();
    fleet.clock.advance(Duration::from_secs(60));
    let mut wishes = tokio::task::JoinSet::new();
    for key in keys {
        let credentials = process.grants.credentials(key);
        wishes.spawn(async move { credentials.bearer().await.is_err() });
    }
    assert_eq!(wishes.join_all().await, [true; 5]);
    assert_eq!(fleet.posts().len(), 2);
}

#[tokio::test]
async fn a_server_that_does_nothing_now_is_asked_again_after_the_wait_it_names() {
    let (fleet, process) = expired().await;
    fleet.transport.push(TOKEN, refusal(429, "slow_down").header("retry-after", "30"));
    let problem = process.token().await.unwrap_err();
    assert!(
        matches!(&problem, GrantProblem::Unrenewed { wait } if wait.as_secs() >= 29),
        "{problem:?}"
    );
    fleet.clock.advance(Duration::from_secs(25));
    process.token().await.unwrap_err();
    assert_eq!(fleet.posts().len(), 1);
    fleet.clock.advance(Duration::from_secs(10));
    fleet.issue(1);
    assert_eq!(process.token().await.unwrap(), "canary-access-1");
}

#[tokio::test]
async fn a_wait_that_is_longer_than_anybody_waits_is_ten_minutes() {
    for status in [429, 503] {
        let (fleet, process) = expired().await;
        let year = Script::status(status).header("retry-after", "31536000");
        fleet.transport.push(TOKEN, year);
        process.token().await.unwrap_err();
        fleet.clock.advance(Duration::from_secs(599));
        process.token().await.unwrap_err();
        assert_eq!(fleet.posts().len(), 1, "{status}");
        fleet.clock.advance(Duration::from_secs(2));
        fleet.issue(1);
        assert_eq!(process.token().await.unwrap(), "canary-access-1", "{status}");
    }
}

#[tokio::test]
async fn a_wait_holds_for_every_process() {
    let (fleet, process) = expired().await;
    fleet.transport.push(TOKEN, refusal(429, "slow_down").header("retry-after", "30"));
    process.token().await.unwrap_err();
    fleet.process().token().await.unwrap_err();
    assert_eq!(fleet.posts().len(), 1);
}

#[tokio::test]
async fn two_requests_that_collided_at_the_server_are_tried_again() {
    let (fleet, process) = expired().await;
    fleet.transport.push(TOKEN, refusal(400, "invalid_request"));
    process.token().await.unwrap_err();
    fleet.clock.advance(Duration::from_secs(60));
    fleet.issue(1);
    assert_eq!(process.token().await.unwrap(), "canary-access-1");
}

#[tokio::test]
async fn a_request_that_never_left_is_sent_again_and_a_refusal_after_it_is_final() {
    let (fleet, process) = expired().await;
    fleet.transport.push(TOKEN, Script::failure(Sent::No, SendErrorKind::Connect));
    fleet.transport.push(TOKEN, refusal(400, "invalid_grant"));
    process.token().await.unwrap_err();
    assert_eq!(reason(&process.status().await), Some(ReconnectReason::Revoked));
}

#[tokio::test]
async fn an_outage_costs_few_requests_and_no_grant() {
    let (fleet, process) = expired().await;
    fleet.transport.always(TOKEN, Script::failure(Sent::No, SendErrorKind::Connect));
    for _ in 0..600 {
        process.token().await.unwrap_err();
        fleet.clock.advance(Duration::from_secs(1));
    }
    assert!(fleet.posts().len() < 120, "{}", fleet.posts().len());
    fleet.clock.advance(Duration::from_secs(60));
    fleet.transport.push(TOKEN, pair(1));
    assert_eq!(process.token().await.unwrap(), "canary-access-1");
}

#[tokio::test]
async fn a_valid_token_is_served_through_every_failure() {
    let fleet = Fleet::new(RotationModel::Immediate);
    let process = fleet.connected().await;
    process.token().await.unwrap();
    fleet.clock.advance(Duration::from_secs(7_000));
    for script in [
        Script::failure(Sent::No, SendErrorKind::Connect),
        refusal(429, "slow_down"),
        refusal(500, "server_error"),
        refusal(401, "invalid_client"),
        refusal(400, "invalid_grant"),
    ] {
        fleet.transport.always(TOKEN, script);
        for _ in 0..5 {
            assert_eq!(process.token().await.unwrap(), "canary-access-0");
            fleet.clock.advance(Duration::from_secs(2));
        }
    }
}

#[tokio::test]
async fn an_unexplained_refusal_is_the_programs_if_no_other_grant_is_accepted() {
    let (fleet, process) = expired().await;
    fleet.transport.push(TOKEN, Script::status(401));
    let problem = process.token().await.unwrap_err();
    assert!(matches!(problem, GrantProblem::ClientRejected { .. }), "{problem:?}");
    assert_eq!(reason(&process.status().await), None);
}

/// As [`expired`], and the server has just accepted the program for another grant.
async fn expired_and_accepted() -> (Fleet, Process) {
    let (fleet, process) = expired().await;
    let other = GrantKey::new("operator-2", "stora");
    let token = IssuedToken::new("canary-access-2", LIFE).refresh_token("canary-refresh-2");
    process.grants.adopt(&other, token).await.unwrap();
    fleet.clock.advance(EXPIRED);
    fleet.issue(3);
    process.grants.credentials(other).bearer().await.unwrap();
    (fleet, process)
}

/// Wishes for a token every ten seconds, for so many minutes, and gives what the grant is like then.
async fn wishes(fleet: &Fleet, process: &Process, minutes: u32) -> Option<ReconnectReason> {
    for _ in 0..minutes * 6 {
        process.token().await.unwrap_err();
        fleet.clock.advance(Duration::from_secs(10));
    }
    reason(&process.status().await)
}

#[tokio::test]
async fn an_unexplained_refusal_is_the_grants_if_it_lasts_while_others_are_accepted() {
    for status in [400, 401] {
        let (fleet, process) = expired_and_accepted().await;
        fleet.transport.always(TOKEN, Script::status(status));
        assert_eq!(wishes(&fleet, &process, 4).await, None, "{status}");
        assert_eq!(wishes(&fleet, &process, 4).await, Some(ReconnectReason::Unknown), "{status}");
    }
}

#[tokio::test]
async fn an_outage_with_an_unexplained_refusal_at_its_end_ends_no_grant() {
    for status in [400, 401] {
        let (fleet, process) = expired_and_accepted().await;
        fleet.transport.always(TOKEN, Script::failure(Sent::No, SendErrorKind::Connect));
        wishes(&fleet, &process, 7).await;
        let before = fleet.posts().len();
        fleet.transport.always(TOKEN, Script::status(status));
        assert_eq!(wishes(&fleet, &process, 2).await, None, "{status}");
        assert!(fleet.posts().len() > before, "{status}");
    }
}

#[tokio::test]
async fn what_something_before_the_server_says_ends_no_grant_however_long_it_says_so() {
    for status in [302, 307, 403, 404, 405, 410] {
        let (fleet, process) = expired_and_accepted().await;
        fleet.transport.always(TOKEN, Script::status(status));
        assert_eq!(wishes(&fleet, &process, 14).await, None, "{status}");
        assert!(fleet.posts().len() > 5, "{status}");
        assert_eq!(*fleet.watched.rejections.lock().unwrap(), [], "{status}");
    }
}
