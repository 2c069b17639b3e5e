//! One trial: a cell at a seed, and what the ledger and the store say afterwards.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use specwright_core::random::Random as _;
use specwright_refresh::{GrantStatus, ReconnectReason};
use specwright_testkit::sandbox::{Ledger, TokenEvent, TokenOutcome};

use crate::Failure;
use crate::cell::{Cell, Trouble};
use crate::plot::TOKEN_OPERATION;
use crate::point::Point;
use crate::world::{OPERATOR, World, key};

/// What became of a grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It lives, and every call was answered.
    Alive,
    /// The user has to connect again, and was told so: an answer was lost.
    LostExplicitly,
    /// It was ended, and no token of it lives.
    Ended,
}

/// How often the token ends before all is quiet: once with the trouble, once for what goes wrong later, once for what is
/// left. After that it ends once more, and nothing disturbs whoever calls.
const ROUNDS: u32 = 3;

/// No token lives longer.
const LONGEST_LIFE: Duration = Duration::from_secs(3 * 3_600);

/// The most processes on one store, and the most calls at once in each.
const PROCESSES: u64 = 3;
const CALLS: u64 = 4;

/// Plays a cell. The error says what must not be; whoever wants to see it again needs the cell and the seed.
pub fn run(cell: Cell, seed: u64) -> Result<Fate, Failure> {
    let (world, fate) = play(cell, seed)?;
    check(cell, fate, &world)?;
    Ok(fate)
}

/// Plays a cell, and gives what the server wrote down.
pub fn ledger(cell: Cell, seed: u64) -> Result<Ledger, Failure> {
    let (world, _) = play(cell, seed)?;
    Ok(world.transport.service().ledger())
}

/// From the first process to what became of the grant.
fn play(cell: Cell, seed: u64) -> Result<(World, Fate), Failure> {
    let mut world = World::connected(cell, seed)?;
    for _ in 0..world.random.up_to(PROCESSES - 1) {
        world.start();
    }
    let fate = match cell.point {
        Point::F12 => ended(&mut world)?,
        _ => renewed(&mut world)?,
    };
    // A grant that is lost to the first trouble meets no second one.
    if !world.plot.is_over() && (fate != Fate::LostExplicitly || cell.first.is_none()) {
        return Err("nothing went wrong".into());
    }
    Ok((world, fate))
}

/// Compares what callers were told, what the server wrote down, and what the store has held.
pub(crate) fn check(cell: Cell, fate: Fate, world: &World) -> Result<(), Failure> {
    if let Some(wrong) = world.report().wrong.first() {
        return Err(wrong.as_str().into());
    }
    Books::new(cell, fate, world).check()
}

/// Lets the token end some times, the first time with trouble.
fn renewed(world: &mut World) -> Result<Fate, Failure> {
    world.plot.arm(&world.transport);
    for _ in 0..ROUNDS {
        age(world);
        world.call_in_each(CALLS);
        if lives(world)? == Fate::LostExplicitly {
            return Ok(Fate::LostExplicitly);
        }
    }
    // What was renewed ahead, and in vain, shows when the token has ended.
    world.clock.advance(LONGEST_LIFE);
    lives_undisturbed(world, CALLS)
}

/// As [`lives`], where nothing goes wrong any more, with at most so many calls in each process: none of them fails.
pub(crate) fn lives_undisturbed(world: &mut World, most: u64) -> Result<Fate, Failure> {
    let before = world.report().succeeded;
    let calls = world.call_in_each(most);
    let fate = lives(world)?;
    let succeeded = world.report().succeeded - before;
    if fate == Fate::Alive && succeeded != calls {
        return Err(format!("{succeeded} of {calls} calls succeed though nothing is wrong").into());
    }
    Ok(fate)
}

/// Lets everything come to its end, and says what became of the grant.
pub(crate) fn lives(world: &mut World) -> Result<Fate, Failure> {
    world.run()?;
    if world.report().ended > 0 {
        return Err("the grant has ended, and nobody ended it".into());
    }
    if world.report().lost == 0 {
        return Ok(Fate::Alive);
    }
    lost(world)?;
    Ok(Fate::LostExplicitly)
}

/// Lets so much time pass that the token is due, or has ended.
pub(crate) fn age(world: &World) {
    let seconds = match world.random.up_to(1) {
        // 2 h are its life, and in the last quarter of an hour or a little more it is renewed ahead.
        0 => 6_800 + world.random.up_to(360),
        _ => 7_200 + world.random.up_to(3_600),
    };
    world.clock.advance(Duration::from_secs(seconds));
}

/// Everybody is told, at once, without a request, and after a restart as well.
fn lost(world: &mut World) -> Result<(), Failure> {
    let posts = world.transport.service().ledger().token_posts();
    let told = world.report().lost;
    world.start();
    let calls = world.call_in_each(1);
    world.run()?;
    if world.report().lost != told + calls {
        return Err("not everybody is told that the grant is lost".into());
    }
    if world.transport.service().ledger().token_posts() != posts {
        return Err("a grant that is lost is asked for".into());
    }
    let bystander = world.bystander();
    let news = at_once(bystander.changes(None, 10))??;
    let explicit = news.iter().any(|change| {
        matches!(
            change.status,
            Some(GrantStatus::ReconnectRequired { reason: ReconnectReason::LostRotation, .. })
        )
    });
    if explicit { Ok(()) } else { Err("the feed of changes does not have it".into()) }
}

/// Ends the grant, with trouble.
fn ended(world: &mut World) -> Result<Fate, Failure> {
    // So that there are pairs of two generations.
    age(world);
    world.call_in_each(1);
    world.run()?;
    world.plot.arm(&world.transport);
    let process = world.processes().first().ok_or("there is no process")?;
    let grants = process.grants.clone();
    world.run_in(
        process,
        Box::pin(async move {
            // What it says is of no use to whoever is gone; the store has it.
            let _ = grants.disconnect(&key()).await;
        }),
    );
    world.run()?;
    for _ in 0..ATTENDANCES {
        let status = at_once(world.bystander().status(&key()))??;
        if matches!(status, GrantStatus::Disconnected { .. }) {
            break;
        }
        let process = world.processes().last().ok_or("there is no process")?;
        let grants = process.grants.clone();
        world.run_in(
            process,
            Box::pin(async move {
                let _ = grants.attend_once(10).await;
            }),
        );
        world.run()?;
        world.clock.advance(Duration::from_secs(10));
    }
    let before = world.report().ended;
    let calls = world.call_in_each(1);
    world.run()?;
    if world.report().ended != before + calls {
        return Err("a grant that was ended is used".into());
    }
    match at_once(world.bystander().status(&key()))?? {
        GrantStatus::Disconnected { .. } => Ok(Fate::Ended),
        other => Err(format!("after it was ended it is {other:?}").into()),
    }
}

/// More than a server needs that fails once: the first wait is a minute.
const ATTENDANCES: u32 = 60;

/// The answer of a store in memory, which waits for nothing.
fn at_once<T>(work: impl Future<Output = T>) -> Result<T, Failure> {
    match pin!(work).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => Ok(value),
        Poll::Pending => Err("the store has to be waited for".into()),
    }
}

/// What the server wrote down, compared with what the store holds.
struct Books {
    cell: Cell,
    fate: Fate,
    ledger: Ledger,
    /// How often a pair was written that followed another one.
    renewals: usize,
    waits: usize,
}

impl Books {
    fn new(cell: Cell, fate: Fate, world: &World) -> Self {
        let newest = world.durable.newest().number();
        Self {
            cell,
            fate,
            ledger: world.transport.service().ledger(),
            renewals: usize::try_from(newest.saturating_sub(1)).unwrap_or(usize::MAX),
            waits: world.report().waits,
        }
    }

    fn check(&self) -> Result<(), Failure> {
        self.the_fate_is_allowed()?;
        self.every_request_has_its_reason()?;
        self.no_token_is_sent_twice_where_that_can_only_do_harm()?;
        self.one_family_lives_at_most()?;
        self.nobody_waits_for_nothing()
    }

    fn the_fate_is_allowed(&self) -> Result<(), Failure> {
        match self.fate {
            Fate::LostExplicitly if !self.cell.may_lose() => Err("the grant is lost".into()),
            Fate::Alive if self.cell.must_lose() => {
                Err("the grant lives although its only pair is gone".into())
            }
            Fate::Alive if self.ledger.live_tokens(OPERATOR).is_empty() => {
                Err("every token of a grant that lives is dead".into())
            }
            Fate::Ended if !self.ledger.live_tokens(OPERATOR).is_empty() => {
                Err("a token lives on after the grant was ended".into())
            }
            Fate::LostExplicitly | Fate::Alive | Fate::Ended => Ok(()),
        }
    }

    /// One request a pair, and one more for each that was wasted by what went wrong.
    fn every_request_has_its_reason(&self) -> Result<(), Failure> {
        let requests = self.ledger.requests_for(TOKEN_OPERATION);
        let refreshes = requests.iter().filter(|request| {
            let body = request.body.as_ref();
            body.and_then(|body| body.get("grant_type")).is_some_and(|grant| grant == REFRESH)
        });
        let (refreshes, refusals) = (refreshes.count(), self.refusals());
        let most = self.renewals + self.cell.wasted() + refusals;
        if refreshes > most {
            return Err(format!(
                "{refreshes} requests for {} pairs, {} wasted, {refusals} refused",
                self.renewals,
                self.cell.wasted()
            )
            .into());
        }
        // Who finds the refusal of another process's request has to see it once more.
        let most = match self.fate {
            Fate::LostExplicitly => 1 + usize::from(self.cell.first.is_some()),
            Fate::Alive | Fate::Ended => 0,
        };
        if refusals > most {
            return Err(format!("{refusals} requests are refused").into());
        }
        Ok(())
    }

    /// Requests that the token endpoint itself refused for their token.
    fn refusals(&self) -> usize {
        let refused = self.ledger.token_requests.iter().filter(|request| {
            matches!(&request.outcome, TokenOutcome::Refused { error } if error == "invalid_grant")
        });
        refused.count()
    }

    fn no_token_is_sent_twice_where_that_can_only_do_harm(&self) -> Result<(), Failure> {
        if !self.cell.model.is_strict() {
            return Ok(());
        }
        let mut sent = BTreeMap::<usize, usize>::new();
        for token in self.ledger.token_requests.iter().filter_map(|request| request.presented) {
            *sent.entry(token).or_default() += 1;
        }
        let most = match self.fate {
            Fate::LostExplicitly => 2 + usize::from(self.cell.first.is_some()),
            Fate::Alive | Fate::Ended => 1,
        };
        match sent.into_iter().find(|(_, times)| *times > most) {
            Some((token, times)) => Err(format!("token {token} is sent {times} times").into()),
            None => Ok(()),
        }
    }

    fn one_family_lives_at_most(&self) -> Result<(), Failure> {
        let live = self.ledger.live_tokens(OPERATOR);
        let families: BTreeSet<_> = live
            .into_iter()
            .filter_map(|token| match &self.ledger.minted(token)?.event {
                TokenEvent::Minted { family, .. } => *family,
                _ => None,
            })
            .collect();
        if families.len() > 1 { Err("two families live".into()) } else { Ok(()) }
    }

    /// Where nothing failed, nobody is told that something did.
    fn nobody_waits_for_nothing(&self) -> Result<(), Failure> {
        if self.cell.trouble == Trouble::CallersDropped && self.waits > 0 {
            return Err(format!("{} callers are told to wait", self.waits).into());
        }
        Ok(())
    }
}

const REFRESH: &str = "refresh_token";
