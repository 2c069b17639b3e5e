//! How many retries all calls together have.

use std::sync::Arc;
use std::time::Duration;

use specwright_client::{
    CallOptions, Client, ClientRegistration, GrantKey, IssuedToken, KeyRing, MemoryStore,
    SealingKey,
};
use specwright_testkit::{Script, ScriptedTransport, SeededRandom, VirtualClock};

use crate::shelf::{BOOKS, GetBook, PROFILE};

const TENANTS: usize = 8;

/// Two calls of each tenant at once, of which each would be sent three times. A tenant has three retries in ten seconds.
#[tokio::test]
async fn all_tenants_of_a_host_have_ten_retries_in_ten_seconds_together() {
    let clock = VirtualClock::automatic();
    let transport = ScriptedTransport::new(clock.clone());
    transport.always(BOOKS, Script::status(503));
    let grants = Client::builder(&PROFILE, "Acme/App")
        .transport(Arc::new(transport.clone()))
        .clock(Arc::new(clock.clone()))
        .random(Arc::new(SeededRandom::new(1)))
        .grants(ClientRegistration::confidential("fake-client", "fake-secret"))
        .store(MemoryStore::volatile(Arc::new(clock.clone())))
        .keys(KeyRing::new("k1", SealingKey::new([3; 32])))
        .build()
        .unwrap();
    let mut calls = Vec::new();
    for tenant in 0..TENANTS {
        let key = GrantKey::new(format!("operator-{tenant}"), "shelf");
        let token = IssuedToken::new("fake-access", Duration::from_secs(7_200));
        grants.grants().adopt(&key, token.refresh_token("fake-refresh")).await.unwrap();
        let client: Client = grants.client(key);
        for _ in 0..2 {
            let client = client.clone();
            let send = async move { client.send(&GetBook, CallOptions::default()).await };
            calls.push(tokio::spawn(send));
        }
    }
    for call in calls {
        call.await.unwrap().unwrap_err();
    }
    assert!(clock.elapsed() < Duration::from_secs(10));
    assert_eq!(transport.requests_to(BOOKS).len(), 2 * TENANTS + 10);
}
