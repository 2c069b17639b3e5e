//! What a web application does to have a grant connected by its user.

use std::error::Error as StdError;
use std::fmt;

use specwright_core::transport::BoxError;
use specwright_core::types::SecretString;
use specwright_oauth::{
    AuthorizationRequest, AuthorizationUrl, Callback, CallbackError, ClientRegistration, Session,
    TokenError,
};

use crate::authority::GrantSource;
use crate::grant::GrantKey;
use crate::grants::Grants;
use crate::identify::AccountId;
use crate::problem::GrantProblem;

impl Grants {
    /// Starts the authorization of a grant (RFC 6749 §4.1): gives the address to which the user's browser is to be sent.
    ///
    /// What the callback will need is kept in the store, sealed, until the time to answer is over. Any process that
    /// shares the store can receive it.
    pub async fn authorize(
        &self,
        key: &GrantKey,
        request: &AuthorizationRequest,
        session: Session<'_>,
    ) -> Result<AuthorizationUrl, GrantProblem> {
        self.renewer().start(key, request, session).await
    }

    /// Receives the callback: checks it, exchanges the code and writes the pair. Gives the grant that is now connected.
    ///
    /// Answer the browser after it. A callback can be received once, whatever comes of it: of two tabs that finish the
    /// same authorization, one gets an error. It is not given up if the caller is, and the pair is not given up if the
    /// store is down: it is written as soon as the store answers, or spilled and written by the next process, and
    /// this waits for it. A pair whose process ended before it was known whose it is ([`Identify`](crate::Identify)) is
    /// revoked by the next one instead. The pair of an earlier connection is revoked meanwhile and is not waited for, as with
    /// [`Self::adopt`].
    pub async fn receive(
        &self,
        callback: Callback,
        session: Session<'_>,
    ) -> Result<GrantKey, ConnectError> {
        // Before anything is taken: another process can receive what this one leaves.
        let begun = self.start(None)?;
        let browser = match session {
            Session::Browser(name) => Some(SecretString::from(name)),
            Session::None => None,
        };
        let grants = self.clone();
        self.detached(begun, async move {
            let session =
                browser.as_ref().map_or(Session::None, |name| Session::Browser(name.expose()));
            Ok(grants.take_and_exchange(callback, session).await)
        })
        .await?
    }

    async fn take_and_exchange(
        &self,
        callback: Callback,
        session: Session<'_>,
    ) -> Result<GrantKey, ConnectError> {
        let client = self.client().ok_or(ConnectError::NoUsers)?;
        let (key, pending, now) = self.renewer().take(&callback).await?;
        // It is known now which grant it is for.
        let _begun = self.renewer().under_way.go_on(&key);
        let code = pending
            .redeem(callback, session, now.into(), client)
            .map_err(ConnectError::Callback)?;
        let connected = self.renewer().complete(&key, code).await;
        if connected.is_ok() {
            self.forget(&key);
        }
        // The pair of before, or the one that was not taken.
        self.give_back(&key);
        connected.map(|()| key)
    }

    fn client(&self) -> Option<ClientRegistration> {
        match &self.renewer().authority.source {
            GrantSource::Users(client) => Some(client.clone()),
            GrantSource::Program(_) => None,
        }
    }
}

/// Why a grant was not connected. What was connected before stays as it is.
#[derive(Debug)]
#[non_exhaustive]
pub enum ConnectError {
    /// The callback is none of ours, comes too late or a second time, or says that the user did not agree.
    Callback(CallbackError),
    /// The authorization server refused the code.
    Exchange(TokenError),
    /// The authorization server refused the program itself: its id, its secret, or the kind of its grant. No user can help.
    ClientRejected(TokenError),
    /// The authorization server was not reached, or asked to come back later. The callback is used up all the same; start
    /// again.
    Unavailable(TokenError),
    /// The code was shown and no answer came, or none that can be read. A code is shown once; start again.
    Lost,
    /// The user agreed as another account than the one the grant is of. The grant keeps its pair, and the new one is
    /// revoked. If the user means it, end the grant by [`Grants::disconnect`] and start again.
    AccountSwitched {
        /// Whose account the grant is of.
        before: AccountId,
        /// As whom the user agreed.
        now: AccountId,
    },
    /// The grant was ended after the code was shown. Or, where it is found out whose account a pair is of, that took too
    /// long, or the user has connected anew meanwhile. What is there stays as it is, and the new pair is revoked. Start
    /// again if the user means it.
    Late,
    /// Nobody could say whose account it is. The new pair is revoked.
    Unidentified(BoxError),
    /// These grants are the program's own, and no user connects them.
    NoUsers,
    /// The grant could not be read or written.
    Grant(GrantProblem),
}

impl From<GrantProblem> for ConnectError {
    fn from(problem: GrantProblem) -> Self {
        Self::Grant(problem)
    }
}

impl fmt::Display for ConnectError {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(match self {
            Self::Callback(_) => "the callback does not connect the grant",
            Self::Exchange(_) => "the authorization server refused the code",
            Self::ClientRejected(_) => "the authorization server refuses this program",
            Self::Unavailable(_) => "the authorization server does not exchange codes now",
            Self::Lost => {
                "the answer to the code was lost; the authorization has to be started again"
            }
            Self::Late => "the tokens came too late for the grant",
            Self::AccountSwitched { .. } => "the user agreed as another account",
            Self::Unidentified(_) => "it could not be found out whose account was connected",
            Self::NoUsers => "these grants are the program's own, and no user connects them",
            Self::Grant(_) => "the grant could not be written",
        })
    }
}

impl StdError for ConnectError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::Callback(error) => Some(error),
            Self::Exchange(error) | Self::ClientRejected(error) | Self::Unavailable(error) => {
                Some(error)
            }
            Self::Grant(problem) => Some(problem),
            Self::Unidentified(error) => Some(&**error),
            Self::Lost | Self::Late | Self::AccountSwitched { .. } | Self::NoUsers => None,
        }
    }
}
