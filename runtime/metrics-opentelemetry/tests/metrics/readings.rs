//! What the SDK has gathered, read when a test asks for it.

use std::collections::BTreeMap;
use std::sync::{Arc, Weak};
use std::time::Duration;

use opentelemetry::KeyValue;
use opentelemetry::metrics::{Meter, MeterProvider as _};
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::metrics::data::{
    AggregatedMetrics, MetricData, ResourceMetrics, ScopeMetrics,
};
use opentelemetry_sdk::metrics::reader::MetricReader;
use opentelemetry_sdk::metrics::{
    InstrumentKind, ManualReader, Pipeline, SdkMeterProvider, Temporality,
};

/// A provider of meters, and the reader behind it.
#[derive(Debug)]
pub(crate) struct Readings {
    provider: SdkMeterProvider,
    reader: Shared,
}

/// An instrument with everything that was recorded.
#[derive(Debug)]
pub(crate) struct Reading {
    pub(crate) unit: String,
    pub(crate) description: String,
    /// Those of a histogram.
    pub(crate) boundaries: Vec<f64>,
    pub(crate) series: Vec<Series>,
}

/// What was recorded under one set of attributes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Series {
    pub(crate) attributes: BTreeMap<String, String>,
    /// How many values a histogram has; 1 for what is counted.
    pub(crate) count: u64,
    pub(crate) sum: f64,
}

impl Readings {
    pub(crate) fn new() -> Self {
        let reader = Shared(Arc::default());
        let provider = SdkMeterProvider::builder().with_reader(reader.clone()).build();
        Self { provider, reader }
    }

    pub(crate) fn meter(&self) -> Meter {
        self.provider.meter("test")
    }

    /// Everything so far, by the name of the instrument.
    pub(crate) fn all(&self) -> BTreeMap<String, Reading> {
        let mut gathered = ResourceMetrics::default();
        self.reader.collect(&mut gathered).unwrap();
        let metrics = gathered.scope_metrics().flat_map(ScopeMetrics::metrics);
        metrics
            .map(|metric| {
                let (boundaries, series) = match metric.data() {
                    AggregatedMetrics::F64(data) => read(data, |sum| sum),
                    #[expect(clippy::cast_precision_loss, reason = "tests count little")]
                    AggregatedMetrics::U64(data) => read(data, |sum| sum as f64),
                    #[expect(clippy::cast_precision_loss, reason = "tests count little")]
                    AggregatedMetrics::I64(data) => read(data, |sum| sum as f64),
                };
                let (unit, description) = (metric.unit().into(), metric.description().into());
                (metric.name().to_owned(), Reading { unit, description, boundaries, series })
            })
            .collect()
    }

    /// What was recorded on one instrument.
    #[track_caller]
    pub(crate) fn series(&self, name: &str) -> Vec<Series> {
        self.all().remove(name).unwrap_or_else(|| panic!("nothing on {name}")).series
    }

    /// What was recorded on one instrument, which is under one set of attributes.
    #[track_caller]
    pub(crate) fn only(&self, name: &str) -> Series {
        let series = self.series(name);
        let [only] = &series[..] else { panic!("{name} has {series:#?}") };
        only.clone()
    }
}

impl Series {
    /// Its attributes with their names in order, as text.
    pub(crate) fn attributes(&self) -> String {
        let pairs = self.attributes.iter().map(|(name, value)| format!("{name}={value}"));
        pairs.collect::<Vec<_>>().join(" ")
    }

    /// One attribute.
    #[track_caller]
    pub(crate) fn attribute(&self, name: &str) -> &str {
        self.attributes.get(name).unwrap_or_else(|| panic!("no {name} in {self:?}"))
    }
}

fn read<T: Copy>(data: &MetricData<T>, number: impl Fn(T) -> f64) -> (Vec<f64>, Vec<Series>) {
    match data {
        MetricData::Histogram(histogram) => {
            let boundaries = histogram.data_points().next().unwrap().bounds().collect();
            let series = histogram.data_points().map(|point| Series {
                attributes: named(point.attributes()),
                count: point.count(),
                sum: number(point.sum()),
            });
            (boundaries, series.collect())
        }
        MetricData::Sum(sum) => {
            let series = sum.data_points().map(|point| Series {
                attributes: named(point.attributes()),
                count: 1,
                sum: number(point.value()),
            });
            (Vec::new(), series.collect())
        }
        MetricData::Gauge(_) | MetricData::ExponentialHistogram(_) => panic!("no such instrument"),
    }
}

fn named<'a>(attributes: impl Iterator<Item = &'a KeyValue>) -> BTreeMap<String, String> {
    attributes.map(|pair| (pair.key.to_string(), pair.value.to_string())).collect()
}

/// A reader that the provider and the test have both.
#[derive(Clone, Debug)]
struct Shared(Arc<ManualReader>);

impl MetricReader for Shared {
    fn register_pipeline(&self, pipeline: Weak<Pipeline>) {
        self.0.register_pipeline(pipeline);
    }

    fn collect(&self, into: &mut ResourceMetrics) -> OTelSdkResult {
        self.0.collect(into)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.0.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.0.shutdown_with_timeout(timeout)
    }

    fn temporality(&self, kind: InstrumentKind) -> Temporality {
        self.0.temporality(kind)
    }
}
