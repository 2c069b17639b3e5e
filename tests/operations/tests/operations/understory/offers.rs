//! The groups of what can be booked: `Experiences`, `Events` and `Event Availabilities`.

use super::ids::{EVENT, EXPERIENCE};
use super::{Account, local};

/// What the vendor's own example asks for.
const LANGUAGES: &str = "en-GB; q=1.0, en-US; q=0.8";

pub(crate) async fn required(account: &Account) {
    let client = &account.client;
    let experiences = client.experiences();
    experiences.list(LANGUAGES).await.unwrap();
    experiences.get_by_id(EXPERIENCE, LANGUAGES).await.unwrap();
    experiences.get_information_requests_for(EXPERIENCE, LANGUAGES).await.unwrap();
    experiences.get_ticket_variants_for(EXPERIENCE, LANGUAGES).await.unwrap();
    client.events().list().await.unwrap();
    client.events().get(EVENT).await.unwrap();
    client.event_availabilities().list(EXPERIENCE).await.unwrap();
    client.event_availabilities().get(EVENT).await.unwrap();
}

pub(crate) async fn all(account: &Account) {
    let client = &account.client;
    let experiences = client.experiences();
    experiences.list(LANGUAGES).cursor("").limit(25).await.unwrap();
    experiences.get_by_id(EXPERIENCE, LANGUAGES).await.unwrap();
    let questions = experiences.get_information_requests_for(EXPERIENCE, LANGUAGES);
    questions.cursor("").limit(25).await.unwrap();
    let variants = experiences.get_ticket_variants_for(EXPERIENCE, LANGUAGES);
    variants.cursor("").limit(25).await.unwrap();
    client
        .events()
        .list()
        .cursor("")
        .limit(25)
        .from(local("2026-06-15T09:00:00"))
        .to(local("2026-06-16T00:00:00.5"))
        .await
        .unwrap();
    client.events().get(EVENT).await.unwrap();
    client
        .event_availabilities()
        .list(EXPERIENCE)
        .cursor("")
        .limit(25)
        .from(local("2026-06-15T09:00:00"))
        .to(local("2026-06-16T00:00:00"))
        .await
        .unwrap();
    client.event_availabilities().get(EVENT).await.unwrap();
}
