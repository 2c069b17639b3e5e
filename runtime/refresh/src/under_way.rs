//! What this process has begun for its grants, and whether it begins anything more.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::watch;

use crate::grant::GrantKey;
use crate::problem::GrantProblem;

/// Counts what is under way, and refuses more from the moment on at which it is shut.
#[derive(Debug)]
pub(crate) struct UnderWay {
    state: watch::Sender<State>,
}

#[derive(Debug, Default)]
struct State {
    door: Door,
    next: u64,
    /// What is under way, by a number of its own. A callback that is being looked up is of no grant yet.
    begun: BTreeMap<u64, Option<GrantKey>>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Door {
    #[default]
    Open,
    Shut,
}

/// Something under way. It is over when this is dropped, also if its task is dropped unfinished.
#[derive(Debug)]
pub(crate) struct Begun {
    of: Arc<UnderWay>,
    number: u64,
}

impl UnderWay {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self { state: watch::Sender::new(State::default()) })
    }

    /// Something new begins, unless nothing may.
    pub(crate) fn begin(self: &Arc<Self>, key: Option<&GrantKey>) -> Result<Begun, GrantProblem> {
        let mut number = None;
        self.state.send_modify(|state| {
            number = (state.door == Door::Open).then(|| state.enter(key));
        });
        let number = number.ok_or(GrantProblem::ShutDown)?;
        Ok(Begun { of: Arc::clone(self), number })
    }

    /// What has begun goes on with something else, also after the door was shut.
    pub(crate) fn go_on(self: &Arc<Self>, key: &GrantKey) -> Begun {
        let mut number = 0;
        self.state.send_modify(|state| number = state.enter(Some(key)));
        Begun { of: Arc::clone(self), number }
    }

    /// From now on nothing begins.
    pub(crate) fn shut(&self) {
        self.state.send_modify(|state| state.door = Door::Shut);
    }

    pub(crate) fn is_shut(&self) -> bool {
        self.state.borrow().door == Door::Shut
    }

    /// Waits until nothing is under way.
    pub(crate) async fn over(&self) {
        // It fails only if the sender is gone, and that is this one.
        let _ = self.state.subscribe().wait_for(|state| state.begun.is_empty()).await;
    }

    /// The grants for which something is under way.
    pub(crate) fn grants(&self) -> Vec<GrantKey> {
        let state = self.state.borrow();
        let mut grants: Vec<_> = state.begun.values().flatten().cloned().collect();
        grants.sort();
        grants.dedup();
        grants
    }
}

impl State {
    /// Something more is under way. Gives its number.
    fn enter(&mut self, key: Option<&GrantKey>) -> u64 {
        self.next += 1;
        self.begun.insert(self.next, key.cloned());
        self.next
    }
}

impl Drop for Begun {
    fn drop(&mut self) {
        self.of.state.send_modify(|state| {
            state.begun.remove(&self.number);
        });
    }
}
