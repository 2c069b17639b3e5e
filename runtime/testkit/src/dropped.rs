//! Operations whose caller leaves in the middle.

use std::pin::pin;
use std::task::{Context, Waker};

/// Begins an operation and gives it up.
pub(crate) fn poll_once<T>(operation: impl Future<Output = T>) {
    let _ = pin!(operation).poll(&mut Context::from_waker(Waker::noop()));
}
