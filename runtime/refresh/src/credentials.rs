//! The face of every credential towards the request loop.

use std::error::Error as StdError;
use std::fmt::{self, Debug};
use std::sync::Arc;
use std::time::Duration;

use specwright_core::transport::{BoxError, BoxFuture};

use crate::bearer::{Bearer, Generation};
use crate::problem::GrantProblem;

/// Hands out the token that a request carries.
///
/// Implement it to take tokens from elsewhere, such as a secret store or a broker. An implementation serves any number
/// of concurrent callers, and none of them may be needed for its work to finish.
pub trait Credentials: Debug + Send + Sync + 'static {
    /// A token that is valid now. Waits for a new one if there is none.
    fn bearer(&self) -> BoxFuture<'_, Result<Arc<Bearer>, CredentialsError>>;

    /// The API refused the token of this generation (401).
    ///
    /// Says whether [`Self::replacement`] can bring another one. A generation that has been replaced already is old news and
    /// must change nothing. A call says so twice at most: the first time there may be a newer token already, which the API
    /// refuses as well. Of a token that was fetched because of a refusal the answer is [`Renewal::Impossible`], or the same
    /// token comes again.
    fn refuse(&self, generation: Generation) -> Renewal;

    /// A token in the place of one that the API refused. Waits for it, as [`Self::bearer`] does. The same one again says
    /// that it was kept, and that the refusal stands.
    ///
    /// The default asks for a [`Self::bearer`].
    fn replacement(
        &self,
        refused: Generation,
    ) -> BoxFuture<'_, Result<Arc<Bearer>, CredentialsError>> {
        let _ = refused;
        self.bearer()
    }

    /// A token that was issued since that of this generation, which lacks scopes that a call needs: the user may have
    /// agreed to more meanwhile. Nothing is renewed for it, because a renewal brings no scope.
    ///
    /// The default has none.
    fn newer(&self, generation: Generation) -> BoxFuture<'_, Option<Arc<Bearer>>> {
        let _ = generation;
        Box::pin(std::future::ready(None))
    }
}

/// Whether a refused token can be replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Renewal {
    /// Ask for the token again: it is another one.
    Possible,
    /// Asking again brings the same one. The refusal stands.
    Impossible,
}

/// Why there is no token. Cheap to clone: all callers that waited for one refresh get the same error.
#[derive(Clone)]
pub struct CredentialsError {
    cause: Arc<Cause>,
    retry_after: Option<Duration>,
}

enum Cause {
    Grant(GrantProblem),
    Ended,
    Other(BoxError),
}

impl CredentialsError {
    /// An error of a custom implementation. The text of the cause must hold no secret.
    pub fn new(cause: impl Into<BoxError>) -> Self {
        Self::of(Cause::Other(cause.into()))
    }

    /// A token whose known end has come.
    pub(crate) fn ended() -> Self {
        Self::of(Cause::Ended)
    }

    fn of(cause: Cause) -> Self {
        Self { cause: Arc::new(cause), retry_after: None }
    }

    /// Says that asking again after `wait` may succeed.
    #[must_use]
    pub fn retry_after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }

    /// How long to wait before asking again; `None` if that cannot help.
    pub fn wait(&self) -> Option<Duration> {
        self.retry_after
    }

    /// Why the grant gives no token, if the credentials are those of a grant.
    pub fn problem(&self) -> Option<&GrantProblem> {
        match &*self.cause {
            Cause::Grant(problem) => Some(problem),
            Cause::Ended | Cause::Other(_) => None,
        }
    }
}

/// A grant that gives no token.
impl From<GrantProblem> for CredentialsError {
    fn from(problem: GrantProblem) -> Self {
        let retry_after = problem.wait();
        Self { retry_after, ..Self::of(Cause::Grant(problem)) }
    }
}

impl fmt::Display for CredentialsError {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(match &*self.cause {
            Cause::Grant(_) => "the grant gives no access token",
            Cause::Ended => "the access token has ended and nothing can refresh it",
            Cause::Other(_) => "the credentials gave no access token",
        })
    }
}

impl Debug for CredentialsError {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.debug_struct("CredentialsError")
            .field("reason", &self.to_string())
            .field("source", &self.source().map(ToString::to_string))
            .field("retry_after", &self.retry_after)
            .finish_non_exhaustive()
    }
}

impl StdError for CredentialsError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match &*self.cause {
            Cause::Grant(problem) => Some(problem),
            Cause::Other(error) => Some(&**error),
            Cause::Ended => None,
        }
    }
}
