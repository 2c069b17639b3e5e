//! A client of a few lines over a bare TCP socket: it sends exactly the bytes a test names.

use serde_json::Value;
use specwright_sandbox::{Options, Profile, Sandbox, SandboxClock};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// 2026-01-01T00:00:00Z.
pub(crate) const START: u64 = 1_767_225_600;

/// A sandbox whose time stands still.
pub(crate) async fn sandbox() -> Sandbox {
    Sandbox::start(options()).await.unwrap()
}

pub(crate) fn options() -> Options {
    Options::new().with_clock(SandboxClock::fixed_at(START))
}

/// A sandbox with everything that the examples of Stora's document show.
pub(crate) async fn stora() -> Sandbox {
    Sandbox::start(options().with_examples()).await.unwrap()
}

/// A sandbox with everything that the examples of Understory's document show.
pub(crate) async fn understory() -> Sandbox {
    let profile = Profile::understory().unwrap();
    Sandbox::start(options().with_profile(profile).with_examples()).await.unwrap()
}

/// An answer, in pieces.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or(Value::Null)
    }

    pub(crate) fn at(&self, pointer: &str) -> Value {
        self.json().pointer(pointer).cloned().unwrap_or(Value::Null)
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The code of the vendor's envelope.
    pub(crate) fn code(&self) -> String {
        self.at("/error/code").as_str().unwrap_or_default().to_owned()
    }

    /// The value of `member` in each item of the list at `pointer`.
    pub(crate) fn each(&self, pointer: &str, member: &str) -> Vec<String> {
        let list = self.at(pointer);
        let items = list.as_array().map(Vec::as_slice).unwrap_or_default();
        items.iter().map(|item| item[member].as_str().unwrap_or_default().to_owned()).collect()
    }

    /// `pointer: message` of each detail.
    pub(crate) fn details(&self) -> Vec<String> {
        let details = self.at("/error/details");
        let details = details.as_array().cloned().unwrap_or_default();
        let text =
            |detail: &Value, name: &str| detail[name].as_str().unwrap_or_default().to_owned();
        details
            .iter()
            .map(|detail| format!("{}: {}", text(detail, "pointer"), text(detail, "message")))
            .collect()
    }
}

/// Sends a request and reads to the end of the connection. `None` if there was no answer.
pub(crate) async fn try_send(
    sandbox: &Sandbox,
    line: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Option<Answer> {
    let mut stream = TcpStream::connect(sandbox.address()).await.unwrap();
    let mut request = format!("{line} HTTP/1.1\r\nHost: sandbox\r\nConnection: close\r\n");
    for &(name, value) in headers {
        request.extend([name, ": ", value, "\r\n"]);
    }
    if !body.is_empty() {
        request.extend(["Content-Length: ", &body.len().to_string(), "\r\n"]);
    }
    request.push_str("\r\n");
    request.push_str(body);
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut bytes = Vec::new();
    // A connection that the server resets has no answer either.
    let _ = stream.read_to_end(&mut bytes).await;
    parse(&String::from_utf8(bytes).unwrap())
}

pub(crate) async fn send(
    sandbox: &Sandbox,
    line: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Answer {
    try_send(sandbox, line, headers, body).await.expect("an answer")
}

/// A request with the static token and, if there is a body, as JSON.
pub(crate) async fn call(sandbox: &Sandbox, line: &str, body: &str) -> Answer {
    call_with(sandbox, line, &[], body).await
}

pub(crate) async fn call_with(
    sandbox: &Sandbox,
    line: &str,
    more: &[(&str, &str)],
    body: &str,
) -> Answer {
    let token = format!("Bearer {}", sandbox.static_token());
    let mut headers = vec![("Authorization", token.as_str())];
    if !body.is_empty() {
        headers.push(("Content-Type", "application/json"));
    }
    headers.extend(more);
    send(sandbox, line, &headers, body).await
}

fn parse(text: &str) -> Option<Answer> {
    let (head, body) = text.split_once("\r\n\r\n")?;
    let mut lines = head.lines();
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let headers = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    Some(Answer { status, headers, text: body.to_owned() })
}
