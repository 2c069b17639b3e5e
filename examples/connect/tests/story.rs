//! The example does what it says, in one command.

use std::process::Command;

#[test]
fn the_story_ends_without_a_live_token_and_is_told_without_a_secret() {
    let output = Command::new(env!("CARGO_BIN_EXE_connect")).output().unwrap();
    let words = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{words}");
    insta::assert_snapshot!(String::from_utf8(output.stdout).unwrap());
}
