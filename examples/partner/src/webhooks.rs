//! What the vendor tells of itself: an endpoint of our own, and what becomes of its events.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use axum::Router;
use axum::extract::{FromRef, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use stora_2025_09::Client;
use stora_2025_09::model::{WebhookApiVersion, WebhookEndpointCreate, WebhookEventType};
use stora_2025_09::runtime::webhooks::{Claimed, HandedOff, Receiver};
use stora_2025_09::webhooks::Event;
use tempfile::NamedTempFile;

use crate::app::{Failure, REFERENCE};
use crate::book::Book;

/// Our reference on the endpoint.
const ENDPOINT: &str = "webhooks";

/// The secret of the endpoint that the vendor posts to, which is made if there is none.
///
/// The vendor shows a secret once. An endpoint whose secret was lost, because a process ended before it was kept, is
/// disabled and another one made.
pub(crate) async fn endpoint(client: &Client, url: &str, folder: &Path) -> Result<String, Failure> {
    let file = folder.join("webhook.secret");
    match fs::read_to_string(&file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        read => return Ok(read?),
    }
    let mut endpoints = client.webhook_endpoints().list().items();
    while let Some(endpoint) = endpoints.next().await {
        let endpoint = endpoint?;
        if endpoint.metadata.get(REFERENCE).is_some_and(|it| it == ENDPOINT) {
            client.webhook_endpoints().disable(endpoint.id).await?;
        }
    }
    let reference = (REFERENCE.to_owned(), ENDPOINT.to_owned());
    let types = [WebhookEventType::ContactCreated];
    let wanted =
        WebhookEndpointCreate::new(WebhookApiVersion::V202509, types, "Example Partner", url)
            .metadata([reference].into());
    let made = client.webhook_endpoints().create(wanted).await?;
    let secret = made.secret.ok_or("the vendor shows no secret")?.expose().to_owned();
    keep(&file, &secret)?;
    Ok(secret)
}

/// For the owner of the file alone: on Unix its mode is 0600 from the beginning.
fn keep(file: &Path, secret: &str) -> io::Result<()> {
    let folder = file.parent().unwrap_or(Path::new("."));
    let mut whole = NamedTempFile::new_in(folder)?;
    whole.write_all(secret.as_bytes())?;
    whole.as_file().sync_all()?;
    whole.persist(file)?;
    Ok(())
}

#[derive(Clone)]
struct Desk {
    receiver: Receiver,
    book: Book,
}

impl FromRef<Desk> for Receiver {
    fn from_ref(desk: &Desk) -> Self {
        desk.receiver.clone()
    }
}

/// The part of the application's web server that the vendor posts to.
pub(crate) fn router(receiver: Receiver, book: Book) -> Router {
    Router::new().route("/webhooks", post(on_event)).with_state(Desk { receiver, book })
}

/// An event that is the vendor's, and that nobody has handled. Whatever fails here is answered so that it comes again.
async fn on_event(State(desk): State<Desk>, claimed: Claimed) -> Result<HandedOff, Unhandled> {
    let event: Event = claimed.event()?;
    // Kinds that were not asked for are none of our business, also those that are newer than this program. Nor are contacts
    // of others, which have no reference of ours.
    if let Event::ContactCreated(created) = event
        && let Some(reference) = created.event.data.contact.metadata.get(REFERENCE)
    {
        desk.book.confirm(reference.clone()).await?;
    }
    Ok(claimed.done().await?)
}

/// Says nothing to whoever asks, but that it is to be sent again.
struct Unhandled;

impl<E: Into<Failure>> From<E> for Unhandled {
    fn from(_: E) -> Self {
        Self
    }
}

impl IntoResponse for Unhandled {
    fn into_response(self) -> Response {
        StatusCode::SERVICE_UNAVAILABLE.into_response()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use specwright_testkit::Sandbox;
    use stora_2025_09::model::WebhookEndpointStatus;
    use stora_2025_09::runtime::webhooks::{EventId, MemoryDedupe, Received, Signer, Verifier};
    use stora_2025_09::runtime::{Clock as _, StaticToken, SystemClock};
    use stora_2025_09::webhooks::SCHEME;
    use tempfile::tempdir;

    use super::*;

    const SECRET: &str = "an-invented-secret-of-an-endpoint";
    const URL: &str = "https://partner.example/webhooks";

    fn client(vendor: &Sandbox) -> Client {
        Client::builder("Fake/Tests")
            .base_url(vendor.base_url())
            .credentials(StaticToken::new(vendor.static_token()))
            .build()
            .unwrap()
    }

    #[tokio::test]
    async fn an_endpoint_is_made_once() {
        let (vendor, folder) = (Sandbox::start().await.unwrap(), tempdir().unwrap());
        let first = endpoint(&client(&vendor), URL, folder.path()).await.unwrap();
        let second = endpoint(&client(&vendor), URL, folder.path()).await.unwrap();
        assert!(first == second);
        assert_eq!(vendor.ids("webhook_endpoints").len(), 1);
    }

    #[tokio::test]
    async fn an_endpoint_whose_secret_was_lost_is_disabled_and_another_one_made() {
        let (vendor, folder) = (Sandbox::start().await.unwrap(), tempdir().unwrap());
        let client = client(&vendor);
        endpoint(&client, URL, folder.path()).await.unwrap();
        fs::remove_file(folder.path().join("webhook.secret")).unwrap();
        endpoint(&client, URL, folder.path()).await.unwrap();
        let mut statuses = Vec::new();
        let mut endpoints = client.webhook_endpoints().list().items();
        while let Some(endpoint) = endpoints.next().await {
            statuses.push(endpoint.unwrap().status);
        }
        let enabled = |status: &&WebhookEndpointStatus| **status == WebhookEndpointStatus::Enabled;
        assert_eq!((statuses.len(), statuses.iter().filter(enabled).count()), (2, 1));
    }

    #[tokio::test]
    async fn a_kind_of_event_that_nobody_knows_is_taken_and_changes_nothing() {
        let folder = tempdir().unwrap();
        let (clock, book) = (Arc::new(SystemClock::new()), Book::open(folder.path()).unwrap());
        let verifier = Verifier::new(SCHEME, [SECRET]).unwrap();
        let store = Arc::new(MemoryDedupe::volatile(clock.clone()));
        let receiver = Receiver::new("fake", verifier, store, clock.clone());

        let body = br#"{"event": {"id": "whev_1", "type": "moon.risen", "data": {"moon": {}}}}"#;
        let id = EventId::new("whev_1").unwrap();
        let headers = Signer::new(SCHEME, SECRET).unwrap().sign(&id, clock.now(), body).unwrap();
        let Ok(Received::New(claimed)) = receiver.receive(&headers, body.to_vec()).await else {
            panic!("the event is the vendor's, and new");
        };
        let desk = Desk { receiver, book };
        assert!(on_event(State(desk.clone()), claimed).await.is_ok());
        assert_eq!(desk.book.confirmed().unwrap(), 0);
    }
}
