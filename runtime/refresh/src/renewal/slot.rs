//! What one process knows of one grant: pure decisions, no clock, no lock, no store.

use std::sync::Arc;
use std::time::Duration;

use crate::bearer::{Bearer, Generation};
use crate::credentials::Renewal;
use crate::grant::Want;
use crate::lifetime::{Lifetime, Now};

/// How often a process looks into the store for a token that it has not got.
const LOOK_SPACING: Duration = Duration::from_secs(1);

/// The newest token that this process may use, and whether it is after the next one.
#[derive(Debug, Default)]
pub(crate) struct Slot {
    held: Option<Held>,
    /// Nothing starts before this time of the monotonic clock.
    not_before: Duration,
    /// When a refused token was kept because nobody had or got a newer one.
    kept: Option<Duration>,
    /// When the store was looked into without a flight.
    looked: Option<Duration>,
    epoch: Epoch,
}

/// Counts how often a slot had to forget. Whatever set out before it did brings what is not to be used any more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Epoch(u64);

#[derive(Debug)]
struct Held {
    bearer: Arc<Bearer>,
    lifetime: Lifetime,
    standing: Standing,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Good,
    /// An API refused it, and another one is looked for.
    Refused,
    /// An API refused it, and there was no other one to be had. It may be that API alone which wants more, so the token is
    /// served to whoever it was not refused to, and the next one is looked for meanwhile.
    Kept,
}

/// How a flight failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// It says nothing about the token that is held.
    Passing,
    /// The grant has ended.
    Final,
}

/// What a caller asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wish {
    /// A token that may be used.
    Any,
    /// One in the place of that of a generation, which an API refused to this caller.
    InPlaceOf(Generation),
}

impl Wish {
    /// Whether a token of this generation is what is asked for.
    pub(crate) fn is_met_by(self, generation: Generation) -> bool {
        match self {
            Self::Any => true,
            Self::InPlaceOf(refused) => generation > refused,
        }
    }
}

/// What a caller is to do. No flight starts while another one is under way: who has no token waits for that one.
#[derive(Clone, Debug)]
pub(crate) enum Ask {
    /// Use this token.
    Serve(Arc<Bearer>),
    /// Use this token, and start a flight for the next one.
    ServeAndStart(Arc<Bearer>, Want),
    /// Start a flight and wait for it.
    Start(Want),
    /// There is no token, and it was looked for a moment ago. Whoever looks all the same is after this.
    Closed(Want),
}

impl Slot {
    /// Decides for one caller.
    pub(crate) fn ask(&self, wish: Wish, now: Now) -> Ask {
        let closed = now.monotonic < self.not_before;
        let want = self.want();
        match self.usable(now).filter(|held| wish.is_met_by(held.bearer.generation())) {
            Some(held) => {
                let bearer = Arc::clone(&held.bearer);
                let wanted = held.standing == Standing::Kept || held.lifetime.soft.has_come(now);
                if wanted && !closed {
                    Ask::ServeAndStart(bearer, want)
                } else {
                    Ask::Serve(bearer)
                }
            }
            None if closed => Ask::Closed(want),
            None => Ask::Start(want),
        }
    }

    /// Why whoever sets out now does it.
    pub(crate) fn want(&self) -> Want {
        if self.is_refused() { Want::Refused } else { Want::Ahead }
    }

    /// The generation that this process has seen last.
    pub(crate) fn seen(&self) -> Generation {
        self.held.as_ref().map_or_else(Generation::default, |held| held.bearer.generation())
    }

    /// A flight brought a token, ours or somebody else's. It is the same one if nobody was allowed to renew it.
    pub(crate) fn land(&mut self, bearer: Arc<Bearer>, lifetime: Lifetime, now: Now) {
        if bearer.generation() > self.seen() {
            self.not_before = Duration::ZERO;
            self.kept = None;
        } else {
            self.not_before = now.monotonic.saturating_add(LOOK_SPACING);
            self.kept = self.is_refused().then_some(now.monotonic).or(self.kept);
        }
        self.held = Some(Held { bearer, lifetime, standing: Standing::Good });
    }

    /// A flight, which was after this, brought none. Gives the token that may be used all the same: one that was refused
    /// may be as good as any other to those it was not refused to, unless the grant has ended.
    ///
    /// The next look is a moment later, whatever the wait before the server is asked again: somebody else may bring a
    /// pair at any time, and that wait stands in the record.
    pub(crate) fn fail(&mut self, want: Want, how: Failure, now: Now) -> Option<Arc<Bearer>> {
        self.not_before = now.monotonic.saturating_add(LOOK_SPACING);
        if let Some(held) = &mut self.held {
            held.standing = match (held.standing, how, want) {
                (Standing::Refused, Failure::Passing, Want::Refused) => Standing::Kept,
                // One that was refused while something else was under way: nobody has looked for another one yet.
                (Standing::Refused, Failure::Passing, Want::Ahead)
                | (Standing::Refused | Standing::Kept, Failure::Final, _) => Standing::Refused,
                (standing @ (Standing::Good | Standing::Kept), _, _) => standing,
            };
        }
        self.usable(now).map(|held| Arc::clone(&held.bearer))
    }

    /// The time that a flight or a look sets out in.
    pub(crate) fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// Whether the store may be looked into without a flight.
    pub(crate) fn look(&mut self, now: Now) -> bool {
        let lately = self.looked.is_some_and(|then| now.monotonic < then + LOOK_SPACING);
        if !lately {
            self.looked = Some(now.monotonic);
        }
        !lately
    }

    /// A look brought this token.
    pub(crate) fn find(&mut self, bearer: Arc<Bearer>, lifetime: Lifetime) {
        if bearer.generation() > self.seen() {
            // Nothing is known yet of refusals of this one.
            self.kept = None;
            self.held = Some(Held { bearer, lifetime, standing: Standing::Good });
        }
    }

    /// What is held is not to be used any more, nor what is on its way, and whoever comes next looks for another.
    pub(crate) fn forget(&mut self) {
        self.held = None;
        self.not_before = Duration::ZERO;
        self.looked = None;
        self.epoch = Epoch(self.epoch.0.wrapping_add(1));
    }

    /// Whether there is no token that has not ended.
    pub(crate) fn is_spent(&self, now: Now) -> bool {
        self.held.as_ref().is_none_or(|held| held.lifetime.hard.has_come(now))
    }

    /// The API refused the token of a generation. For `spacing` after one was kept, its refusals are not looked into.
    pub(crate) fn refuse(
        &mut self,
        generation: Generation,
        spacing: Duration,
        now: Now,
    ) -> Renewal {
        let kept_lately =
            self.kept.is_some_and(|then| now.monotonic.saturating_sub(then) < spacing);
        match self.held.as_mut().filter(|held| held.bearer.generation() == generation) {
            // Another token is held by now. What is said about an older one is no news of it.
            None => Renewal::Possible,
            Some(_) if kept_lately => Renewal::Impossible,
            // Another one is looked for as it is.
            Some(held) if held.standing == Standing::Kept => Renewal::Possible,
            Some(held) => {
                held.standing = Standing::Refused;
                // The store may have a newer one, and looking costs the server nothing.
                self.not_before = Duration::ZERO;
                Renewal::Possible
            }
        }
    }

    fn is_refused(&self) -> bool {
        self.held.as_ref().is_some_and(|held| held.standing != Standing::Good)
    }

    fn usable(&self, now: Now) -> Option<&Held> {
        self.held
            .as_ref()
            .filter(|held| held.standing != Standing::Refused && !held.lifetime.hard.has_come(now))
    }
}
