//! A transport that ends in a sandbox without a socket.

use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;
use std::time::{Duration, UNIX_EPOCH};

use bytes::Bytes;
use http::{Request, Response};
use specwright_core::clock::Clock;
use specwright_core::transport::{
    AttemptLimits, Body, BoxFuture, SendError, SendErrorKind, Sent, Transport, TransportRequest,
    TransportResponse,
};
use specwright_sandbox::{Exchange, Options, Outcome, SandboxClock, Service, StartError, Step};

/// Sends every request to a [`Service`], whatever host its URI names. Clones share it.
///
/// There is no socket and no task: a request is played while its future is polled, and there is one time for client and
/// vendor. With a [`VirtualClock`](crate::VirtualClock) and [`Options::with_seeded_secrets`] a test with faults is the
/// same in each run.
///
/// | what the vendor does | what comes back |
/// |---|---|
/// | answers | the answer |
/// | closes the connection, before or after it took effect | [`Sent::Maybe`], [`SendErrorKind::Interrupted`] |
/// | cuts the answer | the same, with what has arrived if the limits ask for it |
/// | holds or delays beyond the time limit | [`Sent::Maybe`], [`SendErrorKind::Timeout`] at the limit |
/// | answers more than the limit | [`Sent::Maybe`], [`SendErrorKind::TooLarge`] |
///
/// A vendor that has read a request does not care whether its client waits: if the future of a delayed request ends
/// early, by the time limit or because it was dropped, the request is played to its end then. One that is held goes on
/// when [`Service::release`] lets it.
///
/// ```
/// # use std::time::Duration;
/// # use specwright_core::transport::{AttemptLimits, SendErrorKind, Transport, TransportRequest};
/// # use specwright_testkit::sandbox::{Fault, Options, Target};
/// # use specwright_testkit::{SandboxTransport, VirtualClock};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), specwright_testkit::sandbox::StartError> {
/// let transport = SandboxTransport::start(Options::new(), VirtualClock::automatic())?;
/// transport.service().push_fault(Target::Any, Fault::CloseBeforeAnswer);
/// let limits = AttemptLimits::new(Duration::from_secs(30));
/// let lost = transport.send(TransportRequest::default(), limits).await.unwrap_err();
/// assert_eq!(lost.kind, SendErrorKind::Interrupted);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct SandboxTransport {
    service: Service,
    clock: Arc<dyn Clock>,
    /// Up to where the vendor's time has followed the monotonic clock.
    followed: Arc<Mutex<Duration>>,
}

impl SandboxTransport {
    /// Sets a vendor up whose time is that of `clock`. The clock of the options is not looked at.
    ///
    /// # Errors
    /// See [`StartError`].
    pub fn start(options: Options, clock: impl Clock) -> Result<Self, StartError> {
        let since = clock.now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let time = SandboxClock::fixed_at(since.as_secs());
        time.advance(Duration::from_nanos(since.subsec_nanos().into()));
        let service = Service::new(options.with_clock(time))?;
        let followed = Arc::new(Mutex::new(clock.monotonic()));
        Ok(Self { service, clock: Arc::new(clock), followed })
    }

    /// The vendor, at the time of the clock: what happened up to now, and what may be changed.
    pub fn service(&self) -> &Service {
        self.follow();
        &self.service
    }

    /// Lets the vendor's time pass as the clock's has.
    fn follow(&self) {
        let mut followed = self.followed.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.clock.monotonic();
        self.service.advance(now.saturating_sub(*followed));
        *followed = now;
    }

    async fn attempt(
        &self,
        request: TransportRequest,
        limits: AttemptLimits,
    ) -> Result<TransportResponse, SendError> {
        let start = self.clock.monotonic();
        let (head, body) = request.into_parts();
        let body = body.collect().await?.into_bytes();
        let mut playing = Playing {
            transport: self,
            exchange: self.service.begin(Request::from_parts(head, body)),
            over: false,
        };
        loop {
            let spent = self.clock.monotonic().saturating_sub(start);
            let left = limits.timeout.saturating_sub(spent);
            match playing.step() {
                Step::Wait(delay) if delay > left => {
                    self.clock.sleep(left).await;
                    return Err(SendError::new(Sent::Maybe, SendErrorKind::Timeout));
                }
                Step::Wait(delay) => self.clock.sleep(delay).await,
                Step::Held(held) => return arrived(self.within(left, held).await, limits),
                Step::Done(outcome) => return arrived(Some(outcome), limits),
                // A step that this transport does not know: nothing is known of the request.
                _ => return Err(SendError::new(Sent::Maybe, SendErrorKind::Protocol)),
            }
        }
    }

    /// What `future` gives, if it does so in time.
    async fn within<T>(&self, time: Duration, future: impl Future<Output = T>) -> Option<T> {
        let (mut future, mut end) = (pin!(future), self.clock.sleep(time));
        poll_fn(|context| {
            if let Poll::Ready(value) = future.as_mut().poll(context) {
                return Poll::Ready(Some(value));
            }
            end.as_mut().poll(context).map(|()| None)
        })
        .await
    }
}

impl Transport for SandboxTransport {
    fn send(
        &self,
        request: TransportRequest,
        limits: AttemptLimits,
    ) -> BoxFuture<'_, Result<TransportResponse, SendError>> {
        Box::pin(self.attempt(request, limits))
    }
}

impl fmt::Debug for SandboxTransport {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.debug_struct("SandboxTransport").finish_non_exhaustive()
    }
}

/// A request that the vendor has read. It is played to its end, whatever becomes of whoever waits for it.
struct Playing<'t> {
    transport: &'t SandboxTransport,
    exchange: Exchange,
    over: bool,
}

impl Playing<'_> {
    fn step(&mut self) -> Step {
        self.transport.follow();
        let step = self.exchange.step();
        self.over = !matches!(step, Step::Wait(_));
        step
    }
}

impl Drop for Playing<'_> {
    fn drop(&mut self) {
        while !self.over {
            self.step();
        }
    }
}

/// What a client makes of an outcome. `None` is one that did not come in time.
fn arrived(
    outcome: Option<Outcome>,
    limits: AttemptLimits,
) -> Result<TransportResponse, SendError> {
    let failure = |kind| Err(SendError::new(Sent::Maybe, kind));
    match outcome {
        None => failure(SendErrorKind::Timeout),
        Some(Outcome::Answer(answer)) if is_too_large(&answer, limits) => {
            failure(SendErrorKind::TooLarge { status: answer.status() })
        }
        Some(Outcome::Answer(answer)) => Ok(answer.map(Body::from)),
        Some(Outcome::Cut(answer)) => {
            let broken = SendError::new(Sent::Maybe, SendErrorKind::Interrupted);
            Err(broken.with_broken_off(answer.map(Body::from), &limits))
        }
        Some(_) => failure(SendErrorKind::Interrupted),
    }
}

fn is_too_large(answer: &Response<Bytes>, limits: AttemptLimits) -> bool {
    answer.body().len() > limits.max_bytes(answer.status())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::VirtualClock;
    use crate::sandbox::{Fault, Rotation, Target};

    const TOKEN: &str = "oauth2_token";
    const LIMIT: Duration = Duration::from_secs(30);

    /// A client that an operator is connected to, at a vendor that forgives nothing.
    struct Connected {
        clock: VirtualClock,
        transport: SandboxTransport,
        refresh_token: String,
    }

    impl Connected {
        async fn new() -> Self {
            let clock = VirtualClock::automatic();
            let options = Options::new()
                .with_seeded_secrets(4711)
                .with_rotation(Rotation::AtOnce)
                .with_redirect_uri("https://partner.example/");
            let transport = SandboxTransport::start(options, clock.clone()).unwrap();
            let id = transport.service().client_id();
            let url = format!(
                "https://vendor.example/oauth2/authorize?response_type=code&client_id={id}\
                 &redirect_uri=https%3A%2F%2Fpartner.example%2F&scope=public.contact%3Aread"
            );
            let callback = transport.service().approve(&url, "operator-1").unwrap();
            let code = callback.split_once("code=").unwrap().1.to_owned();
            let mut connected = Self { clock, transport, refresh_token: String::new() };
            let answer = connected
                .token(&format!(
                    "grant_type=authorization_code&code={code}\
                     &redirect_uri=https%3A%2F%2Fpartner.example%2F"
                ))
                .await
                .unwrap();
            let body: serde_json::Value = serde_json::from_slice(answer.body()).unwrap();
            connected.refresh_token = body["refresh_token"].as_str().unwrap().to_owned();
            connected
        }

        async fn token(&self, grant: &str) -> Result<TransportResponse, SendError> {
            let service = self.transport.service();
            let (id, secret) = (service.client_id(), service.client_secret());
            let body = format!("{grant}&client_id={id}&client_secret={secret}");
            let mut request = TransportRequest::new(body.into_bytes().into());
            *request.method_mut() = http::Method::POST;
            *request.uri_mut() = "https://vendor.example/oauth2/token".parse().unwrap();
            let form = http::HeaderValue::from_static("application/x-www-form-urlencoded");
            request.headers_mut().insert(http::header::CONTENT_TYPE, form);
            self.transport.send(request, AttemptLimits::new(LIMIT)).await
        }

        /// Refreshes while this goes wrong.
        async fn refresh(&self, fault: Fault) -> Result<u16, SendErrorKind> {
            self.transport.service().push_fault(Target::operation(TOKEN), fault);
            let grant = format!("grant_type=refresh_token&refresh_token={}", self.refresh_token);
            let answer = self.token(&grant).await;
            answer.map(|answer| answer.status().as_u16()).map_err(|error| {
                assert_eq!(error.sent, Sent::Maybe);
                error.kind
            })
        }

        fn was_traded(&self) -> bool {
            self.transport.service().ledger().token_posts_for(1).len() == 2
        }
    }

    #[tokio::test]
    async fn each_fault_is_an_error_of_its_kind_and_is_committed_or_not() {
        use SendErrorKind::{Interrupted, Timeout};
        let long = Fault::Delay(Duration::from_secs(31));
        for (fault, expected, traded) in [
            (Fault::CloseBeforeAnswer, Err(Interrupted), false),
            (Fault::CloseAfterEffect, Err(Interrupted), true),
            (Fault::CutAfter(10), Err(Interrupted), true),
            (Fault::HoldRequest, Err(Timeout), false),
            (Fault::HoldBeforeEffect, Err(Timeout), false),
            (Fault::HoldAfterEffect, Err(Timeout), true),
            (long, Err(Timeout), true),
            (Fault::Delay(Duration::from_secs(30)), Ok(200), true),
            (Fault::Status(503), Ok(503), false),
            (Fault::StatusAfterEffect(503), Ok(503), true),
        ] {
            let connected = Connected::new().await;
            let shown = format!("{fault:?}");
            let end = connected.clock.elapsed() + LIMIT;
            assert_eq!(connected.refresh(fault).await, expected, "{shown}");
            assert_eq!(connected.was_traded(), traded, "{shown}");
            if expected == Err(Timeout) {
                assert_eq!(connected.clock.elapsed(), end, "{shown}");
            }
        }
    }

    #[tokio::test]
    async fn what_was_held_is_done_when_it_is_let_go() {
        let connected = Connected::new().await;
        assert!(connected.refresh(Fault::HoldBeforeEffect).await.is_err());
        assert!(!connected.was_traded());
        connected.transport.service().release();
        assert!(connected.was_traded());
    }

    #[tokio::test]
    async fn the_vendor_goes_by_the_clock_of_the_client() {
        let connected = Connected::new().await;
        let service = connected.transport.service();
        assert_eq!(service.ledger().live_tokens("operator-1"), [2, 3]);
        connected.clock.advance(Duration::from_secs(7200));
        assert_eq!(connected.transport.service().ledger().live_tokens("operator-1"), [3]);
    }

    #[tokio::test]
    async fn a_delayed_request_is_played_although_its_future_is_dropped() {
        let connected = Connected::new().await;
        let wait = Fault::Delay(Duration::from_secs(5));
        let mut refresh = Box::pin(connected.refresh(wait));
        let first = poll_fn(|context| Poll::Ready(refresh.as_mut().poll(context).is_ready())).await;
        drop(refresh);
        assert!(!first && connected.was_traded());
    }

    #[tokio::test]
    async fn two_runs_from_one_seed_give_the_same_tokens() {
        let (one, other) = (Connected::new().await, Connected::new().await);
        assert_eq!(one.refresh_token, other.refresh_token);
    }
}
