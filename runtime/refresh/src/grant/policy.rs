//! How a grant is renewed: what the authorization server does with old tokens, and the numbers that follow from it.

use std::num::NonZeroU16;
use std::time::Duration;

use crate::lifetime::Margins;

/// What an authorization server does with the old refresh token when it issues a new one.
///
/// RFC 6749 §6 allows all of it, and what a server does decides whether an answer that was lost can be had again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RotationModel {
    /// The old token is dead with the answer, and so is the old access token. Sending it again is refused and changes
    /// nothing (Doorkeeper without `previous_refresh_token`).
    Immediate,
    /// The old token dies when the new access token is first used (Doorkeeper's default). Until then it can be sent
    /// again.
    OnFirstUse,
    /// The old token is dead with the answer, and sending it again revokes every token of the grant (RFC 9700 §4.14.2;
    /// Ory Hydra without a grace period).
    ReuseRevokes,
    /// The old token can be sent again for a while (Ory Hydra with a grace period, Auth0, Amazon Cognito).
    Grace,
    /// The old token can be sent again for half an hour, if the answer was lost (Xero).
    LostAnswer,
    /// The refresh token stays the same (Google).
    None,
    /// Not documented, and not found out. It is treated like [`Self::OnFirstUse`]: sending the same token again is the
    /// only move that can win anything.
    Undocumented,
}

/// The numbers of a refresh. The defaults are those of [`RefreshPolicy::new`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RefreshPolicy {
    /// What the server does with old tokens.
    pub rotation: RotationModel,
    /// Whether a token request carries an `Idempotency-Key`, so that a server which keeps answers gives a lost one again.
    pub idempotency: TokenIdempotency,
    /// How long before its end a token is replaced.
    pub margins: Margins,
    /// For how long nobody else may ask. Short, because the time in which a server gives a lost answer again is short.
    /// Default: 8 s.
    pub lease: Duration,
    /// How often the holder extends its lease. Default: 2 s.
    pub heartbeat: Duration,
    /// The longest time for which one holder extends it, over all requests that it makes with it. Then it sends no further
    /// one. Default: 60 s.
    pub longest_hold: Duration,
    /// After a refusal that may have a lost answer behind it: how long to wait for somebody who holds that answer.
    /// Default: 30 s.
    pub quarantine: Duration,
    /// For how long a second living pair is kept. Default: 10 min.
    pub spare: Duration,
    /// How long a token that was fetched because of a refusal is kept through further refusals: an API that refuses a
    /// fresh token refuses the next one too. Default: 60 s.
    pub forced_spacing: Duration,
    /// The waits before the same request is sent again after an unknown outcome, under one lease. Default: 0.3 s, 1 s,
    /// 3 s.
    pub prompt: [Duration; 3],
    /// The life of a refresh token that is not used, if the vendor states it. Halfway through the grant is renewed even
    /// if nobody calls. Default: none.
    pub refresh_token_life: Option<Duration>,
    /// For how long revocation is tried. Default: 24 h.
    pub revocation_tries: Duration,
    /// From when on a token that could not be revoked is forgotten. Default: 7 d.
    pub shred_after: Duration,
    /// How often the token endpoint is asked, over all grants of one process.
    pub pace: Pace,
}

/// How often a token endpoint is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// The most requests at once. Default: 8.
    pub parallel: NonZeroU16,
    /// The least time between the starts of two. Default: 100 ms, which is 10 a second.
    pub spacing: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        let parallel = const { NonZeroU16::MIN.saturating_add(7) };
        Self { parallel, spacing: Duration::from_millis(100) }
    }
}

/// Whether token requests carry an idempotency key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenIdempotency {
    /// They do not.
    None,
    /// They carry the attempt's id in `Idempotency-Key`.
    Header,
}

impl RotationModel {
    /// Whether an old pair may live until the new one is first used, so that who revokes the new one has to revoke it too.
    pub(crate) fn may_keep_the_old_pair(self) -> bool {
        match self {
            Self::OnFirstUse | Self::Undocumented => true,
            Self::Immediate | Self::ReuseRevokes | Self::Grace | Self::LostAnswer | Self::None => {
                false
            }
        }
    }
}

impl RefreshPolicy {
    /// The policy for a server with this rotation.
    pub fn new(rotation: RotationModel) -> Self {
        Self {
            rotation,
            idempotency: TokenIdempotency::None,
            margins: Margins::default(),
            lease: Duration::from_secs(8),
            heartbeat: Duration::from_secs(2),
            longest_hold: Duration::from_secs(60),
            quarantine: Duration::from_secs(30),
            spare: Duration::from_secs(600),
            forced_spacing: Duration::from_secs(60),
            prompt: [Duration::from_millis(300), Duration::from_secs(1), Duration::from_secs(3)],
            refresh_token_life: None,
            revocation_tries: Duration::from_secs(86_400),
            shred_after: Duration::from_secs(7 * 86_400),
            pace: Pace::default(),
        }
    }

    /// How long after the end of a lease somebody else may ask with the same token.
    ///
    /// At once, except where that can only do harm: a server that revokes everything on reuse would kill the pair that a
    /// holder which was merely slow has just received.
    pub(crate) fn takeover_delay(&self) -> Duration {
        match self.rotation {
            RotationModel::ReuseRevokes => self.quarantine,
            RotationModel::Immediate
            | RotationModel::OnFirstUse
            | RotationModel::Grace
            | RotationModel::LostAnswer
            | RotationModel::None
            | RotationModel::Undocumented => Duration::ZERO,
        }
    }
}
