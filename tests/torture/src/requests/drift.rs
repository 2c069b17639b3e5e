//! Lists that change while they are read.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use specwright_testkit::Sandbox;
use specwright_testkit::sandbox::{Churn, Options};

use super::walk::{LIMIT, Walk};
use crate::codes::Vendor;
use crate::setting::Trouble;
use crate::table::{Line, Row, listed};

/// A row for each vendor.
pub fn rows() -> Vec<Row> {
    Vendor::ALL
        .map(|vendor| {
            let (kind, told) = match vendor {
                Vendor::Stora => ("number", "who was skipped an entry is told of drift"),
                Vendor::Understory => {
                    ("cursor", "who was skipped an entry is told of drift, or that nobody counts")
                }
            };
            let name = format!(
                "up to {} entries come or go between two pages by {kind}, {} lists over HTTP",
                2 * LIMIT,
                SEEDS.count() * Changes::ALL.len()
            );
            Row::new(name, move |_| async move {
                let drifted = drift(vendor, SEEDS).await?;
                Ok(Line {
                    expected: format!("each ends, 0 entries delivered twice, {told}"),
                    found: drifted.told(),
                    met: drifted.is_met(vendor),
                })
            })
        })
        .into()
}

/// From what it is drawn who goes, and when somebody comes.
const SEEDS: RangeInclusive<u64> = 1..=100;

/// Entries when the list is begun: eight pages.
const THERE: usize = 8 * LIMIT as usize;

/// After so many pages nothing changes any more.
const TURNS: usize = 6;

/// How many entries come, or go, between two pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Changes {
    come: usize,
    go: usize,
}

impl Changes {
    /// From one entry to two pages full of them.
    pub const ALL: [Self; 9] = {
        const PAGE: usize = LIMIT as usize;
        [
            Self { come: 1, go: 0 },
            Self { come: PAGE, go: 0 },
            Self { come: 2 * PAGE, go: 0 },
            Self { come: 0, go: 1 },
            Self { come: 0, go: PAGE },
            Self { come: 0, go: 2 * PAGE },
            Self { come: 1, go: 1 },
            Self { come: PAGE, go: 2 },
            Self { come: 2 * PAGE, go: 2 * PAGE },
        ]
    };
}

impl Changes {
    /// How many pages hold all entries that there ever are, and the one after them, which may be asked for when others went.
    fn most_pages(self) -> usize {
        let entries = self.come.saturating_mul(TURNS).saturating_add(THERE);
        entries.div_ceil(LIMIT as usize).saturating_add(1)
    }
}

/// What came of the walks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Drifted {
    /// Lists that were read.
    pub lists: usize,
    /// Those that showed drift.
    pub noticed: usize,
    /// Those that skipped an entry which stood there all the time.
    pub skipped: usize,
    /// Those of them that showed none, where nobody counts the entries.
    pub uncounted: usize,
    /// Entries that came again from the server.
    pub repeated: u64,
    /// What must not be.
    pub wrong: Vec<String>,
}

/// Reads a list for each seed and each kind of change.
pub async fn drift(
    vendor: Vendor,
    seeds: impl IntoIterator<Item = u64>,
) -> Result<Drifted, Trouble> {
    let mut drifted = Drifted::default();
    for seed in seeds {
        for changes in Changes::ALL {
            drifted.add(vendor, seed, changes).await?;
        }
    }
    Ok(drifted)
}

impl Drifted {
    /// Whether nothing is wrong, and there was something that could have been.
    pub fn is_met(&self, vendor: Vendor) -> bool {
        self.wrong.is_empty()
            && self.repeated > 0
            && self.skipped > 0
            && (self.uncounted == 0) == (vendor == Vendor::Stora)
    }

    async fn add(&mut self, vendor: Vendor, seed: u64, changes: Changes) -> Result<(), Trouble> {
        let collection = match vendor {
            Vendor::Stora => "contacts",
            Vendor::Understory => "orders",
        };
        let options = Options::new().with_api(vendor.api()).with_seeds(collection, THERE);
        let sandbox = Sandbox::start_with(options).await?;
        let ids = || sandbox.ids(collection).into_iter().collect::<BTreeSet<String>>();
        let before = ids();
        let churn = Churn::new(seed, changes.come, changes.go).with_turns(TURNS as u64);
        if !sandbox.set_churn(collection, churn) {
            return Err(format!("the vendor has no {collection}").into());
        }
        let walk = Walk::of(vendor, &sandbox.base_url(), sandbox.static_token()).await?;
        let after = ids();
        // Whoever is sent away does not come back: who is there before and after was there all the time.
        let skipped = before.intersection(&after).any(|id| !walk.delivered.contains(id));
        let (doubled, drift) = (walk.doubled(), walk.drift);
        let (pages, most) = (sandbox.ledger().requests.len(), changes.most_pages());
        self.lists += 1;
        self.repeated += drift.repeated();
        self.skipped += usize::from(skipped);
        self.noticed += usize::from(drift.is_noticed());
        let is_silent = skipped && !drift.is_noticed();
        self.uncounted += usize::from(is_silent && !drift.is_counted());
        if walk.end.is_some() || pages > most || doubled > 0 || is_silent && drift.is_counted() {
            self.wrong.push(format!(
                "seed {seed}, {changes:?}: {pages} pages, ends with {:?}, {doubled} twice, skipped: {skipped}, {drift:?}",
                walk.end
            ));
        }
        Ok(())
    }

    fn told(&self) -> String {
        let wrong: Vec<_> = self.wrong.iter().take(5).cloned().collect();
        format!(
            "{} lists, {} with drift, {} skipped something, {} of these where nobody counts; {} entries came again; wrong: {}",
            self.lists,
            self.noticed,
            self.skipped,
            self.uncounted,
            self.repeated,
            listed(&wrong)
        )
    }
}
