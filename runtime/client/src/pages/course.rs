//! Which page may follow a page: what keeps a walk from going in circles, and from going on for ever.

use std::collections::BTreeSet;

use specwright_core::error::{ErrorKind, ErrorReport};
use specwright_core::operation::{NextPage, Operation, PageNumbers, RequestEncoder};
use specwright_core::transport::Body;

use super::drift::Drift;
use super::marks::{Mark, Marks};
use super::seen::Sifted;

/// No list is longer than this. At 100 entries a page it is a million entries; a server that goes on is broken.
const MAX_PAGES: usize = 10_000;

/// No more entries than these are remembered, in some 160 MB: ten thousand pages of five hundred, which is more than most
/// APIs give at once. To forget the first of them would be to deliver some twice.
const MAX_REMEMBERED: usize = 5_000_000;

/// So many pages in a row may bring nothing new. A server that filters after cutting its pages gives empty ones, and
/// pages that come again are all that new entries leave of a list that grows faster than it is read. One that answers
/// the same whatever it is asked for never brings anything new.
const MAX_BARREN: usize = 100;

/// How servers refuse a number that no page has.
const NO_SUCH_PAGE: [u16; 5] = [400, 404, 410, 416, 422];

/// The way of one walk through its list.
#[derive(Debug, Default)]
pub(super) struct Course {
    asked: BTreeSet<Mark>,
    barren: usize,
    /// What pages said last of the whole list: how many entries, how many pages.
    totals: [Option<i64>; 2],
    /// The numbers of the page before.
    before: PageNumbers,
    drift: Drift,
}

impl Course {
    /// Remembers what is asked for, and refuses to ask twice.
    pub(super) fn enter<O: Operation>(
        &mut self,
        marks: &Marks,
        request: &O,
    ) -> Result<(), ErrorReport> {
        let mut encoder = RequestEncoder::new(O::META.path);
        let encoded =
            request.encode(&mut encoder).and_then(|()| encoder.finish()).map_err(|error| {
                ErrorReport::new(ErrorKind::Encode).with_operation(O::META.id).with_source(error)
            })?;
        if self.asked.len() >= MAX_PAGES {
            return Err(lost::<O>(format!("the list has more than {MAX_PAGES} pages")));
        }
        let body = encoded.body.whole().map(Body::bytes);
        let mark = marks.of(&(encoded.path_and_query, body));
        if self.asked.insert(mark) {
            Ok(())
        } else {
            Err(lost::<O>("a page names one as next that was asked for before".to_owned()))
        }
    }

    /// The request for the page that follows, after one that brought so much; `None` at the end.
    pub(super) fn follow<O: Operation>(
        &mut self,
        next: Option<NextPage<O>>,
        sifted: &Sifted,
    ) -> Result<Option<O>, ErrorReport> {
        self.drift.count(sifted);
        let Some(NextPage { request, numbers, .. }) = next else {
            // A page that says nothing of its list, after pages that did.
            let PageNumbers { next, first, .. } = self.before;
            let place = next.zip(first).and_then(place);
            return ends(place, self.totals[1]).map_err(lost::<O>).map(|()| None);
        };
        if let Some(mut numbers) = numbers {
            self.compare(&numbers);
            // A page need not say what pages before it have said.
            numbers.pages = self.totals[1];
            check(&numbers).map_err(lost::<O>)?;
            self.before = numbers;
            if let (None, Some(next)) = (&request, numbers.next) {
                return Err(lost::<O>(format!("no page {next}, named as next, can be asked for")));
            }
        }
        self.barren = if sifted.new == 0 { self.barren + 1 } else { 0 };
        match self.bound(sifted.remembered).filter(|_| request.is_some()) {
            Some(problem) => Err(lost::<O>(problem)),
            None => Ok(request),
        }
    }

    /// Notes that the page which was asked for is refused with this status.
    ///
    /// The page before it has named its number, and nothing else in the request is new. So it was there then and is not now.
    pub(super) fn refused(&mut self, status: Option<u16>) {
        if self.before.next.is_some() && status.is_some_and(|status| NO_SUCH_PAGE.contains(&status))
        {
            self.drift.change();
        }
    }

    /// What shows up to now of changes to the list.
    pub(super) fn drift(&self) -> Drift {
        self.drift
    }

    /// How many pages were asked for.
    pub(super) fn asked(&self) -> usize {
        self.asked.len()
    }

    /// The bound that ends a walk which remembers so many entries, if one does.
    fn bound(&self, remembered: usize) -> Option<String> {
        if self.barren >= MAX_BARREN {
            Some(format!("{MAX_BARREN} pages in a row brought nothing new"))
        } else if remembered >= MAX_REMEMBERED {
            Some(format!("the list has more than {MAX_REMEMBERED} entries"))
        } else {
            None
        }
    }

    /// Looks for changes in what pages say of the whole list.
    fn compare(&mut self, numbers: &PageNumbers) {
        let said = [numbers.count, numbers.pages];
        let is_other = |(before, now): (&Option<i64>, &Option<i64>)| {
            before.zip(*now).is_some_and(|(before, now)| before != now)
        };
        if self.totals.iter().zip(&said).any(is_other) {
            self.drift.change();
        }
        for (total, said) in self.totals.iter_mut().zip(said) {
            *total = said.or(*total);
        }
        self.drift.first = self.drift.first.or(numbers.count);
        self.drift.last = numbers.count.or(self.drift.last);
    }
}

/// Whether the numbers of a page fit together: what is wrong, if they do not.
fn check(numbers: &PageNumbers) -> Result<(), String> {
    let PageNumbers { page, first, next, pages, .. } = *numbers;
    match (page.or(first), next) {
        (Some(page), Some(next)) if page.checked_add(1) != Some(next) => {
            Err(format!("page {page} names page {next} as next, which is not the one after it"))
        }
        // Pages are counted from 0 or from 1, and this is the first one.
        (None, Some(next)) if ![1, 2].contains(&next) => {
            Err(format!("the first page names page {next} as next, which is not the second one"))
        }
        (_, Some(_)) => Ok(()),
        (page, None) => ends(page.zip(first).and_then(place), pages),
    }
}

/// Whether a list of so many pages may end with the page at this place.
fn ends(place: Option<i64>, pages: Option<i64>) -> Result<(), String> {
    match (place, pages) {
        (Some(place), Some(pages)) if place < pages => {
            Err(format!("page {place} of {pages} names no next one"))
        }
        _ => Ok(()),
    }
}

/// The place of a page in its list, counted from 1.
fn place((page, first): (i64, i64)) -> Option<i64> {
    page.checked_sub(first)?.checked_add(1)
}

fn lost<O: Operation>(problem: String) -> ErrorReport {
    ErrorReport::new(ErrorKind::Pagination).with_operation(O::META.id).with_source(problem)
}

#[cfg(test)]
mod tests {
    use specwright_core::operation::{NextPage, PageNumbers};

    use super::{Course, check};

    #[test]
    fn a_walk_ends_before_it_forgets_an_entry() {
        assert_eq!(Course::default().bound(4_999_999), None);
        let problem = Course::default().bound(5_000_000);
        assert_eq!(problem.as_deref(), Some("the list has more than 5000000 entries"));
    }

    fn numbers(page: Option<i64>, next: Option<i64>, first: Option<i64>) -> PageNumbers {
        NextPage::<()>::number(next, None).after(page, first).numbers.unwrap()
    }

    #[test]
    fn the_page_after_is_the_one_with_the_next_number() {
        for (page, first) in [(Some(3), None), (None, Some(3)), (Some(3), Some(0))] {
            assert!(check(&numbers(page, Some(4), first)).is_ok());
            for next in [i64::MIN, -1, 0, 2, 3, 5, i64::MAX] {
                assert!(check(&numbers(page, Some(next), first)).is_err(), "{next}");
            }
        }
    }

    #[test]
    fn no_page_comes_after_the_largest_number() {
        for next in [i64::MIN, i64::MAX] {
            assert!(check(&numbers(Some(i64::MAX), Some(next), None)).is_err());
        }
    }

    #[test]
    fn where_pages_are_counted_from_is_0_or_1_if_nobody_says() {
        for (next, is_second) in [(-1, false), (0, false), (1, true), (2, true), (3, false)] {
            assert_eq!(check(&numbers(None, Some(next), None)).is_ok(), is_second, "{next}");
        }
    }

    #[test]
    fn a_page_before_the_last_one_names_a_next_one() {
        let ends = |page, first, pages| {
            let numbers =
                NextPage::<()>::number(None, None).after(page, first).of(None, pages).numbers;
            check(&numbers.unwrap()).is_ok()
        };
        assert!(!ends(Some(2), Some(1), Some(3)));
        assert!(!ends(None, Some(1), Some(2)));
        assert!(!ends(Some(1), Some(0), Some(3)));
        assert!(ends(Some(2), Some(0), Some(3)));
        assert!(ends(Some(3), Some(1), Some(3)));
        // Beyond the end, where the list became shorter; and numbers that say nothing.
        assert!(ends(Some(7), Some(1), Some(3)));
        for pages in [None, Some(0), Some(-1), Some(i64::MIN)] {
            assert!(ends(Some(1), Some(1), pages), "{pages:?}");
        }
        assert!(ends(Some(i64::MIN), Some(1), Some(3)));
        assert!(ends(Some(1), None, Some(3)));
    }
}
