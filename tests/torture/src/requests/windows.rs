//! Windows in real time: processes that want to send more than they may.

use std::path::{Path, PathBuf};
use std::time::Duration;

use specwright_testkit::Sandbox;
use specwright_testkit::sandbox::{Limits, Options, Window as SandboxWindow, WindowKind};

use super::caller::{Order, PROGRAM, Shared};
use super::ledger::{Count, STORA, Window, most};
use crate::setting::{Trouble, report, wait};
use crate::table::{Line, Row};

/// A row for one process, and one for four that share rows.
pub fn rows() -> Vec<Row> {
    [1, 4]
        .map(|processes| Crowd {
            processes,
            at_once: 16 / processes,
            windows: STORA.to_vec(),
            lasts: Duration::from_secs(130),
        })
        .map(Crowd::row)
        .into()
}

/// Processes that call again and again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crowd {
    /// How many. One keeps the record of the windows in its memory; several share rows in a file.
    pub processes: u32,
    /// Tasks of each that call.
    pub at_once: u32,
    /// The windows, of the server and of the processes.
    pub windows: Vec<Window>,
    /// For how long.
    pub lasts: Duration,
}

/// What became of the calls at a server with one kind of windows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// What the server counted.
    pub count: Count,
    /// Calls that failed, by their reason.
    pub failed: Vec<(String, u64)>,
}

impl Crowd {
    /// How many requests the windows let through at best.
    pub fn most(&self) -> usize {
        most(&self.windows, self.lasts)
    }

    /// Whether the windows were kept and at least 97 percent of them used, and nobody was refused.
    pub fn is_met(&self, kept: &Kept) -> bool {
        kept.count.is_within(&self.windows)
            && (kept.count.refused, kept.count.failed) == (0, 0)
            && kept.failed.is_empty()
            && kept.count.let_in * 100 >= self.most() * 97
    }

    fn row(self) -> Row {
        let Self { processes, lasts, .. } = self;
        let (place, noun) =
            if processes == 1 { ("memory", "process") } else { ("SQLite", "processes") };
        let name = format!("windows for {} s, {processes} {noun}, {place}", lasts.as_secs());
        Row::new(name, move |worker| async move {
            let program = worker.with_file_name(PROGRAM);
            // Two servers, which know nothing of each other.
            let (fixed, sliding) = tokio::try_join!(
                self.run(&program, WindowKind::Fixed),
                self.run(&program, WindowKind::Sliding)
            )?;
            Ok(Line {
                expected:
                    "at most 10 in any 1 s and 60 in any 60 s, at least 0.97 of the quota, 0 × 429"
                        .to_owned(),
                found: format!("fixed: {}; sliding: {}", self.told(&fixed), self.told(&sliding)),
                met: self.is_met(&fixed) && self.is_met(&sliding),
            })
        })
    }

    fn told(&self, kept: &Kept) -> String {
        let Kept { count, failed } = kept;
        format!(
            "{:?}, {} of {}, {} × 429, {} others, failed {failed:?}",
            count.peaks,
            count.let_in,
            self.most(),
            count.refused,
            count.failed,
        )
    }

    /// Lets them call a server with windows of this kind.
    pub async fn run(&self, program: &Path, kind: WindowKind) -> Result<Kept, Trouble> {
        let windows = self.windows.iter();
        let windows =
            windows.filter_map(|(requests, s)| SandboxWindow::new((*requests).into(), *s));
        let options = Options::new()
            .with_limits(Limits::Windows(windows.collect()))
            .with_window_kind(kind)
            .with_contacts(1);
        let sandbox = Sandbox::start_with(options).await?;
        let folder = tempfile::tempdir()?;
        let rows: PathBuf = folder.path().join("rows.db");
        let processes = self.processes;
        let order = Order {
            server: sandbox.base_url(),
            token: sandbox.static_token().to_owned(),
            windows: self.windows.clone(),
            shared: (processes > 1).then_some(Shared { rows, processes }),
            at_once: self.at_once,
            lasts: self.lasts,
        };
        let started: Result<Vec<_>, _> = (0..processes).map(|_| order.start(program)).collect();
        wait(self.lasts).await;
        let mut failed = Vec::new();
        for child in started? {
            failed.extend(report(child).await?.failed);
        }
        Ok(Kept { count: Count::of(&sandbox.ledger(), &self.windows, self.lasts), failed })
    }
}
