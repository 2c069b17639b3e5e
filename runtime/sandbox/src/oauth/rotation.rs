//! What becomes of a refresh token that is traded for the next one.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// What a server does with the tokens that a refresh replaces.
///
/// RFC 6749 (section 6) lets a server give a new refresh token and says little of the old one, so servers differ in
/// what happens to a client that lost the answer and sends the old token again. These are the ways that are known;
/// `M1` to `M6` and `R` are the short names that [`FromStr`] reads and [`Display`](fmt::Display) writes.
///
/// | model | the old refresh token again | the old access token | reuse is noticed |
/// |---|---|---|---|
/// | `M1` | `invalid_grant` | dead at once | no |
/// | `M2` | works until the new access token is used | alive until then | no |
/// | `M3` | `invalid_grant` | dead at once | the family is revoked |
/// | `M4` | works for the window | dead at once | after the window, the family is revoked |
/// | `M5` | works for the window | dead at once | no |
/// | `M6` | works always: there is no new one | alive | no |
///
/// A request to revoke (RFC 7009) ends the pair in `M1` and `M2`, where a pair is one row, and the whole family in the
/// others (section 2.1 there).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rotation {
    /// `M1`: both tokens of the pair die with the trade. Doorkeeper without the column `previous_refresh_token`.
    AtOnce,
    /// `M2`: both live until the new access token is used for the first time. The default of Doorkeeper. Two that trade
    /// one token at the same time both get a pair.
    OnUse,
    /// `M3`: both die with the trade, and whoever sends the old token again ends every token that came from the same
    /// consent. The default of Hydra.
    Strict,
    /// `M4`: as `Strict`, but the old refresh token can be traded again for this long. Hydra with a grace period, Auth0
    /// with an overlap; [`Self::GRACE`] in the short form.
    Grace(Duration),
    /// `M5`: the old refresh token can be traded again for this long, in case the answer was lost. Xero;
    /// [`Self::LOST_ANSWER`] in the short form.
    LostAnswer(Duration),
    /// `M6`: the refresh token stays, and the answer names none. Google.
    Never,
    /// `R`: the model inside, and the token endpoint keeps each answer for the request's `Idempotency-Key` for 24
    /// hours and gives it again. The short form is that of `Strict`.
    Replayed(Box<Self>),
}

impl Rotation {
    /// The window of `M4` in its short form.
    pub const GRACE: Duration = Duration::from_secs(30);

    /// The window of `M5` in its short form.
    pub const LOST_ANSWER: Duration = Duration::from_secs(30 * 60);

    /// All seven in their short forms, in the order of their names.
    pub fn all() -> [Self; 7] {
        [
            Self::AtOnce,
            Self::OnUse,
            Self::Strict,
            Self::Grace(Self::GRACE),
            Self::LostAnswer(Self::LOST_ANSWER),
            Self::Never,
            Self::Replayed(Box::new(Self::Strict)),
        ]
    }

    /// Its short name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::AtOnce => "M1",
            Self::OnUse => "M2",
            Self::Strict => "M3",
            Self::Grace(_) => "M4",
            Self::LostAnswer(_) => "M5",
            Self::Never => "M6",
            Self::Replayed(_) => "R",
        }
    }

    /// Whether the token endpoint honors `Idempotency-Key`.
    pub(crate) fn honors_keys(&self) -> bool {
        matches!(self, Self::Replayed(_))
    }

    /// What becomes of the pair that is traded.
    pub(crate) fn fate(&self) -> Fate {
        match self {
            Self::AtOnce | Self::Strict => Fate::Ended,
            Self::OnUse => Fate::EndedByUse,
            Self::Grace(window) | Self::LostAnswer(window) => Fate::EndedAfter(*window),
            Self::Never => Fate::Kept,
            Self::Replayed(model) => model.fate(),
        }
    }

    /// Whether a traded refresh token that comes again, when it is over, ends its family.
    pub(crate) fn notices_reuse(&self) -> bool {
        match self {
            Self::Strict | Self::Grace(_) => true,
            Self::AtOnce | Self::OnUse | Self::LostAnswer(_) | Self::Never => false,
            Self::Replayed(model) => model.notices_reuse(),
        }
    }

    /// Whether a request to revoke ends the pair alone.
    pub(crate) fn revokes_pairs(&self) -> bool {
        match self {
            Self::AtOnce | Self::OnUse => true,
            Self::Strict | Self::Grace(_) | Self::LostAnswer(_) | Self::Never => false,
            Self::Replayed(model) => model.revokes_pairs(),
        }
    }
}

/// What becomes of a pair whose refresh token is traded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// Both tokens end.
    Ended,
    /// Both end when the new access token is used.
    EndedByUse,
    /// The access token ends, the refresh token so much later.
    EndedAfter(Duration),
    /// Both live, and there is no new refresh token.
    Kept,
}

impl fmt::Display for Rotation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Reads a short name, in either case.
impl FromStr for Rotation {
    type Err = UnknownRotation;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut all = Self::all().into_iter();
        all.find(|model| model.name().eq_ignore_ascii_case(text)).ok_or(UnknownRotation)
    }
}

/// No model of rotation has this name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownRotation;

impl fmt::Display for UnknownRotation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the models of rotation are M1, M2, M3, M4, M5, M6 and R")
    }
}

impl std::error::Error for UnknownRotation {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_model_is_read_from_its_own_name() {
        for model in Rotation::all() {
            assert_eq!(model.name().to_lowercase().parse(), Ok(model));
        }
    }

    #[test]
    fn what_is_replayed_is_the_model_inside() {
        let replayed = Rotation::Replayed(Box::new(Rotation::OnUse));
        assert_eq!(replayed.fate(), Rotation::OnUse.fate());
        assert!(replayed.honors_keys() && !replayed.notices_reuse());
    }
}
