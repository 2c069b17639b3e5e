//! Requests and answers that a fault holds until somebody lets them go.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::sync::oneshot;

use crate::exchange::{Begun, Received};
use crate::outcome::Outcome;

/// Waits for a request that is held. It ends when [`Service::release`](crate::Service::release) lets
/// it go, or as a closed connection if nobody ever can.
///
/// Whoever drops it gives up, as a client does that closes its connection. It runs on any executor.
pub struct Held(pub(crate) oneshot::Receiver<Outcome>);

/// What is held.
pub(crate) enum Parked {
    /// A request of which nothing is done yet. It will be, whether or not somebody waits.
    Request(Box<(Received, Begun)>, oneshot::Sender<Outcome>),
    /// What a request ended in.
    Answer(Outcome, oneshot::Sender<Outcome>),
}

impl Future for Held {
    type Output = Outcome;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Outcome> {
        Pin::new(&mut self.0).poll(context).map(|outcome| outcome.unwrap_or(Outcome::Closed))
    }
}

impl fmt::Debug for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Held")
    }
}

/// Shows what is held, and nothing of it: a request has secrets.
impl fmt::Debug for Parked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Request(..) => "Request",
            Self::Answer(..) => "Answer",
        })
    }
}
