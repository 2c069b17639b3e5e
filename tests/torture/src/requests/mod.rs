//! The rows of `torture requests`, in the order of the table, each from the file that tries it.

pub mod alone;
pub mod caller;
pub mod clerk;
pub mod day;
pub mod deliveries;
pub mod faults;
pub mod foreign;
pub mod hasty;
pub mod killed;
pub mod ledger;
pub mod lossy;
pub mod outage;
pub mod program;
pub mod shapes;
pub mod site;
pub mod slicer;
pub mod slices;
pub mod slow;
pub mod stored;
pub mod waiters;
pub mod way;
pub mod windows;

use crate::table::Row;

/// The rows on requests.
pub fn rows() -> Vec<Row> {
    [
        slices::rows(),
        killed::rows(),
        stored::rows(),
        faults::rows(),
        outage::rows(),
        windows::rows(),
        day::rows(),
        foreign::rows(),
        waiters::rows(),
        deliveries::rows(),
        slow::rows(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
