//! Lists, page by page and entry by entry.

mod course;
mod drift;
mod marks;
mod seen;

use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::task::{Context, Poll};

use specwright_core::error::{Error, ErrorReport};
use specwright_core::interceptor::Notice;
use specwright_core::operation::{Operation, Paginated};
use specwright_limiter::Lane;

use self::course::Course;
pub use self::drift::Drift;
use self::marks::Marks;
use self::seen::Seen;
use crate::client::{Client, SendFuture};
use crate::options::CallOptions;

/// The pages of a list, fetched one after the other as they are asked for.
///
/// A list may change between two pages. An entry that came already is taken out of its page, by its id; where entries have
/// no id, they come as they are. What shows of such changes is [`Self::drift`]. To recognize its entries, a walk keeps some
/// 32 bytes for each.
///
/// The walk ends with an error of the kind [`Pagination`](crate::ErrorKind::Pagination) where pages contradict
/// themselves, lead in a circle or have no end: after 10,000 pages, after 5,000,000 entries with an id, and after 100 pages
/// in a row that brought nothing new. Its source says what is wrong. What the server refuses is the error of that call; it
/// is never taken for the end, even where a list that became shorter has no such page any more: the drift shows that. After
/// an error there are no more pages.
///
/// A page that is being fetched goes on only while it is waited for, and until then keeps its place among the requests that
/// may be in flight. So await it to its end, or drop the walk.
#[must_use = "nothing is fetched before `next`"]
pub struct Pages<O: Paginated> {
    client: Client,
    options: CallOptions,
    marks: Marks,
    course: Course,
    seen: Seen,
    state: State<O>,
}

/// What a list gives next: one `T`, the error that ends it, or nothing more.
type Next<T, O> = Option<Result<T, Error<<O as Operation>::Error>>>;

enum State<O: Paginated> {
    /// The page to ask for.
    Ready(O),
    /// The page that was asked for.
    Fetching(O, SendFuture<O>),
    /// The page after the one that was given cannot be asked for.
    Lost(ErrorReport),
    Done,
}

impl<O: Paginated> Pages<O> {
    /// The pages from `first` on, and full ones unless it says how large they are. Each page is a call of its own under
    /// `options`, behind those that somebody waits for unless they say otherwise.
    pub fn new(client: Client, mut first: O, options: CallOptions) -> Self {
        let options = options.in_lane(Lane::Bulk);
        let marks = Marks::draw(client.random());
        let (course, seen) = (Course::default(), Seen::default());
        (O::FULL_PAGES)(&mut first);
        Self { client, options, marks, course, seen, state: State::Ready(first) }
    }

    /// The next page; `None` after the last one.
    pub async fn next(&mut self) -> Option<Result<O::Output, Error<O::Error>>> {
        poll_fn(|context| self.poll_page(context)).await
    }

    /// What shows up to now of changes to the list while it is read. Ask after the last page: entries may have been
    /// skipped.
    pub fn drift(&self) -> Drift {
        self.course.drift()
    }

    fn poll_page(&mut self, context: &mut Context<'_>) -> Poll<Next<O::Output, O>> {
        let before = self.course.drift();
        let page = self.poll_fetched(context);
        if self.course.drift().shows_more_than(before) {
            self.client.noticed(O::META, Notice::Drifted);
        }
        page
    }

    fn poll_fetched(&mut self, context: &mut Context<'_>) -> Poll<Next<O::Output, O>> {
        let (request, mut fetching) = match std::mem::replace(&mut self.state, State::Done) {
            State::Done => return Poll::Ready(None),
            State::Lost(error) => return Poll::Ready(Some(Err(error.into()))),
            State::Ready(request) => {
                if let Err(error) = self.course.enter(&self.marks, &request) {
                    return Poll::Ready(Some(Err(error.into())));
                }
                let fetching = self.client.send(&request, self.options.clone());
                (request, fetching)
            }
            State::Fetching(request, fetching) => (request, fetching),
        };
        match fetching.as_mut().poll(context) {
            Poll::Pending => {
                self.state = State::Fetching(request, fetching);
                Poll::Pending
            }
            Poll::Ready(Err(error)) => {
                self.course.refused(error.status());
                Poll::Ready(Some(Err(error)))
            }
            Poll::Ready(Ok(response)) => {
                let mut page = response.into_inner();
                let next = request.next(&page);
                let sifted = self.seen.sift(&self.marks, O::items(&mut page));
                // This page came, whatever is wrong with the way to the next one.
                self.state = match self.course.follow(next, &sifted) {
                    Ok(Some(next)) => State::Ready(next),
                    Ok(None) => State::Done,
                    Err(error) => State::Lost(error),
                };
                Poll::Ready(Some(Ok(page)))
            }
        }
    }
}

/// The entries of a list, each of them once. Pages are fetched as they are needed, none ahead.
///
/// How they are told apart, what shows of changes to the list meanwhile, and what ends it is said at [`Pages`].
#[must_use = "nothing is fetched before `next`"]
pub struct Items<O: Paginated> {
    pages: Pages<O>,
    page: VecDeque<O::Item>,
}

impl<O: Paginated> Items<O> {
    /// The entries of `pages`.
    pub fn new(pages: Pages<O>) -> Self {
        Self { pages, page: VecDeque::new() }
    }

    /// The next entry; `None` after the last one. An error is the last thing that comes.
    pub async fn next(&mut self) -> Option<Result<O::Item, Error<O::Error>>> {
        poll_fn(|context| self.poll_item(context)).await
    }

    /// What shows up to now of changes to the list while it is read. Ask after the last entry: others may have been
    /// skipped.
    pub fn drift(&self) -> Drift {
        self.pages.drift()
    }

    fn poll_item(&mut self, context: &mut Context<'_>) -> Poll<Next<O::Item, O>> {
        loop {
            if let Some(item) = self.page.pop_front() {
                return Poll::Ready(Some(Ok(item)));
            }
            match self.pages.poll_page(context) {
                // A page may be empty and still name a next one.
                Poll::Ready(Some(Ok(mut page))) => self.page = O::items(&mut page).take().into(),
                Poll::Ready(Some(Err(error))) => return Poll::Ready(Some(Err(error))),
                Poll::Ready(None) => return Poll::Ready(None),
                Poll::Pending => return Poll::Pending,
            }
        }
    }
}

impl<O: Paginated> fmt::Debug for Pages<O> {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.debug_struct("Pages")
            .field("operation", &<O as Operation>::META.id)
            .field("asked", &self.course.asked())
            .field("drift", &self.course.drift())
            .finish_non_exhaustive()
    }
}

impl<O: Paginated> fmt::Debug for Items<O> {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.debug_struct("Items")
            .field("pages", &self.pages)
            .field("at_hand", &self.page.len())
            .finish()
    }
}

// Nothing in them is pinned in place: the call under way is boxed.
impl<O: Paginated> Unpin for Pages<O> {}
impl<O: Paginated> Unpin for Items<O> {}

#[cfg(feature = "stream")]
mod stream {
    use std::pin::Pin;
    use std::task::{Context, Poll};

    use futures_core::Stream;
    use specwright_core::error::Error;
    use specwright_core::operation::Paginated;

    use super::{Items, Pages};

    impl<O: Paginated> Stream for Pages<O> {
        type Item = Result<O::Output, Error<O::Error>>;

        fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
            self.get_mut().poll_page(context)
        }
    }

    impl<O: Paginated> Stream for Items<O> {
        type Item = Result<O::Item, Error<O::Error>>;

        fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
            self.get_mut().poll_item(context)
        }
    }
}
