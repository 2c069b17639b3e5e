//! Processes that share rows.

use std::sync::Arc;
use std::time::Duration;

use specwright_core::clock::Clock as _;
use specwright_core::random::Random as _;
use specwright_limiter::{Lane, Limiter, Sending};
use specwright_testkit::SeededRandom;
use tokio::task::JoinHandle;

use crate::fleet::{ACCOUNT, PATIENCE, Site, least};

const SECOND: Duration = Duration::from_secs(1);

/// Each of these processes has so many requests to send.
async fn send_all(site: &Site, processes: &[Arc<Limiter>], each: usize) {
    let mut calls = Vec::new();
    for limiter in processes {
        for _ in 0..each {
            let (site, limiter) = (site.clone(), Arc::clone(limiter));
            calls.push(tokio::spawn(async move { site.send(&limiter, Lane::Bulk).await }));
        }
    }
    for call in calls {
        call.await.unwrap();
    }
}

fn four(site: &Site) -> Vec<Arc<Limiter>> {
    (0..4).map(|_| site.sharing()).collect()
}

#[tokio::test]
async fn four_processes_never_exceed_a_window_and_use_it() {
    let site = Site::new(1);
    let start = site.clock.monotonic();
    send_all(&site, &four(&site), 75).await;
    let took = site.since(start);
    assert_eq!(site.arrived(), 300);
    let [second, minute] = site.densest();
    assert!(second <= 10 && minute <= 60, "{second} a second, {minute} a minute");
    assert!(least(300).as_secs_f64() / took.as_secs_f64() >= 0.97, "{took:?}");
}

#[tokio::test]
async fn a_process_that_begins_finds_what_the_others_have_sent() {
    let site = Site::new(2);
    send_all(&site, &[site.sharing()], 60).await;
    let before = site.clock.monotonic();
    send_all(&site, &[site.sharing()], 1).await;
    assert!(site.since(before) > 50 * SECOND);
}

#[tokio::test]
async fn no_permit_leaks_when_callers_are_dropped_while_the_rows_are_asked() {
    let site = Site::new(3);
    let limiter = site.sharing();
    let random = SeededRandom::new(4);
    for _ in 0..200 {
        let waiting = limiter.permit(ACCOUNT, Lane::Interactive, PATIENCE);
        let end = site.clock.sleep(Duration::from_millis(random.up_to(12)));
        tokio::select! { permit = waiting => drop(permit), () = end => {} }
    }
    site.clock.sleep(SECOND).await;
    let usage = site.sharing();
    drop(usage.permit(ACCOUNT, Lane::Bulk, PATIENCE).await.unwrap());
    assert!(
        usage.usage(ACCOUNT).iter().all(|window| window.used <= 1),
        "{:?}",
        usage.usage(ACCOUNT)
    );
}

#[tokio::test]
async fn without_rows_nobody_sends_for_the_longest_window_and_then_its_part() {
    let site = Site::new(5);
    let processes = four(&site);
    send_all(&site, &processes, 10).await;
    let sent = site.arrived();
    site.rows.lose();
    let lost = site.clock.monotonic();
    let calls: Vec<_> = processes
        .iter()
        .flat_map(|limiter| vec![Arc::clone(limiter); 60])
        .map(|limiter| {
            let site = site.clone();
            tokio::spawn(async move { site.send(&limiter, Lane::Bulk).await })
        })
        .collect();
    site.clock.sleep(59 * SECOND).await;
    assert_eq!(site.arrived(), sent);
    for call in calls {
        call.await.unwrap();
    }
    let took = site.since(lost);
    let [second, minute] = site.densest();
    assert!(second <= 10 && minute <= 60, "{second} a second, {minute} a minute");
    // A window of silence, and four times a part of 15 a minute. What was on its way when the rows were lost counts for
    // half a minute more.
    assert!(took > 60 * SECOND * 4 && took < 60 * SECOND * 4 + 40 * SECOND, "{took:?}");
}

/// Without rows, each process wants to send 40 requests; after 75 s the rows are there again.
async fn lost_and_found(site: &Site) -> Vec<JoinHandle<()>> {
    let processes = four(site);
    send_all(site, &processes, 1).await;
    site.rows.lose();
    let calls = processes
        .iter()
        .flat_map(|limiter| vec![Arc::clone(limiter); 40])
        .map(|limiter| {
            let site = site.clone();
            tokio::spawn(async move { site.send(&limiter, Lane::Bulk).await })
        })
        .collect();
    site.clock.sleep(75 * SECOND).await;
    site.rows.find();
    calls
}

#[tokio::test]
async fn rows_that_come_back_hold_what_was_sent_without_them() {
    let site = Site::new(6);
    for call in lost_and_found(&site).await {
        call.await.unwrap();
    }
    let [second, minute] = site.densest();
    assert!(second <= 10 && minute <= 60, "{second} a second, {minute} a minute");
    let before = site.clock.monotonic();
    send_all(&site, &[site.sharing()], 120).await;
    assert!(site.since(before) < 180 * SECOND);
}

#[tokio::test]
async fn a_process_that_begins_when_rows_come_back_finds_what_was_sent_without_them() {
    let site = Site::new(6);
    let calls = lost_and_found(&site).await;
    // Those who wait look for the rows every second, and write.
    site.clock.sleep(3 * SECOND).await;
    send_all(&site, &[site.sharing()], 60).await;
    for call in calls {
        call.await.unwrap();
    }
    let [second, minute] = site.densest();
    assert!(second <= 10 && minute <= 60, "{second} a second, {minute} a minute");
}

#[tokio::test]
async fn rows_that_never_answer_are_as_good_as_lost_and_nobody_waits_for_longer_than_it_wants() {
    let site = Site::new(7);
    let limiter = site.sharing();
    site.rows.hang();
    let before = site.clock.monotonic();
    limiter.permit(ACCOUNT, Lane::Interactive, 2 * SECOND).await.unwrap_err();
    assert_eq!(site.since(before), 2 * SECOND);
    drop(limiter.permit(ACCOUNT, Lane::Interactive, PATIENCE).await.unwrap());
    let waited = site.since(before);
    assert!(waited > 60 * SECOND && waited < 80 * SECOND, "{waited:?}");
}

#[tokio::test]
async fn what_was_seen_long_ago_turns_nobody_away() {
    let site = Site::new(8);
    let (limiter, other) = (site.sharing(), site.sharing());
    let mut sendings = Vec::new();
    for _ in 0..10 {
        sendings.push(other.permit(ACCOUNT, Lane::Bulk, PATIENCE).await.unwrap().send());
    }
    limiter.permit(ACCOUNT, Lane::Interactive, SECOND / 2).await.unwrap_err();
    sendings.into_iter().for_each(Sending::was_answered);
    site.clock.sleep(2 * SECOND).await;
    drop(limiter.permit(ACCOUNT, Lane::Interactive, SECOND / 2).await.unwrap());
}

#[tokio::test]
async fn more_processes_than_requests_do_not_exceed_a_window_without_rows() {
    let site = Site::new(9);
    let processes: Vec<_> = (0..20).map(|_| site.sharing_with(20)).collect();
    site.rows.lose();
    let calls: Vec<_> = processes
        .iter()
        .map(|limiter| {
            let (site, limiter) = (site.clone(), Arc::clone(limiter));
            tokio::spawn(async move {
                for _ in 0..4 {
                    site.send(&limiter, Lane::Bulk).await;
                }
            })
        })
        .collect();
    for call in calls {
        call.await.unwrap();
    }
    let minute = site.densest()[1];
    assert!(minute <= 60, "{minute} a minute");
}

#[tokio::test]
async fn an_outage_leaves_no_more_behind_than_what_still_fills_a_window() {
    let site = Site::new(10);
    let limiter = site.sharing();
    send_all(&site, &[Arc::clone(&limiter)], 1).await;
    site.rows.lose();
    let asked = site.rows.asked();
    let start = site.clock.monotonic();
    send_all(&site, &[Arc::clone(&limiter)], 60).await;
    // The store is looked for once a second by those who wait, and not for each answer.
    let looks = site.rows.asked() - asked;
    let seconds = usize::try_from(site.since(start).as_secs()).unwrap();
    assert!(looks <= seconds + 10, "{looks} in {seconds} s");
}

#[tokio::test]
async fn a_refusal_holds_this_process_also_without_rows() {
    let site = Site::new(11);
    let limiter = site.sharing();
    site.rows.lose();
    let sending = limiter.permit(ACCOUNT, Lane::Bulk, PATIENCE).await.unwrap().send();
    sending.was_refused(20 * SECOND, Some(60));
    let before = site.clock.monotonic();
    drop(limiter.permit(ACCOUNT, Lane::Bulk, PATIENCE).await.unwrap());
    let waited = site.since(before);
    // The rows are looked for before.
    assert!(waited >= 20 * SECOND && waited < 21 * SECOND, "{waited:?}");
}

#[tokio::test]
async fn a_process_whose_runtime_has_ended_tells_the_others_of_a_refusal_from_the_next_one() {
    let site = Site::new(14);
    let limiter = site.sharing_on_a_runtime_that_ends();
    site.send(&limiter, Lane::Bulk).await;
    let sending = limiter.permit(ACCOUNT, Lane::Bulk, PATIENCE).await.unwrap().send();
    sending.was_refused(20 * SECOND, Some(60));
    site.clock.sleep(SECOND).await;
    let before = site.clock.monotonic();
    drop(site.sharing().permit(ACCOUNT, Lane::Bulk, PATIENCE).await.unwrap());
    assert!(site.since(before) >= 18 * SECOND, "{:?}", site.since(before));
}

#[tokio::test]
async fn rows_that_somebody_removes_open_no_window() {
    for begins_before in [false, true] {
        let site = Site::new(12);
        let processes = four(&site);
        send_all(&site, &processes, 13).await;
        site.rows.empty();
        if begins_before {
            // It has seen nothing of what the others have sent.
            site.send(&site.sharing(), Lane::Bulk).await;
        }
        send_all(&site, &processes, 13).await;
        let [second, minute] = site.densest();
        let most = 60 + usize::from(begins_before);
        assert!(second <= 10 && minute <= most, "{second} a second, {minute} a minute");
    }
}

#[tokio::test]
async fn a_row_that_has_ended_is_not_taken_for_one_that_is_gone() {
    let site = Site::new(13);
    let (one, other) = (site.sharing(), site.sharing());
    let sending = other.permit(ACCOUNT, Lane::Bulk, PATIENCE).await.unwrap().send();
    // This one sees a request that is on its way, and does not hear of its answer.
    site.send(&one, Lane::Bulk).await;
    sending.was_answered();
    site.clock.sleep(75 * SECOND).await;
    let before = site.clock.monotonic();
    drop(one.permit(ACCOUNT, Lane::Bulk, PATIENCE).await.unwrap());
    assert!(site.since(before) < SECOND, "{:?}", site.since(before));
}
