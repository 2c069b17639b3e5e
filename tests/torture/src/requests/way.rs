//! The way to a vendor and back, which takes its time in both directions.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use specwright_testkit::{SandboxTransport, SeededRandom, VirtualClock};
use stora_2025_09::runtime::transport::{
    AttemptLimits, BoxFuture, SendError, SendErrorKind, Sent, Transport, TransportRequest,
    TransportResponse,
};
use stora_2025_09::runtime::{Clock as _, Random as _};

/// How long a request takes to arrive, and its answer to come back, in milliseconds: one of these each.
const MILLIS: [u64; 5] = [5, 20, 50, 120, 300];

/// Sends requests to a vendor in virtual time. None arrives at the moment at which it is sent, and one that was sent before
/// another may arrive after it.
#[derive(Clone)]
pub struct Way {
    vendor: SandboxTransport,
    clock: VirtualClock,
    /// From what the times are drawn.
    random: Arc<SeededRandom>,
}

impl Way {
    /// The way to this vendor, whose time is that of `clock`.
    pub fn new(vendor: SandboxTransport, clock: VirtualClock, seed: u64) -> Self {
        Self { vendor, clock, random: Arc::new(SeededRandom::new(seed)) }
    }

    /// The time of one direction.
    fn draw(&self) -> Duration {
        let last = MILLIS.len() - 1;
        let at = usize::try_from(self.random.up_to(last as u64)).unwrap_or(last);
        Duration::from_millis(MILLIS.get(at).copied().unwrap_or_default())
    }
}

impl Transport for Way {
    fn send(
        &self,
        request: TransportRequest,
        mut limits: AttemptLimits,
    ) -> BoxFuture<'_, Result<TransportResponse, SendError>> {
        let (there, back) = (self.draw(), self.draw());
        limits.timeout = limits.timeout.saturating_sub(there + back);
        let Self { vendor, clock, .. } = self.clone();
        Box::pin(async move {
            // What is on its way arrives, whether or not its sender still waits.
            let journey = tokio::spawn(async move {
                clock.sleep(there).await;
                let answer = vendor.send(request, limits).await;
                clock.sleep(back).await;
                answer
            });
            journey
                .await
                .unwrap_or_else(|_| Err(SendError::new(Sent::Maybe, SendErrorKind::Interrupted)))
        })
    }
}

impl fmt::Debug for Way {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.debug_struct("Way").finish_non_exhaustive()
    }
}
