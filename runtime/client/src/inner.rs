//! What the calls of a client share.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::HeaderValue;
use specwright_backoff::{Policy, RetryBudget};
use specwright_core::clock::Clock;
use specwright_core::interceptor::Interceptor;
use specwright_core::random::Random;
use specwright_core::security::ApiProfile;
use specwright_core::transport::Transport;
use specwright_limiter::Slots;
use specwright_refresh::Credentials;

use crate::authority::BaseUrl;
use crate::operations::Operations;
use crate::rate_limits::Quota;
use crate::scope_check::ScopeCheck;

/// All that a client has: its clones and their calls share it.
#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) profile: &'static ApiProfile,
    pub(crate) base: BaseUrl,
    pub(crate) user_agent: HeaderValue,
    pub(crate) credentials: Option<Arc<dyn Credentials>>,
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Random>,
    pub(crate) policy: Policy,
    pub(crate) scope_check: ScopeCheck,
    pub(crate) deadline: Duration,
    pub(crate) budget: Mutex<RetryBudget>,
    /// What all clients that stem from one builder may retry together, at the one host that they have.
    pub(crate) host_budget: Arc<Mutex<RetryBudget>>,
    pub(crate) quota: Option<Quota>,
    /// Those of all clients that stem from one builder, as this client's tenant has them.
    pub(crate) slots: Slots,
    pub(crate) operations: Option<Operations>,
    pub(crate) interceptors: Vec<Arc<dyn Interceptor>>,
}

impl Inner {
    /// The same for a tenant, with its credentials, its quota, its slots and its operations.
    pub(crate) fn of_tenant(&self, tenant: &str, credentials: Arc<dyn Credentials>) -> Self {
        Self {
            quota: self.quota.as_ref().map(|quota| quota.of_tenant(tenant)),
            slots: self.slots.of_tenant(tenant),
            operations: self.operations.as_ref().map(|kept| kept.of_tenant(tenant)),
            ..self.with_credentials(credentials)
        }
    }

    /// The same with other credentials, and a budget of its own: what one operator's calls cost says nothing of another's.
    pub(crate) fn with_credentials(&self, credentials: Arc<dyn Credentials>) -> Self {
        Self {
            profile: self.profile,
            base: self.base.clone(),
            user_agent: self.user_agent.clone(),
            credentials: Some(credentials),
            transport: Arc::clone(&self.transport),
            clock: Arc::clone(&self.clock),
            random: Arc::clone(&self.random),
            policy: self.policy,
            scope_check: self.scope_check,
            deadline: self.deadline,
            budget: Mutex::new(RetryBudget::of_tenant()),
            host_budget: Arc::clone(&self.host_budget),
            quota: self.quota.clone(),
            slots: self.slots.clone(),
            operations: self.operations.clone(),
            interceptors: self.interceptors.clone(),
        }
    }

    /// Counts a call, of which retries are a share.
    pub(crate) fn note_call(&self) {
        let now = self.clock.monotonic();
        for budget in [&self.budget, &*self.host_budget] {
            locked(budget).note_call(now);
        }
    }

    /// Whether a retry may be sent, and counts it.
    pub(crate) fn may_retry(&self) -> bool {
        let now = self.clock.monotonic();
        locked(&self.budget).try_spend(&mut locked(&self.host_budget), now)
    }
}

/// Counting cannot fail half-way, so a poisoned budget is still a budget.
fn locked(budget: &Mutex<RetryBudget>) -> MutexGuard<'_, RetryBudget> {
    budget.lock().unwrap_or_else(PoisonError::into_inner)
}
