//! The entries that came already.

use std::collections::BTreeSet;

use specwright_core::operation::PageItems;

use super::marks::{Mark, Marks};

/// The entries that came. Each costs some 32 bytes, whatever its id is: its mark, and its part of the tree.
#[derive(Debug, Default)]
pub(super) struct Seen {
    entries: BTreeSet<Mark>,
}

/// What a page brought.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Sifted {
    /// Entries that did not come before, as far as anybody can tell.
    pub(super) new: usize,
    /// Entries that came before, on this page or an earlier one.
    pub(super) repeated: usize,
    /// Those of the new ones that nothing tells from others.
    pub(super) unidentified: usize,
    /// How many entries are remembered now.
    pub(super) remembered: usize,
}

impl Seen {
    /// Takes those entries out of a page that came before, and remembers the others.
    pub(super) fn sift<T>(&mut self, marks: &Marks, mut items: PageItems<'_, T>) -> Sifted {
        let mut sifted = Sifted::default();
        items.retain(|key| {
            let is_new = key.is_none_or(|key| self.entries.insert(marks.of(&key)));
            sifted.new += usize::from(is_new);
            sifted.repeated += usize::from(!is_new);
            sifted.unidentified += usize::from(key.is_none());
            is_new
        });
        sifted.remembered = self.entries.len();
        sifted
    }
}

#[cfg(test)]
mod tests {
    use specwright_core::operation::ItemKey;
    use specwright_core::random::OsRandom;

    use super::{Marks, PageItems, Seen, Sifted};

    /// A walk, page after page.
    struct Walk(Seen, Marks);

    impl Walk {
        fn new() -> Self {
            Self(Seen::default(), Marks::draw(&OsRandom))
        }

        /// What is left of a page, and what it brought: new entries and repeated ones.
        fn page(&mut self, page: &[i64]) -> (Vec<i64>, usize, usize) {
            let mut page = page.to_vec();
            let sifted = self.0.sift(&self.1, PageItems::new(&mut page, |item| (*item).into()));
            (page, sifted.new, sifted.repeated)
        }
    }

    #[test]
    fn what_an_earlier_page_had_is_taken_out() {
        let mut walk = Walk::new();
        walk.page(&[1, 2, 3]);
        assert_eq!(walk.page(&[3, 4]), (vec![4], 1, 1));
        assert_eq!(walk.page(&[1, 5]), (vec![5], 1, 1));
    }

    #[test]
    fn what_one_page_has_twice_comes_once() {
        assert_eq!(Walk::new().page(&[1, 2, 1]), (vec![1, 2], 2, 1));
    }

    #[test]
    fn one_id_in_two_types_is_two_entries() {
        let Walk(mut seen, marks) = Walk::new();
        let mut page = vec![("Cat", 7), ("Dog", 7), ("Cat", 7)];
        seen.sift(&marks, PageItems::new(&mut page, |(kind, id)| ItemKey::of(kind, *id)));
        assert_eq!(page, [("Cat", 7), ("Dog", 7)]);
    }

    #[test]
    fn entries_without_keys_stay_and_are_counted() {
        let Walk(mut seen, marks) = Walk::new();
        for _ in 0..2 {
            let mut page = vec![1, 1];
            let sifted = seen.sift(&marks, PageItems::without_keys(&mut page));
            let expected = Sifted { new: 2, unidentified: 2, ..Sifted::default() };
            assert_eq!((page, sifted), (vec![1, 1], expected));
        }
    }

    #[test]
    fn the_first_entry_is_recognized_after_two_hundred_thousand_others() {
        let mut walk = Walk::new();
        for start in (0..200_000).step_by(1_000) {
            let page: Vec<i64> = (start..start + 1_000).collect();
            assert_eq!(walk.page(&page).1, 1_000);
        }
        assert_eq!(walk.page(&[0, 100_000, 200_000]), (vec![200_000], 1, 2));
        assert_eq!(walk.0.entries.len(), 200_001);
    }

    #[test]
    fn another_walk_remembers_an_entry_by_another_mark() {
        let [one, other] = [(); 2].map(|()| Marks::draw(&OsRandom));
        assert_eq!(one.of(&ItemKey::from("a")), one.of(&ItemKey::from("a")));
        assert_ne!(one.of(&ItemKey::from("a")), other.of(&ItemKey::from("a")));
        assert_ne!(one.of(&("a", "b")), one.of(&("ab", "")));
    }
}
