//! A client that an operator is connected to, played by hand: it sends what RFC 6749 says and nothing
//! more.

use serde_json::Value;
use specwright_sandbox::{Options, Sandbox};

use crate::client::{Answer, options, send, try_send};

pub(crate) const REDIRECT: &str = "https://partner.example/callback";
pub(crate) const SCOPE: &str = "public.contact:read";
pub(crate) const STATE: &str = "fake-state-0001";

/// The pair of RFC 7636, appendix B.
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub(crate) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// What the token endpoint gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pair {
    pub(crate) access: String,
    pub(crate) refresh: String,
}

impl Pair {
    #[track_caller]
    pub(crate) fn of(answer: &Answer) -> Self {
        assert_eq!(answer.status, 200, "{}", answer.text);
        let text = |pointer| answer.at(pointer).as_str().unwrap_or_default().to_owned();
        Self { access: text("/access_token"), refresh: text("/refresh_token") }
    }
}

/// A sandbox whose client has a redirect URI.
pub(crate) async fn start(options: Options) -> Sandbox {
    Sandbox::start(options.with_redirect_uri(REDIRECT)).await.unwrap()
}

/// One that plays Stora.
pub(crate) async fn stora() -> Sandbox {
    start(options()).await
}

/// The URL that a browser is sent to, with these parameters beside those of every request.
pub(crate) fn authorization_url(sandbox: &Sandbox, more: &str) -> String {
    let (base, id) = (sandbox.base_url(), sandbox.client_id());
    let redirect = REDIRECT.replace(':', "%3A").replace('/', "%2F");
    let scope = SCOPE.replace(':', "%3A");
    format!(
        "{base}/oauth2/authorize?response_type=code&client_id={id}&redirect_uri={redirect}\
         &scope={scope}&state={STATE}{more}"
    )
}

/// A parameter of a callback.
pub(crate) fn parameter(callback: &str, name: &str) -> Option<String> {
    let (_, query) = callback.split_once('?')?;
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let mut values = pairs.filter(|(known, _)| *known == name).map(|(_, value)| value.to_owned());
    values.next()
}

/// The code that `operator-1` gives.
pub(crate) fn code(sandbox: &Sandbox) -> String {
    let callback = sandbox.approve(&authorization_url(sandbox, ""), "operator-1").unwrap();
    parameter(&callback, "code").unwrap()
}

/// The pair that a new code is exchanged for.
pub(crate) async fn connect(sandbox: &Sandbox) -> Pair {
    Pair::of(&exchange(sandbox, &code(sandbox), "").await)
}

pub(crate) async fn exchange(sandbox: &Sandbox, code: &str, more: &str) -> Answer {
    let redirect = REDIRECT.replace(':', "%3A").replace('/', "%2F");
    let grant = format!("grant_type=authorization_code&code={code}&redirect_uri={redirect}{more}");
    token(sandbox, &grant, &[]).await
}

pub(crate) async fn refresh(sandbox: &Sandbox, token: &str) -> Answer {
    refresh_with(sandbox, token, &[]).await
}

pub(crate) async fn refresh_with(
    sandbox: &Sandbox,
    refresh: &str,
    more: &[(&str, &str)],
) -> Answer {
    token(sandbox, &format!("grant_type=refresh_token&refresh_token={refresh}"), more).await
}

/// As [`refresh`], but the answer may be lost.
pub(crate) async fn try_refresh(sandbox: &Sandbox, refresh: &str) -> Option<Answer> {
    let body = with_client(sandbox, &format!("grant_type=refresh_token&refresh_token={refresh}"));
    try_send(sandbox, "POST /oauth2/token", &[FORM], &body).await
}

pub(crate) async fn token(sandbox: &Sandbox, grant: &str, more: &[(&str, &str)]) -> Answer {
    let headers: Vec<(&str, &str)> = [FORM].into_iter().chain(more.iter().copied()).collect();
    send(sandbox, "POST /oauth2/token", &headers, &with_client(sandbox, grant)).await
}

pub(crate) async fn revoke(sandbox: &Sandbox, token: &str) -> Answer {
    let body = with_client(sandbox, &format!("token={token}"));
    send(sandbox, "POST /oauth2/revoke", &[FORM], &body).await
}

/// The status of a call of the API with this token.
pub(crate) async fn call(sandbox: &Sandbox, access: &str) -> u16 {
    let bearer = format!("Bearer {access}");
    send(sandbox, "GET /2025-09/contacts", &[("Authorization", &bearer)], "").await.status
}

/// Why a token endpoint gave nothing.
pub(crate) fn error(answer: &Answer) -> (u16, String) {
    match answer.at("/error") {
        Value::String(error) => (answer.status, error),
        _ => (answer.status, String::new()),
    }
}

fn with_client(sandbox: &Sandbox, form: &str) -> String {
    let (id, secret) = (sandbox.client_id(), sandbox.client_secret());
    format!("{form}&client_id={id}&client_secret={secret}")
}

const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");
