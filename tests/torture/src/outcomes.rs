//! How the calls of a worker went.

use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::sync::{Arc, Mutex, PoisonError};

use specwright_refresh::GrantProblem;
use stora_2025_09::Client;

use crate::order::Report;
use crate::setting::Trouble;

/// Outcomes, with how often. Clones are the same.
#[derive(Clone, Debug, Default)]
pub struct Outcomes(Arc<Mutex<BTreeMap<String, u64>>>);

impl Outcomes {
    /// Makes one call, and counts how it went.
    pub async fn call(&self, client: &Client) {
        match client.contacts().list().limit(1).await {
            Ok(_) => self.count(SUCCEEDED.to_owned()),
            Err(error) => match GrantProblem::of(&error) {
                Some(problem) => self.fail(problem),
                None => self.count(error.to_string()),
            },
        }
    }

    /// Counts what is the matter with a grant.
    pub fn fail(&self, problem: &GrantProblem) {
        self.count(match problem {
            GrantProblem::ReconnectRequired { reason, .. } => format!("{RECONNECT}: {reason:?}"),
            other => format!("{other:?}"),
        });
    }

    /// Tells the judge, in one line, and forgets what it told.
    pub fn tell(&self) -> Result<(), Trouble> {
        let counts = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        let (succeeded, failed): (Vec<_>, Vec<_>) =
            counts.into_iter().partition(|(outcome, _)| outcome == SUCCEEDED);
        let report = Report { succeeded: succeeded.iter().map(|(_, times)| times).sum(), failed };
        let mut line = serde_json::to_vec(&report)?;
        line.push(b'\n');
        let mut output = io::stdout().lock();
        output.write_all(&line)?;
        Ok(output.flush()?)
    }

    fn count(&self, outcome: String) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(outcome).or_default() += 1;
    }
}

/// How a failure begins whose caller was told to connect again.
pub const RECONNECT: &str = "reconnect required";

const SUCCEEDED: &str = "succeeded";
