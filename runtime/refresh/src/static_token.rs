//! A token that nothing can refresh.

use std::sync::Arc;
use std::time::SystemTime;

use specwright_core::clock::Clock;
use specwright_core::transport::BoxFuture;
use specwright_oauth::StaticToken;

use crate::bearer::{Bearer, BearerError, Generation};
use crate::credentials::{Credentials, CredentialsError, Renewal};

/// Serves a [`StaticToken`] until its end, if one is known. There is no source to refresh it from.
#[derive(Debug)]
pub struct StaticCredentials {
    bearer: Arc<Bearer>,
    expires_at: Option<SystemTime>,
    clock: Arc<dyn Clock>,
}

impl StaticCredentials {
    /// Credentials of one token.
    pub fn new(token: &StaticToken, clock: Arc<dyn Clock>) -> Result<Self, BearerError> {
        let bearer = Arc::new(Bearer::new(&token.token, Generation::default())?);
        Ok(Self { bearer, expires_at: token.expires_at, clock })
    }
}

impl Credentials for StaticCredentials {
    fn bearer(&self) -> BoxFuture<'_, Result<Arc<Bearer>, CredentialsError>> {
        let ended = self.expires_at.is_some_and(|end| self.clock.now() >= end);
        let answer =
            if ended { Err(CredentialsError::ended()) } else { Ok(Arc::clone(&self.bearer)) };
        Box::pin(std::future::ready(answer))
    }

    // One refusal may be the API's fault, so the token goes on being served; only the call that saw it fails.
    fn refuse(&self, _generation: Generation) -> Renewal {
        Renewal::Impossible
    }
}
