//! What the runtime needs to know of an operation whose answers are pages of a list.

use std::fmt;

use crate::operation::Operation;

/// An operation whose answer is one page of a list.
///
/// Generated code implements it: it says where things are, and the runtime decides what follows from them.
pub trait Paginated: Operation {
    /// One entry of the list.
    type Item: Send + 'static;

    /// The entries of a page, and what tells them from those of other pages.
    fn items(answer: &mut Self::Output) -> PageItems<'_, Self::Item>;

    /// What comes after `answer`, which is the answer to this request; `None` at the end.
    fn next(&self, answer: &Self::Output) -> Option<NextPage<Self>>;

    /// Asks for pages that are as large as they should be when a whole list is read ([`fill_page`]). By itself a request
    /// stays as it is.
    const FULL_PAGES: fn(&mut Self) = |_| {};
}

/// Sets the size of the pages that a request asks for, unless it names one. One that names a page keeps the server's size:
/// the place of a page in the list depends on it.
pub fn fill_page<L, P>(limit: &mut Option<L>, page: &Option<P>, size: L) {
    if page.is_none() {
        limit.get_or_insert(size);
    }
}

/// The entries of a page, in the answer that holds them.
pub struct PageItems<'a, T> {
    list: Option<&'a mut Vec<T>>,
    key: KeyOf<T>,
}

enum KeyOf<T> {
    Each(fn(&T) -> ItemKey<'_>),
    Some(fn(&T) -> Option<ItemKey<'_>>),
    None,
}

impl<'a, T> PageItems<'a, T> {
    /// The entries in `list`, which may be absent, with what tells each of them from all others.
    pub fn new(list: impl Into<Option<&'a mut Vec<T>>>, key: fn(&T) -> ItemKey<'_>) -> Self {
        Self { list: list.into(), key: KeyOf::Each(key) }
    }

    /// Entries of which some may lack what tells them apart.
    pub fn with_some_keys(
        list: impl Into<Option<&'a mut Vec<T>>>,
        key: fn(&T) -> Option<ItemKey<'_>>,
    ) -> Self {
        Self { list: list.into(), key: KeyOf::Some(key) }
    }

    /// Entries that nothing tells apart: an entry that comes again cannot be recognized.
    pub fn without_keys(list: impl Into<Option<&'a mut Vec<T>>>) -> Self {
        Self { list: list.into(), key: KeyOf::None }
    }

    /// Takes the entries out of the answer.
    pub fn take(self) -> Vec<T> {
        self.list.map(std::mem::take).unwrap_or_default()
    }

    /// Takes those entries out of the answer that `keep` says no to, by their keys.
    pub fn retain(&mut self, mut keep: impl FnMut(Option<ItemKey<'_>>) -> bool) {
        if let Some(list) = &mut self.list {
            list.retain(|item| match self.key {
                KeyOf::Each(key) => keep(Some(key(item))),
                KeyOf::Some(key) => keep(key(item)),
                KeyOf::None => keep(None),
            });
        }
    }
}

impl<T> fmt::Debug for PageItems<'_, T> {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.list.as_ref().map(|list| list.len());
        to.debug_struct("PageItems").field("count", &count).finish_non_exhaustive()
    }
}

/// What tells an entry of a list from all others: its id, and in a list of several types its type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ItemKey<'a> {
    kind: Option<&'static str>,
    id: Id<'a>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Id<'a> {
    Text(&'a str),
    Number(i128),
}

impl ItemKey<'_> {
    /// The key of an entry of this type. Types may number their entries each for itself, so one id may stand for two.
    pub fn of(kind: &'static str, id: impl Into<Self>) -> Self {
        Self { kind: Some(kind), ..id.into() }
    }
}

impl<'a> From<&'a str> for ItemKey<'a> {
    fn from(text: &'a str) -> Self {
        Self { kind: None, id: Id::Text(text) }
    }
}

macro_rules! from_number {
    ($($number:ident)*) => {$(
        impl From<$number> for ItemKey<'_> {
            fn from(number: $number) -> Self {
                Self { kind: None, id: Id::Number(number.into()) }
            }
        }
    )*};
}

from_number!(i32 i64 u64);

/// An entry that may be of several types, each with an id.
pub trait Keyed {
    /// Its type and id; `None` if it has none, or is of a type that the document does not know.
    fn key(&self) -> Option<ItemKey<'_>>;
}

/// What comes after a page, and what the page says of the whole list.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NextPage<O> {
    /// The request for it; `None` if there is none, or if its number is none that can be asked for.
    pub request: Option<O>,
    /// The numbers of the pages, where they have some.
    pub numbers: Option<PageNumbers>,
}

/// The numbers that a page and the request for it are made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PageNumbers {
    /// The page that the request asked for; `None` if it named none.
    pub page: Option<i64>,
    /// The page that comes when a request names none; `None` if the document does not say.
    pub first: Option<i64>,
    /// The page that the answer names as the next one.
    pub next: Option<i64>,
    /// How many entries the list has, as the page says.
    pub count: Option<i64>,
    /// How many pages the list has, as the page says.
    pub pages: Option<i64>,
}

impl<O> NextPage<O> {
    /// The page to which a cursor leads.
    pub fn cursor(request: O) -> Self {
        Self { request: Some(request), numbers: None }
    }

    /// The page with the number that the answer names as next, if it names one. The request for it is `None` if the
    /// number does not fit into one; without a number it is not looked at.
    pub fn number(next: Option<i64>, request: impl Into<Option<O>>) -> Self {
        let numbers = PageNumbers { next, ..PageNumbers::default() };
        Self { request: next.and_then(|_| request.into()), numbers: Some(numbers) }
    }

    /// It comes after the `page` that the request asked for; if it named none, after the `first` one.
    pub fn after(mut self, page: Option<i64>, first: impl Into<Option<i64>>) -> Self {
        let numbers = self.numbers.unwrap_or_default();
        self.numbers = Some(PageNumbers { page, first: first.into(), ..numbers });
        self
    }

    /// The page says that there are so many entries, and so many pages.
    pub fn of(mut self, count: Option<i64>, pages: Option<i64>) -> Self {
        let numbers = self.numbers.unwrap_or_default();
        self.numbers = Some(PageNumbers { count, pages, ..numbers });
        self
    }
}

#[cfg(test)]
mod tests {
    use super::{ItemKey, PageItems};

    #[test]
    fn a_number_and_its_digits_are_different_keys() {
        assert_ne!(ItemKey::from(7_i64), ItemKey::from("7"));
        assert_eq!(ItemKey::from(7_i64), ItemKey::from(7_i32));
    }

    #[test]
    fn one_id_in_two_types_is_two_keys() {
        assert_ne!(ItemKey::of("Cat", "7"), ItemKey::of("Dog", "7"));
        assert_ne!(ItemKey::of("Cat", "7"), ItemKey::from("7"));
        assert_eq!(ItemKey::of("Cat", "7"), ItemKey::of("Cat", "7"));
    }

    #[test]
    fn entries_are_taken_out_by_their_keys() {
        let mut list = vec!["a", "b", "c"];
        PageItems::new(&mut list, |item| (*item).into()).retain(|key| key != Some("b".into()));
        assert_eq!(list, ["a", "c"]);
    }

    #[test]
    fn a_list_that_is_absent_has_no_entries() {
        let mut absent: Option<Vec<String>> = None;
        assert!(PageItems::without_keys(absent.as_mut()).take().is_empty());
    }
}
