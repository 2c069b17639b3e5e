//! The kinds of servers, by what they do with old tokens.

use serde::{Deserialize, Serialize};
use specwright_refresh::{RefreshPolicy, RotationModel, TokenIdempotency};
use specwright_testkit::sandbox::Rotation;

/// The rotation models, by their names in the sandbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Model {
    /// Both old tokens die at once.
    M1,
    /// They die when the new access token is used.
    M2,
    /// As M1, and reuse revokes the family.
    M3,
    /// As M3 after a window of grace.
    M4,
    /// A lost answer can be had again for half an hour.
    M5,
    /// The refresh token stays.
    M6,
    /// M3, and answers are kept by idempotency key.
    R,
}

impl Model {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::M1, Self::M2, Self::M3, Self::M4, Self::M5, Self::M6, Self::R];

    /// Whether an answer that was lost can never be had again.
    pub fn is_strict(self) -> bool {
        matches!(self, Self::M1 | Self::M3)
    }

    /// What the sandbox has to play.
    pub fn rotation(self) -> Rotation {
        match self {
            Self::M1 => Rotation::AtOnce,
            Self::M2 => Rotation::OnUse,
            Self::M3 => Rotation::Strict,
            Self::M4 => Rotation::Grace(Rotation::GRACE),
            Self::M5 => Rotation::LostAnswer(Rotation::LOST_ANSWER),
            Self::M6 => Rotation::Never,
            Self::R => Rotation::Replayed(Box::new(Rotation::Strict)),
        }
    }

    /// The policy of a program that knows the model.
    pub fn policy(self) -> RefreshPolicy {
        let mut policy = RefreshPolicy::new(match self {
            Self::M1 => RotationModel::Immediate,
            Self::M2 => RotationModel::OnFirstUse,
            Self::M3 | Self::R => RotationModel::ReuseRevokes,
            Self::M4 => RotationModel::Grace,
            Self::M5 => RotationModel::LostAnswer,
            Self::M6 => RotationModel::None,
        });
        if self == Self::R {
            policy.idempotency = TokenIdempotency::Header;
        }
        policy
    }
}
