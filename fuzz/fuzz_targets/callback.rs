//! Any callback: it is read without a panic, as query and as URL alike, and only the one that answers our own
//! authorization, in its own browser, brings a code.
//!
//! Input: a query. Its `state` is ours if it is [`STATE`].

#![no_main]

use std::time::{Duration, SystemTime};

use libfuzzer_sys::fuzz_target;
use specwright_fuzz::{Counting, START};
use specwright_oauth::{
    AuthorizationCode, AuthorizationRequest, Callback, CallbackError, ClientRegistration,
    PendingAuthorization, Session,
};
use url::{Url, form_urlencoded};

/// What [`Counting`] draws first.
const STATE: &str = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE";
const ISSUER: &str = "https://auth.example";
const OURS: Session<'_> = Session::Browser("fake-session");

fuzz_target!(|query: &str| {
    let read = Callback::from_query(query);
    let _ = format!("{read:?}");
    if !query.contains('#') {
        let (path, url) = (format!("/back?{query}"), format!("https://app.example/?{query}#x"));
        for url in [path, url] {
            assert_eq!(Callback::from_url(&url).err(), read.as_ref().err().copied());
            assert_eq!(redeemed(&url, OURS).ok(), expected(query));
        }
        assert!(redeemed(&format!("?{query}"), Session::Browser("fake-other")).is_err());
        assert!(redeemed(&format!("?{query}"), Session::None).is_err());
    }
    let _ = Callback::from_url(query);
});

/// The code that a callback brings.
fn redeemed(url: &str, session: Session<'_>) -> Result<String, CallbackError> {
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(START);
    let client = ClientRegistration::public("fake-id");
    let pending = pending(&client, now);
    let callback = Callback::from_url(url)?;
    let code: AuthorizationCode = pending.redeem(callback, session, now, client)?;
    Ok(code.code.expose().to_owned())
}

fn pending(client: &ClientRegistration, now: SystemTime) -> PendingAuthorization {
    let endpoint = Url::parse("https://auth.example/authorize").expect("a URL");
    let request = AuthorizationRequest::new(endpoint, client, "https://app.example/back")
        .expect("a request")
        .issuer(ISSUER);
    request.start(OURS, now, &Counting::default()).pending
}

/// The code that a query brings by the letter of RFC 6749 §3.1 and §4.1.2 and RFC 9207.
fn expected(query: &str) -> Option<String> {
    let pairs: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
    let value = |name: &str| {
        let mut found = pairs.iter().filter(|(known, _)| known == name);
        match (found.next(), found.next()) {
            (None, _) => Some(""),
            (Some((_, value)), None) => Some(&**value),
            (Some(_), Some(_)) => None,
        }
    };
    let [code, state, error, issuer] = ["code", "state", "error", "iss"].map(value);
    value("error_description")?;
    value("error_uri")?;
    let plain = !code?.is_empty() && code?.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    let good = query.len() <= 8_192
        && plain
        && state? == STATE
        && error?.is_empty()
        && matches!(issuer?, "" | ISSUER);
    good.then(|| code.map(str::to_owned))?
}
