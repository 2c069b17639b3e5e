//! The token endpoint's success answer, read so that no defect of one member loses another.

use std::time::Duration;

use serde_json::{Map, Value};
use specwright_core::types::SecretString;

use crate::grant::Expected;
use crate::lifetime::Reckoning;
use crate::salvage;
use crate::secret_bytes::SecretBytes;

/// The most that is kept of a body that could not be read. A token answer is much shorter, and a store has to hold it.
const MAX_KEPT_BYTES: usize = 8 * 1024;

/// The members of a token answer that are read (RFC 6749 §5.1). `created_at` is no part of it; several servers have it.
const MEMBERS: [&str; 6] =
    ["access_token", "token_type", "expires_in", "refresh_token", "scope", "created_at"];

/// An access token as the server issued it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct IssuedToken {
    /// The token. It is a bearer token (RFC 6750); no other type is accepted.
    pub access_token: SecretString,
    /// How long it is valid, counted from before the request was sent.
    pub lifetime: Duration,
    /// The refresh token that came with it. `None` after a refresh means that the old one stays (RFC 6749 §6).
    pub refresh_token: Option<SecretString>,
    /// The scopes that were granted, with blanks between them: those that the server names, which may be fewer than were
    /// asked for; those that were asked for if it names none (RFC 6749 §5.1). `None` after a refresh means that they are
    /// what they were (RFC 6749 §6).
    pub scope: Option<String>,
}

impl IssuedToken {
    /// A token without refresh token and scope, for sources other than a token endpoint.
    pub fn new(access_token: impl Into<SecretString>, lifetime: Duration) -> Self {
        Self { access_token: access_token.into(), lifetime, refresh_token: None, scope: None }
    }

    /// Sets [`Self::refresh_token`].
    pub fn refresh_token(mut self, token: impl Into<SecretString>) -> Self {
        self.refresh_token = Some(token.into());
        self
    }

    /// Sets [`Self::scope`].
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.scope = Some(scope.into());
        self
    }
}

/// What is left of a success answer that does not hold all that it should.
///
/// A server that answers like this has issued tokens, and may have ended the old ones. A refresh token alone is enough
/// to go on with: keep it, and refresh again. Without one keep the body, sealed, for the day on which a person looks.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Salvaged {
    /// The access token, if it could be read.
    pub access_token: Option<SecretString>,
    /// The refresh token, if it could be read.
    pub refresh_token: Option<SecretString>,
    /// The scopes that were granted, as in [`IssuedToken::scope`].
    pub scope: Option<String>,
    /// The body as it came, at most its first 8 KiB.
    pub body: SecretBytes,
}

/// A success without what it should bring.
#[derive(Debug)]
pub(crate) struct Unusable {
    pub(crate) why: Defect,
    pub(crate) salvaged: Salvaged,
}

/// What is wrong with a success.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Defect {
    /// It holds no access token that can be sent.
    NoToken,
    /// Its token is no bearer token.
    OtherType,
    /// It is damaged, and the refresh token may have been in the part that is missing.
    Damaged,
}

/// Reads the body of a success (RFC 6749 §5.1).
///
/// Each member is read by itself: `expires_in` may be a number, a text or a moment, `token_type` may be written in any
/// case or be left out, unknown members and bytes after the object are passed over. A body that is no JSON object with
/// a token is searched for members ([`salvage`]).
pub(crate) fn read(
    body: &[u8],
    expected: Expected,
    reckoning: &Reckoning,
) -> Result<IssuedToken, Unusable> {
    let (mut members, wholeness) = match object(body) {
        Some(members) if has_token(&members) => (members, Wholeness::Whole),
        _ => (salvage::members(body, &MEMBERS), Wholeness::Damaged),
    };
    let bearer = is_bearer(members.get("token_type"));
    let access_token = access_token(members.remove("access_token"));
    let refresh = Refresh::read(members.remove("refresh_token"), wholeness);
    let lifetime = reckoning.lifetime(members.get("expires_in"), members.get("created_at"));
    let scope = members.get("scope").and_then(scope);
    let why = match (&access_token, &refresh, expected) {
        (None, ..) => Defect::NoToken,
        (Some(_), ..) if !bearer => Defect::OtherType,
        // Without it the caller would keep the old refresh token, which has ended if there was a new one.
        (Some(_), Refresh::Unreadable, Expected::Pair) => Defect::Damaged,
        (Some(access_token), ..) => {
            let access_token = access_token.clone();
            let refresh_token = refresh.given();
            return Ok(IssuedToken { access_token, lifetime, refresh_token, scope });
        }
    };
    let kept = body.get(..MAX_KEPT_BYTES).unwrap_or(body);
    let access_token = access_token.filter(|_| bearer);
    let refresh_token = refresh.given();
    let salvaged = Salvaged { access_token, refresh_token, scope, body: kept.into() };
    Err(Unusable { why, salvaged })
}

/// The JSON object that a body begins with, whatever comes after it.
pub(crate) fn object(body: &[u8]) -> Option<Map<String, Value>> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    match serde_json::Deserializer::from_slice(body).into_iter().next()? {
        Ok(Value::Object(members)) => Some(members),
        Ok(_) | Err(_) => None,
    }
}

/// Whether all that the server wrote was read.
#[derive(Clone, Copy)]
enum Wholeness {
    Whole,
    Damaged,
}

/// What an answer says of the refresh token.
enum Refresh {
    Given(SecretString),
    /// There is none: the member is missing, null or empty.
    NotGiven,
    /// There may be one that cannot be read.
    Unreadable,
}

impl Refresh {
    fn read(member: Option<Value>, wholeness: Wholeness) -> Self {
        match (member, wholeness) {
            (Some(Value::String(token)), _) if !token.is_empty() => Self::Given(token.into()),
            (Some(Value::String(_) | Value::Null), _) | (None, Wholeness::Whole) => Self::NotGiven,
            (Some(_), _) | (None, Wholeness::Damaged) => Self::Unreadable,
        }
    }

    fn given(self) -> Option<SecretString> {
        match self {
            Self::Given(token) => Some(token),
            Self::NotGiven | Self::Unreadable => None,
        }
    }
}

fn has_token(members: &Map<String, Value>) -> bool {
    members.contains_key("access_token") || members.contains_key("refresh_token")
}

fn is_bearer(token_type: Option<&Value>) -> bool {
    token_type.and_then(Value::as_str).is_none_or(|kind| kind.eq_ignore_ascii_case("bearer"))
}

/// A header cannot carry anything else, and RFC 6749 appendix A.12 allows nothing else.
fn access_token(member: Option<Value>) -> Option<SecretString> {
    match member {
        Some(Value::String(text))
            if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic()) =>
        {
            Some(text.into())
        }
        _ => None,
    }
}

/// The scopes as a text. Some servers write a list of texts. A text without a scope says nothing (RFC 6749 §3.3).
fn scope(member: &Value) -> Option<String> {
    let text = match member {
        Value::String(text) => text.clone(),
        Value::Array(scopes) => {
            scopes.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" ")
        }
        _ => return None,
    };
    (!text.trim_ascii().is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::sample::{Index, select};
    use serde_json::json;

    use super::*;
    use crate::lifetime::UNNAMED_LIFETIME;

    fn read(body: &str, expected: Expected) -> Result<IssuedToken, Unusable> {
        let local = SystemTime::UNIX_EPOCH;
        let reckoning = Reckoning { date: None, local, unnamed: UNNAMED_LIFETIME };
        super::read(body.as_bytes(), expected, &reckoning)
    }

    fn pair(body: &str) -> IssuedToken {
        read(body, Expected::Pair).unwrap()
    }

    fn defect(body: &str) -> Unusable {
        read(body, Expected::Pair).unwrap_err()
    }

    fn text(secret: Option<&SecretString>) -> Option<&str> {
        secret.map(SecretString::expose)
    }

    #[test]
    fn all_members_are_read() {
        let token = pair(
            r#"{"access_token":"fake-a","token_type":"Bearer","expires_in":7200,
                "refresh_token":"fake-r","scope":"a b","created_at":1}"#,
        );
        assert_eq!(token.access_token.expose(), "fake-a");
        assert_eq!(text(token.refresh_token.as_ref()), Some("fake-r"));
        assert_eq!(token.lifetime, Duration::from_secs(7_200));
        assert_eq!(token.scope.as_deref(), Some("a b"));
    }

    #[test]
    fn scopes_may_be_a_list_and_an_empty_one_says_nothing() {
        for (member, expected) in [
            (r#""a b""#, Some("a b")),
            (r#"["a","b"]"#, Some("a b")),
            (r#""""#, None),
            ("[]", None),
            ("null", None),
            ("7", None),
        ] {
            let token = pair(&format!(r#"{{"access_token":"fake","scope":{member}}}"#));
            assert_eq!(token.scope.as_deref(), expected, "{member}");
        }
    }

    #[test]
    fn a_refresh_token_that_is_missing_null_or_empty_is_none() {
        for member in ["", r#","refresh_token":null"#, r#","refresh_token":"""#] {
            let token = pair(&format!(r#"{{"access_token":"fake"{member}}}"#));
            assert!(token.refresh_token.is_none(), "{member}");
        }
    }

    #[test]
    fn a_refresh_token_of_another_kind_is_a_damage_and_not_no_token() {
        for member in ["7", "true", "{}", "[]"] {
            let body = format!(r#"{{"access_token":"fake","refresh_token":{member}}}"#);
            assert_eq!(defect(&body).why, Defect::Damaged, "{member}");
        }
    }

    #[test]
    fn the_token_type_is_read_in_any_case_and_may_be_missing() {
        for kind in [r#","token_type":"bearer""#, r#","token_type":"BEARER""#, ""] {
            let body = format!(r#"{{"access_token":"fake"{kind}}}"#);
            assert!(read(&body, Expected::Pair).is_ok(), "{kind}");
        }
    }

    #[test]
    fn another_token_type_is_refused_and_its_refresh_token_is_kept() {
        let body = r#"{"access_token":"fake","token_type":"mac","refresh_token":"fake-r"}"#;
        let unusable = defect(body);
        assert_eq!(unusable.why, Defect::OtherType);
        assert!(unusable.salvaged.access_token.is_none());
        assert_eq!(text(unusable.salvaged.refresh_token.as_ref()), Some("fake-r"));
    }

    #[test]
    fn unknown_members_a_byte_order_mark_and_trailing_bytes_are_passed_over() {
        let body =
            "\u{feff}{\"access_token\":\"fake\",\"extra\":[{}],\"refresh_token\":null}\n<!-- -->";
        assert_eq!(pair(body).access_token.expose(), "fake");
    }

    #[test]
    fn an_access_token_that_cannot_be_a_header_is_none_and_the_refresh_token_is_kept() {
        for token in [r#""""#, r#""a b""#, r#""a\r\nb""#, r#""é""#, "7", "null"] {
            let body = format!(r#"{{"access_token":{token},"refresh_token":"fake-r"}}"#);
            let unusable = defect(&body);
            assert_eq!(unusable.why, Defect::NoToken, "{token}");
            assert_eq!(text(unusable.salvaged.refresh_token.as_ref()), Some("fake-r"), "{token}");
        }
    }

    #[test]
    fn a_refresh_token_alone_is_kept() {
        let salvaged = defect(r#"{"refresh_token":"fake-r"}"#).salvaged;
        assert!(salvaged.access_token.is_none());
        assert_eq!(text(salvaged.refresh_token.as_ref()), Some("fake-r"));
    }

    #[test]
    fn a_damaged_answer_with_both_tokens_is_a_pair() {
        let token = pair(r#"{"access_token":"fake-a","refresh_token":"fake-r","expi"#);
        assert_eq!(text(token.refresh_token.as_ref()), Some("fake-r"));
        assert_eq!(token.lifetime, UNNAMED_LIFETIME);
    }

    #[test]
    fn a_damaged_answer_without_refresh_token_is_no_pair() {
        let body = r#"{"access_token":"fake-a","expires_in":7200,"refresh_tok"#;
        let unusable = defect(body);
        assert_eq!(unusable.why, Defect::Damaged);
        assert_eq!(text(unusable.salvaged.access_token.as_ref()), Some("fake-a"));
    }

    #[test]
    fn a_damaged_answer_that_names_no_refresh_token_is_a_pair_without_one() {
        let token = pair(r#"{"access_token":"fake-a","refresh_token":null,"expires_in":72"#);
        assert!(token.refresh_token.is_none());
    }

    #[test]
    fn where_no_refresh_token_is_expected_an_access_token_is_enough() {
        let token = read(r#"{"access_token":"fake","expires_in":60,"#, Expected::AccessToken);
        assert_eq!(token.unwrap().lifetime, Duration::from_secs(60));
    }

    #[test]
    fn an_answer_inside_of_an_envelope_is_read() {
        let body = r#"{"data":{"access_token":"fake-a","refresh_token":"fake-r"},"meta":{}}"#;
        assert_eq!(text(pair(body).refresh_token.as_ref()), Some("fake-r"));
    }

    #[test]
    fn what_holds_no_token_is_kept_as_it_came() {
        for body in ["", "[]", "<html>", "\"fake\"", r#"{"access_token":"fake"#, "{}"] {
            let unusable = defect(body);
            assert_eq!(unusable.why, Defect::NoToken, "{body}");
            assert_eq!(unusable.salvaged.body.expose(), body.as_bytes());
        }
    }

    #[test]
    fn of_a_long_body_the_first_eight_kibibytes_are_kept() {
        let body = "x".repeat(8 * 1024 + 1);
        assert_eq!(defect(&body).salvaged.body.expose().len(), 8 * 1024);
    }

    #[test]
    fn debug_shows_no_token() {
        let whole = r#"{"access_token":"canary","refresh_token":"canary"}"#;
        let broken = r#"{"refresh_token":"canary"}"#;
        let shown = format!("{:#?} {:#?}", pair(whole), defect(broken));
        assert!(!shown.contains("canary"), "{shown}");
    }

    /// What a server may write before its answer.
    const BEFORE: [&str; 6] =
        ["", "\u{feff}", "\u{feff} ", ")]}'\n", "<b>Warning</b>: \"x\" ", "[["];

    /// The members of a pair in any order, as text, and where the refresh token ends in it.
    fn written(access: &str, refresh: &str, order: &[usize]) -> (String, usize) {
        let members = [
            format!(r#""access_token":{}"#, json!(access)),
            format!(r#""refresh_token":{}"#, json!(refresh)),
            r#""expires_in": 7200"#.to_owned(),
            r#""scope":"the \"refresh_token\": \"none\"""#.to_owned(),
        ];
        let mut body = "{".to_owned();
        let mut end = 0;
        for member in order {
            body.push_str(&members[*member]);
            if *member == 1 {
                end = body.len();
            }
            body.push(',');
        }
        body.pop();
        body.push('}');
        (body, end)
    }

    fn refresh_token_of(read: Result<IssuedToken, Unusable>) -> Option<SecretString> {
        match read {
            Ok(token) => token.refresh_token,
            Err(unusable) => unusable.salvaged.refresh_token,
        }
    }

    fn access_token_of(read: Result<IssuedToken, Unusable>) -> Option<SecretString> {
        match read {
            Ok(token) => Some(token.access_token),
            Err(unusable) => unusable.salvaged.access_token,
        }
    }

    proptest! {
        #[test]
        fn a_refresh_token_that_arrived_is_never_lost_and_never_shortened(
            access in "[!-~]{1,8}",
            refresh in "[ -~]{1,8}",
            order in Just(vec![0_usize, 1, 2, 3]).prop_shuffle(),
            before in select(BEFORE.as_slice()),
            cut in any::<Index>(),
        ) {
            let (body, end) = written(&access, &refresh, &order);
            let cut = cut.index(body.len() + 1);
            let whole = format!("{before}{}", &body[..cut]);
            let kept = refresh_token_of(read(&whole, Expected::Pair));
            let expected = (cut >= end).then_some(refresh.as_str());
            prop_assert_eq!(text(kept.as_ref()), expected, "{}", whole);
            let kept = access_token_of(read(&whole, Expected::Pair));
            prop_assert!(kept.is_none_or(|token| token.expose() == access), "{}", whole);
        }

        #[test]
        fn no_answer_without_its_refresh_token_is_a_pair(
            access in "[!-~]{1,8}",
            order in Just(vec![0_usize, 1, 2, 3]).prop_shuffle(),
            cut in any::<Index>(),
        ) {
            let (body, end) = written(&access, "fake-r", &order);
            let cut = cut.index(end);
            prop_assert!(read(&body[..cut], Expected::Pair).is_err(), "{}", &body[..cut]);
        }

        #[test]
        fn any_bytes_are_read_or_kept(body in vec(any::<u8>(), 0..200)) {
            let local = SystemTime::UNIX_EPOCH;
            let reckoning = Reckoning { date: None, local, unnamed: UNNAMED_LIFETIME };
            if let Err(unusable) = super::read(&body, Expected::Pair, &reckoning) {
                prop_assert_eq!(unusable.salvaged.body.expose(), body.as_slice());
            }
        }
    }
}
