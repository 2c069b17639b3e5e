//! Where an answer sends its caller.

use std::fmt;

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
    pub(crate) fn new(status: u16, location: &str) -> Self {
        Self { status, location: location.to_owned() }
    }

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

impl fmt::Debug for Redirect {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.debug_struct("Redirect")
            .field("status", &self.status)
            .field("location", &origin_and_path(&self.location))
            .finish()
    }
}

/// A location without user, password, query and fragment. Of a URL that has no host the scheme alone is left, as its
/// path may be anything.
fn origin_and_path(location: &str) -> String {
    let end = location.find(['?', '#']).unwrap_or(location.len());
    let (shown, _) = location.split_at_checked(end).unwrap_or((location, ""));
    let (scheme, rest) = match shown.split_once("//") {
        Some((scheme, rest)) if !scheme.contains('/') => (scheme, rest),
        _ => {
            return match shown.split_once(':') {
                Some((scheme, _)) if !scheme.contains('/') => format!("{scheme}:"),
                _ => shown.to_owned(),
            };
        }
    };
    let (authority, path) = match rest.split_once('/') {
        Some((authority, path)) => (authority, format!("/{path}")),
        None => (rest, String::new()),
    };
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    format!("{scheme}//{host}{path}")
}

#[cfg(test)]
mod tests {
    use super::{Redirect, origin_and_path};

    #[test]
    fn debug_shows_origin_and_path_only() {
        let location = "https://user:canary@files.example:8443/a/b.pdf?signature=canary#canary";
        let redirect = Redirect::new(302, location);
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
            ("data:text/plain,canary", "data:"),
            ("/a//b:c?canary", "/a//b:c"),
            ("", ""),
        ] {
            assert_eq!(origin_and_path(location), shown, "{location}");
        }
    }
}
