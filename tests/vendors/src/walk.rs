//! Lists as streams.

use std::fmt::Debug;
use std::future::poll_fn;
use std::pin::Pin;

use futures_core::Stream;

/// Everything that a list gives, in the order in which it comes.
///
/// # Panics
///
/// The list ends with an error.
pub async fn walk<T, E: Debug>(mut list: impl Stream<Item = Result<T, E>> + Unpin) -> Vec<T> {
    let mut found = Vec::new();
    while let Some(next) = poll_fn(|context| Pin::new(&mut list).poll_next(context)).await {
        found.push(next.unwrap());
    }
    found
}
