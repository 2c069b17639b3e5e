//! A program that many operators connect, at a vendor in virtual time.

use std::sync::Arc;

use specwright_refresh::{KeyRing, MemoryStore, SealingKey};
use specwright_testkit::{SandboxTransport, SeededRandom, VirtualClock};
use stora_2025_09::Client;
use stora_2025_09::runtime::{ApiGrants, Builder, ClientRegistration};

use crate::setting::Trouble;

/// The grants of its operators, of whom there are none yet. `set` is what a row wants beyond what is shipped.
pub fn tenants(
    clock: &VirtualClock,
    transport: &SandboxTransport,
    seed: u64,
    set: impl FnOnce(Builder<Client>) -> Builder<Client>,
) -> Result<ApiGrants<Client>, Trouble> {
    let vendor = transport.service();
    let program = ClientRegistration::confidential(vendor.client_id(), vendor.client_secret());
    let builder = Client::builder("Specwright/Torture")
        .transport(Arc::new(transport.clone()))
        .clock(Arc::new(clock.clone()))
        .random(Arc::new(SeededRandom::new(seed)));
    let grants = set(builder)
        .grants(program)
        .store(MemoryStore::volatile(Arc::new(clock.clone())))
        .keys(KeyRing::new("torture", SealingKey::new([7; SealingKey::BYTES])))
        .build()?;
    Ok(grants)
}
