//! The world around the application: the vendor, the operator with a browser, and other processes of the application.

use std::env;
use std::io::{IsTerminal as _, stderr};
use std::path::PathBuf;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use specwright_testkit::Sandbox;
use specwright_testkit::sandbox::{
    AttemptVerdict, Fault, Ledger, Limits, Options, Rotation, Target, Verdict, WebhookSettings,
    WindowKind,
};
use stora_2025_09::runtime::{Clock as _, OsRandom, Random as _, SystemClock};
use tempfile::TempDir;
use tokio::process::{Child, Command};

use crate::app::{Failure, Settings};

/// How often it is looked whether something has happened.
const LOOK: Duration = Duration::from_millis(5);

/// How often the vendor posts each event: senders of webhooks do so when an answer is lost.
const COPIES: usize = 2;

/// How long webhooks may take that nothing keeps.
const LONGEST_POST: Duration = Duration::from_secs(30);

/// Whose application imports.
pub(crate) const OPERATOR: &str = "operator-1";

pub(crate) struct World {
    vendor: Sandbox,
    folder: TempDir,
    sealing_keys: String,
    fingerprint_key: String,
    clock: SystemClock,
}

/// When a process is killed.
#[derive(Clone, Copy)]
pub(crate) enum Moment {
    /// The contact is there, and the answer is on its way.
    Answer,
    /// The request is on its way, and the contact is not there.
    Request,
}

impl World {
    pub(crate) async fn begin() -> Result<Self, Failure> {
        let options = Options::new()
            // Without a port it stands for every port (RFC 8252 §7.3).
            .with_redirect_uri("http://127.0.0.1/callback")
            .with_operator(OPERATOR)
            .with_rotation(Rotation::Replayed(Box::new(Rotation::Strict)))
            .with_limits(Limits::Documented)
            .with_window_kind(WindowKind::Sliding)
            .with_seeds("timeline_sources", 1)
            .with_seeds("timeline_templates", 1);
        let vendor = Sandbox::start_with(options).await?;
        vendor.set_webhooks(WebhookSettings::new().with_copies(COPIES));
        Ok(Self {
            vendor,
            folder: tempfile::tempdir()?,
            sealing_keys: format!("k1:{}", secret()),
            fingerprint_key: secret(),
            clock: SystemClock::new(),
        })
    }

    pub(crate) fn settings(&self) -> Result<Settings, Failure> {
        let only = |collection: &str| {
            self.vendor.ids(collection).pop().ok_or("the vendor has agreed to nothing")
        };
        Ok(Settings {
            vendor: self.vendor.base_url(),
            client_id: self.vendor.client_id().to_owned(),
            client_secret: self.vendor.client_secret().to_owned(),
            sealing_keys: self.sealing_keys.clone(),
            fingerprint_key: self.fingerprint_key.clone(),
            timeline_source: only("timeline_sources")?,
            timeline_template: only("timeline_templates")?,
            folder: PathBuf::from(self.folder.path()),
        })
    }

    pub(crate) fn ledger(&self) -> Ledger {
        self.vendor.ledger()
    }

    pub(crate) fn now(&self) -> Duration {
        self.clock.monotonic()
    }

    /// The operator opens the address, and agrees.
    pub(crate) fn open_browser(&self, url: &str) -> Result<(), Failure> {
        Ok(self.vendor.approve_in_browser(url, OPERATOR)?)
    }

    /// Starts this program a second time, to do something else.
    pub(crate) fn start(&self, arguments: &[&str]) -> Result<Child, Failure> {
        let settings = self.settings()?;
        let mut command = Command::new(env::current_exe()?);
        command.args(arguments).kill_on_drop(true).envs(settings.into_environment());
        Ok(command.spawn()?)
    }

    /// Kills a process (`SIGKILL`) when it has so many contacts more on their way.
    pub(crate) async fn kill(
        &self,
        process: &mut Child,
        moment: Moment,
        contacts: usize,
    ) -> Result<(), Failure> {
        let create = Target::Nth("create_contact".to_owned(), contacts);
        let fault = match moment {
            Moment::Answer => Fault::HoldAfterEffect,
            Moment::Request => Fault::HoldBeforeEffect,
        };
        self.vendor.push_fault(create, fault);
        while self.vendor.held() == 0 {
            if process.try_wait()?.is_some() {
                return Err("the process ended before it was to be killed".into());
            }
            self.clock.sleep(LOOK).await;
        }
        process.kill().await?;
        if stderr().is_terminal() {
            // Its bar is still there.
            println!();
        }
        println!("   killed");
        Ok(())
    }

    /// What was on its way arrives.
    pub(crate) fn arrive(&self) {
        self.vendor.release();
    }

    /// How many lists of contacts were answered: a process that is started again looks first what is there.
    pub(crate) fn looks(&self) -> usize {
        let ledger = self.ledger();
        let lists = ledger.requests_for("list_contacts");
        lists.iter().filter(|list| list.verdict != Verdict::Open).count()
    }

    /// Waits for the next look that a process has for contacts.
    pub(crate) async fn wait_for_a_look(
        &self,
        process: &mut Child,
        before: usize,
    ) -> Result<(), Failure> {
        while self.looks() == before {
            if process.try_wait()?.is_some() {
                return Err("the process ended before it looked for contacts".into());
            }
            self.clock.sleep(LOOK).await;
        }
        Ok(())
    }

    /// At a contact and at an event the vendor fails, and keeps the failure for the key of the request.
    pub(crate) fn fail_and_keep_it(&self) {
        for operation in ["create_contact", "create_timeline_event"] {
            // Not at the first, which may be one that is on its way already.
            let target = Target::Nth(operation.to_owned(), 5);
            self.vendor.push_fault(target, Fault::StoredStatus(500));
        }
    }

    /// Waits until the vendor has posted an event for each contact, as often as it does, and was answered.
    pub(crate) async fn wait_for_webhooks(&self, contacts: usize) {
        let end = self.now().saturating_add(LONGEST_POST);
        let is_over = |ledger: &Ledger| {
            let open = ledger.attempts.iter().any(|it| it.verdict == AttemptVerdict::Open);
            !open && ledger.attempts.len() >= COPIES * contacts
        };
        while !is_over(&self.ledger()) && self.now() < end {
            self.clock.sleep(LOOK).await;
        }
    }
}

fn secret() -> String {
    let mut bytes = [0; 32];
    OsRandom.fill(&mut bytes);
    STANDARD.encode(bytes)
}
