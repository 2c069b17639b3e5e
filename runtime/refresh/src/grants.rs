//! All grants of one program, by their keys.

use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use specwright_core::clock::Clock;
use specwright_core::random::Random;
use specwright_core::spawn::Spawn;
use specwright_core::transport::BoxFuture;
use specwright_oauth::{IssuedToken, RevocationEndpoint, TokenEndpoint};
use tokio::sync::{Semaphore, oneshot};

use crate::authority::{Authority, GrantSource};
use crate::bearer::{Bearer, Generation};
use crate::cells::Cells;
use crate::credentials::{Credentials, CredentialsError, Renewal};
use crate::grant::{GrantKey, HolderId, KeyProvider, RefreshPolicy};
use crate::identify::Identify;
use crate::lifetime::Now;
use crate::observer::{Hindrance, Observer};
use crate::problem::GrantProblem;
use crate::renewal::{Cell, ClientGate, Renewer, Table, Unwritten, Wish};
use crate::salvaged::SalvagedAnswer;
use crate::spill::SpillJournal;
use crate::status::{GrantChange, GrantStatus};
use crate::store::{GrantStore, Version};
use crate::under_way::{Begun, UnderWay};

/// The most grants of one round of attending, and the time between two. What a process that ended has begun can be had
/// again for ten seconds at some servers, and a lease takes eight to end.
const ROUND: usize = 1_000;
const ROUND_SPACING: Duration = Duration::from_secs(1);

/// The most time for one round. What was begun by then goes on, and what was not is due in the next.
const LONGEST_ROUND: Duration = Duration::from_secs(120);

/// The grants of one program at one authorization server, kept in a store.
///
/// Any number of tasks and processes may share the store. Cloning shares everything.
#[derive(Clone)]
pub struct Grants {
    shared: Arc<Shared>,
}

struct Shared {
    renewer: Arc<Renewer>,
    spawn: Arc<dyn Spawn>,
    cells: Cells,
}

/// What grants stand on.
#[derive(Debug)]
pub struct GrantParts {
    /// The token endpoint of the authorization server.
    pub endpoint: TokenEndpoint,
    /// The revocation endpoint, if the server has one.
    pub revocation: Option<RevocationEndpoint>,
    /// Who gives the grants.
    pub source: GrantSource,
    /// How they are renewed.
    pub policy: RefreshPolicy,
    /// Where they are kept.
    pub store: Arc<dyn GrantStore>,
    /// Where pairs go that the store does not take. Without it such a pair is held in memory, and not used, until the
    /// store takes it.
    pub spill: Option<SpillJournal>,
    /// What seals their tokens there.
    pub keys: Arc<dyn KeyProvider>,
    /// The time of this process.
    pub clock: Arc<dyn Clock>,
    /// Randomness, fit for keys.
    pub random: Arc<dyn Random>,
    /// Where renewals run.
    pub spawn: Arc<dyn Spawn>,
    /// Who watches.
    pub observer: Arc<dyn Observer>,
    /// Who says whose account a new pair is of. Without it, a grant takes whatever account its user connects.
    pub identify: Option<Arc<dyn Identify>>,
}

impl Grants {
    /// The grants that stand on these parts.
    pub fn new(parts: GrantParts) -> Self {
        let holder = HolderId::draw(&*parts.random);
        let authority = Authority {
            endpoint: parts.endpoint,
            revocation: parts.revocation,
            source: parts.source,
            idempotency: parts.policy.idempotency,
            clock: Arc::clone(&parts.clock),
        };
        let renewer = Renewer {
            gate: ClientGate::new(parts.policy.pace),
            table: Table { store: parts.store, policy: parts.policy },
            keys: parts.keys,
            authority,
            clock: parts.clock,
            random: parts.random,
            observer: parts.observer,
            identify: parts.identify,
            spill: parts.spill,
            unwritten: Unwritten::default(),
            holder,
            under_way: UnderWay::new(),
        };
        let shared = Shared { renewer: Arc::new(renewer), spawn: parts.spawn, cells: Cells::new() };
        Self { shared: Arc::new(shared) }
    }

    /// The credentials of one grant, for a client. The grant need not be connected yet.
    pub fn credentials(&self, key: GrantKey) -> GrantCredentials {
        let cell = self.shared.cell(&key);
        GrantCredentials { grants: self.clone(), key, cell }
    }

    /// How a grant is doing, as the store knows it.
    pub async fn status(&self, key: &GrantKey) -> Result<GrantStatus, GrantProblem> {
        let record = self.shared.renewer.record_of(key).await?;
        Ok(record.as_ref().map_or(GrantStatus::NotConnected, GrantStatus::from))
    }

    /// The answer of the authorization server that could not be read and may hold the only living pair of a grant, until a
    /// newer pair is there or the grant is ended.
    pub async fn salvaged(&self, key: &GrantKey) -> Result<Option<SalvagedAnswer>, GrantProblem> {
        self.shared.renewer.salvaged(key).await
    }

    /// The grants that changed after a version, in order, at most `most`; from the beginning for `None`.
    ///
    /// Whoever keeps the version of the last change that it has dealt with misses none, also one that happened while it
    /// was not running: a user who has to connect again is told so after a restart as well.
    pub async fn changes(
        &self,
        after: Option<Version>,
        most: usize,
    ) -> Result<Vec<GrantChange>, GrantProblem> {
        self.shared.renewer.changes(after, most).await
    }

    /// Takes over a grant whose tokens come from elsewhere: from an authorization that was just made, or from another
    /// library. If the grant is connected already, this pair takes the place of the old one, which is revoked.
    ///
    /// When it returns, the pair is in the store, and so is what is to be revoked. That is done on a task of its own, and
    /// if this process ends before, by whoever [attends](Self::attend). Whose account the pair is of is not asked: the
    /// caller knows.
    pub async fn adopt(&self, key: &GrantKey, token: IssuedToken) -> Result<(), GrantProblem> {
        let begun = self.start(Some(key))?;
        let (grants, owned) = (self.clone(), key.clone());
        self.detached(begun, async move {
            let now = grants.renewer().store_time(&owned).await?;
            let retired = grants.renewer().adopt(&owned, token.into(), now).await?;
            grants.forget(&owned);
            if retired > 0 {
                grants.give_back(&owned);
            }
            Ok(())
        })
        .await
    }

    /// Ends a grant and revokes its tokens at the server.
    ///
    /// From the moment on at which it is written, no process gives out a token of this grant that it reads anew. It
    /// returns after the server was asked once; if that did not help, [`Self::attend_once`] goes on.
    pub async fn disconnect(&self, key: &GrantKey) -> Result<GrantStatus, GrantProblem> {
        let begun = self.start(Some(key))?;
        let (grants, owned) = (self.clone(), key.clone());
        self.detached(begun, async move {
            grants.renewer().disconnect(&owned).await?;
            grants.forget(&owned);
            // The end is written, and with it what is still to be revoked: whoever attends goes on.
            let _ = grants.renewer().revoke_retired(&owned).await;
            Ok(())
        })
        .await?;
        self.status(key).await
    }

    /// Has to be called once, by one process, after the store was restored from a backup, before anything else is done. A
    /// store that notices it says so, as `SqliteStore::restored` does: ask it when the program starts and before each
    /// round of [`attend_once`](Self::attend_once).
    ///
    /// The refresh tokens in a backup may be spent, and some servers revoke everything when they see a spent one. So every
    /// access token is used to its end first; then its grant is renewed in doubt. What is lost ends as
    /// [`ReconnectReason::LostRotation`](crate::ReconnectReason::LostRotation).
    pub async fn after_restore(&self) -> Result<(), GrantProblem> {
        let begun = self.start(None)?;
        let renewer = Arc::clone(&self.shared.renewer);
        self.detached(begun, async move { renewer.distrust().await }).await
    }

    /// Ends the work of this process for its grants: begins nothing more, and waits until what is under way is over, at
    /// most for `time`; ten seconds are enough for a token endpoint that answers. Gives the grants for which something is
    /// still under way.
    ///
    /// From now on tokens are given out as long as they live, and what would need a request fails as
    /// [`GrantProblem::ShutDown`]. A callback is left for another process. What is still under way goes on as long as this
    /// process lives; if it ends before, the next one finds the intent in the store and takes it from there, as after a
    /// crash. All clones are shut down with this one. Without it nothing is lost that another process cannot take over.
    #[must_use = "what is still under way ends with the process"]
    pub async fn shutdown(&self, time: Duration) -> Vec<GrantKey> {
        let Renewer { under_way, clock, .. } = &**self.renewer();
        under_way.shut();
        tokio::select! {
            biased;
            () = under_way.over() => {}
            () = clock.sleep(time) => {}
        }
        under_way.grants()
    }

    /// Looks after the grants for which nobody calls, for as long as it is polled: see [`Self::attend_once`]. One process
    /// of those that share a store is enough, and more do no harm.
    ///
    /// What stands in the way of one round does not end it: the store may be there in the next.
    /// [`Observer::hindered`] tells of it. After a [`shutdown`](Self::shutdown) it does nothing any more, and does not
    /// return either.
    pub async fn attend(&self) -> Infallible {
        while self.attend_once(ROUND).await != Err(GrantProblem::ShutDown) {
            self.shared.renewer.clock.sleep(ROUND_SPACING).await;
        }
        std::future::pending().await
    }

    /// Looks after the grants for which nobody calls, at most `most` of them: takes over what a process that ended has
    /// begun, ends suspicions, revokes, and uses refresh tokens that would end unused. Says how many were due.
    pub async fn attend_once(&self, most: usize) -> Result<usize, GrantProblem> {
        let attended = self.round(most).await;
        if let Err(problem) = &attended
            && *problem != GrantProblem::ShutDown
        {
            self.shared.renewer.observer.hindered(Hindrance::Round(problem));
        }
        attended
    }

    async fn round(&self, most: usize) -> Result<usize, GrantProblem> {
        let _begun = self.start(None)?;
        // What cannot be taken over now is no reason to leave the rest alone.
        let recovered = self.shared.renewer.recover().await;
        let due = self.shared.renewer.due(most).await?;
        // A pair that the store does not take stays with its task. The other grants do not wait for it.
        tokio::select! {
            biased;
            () = self.attend_all(&due) => {}
            () = self.shared.renewer.clock.sleep(LONGEST_ROUND) => {}
        }
        recovered.map(|()| due.len())
    }

    /// Attends as many at once as may ask the server at once: one that hangs holds up nobody whose time is short.
    async fn attend_all(&self, due: &[GrantKey]) {
        let places = self.shared.renewer.table.policy.pace.parallel.get();
        let places = Arc::new(Semaphore::new(places.into()));
        let mut begun = Vec::new();
        for key in due {
            let place = Arc::clone(&places).acquire_owned().await;
            let Ok(started) = self.start(Some(key)) else { break };
            let (renewer, key) = (Arc::clone(&self.shared.renewer), key.clone());
            begun.push(self.begin(started, async move {
                let attended = renewer.attend(&key).await;
                drop(place);
                // What is the matter with one grant is no reason to leave the others alone.
                if let Err(problem) = attended
                    && problem != GrantProblem::ShutDown
                {
                    renewer.observer.hindered(Hindrance::Grant(&key, &problem));
                }
                Ok(())
            }));
        }
        for attended in begun {
            let _ = attended.await;
        }
    }

    /// Forgets what this process holds of a grant that has another pair now, or none.
    pub(crate) fn forget(&self, key: &GrantKey) {
        self.shared.cell(key).forget();
    }

    /// Begins to revoke what a grant has given up.
    ///
    /// Nobody waits for that: a server that is slow to revoke would keep a user waiting who has just connected. What is
    /// to be revoked stands in the record, for whoever attends.
    pub(crate) fn give_back(&self, key: &GrantKey) {
        let (renewer, owned) = (Arc::clone(&self.shared.renewer), key.clone());
        let begun = renewer.under_way.go_on(key);
        self.shared.spawn.spawn(Box::pin(async move {
            let _ = renewer.revoke_retired(&owned).await;
            drop(begun);
        }));
    }

    pub(crate) fn renewer(&self) -> &Arc<Renewer> {
        &self.shared.renewer
    }

    /// Something new begins, unless this process is shut down.
    pub(crate) fn start(&self, key: Option<&GrantKey>) -> Result<Begun, GrantProblem> {
        self.renewer().under_way.begin(key)
    }

    /// Runs what must not end halfway on a task of its own. Whoever drops this future changes nothing.
    pub(crate) async fn detached<T: Send + 'static>(
        &self,
        begun: Begun,
        work: impl Future<Output = Result<T, GrantProblem>> + Send + 'static,
    ) -> Result<T, GrantProblem> {
        self.begin(begun, work).await.unwrap_or_else(|_| Err(GrantProblem::Abandoned))
    }

    /// Begins work on a task of its own.
    fn begin<T: Send + 'static>(
        &self,
        begun: Begun,
        work: impl Future<Output = Result<T, GrantProblem>> + Send + 'static,
    ) -> oneshot::Receiver<Result<T, GrantProblem>> {
        let (report, outcome) = oneshot::channel();
        self.shared.spawn.spawn(Box::pin(async move {
            let done = work.await;
            drop(begun);
            // Nobody may be waiting any more.
            let _ = report.send(done);
        }));
        outcome
    }
}

impl Shared {
    fn cell(&self, key: &GrantKey) -> Arc<Cell> {
        self.cells.of(key, Now::read(&*self.renewer.clock))
    }
}

impl fmt::Debug for Grants {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.debug_struct("Grants").finish_non_exhaustive()
    }
}

/// The credentials of one grant.
#[derive(Clone, Debug)]
pub struct GrantCredentials {
    grants: Grants,
    key: GrantKey,
    cell: Arc<Cell>,
}

impl GrantCredentials {
    /// The grant.
    pub fn key(&self) -> &GrantKey {
        &self.key
    }

    async fn obtain(&self, wish: Wish) -> Result<Arc<Bearer>, CredentialsError> {
        let Shared { renewer, spawn, .. } = &*self.grants.shared;
        let outcome = self.cell.obtain(renewer, &**spawn, &self.key, wish).await;
        outcome.map_err(CredentialsError::from)
    }
}

impl Credentials for GrantCredentials {
    fn bearer(&self) -> BoxFuture<'_, Result<Arc<Bearer>, CredentialsError>> {
        Box::pin(self.obtain(Wish::Any))
    }

    fn replacement(
        &self,
        refused: Generation,
    ) -> BoxFuture<'_, Result<Arc<Bearer>, CredentialsError>> {
        Box::pin(self.obtain(Wish::InPlaceOf(refused)))
    }

    fn refuse(&self, generation: Generation) -> Renewal {
        self.cell.refuse(generation, &self.grants.shared.renewer)
    }

    fn newer(&self, generation: Generation) -> BoxFuture<'_, Option<Arc<Bearer>>> {
        Box::pin(self.cell.look(&self.grants.shared.renewer, &self.key, generation))
    }
}
