//! The answer that ends a call: what comes out of the request loop.

use specwright_core::error::ErrorReport;
use specwright_core::timeline::Timeline;

use crate::attempt::Received;

/// The answer that ends a call.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) received: Received,
    pub(crate) attempts: u32,
    pub(crate) timeline: Timeline,
    pub(crate) verdict: Verdict,
}

impl Finished {
    pub(crate) fn new(received: Received, attempts: u32, verdict: Verdict) -> Self {
        Self { received, attempts, timeline: Timeline::default(), verdict }
    }
}

/// What the answer means.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// The call succeeded.
    Success,
    /// What was to be deleted is gone, and an earlier attempt may have done it. The answer is turned into the 204 that
    /// got lost; the report is for operations that do not know 204.
    Gone(ErrorReport),
    /// The answer is an error.
    Failure(ErrorReport),
}
