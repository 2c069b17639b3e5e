//! A vendor in your own process: the sandbox with the defaults that tests want.

use std::ops::Deref;

use crate::browser::visit;

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

    /// Opens an authorization URL in a browser of its own, where an operator approves. The browser then goes to the callback,
    /// which has to be `http` on this machine, while the program under test waits for it; whether it gets there shows in the
    /// program alone.
    ///
    /// It needs a Tokio runtime. [`approve`](specwright_sandbox::Service::approve) gives the address of the callback
    /// instead of going there.
    ///
    /// # Errors
    /// See [`NotSentBack`].
    pub fn approve_in_browser(&self, url: &str, operator: &str) -> Result<(), NotSentBack> {
        let callback = self.approve(url, operator)?;
        tokio::spawn(async move { visit(&callback).await });
        Ok(())
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
    use tokio::io::{AsyncBufReadExt as _, BufReader};
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn seeded_contacts_have_ids() {
        let sandbox = Sandbox::start().await.unwrap();
        assert_eq!(sandbox.seed_contacts(2).len(), 2);
    }

    #[tokio::test]
    async fn a_browser_goes_to_the_callback_with_a_code() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let callback = format!("http://{}/callback", listener.local_addr().unwrap());
        let options = Options::new().with_redirect_uri(&callback).with_operator("operator-1");
        let sandbox = Sandbox::start_with(options).await.unwrap();
        let url = format!(
            "{}/oauth2/authorize?response_type=code&client_id={}&redirect_uri={callback}&scope=public.contact%3Aread&state=s",
            sandbox.base_url(),
            sandbox.client_id(),
        );
        sandbox.approve_in_browser(&url, "operator-1").unwrap();
        let (connection, _) = listener.accept().await.unwrap();
        let line = BufReader::new(connection).lines().next_line().await.unwrap().unwrap();
        assert!(line.starts_with("GET /callback?") && line.contains("code="), "{line}");
    }
}
