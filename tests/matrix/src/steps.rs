//! A renewal that is disturbed at each of its steps, not at the named points alone.
//!
//! A step is one poll of one task. Between two of them every future is at rest, so whoever is dropped is dropped at one of
//! these places.

use std::time::Duration;

use crate::Failure;
use crate::cell::{Cell, Trouble};
use crate::model::Model;
use crate::point::Point;
use crate::trial::{self, Fate};
use crate::world::World;

/// What came of disturbing one renewal everywhere.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Steps {
    /// The steps of a renewal that nothing disturbs, so many trials.
    pub steps: usize,
    /// The trials in which the grant was lost, each explicitly, and because an answer was on its way.
    pub lost: usize,
}

/// A time after which the first token has ended.
const ENDED: Duration = Duration::from_secs(7_500);

/// Lets this happen to a process that renews, in one trial before its first step, in one after it, and so on to the last.
/// The error says what must not be, and after which step.
pub fn everywhere(model: Model, trouble: Trouble, seed: u64) -> Result<Steps, Failure> {
    let mut all = Steps::default();
    while let Some(fate) = after(all.steps, model, trouble, seed)
        .map_err(|failure| format!("{model:?}, step {}, seed {seed}: {failure}", all.steps))?
    {
        all.steps += 1;
        all.lost += usize::from(fate == Fate::LostExplicitly);
    }
    Ok(all)
}

/// One trial; `None` if the renewal has no such step.
fn after(steps: usize, model: Model, trouble: Trouble, seed: u64) -> Result<Option<Fate>, Failure> {
    let cell = |point| Cell { model, first: None, point, trouble };
    let mut world = World::connected(cell(Point::F4), seed)?;
    world.clock.advance(ENDED);
    world.call_in_each(1);
    for _ in 0..steps {
        if !world.step()? {
            return Ok(None);
        }
    }
    // The cell of this step follows from where the pair is: at the server alone, or not.
    let point = if world.has_unwritten_pair() { Point::F8 } else { Point::F4 };
    world.strike();
    let mut fate = trial::lives(&mut world)?;
    if fate == Fate::Alive {
        trial::age(&world);
        fate = trial::lives_undisturbed(&mut world, 1)?;
    }
    trial::check(cell(point), fate, &world)?;
    Ok(Some(fate))
}
