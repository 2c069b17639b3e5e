//! The grant that a program has of itself (RFC 6749 §4.4): nobody gave it, and nobody can give it again.

use std::time::Duration;

use specwright_core::transport::{SendErrorKind, Sent};
use specwright_oauth::ClientCredentials;
use specwright_refresh::{GrantProblem, GrantSource, GrantStatus, Revocation, RotationModel};
use specwright_testkit::Script;

use crate::fleet::{EXPIRED, Fleet, TOKEN, key, pair, refusal};

fn fleet() -> Fleet {
    let mut fleet = Fleet::new(RotationModel::None);
    let program = ClientCredentials::new("fake-client", "canary-client-secret").scope("a:read");
    fleet.source = GrantSource::Program(program);
    fleet
}

#[tokio::test]
async fn it_is_connected_before_anything_was_asked_for() {
    let status = fleet().process().status().await;
    assert!(matches!(status, GrantStatus::Connected { expires_at: None, .. }), "{status:?}");
}

#[tokio::test]
async fn no_refusal_ends_it() {
    for script in [
        refusal(400, "invalid_scope"),
        refusal(400, "invalid_target"),
        refusal(400, "invalid_grant"),
        Script::status(401),
    ] {
        let fleet = fleet();
        let process = fleet.process();
        fleet.issue(1);
        process.token().await.unwrap();
        fleet.clock.advance(EXPIRED);
        fleet.transport.always(TOKEN, script);
        for _ in 0..60 {
            let problem = process.token().await.unwrap_err();
            assert!(matches!(problem, GrantProblem::ClientRejected { .. }), "{problem:?}");
            fleet.clock.advance(Duration::from_secs(60));
        }
        assert_eq!(fleet.watched.rejections.lock().unwrap().len(), 1);
        fleet.clock.advance(Duration::from_secs(900));
        fleet.transport.push(TOKEN, pair(2));
        assert_eq!(process.token().await.unwrap(), "canary-access-2");
    }
}

#[tokio::test]
async fn it_ends_at_once_if_it_never_had_a_token() {
    let fleet = fleet();
    let process = fleet.process();
    fleet.transport.always(TOKEN, Script::failure(Sent::No, SendErrorKind::Connect));
    process.token().await.unwrap_err();
    let status = process.grants.disconnect(&key()).await.unwrap();
    assert_eq!(status, GrantStatus::Disconnected { revocation: Revocation::Confirmed });
    assert_eq!(process.token().await, Err(GrantProblem::Disconnected));
}
