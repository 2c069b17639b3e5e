//! What the sandbox's ledger says of the requests of one account.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use specwright_testkit::sandbox::{Account, Ledger, RequestEntry};

/// So many requests in so much time, in whole seconds.
pub type Window = (u32, u64);

/// The windows of Stora, as its document names them.
pub const STORA: [Window; 2] = [(10, 1), (60, 60)];

/// Whose requests are tried: those with the static token.
pub const ACCOUNT: Account = Account::Static;

/// What arrived within a time that begins with the first request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// The most requests in any stretch of each window, refused or not.
    pub peaks: Vec<usize>,
    /// The most of those that were let in.
    pub let_in_peaks: Vec<usize>,
    /// Requests within the time that were let in.
    pub let_in: usize,
    /// Requests of all the time that were answered 429.
    pub refused: usize,
    /// Requests of all the time that were answered neither that nor with a success.
    pub failed: usize,
}

impl Count {
    /// Counts.
    pub fn of(ledger: &Ledger, windows: &[Window], lasts: Duration) -> Self {
        let requests = requests(ledger);
        let start = requests.first().map(|first| first.arrived()).unwrap_or_default();
        let in_time = |entry: &&&RequestEntry| entry.arrived().saturating_sub(start) < lasts;
        let is_success = |status: u16| (200..300).contains(&status);
        let statuses = || requests.iter().filter_map(|entry| entry.status());
        let peaks =
            windows.iter().map(|(_, seconds)| ledger.peak(&ACCOUNT, Duration::from_secs(*seconds)));
        Self {
            peaks: peaks.clone().map(|peak| peak.arrived).collect(),
            let_in_peaks: peaks.map(|peak| peak.let_in).collect(),
            let_in: requests.iter().filter(in_time).filter(|entry| entry.let_in).count(),
            refused: statuses().filter(|status| *status == 429).count(),
            failed: statuses().filter(|status| *status != 429 && !is_success(*status)).count(),
        }
    }

    /// Whether no stretch of a window holds more than it allows.
    pub fn is_within(&self, windows: &[Window]) -> bool {
        are_within(&self.peaks, windows)
    }
}

/// Whether each peak is at most what its window allows.
pub fn are_within(peaks: &[usize], windows: &[Window]) -> bool {
    peaks.len() == windows.len()
        && peaks.iter().zip(windows).all(|(peak, (requests, _))| *peak <= *requests as usize)
}

/// The requests of the account, in the order of arrival.
pub fn requests(ledger: &Ledger) -> Vec<&RequestEntry> {
    ledger.requests.iter().filter(|entry| entry.account.as_ref() == Some(&ACCOUNT)).collect()
}

/// How many requests have acted under each key.
pub fn acting(ledger: &Ledger) -> BTreeMap<String, usize> {
    let mut requests: BTreeMap<&str, BTreeSet<u64>> = BTreeMap::new();
    for effect in &ledger.effects {
        let Some(key) = effect.idempotency_key.as_deref() else { continue };
        requests.entry(key).or_default().insert(effect.request);
    }
    requests.into_iter().map(|(key, requests)| (key.to_owned(), requests.len())).collect()
}

/// The most requests that the windows let through in a time that begins with the first one.
pub fn most(windows: &[Window], lasts: Duration) -> usize {
    let mut sent: Vec<Duration> = Vec::new();
    loop {
        let opens = windows.iter().filter_map(|(requests, seconds)| {
            let earlier = sent.len().checked_sub(*requests as usize)?;
            Some(sent.get(earlier)?.saturating_add(Duration::from_secs(*seconds)))
        });
        let next = opens.max().unwrap_or_default();
        if next >= lasts || windows.is_empty() {
            return sent.len();
        }
        sent.push(next);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_that_windows_let_through_is_so_many_at_each_moment_at_which_they_open() {
        let most = |seconds| most(&STORA, Duration::from_secs(seconds));
        assert_eq!([1, 2, 6, 60, 61, 130, 3_600].map(most), [10, 20, 60, 60, 70, 180, 3_600]);
    }

    #[test]
    fn without_peaks_nothing_is_within_a_window() {
        assert!(!Count::default().is_within(&STORA));
    }
}
