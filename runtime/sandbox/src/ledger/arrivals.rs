//! How many requests came in how little time.

use std::time::Duration;

use serde::Serialize;

use super::{Ledger, RequestEntry};
use crate::account::Account;
use crate::clock::Moment;

/// The most requests of an account within any stretch of time of one length.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Peak {
    /// Of all that arrived.
    pub arrived: usize,
    /// Of those that no rate window refused.
    pub let_in: usize,
}

impl Ledger {
    /// The most requests of an account within any stretch of this length, wherever it begins: what a
    /// client must not exceed, whether the windows are fixed or slide.
    ///
    /// It is exact: a request counts at the moment it arrived, to the microsecond of the sandbox clock. One
    /// that arrives a whole `stretch` after another is no longer in one stretch with it. Also counted are
    /// requests whose token had ended, and those that a fault kept from the windows.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), specwright_sandbox::StartError> {
    /// use specwright_sandbox::{Account, Options, Sandbox};
    ///
    /// let sandbox = Sandbox::start(Options::new()).await?;
    /// // … after the program under test has done its work:
    /// let peak = sandbox.ledger().peak(&Account::operator("operator-1"), Duration::from_secs(60));
    /// assert!(peak.arrived <= 60);
    /// # Ok(())
    /// # }
    /// ```
    pub fn peak(&self, account: &Account, stretch: Duration) -> Peak {
        let of_account =
            || self.requests.iter().filter(|entry| entry.account.as_ref() == Some(account));
        let let_in = of_account().filter(|entry| entry.let_in);
        Peak { arrived: most(of_account(), stretch), let_in: most(let_in, stretch) }
    }
}

/// The most of these requests that arrived within one stretch of this length.
fn most<'e>(entries: impl Iterator<Item = &'e RequestEntry>, stretch: Duration) -> usize {
    // In the order of arrival, so each is at or after the one before.
    let moments: Vec<Moment> = entries.map(|entry| entry.arrived).collect();
    let mut rest = moments.as_slice();
    let mut most = 0;
    for (at, moment) in moments.iter().enumerate() {
        let left = rest.partition_point(|earlier| earlier.plus(stretch) <= *moment);
        rest = rest.get(left..).unwrap_or_default();
        let earlier = moments.len() - rest.len();
        most = most.max(at + 1 - earlier);
    }
    most
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, Method};

    use super::*;
    use crate::clock::SandboxClock;
    use crate::ledger::{Arrival, Journal};

    /// A ledger of requests of one account after these waits in microseconds, let in or not.
    fn ledger(requests: &[(u64, bool)]) -> Ledger {
        let (mut journal, clock) = (Journal::new("token"), SandboxClock::fixed_at(600));
        for &(wait, let_in) in requests {
            clock.advance(Duration::from_micros(wait));
            let arrival = Arrival {
                method: &Method::GET,
                path: "/",
                query: "",
                headers: &HeaderMap::new(),
                body: None,
                operation: None,
                account: Some(Account::Static),
                let_in,
            };
            journal.request(clock.now(), &arrival);
        }
        journal.snapshot()
    }

    fn arrived(waits: &[u64], stretch: Duration) -> usize {
        let requests: Vec<(u64, bool)> = waits.iter().map(|wait| (*wait, true)).collect();
        ledger(&requests).peak(&Account::Static, stretch).arrived
    }

    #[test]
    fn a_stretch_begins_anywhere() {
        // 0.9 s, 1.2 s and 1.8 s: two of them are in no second that begins with a whole one.
        assert_eq!(arrived(&[900_000, 300_000, 600_000], Duration::from_secs(1)), 3);
    }

    #[test]
    fn the_end_of_a_stretch_is_no_longer_in_it() {
        assert_eq!(arrived(&[0, 1_000_000], Duration::from_secs(1)), 1);
        assert_eq!(arrived(&[0, 999_999], Duration::from_secs(1)), 2);
    }

    #[test]
    fn the_fullest_stretch_counts_wherever_it_is() {
        assert_eq!(arrived(&[0, 5, 5, 2_000_000, 1, 1, 1, 2_000_000], Duration::from_secs(1)), 4);
    }

    #[test]
    fn who_was_refused_arrived_and_was_not_let_in() {
        let ledger = ledger(&[(0, true), (1, false), (1, true)]);
        let peak = ledger.peak(&Account::Static, Duration::from_secs(1));
        assert_eq!((peak.arrived, peak.let_in), (3, 2));
    }

    #[test]
    fn the_requests_of_others_do_not_count() {
        let peak = ledger(&[(0, true)]).peak(&Account::operator("other"), Duration::from_secs(1));
        assert_eq!(peak, Peak::default());
    }
}
