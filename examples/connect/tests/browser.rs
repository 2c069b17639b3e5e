//! The consent page and the loopback redirect in a real browser: its forms, its rules on where a page may send them, its
//! redirects, and the connections that it opens beside.
//!
//! Needs `chromium-headless-shell`, which Debian has as a package:
//! `cargo test -p connect --features browser --test browser`.

#![allow(clippy::unwrap_used, reason = "what a test cannot do without stops it")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

#[test]
fn operators_approve_in_a_browser_and_are_shown_that_they_are_connected() {
    let mut story = Story::begin();
    let mut browser = Browser::start();
    // Two connect, and one of them connects again.
    for _ in 0..3 {
        let (operator, address) = story.next_question();
        let asked = browser.open(&address);
        assert!(asked.contains("public.contact:read"), "{asked}");
        let shown = browser.decide(&operator, "approve");
        assert_eq!(shown, "Connected. You can close this page and go back to the program.");
    }
    let rest = story.rest();
    assert!(rest.trim_end().ends_with("live tokens 0"), "{rest}");
}

#[test]
fn an_operator_who_denies_is_shown_that_nothing_is_connected() {
    let mut story = Story::begin();
    let mut browser = Browser::start();
    let (operator, address) = story.next_question();
    browser.open(&address);
    let shown = browser.decide(&operator, "deny");
    assert_eq!(shown, "Not connected. The program says why.");
}

/// The example, which waits for the person at the browser.
struct Story {
    process: Child,
    output: BufReader<ChildStdout>,
}

impl Story {
    fn begin() -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_connect"));
        let command = command.arg("--browser").stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = command.spawn().unwrap();
        let output = BufReader::new(process.stdout.take().unwrap());
        Self { process, output }
    }

    /// Who is to approve, and where.
    fn next_question(&mut self) -> (String, String) {
        let mut line = self.line();
        while !line.contains("open this address") {
            line = self.line();
        }
        let (_, rest) = line.split_once("choose ").unwrap();
        let (operator, _) = rest.split_once(',').unwrap();
        (operator.to_owned(), self.line().trim().to_owned())
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        assert_ne!(self.output.read_line(&mut line).unwrap(), 0, "the story has ended");
        line
    }

    fn rest(mut self) -> String {
        let mut rest = String::new();
        self.output.read_to_string(&mut rest).unwrap();
        rest
    }
}

impl Drop for Story {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A browser with one page, told what to do over a pipe in the `DevTools` protocol: JSON, each message ended by a zero.
struct Browser {
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    session: Value,
    calls: u64,
    /// Pages that were loaded and that nobody has waited for yet.
    loaded: u32,
}

impl Browser {
    fn start() -> Self {
        // The protocol is spoken on descriptors 3 and 4. Its own sandbox does not start for the superuser, which CI is; no
        // page but ours is opened.
        let shell = "exec chromium-headless-shell --no-sandbox --disable-gpu --remote-debugging-pipe \
                     3<&0 4>&1 1>/dev/null 2>/dev/null";
        let mut command = Command::new("sh");
        let command = command.args(["-c", shell]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let input = process.stdin.take().unwrap();
        let output = BufReader::new(process.stdout.take().unwrap());
        let mut browser =
            Self { process, input, output, session: Value::Null, calls: 0, loaded: 0 };
        let page = browser.call("Target.createTarget", &json!({ "url": "about:blank" }));
        let attach = json!({ "targetId": page["targetId"], "flatten": true });
        browser.session = browser.call("Target.attachToTarget", &attach)["sessionId"].take();
        browser.call("Page.enable", &json!({}));
        browser
    }

    /// Opens an address, and gives the text of the page.
    fn open(&mut self, address: &str) -> String {
        self.loaded = 0;
        self.call("Page.navigate", &json!({ "url": address }));
        self.text_of_the_next_page()
    }

    /// Chooses an operator, presses a button, and gives the text of the page to which that leads.
    fn decide(&mut self, operator: &str, decision: &str) -> String {
        self.loaded = 0;
        self.run(&format!("document.querySelector('select').value = '{operator}'"));
        self.run(&format!("document.querySelector('button[value={decision}]').click()"));
        self.text_of_the_next_page()
    }

    fn text_of_the_next_page(&mut self) -> String {
        while self.loaded == 0 {
            let _ = self.message();
        }
        self.run("document.body.innerText").as_str().unwrap().trim().to_owned()
    }

    fn run(&mut self, expression: &str) -> Value {
        let mut answer = self.call("Runtime.evaluate", &json!({ "expression": expression }));
        assert!(answer.get("exceptionDetails").is_none(), "{expression}: {answer}");
        answer["result"]["value"].take()
    }

    fn call(&mut self, method: &str, params: &Value) -> Value {
        self.calls += 1;
        let mut message = json!({ "id": self.calls, "method": method, "params": params });
        if self.session.is_string() {
            message["sessionId"] = self.session.clone();
        }
        self.input.write_all(format!("{message}\0").as_bytes()).unwrap();
        loop {
            let mut answer = self.message();
            if answer["id"] == self.calls {
                assert!(answer.get("error").is_none(), "{method}: {answer}");
                return answer["result"].take();
            }
        }
    }

    fn message(&mut self) -> Value {
        let mut message = Vec::new();
        self.output.read_until(0, &mut message).unwrap();
        assert_eq!(message.pop(), Some(0), "the browser has ended");
        let message: Value = serde_json::from_slice(&message).unwrap();
        if message["method"] == "Page.loadEventFired" {
            self.loaded += 1;
        }
        message
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
