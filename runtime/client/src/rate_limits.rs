//! How the requests of a client keep within the windows of its API.

use std::sync::Arc;
use std::time::Duration;

use specwright_core::clock::Clock;
use specwright_core::random::Random;
use specwright_core::security::{ApiProfile, RateWindow};
use specwright_limiter::{Exhausted, Lane, Limiter, LimiterParts, Permit, Sharing, Usage};
use specwright_store::Rows;

use crate::account::Account;
use crate::clock::TokioSpawn;
use crate::wait::LONGEST_ATTEMPT;

/// How requests keep within the windows of an API: so many in so much time, for each account.
///
/// The default is what the API's document says, for this process alone. An account is a tenant of grants, or for a client with
/// credentials of its own whatever [`Builder::account`](crate::Builder::account) says.
#[derive(Clone, Debug)]
#[must_use]
pub struct RateLimits {
    windows: Option<Vec<RateWindow>>,
    sharing: Sharing,
}

impl RateLimits {
    /// The windows of the document. This process alone sends requests, and all of them through one client and its clones, or
    /// through clients of the same [`ApiGrants`](crate::ApiGrants): a second one counts for itself.
    ///
    /// The record ends with the process. One that is started again within a window knows nothing of what it sent before, so up
    /// to twice a window may arrive. Who restarts often keeps the record in rows, by [`among`](Self::among) one process.
    pub fn documented() -> Self {
        Self { windows: None, sharing: Sharing::Alone }
    }

    /// Other windows than those of the document, such as those of another plan. None at all still stops whoever the server
    /// asked to wait, and everybody else on the same account.
    pub fn windows(self, windows: impl Into<Vec<RateWindow>>) -> Self {
        Self { windows: Some(windows.into()), ..self }
    }

    /// Shares the windows with every process that has the same rows.
    ///
    /// While the rows cannot be reached, each of four processes sends nothing for the longest window and a fourth of
    /// the windows then; [`among`](Self::among) says another number.
    pub fn shared(self, rows: Arc<dyn Rows>) -> Self {
        Self { sharing: Sharing::rows(rows), ..self }
    }

    /// Shares the windows with so many processes at most, which have the same rows.
    pub fn among(self, processes: u32, rows: Arc<dyn Rows>) -> Self {
        Self { sharing: Sharing::Rows { rows, processes }, ..self }
    }
}

impl Default for RateLimits {
    fn default() -> Self {
        Self::documented()
    }
}

/// The windows of one account.
#[derive(Clone, Debug)]
pub(crate) struct Quota {
    limiter: Arc<Limiter>,
    account: Account,
}

impl Quota {
    pub(crate) fn new(
        limits: &RateLimits,
        api: &'static ApiProfile,
        account: Account,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Self {
        let limiter = Limiter::new(LimiterParts {
            windows: limits.windows.clone().unwrap_or_else(|| api.rate_windows.to_vec()),
            sharing: limits.sharing.clone(),
            longest: LONGEST_ATTEMPT,
            clock,
            random,
            spawn: Arc::new(TokioSpawn),
        });
        Self { limiter: Arc::new(limiter), account }
    }

    /// The same windows, for the account of a tenant.
    pub(crate) fn of_tenant(&self, tenant: &str) -> Self {
        Self { account: self.account.of_tenant(tenant), ..self.clone() }
    }

    pub(crate) async fn permit(&self, lane: Lane, patience: Duration) -> Result<Permit, Exhausted> {
        self.limiter.permit(self.account.name(), lane, patience).await
    }

    pub(crate) fn usage(&self) -> Vec<Usage> {
        self.limiter.usage(self.account.name())
    }

    pub(crate) fn estimate(&self, requests: u32) -> Duration {
        self.limiter.estimate(self.account.name(), requests)
    }
}
