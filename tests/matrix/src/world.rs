//! A vendor, a store, a clock, and the processes that share them.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use specwright_core::random::Random as _;
use specwright_core::transport::BoxFuture;
use specwright_oauth::{AuthorizationRequest, Callback, Session};
use specwright_refresh::{GrantCredentials, GrantKey, GrantStore, Grants, MemoryStore, Unobserved};
use specwright_testkit::sandbox::{Options, TokenOutcome};
use specwright_testkit::{SandboxTransport, SeededRandom, VirtualClock, WatchedStore};

use crate::Failure;
use crate::call::{Call, Report};
use crate::cell::{Cell, Trouble};
use crate::durable::{AtOnce, Durable, ReadOnly};
use crate::executor::{Executor, Role};
use crate::plot::Plot;
use crate::port::{Port, State};
use crate::site::{Outside, REDIRECT, SCOPE, Site};

/// Who connects.
pub(crate) const OPERATOR: &str = "operator-1";

/// No trial takes longer. Four lives of a token, and all waits, are less.
const LONGEST: Duration = Duration::from_secs(24 * 3_600);

/// No trial has more steps. Each is one poll of one task, and a renewal that nothing disturbs has some twenty.
const MOST_STEPS: u32 = 50_000;

/// How late whoever calls may come, in milliseconds; and after a trouble, the next one. A lost answer can be had again for
/// 30 s at a server of the kind M4, and a lease of a process that is gone ends after 8 s.
const LATE: u64 = 3_000;
const NEXT: u64 = 5_000;

/// A world of its own for one trial.
pub(crate) struct World {
    cell: Cell,
    pub(crate) clock: VirtualClock,
    pub(crate) transport: SandboxTransport,
    pub(crate) random: SeededRandom,
    pub(crate) plot: Arc<Plot>,
    pub(crate) durable: Arc<Durable>,
    executor: Executor,
    store: Arc<MemoryStore>,
    site: Arc<Site>,
    processes: Vec<Process>,
    started: u32,
    steps: u32,
    report: Arc<Mutex<Report>>,
}

/// One process.
pub(crate) struct Process {
    pub(crate) port: Arc<Port>,
    pub(crate) grants: Grants,
    credentials: GrantCredentials,
}

impl World {
    /// A world with one process, whose grant is connected.
    pub(crate) fn connected(cell: Cell, seed: u64) -> Result<Self, Failure> {
        let clock = VirtualClock::new();
        let options = Options::new()
            .with_seeded_secrets(seed)
            .with_rotation(cell.model.rotation())
            .with_redirect_uri(REDIRECT);
        let transport = SandboxTransport::start(options, clock.clone())?;
        let store = Arc::new(MemoryStore::volatile(Arc::new(clock.clone())));
        let site = Arc::new(Site::new(cell.model, transport.service(), &clock)?);
        let reader = {
            let (site, transport) = (Arc::clone(&site), Arc::new(transport.clone()));
            let store = Arc::new(WatchedStore::new(store.clone(), Arc::new(ReadOnly)));
            move || {
                Grants::new(site.parts(Outside {
                    transport: transport.clone(),
                    store: store.clone(),
                    spawn: Arc::new(AtOnce),
                    observer: Arc::new(Unobserved),
                    seed: 0,
                }))
            }
        };
        let mut world = Self {
            cell,
            random: SeededRandom::new(seed),
            plot: Arc::new(Plot::new(cell)),
            durable: Arc::new(Durable::new(key(), Box::new(reader))),
            executor: Executor::new(seed),
            processes: Vec::new(),
            started: 0,
            steps: 0,
            report: Arc::default(),
            clock,
            transport,
            store,
            site,
        };
        world.start();
        world.connect()?;
        Ok(world)
    }

    /// Starts a process.
    pub(crate) fn start(&mut self) {
        let process = self.started;
        self.started += 1;
        let port = Arc::new(Port {
            process,
            executor: self.executor.clone(),
            transport: self.transport.clone(),
            plot: Arc::clone(&self.plot),
            durable: Arc::clone(&self.durable),
            random: self.fork(),
            state: State::default(),
        });
        let grants = Grants::new(self.site.parts(Outside {
            transport: port.clone(),
            store: Arc::new(WatchedStore::new(self.store.clone(), port.clone())),
            spawn: port.clone(),
            observer: port.clone(),
            seed: self.random.up_to(u64::MAX - 1),
        }));
        let credentials = grants.credentials(key());
        self.processes.push(Process { port, grants, credentials });
    }

    fn connect(&mut self) -> Result<(), Failure> {
        let process = self.processes.first().ok_or("there is no process")?;
        let grants = process.grants.clone();
        let request =
            AuthorizationRequest::new(self.site.authorize.clone(), &self.site.client, REDIRECT)?
                .scope(SCOPE);
        let transport = self.transport.clone();
        let connected = Arc::<Mutex<Option<Result<(), String>>>>::default();
        let note = Arc::clone(&connected);
        self.run_in(
            process,
            Box::pin(async move {
                let connecting = async {
                    let url = grants.authorize(&key(), &request, Session::None).await?;
                    let back = transport.service().approve(url.as_str(), OPERATOR)?;
                    grants.receive(Callback::from_url(&back)?, Session::None).await?;
                    Ok::<(), Failure>(())
                };
                let outcome = connecting.await.map_err(|failure| failure.to_string());
                *locked(&note) = Some(outcome);
            }),
        );
        self.run()?;
        let connected = locked(&connected).take();
        Ok(connected.unwrap_or_else(|| Err("connecting never ended".to_owned()))?)
    }

    /// Lets a task of a process run, as one that somebody waits for.
    pub(crate) fn run_in(&self, process: &Process, task: BoxFuture<'static, ()>) {
        self.executor.spawn(process.port.owner(Role::Caller), task);
    }

    /// At most so many calls in each process, each a little later than now. Gives how many there are.
    pub(crate) fn call_in_each(&self, most: u64) -> usize {
        let mut calls = 0;
        for process in &self.processes {
            for _ in 0..=self.random.up_to(most.saturating_sub(1)) {
                self.call_in(process, LATE);
                calls += 1;
            }
        }
        calls
    }

    fn call_in(&self, process: &Process, late: u64) {
        let call = Call {
            port: Arc::clone(&process.port),
            credentials: process.credentials.clone(),
            clock: self.clock.clone(),
            report: Arc::clone(&self.report),
            late: Duration::from_millis(self.random.up_to(late)),
        };
        self.executor.spawn(process.port.owner(Role::Caller), Box::pin(call.run()));
    }

    /// Lets everything go on until nothing is left to do. Where a process meets the trouble, the next one comes.
    pub(crate) fn run(&mut self) -> Result<(), Failure> {
        while self.step()? {}
        Ok(())
    }

    /// Lets one task go on, or time pass. `false` if nothing is left to do.
    pub(crate) fn step(&mut self) -> Result<bool, Failure> {
        self.steps += 1;
        if self.steps > MOST_STEPS {
            return Err("it goes on and on".into());
        }
        if self.executor.step() {
            if let Some(victim) = self.plot.victim() {
                self.follow(victim);
            }
            return Ok(true);
        }
        if self.executor.is_idle() {
            return Ok(false);
        }
        if self.clock.elapsed() > LONGEST {
            return Err("it takes longer than a day".into());
        }
        if self.clock.advance_to_next_end() {
            return Ok(true);
        }
        Err("somebody waits for what never comes".into())
    }

    /// After the trouble of a process: who comes next.
    fn follow(&mut self, victim: u32) {
        let Some(at) = self.processes.iter().position(|process| process.port.process == victim)
        else {
            return;
        };
        match self.cell.trouble {
            Trouble::Ends => {
                self.processes.remove(at);
                self.start();
                if let Some(process) = self.processes.last() {
                    self.call_in(process, NEXT);
                }
            }
            Trouble::TornDown | Trouble::CallersDropped => {
                if let Some(process) = self.processes.get(at) {
                    process.port.mend();
                    self.call_in(process, NEXT);
                }
            }
            Trouble::StoreRefuses | Trouble::StoreUnheard | Trouble::Exchange(_) => {}
        }
    }

    /// The trouble of the cell happens to the first process now, wherever it is.
    pub(crate) fn strike(&mut self) {
        if let Some(port) = self.processes.first().map(|process| Arc::clone(&process.port)) {
            port.meet(self.cell.trouble, self.cell.point);
            self.follow(port.process);
        }
    }

    /// The processes.
    pub(crate) fn processes(&self) -> &[Process] {
        &self.processes
    }

    /// What the calls have come to.
    pub(crate) fn report(&self) -> MutexGuard<'_, Report> {
        locked(&self.report)
    }

    /// Another source of numbers, which follows from this one.
    fn fork(&self) -> SeededRandom {
        SeededRandom::new(self.random.up_to(u64::MAX - 1))
    }

    /// Whether the server has issued a pair that was never in the store.
    pub(crate) fn has_unwritten_pair(&self) -> bool {
        let ledger = self.transport.service().ledger();
        let issued =
            ledger.token_requests.iter().filter(|post| post.outcome == TokenOutcome::Issued);
        // The first pair is of the first generation.
        u64::try_from(issued.count()).unwrap_or(u64::MAX) > self.durable.newest().number()
    }

    /// The store, as a process sees it that nothing happens to.
    pub(crate) fn bystander(&self) -> Grants {
        Grants::new(self.site.parts(Outside {
            transport: Arc::new(self.transport.clone()),
            store: Arc::clone(&self.store) as Arc<dyn GrantStore>,
            spawn: Arc::new(AtOnce),
            observer: Arc::new(Unobserved),
            seed: 0,
        }))
    }
}

/// The grant that all of this is about.
pub(crate) fn key() -> GrantKey {
    GrantKey::new(OPERATOR, "stora")
}

/// Nothing is done under such a lock that could panic halfway.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
