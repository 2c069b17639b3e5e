//! A token that nothing can refresh.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use specwright_core::clock::Clock;
use specwright_core::transport::BoxFuture;
use specwright_oauth::{StaticToken, StaticTokenStatus};

use crate::bearer::{Bearer, BearerError, Generation};
use crate::credentials::{Credentials, CredentialsError, Renewal};
use crate::observer::{Observer, Unobserved};

/// Serves a [`StaticToken`] until its end, if one is known. There is no source to refresh it from.
///
/// Who watches is told that the end comes nearer ([`Observer::expiring_soon`]), when the token is used.
#[derive(Debug)]
pub struct StaticCredentials {
    token: StaticToken,
    bearer: Arc<Bearer>,
    clock: Arc<dyn Clock>,
    observer: Arc<dyn Observer>,
    /// How many of the warnings were given.
    warned: AtomicUsize,
}

impl StaticCredentials {
    /// Credentials of one token.
    pub fn new(token: &StaticToken, clock: Arc<dyn Clock>) -> Result<Self, BearerError> {
        Ok(Self {
            bearer: Arc::new(Bearer::new(&token.token, Generation::default())?),
            token: token.clone(),
            clock,
            observer: Arc::new(Unobserved),
            warned: AtomicUsize::new(0),
        })
    }

    /// Who is told that the end comes nearer.
    pub fn observed_by(mut self, observer: Arc<dyn Observer>) -> Self {
        self.observer = observer;
        self
    }

    /// How the token is doing.
    pub fn status(&self) -> StaticTokenStatus {
        self.token.status(self.clock.now())
    }

    /// Tells of an end that has come nearer, once for each warning.
    fn warn(&self, status: StaticTokenStatus) {
        let StaticTokenStatus::ExpiringSoon { left } = status else { return };
        let due = StaticToken::WARNINGS.iter().filter(|warning| left <= **warning).count();
        if self.warned.fetch_max(due, Ordering::Relaxed) < due {
            self.observer.expiring_soon(left);
        }
    }
}

impl Credentials for StaticCredentials {
    fn bearer(&self) -> BoxFuture<'_, Result<Arc<Bearer>, CredentialsError>> {
        let status = self.status();
        self.warn(status);
        let answer = match status {
            StaticTokenStatus::Ended => Err(CredentialsError::ended()),
            _ => Ok(Arc::clone(&self.bearer)),
        };
        Box::pin(std::future::ready(answer))
    }

    // One refusal may be the API's fault, so the token goes on being served; only the call that saw it fails.
    fn refuse(&self, _generation: Generation) -> Renewal {
        Renewal::Impossible
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::time::Duration;

    use specwright_testkit::VirtualClock;

    use super::*;

    const DAY: Duration = Duration::from_secs(86_400);

    /// Remembers what it was told.
    #[derive(Debug, Default)]
    struct Told(Mutex<Vec<Duration>>);

    impl Observer for Told {
        fn expiring_soon(&self, left: Duration) {
            self.0.lock().unwrap().push(left);
        }
    }

    /// Uses a token once a day that ends in so many days, and gives what was told.
    async fn told(days: u32) -> Vec<Duration> {
        let clock = VirtualClock::new();
        let token = StaticToken::new("fake").expires_at(clock.now() + DAY * days);
        let told = Arc::new(Told::default());
        let credentials = StaticCredentials::new(&token, Arc::new(clock.clone())).unwrap();
        let credentials = credentials.observed_by(told.clone());
        for _ in 0..days {
            credentials.bearer().await.unwrap();
            credentials.bearer().await.unwrap();
            clock.advance(DAY);
        }
        credentials.bearer().await.unwrap_err();
        let told = told.0.lock().unwrap();
        told.clone()
    }

    #[tokio::test]
    async fn an_end_is_told_three_times_however_often_the_token_is_used() {
        assert_eq!(told(30).await, [DAY * 14, DAY * 3, DAY]);
    }

    #[tokio::test]
    async fn a_token_that_ends_soon_already_is_told_of_at_once() {
        assert_eq!(told(2).await, [DAY * 2, DAY]);
    }
}
