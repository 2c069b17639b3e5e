//! What a browser brings back from the authorization server.

use std::error::Error as StdError;
use std::fmt;

use specwright_core::types::SecretString;
use url::form_urlencoded;

use crate::fingerprint::{Fingerprint, Subject};
use crate::refusal::ErrorCode;

/// The longest query that is read. Browsers and servers carry about as much.
const MAX_BYTES: usize = 8 * 1024;

/// The answer to an authorization request, as it came in the query of the redirect URI (RFC 6749 §4.1.2).
///
/// Anybody can make a browser come with one, so nothing in it is true until the authorization that waits for it has
/// checked it: look that up by [`Self::pending_id`], and
/// [redeem](crate::PendingAuthorization::redeem) it.
pub struct Callback {
    state: SecretString,
    issuer: Option<String>,
    verdict: Verdict,
}

/// What the server says.
pub(crate) enum Verdict {
    Allowed(SecretString),
    Denied(CallbackError),
}

impl Callback {
    /// Reads the URL that the browser came with: whole, or path and query.
    pub fn from_url(url: &str) -> Result<Self, CallbackError> {
        let url = url.split_once('#').map_or(url, |(url, _)| url);
        Self::from_query(url.split_once('?').map_or("", |(_, query)| query))
    }

    /// Reads the query of that URL.
    ///
    /// A parameter of the answer that is there twice is an error, because two readers could read two things of it
    /// (RFC 6749 §3.1). One without a value counts as missing, and unknown ones are passed over.
    pub fn from_query(query: &str) -> Result<Self, CallbackError> {
        if query.len() > MAX_BYTES {
            return Err(CallbackError::Malformed);
        }
        let mut values = [const { None }; PARAMETERS.len()];
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let known = PARAMETERS.iter().zip(&mut values).find(|(known, _)| **known == name);
            let Some((known, slot)) = known else { continue };
            if slot.is_some() {
                return Err(CallbackError::Repeated(known));
            }
            *slot = Some(SecretString::new(value));
        }
        let [code, state, error, issuer, ..] = values.map(|value| {
            // RFC 6749 §3.1: a parameter without a value is treated as if it was left out.
            value.filter(|value: &SecretString| !value.is_empty())
        });
        let state = state.ok_or(CallbackError::StateMissing)?;
        let verdict = match (code, error) {
            (Some(code), None) if is_visible(code.expose()) => Verdict::Allowed(code),
            (None, Some(error)) => Verdict::Denied(CallbackError::denied(error.expose())),
            (None, None) => return Err(CallbackError::NoCode),
            (Some(_), _) => return Err(CallbackError::Malformed),
        };
        let issuer = issuer.map(|issuer| issuer.expose().to_owned());
        Ok(Self { state, issuer, verdict })
    }

    /// The [id](crate::PendingAuthorization::id) of the authorization that this seems to be the answer to.
    pub fn pending_id(&self) -> String {
        self.state_fingerprint().to_text()
    }

    pub(crate) fn state_fingerprint(&self) -> Fingerprint {
        Fingerprint::of(Subject::State(self.state.expose()))
    }

    pub(crate) fn state(&self) -> &str {
        self.state.expose()
    }

    pub(crate) fn issuer(&self) -> Option<&str> {
        self.issuer.as_deref()
    }

    pub(crate) fn into_verdict(self) -> Verdict {
        self.verdict
    }
}

impl fmt::Debug for Callback {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = match &self.verdict {
            Verdict::Allowed(_) => "Allowed([redacted])".to_owned(),
            Verdict::Denied(error) => format!("{error:?}"),
        };
        to.debug_struct("Callback")
            .field("verdict", &format_args!("{verdict}"))
            .finish_non_exhaustive()
    }
}

/// The parameters of an answer (RFC 6749 §4.1.2 and §4.1.2.1, RFC 9207 §2). The last two are texts for people; they are
/// known only so that they cannot be repeated.
const PARAMETERS: [&str; 6] = ["code", "state", "error", "iss", "error_description", "error_uri"];

/// RFC 6749 appendix A.11: a code has visible characters and blanks.
fn is_visible(code: &str) -> bool {
    code.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

/// A callback that brings no grant.
///
/// No text of the callback is in it: whoever makes a browser come chooses that text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CallbackError {
    /// The user declined (`access_denied`).
    AccessDenied,
    /// The server did not ask the user, or could not: another error code, if it is a registered one
    /// (RFC 6749 §4.1.2.1).
    Denied(Option<ErrorCode>),
    /// It has no `state`, so nobody can say what it answers.
    StateMissing,
    /// No authorization waits for this `state`: it was answered before, came too late, or never began here. For callers
    /// who find none under [`Callback::pending_id`].
    StateUnknown,
    /// It is the answer to another authorization.
    StateMismatch,
    /// Another browser brings it than the one that was sent.
    SessionMismatch,
    /// It comes too late.
    Expired,
    /// It comes from another authorization server than the one that was asked (RFC 9207).
    IssuerMismatch,
    /// A parameter of the answer is there twice.
    Repeated(&'static str),
    /// It has neither `code` nor `error`.
    NoCode,
    /// It has both, is longer than 8 KiB, or has a code that none can be.
    Malformed,
}

impl CallbackError {
    fn denied(error: &str) -> Self {
        match ErrorCode::parse(error) {
            Some(ErrorCode::AccessDenied) => Self::AccessDenied,
            code => Self::Denied(code),
        }
    }
}

impl fmt::Display for CallbackError {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(match self {
            Self::AccessDenied => "the user declined",
            Self::Denied(Some(code)) => {
                return write!(to, "the authorization server refused ({})", code.as_str());
            }
            Self::Denied(None) => "the authorization server refused without a known reason",
            Self::StateMissing => "the callback has no `state`",
            Self::StateUnknown => "no authorization waits for this callback",
            Self::StateMismatch => "the callback answers another authorization",
            Self::SessionMismatch => {
                "another browser brings the callback than the one that was sent"
            }
            Self::Expired => "the callback comes too late",
            Self::IssuerMismatch => "the callback comes from another authorization server",
            Self::Repeated(name) => {
                return write!(to, "the callback has the parameter `{name}` twice");
            }
            Self::NoCode => "the callback has neither `code` nor `error`",
            Self::Malformed => "the callback is none that a server would send",
        })
    }
}

impl StdError for CallbackError {}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;

    fn error(query: &str) -> CallbackError {
        Callback::from_query(query).unwrap_err()
    }

    fn code(callback: Result<Callback, CallbackError>) -> String {
        match callback.unwrap().into_verdict() {
            Verdict::Allowed(code) => code.expose().to_owned(),
            Verdict::Denied(error) => panic!("{error:?}"),
        }
    }

    #[test]
    fn query_path_and_whole_url_are_read_alike() {
        let query = "code=fake%2Bcode&state=fake-state&scope=a+b";
        assert_eq!(code(Callback::from_query(query)), "fake+code");
        for before in ["?", "/back?", "https://app.example/back?", "http://127.0.0.1:9/?x=1&"] {
            let url = format!("{before}{query}#fragment");
            assert_eq!(code(Callback::from_url(&url)), "fake+code", "{url}");
        }
    }

    #[test]
    fn each_flaw_has_its_error() {
        let long = format!("state=s&code={}", "c".repeat(8 * 1024));
        for (query, expected) in [
            ("", CallbackError::StateMissing),
            ("code=c", CallbackError::StateMissing),
            ("code=c&state=", CallbackError::StateMissing),
            ("error=access_denied", CallbackError::StateMissing),
            ("state=s", CallbackError::NoCode),
            ("state=s&code=", CallbackError::NoCode),
            ("state=s&code=c&error=access_denied", CallbackError::Malformed),
            ("state=s&code=%ff", CallbackError::Malformed),
            ("state=s&code=a%0Ab", CallbackError::Malformed),
            (long.as_str(), CallbackError::Malformed),
        ] {
            assert_eq!(error(query), expected, "{query}");
        }
    }

    #[test]
    fn a_parameter_of_the_answer_cannot_be_repeated() {
        for name in PARAMETERS {
            let query = format!("state=s&code=c&{name}=x&{name}=x");
            assert_eq!(error(&query), CallbackError::Repeated(name));
            // Not by writing the name in another way either, nor by leaving one without a value.
            let encoded =
                format!("state=s&code=c&{name}=x&%{:02x}{}=", name.as_bytes()[0], &name[1..]);
            assert_eq!(error(&encoded), CallbackError::Repeated(name));
        }
    }

    #[test]
    fn unknown_parameters_may_be_repeated() {
        assert!(Callback::from_query("a=1&state=s&code=c&a=2&b").is_ok());
    }

    #[test]
    fn a_url_without_a_query_has_no_state() {
        for url in ["", "https://app.example/back", "/back#code=c&state=s"] {
            assert_eq!(Callback::from_url(url).unwrap_err(), CallbackError::StateMissing, "{url}");
        }
    }

    #[test]
    fn nothing_of_the_callback_is_shown() {
        let allowed = Callback::from_query("code=canary&state=canary&iss=canary").unwrap();
        let query = "error=canary&error_description=canary&state=canary";
        let denied = Callback::from_query(query).unwrap();
        let shown = format!("{allowed:?} {denied:#?}");
        assert!(!shown.contains("canary"), "{shown}");
        for query in ["code=canary", "state=canary", "code=canary&code=canary"] {
            let error = error(query);
            let shown = format!("{error} {error:?}");
            assert!(!shown.contains("canary"), "{shown}");
        }
    }

    /// What the specification says, over parameters that are read already.
    fn model(parameters: &[(&'static str, &str)]) -> Result<bool, CallbackError> {
        let repeated = parameters.iter().enumerate().find(|(at, (name, _))| {
            *name != "other" && parameters[..*at].iter().any(|(known, _)| known == name)
        });
        if let Some((_, (name, _))) = repeated {
            return Err(CallbackError::Repeated(name));
        }
        let is_there = |name| parameters.iter().any(|(known, v)| *known == name && !v.is_empty());
        match (is_there("state"), is_there("code"), is_there("error")) {
            (false, ..) => Err(CallbackError::StateMissing),
            (true, true, true) => Err(CallbackError::Malformed),
            (true, true, false) => Ok(true),
            (true, false, true) => Ok(false),
            (true, false, false) => Err(CallbackError::NoCode),
        }
    }

    fn parameter() -> impl Strategy<Value = (&'static str, String)> {
        let names = vec!["code", "state", "error", "iss", "error_description", "other"];
        (select(names), "[ -~]{0,3}")
    }

    proptest! {
        #[test]
        fn parameters_in_any_order_and_number_are_read_as_specified(
            parameters in vec(parameter(), 0..6),
        ) {
            let query = form_urlencoded::Serializer::new(String::new())
                .extend_pairs(&parameters)
                .finish();
            let pairs: Vec<_> = parameters.iter().map(|(name, v)| (*name, v.as_str())).collect();
            let read = Callback::from_query(&query);
            let read = read.map(|callback| matches!(callback.verdict, Verdict::Allowed(_)));
            prop_assert_eq!(read, model(&pairs));
        }

        #[test]
        fn any_text_is_read_or_refused(text in any::<String>()) {
            let query = format!("state=s&{text}");
            let read = [Callback::from_query(&query), Callback::from_url(&text)];
            for callback in read.into_iter().flatten() {
                prop_assert!(!callback.state().is_empty());
            }
        }
    }
}
