//! The rows of `torture requests`, in the order of the table, each from the file that tries it.

pub mod alone;
pub mod caller;
pub mod day;
pub mod ledger;
pub mod windows;

use crate::table::Row;

/// The rows on requests.
pub fn rows() -> Vec<Row> {
    [windows::rows(), day::rows()].into_iter().flatten().collect()
}
