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

#[test]
fn a_window_of_yours_holds() {
    let mut process = Process::start(&["--window", ENDLESS]);
    let line = process.line();
    let token = token(&line);
    let answers = [(); 2].map(|()| get_with(&line, CONTACTS, &token));
    assert_eq!(answers.each_ref().map(|answer| status(answer)), [200, 429]);
    assert_eq!(header(&answers[1], "ratelimit-limit"), Some("1"));
}

#[test]
fn windows_are_fixed_or_slide() {
    for (arguments, fixed) in [
        (&["--window", ENDLESS][..], true),
        (&["--window", ENDLESS, "--window-kind", "fixed"], true),
        (&["--window", ENDLESS, "--window-kind", "sliding"], false),
    ] {
        let mut process = Process::start(arguments);
        let line = process.line();
        let token = token(&line);
        get_with(&line, CONTACTS, &token);
        let refused = get_with(&line, CONTACTS, &token);
        // A fixed one ends at a multiple of its length, one that slides so much later than now.
        let end = header(&refused, "ratelimit-reset").unwrap();
        assert_eq!(end == "3000000000", fixed, "{arguments:?}: {end}");
    }
}

#[test]
fn refusals_or_all_answers_tell_how_full_the_windows_are() {
    for (arguments, left) in [
        (&["--window", ENDLESS][..], None),
        (&["--window", ENDLESS, "--rate-headers", "refusal"], None),
        (&["--window", ENDLESS, "--rate-headers", "every"], Some("0")),
    ] {
        let mut process = Process::start(arguments);
        let line = process.line();
        let answer = get_with(&line, CONTACTS, &token(&line));
        assert_eq!(status(&answer), 200, "{answer}");
        assert_eq!(header(&answer, "ratelimit-remaining"), left, "{arguments:?}");
    }
}

#[test]
fn another_body_under_a_key_is_replayed_or_refused() {
    for (arguments, expected) in [
        (&[][..], [201, 201]),
        (&["--other-body", "replayed"], [201, 201]),
        (&["--other-body", "refused"], [201, 422]),
    ] {
        let mut process = Process::start(arguments);
        let line = process.line();
        let token = token(&line);
        let answers = ["one", "two"].map(|name| read(create(&line, &token, name)));
        assert_eq!(answers.each_ref().map(|answer| status(answer)), expected, "{arguments:?}");
    }
}

#[test]
fn of_two_with_one_key_at_once_the_second_fares_as_asked_for() {
    for (arguments, expected, effects) in [
        (&[][..], 201, 1),
        (&["--concurrent-keys", "one-acts"], 201, 1),
        (&["--concurrent-keys", "both-act"], 201, 2),
        (&["--concurrent-keys", "conflict"], 409, 1),
        (&["--concurrent-keys", "too-many-requests"], 429, 1),
    ] {
        let mut process = Process::start(arguments);
        let line = process.line();
        let token = token(&line);
        control(&line, "POST", "faults", r#"{"fault": "hold_before_effect"}"#);
        let first = create(&line, &token, "one");
        let is_held = || control(&line, "GET", "held", "").contains("\"held\": 1");
        assert!((0..10_000).any(|_| is_held()), "{arguments:?}: it never came");
        let second = read(create(&line, &token, "one"));
        assert_eq!(status(&second), expected, "{arguments:?}");
        control(&line, "POST", "release", "{}");
        assert_eq!(status(&read(first)), 201, "{arguments:?}");
        let ledger = control(&line, "GET", "ledger", "");
        assert_eq!(ledger.matches("\"created\"").count(), effects, "{arguments:?}");
    }
}

/// A window that does not end while a test runs.
const ENDLESS: &str = "1/3000000000";

const CONTACTS: &str = "/2025-09/contacts";

/// A token that the client gets for itself.
fn token(line: &str) -> String {
    let form = format!(
        "grant_type=client_credentials&scope=public.contact%3Aread+public.contact%3Awrite\
         &client_id={}&client_secret={}",
        value(line, "client_id"),
        value(line, "client_secret")
    );
    let kind = "Content-Type: application/x-www-form-urlencoded\r\n";
    let answer = read(send(line, "POST /oauth2/token", kind, &form));
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    let body: serde_json::Value = serde_json::from_str(body).unwrap();
    body["access_token"].as_str().unwrap().to_owned()
}

/// Sends a request for a contact, with one key for all.
fn create(line: &str, token: &str, name: &str) -> TcpStream {
    let headers = format!(
        "Authorization: Bearer {token}\r\nIdempotency-Key: key-1\r\nContent-Type: application/json\r\n"
    );
    let body = format!(r#"{{"email":"{name}@attic.example","full_name":"Grace Field"}}"#);
    send(line, &format!("POST {CONTACTS}"), &headers, &body)
}

/// Calls the control API.
fn control(line: &str, method: &str, call: &str, body: &str) -> String {
    let headers = format!("Authorization: Bearer {}\r\n", value(line, "control_token"));
    read(send(line, &format!("{method} /__sandbox/{call}"), &headers, body))
}

fn status(answer: &str) -> u16 {
    answer.split(' ').nth(1).unwrap().parse().unwrap()
}

fn header<'a>(answer: &'a str, name: &str) -> Option<&'a str> {
    let mut pairs = answer.lines().filter_map(|line| line.split_once(": "));
    pairs.find(|(known, _)| *known == name).map(|(_, value)| value)
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
    let headers = format!("Authorization: Bearer {token}\r\n");
    read(send(line, &format!("GET {path}"), &headers, ""))
}

/// Sends a request to the sandbox that printed `line`.
fn send(line: &str, request: &str, headers: &str, body: &str) -> TcpStream {
    let url = value(line, "base_url");
    let mut stream = TcpStream::connect(url.strip_prefix("http://").unwrap()).unwrap();
    let length = body.len();
    write!(stream, "{request} HTTP/1.0\r\n{headers}Content-Length: {length}\r\n\r\n{body}")
        .unwrap();
    stream
}

fn read(mut from: TcpStream) -> String {
    let mut answer = String::new();
    from.read_to_string(&mut answer).unwrap();
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
