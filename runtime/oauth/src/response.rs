//! The token endpoint's success answer, read so that no defect of one member loses another.

use std::time::{Duration, SystemTime};

use serde_json::Value;
use specwright_core::types::SecretString;

/// The lifetime when the answer names none. RFC 6749 §5.1 only recommends `expires_in`; "for ever" would mean a token
/// that is never refreshed.
const UNNAMED_LIFETIME: Duration = Duration::from_secs(3_600);

/// The lifetime when the answer says that the token has ended already. It may work all the same, and asking for the
/// next one at once would get the same answer.
const ENDED_LIFETIME: Duration = Duration::from_secs(60);

/// No token is trusted for longer than this without asking again.
const LONGEST_LIFETIME: Duration = Duration::from_secs(30 * 86_400);

/// From here on `expires_in` is a moment in seconds since 1970 (2001-09-09), not a lifetime of 31 years.
const EPOCH_SECONDS: f64 = 1e9;

/// From here on it is a moment in milliseconds since 1970.
const EPOCH_MILLIS: f64 = 1e12;

/// An access token as the server issued it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct IssuedToken {
    /// The token. It is a bearer token (RFC 6750); no other type is accepted.
    pub access_token: SecretString,
    /// How long it is valid, counted from before the request was sent.
    pub lifetime: Duration,
    /// The scopes that were granted, if the server says so; they may be fewer than were asked for.
    pub scope: Option<String>,
}

/// Why a 200 is of no use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unusable {
    NoObject,
    NoToken,
    OtherType,
}

/// The moments with which an absolute `expires_in` can be compared, in seconds since 1970.
pub(crate) struct Moments {
    /// `Date` of the answer, if it has a usable one.
    pub(crate) date: Option<SystemTime>,
    /// The local clock.
    pub(crate) local: SystemTime,
}

/// Reads the body of a 200 (RFC 6749 §5.1).
///
/// Each member is read by itself: `expires_in` may be a number, a text or a moment, `token_type` may be written in any
/// case or be left out, unknown members and bytes after the object are passed over.
pub(crate) fn read(body: &[u8], moments: &Moments) -> Result<IssuedToken, Unusable> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    let first = serde_json::Deserializer::from_slice(body).into_iter::<Value>().next();
    let Some(Ok(Value::Object(mut members))) = first else {
        return Err(Unusable::NoObject);
    };
    let created_at = members.get("created_at").and_then(number);
    let lifetime = lifetime(members.get("expires_in"), created_at, moments);
    let scope = members.get("scope").and_then(Value::as_str).map(str::to_owned);
    if let Some(Value::String(kind)) = members.get("token_type")
        && !kind.eq_ignore_ascii_case("bearer")
    {
        return Err(Unusable::OtherType);
    }
    match members.remove("access_token") {
        // A header cannot carry anything else, and RFC 6749 appendix A.12 allows nothing else.
        Some(Value::String(token)) if is_token(&token) => {
            Ok(IssuedToken { access_token: token.into(), lifetime, scope })
        }
        _ => Err(Unusable::NoToken),
    }
}

fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic())
}

fn lifetime(expires_in: Option<&Value>, created_at: Option<f64>, moments: &Moments) -> Duration {
    let Some(given) = expires_in.and_then(number) else {
        return UNNAMED_LIFETIME;
    };
    let seconds = if given < EPOCH_SECONDS {
        given
    } else {
        let moment = if given < EPOCH_MILLIS { given } else { given / 1_000.0 };
        until(moment, created_at, moments)
    };
    if seconds <= 0.0 {
        return ENDED_LIFETIME;
    }
    Duration::try_from_secs_f64(seconds).unwrap_or(LONGEST_LIFETIME).min(LONGEST_LIFETIME)
}

/// Time until a moment, by the server's own clock if the answer shows it.
///
/// `Date` is the clock of this very answer. `created_at` is second, because a server that hands out the same token again
/// keeps its old one; it rescues answers whose moment lies before their `Date`, as stored examples do.
fn until(moment: f64, created_at: Option<f64>, moments: &Moments) -> f64 {
    [moments.date.map(since_1970), created_at, Some(since_1970(moments.local))]
        .into_iter()
        .flatten()
        .map(|now| moment - now)
        .find(|left| *left > 0.0)
        .unwrap_or(0.0)
}

fn since_1970(moment: SystemTime) -> f64 {
    moment.duration_since(SystemTime::UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64())
}

/// A number, or a text that holds one. `inf` and `NaN` are neither.
fn number(value: &Value) -> Option<f64> {
    let number = match value {
        Value::Number(number) => number.as_f64()?,
        Value::String(text) => text.trim().parse().ok()?,
        _ => return None,
    };
    number.is_finite().then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2025-02-22, the moment of the vendor's example.
    const CREATED: u64 = 1_740_235_260;

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    fn read_at(body: &str, date: Option<u64>, local: u64) -> Result<IssuedToken, Unusable> {
        read(body.as_bytes(), &Moments { date: date.map(at), local: at(local) })
    }

    fn seconds(members: &str) -> u64 {
        let body = format!(r#"{{"access_token":"fake","token_type":"Bearer"{members}}}"#);
        read_at(&body, Some(CREATED), CREATED).unwrap().lifetime.as_secs()
    }

    #[test]
    fn expires_in_is_read_as_number_float_and_text() {
        for form in ["7200", "7200.0", "7.2e3", r#""7200""#, r#"" 7200 ""#, r#""7200.5""#] {
            assert_eq!(seconds(&format!(r#","expires_in":{form}"#)), 7_200, "{form}");
        }
    }

    #[test]
    fn expires_in_as_a_moment_is_compared_with_the_date_of_the_answer() {
        assert_eq!(seconds(r#","expires_in":1740242460"#), 7_200);
        assert_eq!(seconds(r#","expires_in":1740242460000"#), 7_200);
        assert_eq!(seconds(r#","expires_in":"1740242460""#), 7_200);
    }

    #[test]
    fn the_vendors_stored_example_is_two_hours_whenever_it_is_served() {
        let body = r#"{"access_token":"fake","expires_in":1740242460,"created_at":1740235260}"#;
        let token = read_at(body, Some(CREATED + 31_536_000), CREATED + 31_536_000).unwrap();
        assert_eq!(token.lifetime, Duration::from_secs(7_200));
    }

    #[test]
    fn without_date_and_creation_a_moment_is_compared_with_the_local_clock() {
        let body = r#"{"access_token":"fake","expires_in":1740242460}"#;
        let token = read_at(body, None, CREATED).unwrap();
        assert_eq!(token.lifetime, Duration::from_secs(7_200));
    }

    #[test]
    fn a_lifetime_counts_from_the_request_and_not_from_the_creation() {
        assert_eq!(seconds(r#","expires_in":600,"created_at":1740230000"#), 600);
    }

    #[test]
    fn a_missing_or_unreadable_lifetime_is_an_hour() {
        for members in [
            "",
            r#","expires_in":null"#,
            r#","expires_in":"soon""#,
            r#","expires_in":"inf""#,
            r#","expires_in":"NaN""#,
            r#","expires_in":{}"#,
        ] {
            assert_eq!(seconds(members), 3_600, "{members}");
        }
    }

    #[test]
    fn a_lifetime_that_is_over_is_a_minute() {
        for given in ["0", "-1", "-1e300"] {
            assert_eq!(seconds(&format!(r#","expires_in":{given}"#)), 60, "{given}");
        }
    }

    #[test]
    fn no_lifetime_is_longer_than_thirty_days() {
        for given in ["999999999", "1e300", "99999999999"] {
            assert_eq!(seconds(&format!(r#","expires_in":{given}"#)), 2_592_000, "{given}");
        }
    }

    #[test]
    fn the_token_type_is_read_in_any_case_and_may_be_missing() {
        for kind in [r#","token_type":"bearer""#, r#","token_type":"BEARER""#, ""] {
            let body = format!(r#"{{"access_token":"fake"{kind}}}"#);
            assert!(read_at(&body, None, CREATED).is_ok(), "{kind}");
        }
    }

    #[test]
    fn another_token_type_is_refused() {
        let body = r#"{"access_token":"fake","token_type":"mac"}"#;
        assert_eq!(read_at(body, None, CREATED).unwrap_err(), Unusable::OtherType);
    }

    #[test]
    fn unknown_members_a_byte_order_mark_and_trailing_bytes_are_passed_over() {
        let body =
            "\u{feff}{\"access_token\":\"fake\",\"extra\":[{}],\"refresh_token\":null}\n<!-- -->";
        assert_eq!(read_at(body, None, CREATED).unwrap().access_token.expose(), "fake");
    }

    #[test]
    fn a_token_that_cannot_be_a_header_is_refused() {
        for token in [r#""""#, r#""a b""#, r#""a\r\nb""#, r#""é""#, "7", "null"] {
            let body = format!(r#"{{"access_token":{token}}}"#);
            assert_eq!(read_at(&body, None, CREATED).unwrap_err(), Unusable::NoToken, "{token}");
        }
    }

    #[test]
    fn what_is_not_an_object_is_refused() {
        for body in ["", "[]", "<html>", "\"fake\"", r#"{"access_token":"fake""#] {
            assert_eq!(read_at(body, None, CREATED).unwrap_err(), Unusable::NoObject, "{body}");
        }
    }
}
