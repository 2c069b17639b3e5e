//! Faults by chance, the same in every run with the same seed.

use std::time::Duration;

use crate::chance::Chance;
use crate::fault::Fault;

/// Faults by chance: a share of all requests meets one.
///
/// What it draws depends on the seed and the order of the requests alone. Print the
/// [`seed`](Self::seed) where a test fails, so that it can fail again.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Chaos {
    seed: u64,
    per_thousand: u64,
    faults: Vec<Fault>,
    operation: Option<String>,
    duration: Option<Duration>,
    chance: Chance,
}

impl Chaos {
    /// Of a thousand requests about `per_thousand` meet one of these faults, each as often as another.
    pub fn new(seed: u64, per_thousand: u64, faults: impl IntoIterator<Item = Fault>) -> Self {
        let faults = faults.into_iter().collect();
        Self {
            seed,
            per_thousand,
            faults,
            operation: None,
            duration: None,
            chance: Chance::new(seed),
        }
    }

    /// Only requests of this operation meet one.
    pub fn with_operation(self, id: impl Into<String>) -> Self {
        Self { operation: Some(id.into()), ..self }
    }

    /// After this time by the sandbox clock, counted from when it is set, no request meets one any more.
    pub fn with_duration(self, duration: Duration) -> Self {
        Self { duration: Some(duration), ..self }
    }

    /// What it was made from.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    pub(crate) fn duration(&self) -> Option<Duration> {
        self.duration
    }

    pub(crate) fn draw(&mut self, operation: Option<&str>) -> Option<Fault> {
        if self.operation.is_some() && self.operation.as_deref() != operation {
            return None;
        }
        // Both are drawn in any case: whether one request is met says nothing about the next.
        let (chance, which) = (self.chance.draw(), self.chance.draw());
        let count = u64::try_from(self.faults.len()).ok().filter(|count| *count > 0)?;
        let which = usize::try_from(which % count).ok()?;
        self.faults.get(which).filter(|_| chance % 1000 < self.per_thousand).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(seed: u64) -> Vec<Option<Fault>> {
        let faults = [Fault::CloseBeforeAnswer, Fault::CloseAfterEffect];
        let mut chaos = Chaos::new(seed, 250, faults).with_operation("token");
        (0..1000).map(|_| chaos.draw(Some("token"))).collect()
    }

    #[test]
    fn one_seed_gives_one_sequence() {
        assert_eq!(drawn(7), drawn(7));
        assert_ne!(drawn(7), drawn(8));
    }

    #[test]
    fn about_the_share_that_was_asked_for_meets_a_fault() {
        let met = drawn(7).into_iter().flatten().count();
        assert!((200..300).contains(&met), "{met}");
    }

    #[test]
    fn another_operation_meets_none() {
        let mut chaos = Chaos::new(7, 1000, [Fault::CloseBeforeAnswer]).with_operation("token");
        assert_eq!(chaos.draw(Some("list")), None);
        assert!(chaos.draw(Some("token")).is_some());
    }
}
