//! The sandbox as a process.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Output, Stdio};

#[test]
fn it_prints_where_it_is_and_its_credentials_in_one_line() {
    let mut process = Process::start(&["--seed", "contacts=2", "--examples"]);
    let line = process.line();
    let names: Vec<&str> =
        line.split(' ').filter_map(|pair| Some(pair.split_once('=')?.0)).collect();
    assert_eq!(names, ["base_url", "client_id", "client_secret", "control_token"]);
}

#[test]
fn it_plays_another_vendor_by_name() {
    let mut process = Process::start(&["understory", "--examples"]);
    let line = process.line();
    let answer = get(&line, "/v1/me");
    assert!(answer.contains("\"code\":\"UNAUTHORIZED\""), "{answer}");
}

#[test]
fn a_profile_of_yours_goes_with_the_document_of_the_api() {
    let profile = concat!(env!("CARGO_MANIFEST_DIR"), "/profiles/understory-v1/profile.yaml");
    let mut process = Process::start(&["understory", "--profile", profile]);
    let line = process.line();
    let answer = get(&line, "/v1/me");
    assert!(answer.contains("\"code\":\"UNAUTHORIZED\""), "{answer}");
}

#[test]
fn its_ledger_can_be_read_over_http() {
    let mut process = Process::start(&[]);
    let line = process.line();
    let answer = get_with(&line, "/__sandbox/ledger", &value(&line, "control_token"));
    assert!(answer.contains("\"token_operation\": \"oauth2_token\""), "{answer}");
}

#[test]
fn a_control_token_from_a_file_is_not_printed() {
    let path = std::env::temp_dir().join(format!("specwright-control-{}", std::process::id()));
    std::fs::write(&path, "fake-control-token\n").unwrap();
    let mut process = Process::start(&["--control-token-file", path.to_str().unwrap()]);
    let line = process.line();
    std::fs::remove_file(&path).unwrap();
    assert!(!line.contains("control_token"), "{line}");
    let answer = get_with(&line, "/__sandbox/ledger", "fake-control-token");
    assert!(answer.starts_with("HTTP/1.0 200") || answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[test]
fn a_model_of_rotation_that_nobody_knows_is_exit_code_2() {
    assert_eq!(run(&["--rotation", "M9"]).status.code(), Some(2));
}

#[test]
fn it_warns_when_others_can_reach_it() {
    let mut process = Process::start(&["--listen", "0.0.0.0"]);
    process.line();
    assert!(process.warning().starts_with("warning: everyone who reaches 0.0.0.0:"));
}

#[cfg(unix)]
#[test]
fn an_interrupt_stops_it_with_exit_code_0() {
    let mut process = Process::start(&[]);
    process.line();
    let id = process.0.id().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    assert_eq!(process.0.wait().unwrap().code(), Some(0));
}

#[test]
fn a_missing_document_is_exit_code_3_and_a_reason() {
    let output = run(&["--document", "no-such-file.json"]);
    assert_eq!(output.status.code(), Some(3));
    let words = String::from_utf8(output.stderr).unwrap();
    assert!(words.starts_with("error: cannot read no-such-file.json\n  because: "), "{words}");
}

#[test]
fn a_taken_port_is_exit_code_1() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    assert_eq!(run(&["--port", &port]).status.code(), Some(1));
}

#[test]
fn the_help_has_an_example_and_the_exit_codes() {
    let help = String::from_utf8(run(&["--help"]).stdout).unwrap();
    assert!(help.contains("Example:") && help.contains("Exit codes:"), "{help}");
}

#[test]
fn seeds_without_a_number_are_exit_code_2() {
    assert_eq!(run(&["--seed", "contacts"]).status.code(), Some(2));
}

#[test]
fn a_window_without_a_length_is_exit_code_2() {
    for window in ["10", "10/0", "ten/1"] {
        assert_eq!(run(&["--window", window]).status.code(), Some(2), "{window}");
    }
}

#[test]
fn windows_are_those_of_the_document_or_yours() {
    assert_eq!(run(&["--limits", "documented", "--window", "1/1"]).status.code(), Some(2));
}

/// What the line says of `name`.
fn value(line: &str, name: &str) -> String {
    let mut pairs = line.split(' ').filter_map(|pair| pair.split_once('='));
    pairs.find(|(known, _)| *known == name).unwrap().1.to_owned()
}

/// Asks the sandbox that printed `line` for a path.
fn get(line: &str, path: &str) -> String {
    get_with(line, path, "fake-unknown")
}

/// As [`get`], with a bearer token.
fn get_with(line: &str, path: &str, token: &str) -> String {
    let url = value(line, "base_url");
    let mut stream = TcpStream::connect(url.strip_prefix("http://").unwrap()).unwrap();
    write!(stream, "GET {path} HTTP/1.0\r\nAuthorization: Bearer {token}\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// A running sandbox; it is killed in the end.
struct Process(Child);

impl Process {
    fn start(arguments: &[&str]) -> Self {
        let child = command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        Self(child.unwrap())
    }

    /// Waits for the first line on the standard output.
    fn line(&mut self) -> String {
        first_line(self.0.stdout.as_mut().unwrap())
    }

    /// Waits for the first line on the standard error.
    fn warning(&mut self) -> String {
        first_line(self.0.stderr.as_mut().unwrap())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may be gone already; then there is nothing to stop.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn first_line(from: impl Read) -> String {
    let mut line = String::new();
    BufReader::new(from).read_line(&mut line).unwrap();
    line.trim_end().to_owned()
}

fn run(arguments: &[&str]) -> Output {
    command(arguments).output().unwrap()
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_specwright-sandbox"));
    command.args(arguments);
    command
}
