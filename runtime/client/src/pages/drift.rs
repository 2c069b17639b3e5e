//! What shows of the changes to a list while it is read.

use super::seen::Sifted;

/// What shows of the changes to a list that were made while it was read.
///
/// A list is no snapshot: each page is cut out of what is there when it is asked for. An entry that is added in front of
/// the next page moves others onto it that came already; they are recognized by their ids and do not come again. An
/// entry that is deleted there moves others onto pages that were read before, and those are skipped. No client can get
/// them back, but it can notice it, where pages say how many entries there are.
///
/// As many entries added as deleted between two pages leave the number as it was, and show only if some come again. In a
/// list that begins with the oldest entry none do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Drift {
    repeated: u64,
    unidentified: u64,
    changes: u64,
    pub(super) first: Option<i64>,
    pub(super) last: Option<i64>,
}

impl Drift {
    /// True if something shows: the list changed, and entries may have been skipped.
    ///
    /// *What to do:* read the list again if every entry matters. Better, follow the changes by webhooks, or ask for what
    /// was updated since the walk began.
    pub fn is_noticed(&self) -> bool {
        self.repeated > 0 || self.changes > 0
    }

    /// True if more shows than before the last page.
    pub(super) fn shows_more_than(self, before: Self) -> bool {
        (self.repeated, self.changes) != (before.repeated, before.changes)
    }

    /// True if the pages say how many entries there are. Where they do not, a deleted entry leaves no trace, and
    /// [`Self::is_noticed`] is silent about what it made the walk skip.
    pub fn is_counted(&self) -> bool {
        self.last.is_some()
    }

    /// How many entries came again, on the same page or a later one. They were delivered once.
    pub fn repeated(&self) -> u64 {
        self.repeated
    }

    /// How many of the delivered entries have nothing that tells them from others: no id, or a type that the document does
    /// not know. Among them one may have come twice, and [`Self::is_noticed`] is silent about it.
    pub fn unidentified(&self) -> u64 {
        self.unidentified
    }

    /// How often the number of entries, or of pages, was another one than on the page before; and whether the server refused
    /// a page by its number that the page before named as next, as one refuses what is not there (400, 404, 410, 416, 422).
    pub fn changes(&self) -> u64 {
        self.changes
    }

    /// How many entries the list had, as its first page says and as the last one that was read does.
    pub fn counts(&self) -> Option<(i64, i64)> {
        self.first.zip(self.last)
    }

    /// Adds what a page brought.
    pub(super) fn count(&mut self, page: &Sifted) {
        let add = |sum: &mut u64, more: usize| {
            *sum = sum.saturating_add(u64::try_from(more).unwrap_or(u64::MAX));
        };
        add(&mut self.repeated, page.repeated);
        add(&mut self.unidentified, page.unidentified);
    }

    /// Notes that the list is another one than the page before has said.
    pub(super) fn change(&mut self) {
        self.changes = self.changes.saturating_add(1);
    }
}
