//! What goes wrong in one trial, and whether it has happened.

use std::sync::{Mutex, MutexGuard, PoisonError};

use specwright_testkit::SandboxTransport;
use specwright_testkit::sandbox::{Fault, Target};

use crate::cell::{Cell, HALF_AN_ANSWER, Trouble};
use crate::point::Point;

/// The trouble of one cell. It happens once, to the process that first comes to its point.
#[derive(Debug)]
pub(crate) struct Plot {
    cell: Cell,
    stage: Mutex<Stage>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Nothing goes wrong yet.
    Waiting,
    /// The first request goes wrong, and nothing else before it is over.
    First,
    /// Whoever comes to the point meets the trouble.
    Armed,
    /// This process met it, and nobody has seen to it.
    Met(u32),
    Over,
}

impl Plot {
    /// The trouble of a cell, which waits.
    pub(crate) fn new(cell: Cell) -> Self {
        Self { cell, stage: Mutex::new(Stage::Waiting) }
    }

    /// From now on things go wrong.
    pub(crate) fn arm(&self, transport: &SandboxTransport) {
        *self.stage() = match self.cell.first {
            None => Stage::Armed,
            Some(first) => {
                transport.service().push_fault(Target::operation(TOKEN_OPERATION), first.fault());
                Stage::First
            }
        };
    }

    /// A request for a pair is over, with whatever end.
    pub(crate) fn exchanged(&self) {
        let mut stage = self.stage();
        if *stage == Stage::First {
            *stage = Stage::Armed;
        }
    }

    /// What the server has to do for an exchange to stop at the point, if it is there that a process ends.
    pub(crate) fn stop(&self) -> Option<Fault> {
        if *self.stage() != Stage::Armed || !self.cell.trouble.ends() {
            return None;
        }
        match self.cell.point {
            Point::F3 => Some(Fault::HoldRequest),
            Point::F4 => Some(Fault::HoldBeforeEffect),
            Point::F5 => Some(Fault::HoldAfterEffect),
            Point::F6 => Some(Fault::CutAfter(HALF_AN_ANSWER)),
            Point::F0
            | Point::F1
            | Point::F2
            | Point::F7
            | Point::F8
            | Point::F9
            | Point::F10
            | Point::F11
            | Point::F12 => None,
        }
    }

    /// Where it is that an exchange was stopped.
    pub(crate) fn point(&self) -> Point {
        self.cell.point
    }

    /// A process is at a point. Gives what happens to it.
    pub(crate) fn reach(&self, point: Point, process: u32) -> Option<Trouble> {
        let mut stage = self.stage();
        if *stage != Stage::Armed || self.cell.point != point {
            return None;
        }
        *stage = Stage::Met(process);
        Some(self.cell.trouble)
    }

    /// The process that has met the trouble, to whoever asks first.
    pub(crate) fn victim(&self) -> Option<u32> {
        let mut stage = self.stage();
        let Stage::Met(process) = *stage else { return None };
        *stage = Stage::Over;
        Some(process)
    }

    /// Whether it has happened.
    pub(crate) fn is_over(&self) -> bool {
        *self.stage() == Stage::Over
    }

    // Nothing under this lock can panic halfway.
    fn stage(&self) -> MutexGuard<'_, Stage> {
        self.stage.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The `operationId` of the token endpoint.
pub(crate) const TOKEN_OPERATION: &str = "oauth2_token";

/// The `operationId` of the revocation endpoint.
pub(crate) const REVOKE_OPERATION: &str = "oauth2_revoke";
