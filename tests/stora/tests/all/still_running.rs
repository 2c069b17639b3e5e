//! Requests that go on at the server after something on the way has given them up.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use specwright_testkit::sandbox::{ConcurrentKeys, Fault, Options, Target};
use specwright_testkit::{SandboxTransport, SeededRandom, VirtualClock};
use stora_2025_09::Client;
use stora_2025_09::runtime::transport::{
    AttemptLimits, BoxFuture, SendError, SendErrorKind, Sent, Transport, TransportRequest,
    TransportResponse,
};
use stora_2025_09::runtime::{Clock as _, StaticToken};
use stora_tests::inputs::smallest_contact;

/// For so long the server carries out the first request, which nobody waits for any more.
const LASTS: Duration = Duration::from_secs(3);

/// How something on the way gives a request up.
#[derive(Clone, Copy, Debug)]
enum GivenUp {
    Answered(u16),
    Reset,
}

/// The way to a vendor that does not hold back a second request with a key while it carries out the first. The first one is
/// given up on the way as soon as it has passed.
#[derive(Debug)]
struct Way {
    vendor: SandboxTransport,
    first: Mutex<Option<GivenUp>>,
}

impl Way {
    fn new(clock: &VirtualClock, first: GivenUp) -> Self {
        let options = Options::new().with_concurrent_keys(ConcurrentKeys::BothAct);
        let vendor = SandboxTransport::start(options, clock.clone()).unwrap();
        let operation = Target::operation("create_contact");
        vendor.service().push_fault(operation, Fault::Delay(LASTS));
        Self { vendor, first: Mutex::new(Some(first)) }
    }
}

impl Transport for Way {
    fn send(
        &self,
        request: TransportRequest,
        limits: AttemptLimits,
    ) -> BoxFuture<'_, Result<TransportResponse, SendError>> {
        let Some(first) = self.first.lock().unwrap().take() else {
            return self.vendor.send(request, limits);
        };
        let vendor = self.vendor.clone();
        // It goes on, whoever waits for it.
        tokio::spawn(async move { drop(vendor.send(request, limits).await) });
        Box::pin(async move {
            match first {
                GivenUp::Answered(status) => {
                    let mut answer = TransportResponse::default();
                    *answer.status_mut() = status.try_into().unwrap();
                    Ok(answer)
                }
                GivenUp::Reset => Err(SendError::new(Sent::Maybe, SendErrorKind::Interrupted)),
            }
        })
    }
}

#[tokio::test]
async fn a_key_is_not_sent_beside_its_first_request() {
    for first in
        [GivenUp::Answered(502), GivenUp::Answered(503), GivenUp::Answered(504), GivenUp::Reset]
    {
        // The waits are drawn.
        for seed in 0..8 {
            let clock = VirtualClock::automatic();
            let way = Arc::new(Way::new(&clock, first));
            let client = Client::builder("Acme/Importer")
                .transport(Arc::clone(&way) as Arc<dyn Transport>)
                .clock(Arc::new(clock.clone()))
                .random(Arc::new(SeededRandom::new(seed)))
                .credentials(StaticToken::new(way.vendor.service().static_token().to_owned()))
                .build()
                .unwrap();
            let outcome = client.contacts().create(smallest_contact()).await;
            // The first one may be the last to be done.
            clock.sleep(2 * LASTS).await;
            let ledger = way.vendor.service().ledger();
            assert!(outcome.is_ok(), "{first:?}: {outcome:?}");
            assert_eq!((ledger.effects.len(), ledger.requests.len()), (1, 2), "{first:?}");
        }
    }
}
