//! Resources of the document's examples. The sandbox of the suite has them all.

pub(super) const ADD_ON: &str = "add_example_0001";
pub(super) const EVENT: &str = "evt_example_0001";
pub(super) const EXPERIENCE: &str = "exp_example_0001";
pub(super) const TICKET_VARIANT: &str = "var_example_0001";
