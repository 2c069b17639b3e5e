//! From an error of reqwest to the one question that a retry asks: may the server have seen the request?

use std::error::Error as StdError;

use specwright_core::transport::{SendError, SendErrorKind, Sent};

/// Classifies a failed attempt. The URL is taken out of the error: its query may hold a key.
pub(crate) fn classify(error: reqwest::Error) -> SendError {
    let (sent, kind) = if error.is_connect() {
        (Sent::No, SendErrorKind::Connect)
    } else if error.is_builder() {
        (Sent::No, SendErrorKind::Request)
    } else if error.is_timeout() {
        (Sent::Maybe, SendErrorKind::Timeout)
    } else if causes(&error).any(is_refused_unread) {
        (Sent::No, SendErrorKind::Interrupted)
    } else if causes(&error).any(is_not_http) {
        (Sent::Maybe, SendErrorKind::Protocol)
    } else {
        (Sent::Maybe, SendErrorKind::Interrupted)
    };
    SendError::new(sent, kind).with_source(error.without_url())
}

/// The server said that it did not touch the request (RFC 9113 §8.7).
fn is_refused_unread(cause: &(dyn StdError + 'static)) -> bool {
    cause.downcast_ref::<h2::Error>().is_some_and(|error| {
        error.is_remote() && error.reason() == Some(h2::Reason::REFUSED_STREAM)
    })
}

fn is_not_http(cause: &(dyn StdError + 'static)) -> bool {
    cause.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_parse)
}

fn causes<'a>(
    error: &'a (dyn StdError + 'static),
) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}
