//! Why a grant gives no token.

use std::error::Error as StdError;
use std::fmt;
use std::time::{Duration, SystemTime};

use crate::grant::{ReconnectReason, Refusal, SealError};
use crate::store::StoreErrorKind;

/// Why a grant gives no token now.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum GrantProblem {
    /// Nobody has connected it.
    NotConnected,
    /// Only the user can help, by connecting again. It stands in the store and does not pass by itself.
    ReconnectRequired {
        /// Why.
        reason: ReconnectReason,
        /// Since when.
        since: SystemTime,
        /// What the server said, if it said anything.
        refusal: Option<Refusal>,
    },
    /// It was ended.
    Disconnected,
    /// The grant lacks scopes that the call needs by the API's document, so no request was made. It works for other calls,
    /// and nothing about it has changed.
    ///
    /// Ask the user for more by [`Grants::authorize`](crate::Grants::authorize), with these scopes and with those that the
    /// grant has ([`GrantStatus::Connected`](crate::GrantStatus::Connected)), because many servers replace the one by the
    /// other. The pair in use lives on until the new one is there.
    MissingScopes {
        /// What is missing, in the order of the document.
        missing: Vec<String>,
    },
    /// The authorization server refuses the program itself: its id, its secret, or the kind of its grant. That says
    /// nothing about this grant.
    ClientRejected {
        /// What the server said.
        refusal: Refusal,
        /// When it is asked again at the earliest, from now.
        wait: Duration,
    },
    /// The server gave no pair, and is asked again after a wait.
    Unrenewed {
        /// What is left of the wait.
        wait: Duration,
    },
    /// The program is ending ([`Grants::shutdown`](crate::Grants::shutdown)) and begins nothing more.
    ShutDown,
    /// The task that worked on it was dropped, as when a program ends. What it had begun stands in the store, and whoever
    /// asks next goes on from there.
    Abandoned,
    /// The store of grants does not answer, or holds what cannot be read.
    Store(StoreErrorKind),
    /// What the store holds was written by a newer version of this library, or is damaged.
    Record,
    /// The folder for pairs that the store does not take cannot be read.
    Spill,
    /// The tokens cannot be opened.
    Sealed(SealError),
}

impl GrantProblem {
    /// A short name in lower case, for logs and as the label of a metric.
    pub fn name(&self) -> &'static str {
        match self {
            Self::NotConnected => "not_connected",
            Self::ReconnectRequired { .. } => "reconnect_required",
            Self::Disconnected => "disconnected",
            Self::MissingScopes { .. } => "missing_scopes",
            Self::ClientRejected { .. } => "client_rejected",
            Self::Unrenewed { .. } => "unrenewed",
            Self::ShutDown => "shut_down",
            Self::Abandoned => "abandoned",
            Self::Store(_) => "store",
            Self::Record => "record",
            Self::Spill => "spill",
            Self::Sealed(_) => "sealed",
        }
    }

    /// The problem behind an error of a call, if it is one of a grant.
    ///
    /// ```
    /// use specwright_refresh::GrantProblem;
    ///
    /// /// Whether the operator has to be asked to connect again.
    /// fn ask_operator(error: &(dyn std::error::Error + 'static)) -> bool {
    ///     matches!(GrantProblem::of(error), Some(GrantProblem::ReconnectRequired { .. }))
    /// }
    /// ```
    pub fn of<'e>(error: &'e (dyn StdError + 'static)) -> Option<&'e Self> {
        std::iter::successors(Some(error), |&error| error.source())
            .find_map(|error| error.downcast_ref::<Self>())
    }

    /// How long to wait before asking again; `None` if waiting alone cannot help.
    pub fn wait(&self) -> Option<Duration> {
        match self {
            Self::Unrenewed { wait } => Some(*wait),
            Self::Abandoned => Some(Duration::ZERO),
            Self::Store(StoreErrorKind::Unavailable | StoreErrorKind::ReadOnly) => {
                Some(Duration::from_secs(1))
            }
            // It is asked again, but it will say the same until somebody acts.
            Self::ClientRejected { .. }
            | Self::NotConnected
            | Self::ReconnectRequired { .. }
            | Self::Disconnected
            | Self::MissingScopes { .. }
            | Self::ShutDown
            | Self::Store(_)
            | Self::Record
            | Self::Spill
            | Self::Sealed(_) => None,
        }
    }
}

impl fmt::Display for GrantProblem {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotConnected => to.write_str("nobody has connected this grant"),
            Self::ReconnectRequired { reason, .. } => {
                write!(to, "the user has to connect again: {reason}")
            }
            Self::Disconnected => to.write_str("the grant was ended"),
            Self::MissingScopes { missing } => {
                write!(to, "the grant lacks what the call needs: {}", missing.join(" "))
            }
            Self::ClientRejected { refusal, .. } => {
                write!(to, "the authorization server refuses this program ({refusal})")
            }
            Self::Unrenewed { wait } => {
                write!(
                    to,
                    "the authorization server gave no token; it is asked again in {} s",
                    wait.as_secs()
                )
            }
            Self::ShutDown => to.write_str("the program is ending"),
            Self::Abandoned => to.write_str("what was under way for the grant was dropped"),
            Self::Store(_) => to.write_str("the store of grants is of no use now"),
            Self::Record => to.write_str("what is stored of the grant cannot be read"),
            Self::Spill => to.write_str("the spilled tokens cannot be read"),
            Self::Sealed(error) => write!(to, "{error}"),
        }
    }
}

impl StdError for GrantProblem {}
