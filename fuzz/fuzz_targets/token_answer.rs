//! Any answer of a token endpoint: it is read without a panic, and a refresh token that stands readable in a success is
//! handed on.
//!
//! Input: an answer, as [`Answer::read`] reads it.

#![no_main]

use std::sync::{Arc, LazyLock};

use http::HeaderValue;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use specwright_fuzz::{Answer, JumpingClock, Server, run};
use specwright_oauth::{
    ClientRegistration, IssuedToken, RefreshToken, TokenEndpoint, TokenError, TokenErrorKind,
};
use url::Url;

static URL: LazyLock<Url> =
    LazyLock::new(|| Url::parse("https://auth.example/token").expect("a URL"));

fuzz_target!(|input: &[u8]| {
    let answer = Answer::read(input);
    let server = Arc::new(Server::new(Some(answer.clone())));
    let endpoint = TokenEndpoint::new(
        URL.clone(),
        HeaderValue::from_static("Fuzz/1"),
        Arc::<Server>::clone(&server),
        Arc::new(JumpingClock::default()),
    );
    let grant = RefreshToken::new(ClientRegistration::public("fake-id"), "fake-old");
    let outcome = run(endpoint.request(&grant));
    let _ = format!("{outcome:?}");
    assert_eq!(server.received().len(), 1, "one call is one request");
    match &outcome {
        Ok(token) => assert!(answer.status.is_success() && sendable(token)),
        Err(error) => {
            let _ = error.to_string();
            let unusable = error.kind() == TokenErrorKind::Unusable;
            assert_eq!(error.salvaged().is_some(), unusable);
        }
    }
    if !answer.status.is_success() || is_refusal(&answer.body, &outcome) {
        return;
    }
    if let Some(standing) = standing(&answer.body) {
        assert_eq!(kept(&outcome).as_deref(), Some(standing.as_str()));
    }
});

fn sendable(token: &IssuedToken) -> bool {
    let text = token.access_token.expose();
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic())
}

fn kept(outcome: &Result<IssuedToken, TokenError>) -> Option<String> {
    let token = match outcome {
        Ok(token) => token.refresh_token.as_ref(),
        Err(error) => error.salvaged().and_then(|salvaged| salvaged.refresh_token.as_ref()),
    };
    token.map(|token| token.expose().to_owned())
}

/// Whether the server refused under a success. A refresh token beside the error is the one that was shown.
fn is_refusal(body: &[u8], outcome: &Result<IssuedToken, TokenError>) -> bool {
    let refused = outcome.as_ref().is_err_and(|error| error.salvaged().is_none());
    let names_error = beginning(body).is_some_and(|object| object.get("error").is_some());
    assert!(!refused || names_error, "a success is refused, and nothing says so");
    refused
}

/// The refresh token that a reader without any cleverness finds.
///
/// Where the body begins with a JSON object that has tokens, the member of that object counts. Elsewhere the only text
/// does that stands after the name.
fn standing(body: &[u8]) -> Option<String> {
    let object = beginning(body);
    let has = |object: &Value, name| object.get(name).is_some();
    let token = match object.filter(|it| has(it, "access_token") || has(it, "refresh_token")) {
        // Which of two members of one name counts, nothing says (RFC 8259 §4).
        Some(_) if places(body).nth(1).is_some() => None,
        Some(object) => object.get("refresh_token")?.as_str().map(str::to_owned),
        None => {
            let said: Vec<_> = places(body).map(Said::after_name).collect();
            let clear = said.iter().all(|said| !matches!(said, Said::Unclear));
            let mut tokens = said.into_iter().filter_map(Said::token);
            tokens.next().filter(|_| clear && tokens.next().is_none())
        }
    };
    token.filter(|token| !token.is_empty())
}

/// What comes after each quoted name.
fn places(body: &[u8]) -> impl Iterator<Item = &[u8]> {
    (0..body.len()).filter_map(|at| {
        let (quote @ (b'"' | b'\''), rest) = body[at..].split_first()? else { return None };
        rest.strip_prefix(b"refresh_token")?.strip_prefix(&[*quote])
    })
}

/// What stands after a name.
enum Said {
    Token(String),
    Nothing,
    /// It takes cleverness to tell.
    Unclear,
}

impl Said {
    fn after_name(rest: &[u8]) -> Self {
        let Some(value) = rest.trim_ascii_start().strip_prefix(b":") else { return Self::Nothing };
        let value = value.trim_ascii_start();
        if value.starts_with(b"null") || value.starts_with(b"None") || value.starts_with(b"\"\"") {
            return Self::Nothing;
        }
        Self::plain(value).map_or(Self::Unclear, Self::Token)
    }

    /// The text in quotes that a value begins with, if nothing in it is escaped.
    fn plain(value: &[u8]) -> Option<String> {
        let text = value.strip_prefix(b"\"")?;
        let end = text.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20))?;
        let text = std::str::from_utf8(&text[..end]).ok().filter(|_| text[end] == b'"')?;
        Some(text.to_owned())
    }

    fn token(self) -> Option<String> {
        match self {
            Self::Token(token) => Some(token),
            Self::Nothing | Self::Unclear => None,
        }
    }
}

/// The JSON value that a body begins with.
fn beginning(body: &[u8]) -> Option<Value> {
    let body = body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(body);
    serde_json::Deserializer::from_slice(body).into_iter().next()?.ok()
}
