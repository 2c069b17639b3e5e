//! Lists, page by page and entry by entry.

use std::collections::{BTreeSet, VecDeque};
use std::fmt;
use std::future::poll_fn;
use std::task::{Context, Poll};

use specwright_core::error::{Error, ErrorKind, ErrorReport};
use specwright_core::operation::{Operation, Paginated, RequestEncoder};
use specwright_core::types::Bytes;
use specwright_limiter::Lane;

use crate::client::{Client, SendFuture};
use crate::options::CallOptions;

/// No list is longer than this. At 100 entries a page it is a million entries; a server that goes on is broken.
const MAX_PAGES: usize = 10_000;

/// The pages of a list, fetched one after the other as they are asked for.
///
/// A page that was asked for before ends the walk with an error: a server that names it again would have it go in
/// circles. After an error there are no more pages.
#[must_use = "nothing is fetched before `next`"]
pub struct Pages<O: Paginated> {
    client: Client,
    options: CallOptions,
    asked: BTreeSet<(String, Bytes)>,
    state: State<O>,
}

/// What a list gives next: one `T`, the error that ends it, or nothing more.
type Next<T, O> = Option<Result<T, Error<<O as Operation>::Error>>>;

enum State<O: Paginated> {
    /// The page to ask for.
    Ready(O),
    /// The page that was asked for.
    Fetching(O, SendFuture<O>),
    Done,
}

impl<O: Paginated> Pages<O> {
    /// The pages from `first` on. Each page is a call of its own under `options`, behind those that somebody waits for
    /// unless they say otherwise.
    pub fn new(client: Client, first: O, options: CallOptions) -> Self {
        let options = options.in_lane(Lane::Bulk);
        Self { client, options, asked: BTreeSet::new(), state: State::Ready(first) }
    }

    /// The next page; `None` after the last one.
    pub async fn next(&mut self) -> Option<Result<O::Output, Error<O::Error>>> {
        poll_fn(|context| self.poll_page(context)).await
    }

    fn poll_page(&mut self, context: &mut Context<'_>) -> Poll<Next<O::Output, O>> {
        let (request, mut fetching) = match std::mem::replace(&mut self.state, State::Done) {
            State::Done => return Poll::Ready(None),
            State::Ready(request) => {
                if let Err(error) = self.note(&request) {
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
            Poll::Ready(Err(error)) => Poll::Ready(Some(Err(error))),
            Poll::Ready(Ok(response)) => {
                let page = response.into_inner();
                if let Some(next) = request.next(&page) {
                    self.state = State::Ready(next);
                }
                Poll::Ready(Some(Ok(page)))
            }
        }
    }

    /// Remembers what is asked for, and refuses to ask twice.
    fn note(&mut self, request: &O) -> Result<(), ErrorReport> {
        let report = |kind| ErrorReport::new(kind).with_operation(O::META.id);
        let mut encoder = RequestEncoder::new(O::META.path);
        let encoded = request
            .encode(&mut encoder)
            .and_then(|()| encoder.finish())
            .map_err(|error| report(ErrorKind::Encode).with_source(error))?;
        if self.asked.len() >= MAX_PAGES {
            return Err(report(ErrorKind::Pagination)
                .with_source(format!("the list has more than {MAX_PAGES} pages")));
        }
        if self.asked.insert((encoded.path_and_query, encoded.body.into_bytes())) {
            Ok(())
        } else {
            Err(report(ErrorKind::Pagination)
                .with_source("a page names one as next that was asked for before"))
        }
    }
}

/// The entries of a list. Pages are fetched as they are needed, none ahead.
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

    fn poll_item(&mut self, context: &mut Context<'_>) -> Poll<Next<O::Item, O>> {
        loop {
            if let Some(item) = self.page.pop_front() {
                return Poll::Ready(Some(Ok(item)));
            }
            match self.pages.poll_page(context) {
                // A page may be empty and still name a next one.
                Poll::Ready(Some(Ok(page))) => self.page = O::items(page).into(),
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
            .field("asked", &self.asked.len())
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
