//! The world around the application: the vendor, the operators with their browsers, and other processes.

use std::env;
use std::path::PathBuf;
use std::time::Duration;

use specwright_testkit::Sandbox;
use specwright_testkit::sandbox::{
    AuthorizationEvent, Fault, Options, Rotation, Target, TokenOutcome,
};
use stora_2025_09::runtime::{Clock as _, SystemClock};
use tempfile::TempDir;
use tokio::process::{Child, Command};

use crate::app::{Failure, Settings};

/// How often it is looked whether the vendor holds a request.
const LOOK: Duration = Duration::from_millis(5);

pub(crate) struct World {
    vendor: Sandbox,
    folder: TempDir,
    people: People,
}

/// Who approves at the vendor.
#[derive(Clone, Copy)]
pub(crate) enum People {
    /// The example itself.
    Played,
    /// You, in your browser.
    Real,
}

impl World {
    pub(crate) async fn begin(people: People) -> Result<Self, Failure> {
        let options = Options::new()
            // Without a port it stands for every port (RFC 8252 §7.3).
            .with_redirect_uri("http://127.0.0.1/callback")
            // A spent refresh token ends the grant, but a request with the same `Idempotency-Key` gets its answer again, as
            // Stora promises of every POST.
            .with_rotation(Rotation::Replayed(Box::new(Rotation::Strict)))
            .with_contacts(3);
        let vendor = Sandbox::start_with(options).await?;
        Ok(Self { vendor, folder: tempfile::tempdir()?, people })
    }

    pub(crate) fn settings(&self) -> Settings {
        Settings {
            vendor: self.vendor.base_url(),
            client_id: self.vendor.client_id().to_owned(),
            client_secret: self.vendor.client_secret().to_owned(),
            folder: PathBuf::from(self.folder.path()),
        }
    }

    /// The operator opens the address, and agrees.
    pub(crate) fn open_browser(&self, operator: &str, url: &str) -> Result<(), Failure> {
        match self.people {
            People::Real => {
                println!("   open this address, choose {operator}, and approve:\n   {url}");
            }
            People::Played => self.vendor.approve_in_browser(url, operator)?,
        }
        Ok(())
    }

    /// Lets so much time pass at the vendor.
    pub(crate) fn pass(&self, time: Duration) {
        self.vendor.advance(time);
    }

    /// The operator takes back, at the vendor, what the application was given.
    pub(crate) fn take_back(&self, operator: &str) {
        self.vendor.revoke_grant(operator, self.vendor.client_id());
    }

    /// Starts this program a second time, to do something else.
    pub(crate) fn start(&self, arguments: &[&str]) -> Result<Child, Failure> {
        let Settings { vendor, client_id, client_secret, folder } = self.settings();
        let mut command = Command::new(env::current_exe()?);
        command.args(arguments).kill_on_drop(true);
        command.env(Settings::VENDOR, vendor).env(Settings::FOLDER, folder);
        command.env(Settings::CLIENT_ID, client_id).env(Settings::CLIENT_SECRET, client_secret);
        Ok(command.spawn()?)
    }

    /// Starts it, and waits until it has done it.
    pub(crate) async fn run(&self, arguments: &[&str]) -> Result<(), Failure> {
        let status = self.start(arguments)?.wait().await?;
        if status.success() {
            Ok(())
        } else {
            Err("another process of the application failed".into())
        }
    }

    /// From now on the vendor holds the answer to the next request for tokens: it has made new ones, and nobody has them.
    pub(crate) fn hold_the_next_answer(&self) {
        let token_endpoint = Target::Operation("oauth2_token".to_owned());
        self.vendor.push_fault(token_endpoint, Fault::HoldAfterEffect);
    }

    /// Waits until the answer is held, and kills the process that waits for it (`SIGKILL`).
    pub(crate) async fn kill_while_it_waits(&self, process: &mut Child) -> Result<(), Failure> {
        let clock = SystemClock::new();
        while self.vendor.held() == 0 {
            if process.try_wait()?.is_some() {
                return Err("the process ended before it asked for tokens".into());
            }
            clock.sleep(LOOK).await;
        }
        process.kill().await?;
        self.vendor.release();
        Ok(())
    }

    /// What the vendor has seen so far.
    pub(crate) fn print_ledger(&self) {
        let ledger = self.vendor.ledger();
        let asked = ledger.authorizations.iter();
        let approved =
            asked.filter(|entry| matches!(entry.event, AuthorizationEvent::Approved { .. }));
        let issued = |grant: &str| {
            let requests = ledger.token_requests.iter();
            requests
                .filter(|entry| entry.grant_type == grant && entry.outcome == TokenOutcome::Issued)
                .count()
        };
        let live: usize =
            self.vendor.operators().iter().map(|one| ledger.live_tokens(one).len()).sum();
        println!(
            "   ledger: consents {}, codes exchanged {}, renewals {}, live tokens {live}\n",
            approved.count(),
            issued("authorization_code"),
            issued("refresh_token"),
        );
    }
}
