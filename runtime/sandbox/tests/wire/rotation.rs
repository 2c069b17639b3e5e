//! What each model of rotation does with the tokens that a refresh replaces, seen from the wire.

use std::time::Duration;

use specwright_sandbox::{Rotation, Sandbox, TokenEvent};

use crate::client::options;
use crate::connected::{Pair, call, connect, error, refresh, refresh_with, start};

/// Refused as RFC 6749, section 5.2, says.
fn invalid_grant() -> (u16, String) {
    (400, "invalid_grant".to_owned())
}

async fn sandbox(rotation: Rotation) -> Sandbox {
    start(options().with_rotation(rotation)).await
}

/// A connected operator, and the pair after the first refresh.
async fn refreshed(rotation: Rotation) -> (Sandbox, Pair, Pair) {
    let sandbox = sandbox(rotation).await;
    let first = connect(&sandbox).await;
    let second = Pair::of(&refresh(&sandbox, &first.refresh).await);
    (sandbox, first, second)
}

#[tokio::test]
async fn the_new_pair_works_in_every_model() {
    for rotation in Rotation::all() {
        let name = rotation.name();
        let (sandbox, first, second) = refreshed(rotation).await;
        assert_ne!(first.access, second.access, "{name}");
        assert_eq!(call(&sandbox, &second.access).await, 200, "{name}");
    }
}

#[tokio::test]
async fn a_refresh_gives_a_new_refresh_token_in_every_model_but_m6() {
    for rotation in Rotation::all() {
        let (name, stays) = (rotation.name(), rotation == Rotation::Never);
        let (_, first, second) = refreshed(rotation).await;
        assert_ne!(first.refresh, second.refresh, "{name}");
        assert_eq!(second.refresh.is_empty(), stays, "{name}");
    }
}

#[tokio::test]
async fn the_old_access_token_is_dead_at_once_unless_the_model_keeps_it() {
    for rotation in Rotation::all() {
        let name = rotation.name();
        let kept = matches!(rotation, Rotation::OnUse | Rotation::Never);
        let (sandbox, first, _) = refreshed(rotation).await;
        assert_eq!(call(&sandbox, &first.access).await, if kept { 200 } else { 401 }, "{name}");
    }
}

#[tokio::test]
async fn the_old_access_token_is_dead_after_the_first_use_of_the_new_one_in_m2() {
    let (sandbox, first, second) = refreshed(Rotation::OnUse).await;
    assert_eq!(call(&sandbox, &second.access).await, 200);
    assert_eq!(call(&sandbox, &first.access).await, 401);
}

#[tokio::test]
async fn the_old_refresh_token_again_before_the_new_access_token_is_used() {
    for (rotation, works) in [
        (Rotation::AtOnce, false),
        (Rotation::OnUse, true),
        (Rotation::Strict, false),
        (Rotation::Grace(Rotation::GRACE), true),
        (Rotation::LostAnswer(Rotation::LOST_ANSWER), true),
        (Rotation::Never, true),
    ] {
        let name = rotation.name();
        let (sandbox, first, _) = refreshed(rotation).await;
        assert_eq!(refresh(&sandbox, &first.refresh).await.status == 200, works, "{name}");
    }
}

#[tokio::test]
async fn the_old_refresh_token_again_after_the_new_access_token_is_used() {
    for (rotation, works) in [
        (Rotation::AtOnce, false),
        (Rotation::OnUse, false),
        (Rotation::Strict, false),
        (Rotation::Grace(Rotation::GRACE), true),
        (Rotation::LostAnswer(Rotation::LOST_ANSWER), true),
        (Rotation::Never, true),
    ] {
        let name = rotation.name();
        let (sandbox, first, second) = refreshed(rotation).await;
        call(&sandbox, &second.access).await;
        assert_eq!(refresh(&sandbox, &first.refresh).await.status == 200, works, "{name}");
    }
}

#[tokio::test]
async fn a_window_is_over_when_its_time_is() {
    for (rotation, window) in [
        (Rotation::Grace(Rotation::GRACE), Rotation::GRACE),
        (Rotation::LostAnswer(Rotation::LOST_ANSWER), Rotation::LOST_ANSWER),
    ] {
        let name = rotation.name();
        let (sandbox, first, _) = refreshed(rotation).await;
        sandbox.advance(window.checked_sub(Duration::from_secs(1)).unwrap());
        assert_eq!(refresh(&sandbox, &first.refresh).await.status, 200, "{name}");
        // The second trade did not make it longer.
        sandbox.advance(Duration::from_secs(1));
        assert_eq!(error(&refresh(&sandbox, &first.refresh).await), invalid_grant(), "{name}");
    }
}

#[tokio::test]
async fn reuse_ends_the_family_in_m3_and_after_the_window_in_m4_and_in_no_other_model() {
    for rotation in Rotation::all() {
        let name = rotation.name();
        let ends =
            matches!(rotation, Rotation::Strict | Rotation::Grace(_) | Rotation::Replayed(_));
        let (sandbox, first, second) = refreshed(rotation).await;
        assert_eq!(call(&sandbox, &second.access).await, 200, "{name}");
        sandbox.advance(Duration::from_secs(45 * 60));
        refresh(&sandbox, &first.refresh).await;
        assert_eq!(call(&sandbox, &second.access).await, if ends { 401 } else { 200 }, "{name}");
        let reused = |entry: &&specwright_sandbox::TokenEntry| entry.event == TokenEvent::Reused;
        assert_eq!(sandbox.ledger().tokens.iter().filter(reused).count() > 0, ends, "{name}");
    }
}

#[tokio::test]
async fn reuse_in_one_family_leaves_the_others_alone() {
    let (sandbox, first, _) = refreshed(Rotation::Strict).await;
    let other = connect(&sandbox).await;
    assert_eq!(error(&refresh(&sandbox, &first.refresh).await), invalid_grant());
    assert_eq!(call(&sandbox, &other.access).await, 200);
}

#[tokio::test]
async fn two_that_trade_one_token_both_get_a_pair_in_m2() {
    let (sandbox, first, second) = refreshed(Rotation::OnUse).await;
    let third = Pair::of(&refresh(&sandbox, &first.refresh).await);
    for pair in [&second, &third] {
        assert_eq!(call(&sandbox, &pair.access).await, 200);
        assert_eq!(refresh(&sandbox, &pair.refresh).await.status, 200);
    }
}

#[tokio::test]
async fn a_key_gives_the_lost_answer_again_in_r() {
    let sandbox = sandbox(Rotation::Replayed(Box::new(Rotation::Strict))).await;
    let first = connect(&sandbox).await;
    let key = [("Idempotency-Key", "fake-attempt-1")];
    let answer = refresh_with(&sandbox, &first.refresh, &key).await;
    let again = refresh_with(&sandbox, &first.refresh, &key).await;
    assert_eq!(Pair::of(&answer), Pair::of(&again));
    assert_eq!(call(&sandbox, &Pair::of(&again).access).await, 200);
    assert_eq!(sandbox.ledger().replays.len(), 1);
}

#[tokio::test]
async fn another_key_is_another_request_in_r() {
    let sandbox = sandbox(Rotation::Replayed(Box::new(Rotation::Strict))).await;
    let first = connect(&sandbox).await;
    refresh_with(&sandbox, &first.refresh, &[("Idempotency-Key", "fake-attempt-1")]).await;
    let other = [("Idempotency-Key", "fake-attempt-2")];
    assert_eq!(error(&refresh_with(&sandbox, &first.refresh, &other).await), invalid_grant());
}

#[tokio::test]
async fn an_answer_is_kept_for_its_key_for_a_day_in_r() {
    let sandbox = sandbox(Rotation::Replayed(Box::new(Rotation::AtOnce))).await;
    let first = connect(&sandbox).await;
    let key = [("Idempotency-Key", "fake-attempt-1")];
    refresh_with(&sandbox, &first.refresh, &key).await;
    sandbox.advance(Duration::from_secs(24 * 60 * 60));
    assert_eq!(error(&refresh_with(&sandbox, &first.refresh, &key).await), invalid_grant());
}

#[tokio::test]
async fn a_key_means_nothing_in_the_other_models() {
    let sandbox = sandbox(Rotation::AtOnce).await;
    let first = connect(&sandbox).await;
    let key = [("Idempotency-Key", "fake-attempt-1")];
    refresh_with(&sandbox, &first.refresh, &key).await;
    assert_eq!(error(&refresh_with(&sandbox, &first.refresh, &key).await), invalid_grant());
}

#[tokio::test]
async fn the_model_can_be_changed_while_the_server_runs() {
    let (sandbox, first, _) = refreshed(Rotation::AtOnce).await;
    assert_eq!(error(&refresh(&sandbox, &first.refresh).await), invalid_grant());
    sandbox.set_rotation(Rotation::Never);
    let other = connect(&sandbox).await;
    refresh(&sandbox, &other.refresh).await;
    assert_eq!(refresh(&sandbox, &other.refresh).await.status, 200);
}

#[tokio::test]
async fn a_generation_is_counted_in_its_family() {
    let (sandbox, _, second) = refreshed(Rotation::AtOnce).await;
    refresh(&sandbox, &second.refresh).await;
    let ledger = sandbox.ledger();
    let minted = ledger.tokens.iter().filter_map(|entry| match &entry.event {
        TokenEvent::Minted { operator: Some(operator), family, generation, .. } => {
            Some((operator.as_str(), *family, *generation))
        }
        _ => None,
    });
    let expected = |generation| ("operator-1", Some(1), generation);
    assert_eq!(minted.collect::<Vec<_>>(), [1, 1, 2, 2, 3, 3].map(expected));
}

/// Whoever looks a token up must not walk through all of them.
#[tokio::test]
async fn ten_thousand_refreshes_are_counted_one_by_one() {
    let service =
        specwright_sandbox::Service::new(options().with_redirect_uri("https://a.example/"));
    let service = service.unwrap();
    let id = service.client_id();
    let url = format!(
        "/oauth2/authorize?response_type=code&client_id={id}&scope=public.contact%3Aread\
         &redirect_uri=https%3A%2F%2Fa.example%2F"
    );
    let callback = service.approve(&url, "operator-1").unwrap();
    let code = crate::connected::parameter(&callback, "code").unwrap();
    let mut grant = format!(
        "grant_type=authorization_code&code={code}&redirect_uri=https%3A%2F%2Fa.example%2F"
    );
    for _ in 0..=10_000 {
        let form = format!("{grant}&client_id={id}&client_secret={}", service.client_secret());
        let request = http::Request::post("/oauth2/token")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form.into());
        let answer = service.handle(request.unwrap()).into_answer().unwrap();
        let body: serde_json::Value = serde_json::from_slice(answer.body()).unwrap();
        let next = body["refresh_token"].as_str().unwrap_or_else(|| panic!("{body}"));
        grant = format!("grant_type=refresh_token&refresh_token={next}");
    }
    let ledger = service.ledger();
    assert_eq!(ledger.token_posts_for(1).len(), 10_001);
    assert_eq!(ledger.live_tokens("operator-1").len(), 20_002);
}
