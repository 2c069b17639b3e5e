//! The entries that came already.

use std::collections::BTreeSet;

use specwright_core::operation::{ItemKey, PageItems};

/// How many keys are remembered at least. More entries than this must come before one that comes again is not
/// recognized. A million ids of 20 characters would be some 80 MB.
const REMEMBERED: usize = 50_000;

/// The keys of entries that came: those of late, and as many before them.
#[derive(Debug, Default)]
pub(super) struct Seen {
    late: BTreeSet<ItemKey<'static>>,
    before: BTreeSet<ItemKey<'static>>,
}

/// What a page brought.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Sifted {
    pub(super) new: usize,
    pub(super) repeated: usize,
}

impl Seen {
    /// Takes those entries out of a page that an earlier page had.
    ///
    /// Entries of one page are not compared with each other: what comes in one answer was there at one time, so two with
    /// one id are two.
    pub(super) fn sift<T>(&mut self, mut items: PageItems<'_, T>) -> Sifted {
        let mut sifted = Sifted::default();
        let mut here = Vec::new();
        items.retain(|key| match key {
            Some(key) if self.late.contains(&key) || self.before.contains(&key) => {
                sifted.repeated += 1;
                false
            }
            key => {
                sifted.new += 1;
                here.extend(key.map(ItemKey::into_owned));
                true
            }
        });
        self.late.extend(here);
        if self.late.len() >= REMEMBERED {
            self.before = std::mem::take(&mut self.late);
        }
        sifted
    }
}

#[cfg(test)]
mod tests {
    use super::{PageItems, REMEMBERED, Seen, Sifted};

    fn sift(seen: &mut Seen, page: &[i64]) -> (Vec<i64>, Sifted) {
        let mut page = page.to_vec();
        let sifted = seen.sift(PageItems::new(&mut page, |item| (*item).into()));
        (page, sifted)
    }

    #[test]
    fn what_an_earlier_page_had_is_taken_out() {
        let mut seen = Seen::default();
        sift(&mut seen, &[1, 2, 3]);
        assert_eq!(sift(&mut seen, &[3, 4]), (vec![4], Sifted { new: 1, repeated: 1 }));
        assert_eq!(sift(&mut seen, &[1, 5]), (vec![5], Sifted { new: 1, repeated: 1 }));
    }

    #[test]
    fn entries_of_one_page_are_not_compared_with_each_other() {
        assert_eq!(sift(&mut Seen::default(), &[1, 1]).0, [1, 1]);
    }

    #[test]
    fn entries_without_keys_stay() {
        let mut seen = Seen::default();
        for _ in 0..2 {
            let mut page = vec![1];
            let sifted = seen.sift(PageItems::without_keys(&mut page));
            assert_eq!((page, sifted), (vec![1], Sifted { new: 1, repeated: 0 }));
        }
    }

    #[test]
    fn as_many_as_stated_are_remembered_and_never_more_than_twice_as_many() {
        let mut seen = Seen::default();
        let page: Vec<i64> = (0..100).collect();
        for start in (0_i64..).step_by(100).take(3 * REMEMBERED / 100) {
            let page: Vec<i64> = page.iter().map(|item| start + item).collect();
            sift(&mut seen, &page);
            assert!(seen.late.len() + seen.before.len() <= 2 * REMEMBERED);
        }
        let oldest = 2 * i64::try_from(REMEMBERED).unwrap();
        assert!(sift(&mut seen, &[oldest]).0.is_empty());
        assert_eq!(sift(&mut seen, &[0]).0, [0]);
    }
}
