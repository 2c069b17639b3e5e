//! One process.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use specwright_core::clock::Clock as _;
use specwright_core::random::Random as _;
use specwright_limiter::{Lane, Limiter};
use specwright_testkit::SeededRandom;

use crate::fleet::{ACCOUNT, PATIENCE, Site, least};

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test]
async fn three_hundred_requests_take_the_least_time_that_the_windows_allow() {
    let site = Site::new(1);
    let start = site.clock.monotonic();
    let limiter = site.alone();
    for _ in 0..300 {
        site.send(&limiter, Lane::Bulk).await;
    }
    let took = site.since(start);
    assert_eq!(site.arrived(), 300);
    assert!(least(300).as_secs_f64() / took.as_secs_f64() >= 0.95, "{took:?}");
    let [second, minute] = site.densest();
    assert!(second <= 10 && minute <= 60, "{second} a second, {minute} a minute");
}

#[tokio::test]
async fn a_crowd_never_exceeds_a_window_and_uses_it() {
    let site = Site::new(2);
    let limiter = site.alone();
    let start = site.clock.monotonic();
    let calls: Vec<_> = (0..200)
        .map(|_| {
            let (site, limiter) = (site.clone(), Arc::clone(&limiter));
            tokio::spawn(async move { site.send(&limiter, Lane::Interactive).await })
        })
        .collect();
    for call in calls {
        call.await.unwrap();
    }
    let took = site.since(start);
    assert!(least(200).as_secs_f64() / took.as_secs_f64() >= 0.97, "{took:?}");
    let [second, minute] = site.densest();
    assert_eq!((second, minute), (10, 60));
}

#[tokio::test]
async fn who_is_interactive_goes_before_everything_in_bulk() {
    let site = Site::still();
    let limiter = site.alone();
    fill_a_second(&limiter).await;
    let order = Arc::new(Mutex::new(Vec::new()));
    let [bulk, interactive] = [Lane::Bulk, Lane::Interactive];
    let calls = [bulk, bulk, interactive, interactive].map(|lane| {
        let (limiter, order) = (Arc::clone(&limiter), Arc::clone(&order));
        tokio::spawn(async move {
            let permit = limiter.permit(ACCOUNT, lane, PATIENCE).await.unwrap();
            order.lock().unwrap().push(lane);
            permit.send().was_answered();
        })
    });
    everybody_waits().await;
    site.clock.advance(2 * SECOND);
    for call in calls {
        call.await.unwrap();
    }
    assert_eq!(*order.lock().unwrap(), [interactive, interactive, bulk, bulk]);
}

/// Ten requests, each answered at once.
async fn fill_a_second(limiter: &Limiter) {
    for _ in 0..10 {
        limiter.permit(ACCOUNT, Lane::Bulk, Duration::ZERO).await.unwrap().send().was_answered();
    }
}

/// Lets every task that was started come to where it waits.
async fn everybody_waits() {
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn no_permit_leaks_when_half_of_those_who_wait_are_dropped() {
    let site = Site::new(4);
    let limiter = site.alone();
    let random = SeededRandom::new(5);
    let start = site.clock.monotonic();
    let mut calls = Vec::new();
    for number in 0..240 {
        let (site, limiter) = (site.clone(), Arc::clone(&limiter));
        let drop_after = Duration::from_millis(random.up_to(30_000));
        calls.push(tokio::spawn(async move {
            if number % 2 == 0 {
                site.send(&limiter, Lane::Bulk).await;
            } else {
                // Whoever is served before it is dropped sends nothing, so that every permit but the others' comes back.
                let waiting = limiter.permit(ACCOUNT, Lane::Bulk, PATIENCE);
                let end = site.clock.sleep(drop_after);
                tokio::select! { permit = waiting => drop(permit), () = end => {} }
            }
        }));
    }
    for call in calls {
        call.await.unwrap();
    }
    let took = site.since(start);
    assert_eq!(site.arrived(), 120);
    assert!(least(120).as_secs_f64() / took.as_secs_f64() >= 0.97, "{took:?}");
}

#[tokio::test]
async fn who_cannot_be_served_in_time_is_told_at_once() {
    let site = Site::new(6);
    let limiter = site.alone();
    for _ in 0..60 {
        site.send(&limiter, Lane::Bulk).await;
    }
    let before = site.clock.monotonic();
    let exhausted = limiter.permit(ACCOUNT, Lane::Interactive, 5 * SECOND).await.unwrap_err();
    assert_eq!(site.clock.monotonic(), before);
    assert!(exhausted.retry_in() > 40 * SECOND, "{exhausted}");
}

#[tokio::test]
async fn a_permit_for_at_once_is_there_or_not() {
    let site = Site::new(7);
    let limiter = site.alone();
    let mut sendings = Vec::new();
    for _ in 0..10 {
        let permit = limiter.permit(ACCOUNT, Lane::Interactive, Duration::ZERO).await.unwrap();
        sendings.push(permit.send());
    }
    limiter.permit(ACCOUNT, Lane::Interactive, Duration::ZERO).await.unwrap_err();
}

#[tokio::test]
async fn the_257th_who_waits_is_turned_away() {
    let site = Site::still();
    let limiter = site.alone();
    fill_a_second(&limiter).await;
    let waiting = |_| {
        let limiter = Arc::clone(&limiter);
        tokio::spawn(async move { limiter.permit(ACCOUNT, Lane::Bulk, PATIENCE).await.map(drop) })
    };
    let waiting: Vec<_> = (0..256).map(waiting).collect();
    everybody_waits().await;
    limiter.permit(ACCOUNT, Lane::Bulk, PATIENCE).await.unwrap_err();
    site.clock.advance(2 * SECOND);
    for call in waiting {
        call.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn interactive_callers_that_leave_hold_nobody_in_bulk_back() {
    let site = Site::still();
    let limiter = site.alone();
    let mut permits = Vec::new();
    for _ in 0..10 {
        permits.push(limiter.permit(ACCOUNT, Lane::Bulk, Duration::ZERO).await.unwrap());
    }
    let waiting = Arc::clone(&limiter);
    let call = tokio::spawn(async move {
        waiting.permit(ACCOUNT, Lane::Interactive, PATIENCE).await.map(drop)
    });
    everybody_waits().await;
    call.abort();
    call.await.unwrap_err();
    drop(permits);
    drop(limiter.permit(ACCOUNT, Lane::Bulk, Duration::ZERO).await.unwrap());
}

#[tokio::test]
async fn accounts_do_not_wait_for_one_another() {
    let site = Site::new(9);
    let limiter = site.alone();
    for _ in 0..10 {
        limiter.permit("loud", Lane::Bulk, PATIENCE).await.unwrap().send().was_answered();
    }
    limiter.permit("loud", Lane::Bulk, Duration::ZERO).await.unwrap_err();
    drop(limiter.permit("quiet", Lane::Bulk, Duration::ZERO).await.unwrap());
}

#[tokio::test]
async fn a_refusal_holds_everybody_until_its_moment() {
    let site = Site::new(10);
    let limiter = site.alone();
    let sending = limiter.permit(ACCOUNT, Lane::Bulk, PATIENCE).await.unwrap().send();
    sending.was_refused(20 * SECOND, Some(60));
    let before = site.clock.monotonic();
    drop(limiter.permit(ACCOUNT, Lane::Interactive, PATIENCE).await.unwrap());
    assert_eq!(site.since(before), 20 * SECOND);
}

#[tokio::test]
async fn the_usage_tells_what_is_left_and_when_there_is_more() {
    let site = Site::new(11);
    let limiter = site.alone();
    for _ in 0..60 {
        site.send(&limiter, Lane::Bulk).await;
    }
    let [_, minute] = limiter.usage(ACCOUNT)[..] else { unreachable!("there are two windows") };
    assert_eq!((minute.allowed, minute.used), (60, 60));
    assert_eq!(limiter.estimate(ACCOUNT, 1), minute.free_in);
    assert!(minute.free_in > 50 * SECOND, "{minute:?}");
}

#[tokio::test]
async fn a_wait_of_years_holds_the_account_for_an_hour() {
    let site = Site::new(12);
    let limiter = site.alone();
    let sending = limiter.permit(ACCOUNT, Lane::Bulk, PATIENCE).await.unwrap().send();
    sending.was_refused(Duration::from_secs(1_773_129_630), None);
    assert!(limiter.estimate(ACCOUNT, 1) <= 3_600 * SECOND, "{:?}", limiter.estimate(ACCOUNT, 1));
    let before = site.clock.monotonic();
    drop(limiter.permit(ACCOUNT, Lane::Bulk, PATIENCE).await.unwrap());
    assert_eq!(site.since(before), 3_600 * SECOND);
}

#[tokio::test]
async fn requests_that_were_given_up_may_still_arrive_and_exceed_no_window() {
    let site = Site::new(13);
    let limiter = site.alone();
    let mut arrivals = Vec::new();
    for _ in 0..100 {
        arrivals.push(site.send_and_leave(&limiter).await);
    }
    for arrival in arrivals {
        arrival.await.unwrap();
    }
    let [second, minute] = site.densest();
    assert!(second <= 10 && minute <= 60, "{second} a second, {minute} a minute");
}

#[tokio::test]
async fn a_permit_is_good_for_ten_seconds() {
    let site = Site::still();
    let limiter = site.alone();
    let permit = limiter.permit(ACCOUNT, Lane::Bulk, Duration::ZERO).await.unwrap();
    site.clock.advance(10 * SECOND);
    assert!(permit.is_good());
    site.clock.advance(SECOND / 1_000);
    assert!(!permit.is_good());
}
