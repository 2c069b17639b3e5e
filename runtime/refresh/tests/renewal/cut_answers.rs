//! An answer that is cut at each of its bytes, by a vendor who forgives nothing.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::HeaderValue;
use specwright_core::transport::{
    AttemptLimits, BoxFuture, SendError, Transport, TransportRequest, TransportResponse,
};
use specwright_oauth::{
    AuthorizationRequest, Callback, ClientRegistration, Session, TokenEndpoint,
};
use specwright_refresh::{
    ConnectError, Credentials as _, GrantKey, GrantParts, GrantSource, GrantStatus, Grants,
    KeyRing, MemoryStore, ReconnectReason, RefreshPolicy, RotationModel, SealingKey, Unobserved,
};
use specwright_testkit::sandbox::{Fault, Options, Rotation, Target};
use specwright_testkit::{SandboxTransport, SeededRandom, VirtualClock};
use url::Url;

use crate::fleet::{EXPIRED, Tasks};

const TOKEN: &str = "oauth2_token";
const REDIRECT: &str = "https://partner.example/";

/// A vendor without a socket, and the last whole answer that he gave.
#[derive(Clone, Debug)]
struct Vendor {
    sandbox: SandboxTransport,
    last: Arc<Mutex<Bytes>>,
}

impl Transport for Vendor {
    fn send(
        &self,
        request: TransportRequest,
        limits: AttemptLimits,
    ) -> BoxFuture<'_, Result<TransportResponse, SendError>> {
        Box::pin(async move {
            let answer = self.sandbox.send(request, limits).await?;
            *self.last.lock().unwrap() = answer.body().bytes().clone();
            Ok(answer)
        })
    }
}

/// An application that any number of operators connect.
struct Application {
    clock: VirtualClock,
    vendor: Vendor,
    client: ClientRegistration,
    grants: Grants,
}

impl Application {
    fn new(model: RotationModel, rotation: Rotation) -> Self {
        let clock = VirtualClock::automatic();
        let options = Options::new()
            .with_seeded_secrets(4711)
            .with_rotation(rotation)
            .with_redirect_uri(REDIRECT);
        let sandbox = SandboxTransport::start(options, clock.clone()).unwrap();
        let service = sandbox.service();
        let client = ClientRegistration::confidential(service.client_id(), service.client_secret());
        let vendor = Vendor { sandbox, last: Arc::default() };
        let time = Arc::new(clock.clone());
        let url = Url::parse("https://vendor.example/oauth2/token").unwrap();
        let agent = HeaderValue::from_static("Acme/Test");
        let grants = Grants::new(GrantParts {
            endpoint: TokenEndpoint::new(url, agent, Arc::new(vendor.clone()), time.clone()),
            revocation: None,
            source: GrantSource::Users(client.clone()),
            policy: RefreshPolicy::new(model),
            store: Arc::new(MemoryStore::volatile(time.clone())),
            spill: None,
            keys: Arc::new(KeyRing::new("k1", SealingKey::new([7; 32]))),
            clock: time,
            random: Arc::new(SeededRandom::new(1)),
            spawn: Arc::new(Tasks),
            observer: Arc::new(Unobserved),
            identify: None,
        });
        Self { clock, vendor, client, grants }
    }

    /// An operator connects while the answer to the code is cut there.
    async fn connect(&self, key: &GrantKey, cut: Option<usize>) -> Result<GrantKey, ConnectError> {
        let endpoint = Url::parse("https://vendor.example/oauth2/authorize").unwrap();
        let request = AuthorizationRequest::new(endpoint, &self.client, REDIRECT).unwrap();
        let request = request.scope("public.contact:read");
        let url = self.grants.authorize(key, &request, Session::None).await.unwrap();
        let back = self.vendor.sandbox.service().approve(url.as_str(), "operator-1").unwrap();
        self.cut(cut);
        self.grants.receive(Callback::from_url(&back).unwrap(), Session::None).await
    }

    fn cut(&self, at: Option<usize>) {
        if let Some(at) = at {
            let target = Target::operation(TOKEN);
            self.vendor.sandbox.service().push_fault(target, Fault::CutAfter(at));
        }
    }

    async fn gives_a_token(&self, key: &GrantKey) -> bool {
        self.grants.credentials(key.clone()).bearer().await.is_ok()
    }

    async fn status(&self, key: &GrantKey) -> GrantStatus {
        self.grants.status(key).await.unwrap()
    }

    /// The length of the last answer, and where its refresh token ends, with its quote.
    fn measured(&self) -> (usize, usize) {
        let answer = self.vendor.last.lock().unwrap();
        let text = std::str::from_utf8(&answer).unwrap();
        let name = "\"refresh_token\":\"";
        let start = text.find(name).unwrap() + name.len();
        (text.len(), start + text[start..].find('"').unwrap() + 1)
    }
}

fn key(number: usize) -> GrantKey {
    GrantKey::new(format!("operator-{number}"), "stora")
}

/// Whose answers are cut: vendors of whom no answer can be had again.
const MODELS: [(RotationModel, Rotation); 2] =
    [(RotationModel::Immediate, Rotation::AtOnce), (RotationModel::ReuseRevokes, Rotation::Strict)];

#[tokio::test]
async fn a_grant_survives_a_renewal_that_is_cut_wherever_its_refresh_token_had_arrived() {
    for (model, rotation) in MODELS {
        let application = Application::new(model, rotation);
        let first = key(usize::MAX);
        application.connect(&first, None).await.unwrap();
        application.clock.advance(EXPIRED);
        assert!(application.gives_a_token(&first).await);
        let (length, end) = application.measured();
        for cut in 0..=length {
            let key = key(cut);
            application.connect(&key, None).await.unwrap();
            application.clock.advance(EXPIRED);
            application.cut(Some(cut));
            let survived = application.gives_a_token(&key).await;
            assert_eq!(survived, cut >= end, "{model:?}, cut at {cut} of {length}");
            if !survived {
                application.clock.advance(Duration::from_secs(60));
                application.gives_a_token(&key).await;
                let status = application.status(&key).await;
                let lost = ReconnectReason::LostRotation;
                let said = matches!(status, GrantStatus::ReconnectRequired { reason, .. } if reason == lost);
                assert!(said, "{model:?}, cut at {cut}: {status:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_code_connects_wherever_its_answer_is_cut_after_the_refresh_token() {
    let (model, rotation) = MODELS[0].clone();
    let application = Application::new(model, rotation);
    application.connect(&key(usize::MAX), None).await.unwrap();
    let (length, end) = application.measured();
    for cut in 0..=length {
        let key = key(cut);
        let connected = application.connect(&key, Some(cut)).await;
        if cut < end {
            assert!(matches!(connected, Err(ConnectError::Lost)), "cut at {cut}: {connected:?}");
        } else {
            connected.unwrap();
            assert!(application.gives_a_token(&key).await, "cut at {cut}");
        }
    }
}
