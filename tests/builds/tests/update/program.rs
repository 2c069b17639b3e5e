//! A program that was written for the older build, after the API has been updated.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use shared_clock::{START, SharedClock};
use specwright_cli::output::disk::RealDisk;
use specwright_cli::output::{FileSet, Mode, sync};
use specwright_testkit::Sandbox;
use specwright_testkit::sandbox::{Options, SandboxClock};
use stora_2025_09::Client;
use stora_2025_09::runtime::StaticToken;

use crate::generated::{Generated, OLDER};

#[tokio::test]
async fn compiled_for_the_older_build_it_reads_what_the_newer_one_sends() {
    reads_the_account(compiled_for_the_older_build()).await;
}

#[tokio::test]
async fn compiled_for_the_newer_build_it_reads_the_same() {
    reads_the_account(Command::new(env!("CARGO_BIN_EXE_report"))).await;
}

/// Without this the tests above might prove nothing.
#[tokio::test]
async fn the_account_holds_what_the_older_build_does_not_know() {
    let sandbox = account().await;
    let client = Client::builder("Example/Tests")
        .base_url(sandbox.base_url())
        .clock(Arc::new(SharedClock::new(&sandbox)))
        .credentials(StaticToken::new(sandbox.static_token()))
        .build()
        .unwrap();
    let contacts = client.contacts().list().await.unwrap().contacts;
    let deals = client.deals().list().await.unwrap().deals;
    assert_eq!((contacts.len(), deals.len()), (3, 3));
    assert!(contacts.iter().all(|it| it.status.is_some() && it.identity_check.is_some()));
    assert!(deals.iter().all(|it| it.metadata.is_some() && it.note.is_some()));
}

/// An account at the newer build.
async fn account() -> Sandbox {
    let options = Options::new().with_clock(SandboxClock::fixed_at(START));
    let sandbox = Sandbox::start_with(options).await.unwrap();
    sandbox.seed_contacts(2);
    assert_eq!(sandbox.seed("deals", 3).len(), 3);
    sandbox
}

/// Runs the program on the account.
async fn reads_the_account(mut program: Command) {
    let sandbox = account().await;
    program.env("STORA_URL", sandbox.base_url()).env("STORA_TOKEN", sandbox.static_token());
    // The sandbox answers on this thread, so another one waits for the program.
    let output = tokio::task::spawn_blocking(move || program.output()).await.unwrap().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    insta::allow_duplicates! {
        insta::assert_snapshot!(String::from_utf8_lossy(&output.stdout), @"
        new deal: Two lockers: open at no stage, 0 to rent, for Walk In (by id)
        contact: Ada Holt <ada@lock-and-key.example>, a company
        contact: Walk In <walk-in@example.com>, somebody
        contact: Contact 2 <contact-2@seed.example>, a person
        contact: Contact 1 <contact-1@seed.example>, a person
        deal: Two lockers: open at no stage, 0 to rent, for Walk In
        deal: Ada Holt, small locker: price_concerns at a stage, 2 to rent, for Ada Holt
        deal: Ada Holt, small locker: price_concerns at a stage, 2 to rent, for Ada Holt
        deal: Ada Holt, small locker: price_concerns at a stage, 2 to rent, for Ada Holt
        new deal: Two lockers: won at no stage, 0 to rent, for Walk In (by id)
        ");
    }
}

/// Writes the older client and a package of the same program beside it, and gives the command that compiles and runs it.
///
/// All of it stays, unchanged files untouched, so that only the first run compiles what lies below.
fn compiled_for_the_older_build() -> Command {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("builds");
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");

    let mut client = FileSet { root: folder.join("client"), ..Generated::of(OLDER, None).client };
    let manifest = &mut client.files.get_mut("Cargo.toml").unwrap().text;
    let runtime = quoted(&repository.join("runtime/client"));
    let moved = manifest.replace(r#""../../runtime/client""#, &runtime);
    assert_ne!(*manifest, moved, "the client finds its runtime in another way");
    *manifest = moved;
    sync(&RealDisk, &[client], Mode::Write).unwrap();

    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/report.rs");
    fs::write(folder.join("Cargo.toml"), manifest_of(&program)).unwrap();
    // The versions of the repository, so that nothing is asked of the registry.
    fs::copy(repository.join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();

    let mut command = Command::new(env!("CARGO"));
    command.args(["run", "--quiet", "--offline", "--manifest-path"]).arg(folder.join("Cargo.toml"));
    command.arg("--target-dir").arg(folder.join("target"));
    command
}

/// The program as a package of its own. Nobody debugs it and it is built once, so it has neither symbols nor the data of
/// incremental builds.
fn manifest_of(program: &Path) -> String {
    format!(
        r#"[workspace]
resolver = "3"
members = ["client"]

[package]
name = "report"
edition = "2024"

[[bin]]
name = "report"
path = {}

[dependencies]
specwright-stora-2025-09 = {{ path = "client" }}
tokio = {{ version = "1", features = ["macros", "rt"] }}

[profile.dev]
debug = false
incremental = false
"#,
        quoted(program)
    )
}

/// A path as TOML writes it.
fn quoted(path: &Path) -> String {
    toml::Value::from(path.to_str().unwrap()).to_string()
}
