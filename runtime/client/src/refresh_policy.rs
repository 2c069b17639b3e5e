//! From what a document states of an authorization server to how its grants are renewed.

use specwright_core::security::{ApiProfile, Rotation, TokenKey};
use specwright_refresh::{RefreshPolicy, RotationModel, TokenIdempotency};

/// The policy that an API's document asks for. What it does not state is as for a server of which nothing is known.
pub(crate) fn documented_policy(profile: &ApiProfile) -> RefreshPolicy {
    let Some(oauth) = profile.oauth else { return RefreshPolicy::new(RotationModel::Undocumented) };
    let mut policy = RefreshPolicy::new(rotation_model(oauth.rotation));
    policy.refresh_token_life = oauth.refresh_token_life;
    policy.idempotency = match oauth.token_key {
        TokenKey::None => TokenIdempotency::None,
        TokenKey::IdempotencyKey => TokenIdempotency::Header,
    };
    policy
}

fn rotation_model(rotation: Rotation) -> RotationModel {
    match rotation {
        Rotation::Immediate => RotationModel::Immediate,
        Rotation::OnFirstUse => RotationModel::OnFirstUse,
        Rotation::ReuseRevokes => RotationModel::ReuseRevokes,
        Rotation::Grace => RotationModel::Grace,
        Rotation::LostAnswer => RotationModel::LostAnswer,
        Rotation::None => RotationModel::None,
        Rotation::Undocumented => RotationModel::Undocumented,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use specwright_core::security::{OAuthProfile, RateReset};

    use super::*;

    const OAUTH: OAuthProfile = OAuthProfile {
        token: "/token",
        authorization: Some("/authorize"),
        revocation: None,
        audience: None,
        offline_scope: None,
        rotation: Rotation::Undocumented,
        refresh_token_life: None,
        token_key: TokenKey::None,
    };

    fn policy(oauth: Option<OAuthProfile>) -> RefreshPolicy {
        documented_policy(&ApiProfile {
            name: "shelf",
            version: "v1",
            server: "https://shelf.example",
            oauth,
            rate_windows: &[],
            rate_reset: RateReset::Undocumented,
            rate_limit_wait: None,
            error_envelope: None,
            schemes: &[],
        })
    }

    #[test]
    fn a_document_that_states_nothing_gives_the_default() {
        let default = RefreshPolicy::new(RotationModel::Undocumented);
        assert_eq!([policy(Some(OAUTH)), policy(None)], [default.clone(), default]);
    }

    #[test]
    fn every_rotation_is_its_model() {
        for (rotation, model) in [
            (Rotation::Immediate, RotationModel::Immediate),
            (Rotation::OnFirstUse, RotationModel::OnFirstUse),
            (Rotation::ReuseRevokes, RotationModel::ReuseRevokes),
            (Rotation::Grace, RotationModel::Grace),
            (Rotation::LostAnswer, RotationModel::LostAnswer),
            (Rotation::None, RotationModel::None),
            (Rotation::Undocumented, RotationModel::Undocumented),
        ] {
            let policy = policy(Some(OAuthProfile { rotation, ..OAUTH }));
            assert_eq!(policy, RefreshPolicy::new(model), "{rotation:?}");
        }
    }

    #[test]
    fn the_life_of_a_refresh_token_is_the_documents() {
        let life = Some(Duration::from_secs(2_592_000));
        let policy = policy(Some(OAuthProfile { refresh_token_life: life, ..OAUTH }));
        assert_eq!(policy.refresh_token_life, life);
    }

    #[test]
    fn token_requests_carry_a_key_where_the_document_says_so() {
        let policy = policy(Some(OAuthProfile { token_key: TokenKey::IdempotencyKey, ..OAUTH }));
        assert_eq!(policy.idempotency, TokenIdempotency::Header);
    }
}
