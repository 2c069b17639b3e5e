//! How tokens are renewed.

use std::time::{Duration, SystemTime};

use specwright_client::ClientCredentials;
use specwright_metrics_opentelemetry::GrantMetrics;
use specwright_refresh::{
    GrantKey, GrantProblem, Observer as _, ReconnectReason, WishEnd, WishOutcome,
};
use specwright_testkit::Script;

use crate::readings::Readings;
use crate::shelf::{EMMA, PROFILE, Shelf, TOKEN, emma};

const DURATION: &str = "specwright.auth.refresh.duration";

/// What is measured of a client that asks for a token and gets this answer, after two seconds.
async fn asked(answer: Script) -> Readings {
    let readings = Readings::new();
    let metrics = GrantMetrics::new(&readings.meter(), "shelf");
    let shelf = Shelf::of(&PROFILE, |builder| {
        let credentials = ClientCredentials::new("fake-id", "fake-secret");
        builder.credentials(credentials).observer(metrics)
    });
    shelf.transport.push(TOKEN, answer.after(Duration::from_secs(2)));
    shelf.transport.always(EMMA, Script::status(200));
    // What becomes of the call is told elsewhere.
    drop(shelf.call(emma()).await);
    readings
}

#[tokio::test]
async fn a_token_that_the_server_issues_is_a_renewal_with_its_time() {
    let readings = asked(Script::json(200, r#"{"access_token":"fake","expires_in":7200}"#)).await;
    let wish = readings.only(DURATION);
    assert_eq!((wish.count, wish.sum), (1, 2.0));
    let expected = "specwright.api=shelf specwright.auth.refresh.outcome=renewed";
    assert_eq!(wish.attributes(), expected);
}

#[tokio::test]
async fn a_program_that_is_refused_is_a_failure_and_counted_as_what_it_is() {
    let readings = asked(Script::json(401, r#"{"error":"invalid_client"}"#)).await;
    assert_eq!(
        readings.only(DURATION).attributes(),
        "error.type=client_rejected specwright.api=shelf specwright.auth.refresh.outcome=failed"
    );
    let rejections = readings.only("specwright.auth.client_rejections");
    assert_eq!((rejections.sum, &*rejections.attributes()), (1.0, "specwright.api=shelf"));
}

#[test]
fn a_rotation_that_was_lost_is_told_from_other_reasons() {
    let readings = Readings::new();
    let lost = GrantProblem::ReconnectRequired {
        reason: ReconnectReason::LostRotation,
        since: SystemTime::UNIX_EPOCH,
        refusal: None,
    };
    let end = WishEnd::new(Duration::ZERO, WishOutcome::Failed(&lost));
    GrantMetrics::new(&readings.meter(), "shelf").wished(&GrantKey::new("t", "g"), &end);
    let wish = readings.only(DURATION);
    assert_eq!(wish.attribute("specwright.auth.reconnect.reason"), "lost_rotation");
    assert_eq!(wish.attribute("error.type"), "reconnect_required");
}
