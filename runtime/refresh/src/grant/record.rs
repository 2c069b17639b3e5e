//! What is kept of a grant.

use std::fmt;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use specwright_core::random::Random;

use super::seal::Sealed;
use super::time::StoreTime;
use crate::bearer::Generation;
use crate::identify::AccountId;

/// Everything that is kept of one grant, as it stands in the store.
///
/// All but the tokens is in clear: a person who looks into the store sees what is the matter with a grant. Records are
/// made and changed by the transitions beside this file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Record {
    /// Raised by one with every new pair of tokens. It is the fence: a late answer for an older generation is too late.
    pub(crate) generation: Generation,
    /// The generation at which the user connected last. An answer to a request from before belongs to another
    /// authorization, and maybe to another account.
    #[serde(default)]
    pub(crate) connected: Generation,
    /// The exchange of a code by which the user connected last; `None` if the pair came from elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) exchange: Option<AttemptId>,
    /// What the grant is doing.
    pub(crate) phase: Phase,
    /// The pair of this generation. `None` after it has been given up, and before there is a first one.
    pub(crate) pair: Option<Pair>,
    /// Pairs of before that may live on, the oldest first. Nobody renews with them, and a grant that ends revokes them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) replaced: Vec<Replaced>,
    /// The pair before this one. It is spent, or among `replaced`: by it a commit is recognized that nobody confirmed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) superseded: Option<Sealed>,
    /// A second living pair: what a slow answer brought after somebody else had renewed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) spare: Option<Spare>,
    /// An answer of the server that holds tokens and could not be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) salvage: Option<Salvage>,
    /// Pairs that are to be revoked at the server.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) retired: Vec<Retired>,
    /// When the server may be asked again.
    #[serde(default, skip_serializing_if = "Gate::is_open")]
    pub(crate) gate: Gate,
    /// Whose account it is at the vendor, if that was found out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) account: Option<AccountId>,
}

impl Record {
    /// A grant of which nothing is known yet: that of a program, which needs no user, before its first request; one that
    /// is connected for the first time; or one whose record was lost with its store.
    pub(crate) fn unasked() -> Self {
        Self {
            generation: Generation::default(),
            connected: Generation::default(),
            exchange: None,
            phase: Phase::Active,
            pair: None,
            replaced: Vec::new(),
            superseded: None,
            spare: None,
            salvage: None,
            retired: Vec::new(),
            gate: Gate::default(),
            account: None,
        }
    }
}

/// What a grant is doing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub(crate) enum Phase {
    /// Nobody has connected it. A pair whose account is not known yet may stand among `retired`.
    Unconnected,
    /// It works.
    Active,
    /// Somebody asks, or asked, for the next pair. Written before the request is sent, so that whoever finds it after a
    /// crash knows that the refresh token may be spent.
    Refreshing {
        /// Who asks, and for how long nobody else may.
        lease: LeaseMark,
        /// The request, by its idempotency key. It stays the same as long as its outcome is unknown.
        attempt: AttemptId,
    },
    /// The refresh token was refused after a request with unknown outcome. Whoever made that request may still hold the
    /// answer, so nothing is concluded before `until`.
    Suspect {
        /// When the conclusion is drawn.
        until: StoreTime,
        /// What the server said.
        refusal: Refusal,
    },
    /// Nobody but the user can help.
    ReconnectRequired {
        /// Why.
        reason: ReconnectReason,
        /// Since when.
        since: StoreTime,
        /// What the server said last, if it said anything.
        refusal: Option<Refusal>,
    },
    /// The user, or the caller, ended it. The tokens are being revoked.
    Disconnecting {
        /// Since when.
        since: StoreTime,
    },
    /// It has ended. Among `retired` there may still be pairs of which the server never confirmed that they are dead, until
    /// [`shred_after`](super::policy::RefreshPolicy::shred_after), and one whose account is not known yet.
    Disconnected {
        /// Since when.
        since: StoreTime,
        /// Whether the server confirmed that the tokens are dead.
        revocation: Revocation,
    },
}

/// A pair of tokens, sealed, with what must be known without opening it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Pair {
    /// The tokens. See [`super::seal`].
    pub(crate) sealed: Sealed,
    /// When the access token ends.
    pub(crate) expires_at: StoreTime,
    /// How long it was to live from its issue.
    pub(crate) life_millis: u64,
    /// When the refresh token ends if it is not used, if the server's rule is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) refresh_expires_at: Option<StoreTime>,
    /// The scopes that were granted, if they are known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) scope: Option<String>,
    /// Whether there is a refresh token in it.
    pub(crate) renewable: Renewable,
    /// Why it was asked for.
    #[serde(default)]
    pub(crate) wanted: Want,
}

impl Pair {
    /// How long the access token was to live.
    pub(crate) fn life(&self) -> Duration {
        Duration::from_millis(self.life_millis)
    }

    /// Whether there is an access token in it.
    pub(crate) fn is_whole(&self) -> bool {
        self.life_millis > 0
    }

    /// When the access token was issued.
    pub(crate) fn issued_at(&self) -> StoreTime {
        self.expires_at.before(self.life())
    }
}

/// Why a newer pair is wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Want {
    /// The access token ends soon, or has ended, or the refresh token must be used to stay alive.
    #[default]
    Ahead,
    /// An API refused the access token.
    Refused,
}

/// Whether a pair can be renewed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Renewable {
    /// There is a refresh token, or the grant needs none.
    Yes,
    /// There is none: when the access token ends, the user must connect again.
    No,
}

/// A living pair beside the one in use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Spare {
    /// It is sealed for this generation, which it was to be.
    pub(crate) generation: Generation,
    pub(crate) pair: Pair,
    /// From here on it is not used any more.
    pub(crate) until: StoreTime,
}

/// A pair that another one took the place of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Replaced {
    /// The generation it is sealed for.
    pub(crate) generation: Generation,
    pub(crate) sealed: Sealed,
}

/// The body of a successful answer that could not be read. It may hold the only living pair, so it is kept for a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Salvage {
    /// The generation it would have been.
    pub(crate) generation: Generation,
    pub(crate) sealed: Sealed,
    pub(crate) at: StoreTime,
}

/// A pair that is to be revoked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Retired {
    /// The generation it is sealed for.
    pub(crate) generation: Generation,
    pub(crate) sealed: Sealed,
    pub(crate) since: StoreTime,
    pub(crate) tries: u32,
    pub(crate) next_try: StoreTime,
}

/// Who may ask the server, until when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LeaseMark {
    pub(crate) holder: HolderId,
    pub(crate) until: StoreTime,
}

/// Names one run of one process.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct HolderId(String);

impl HolderId {
    /// A name that nobody else has.
    pub(crate) fn draw(random: &dyn Random) -> Self {
        Self(drawn(random))
    }

    /// Nobody: the record was restored from a backup.
    pub(crate) fn nobody() -> Self {
        Self(String::new())
    }

    pub(crate) fn is_nobody(&self) -> bool {
        self.0.is_empty()
    }

    /// The name: letters, digits, `-` and `_`.
    pub(crate) fn into_text(self) -> String {
        self.0
    }
}

impl AttemptId {
    /// A name that no other attempt has.
    pub(crate) fn draw(random: &dyn Random) -> Self {
        Self(drawn(random))
    }

    /// The text that is sent as the key.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// 128 random bits, so two that are alike need not be thought of.
fn drawn(random: &dyn Random) -> String {
    let mut bytes = [0; 16];
    random.fill(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Names one intent to ask the token endpoint; it is the idempotency key of that request.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct AttemptId(String);

/// Whether a request of this generation may have been executed without anybody holding its answer.
///
/// It is not written into a record: whoever finds one in [`Phase::Refreshing`] must assume it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Prior {
    /// Surely not.
    Clear,
    /// It may.
    Unknown,
}

/// When the server may be asked again after a failure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Gate {
    /// How often it failed in a row.
    pub(crate) failures: u32,
    /// When it failed first.
    pub(crate) since: StoreTime,
    /// Not before this moment.
    pub(crate) not_before: StoreTime,
    /// What of it was refused without a reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) unexplained: Option<Unexplained>,
}

/// Refusals without a reason since the last pair. They are counted apart: how often a server was not reached says nothing
/// about the grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Unexplained {
    /// How many.
    pub(crate) times: u32,
    /// When the first one came.
    pub(crate) since: StoreTime,
}

impl Gate {
    fn is_open(&self) -> bool {
        *self == Self::default()
    }

    /// One failure more.
    pub(crate) fn failed(self, now: StoreTime, wait: Duration) -> Self {
        Self {
            failures: self.failures.saturating_add(1),
            since: if self.failures == 0 { now } else { self.since },
            not_before: now.after(wait),
            unexplained: self.unexplained,
        }
    }

    /// One failure more, and it was a refusal without a reason.
    pub(crate) fn refused(self, now: StoreTime, wait: Duration) -> Self {
        let Unexplained { times, since } =
            self.unexplained.unwrap_or(Unexplained { times: 0, since: now });
        let unexplained = Some(Unexplained { times: times.saturating_add(1), since });
        Self { unexplained, ..self.failed(now, wait) }
    }
}

/// What a server said when it refused, without a word of its own choosing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// The registered error code, such as `invalid_grant`.
    pub code: Option<String>,
    /// The HTTP status.
    pub status: u16,
    /// The server's name for the request, if it gave one that is safe to show.
    pub request_id: Option<String>,
}

/// Why a user has to connect again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ReconnectReason {
    /// The server refused the refresh token, and no answer of ours was lost: the user or the vendor took the grant back.
    ///
    /// Where a spent refresh token ends the grant, the vendor also does so after a process stood still in the middle of
    /// its request for longer than its lease and the quarantine, when another one had asked by then.
    Revoked,
    /// The server refused the refresh token after a request whose answer never arrived: it rotated, and the new pair was
    /// lost on the way.
    LostRotation,
    /// The access token has ended and there is no refresh token.
    Expired,
    /// The server refused the grant without a reason that is known.
    Unknown,
}

impl fmt::Display for Refusal {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "status {}", self.status)?;
        if let Some(code) = &self.code {
            write!(to, ", {code}")?;
        }
        if let Some(id) = &self.request_id {
            write!(to, ", request {id}")?;
        }
        Ok(())
    }
}

impl ReconnectReason {
    /// A short name in lower case, for logs and as the label of a metric.
    pub fn name(self) -> &'static str {
        match self {
            Self::Revoked => "revoked",
            Self::LostRotation => "lost_rotation",
            Self::Expired => "expired",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for ReconnectReason {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(match self {
            Self::Revoked => "the grant was taken back",
            Self::LostRotation => "the answer with the newest tokens was lost",
            Self::Expired => "the access token has ended and there is nothing to renew it with",
            Self::Unknown => "the authorization server refuses the grant and does not say why",
        })
    }
}

/// Whether tokens that were given up are dead at the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Revocation {
    /// The server confirmed it.
    Confirmed,
    /// The server has no revocation endpoint: the tokens live on until they end.
    Unsupported,
    /// The server never confirmed it, although it was asked for a day.
    Unconfirmed,
}
