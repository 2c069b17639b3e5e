//! What became of it all, by the vendor's own ledger, and how quick it could have been.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::Duration;

use specwright_testkit::sandbox::{Account, AttemptVerdict, EffectKind, Ledger, Verdict};
use stora_2025_09::runtime::profile::RateWindow;

use crate::app::{Failure, REFERENCE};
use crate::progress::spoken;

/// What no ledger of the vendor's can say.
pub(crate) struct Told {
    /// How many customers there are.
    pub(crate) wanted: usize,
    /// How many of them the application has heard of by webhooks.
    pub(crate) confirmed: usize,
    pub(crate) took: Duration,
}

/// What must be so, and what is.
pub(crate) struct Figures {
    told: Told,
    contacts: Made,
    events: Made,
    webhooks: Webhooks,
    requests: u32,
    /// The most of these within each window, wherever it begins.
    peaks: Vec<(RateWindow, usize)>,
    /// Of these, those that were answered 429.
    refused: usize,
    /// Of these, those that were given the answer that was kept for their key.
    replays: usize,
    least: Duration,
}

/// What was made of one kind.
#[derive(Debug, PartialEq, Eq)]
struct Made {
    /// By different references of the application.
    once: usize,
    /// Beyond that.
    doubles: usize,
}

struct Webhooks {
    /// Deliveries, those of the same event included.
    sent: usize,
    accepted: usize,
}

impl Figures {
    /// Reads the ledger of an import for an operator, who has these windows.
    pub(crate) fn of(
        ledger: &Ledger,
        operator: &Account,
        windows: &[RateWindow],
        told: Told,
    ) -> Self {
        let ours = || ledger.requests.iter().filter(|it| it.account.as_ref() == Some(operator));
        let is_refused =
            |verdict: &Verdict| matches!(verdict, Verdict::Answered { status: 429, .. });
        let is_accepted =
            |verdict| matches!(verdict, AttemptVerdict::Answered { status: 200..=299 });
        let requests = u32::try_from(ours().count()).unwrap_or(u32::MAX);
        let peak = |window: &RateWindow| (*window, ledger.peak(operator, window.period).arrived);
        let metadata = format!("/metadata/{REFERENCE}");
        Self {
            told,
            contacts: Made::of(ledger, "contacts", &metadata),
            events: Made::of(ledger, "timeline_events", "/external/id"),
            webhooks: Webhooks {
                sent: ledger.attempts.len(),
                accepted: ledger.attempts.iter().filter(|it| is_accepted(it.verdict)).count(),
            },
            requests,
            peaks: windows.iter().map(peak).collect(),
            refused: ours().filter(|it| is_refused(&it.verdict)).count(),
            replays: ours().filter(|it| it.replay_of.is_some()).count(),
            least: least(windows, requests),
        }
    }

    /// An error if something is missing, doubled, refused or unheard, or came too soon.
    pub(crate) fn judge(&self) -> Result<(), Failure> {
        let all = Made { once: self.told.wanted, doubles: 0 };
        let is_kept = |(window, peak): &(RateWindow, usize)| {
            usize::try_from(window.requests).is_ok_and(|most| *peak <= most)
        };
        let is_right = self.contacts == all
            && self.peaks.iter().all(is_kept)
            && self.events == all
            && self.refused == 0
            && self.told.confirmed == self.told.wanted
            && self.webhooks.accepted == self.webhooks.sent;
        if is_right { Ok(()) } else { Err("the ledger is not as it should be".into()) }
    }
}

impl Made {
    /// What was created in a collection. The application's reference stands in each request at this JSON Pointer.
    fn of(ledger: &Ledger, collection: &str, reference: &str) -> Self {
        let bodies: BTreeMap<u64, _> =
            ledger.requests.iter().map(|request| (request.seq, request.body.as_ref())).collect();
        let created: Vec<_> = ledger
            .effects
            .iter()
            .filter(|it| it.kind == EffectKind::Created && it.collection == collection)
            .map(|it| bodies.get(&it.request).copied().flatten()?.pointer(reference)?.as_str())
            .collect();
        let once: BTreeSet<_> = created.iter().flatten().collect();
        Self { once: once.len(), doubles: created.len() - once.len() }
    }
}

/// The least time from the first of so many requests to the last: each comes as early as the windows let it in after those
/// before it.
fn least(windows: &[RateWindow], requests: u32) -> Duration {
    let mut moments: Vec<Duration> = Vec::new();
    for _ in 0..requests {
        let freed = |window: &RateWindow| {
            let before = moments.len().checked_sub(usize::try_from(window.requests).ok()?)?;
            Some(moments.get(before)?.saturating_add(window.period))
        };
        let last = moments.last().copied().unwrap_or_default();
        moments.push(windows.iter().filter_map(freed).fold(last, Duration::max));
    }
    moments.last().copied().unwrap_or_default()
}

impl fmt::Display for Figures {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { told, contacts, events, webhooks, requests, refused, replays, .. } = self;
        write!(to, "   {requests} requests")?;
        for (window, peak) in &self.peaks {
            write!(to, ", at most {peak} in {}", spoken(window.period))?;
        }
        writeln!(to, "; {refused} answered 429, {replays} given a kept answer")?;
        writeln!(to, "   {} timeline events, {} doubles", events.once, events.doubles)?;
        let Webhooks { sent, accepted } = webhooks;
        writeln!(to, "   {sent} webhooks sent, {accepted} accepted, {} new", told.confirmed)?;

        let ratio = told.took.as_secs_f64() / self.least.as_secs_f64().max(f64::EPSILON);
        let (took, least) = (spoken(told.took), spoken(self.least));
        let Made { once, doubles } = contacts;
        write!(
            to,
            "{once} contacts, {doubles} doubles, in {took}: \
             {ratio:.3} of the {least} that the quota needs for {requests} requests",
        )
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::Request;
    use specwright_testkit::sandbox::{Options, Service};

    use super::*;

    /// The figures of a vendor that was sent contacts with these references, each confirmed.
    fn figures(references: &[&str]) -> Figures {
        let vendor = Service::new(Options::new()).unwrap();
        for reference in references {
            let body = format!(
                r#"{{"email": "fake@partner.example", "full_name": "Fake",
                     "metadata": {{"{REFERENCE}": "{reference}"}}}}"#,
            );
            let request = Request::post("/2025-09/contacts")
                .header("authorization", format!("Bearer {}", vendor.static_token()))
                .header("user-agent", "Fake/Tests")
                .header("content-type", "application/json")
                .body(Bytes::from(body));
            vendor.handle(request.unwrap());
        }
        let told = Told { wanted: 2, confirmed: 2, took: Duration::from_secs(1) };
        let mut figures = Figures::of(&vendor.ledger(), &Account::Static, &[], told);
        figures.events = Made { once: 2, doubles: 0 };
        figures
    }

    #[test]
    fn two_contacts_of_which_each_is_there_once_are_right() {
        let figures = figures(&["customer-1", "customer-2"]);
        assert_eq!(figures.contacts, Made { once: 2, doubles: 0 });
        figures.judge().unwrap();
    }

    #[test]
    fn a_contact_that_is_there_twice_is_a_double_and_an_error() {
        let figures = figures(&["customer-1", "customer-2", "customer-1"]);
        assert_eq!(figures.contacts, Made { once: 2, doubles: 1 });
        figures.judge().unwrap_err();
    }

    #[test]
    fn a_contact_that_is_not_there_is_an_error() {
        figures(&["customer-1"]).judge().unwrap_err();
    }

    #[test]
    fn an_event_that_was_not_heard_is_an_error() {
        let mut figures = figures(&["customer-1", "customer-2"]);
        figures.told.confirmed = 1;
        figures.judge().unwrap_err();
    }

    #[test]
    fn the_least_time_is_that_of_both_windows() {
        let window =
            |requests, seconds| RateWindow { requests, period: Duration::from_secs(seconds) };
        let windows = [window(10, 1), window(60, 60)];
        // 60 · ⌊(n−1)/60⌋ + ⌊((n−1) mod 60)/10⌋ seconds.
        for (requests, seconds) in [(1, 0), (10, 0), (11, 1), (60, 5), (61, 60), (600, 545)] {
            assert_eq!(least(&windows, requests), Duration::from_secs(seconds), "{requests}");
        }
    }
}
