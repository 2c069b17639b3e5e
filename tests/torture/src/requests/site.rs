//! A vendor in virtual time, at the end of a way that takes its time.

use std::sync::Arc;
use std::time::Duration;

use specwright_testkit::sandbox::{Ledger, Limits, Options, WindowKind};
use specwright_testkit::{SandboxTransport, SeededRandom, VirtualClock};
use stora_2025_09::Client;
use stora_2025_09::runtime::{Clock as _, CredentialSource, RateLimits, StaticToken};
use tokio::task::JoinSet;

use super::way::Way;
use crate::setting::Trouble;

/// A vendor with the documented windows, and its clients. All of it is on one thread and in virtual time.
#[derive(Clone, Debug)]
pub struct Site {
    /// The time.
    pub clock: VirtualClock,
    /// The vendor.
    pub transport: SandboxTransport,
    /// The way there.
    way: Way,
    /// From what clients draw.
    random: Arc<SeededRandom>,
}

/// What fails at once would fail for ever at one moment.
pub const AFTER_FAILURE: Duration = Duration::from_secs(1);

impl Site {
    /// A vendor whose windows are of this kind.
    pub fn new(seed: u64, kind: WindowKind) -> Result<Self, Trouble> {
        let clock = VirtualClock::automatic();
        let options = Options::new()
            .with_seeded_secrets(seed)
            .with_limits(Limits::Documented)
            .with_window_kind(kind)
            .with_contacts(1);
        let transport = SandboxTransport::start(options, clock.clone())?;
        let way = Way::new(transport.clone(), clock.clone(), seed);
        Ok(Self { clock, transport, way, random: Arc::new(SeededRandom::new(seed)) })
    }

    /// A client that keeps to the windows so.
    pub fn client(&self, limits: RateLimits) -> Result<Client, Trouble> {
        self.client_with(StaticToken::new(self.token()), limits)
    }

    /// The token that the vendor takes.
    pub fn token(&self) -> String {
        self.transport.service().static_token().to_owned()
    }

    /// As [`Self::client`], with these credentials.
    pub fn client_with(
        &self,
        credentials: impl Into<CredentialSource>,
        limits: RateLimits,
    ) -> Result<Client, Trouble> {
        let client = Client::builder("Specwright/Torture")
            .transport(Arc::new(self.way.clone()))
            .clock(Arc::new(self.clock.clone()))
            .random(Arc::clone(&self.random) as _)
            .credentials(credentials)
            .rate_limits(limits)
            .build()?;
        Ok(client)
    }

    /// Tasks that call with this client, each again as soon as its call has ended, or a second after it has failed, for so
    /// long. What becomes of the calls is in the ledger.
    pub fn keep_calling(
        &self,
        calls: &mut JoinSet<()>,
        client: &Client,
        tasks: u32,
        lasts: Duration,
    ) {
        let end = self.clock.monotonic().saturating_add(lasts);
        for _ in 0..tasks {
            let (client, clock) = (client.clone(), self.clock.clone());
            calls.spawn(async move {
                while clock.monotonic() < end {
                    if client.contacts().list().limit(1).await.is_err() {
                        clock.sleep(AFTER_FAILURE).await;
                    }
                }
            });
        }
    }

    /// What happened up to now.
    pub fn ledger(&self) -> Ledger {
        self.transport.service().ledger()
    }
}
