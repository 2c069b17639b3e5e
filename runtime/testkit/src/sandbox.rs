//! A vendor in your own process: the sandbox with the defaults that tests want.

use std::ops::Deref;

pub use specwright_sandbox::{
    Account, Api, AttemptEntry, AttemptVerdict, AuthorizationEntry, AuthorizationEvent,
    BeyondTheEnd, Chaos, Churn, Client, ConcurrentKeys, DefectEntry, EarlierTokens, EffectEntry,
    EffectKind, Exchange, ExpiresIn, Fault, FaultEntry, ForeignUse, Held, Ledger, Limits,
    NotSentBack, Options, OtherBody, Outcome, Peak, Profile, RateHeaders, ReplayEntry,
    RequestEntry, Rotation, SandboxClock, Service, StartError, Step, Target, TokenEntry,
    TokenEvent, TokenKind, TokenOutcome, TokenRequestEntry, UnknownRotation, Verdict,
    WebhookSettings, Window, WindowKind,
};

/// A running sandbox that plays Stora on a free loopback port. It stops when it is dropped.
///
/// Everything a [`specwright_sandbox::Sandbox`] can do is at hand: seed contacts, move the clock,
/// script faults, read the ledger.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), specwright_testkit::sandbox::StartError> {
/// use specwright_testkit::Sandbox;
///
/// let sandbox = Sandbox::start().await?;
/// sandbox.seed_contacts(3);
/// // … call the program under test with `sandbox.base_url()` and `sandbox.static_token()`, then:
/// assert!(sandbox.ledger().effects().is_empty());
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Sandbox(specwright_sandbox::Sandbox);

impl Sandbox {
    /// Starts with the defaults: no rate windows, the machine's clock, invented credentials.
    ///
    /// # Errors
    /// See [`StartError`].
    pub async fn start() -> Result<Self, StartError> {
        Self::start_with(Options::new()).await
    }

    /// Starts as `options` say.
    ///
    /// # Errors
    /// See [`StartError`].
    pub async fn start_with(options: Options) -> Result<Self, StartError> {
        specwright_sandbox::Sandbox::start(options).await.map(Self)
    }

    /// Stops listening and closes every connection.
    pub async fn shutdown(self) {
        self.0.shutdown().await;
    }
}

impl Deref for Sandbox {
    type Target = specwright_sandbox::Sandbox;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn seeded_contacts_have_ids() {
        let sandbox = Sandbox::start().await.unwrap();
        assert_eq!(sandbox.seed_contacts(2).len(), 2);
    }
}
