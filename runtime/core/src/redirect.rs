//! Where an answer sends its caller.

use std::fmt;

use http::HeaderValue;
use http::header::LOCATION;

use crate::answer::Answer;
use crate::json::DecodeError;

/// A redirect that an answer consists of, as a value (RFC 9110 §15.4). Nothing follows it.
///
/// The target often is a URL with a signature, which anybody may use who sees it. So `Debug` shows neither query nor
/// fragment. Fetch it with a client of your own and without the API's credentials.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Redirect {
    status: u16,
    location: String,
}

impl Redirect {
    /// The status: 301, 302, 303, 307 or 308.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The `Location` header as it was sent: an absolute URL, or a reference that is relative to the URL of the request
    /// (RFC 9110 §10.2.2). It may be a secret; do not log it.
    pub fn location(&self) -> &str {
        &self.location
    }
}

/// An answer is a redirect if its status is 301, 302, 303, 307 or 308 (the others of the family send nobody anywhere) and
/// it has one `Location` that is text.
impl TryFrom<&Answer> for Redirect {
    type Error = DecodeError;

    fn try_from(answer: &Answer) -> Result<Self, DecodeError> {
        let status = answer.status();
        if !matches!(status, 301 | 302 | 303 | 307 | 308) {
            return Err(DecodeError::head("a status that redirects", "another one"));
        }
        let mut locations = answer.headers().get_all(LOCATION).iter();
        match (locations.next().map(HeaderValue::to_str), locations.next()) {
            (Some(Ok(location)), None) => Ok(Self { status, location: location.to_owned() }),
            (Some(Err(_)), None) => Err(DecodeError::head("a `Location` as text", "other bytes")),
            (Some(_), Some(_)) => Err(DecodeError::head("one `Location`", "several")),
            (None, _) => Err(DecodeError::head("a `Location`", "none")),
        }
    }
}

impl fmt::Debug for Redirect {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.debug_struct("Redirect")
            .field("status", &self.status)
            .field("location", &origin_and_path(&self.location))
            .finish()
    }
}

/// A location without user, password, query and fragment. Of a URL that is neither `http` nor `https`, or has no host,
/// the scheme alone is left, as the rest may be anything.
fn origin_and_path(location: &str) -> String {
    let end = location.find(['?', '#']).unwrap_or(location.len());
    let (shown, _) = location.split_at_checked(end).unwrap_or((location, ""));
    // A scheme ends at the first colon, and no slash stands before it (RFC 3986 §3.1, §4.2).
    let (scheme, rest) = match shown.split_once(':') {
        Some((scheme, rest)) if !scheme.contains('/') => (Some(scheme), rest),
        _ => (None, shown),
    };
    match (scheme, rest.strip_prefix("//")) {
        (None, None) => shown.to_owned(),
        (None, Some(rest)) => format!("//{}", without_user(rest)),
        (Some(scheme), Some(rest)) if is_web(scheme) => {
            format!("{scheme}://{}", without_user(rest))
        }
        (Some(scheme), _) => format!("{scheme}:"),
    }
}

fn is_web(scheme: &str) -> bool {
    scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http")
}

/// Host, port and path of what follows the slashes of a URL (RFC 3986 §3.2).
fn without_user(rest: &str) -> String {
    let (authority, path) = match rest.find('/').and_then(|slash| rest.split_at_checked(slash)) {
        Some(parts) => parts,
        None => (rest, ""),
    };
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    format!("{host}{path}")
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue};

    use super::{Redirect, origin_and_path};
    use crate::answer::Answer;

    fn moved(status: u16, locations: &[&str]) -> Answer {
        let mut headers = HeaderMap::new();
        for location in locations {
            headers.append("location", HeaderValue::from_bytes(location.as_bytes()).unwrap());
        }
        Answer::new(status, headers, "")
    }

    #[test]
    fn a_redirect_is_read_as_it_was_sent() {
        for status in [301, 302, 303, 307, 308] {
            let redirect = Redirect::try_from(&moved(status, &["/a?b=c#d"])).unwrap();
            assert_eq!((redirect.status(), redirect.location()), (status, "/a?b=c#d"));
        }
    }

    #[test]
    fn what_sends_nobody_anywhere_is_no_redirect() {
        let problem = |answer: Answer| Redirect::try_from(&answer).unwrap_err().to_string();
        let other = "expected a status that redirects in the head of the answer, found another one";
        for status in [200, 300, 304, 305, 306, 404] {
            assert_eq!(problem(moved(status, &["/a"])), other, "{status}");
        }
        assert_eq!(
            problem(moved(302, &[])),
            "expected a `Location` in the head of the answer, found none"
        );
        assert_eq!(
            problem(moved(302, &["/canary", "/canary"])),
            "expected one `Location` in the head of the answer, found several"
        );
        assert_eq!(
            problem(moved(302, &["/canary\u{e9}"])),
            "expected a `Location` as text in the head of the answer, found other bytes"
        );
    }

    #[test]
    fn debug_shows_origin_and_path_only() {
        let location = "https://user:canary@files.example:8443/a/b.pdf?signature=canary#canary";
        let redirect = Redirect::try_from(&moved(302, &[location])).unwrap();
        assert_eq!(
            format!("{redirect:?}"),
            r#"Redirect { status: 302, location: "https://files.example:8443/a/b.pdf" }"#
        );
        assert_eq!(redirect.location(), location);
    }

    #[test]
    fn what_may_be_a_secret_is_not_shown_in_any_form_of_location() {
        for (location, shown) in [
            ("/files/7?canary", "/files/7"),
            ("7#canary", "7"),
            ("?canary", ""),
            ("//u:canary@h.example/a?canary", "//h.example/a"),
            ("https://u@canary@h.example", "https://h.example"),
            ("https://h.example?canary/@x", "https://h.example"),
            ("HTTPS://h.example:8443/a?canary", "HTTPS://h.example:8443/a"),
            ("data:text/plain,canary", "data:"),
            ("data:,canary//x", "data:"),
            ("data://canary/x", "data:"),
            ("https:canary//x", "https:"),
            ("/a//b:c?canary", "/a//b:c"),
            ("", ""),
        ] {
            assert_eq!(origin_and_path(location), shown, "{location}");
        }
    }
}
