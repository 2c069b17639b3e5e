//! What every [`DedupeStore`] must do, as cases that any store is held to.
//!
//! Input: a [`Subject`], which opens handles onto one store. Output: a test for each case, so that a failure has a name;
//! [`dedupe_store_cases!`](crate::dedupe_store_cases) makes them.
//!
//! ```no_run
//! mod kept_in_memory {
//!     use std::{sync::Arc, time::Duration};
//!     use specwright_core::transport::{BoxError, BoxFuture};
//!     use specwright_testkit::{VirtualClock, dedupe_store::Subject};
//!     use specwright_webhooks::{DedupeStore, MemoryDedupe};
//!
//!     struct InMemory(VirtualClock, Arc<MemoryDedupe>);
//!
//!     impl InMemory {
//!         fn new() -> Self {
//!             let clock = VirtualClock::new();
//!             Self(clock.clone(), Arc::new(MemoryDedupe::volatile(Arc::new(clock))))
//!         }
//!     }
//!
//!     impl Subject for InMemory {
//!         fn handle(&self) -> BoxFuture<'_, Result<Arc<dyn DedupeStore>, BoxError>> {
//!             Box::pin(async { Ok(Arc::clone(&self.1) as Arc<dyn DedupeStore>) })
//!         }
//!
//!         fn advance(&self, time: Duration) {
//!             self.0.advance(time);
//!         }
//!     }
//!
//!     specwright_testkit::dedupe_store_cases!(InMemory::new());
//! }
//! ```
#![expect(missing_docs, reason = "the name of a case is what the store must do")]
#![expect(
    clippy::missing_panics_doc,
    reason = "a case panics where the store is wrong; that is what it is for"
)]

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use specwright_core::transport::{BoxError, BoxFuture};
use specwright_webhooks::{Claim, DedupeStore, EventId, EventKey, Ticket};

use crate::dropped::poll_once;

/// A store that is tested. At first it is empty.
pub trait Subject: Send + Sync {
    /// Another handle onto the same data, as another process has one. A store that cannot be shared gives the same
    /// handle each time.
    fn handle(&self) -> BoxFuture<'_, Result<Arc<dyn DedupeStore>, BoxError>>;

    /// Lets the time of the store pass.
    fn advance(&self, time: Duration);
}

/// What a case ends with. It panics where the store is wrong, and gives the error where the store gave one.
pub type Outcome = Result<(), BoxError>;

/// A test for each case. The argument makes a [`Subject`](crate::dedupe_store::Subject); it may await.
///
/// Each test runs on a tokio runtime with two threads, so the crate needs `tokio` with `macros` and `rt-multi-thread`.
#[macro_export]
macro_rules! dedupe_store_cases {
    ($subject:expr) => {
        $crate::dedupe_store_tests! { $subject =>
            an_event_that_nobody_claimed_is_new,
            a_claimed_event_is_in_progress,
            a_claim_says_how_long_its_lease_lasts,
            a_claim_lasts_until_just_before_the_end_of_its_lease,
            a_claim_whose_lease_has_ended_is_new,
            claims_of_an_event_have_tickets_of_their_own,
            a_done_event_is_done,
            a_done_event_outlives_its_lease,
            a_done_event_is_forgotten_after_its_time,
            a_done_event_is_done_again_for_longer,
            what_is_done_after_its_lease_is_done,
            what_is_done_while_another_claims_it_is_done,
            what_is_done_without_a_claim_is_done,
            a_released_event_is_new,
            a_ticket_of_an_ended_lease_releases_nothing,
            a_ticket_of_a_done_event_releases_nothing,
            a_ticket_of_another_event_releases_nothing,
            releasing_what_nobody_claimed_changes_nothing,
            events_of_two_sources_differ,
            source_and_event_are_not_joined,
            events_differ_by_case,
            events_like_statements_are_kept,
            a_handle_sees_at_once_what_another_did,
            one_of_seven_deliveries_is_new,
            one_of_two_is_new_in_each_of_a_thousand_races,
            a_claim_that_was_never_polled_does_nothing,
            a_dropped_claim_is_whole_or_not_there,
        }
    };
}

/// A test for each case.
#[doc(hidden)]
#[macro_export]
macro_rules! dedupe_store_tests {
    ($subject:expr => $($case:ident,)+) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() -> $crate::dedupe_store::Outcome {
                $crate::dedupe_store::$case(&$subject).await
            }
        )+
    };
}

/// Long beside the time that a test takes, for stores whose clock does not stand still.
const LEASE: Duration = Duration::from_secs(60 * 60);
const MINUTE: Duration = Duration::from_secs(60);
const KEEP: Duration = Duration::from_secs(7 * 24 * 60 * 60);

pub async fn an_event_that_nobody_claimed_is_new(subject: &dyn Subject) -> Outcome {
    let store = subject.handle().await?;
    new(store.claim(&event("a")?, LEASE).await?)?;
    Ok(())
}

pub async fn a_claimed_event_is_in_progress(subject: &dyn Subject) -> Outcome {
    let store = subject.handle().await?;
    store.claim(&event("a")?, LEASE).await?;
    assert!(is_in_progress(store.claim(&event("a")?, LEASE).await?));
    Ok(())
}

pub async fn a_claim_says_how_long_its_lease_lasts(subject: &dyn Subject) -> Outcome {
    let store = subject.handle().await?;
    store.claim(&event("a")?, LEASE).await?;
    subject.advance(LEASE / 2);
    let claim = store.claim(&event("a")?, LEASE).await?;
    let Claim::InProgress(left) = claim else { return Err(unexpected(claim)) };
    assert!(left.abs_diff(LEASE / 2) < MINUTE, "{left:?}");
    Ok(())
}

pub async fn a_claim_lasts_until_just_before_the_end_of_its_lease(
    subject: &dyn Subject,
) -> Outcome {
    let store = subject.handle().await?;
    store.claim(&event("a")?, LEASE).await?;
    subject.advance(LEASE.saturating_sub(MINUTE));
    assert!(is_in_progress(store.claim(&event("a")?, LEASE).await?));
    Ok(())
}

pub async fn a_claim_whose_lease_has_ended_is_new(subject: &dyn Subject) -> Outcome {
    let store = subject.handle().await?;
    store.claim(&event("a")?, LEASE).await?;
    subject.advance(LEASE);
    new(store.claim(&event("a")?, LEASE).await?)?;
    Ok(())
}

pub async fn claims_of_an_event_have_tickets_of_their_own(subject: &dyn Subject) -> Outcome {
    let store = subject.handle().await?;
    let mut tickets = BTreeSet::new();
    for round in 0..10 {
        let ticket = new(store.claim(&event("a")?, LEASE).await?)?;
        assert!(tickets.insert(ticket), "{ticket:?} again");
        if round % 2 == 0 {
            store.release(&event("a")?, ticket).await?;
        } else {
            subject.advance(LEASE);
        }
    }
    Ok(())
}

pub async fn a_done_event_is_done(subject: &dyn Subject) -> Outcome {
    let store = subject.handle().await?;
    store.claim(&event("a")?, LEASE).await?;
    store.done(&event("a")?, KEEP).await?;
    assert_eq!(store.claim(&event("a")?, LEASE).await?, Claim::Done);
    Ok(())
}

pub async fn a_done_event_outlives_its_lease(subject: &dyn Subject) -> Outcome {
    let store = subject.handle().await?;
    store.claim(&event("a")?, LEASE).await?;
    store.done(&event("a")?, KEEP).await?;
    subject.advance(KEEP.saturating_sub(MINUTE));
    assert_eq!(store.claim(&event("a")?, LEASE).await?, Claim::Done);
    Ok(())
}

pub async fn a_done_event_is_forgotten_after_its_time(subject: &dyn Subject) -> Outcome {
    let store = subject.handle().await?;
    store.claim(&event("a")?, LEASE).await?;
    store.done(&event("a")?, KEEP).await?;
    subject.advance(KEEP);
    new(store.claim(&event("a")?, LEASE).await?)?;
    Ok(())
}

pub async fn a_done_event_is_done_again_for_longer(subject: &dyn Subject) -> Outcome {
    let store = subject.handle().await?;
    store.done(&event("a")?, KEEP).await?;
    subject.advance(KEEP / 2);
    store.done(&event("a")?, KEEP).await?;
    subject.advance(KEEP.saturating_sub(MINUTE));
    assert_eq!(store.claim(&event("a")?, LEASE).await?, Claim::Done);
    Ok(())
}

pub async fn what_is_done_after_its_lease_is_done(subject: &dyn Subject) -> Outcome {
    let store = subject.handle().await?;
    store.claim(&event("a")?, LEASE).await?;
    subject.advance(LEASE);
    store.done(&event("a")?, KEEP).await?;
    assert_eq!(store.claim(&event("a")?, LEASE).await?, Claim::Done);
    Ok(())
}

pub async fn what_is_done_while_another_claims_it_is_done(subject: &dyn Subject) -> Outcome {
    let store = subject.handle().await?;
    store.claim(&event("a")?, LEASE).await?;
    subject.advance(LEASE);
    let second = new(store.claim(&event("a")?, LEASE).await?)?;
    store.done(&event("a")?, KEEP).await?;
    store.release(&event("a")?, second).await?;
    assert_eq!(store.claim(&event("a")?, LEASE).await?, Claim::Done);
    Ok(())
}

pub async fn what_is_done_without_a_claim_is_done(subject: &dyn Subject) -> Outcome {
    let store = subject.handle().await?;
    store.done(&event("a")?, KEEP).await?;
    assert_eq!(store.claim(&event("a")?, LEASE).await?, Claim::Done);
    Ok(())
}

pub async fn a_released_event_is_new(subject: &dyn Subject) -> Outcome {
    let store = subject.handle().await?;
    let ticket = new(store.claim(&event("a")?, LEASE).await?)?;
    store.release(&event("a")?, ticket).await?;
    new(store.claim(&event("a")?, LEASE).await?)?;
    Ok(())
}

pub async fn a_ticket_of_an_ended_lease_releases_nothing(subject: &dyn Subject) -> Outcome {
    let store = subject.handle().await?;
    let first = new(store.claim(&event("a")?, LEASE).await?)?;
    subject.advance(LEASE);
    store.claim(&event("a")?, LEASE).await?;
    store.release(&event("a")?, first).await?;
    assert!(is_in_progress(store.claim(&event("a")?, LEASE).await?));
    Ok(())
}

pub async fn a_ticket_of_a_done_event_releases_nothing(subject: &dyn Subject) -> Outcome {
    let store = subject.handle().await?;
    let ticket = new(store.claim(&event("a")?, LEASE).await?)?;
    store.done(&event("a")?, KEEP).await?;
    store.release(&event("a")?, ticket).await?;
    assert_eq!(store.claim(&event("a")?, LEASE).await?, Claim::Done);
    Ok(())
}

pub async fn a_ticket_of_another_event_releases_nothing(subject: &dyn Subject) -> Outcome {
    let store = subject.handle().await?;
    store.claim(&event("a")?, LEASE).await?;
    let other = new(store.claim(&event("b")?, LEASE).await?)?;
    store.release(&event("b")?, other).await?;
    assert!(is_in_progress(store.claim(&event("a")?, LEASE).await?));
    Ok(())
}

pub async fn releasing_what_nobody_claimed_changes_nothing(subject: &dyn Subject) -> Outcome {
    let store = subject.handle().await?;
    store.release(&event("a")?, Ticket::new(1)).await?;
    new(store.claim(&event("a")?, LEASE).await?)?;
    Ok(())
}

pub async fn events_of_two_sources_differ(subject: &dyn Subject) -> Outcome {
    let store = subject.handle().await?;
    let (one, other) = (key("one", "evt")?, key("other", "evt")?);
    store.claim(&one, LEASE).await?;
    store.done(&one, KEEP).await?;
    new(store.claim(&other, LEASE).await?)?;
    Ok(())
}

pub async fn source_and_event_are_not_joined(subject: &dyn Subject) -> Outcome {
    let store = subject.handle().await?;
    store.claim(&key("a", "b/c")?, LEASE).await?;
    new(store.claim(&key("a/b", "c")?, LEASE).await?)?;
    Ok(())
}

pub async fn events_differ_by_case(subject: &dyn Subject) -> Outcome {
    let store = subject.handle().await?;
    store.claim(&event("evt_A")?, LEASE).await?;
    new(store.claim(&event("evt_a")?, LEASE).await?)?;
    Ok(())
}

pub async fn events_like_statements_are_kept(subject: &dyn Subject) -> Outcome {
    let store = subject.handle().await?;
    for text in ["'", "\"", "%", "a' OR '1'='1", "é", "e\u{301}", "1", "01"] {
        new(store.claim(&event(text)?, LEASE).await?)?;
        assert!(is_in_progress(store.claim(&event(text)?, LEASE).await?), "{text}");
    }
    Ok(())
}

pub async fn a_handle_sees_at_once_what_another_did(subject: &dyn Subject) -> Outcome {
    let (one, other) = (subject.handle().await?, subject.handle().await?);
    let ticket = new(one.claim(&event("a")?, LEASE).await?)?;
    assert!(is_in_progress(other.claim(&event("a")?, LEASE).await?));
    one.release(&event("a")?, ticket).await?;
    new(other.claim(&event("a")?, LEASE).await?)?;
    other.done(&event("a")?, KEEP).await?;
    assert_eq!(one.claim(&event("a")?, LEASE).await?, Claim::Done);
    Ok(())
}

pub async fn one_of_seven_deliveries_is_new(subject: &dyn Subject) -> Outcome {
    assert_eq!(winners(subject, "a", 7).await?, 1);
    Ok(())
}

pub async fn one_of_two_is_new_in_each_of_a_thousand_races(subject: &dyn Subject) -> Outcome {
    for race in 0..1_000 {
        assert_eq!(winners(subject, &format!("evt_{race}"), 2).await?, 1, "race {race}");
    }
    Ok(())
}

pub async fn a_claim_that_was_never_polled_does_nothing(subject: &dyn Subject) -> Outcome {
    let store = subject.handle().await?;
    drop(store.claim(&event("a")?, LEASE));
    new(store.claim(&event("a")?, LEASE).await?)?;
    Ok(())
}

pub async fn a_dropped_claim_is_whole_or_not_there(subject: &dyn Subject) -> Outcome {
    let store = subject.handle().await?;
    for number in 0..100 {
        let event = event(&format!("evt_{number}"))?;
        poll_once(store.claim(&event, LEASE));
        let claim = store.claim(&event, LEASE).await?;
        assert!(claim != Claim::Done, "{number} is done");
        store.done(&event, KEEP).await?;
        assert_eq!(store.claim(&event, LEASE).await?, Claim::Done);
    }
    Ok(())
}

/// How many of so many deliveries at once are new.
async fn winners(subject: &dyn Subject, id: &str, deliveries: usize) -> Result<usize, BoxError> {
    let mut tasks = Vec::new();
    for _ in 0..deliveries {
        let (store, event) = (subject.handle().await?, event(id)?);
        tasks.push(tokio::spawn(async move { store.claim(&event, LEASE).await }));
    }
    let mut winners = 0;
    for task in tasks {
        match task.await?? {
            Claim::New(_) => winners += 1,
            other => assert!(is_in_progress(other), "{other:?}"),
        }
    }
    Ok(winners)
}

fn event(id: &str) -> Result<EventKey, BoxError> {
    key("source", id)
}

fn key(source: &str, id: &str) -> Result<EventKey, BoxError> {
    Ok(EventKey::new(source, EventId::new(id)?))
}

fn new(claim: Claim) -> Result<Ticket, BoxError> {
    match claim {
        Claim::New(ticket) => Ok(ticket),
        other => Err(unexpected(other)),
    }
}

fn is_in_progress(claim: Claim) -> bool {
    matches!(claim, Claim::InProgress(_))
}

fn unexpected(claim: Claim) -> BoxError {
    format!("the store answers {claim:?}").into()
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_case_is_in_the_macro() {
        let file = include_str!("dedupe_store.rs");
        let names: Vec<&str> = file
            .split("\npub async fn ")
            .skip(1)
            .filter_map(|case| case.split('(').next())
            .collect();
        let missing: Vec<&&str> =
            names.iter().filter(|name| !file.contains(&format!("            {name},\n"))).collect();
        assert!(missing.is_empty(), "not in the macro: {missing:?}");
        assert!(names.len() > 20, "only {} cases were found", names.len());
    }
}
