//! The rows of `torture requests`, in the order of the table, each from the file that tries it.

pub mod alone;
pub mod caller;
pub mod clerk;
pub mod day;
pub mod deliveries;
pub mod drift;
pub mod faults;
pub mod foreign;
pub mod hasty;
pub mod hints;
pub mod killed;
pub mod ledger;
pub mod library;
pub mod lossy;
pub mod named;
pub mod noisy;
pub mod outage;
pub mod pages;
pub mod program;
pub mod shapes;
pub mod site;
pub mod slicer;
pub mod slices;
pub mod slow;
pub mod stored;
pub mod tenants;
pub mod waiters;
pub mod walk;
pub mod way;
pub mod windows;

use crate::table::Row;

/// The rows on requests.
pub fn rows() -> Vec<Row> {
    [
        slices::rows(),
        killed::rows(),
        stored::rows(),
        named::rows(),
        faults::rows(),
        hints::rows(),
        outage::rows(),
        windows::rows(),
        day::rows(),
        foreign::rows(),
        waiters::rows(),
        noisy::rows(),
        pages::rows(),
        drift::rows(),
        deliveries::rows(),
        slow::rows(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
