//! Everything through which one process touches the world. Where it is cut off, nothing that its tasks still do has an
//! effect, as if they had ended there.

use std::future::{pending, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::task::Poll;

use specwright_core::random::Random as _;
use specwright_core::transport::{
    AttemptLimits, BoxFuture, SendError, Transport, TransportRequest, TransportResponse,
};
use specwright_refresh::{Generation, GrantKey, Observer, Spawn, Step, StoreError, StoreErrorKind};
use specwright_testkit::sandbox::Target;
use specwright_testkit::{SandboxTransport, SeededRandom, StoreVerb, StoreWatcher};

use crate::cell::Trouble;
use crate::durable::Durable;
use crate::executor::{Executor, Owner, Role};
use crate::plot::{Plot, REVOKE_OPERATION, TOKEN_OPERATION};
use crate::point::Point;

/// The most operations that a store refuses in a row, which is more than a caller waits for.
const REFUSALS: u64 = 6;

/// How often others may go first where a process waits for the world.
const TURNS: u64 = 2;

/// One process, as its outside sees it.
#[derive(Debug)]
pub(crate) struct Port {
    pub(crate) process: u32,
    pub(crate) executor: Executor,
    pub(crate) transport: SandboxTransport,
    pub(crate) plot: Arc<Plot>,
    pub(crate) durable: Arc<Durable>,
    pub(crate) random: SeededRandom,
    pub(crate) state: State,
}

/// What becomes of what a process does.
#[derive(Debug, Default)]
pub(crate) struct State {
    cut: AtomicBool,
    /// A pair is on its way into the store.
    committing: AtomicBool,
    /// Operations that the store still refuses.
    refusals: AtomicU32,
    /// The next write is made, and said to have failed.
    unheard: AtomicBool,
}

impl Port {
    /// The tasks of the process that do this.
    pub(crate) fn owner(&self, role: Role) -> Owner {
        Owner { process: self.process, role }
    }

    /// Connects the process with the world again, when its tasks are gone.
    pub(crate) fn mend(&self) {
        self.state.cut.store(false, Ordering::Relaxed);
    }

    /// The process is at a point.
    fn reach(&self, point: Point) {
        if let Some(trouble) = self.plot.reach(point, self.process) {
            self.meet(trouble, point);
        }
    }

    /// Something happens to the process.
    pub(crate) fn meet(&self, trouble: Trouble, point: Point) {
        match trouble {
            Trouble::Ends | Trouble::TornDown => {
                self.state.cut.store(true, Ordering::Relaxed);
                self.executor.end(self.owner(Role::Caller));
                self.executor.end(self.owner(Role::Worker));
            }
            Trouble::CallersDropped => self.executor.end(self.owner(Role::Caller)),
            Trouble::StoreRefuses => {
                let refusals = 1 + self.random.up_to(REFUSALS - 1);
                let refusals = u32::try_from(refusals).unwrap_or(1);
                self.state.refusals.store(refusals, Ordering::Relaxed);
            }
            Trouble::StoreUnheard => self.state.unheard.store(true, Ordering::Relaxed),
            Trouble::Exchange(exchange) => {
                let operation = match point {
                    Point::F12 => REVOKE_OPERATION,
                    _ => TOKEN_OPERATION,
                };
                self.transport.service().push_fault(Target::operation(operation), exchange.fault());
            }
        }
    }

    /// Lets others go first, or nobody. Who is cut off goes no further.
    async fn cross(&self) {
        let mut turns = self.random.up_to(TURNS);
        poll_fn(|context| {
            if turns == 0 {
                return Poll::Ready(());
            }
            turns -= 1;
            context.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
        self.gate().await;
    }

    async fn gate(&self) {
        if self.state.cut.load(Ordering::Relaxed) {
            pending::<()>().await;
        }
    }

    /// A request for a pair, with everything that may happen on its way.
    async fn exchange(
        &self,
        request: TransportRequest,
        limits: AttemptLimits,
    ) -> Result<TransportResponse, SendError> {
        self.reach(Point::F2);
        self.gate().await;
        let stop = self.plot.stop();
        let stops = stop.is_some();
        match stop {
            Some(fault) => {
                let service = self.transport.service();
                service.push_fault(Target::operation(TOKEN_OPERATION), fault);
            }
            None => {
                self.reach(Point::F3);
                self.reach(Point::F4);
            }
        }
        let mut sending = pin!(self.transport.send(request, limits));
        let answer = poll_fn(|context| {
            let polled = sending.as_mut().poll(context);
            if stops {
                // The server holds it there, or has broken off there.
                self.reach(self.plot.point());
            }
            polled
        })
        .await;
        self.gate().await;
        self.reach(Point::F5);
        self.reach(Point::F6);
        self.plot.exchanged();
        answer
    }
}

impl Transport for Port {
    fn send(
        &self,
        request: TransportRequest,
        limits: AttemptLimits,
    ) -> BoxFuture<'_, Result<TransportResponse, SendError>> {
        Box::pin(async move {
            self.cross().await;
            let is_refresh = request.uri().path() == TOKEN_PATH
                && request
                    .body()
                    .whole()
                    .is_some_and(|body| body.windows(REFRESH.len()).any(|part| part == REFRESH));
            let answer = if is_refresh {
                self.exchange(request, limits).await
            } else {
                self.transport.send(request, limits).await
            };
            self.cross().await;
            answer
        })
    }
}

impl StoreWatcher for Port {
    fn around<'a>(
        &'a self,
        verb: StoreVerb,
        operation: BoxFuture<'a, Result<(), StoreError>>,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            self.cross().await;
            let lost = || Err(StoreError::new(StoreErrorKind::Unavailable, "asked for"));
            let refusals = self.state.refusals.load(Ordering::Relaxed);
            if refusals > 0 {
                self.state.refusals.store(refusals - 1, Ordering::Relaxed);
                return lost();
            }
            let done = operation.await;
            if verb == StoreVerb::Swap {
                self.durable.note();
                if self.state.committing.swap(false, Ordering::Relaxed) {
                    self.reach(Point::F9);
                }
                if self.state.unheard.swap(false, Ordering::Relaxed) {
                    return lost();
                }
            }
            self.cross().await;
            done
        })
    }
}

impl Observer for Port {
    fn step(&self, _: &GrantKey, _: Generation, step: Step) {
        match step {
            Step::Decided => self.reach(Point::F0),
            Step::Intended => self.reach(Point::F1),
            Step::Answered => self.reach(Point::F7),
            Step::Read => self.reach(Point::F8),
            Step::Committing => self.state.committing.store(true, Ordering::Relaxed),
            Step::Committed => self.reach(Point::F10),
            Step::Published => self.reach(Point::F11),
            Step::Revoking => self.reach(Point::F12),
            // A step that a newer engine has is no point of this matrix.
            _ => {}
        }
    }
}

impl Spawn for Port {
    fn spawn(&self, task: BoxFuture<'static, ()>) {
        // Who is cut off starts nothing.
        if !self.state.cut.load(Ordering::Relaxed) {
            self.executor.spawn(self.owner(Role::Worker), task);
        }
    }
}

const TOKEN_PATH: &str = "/oauth2/token";
const REFRESH: &[u8] = b"grant_type=refresh_token";
