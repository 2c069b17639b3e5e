//! The instrument of webhooks.

use opentelemetry::KeyValue;
use opentelemetry::metrics::{Counter, Meter};
use specwright_webhooks::{ReceiveError, Received, ReceiverObserver};

use crate::attributes;

/// Counts what came of the deliveries to receivers. The crate's documentation lists the instrument.
#[derive(Clone, Debug)]
#[must_use = "`Receiver::observed_by` takes it"]
pub struct WebhookMetrics {
    deliveries: Counter<u64>,
}

impl WebhookMetrics {
    /// Makes the instrument with `meter`.
    pub fn new(meter: &Meter) -> Self {
        let deliveries = meter
            .u64_counter("specwright.webhook.deliveries")
            .with_unit("{delivery}")
            .with_description("Webhooks that came, by what came of them.")
            .build();
        Self { deliveries }
    }
}

impl ReceiverObserver for WebhookMetrics {
    fn received(&self, source: &str, outcome: &Result<Received, ReceiveError>) {
        let (result, reason) = match outcome {
            Ok(Received::New(_)) => ("new", None),
            Ok(Received::InProgress(_)) => ("in_progress", None),
            Ok(Received::Done) => ("done", None),
            Ok(_) => (attributes::OTHER, None),
            Err(ReceiveError::Unverified(error)) => ("refused", Some(error.kind().name())),
            Err(ReceiveError::Unidentified(_)) => ("refused", Some("unidentified")),
            Err(ReceiveError::Store(_)) => ("refused", Some("store")),
            Err(_) => ("refused", Some(attributes::OTHER)),
        };
        let mut attributes = vec![
            KeyValue::new("specwright.webhook.source", source.to_owned()),
            KeyValue::new("specwright.webhook.result", result),
        ];
        attributes.extend(reason.map(attributes::error));
        self.deliveries.add(1, &attributes);
    }
}
