//! What is kept between sending a browser away and its coming back.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::ops::Range;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};
use specwright_core::types::SecretString;

use crate::authorization_code::AuthorizationCode;
use crate::callback::{Callback, CallbackError, Verdict};
use crate::fingerprint::{Fingerprint, Subject};
use crate::registration::ClientRegistration;

/// An authorization that waits for its callback.
///
/// It is kept as a text ([`Self::to_text`]) under its [`id`](Self::id), sealed, in a place from which it can be taken
/// once: whoever takes it has the only chance to redeem it, and a callback that is refused has used it up. The `state`
/// itself is not in it. `Debug` shows its times alone.
pub struct PendingAuthorization {
    state: Fingerprint,
    session: Option<Fingerprint>,
    verifier: SecretString,
    redirect_uri: String,
    scope: Option<String>,
    issuer: Option<String>,
    started_at: SystemTime,
    expires_at: SystemTime,
}

/// Who receives the callback.
#[derive(Clone, Copy)]
pub enum Session<'a> {
    /// A browser, by what names its session: the value of a cookie that no other browser has. An empty one is
    /// nobody's, and no callback fits it.
    Browser(&'a str),
    /// No browser's session: the program that started the authorization receives the callback itself, as over a
    /// loopback redirect (RFC 8252 §7.3).
    None,
}

impl PendingAuthorization {
    pub(crate) fn new(
        state: &str,
        verifier: SecretString,
        session: Session<'_>,
        redirect_uri: String,
        scope: Option<String>,
        issuer: Option<String>,
        times: Range<SystemTime>,
    ) -> Self {
        Self {
            state: Fingerprint::of(Subject::State(state)),
            session: session.fingerprint(state),
            verifier,
            redirect_uri,
            scope,
            issuer,
            started_at: times.start,
            expires_at: times.end,
        }
    }

    /// The name under which it is kept. It is no secret, and says nothing about the `state` that it stands for.
    pub fn id(&self) -> String {
        self.state.to_text()
    }

    /// When it began.
    pub fn started_at(&self) -> SystemTime {
        self.started_at
    }

    /// From when on a callback comes too late.
    pub fn expires_at(&self) -> SystemTime {
        self.expires_at
    }

    /// The scopes that were asked for.
    pub fn scope(&self) -> Option<&str> {
        self.scope.as_deref()
    }

    /// Checks a callback against what was started, and gives the grant to exchange.
    ///
    /// In this order: it is the callback of this authorization (`state`), the same browser brings it, it is not too
    /// late, it comes from the server that was asked (RFC 9207), and the user agreed. What was refused before is not
    /// looked at, so an error that anybody can write into an address is not believed. The values are compared in
    /// constant time.
    pub fn redeem(
        self,
        callback: Callback,
        session: Session<'_>,
        now: SystemTime,
        client: ClientRegistration,
    ) -> Result<AuthorizationCode, CallbackError> {
        if callback.state_fingerprint() != self.state {
            return Err(CallbackError::StateMismatch);
        }
        // Two browsers without a session would be one.
        let nobody = matches!(session, Session::Browser(""));
        if nobody || session.fingerprint(callback.state()) != self.session {
            return Err(CallbackError::SessionMismatch);
        }
        if now >= self.expires_at {
            return Err(CallbackError::Expired);
        }
        if let (Some(named), Some(asked)) = (callback.issuer(), &self.issuer)
            && named != asked
        {
            return Err(CallbackError::IssuerMismatch);
        }
        match callback.into_verdict() {
            Verdict::Denied(error) => Err(error),
            Verdict::Allowed(code) => {
                let grant = AuthorizationCode::new(client, code, self.redirect_uri);
                let scope = self.scope;
                Ok(AuthorizationCode { scope, ..grant.code_verifier(self.verifier) })
            }
        }
    }

    /// The text under which it is kept. It holds the code verifier: seal it.
    pub fn to_text(&self) -> SecretString {
        let kept = Kept {
            format: FORMAT,
            state: self.state.to_text(),
            session: self.session.map(Fingerprint::to_text),
            verifier: self.verifier.expose().into(),
            redirect_uri: self.redirect_uri.as_str().into(),
            scope: self.scope.as_deref().map(Cow::from),
            issuer: self.issuer.as_deref().map(Cow::from),
            started_at: millis(self.started_at),
            expires_at: millis(self.expires_at),
        };
        // Serializing texts and numbers into memory cannot fail; an empty text would not be read back.
        serde_json::to_string(&kept).unwrap_or_default().into()
    }

    /// Reads what [`Self::to_text`] wrote.
    pub fn from_text(text: &str) -> Result<Self, PendingAuthorizationError> {
        let kept: Kept<'_> = serde_json::from_str(text).map_err(|_| PendingAuthorizationError)?;
        if kept.format != FORMAT {
            return Err(PendingAuthorizationError);
        }
        let fingerprint =
            |text: &str| Fingerprint::from_text(text).ok_or(PendingAuthorizationError);
        Ok(Self {
            state: fingerprint(&kept.state)?,
            session: kept.session.as_deref().map(fingerprint).transpose()?,
            verifier: kept.verifier.into_owned().into(),
            redirect_uri: kept.redirect_uri.into_owned(),
            scope: kept.scope.map(Cow::into_owned),
            issuer: kept.issuer.map(Cow::into_owned),
            started_at: moment(kept.started_at)?,
            expires_at: moment(kept.expires_at)?,
        })
    }
}

impl Session<'_> {
    fn fingerprint(self, state: &str) -> Option<Fingerprint> {
        match self {
            Self::Browser(session) => Some(Fingerprint::of(Subject::Session { state, session })),
            Self::None => None,
        }
    }
}

/// The session is as good as a password.
impl fmt::Debug for Session<'_> {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(match self {
            Self::Browser(_) => "Browser([redacted])",
            Self::None => "None",
        })
    }
}

impl fmt::Debug for PendingAuthorization {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.debug_struct("PendingAuthorization")
            .field("started_at", &self.started_at)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// Raised when the meaning of a member changes.
const FORMAT: u32 = 1;

/// The text form, with moments in milliseconds since 1970.
#[derive(Serialize, Deserialize)]
struct Kept<'a> {
    format: u32,
    state: String,
    session: Option<String>,
    verifier: Cow<'a, str>,
    redirect_uri: Cow<'a, str>,
    scope: Option<Cow<'a, str>>,
    issuer: Option<Cow<'a, str>>,
    started_at: u64,
    expires_at: u64,
}

fn millis(moment: SystemTime) -> u64 {
    let since = moment.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

fn moment(millis: u64) -> Result<SystemTime, PendingAuthorizationError> {
    let since = Duration::from_millis(millis);
    SystemTime::UNIX_EPOCH.checked_add(since).ok_or(PendingAuthorizationError)
}

/// A text that is no pending authorization, or one of a newer version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PendingAuthorizationError;

impl fmt::Display for PendingAuthorizationError {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("the text that was kept is no pending authorization of this version")
    }
}

impl StdError for PendingAuthorizationError {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::refusal::ErrorCode;

    const STATE: &str = "fake-state";
    const ISSUER: &str = "https://auth.example";
    const BACK: &str = "https://app.example/back";

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    fn pending(session: Session<'_>) -> PendingAuthorization {
        PendingAuthorization::new(
            STATE,
            "fake-verifier".into(),
            session,
            BACK.to_owned(),
            Some("a b".to_owned()),
            Some(ISSUER.to_owned()),
            at(100)..at(700),
        )
    }

    fn redeem_at(
        query: &str,
        session: Session<'_>,
        now: SystemTime,
    ) -> Result<AuthorizationCode, CallbackError> {
        let callback = Callback::from_query(query).unwrap();
        let client = ClientRegistration::public("fake-id");
        pending(Session::Browser("fake-session")).redeem(callback, session, now, client)
    }

    fn redeem(query: &str) -> Result<AuthorizationCode, CallbackError> {
        redeem_at(query, Session::Browser("fake-session"), at(200))
    }

    #[test]
    fn a_callback_of_the_same_flow_gives_the_grant_to_exchange() {
        let grant = redeem("code=fake-code&state=fake-state").unwrap();
        assert_eq!(grant.code.expose(), "fake-code");
        assert_eq!(grant.redirect_uri, BACK);
        assert_eq!(grant.code_verifier.unwrap().expose(), "fake-verifier");
    }

    #[test]
    fn a_foreign_state_is_refused() {
        let error = redeem("code=fake-code&state=fake-statf").unwrap_err();
        assert_eq!(error, CallbackError::StateMismatch);
    }

    #[test]
    fn another_browser_is_refused() {
        let query = "code=fake-code&state=fake-state";
        for session in [Session::Browser("other"), Session::Browser(""), Session::None] {
            let error = redeem_at(query, session, at(200)).unwrap_err();
            assert_eq!(error, CallbackError::SessionMismatch);
        }
    }

    #[test]
    fn a_browser_cannot_bring_what_the_program_waits_for_itself() {
        let callback = Callback::from_query("code=fake-code&state=fake-state").unwrap();
        let client = ClientRegistration::public("fake-id");
        let session = Session::Browser("fake-session");
        let error = pending(Session::None).redeem(callback, session, at(200), client).unwrap_err();
        assert_eq!(error, CallbackError::SessionMismatch);
    }

    #[test]
    fn an_empty_session_fits_no_callback() {
        let callback = Callback::from_query("code=fake-code&state=fake-state").unwrap();
        let session = Session::Browser("");
        let client = ClientRegistration::public("fake-id");
        let error = pending(session).redeem(callback, session, at(200), client).unwrap_err();
        assert_eq!(error, CallbackError::SessionMismatch);
    }

    #[test]
    fn a_callback_at_the_end_of_its_time_is_too_late() {
        let query = "code=fake-code&state=fake-state";
        let session = Session::Browser("fake-session");
        assert!(redeem_at(query, session, at(699)).is_ok());
        assert_eq!(redeem_at(query, session, at(700)).unwrap_err(), CallbackError::Expired);
    }

    #[test]
    fn another_issuer_is_refused_and_a_missing_one_is_not() {
        let error = redeem("code=c&state=fake-state&iss=https%3A%2F%2Fevil.example").unwrap_err();
        assert_eq!(error, CallbackError::IssuerMismatch);
        assert!(redeem("code=c&state=fake-state&iss=https%3A%2F%2Fauth.example").is_ok());
    }

    #[test]
    fn a_user_who_declined_is_told_from_other_denials() {
        let denied = |code: &str| redeem(&format!("error={code}&state=fake-state")).unwrap_err();
        assert_eq!(denied("access_denied"), CallbackError::AccessDenied);
        let scope = CallbackError::Denied(Some(ErrorCode::InvalidScope));
        assert_eq!(denied("invalid_scope"), scope);
        assert_eq!(denied("something_new"), CallbackError::Denied(None));
    }

    #[test]
    fn an_error_under_a_foreign_state_is_not_believed() {
        let error = redeem("error=access_denied&state=other").unwrap_err();
        assert_eq!(error, CallbackError::StateMismatch);
    }

    #[test]
    fn what_is_kept_is_read_back_whole() {
        let first = pending(Session::Browser("fake-session"));
        let second = PendingAuthorization::from_text(first.to_text().expose()).unwrap();
        assert_eq!(first.to_text(), second.to_text());
        assert_eq!((second.id(), second.scope()), (first.id(), Some("a b")));
        assert_eq!((second.started_at(), second.expires_at()), (at(100), at(700)));
    }

    #[test]
    fn the_state_is_not_kept() {
        let pending = pending(Session::Browser("fake-session"));
        let text = pending.to_text();
        assert!(!text.expose().contains(STATE) && !text.expose().contains("fake-session"));
    }

    #[test]
    fn what_was_not_written_here_is_refused() {
        let text = pending(Session::None).to_text();
        let later = text.expose().replace("\"format\":1", "\"format\":2");
        let short = text.expose().replace(&pending(Session::None).id(), "short");
        for text in ["", "{}", "[]", later.as_str(), short.as_str()] {
            assert!(PendingAuthorization::from_text(text).is_err(), "{text}");
        }
    }

    #[test]
    fn debug_shows_its_times_alone() {
        let shown = format!("{:?} {:?}", pending(Session::None), Session::Browser("canary"));
        for secret in ["fake", "canary", "app.example", "auth.example"] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }
}
