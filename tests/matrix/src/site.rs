//! The program that all processes run: where its vendor is, and how it renews.

use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;
use specwright_core::transport::Transport;
use specwright_oauth::{ClientRegistration, RevocationEndpoint, TokenEndpoint, confidential_url};
use specwright_refresh::{
    GrantParts, GrantSource, GrantStore, KeyRing, Observer, SealingKey, Spawn,
};
use specwright_testkit::sandbox::Service;
use specwright_testkit::{SeededRandom, VirtualClock};
use url::Url;

use crate::Failure;
use crate::model::Model;

/// What the processes have in common.
pub(crate) struct Site {
    pub(crate) authorize: Url,
    pub(crate) client: ClientRegistration,
    token: Url,
    revoke: Url,
    model: Model,
    clock: VirtualClock,
}

/// What each has of its own.
pub(crate) struct Outside {
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) store: Arc<dyn GrantStore>,
    pub(crate) spawn: Arc<dyn Spawn>,
    pub(crate) observer: Arc<dyn Observer>,
    pub(crate) seed: u64,
}

impl Site {
    pub(crate) fn new(
        model: Model,
        vendor: &Service,
        clock: &VirtualClock,
    ) -> Result<Self, Failure> {
        let client = ClientRegistration::confidential(vendor.client_id(), vendor.client_secret());
        Ok(Self {
            authorize: confidential_url("https://vendor.example/oauth2/authorize")?,
            token: confidential_url("https://vendor.example/oauth2/token")?,
            revoke: confidential_url("https://vendor.example/oauth2/revoke")?,
            client,
            model,
            clock: clock.clone(),
        })
    }

    /// What the grants of one process stand on.
    pub(crate) fn parts(&self, outside: Outside) -> GrantParts {
        let Outside { transport, store, spawn, observer, seed } = outside;
        let agent = HeaderValue::from_static("Specwright/Matrix");
        let clock = Arc::new(self.clock.clone());
        let endpoint = TokenEndpoint::new(
            self.token.clone(),
            agent.clone(),
            Arc::clone(&transport),
            clock.clone(),
        );
        let mut policy = self.model.policy();
        // One grant needs no pace, and its wait would be one point more at which nothing happens.
        policy.pace.spacing = Duration::ZERO;
        GrantParts {
            endpoint,
            revocation: Some(RevocationEndpoint::new(self.revoke.clone(), agent, transport)),
            source: GrantSource::Users(self.client.clone()),
            policy,
            store,
            spill: None,
            keys: Arc::new(KeyRing::new("k1", SealingKey::new([7; 32]))),
            clock,
            random: Arc::new(SeededRandom::new(seed)),
            spawn,
            observer,
            identify: None,
        }
    }
}

pub(crate) const REDIRECT: &str = "https://app.example/callback";

/// What the calls need.
pub(crate) const SCOPE: &str = "public.contact:read";
