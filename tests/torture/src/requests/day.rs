//! Windows for a day of virtual time.

use std::time::Duration;

use specwright_testkit::sandbox::WindowKind;
use stora_2025_09::runtime::RateLimits;
use tokio::task::JoinSet;

use super::alone::alone;
use super::ledger::{Count, STORA, most};
use super::site::Site;
use crate::setting::Trouble;
use crate::table::{Line, Row};

/// A row for each kind of windows.
pub fn rows() -> Vec<Row> {
    let day = Day { lasts: Duration::from_secs(24 * 3_600), at_once: 16, seed: 61 };
    [(WindowKind::Fixed, "fixed"), (WindowKind::Sliding, "sliding")]
        .map(|(kind, name)| {
            let name = format!("windows for 24 h of virtual time, {name}, memory");
            Row::new(name, move |_| async move {
                let count = alone(move || day.run(kind)).await?;
                let Count { peaks, let_in, refused, failed, .. } = &count;
                Ok(Line {
                    expected: "at most 10 in any 1 s and 60 in any 60 s, at least 0.97 of the quota, 0 × 429"
                        .to_owned(),
                    found: format!(
                        "{peaks:?}, {let_in} of {}, {refused} × 429, {failed} others",
                        day.most()
                    ),
                    met: day.is_met(&count),
                })
            })
        })
        .into()
}

/// One program with more to send than it may, at the end of a way that takes its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day {
    /// How long it is.
    pub lasts: Duration,
    /// Tasks that call.
    pub at_once: u32,
    /// From what the times of the way are drawn.
    pub seed: u64,
}

impl Day {
    /// How many requests the windows let through at best.
    pub fn most(&self) -> usize {
        most(&STORA, self.lasts)
    }

    /// Whether the windows were kept and at least 97 percent of them used, and nobody was refused.
    pub fn is_met(&self, count: &Count) -> bool {
        count.is_within(&STORA)
            && (count.refused, count.failed) == (0, 0)
            && count.let_in * 100 >= self.most() * 97
    }

    /// Plays it. On a thread that has other work the clock would run ahead of it.
    pub async fn run(self, kind: WindowKind) -> Result<Count, Trouble> {
        let site = Site::new(self.seed, kind)?;
        let client = site.client(RateLimits::documented())?;
        let mut calls = JoinSet::new();
        site.keep_calling(&mut calls, &client, self.at_once, self.lasts);
        calls.join_all().await;
        Ok(Count::of(&site.ledger(), &STORA, self.lasts))
    }
}
