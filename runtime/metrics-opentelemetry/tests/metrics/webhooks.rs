//! What comes of webhooks.

use std::sync::Arc;

use specwright_client::Clock as _;
use specwright_metrics_opentelemetry::WebhookMetrics;
use specwright_testkit::VirtualClock;
use specwright_webhooks::{EventId, MemoryDedupe, Received, Receiver, Scheme, Signer, Verifier};

use crate::readings::{Readings, Series};

const SCHEME: Scheme = Scheme::timestamped("X-Shelf-Signature", "/event/id");
const SECRET: &str = "fake-secret";
const BODY: &str = r#"{"event":{"id":"canary-event"}}"#;

#[tokio::test]
async fn each_delivery_is_counted_by_what_came_of_it() {
    let (clock, readings) = (VirtualClock::new(), Readings::new());
    let receiver = Receiver::new(
        "shelf",
        Verifier::new(SCHEME, [SECRET]).unwrap(),
        Arc::new(MemoryDedupe::volatile(Arc::new(clock.clone()))),
        Arc::new(clock.clone()),
    )
    .observed_by(WebhookMetrics::new(&readings.meter()));
    let signer = Signer::new(SCHEME, SECRET).unwrap();
    let id = EventId::new("canary-event").unwrap();
    let headers = signer.sign(&id, clock.now(), BODY.as_bytes()).unwrap();
    let Received::New(claimed) = receiver.receive(&headers, BODY).await.unwrap() else {
        panic!("it is new")
    };
    receiver.receive(&headers, BODY).await.unwrap();
    let _ = claimed.done().await.unwrap();
    receiver.receive(&headers, BODY).await.unwrap();
    receiver.receive(&headers, "canary-forged").await.unwrap_err();
    let mut results: Vec<_> =
        readings.series("specwright.webhook.deliveries").iter().map(Series::attributes).collect();
    results.sort_unstable();
    assert_eq!(
        results,
        [
            "error.type=forged specwright.webhook.result=refused specwright.webhook.source=shelf",
            "specwright.webhook.result=done specwright.webhook.source=shelf",
            "specwright.webhook.result=in_progress specwright.webhook.source=shelf",
            "specwright.webhook.result=new specwright.webhook.source=shelf",
        ]
    );
}
