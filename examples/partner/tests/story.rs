//! The example does what it says, in one command.

use std::process::Command;

/// A short one: after the second kill a process waits for a minute, until nothing can be on its way any more.
#[test]
fn every_contact_is_there_once_although_the_import_was_killed_in_the_middle() {
    let arguments = ["--contacts", "20", "--kills", "1"];
    let output = Command::new(env!("CARGO_BIN_EXE_partner")).args(arguments).output().unwrap();
    let words = String::from_utf8(output.stderr).unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{said}{words}");

    let (_, after_the_kill) = said.split_once("   killed\n").unwrap();
    let (before, _) = after_the_kill.split_once(" of 20 contacts are there").unwrap();
    let there: u32 = before.rsplit(' ').next().unwrap().parse().unwrap();
    assert!((1..20).contains(&there), "{said}");

    assert!(said.contains("; 0 answered 429, "), "{said}");
    assert!(said.contains("   20 timeline events, 0 doubles\n"), "{said}");
    assert!(said.contains("   40 webhooks sent, 40 accepted, 20 new\n"), "{said}");
    let closing = said.lines().last().unwrap();
    assert!(closing.starts_with("20 contacts, 0 doubles, in "), "{said}");
}
