//! The authorization endpoint and its codes.

use std::time::Duration;

use serde_json::json;
use specwright_sandbox::{
    AuthorizationEvent, Client, NotSentBack, Profile, Sandbox, TokenEvent, TokenOutcome,
};

use crate::client::{Answer, options, send};
use crate::connected::{
    CHALLENGE, Pair, REDIRECT, SCOPE, STATE, VERIFIER, authorization_url, call, code, connect,
    error, exchange, parameter, start, stora, token,
};

fn invalid_grant() -> (u16, String) {
    (400, "invalid_grant".to_owned())
}

/// Opens the URL as a browser does.
async fn open(sandbox: &Sandbox, url: &str) -> Answer {
    let path = url.strip_prefix(&sandbox.base_url()).unwrap_or(url);
    send(sandbox, &format!("GET {path}"), &[], "").await
}

/// With what error a browser is sent back.
async fn sent_back(sandbox: &Sandbox, url: &str) -> (String, Option<String>) {
    let answer = open(sandbox, url).await;
    assert_eq!(answer.status, 303, "{}", answer.text);
    let callback = answer.header("location").unwrap();
    assert!(callback.starts_with(REDIRECT), "{callback}");
    (parameter(callback, "error").unwrap(), parameter(callback, "state"))
}

#[tokio::test]
async fn an_approved_request_comes_back_with_a_code_and_its_state() {
    let sandbox = stora().await;
    let callback = sandbox.approve(&authorization_url(&sandbox, ""), "operator-1").unwrap();
    assert!(callback.starts_with(&format!("{REDIRECT}?code=")), "{callback}");
    assert_eq!(parameter(&callback, "state").as_deref(), Some(STATE));
}

#[tokio::test]
async fn a_code_gives_a_pair_that_works() {
    let sandbox = stora().await;
    let answer = exchange(&sandbox, &code(&sandbox), "").await;
    assert_eq!((answer.at("/scope"), answer.at("/expires_in")), (json!(SCOPE), json!(7200)));
    assert_eq!(call(&sandbox, &Pair::of(&answer).access).await, 200);
}

#[tokio::test]
async fn a_denied_request_comes_back_with_access_denied() {
    let sandbox = stora().await;
    let callback = sandbox.deny(&authorization_url(&sandbox, "")).unwrap();
    assert_eq!(parameter(&callback, "error").as_deref(), Some("access_denied"));
    assert_eq!(parameter(&callback, "state").as_deref(), Some(STATE));
    assert_eq!(parameter(&callback, "code"), None);
}

#[tokio::test]
async fn a_browser_decides_on_a_page() {
    let sandbox = stora().await;
    let url = authorization_url(&sandbox, "");
    let page = open(&sandbox, &url).await;
    assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
    let id = page.text.split_once("name=\"consent\" value=\"").unwrap().1;
    let id = id.split_once('"').unwrap().0;
    let form = format!("consent={id}&operator=operator-2&decision=approve");
    let media_type = [("Content-Type", "application/x-www-form-urlencoded")];
    let answer = send(&sandbox, "POST /oauth2/authorize", &media_type, &form).await;
    let callback = answer.header("location").unwrap();
    assert_eq!(answer.status, 303);
    let code = parameter(callback, "code").unwrap();
    Pair::of(&exchange(&sandbox, &code, "").await);
    assert_eq!(sandbox.ledger().families_of("operator-2"), [1]);

    // The question was answered: nobody can answer it again.
    let again = send(&sandbox, "POST /oauth2/authorize", &media_type, &form).await;
    assert_eq!((again.status, again.header("location")), (400, None));
}

#[tokio::test]
async fn a_question_waits_for_ten_minutes() {
    let sandbox = stora().await;
    let page = open(&sandbox, &authorization_url(&sandbox, "")).await;
    let id = page.text.split_once("name=\"consent\" value=\"").unwrap().1;
    let form = format!("consent={}&decision=deny", id.split_once('"').unwrap().0);
    sandbox.advance(Duration::from_secs(600));
    let media_type = [("Content-Type", "application/x-www-form-urlencoded")];
    let answer = send(&sandbox, "POST /oauth2/authorize", &media_type, &form).await;
    assert_eq!(answer.status, 400);
}

#[tokio::test]
async fn nobody_is_sent_to_a_place_that_is_not_registered() {
    let sandbox = stora().await;
    let good = authorization_url(&sandbox, "");
    let redirect = "redirect_uri=https%3A%2F%2Fpartner.example%2Fcallback";
    for url in [
        good.replace(sandbox.client_id(), "fake-unknown-client"),
        good.replace(redirect, "redirect_uri=https%3A%2F%2Fpartner.example%2Fother"),
        good.replace(redirect, &format!("{redirect}%2F")),
        good.replace(redirect, ""),
        format!("{good}&{redirect}"),
    ] {
        let answer = open(&sandbox, &url).await;
        assert_eq!((answer.status, answer.header("location")), (400, None), "{url}");
    }
}

#[tokio::test]
async fn an_error_page_repeats_nothing_of_the_request() {
    let sandbox = stora().await;
    let url = authorization_url(&sandbox, "").replace(REDIRECT, "x");
    let url = url.replace(sandbox.client_id(), "%3Cscript%3Ecanary%3C%2Fscript%3E");
    let page = open(&sandbox, &url).await;
    assert_eq!(page.status, 400);
    assert!(!page.text.contains("canary"), "{}", page.text);
}

#[tokio::test]
async fn every_other_mistake_is_told_to_the_client() {
    let sandbox = stora().await;
    let good = authorization_url(&sandbox, "");
    for (url, expected) in [
        (good.replace("response_type=code", ""), "invalid_request"),
        (good.replace("response_type=code", "response_type=token"), "unsupported_response_type"),
        (good.replace("public.contact%3Aread", "public.contact%3Afly"), "invalid_scope"),
        (good.replace("&scope=public.contact%3Aread", ""), "invalid_scope"),
        (format!("{good}&code_challenge={CHALLENGE}"), "invalid_request"),
        (
            format!("{good}&code_challenge={VERIFIER}&code_challenge_method=plain"),
            "invalid_request",
        ),
        (format!("{good}&code_challenge=short&code_challenge_method=S256"), "invalid_request"),
        (format!("{good}&code_challenge_method=S256"), "invalid_request"),
        (format!("{good}&scope=public.contact%3Aread"), "invalid_request"),
    ] {
        let (error, state) = sent_back(&sandbox, &url).await;
        assert_eq!((error.as_str(), state.as_deref()), (expected, Some(STATE)), "{url}");
    }
}

#[tokio::test]
async fn a_client_without_the_grant_is_unauthorized() {
    let client = Client::new("fake-client", "fake-secret").with_redirect_uri(REDIRECT);
    let client = client.with_grants(["client_credentials"]);
    let sandbox = Sandbox::start(options().with_client(client)).await.unwrap();
    let (error, _) = sent_back(&sandbox, &authorization_url(&sandbox, "")).await;
    assert_eq!(error, "unauthorized_client");
}

#[tokio::test]
async fn a_code_can_be_exchanged_for_a_minute() {
    let sandbox = stora().await;
    let code = code(&sandbox);
    sandbox.advance(Duration::from_secs(60));
    assert_eq!(error(&exchange(&sandbox, &code, "").await), invalid_grant());
}

#[tokio::test]
async fn a_second_exchange_takes_back_what_the_first_gave() {
    let sandbox = stora().await;
    let code = code(&sandbox);
    let pair = Pair::of(&exchange(&sandbox, &code, "").await);
    assert_eq!(error(&exchange(&sandbox, &code, "").await), invalid_grant());
    assert_eq!(call(&sandbox, &pair.access).await, 401);
    assert!(sandbox.ledger().live_tokens("operator-1").is_empty());
}

#[tokio::test]
async fn a_code_is_bound_to_its_redirect() {
    let sandbox = stora().await;
    let grant = format!(
        "grant_type=authorization_code&code={}&redirect_uri=https%3A%2F%2Fother.example",
        code(&sandbox)
    );
    assert_eq!(error(&token(&sandbox, &grant, &[]).await), invalid_grant());
}

#[tokio::test]
async fn a_code_is_bound_to_its_client() {
    let client = |name: &str| Client::new(name, "fake-secret").with_redirect_uri(REDIRECT);
    let options = options().with_client(client("fake-one")).with_client(client("fake-other"));
    let sandbox = Sandbox::start(options).await.unwrap();
    let url = authorization_url(&sandbox, "").replace("fake-one", "fake-other");
    let callback = sandbox.approve(&url, "operator-1").unwrap();
    let foreign = parameter(&callback, "code").unwrap();
    assert_eq!(error(&exchange(&sandbox, &foreign, "").await), invalid_grant());
}

#[tokio::test]
async fn a_code_with_a_challenge_needs_its_verifier() {
    let sandbox = stora().await;
    let more = format!("&code_challenge={CHALLENGE}&code_challenge_method=S256");
    let url = authorization_url(&sandbox, &more);
    let callback = sandbox.approve(&url, "operator-1").unwrap();
    let code = parameter(&callback, "code").unwrap();
    for wrong in ["", "&code_verifier=fake-verifier"] {
        assert_eq!(error(&exchange(&sandbox, &code, wrong).await), invalid_grant(), "{wrong}");
    }
    let right = format!("&code_verifier={VERIFIER}");
    Pair::of(&exchange(&sandbox, &code, &right).await);
}

#[tokio::test]
async fn a_verifier_without_a_challenge_is_refused() {
    let sandbox = stora().await;
    let verifier = format!("&code_verifier={VERIFIER}");
    let answer = exchange(&sandbox, &code(&sandbox), &verifier).await;
    assert_eq!(error(&answer), invalid_grant());
}

#[tokio::test]
async fn understory_wants_a_long_state_and_the_audience() {
    let sandbox = understory().await;
    let good = understory_url(&sandbox, "offline");
    let (error, _) = sent_back(&sandbox, &good.replace(STATE, "short")).await;
    assert_eq!(error, "invalid_state");
    for audience in ["", "&audience=https%3A%2F%2Felsewhere.example"] {
        let url = good.replace("&audience=https%3A%2F%2Fapi.understory.io", audience);
        assert_eq!(sent_back(&sandbox, &url).await.0, "invalid_request", "{audience}");
    }
}

#[tokio::test]
async fn understory_gives_a_refresh_token_for_the_scope_offline_only() {
    let sandbox = understory().await;
    for (scope, renewable) in [("offline", true), ("event.read", false)] {
        let url = understory_url(&sandbox, scope);
        let callback = sandbox.approve(&url, "operator-1").unwrap();
        let code = parameter(&callback, "code").unwrap();
        let pair = Pair::of(&exchange(&sandbox, &code, "").await);
        assert_eq!(!pair.refresh.is_empty(), renewable, "{scope}");
    }
}

#[tokio::test]
async fn a_refresh_token_of_understory_is_over_after_thirty_days() {
    let sandbox = understory().await;
    let callback = sandbox.approve(&understory_url(&sandbox, "offline"), "operator-1").unwrap();
    let code = parameter(&callback, "code").unwrap();
    let pair = Pair::of(&exchange(&sandbox, &code, "").await);
    sandbox.advance(Duration::from_secs(30 * 24 * 60 * 60));
    let answer = crate::connected::refresh(&sandbox, &pair.refresh).await;
    assert_eq!(error(&answer), invalid_grant());
}

#[tokio::test]
async fn the_ledger_tells_who_was_asked_and_how_they_decided() {
    let sandbox = stora().await;
    let url = authorization_url(&sandbox, "");
    sandbox.approve(&url, "operator-1").unwrap();
    sandbox.deny(&url).unwrap();
    open(&sandbox, &url.replace("response_type=code", "")).await;
    let events: Vec<_> =
        sandbox.ledger().authorizations.into_iter().map(|entry| entry.event).collect();
    let asked = AuthorizationEvent::Asked { scopes: vec![SCOPE.to_owned()] };
    let expected = [
        asked.clone(),
        AuthorizationEvent::Approved { operator: "operator-1".to_owned() },
        asked,
        AuthorizationEvent::Denied,
        AuthorizationEvent::Refused { error: Some("invalid_request".to_owned()) },
    ];
    assert_eq!(events, expected);
}

#[tokio::test]
async fn the_ledger_tells_what_was_asked_of_the_token_endpoint() {
    let sandbox = stora().await;
    let pair = connect(&sandbox).await;
    crate::connected::refresh(&sandbox, &pair.refresh).await;
    crate::connected::refresh(&sandbox, "fake-unknown").await;
    let ledger = sandbox.ledger();
    let asked: Vec<_> = ledger
        .token_requests
        .iter()
        .map(|entry| (entry.grant_type.as_str(), entry.presented, entry.issued.as_slice()))
        .collect();
    let expected = [
        ("authorization_code", None, [2, 3].as_slice()),
        ("refresh_token", Some(3), [4, 5].as_slice()),
        ("refresh_token", None, [].as_slice()),
    ];
    assert_eq!(asked, expected);
    assert_eq!(ledger.token_posts_for(1).len(), 2);
    let refused = TokenOutcome::Refused { error: "invalid_grant".to_owned() };
    assert_eq!(ledger.token_requests[2].outcome, refused);
}

#[tokio::test]
async fn the_ledger_tells_how_often_a_token_was_used() {
    let sandbox = stora().await;
    let pair = connect(&sandbox).await;
    call(&sandbox, &pair.access).await;
    call(&sandbox, &pair.access).await;
    let ledger = sandbox.ledger();
    assert_eq!(ledger.api_uses_of(2).len(), 2);
    let minted = &ledger.minted(2).unwrap().event;
    assert!(matches!(minted, TokenEvent::Minted { family: Some(1), .. }), "{minted:?}");
}

#[tokio::test]
async fn an_operator_takes_everything_back() {
    let sandbox = stora().await;
    let (one, pair) = (connect(&sandbox).await, connect(&sandbox).await);
    assert_eq!(sandbox.revoke_grant("operator-1", sandbox.client_id()), 4);
    for access in [&one.access, &pair.access] {
        assert_eq!(call(&sandbox, access).await, 401);
    }
    let answer = crate::connected::refresh(&sandbox, &pair.refresh).await;
    assert_eq!(error(&answer), invalid_grant());
    assert_eq!(sandbox.revoke_grant("operator-2", sandbox.client_id()), 0);
}

#[tokio::test]
async fn a_url_that_is_none_of_the_authorization_endpoint_is_not_opened() {
    let sandbox = stora().await;
    let refused = sandbox.approve("https://partner.example/elsewhere", "operator-1");
    assert_eq!(refused, Err(NotSentBack::NotAuthorization));
    let unknown = sandbox.approve(&authorization_url(&sandbox, ""), "operator-9");
    assert!(matches!(unknown, Err(NotSentBack::Page(_))), "{unknown:?}");
}

/// Everything that stands for a person or a client is a secret.
#[tokio::test]
async fn no_secret_of_an_authorization_is_in_the_ledger() {
    let sandbox = stora().await;
    let more = format!("&code_challenge={CHALLENGE}&code_challenge_method=S256");
    let url = authorization_url(&sandbox, &more);
    let callback = sandbox.approve(&url, "operator-1").unwrap();
    let code = parameter(&callback, "code").unwrap();
    let answer = exchange(&sandbox, &code, &format!("&code_verifier={VERIFIER}")).await;
    let pair = Pair::of(&answer);
    let lines = [&pair.access, &pair.refresh, &code].map(|secret| format!("GET /x/{secret}"));
    for line in lines {
        send(&sandbox, &line, &[], "").await;
    }
    let written = serde_json::to_string(&sandbox.ledger()).unwrap();
    let secrets = [STATE, VERIFIER, &code, &pair.access, &pair.refresh, sandbox.client_secret()];
    for secret in secrets {
        assert!(!written.contains(secret), "{secret}");
    }
    assert!(written.contains("/x/[token 3]") && written.contains("/x/[code]"), "{written}");
}

async fn understory() -> Sandbox {
    start(options().with_profile(Profile::understory().unwrap())).await
}

fn understory_url(sandbox: &Sandbox, scope: &str) -> String {
    let url = authorization_url(sandbox, "&audience=https%3A%2F%2Fapi.understory.io");
    url.replace("/oauth2/authorize", "/oauth2/auth").replace("public.contact%3Aread", scope)
}
