//! Permits for every account of an API.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use specwright_core::security::RateWindow;

use crate::account::Account;
use crate::alone::Alone;
use crate::exhausted::Exhausted;
use crate::home::Home;
use crate::parts::{LimiterParts, Sharing};
use crate::permit::Permit;
use crate::quota::{Lane, PermitId, Usage};
use crate::shared::Shared;
use crate::wait::permit;

/// Permits for every account of an API: each has the windows to itself.
///
/// An account is whatever the API counts by: for a grant it is the operator, since the API counts all requests of an
/// operator together. Accounts that nothing is known of any more are forgotten.
#[derive(Debug)]
pub struct Limiter {
    parts: LimiterParts,
    windows: Arc<[RateWindow]>,
    accounts: Mutex<Accounts>,
    /// Names this process in the records that it shares.
    holder: u64,
    next: AtomicU64,
}

#[derive(Debug, Default)]
struct Accounts {
    by_key: BTreeMap<String, Arc<Account>>,
    /// How many there may be before the idle ones are looked for.
    sweep_at: usize,
}

/// Fewer accounts than this are never swept.
const FEW: usize = 64;

impl Limiter {
    /// A limiter. Nothing is read yet.
    pub fn new(parts: LimiterParts) -> Self {
        let mut holder = [0; 8];
        parts.random.fill(&mut holder);
        Self {
            windows: parts.windows.clone().into(),
            parts,
            accounts: Mutex::default(),
            holder: u64::from_le_bytes(holder),
            next: AtomicU64::new(0),
        }
    }

    /// A permit to send one request of this account now. Waits for it, at most for `patience`.
    ///
    /// Those who wait are served in their order, the interactive lane first. Take the permit last, when nothing else is
    /// left to wait for.
    ///
    /// # Errors
    ///
    /// If it cannot come in time, which is mostly known at once, or if too many wait already (256, and a fifth more in the interactive lane).
    pub async fn permit(
        &self,
        account: &str,
        lane: Lane,
        patience: Duration,
    ) -> Result<Permit, Exhausted> {
        let id =
            PermitId { holder: self.holder, number: self.next.fetch_add(1, Ordering::Relaxed) };
        let longest = self.parts.longest_from_permit();
        permit(&self.account(account), id, lane, longest, patience).await
    }

    /// How full the windows of an account are, as far as this process knows.
    pub fn usage(&self, account: &str) -> Vec<Usage> {
        self.account(account).home().usage()
    }

    /// How long so many more requests of an account take, if the windows alone decide: as much as of them is ours, and with
    /// the margin for clocks.
    pub fn estimate(&self, account: &str, requests: u32) -> Duration {
        self.account(account).home().estimate(requests)
    }

    fn account(&self, key: &str) -> Arc<Account> {
        let mut accounts = self.accounts();
        if let Some(account) = accounts.by_key.get(key) {
            return Arc::clone(account);
        }
        if accounts.by_key.len() >= accounts.sweep_at {
            accounts
                .by_key
                .retain(|_, account| Arc::strong_count(account) > 1 || !account.is_idle());
            accounts.sweep_at = accounts.by_key.len().saturating_mul(2).max(FEW);
        }
        let account = Arc::new(Account::new(self.home(key), Arc::clone(&self.parts.clock)));
        accounts.by_key.insert(key.to_owned(), Arc::clone(&account));
        account
    }

    fn home(&self, key: &str) -> Home {
        let windows = Arc::clone(&self.windows);
        match &self.parts.sharing {
            Sharing::Alone => Home::Alone(Alone::new(windows, Arc::clone(&self.parts.clock))),
            Sharing::Rows { rows, processes } => Home::Shared(Arc::new(Shared::new(
                key.to_owned(),
                windows,
                Arc::clone(rows),
                *processes,
                &self.parts,
            ))),
        }
    }

    fn accounts(&self) -> MutexGuard<'_, Accounts> {
        // No change of the table can break off half way.
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
