//! Where the record of a quota is: in this process alone, or in rows that several processes share.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::alone::Alone;
use crate::news::{Answer, News};
use crate::quota::{Lane, PermitId, Usage};
use crate::shared::Shared;

/// Where the record of a quota is.
pub(crate) enum Home {
    /// In this process.
    Alone(Alone),
    /// In rows.
    Shared(Arc<Shared>),
}

impl Home {
    /// Asks to send one request.
    pub(crate) async fn take(&self, permit: PermitId, lane: Lane, longest: Duration) -> Answer {
        match self {
            Self::Alone(alone) => alone.take(permit, lane, longest),
            Self::Shared(shared) => shared.take(permit, lane, longest).await,
        }
    }

    /// Takes in what became known. Never waits.
    pub(crate) fn tell(&self, news: News) {
        match self {
            Self::Alone(alone) => alone.tell(news),
            Self::Shared(shared) => shared.tell(news),
        }
    }

    /// How full the windows are, as far as this process knows.
    pub(crate) fn usage(&self) -> Vec<Usage> {
        match self {
            Self::Alone(alone) => alone.usage(),
            Self::Shared(shared) => shared.usage(),
        }
    }

    /// How long so many requests take at least, if what this process knows is no old news.
    pub(crate) fn fresh_estimate(&self, requests: u32) -> Option<Duration> {
        match self {
            Self::Alone(alone) => Some(alone.estimate(requests)),
            Self::Shared(shared) => shared.fresh_estimate(requests),
        }
    }

    /// How long so many requests take at least, as far as this process knows.
    pub(crate) fn estimate(&self, requests: u32) -> Duration {
        match self {
            Self::Alone(alone) => alone.estimate(requests),
            Self::Shared(shared) => shared.estimate(requests),
        }
    }

    /// Whether nothing is known that a fresh record would not know.
    pub(crate) fn is_fresh(&self) -> bool {
        match self {
            Self::Alone(alone) => alone.is_fresh(),
            Self::Shared(shared) => shared.is_fresh(),
        }
    }
}

impl fmt::Debug for Home {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(match self {
            Self::Alone(_) => "Alone",
            Self::Shared(_) => "Shared",
        })
    }
}
