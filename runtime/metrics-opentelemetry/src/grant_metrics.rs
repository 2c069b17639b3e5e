//! The instruments of grants.

use opentelemetry::KeyValue;
use opentelemetry::metrics::{Counter, Histogram, Meter};
use specwright_refresh::{GrantKey, GrantProblem, Observer, Refusal, WishEnd, WishOutcome};

use crate::attributes;
use crate::call_metrics::{CALL_BOUNDARIES, durations};

/// Measures how tokens are renewed. The crate's documentation lists the instruments.
#[derive(Clone, Debug)]
#[must_use = "`Builder::observer` takes it"]
pub struct GrantMetrics {
    api: &'static str,
    refresh_duration: Histogram<f64>,
    takeovers: Counter<u64>,
    rejections: Counter<u64>,
}

impl GrantMetrics {
    /// Makes the instruments with `meter`, for the grants of this API: `specwright.api` of each measurement.
    pub fn new(meter: &Meter, api: &'static str) -> Self {
        let counter = |name: &'static str, unit: &'static str, description: &'static str| {
            meter.u64_counter(name).with_unit(unit).with_description(description).build()
        };
        let description = "Duration of wishes for a newer token, with their waits.";
        Self {
            api,
            refresh_duration: durations(meter, "specwright.auth.refresh.duration", description)
                .with_boundaries(CALL_BOUNDARIES.to_vec())
                .build(),
            takeovers: counter(
                "specwright.auth.lease.takeovers",
                "{lease}",
                "Leases that were taken over from processes which did not end them.",
            ),
            rejections: counter(
                "specwright.auth.client_rejections",
                "{rejection}",
                "Times at which the authorization server began to refuse the program itself.",
            ),
        }
    }

    fn api(&self) -> KeyValue {
        KeyValue::new("specwright.api", self.api)
    }
}

/// Of the key nothing is recorded: there are as many as tenants.
impl Observer for GrantMetrics {
    fn wished(&self, _: &GrantKey, end: &WishEnd<'_>) {
        let (outcome, problem) = match end.outcome {
            WishOutcome::Renewed => ("renewed", None),
            WishOutcome::Found => ("found", None),
            WishOutcome::Failed(problem) => ("failed", Some(problem)),
            _ => (attributes::OTHER, None),
        };
        let mut attributes =
            vec![self.api(), KeyValue::new("specwright.auth.refresh.outcome", outcome)];
        attributes.extend(problem.map(|problem| attributes::error(problem.name())));
        if let Some(GrantProblem::ReconnectRequired { reason, .. }) = problem {
            attributes.push(KeyValue::new("specwright.auth.reconnect.reason", reason.name()));
        }
        self.refresh_duration.record(end.took.as_secs_f64(), &attributes);
    }

    fn taken_over(&self, _: &GrantKey) {
        self.takeovers.add(1, &[self.api()]);
    }

    fn client_rejected(&self, _: &Refusal) {
        self.rejections.add(1, &[self.api()]);
    }
}
