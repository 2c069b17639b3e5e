//! Which of the documented ways to authenticate a call takes.

use std::fmt;

use specwright_core::security::{Scheme, SchemeKind};
use specwright_refresh::Scopes;

/// The alternatives of an operation: pairs of scheme and scopes, all of one entry together.
pub(crate) type Alternatives = &'static [&'static [(&'static str, &'static [&'static str])]];

/// What a request must know of security.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Requirement {
    /// What the document says of the operation.
    Documented(Alternatives),
    /// The document does not describe the request: credentials if the client has any.
    Undocumented,
}

/// Whether the client has credentials. All that this runtime knows end in a bearer token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Available {
    Bearer,
    Nothing,
}

/// What a call does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Choice {
    /// It carries the bearer token.
    Bearer,
    /// It goes without.
    Anonymous,
}

/// Chooses the first alternative, in the document's order, that the client can satisfy. Going without credentials
/// comes last: a call that may carry them sees more.
pub(crate) fn choose(
    requirement: Requirement,
    schemes: &[Scheme],
    available: Available,
) -> Result<Choice, Unsatisfied> {
    let alternatives = match requirement {
        Requirement::Undocumented if available == Available::Bearer => return Ok(Choice::Bearer),
        Requirement::Documented([]) | Requirement::Undocumented => return Ok(Choice::Anonymous),
        Requirement::Documented(alternatives) => alternatives,
    };
    let bearer_does = |alternative: &&[(&str, &[&str])]| {
        !alternative.is_empty() && alternative.iter().all(|(name, _)| is_bearer(name, schemes))
    };
    if available == Available::Bearer && alternatives.iter().any(bearer_does) {
        return Ok(Choice::Bearer);
    }
    if alternatives.iter().any(|alternative| alternative.is_empty()) {
        return Ok(Choice::Anonymous);
    }
    Err(match available {
        Available::Bearer => Unsatisfied::Scheme,
        Available::Nothing => Unsatisfied::NoCredentials,
    })
}

/// The scopes that no way to make the call can do without and that `held` lacks: those of the alternative that lacks the
/// fewest. Empty if one lacks none.
pub(crate) fn missing_scopes(
    requirement: Requirement,
    schemes: &[Scheme],
    held: &Scopes,
) -> Vec<String> {
    let Requirement::Documented(alternatives) = requirement else { return Vec::new() };
    let with_bearer = alternatives
        .iter()
        .filter(|alternative| alternative.iter().all(|(name, _)| is_bearer(name, schemes)));
    let missing = with_bearer.map(|alternative| {
        alternative.iter().flat_map(|(_, scopes)| held.missing(scopes)).collect::<Vec<_>>()
    });
    missing.min_by_key(Vec::len).unwrap_or_default()
}

fn is_bearer(name: &str, schemes: &[Scheme]) -> bool {
    schemes.iter().any(|scheme| {
        scheme.name == name && matches!(scheme.kind, SchemeKind::Bearer | SchemeKind::OAuth2)
    })
}

/// No alternative can be satisfied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unsatisfied {
    NoCredentials,
    Scheme,
}

impl fmt::Display for Unsatisfied {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(match self {
            Self::NoCredentials => {
                "the operation needs credentials; give the builder some with `credentials(…)`"
            }
            Self::Scheme => {
                "the operation accepts no bearer token, and the client has nothing else"
            }
        })
    }
}

impl std::error::Error for Unsatisfied {}

#[cfg(test)]
mod tests {
    use super::*;

    const SCHEMES: &[Scheme] = &[
        Scheme { name: "bearer", kind: SchemeKind::Bearer },
        Scheme { name: "oauth2", kind: SchemeKind::OAuth2 },
        Scheme { name: "basic", kind: SchemeKind::Basic },
    ];

    #[track_caller]
    fn check(
        alternatives: Alternatives,
        with_bearer: Result<Choice, Unsatisfied>,
        with_nothing: Result<Choice, Unsatisfied>,
    ) {
        let requirement = Requirement::Documented(alternatives);
        assert_eq!(choose(requirement, SCHEMES, Available::Bearer), with_bearer);
        assert_eq!(choose(requirement, SCHEMES, Available::Nothing), with_nothing);
    }

    #[test]
    fn an_operation_without_security_never_carries_a_token() {
        check(&[], Ok(Choice::Anonymous), Ok(Choice::Anonymous));
    }

    #[test]
    fn either_of_two_alternatives_is_enough() {
        check(
            &[&[("basic", &[])], &[("oauth2", &["a:read"])]],
            Ok(Choice::Bearer),
            Err(Unsatisfied::NoCredentials),
        );
    }

    #[test]
    fn all_schemes_of_one_alternative_are_needed() {
        check(
            &[&[("bearer", &[]), ("basic", &[])]],
            Err(Unsatisfied::Scheme),
            Err(Unsatisfied::NoCredentials),
        );
    }

    #[test]
    fn where_credentials_are_optional_they_are_sent_if_there_are_any() {
        check(&[&[], &[("bearer", &[])]], Ok(Choice::Bearer), Ok(Choice::Anonymous));
    }

    #[track_caller]
    fn check_missing(alternatives: Alternatives, held: &str, expected: &[&str]) {
        let requirement = Requirement::Documented(alternatives);
        assert_eq!(missing_scopes(requirement, SCHEMES, &Scopes::parse(held)), expected);
    }

    #[test]
    fn all_scopes_of_an_alternative_are_needed() {
        check_missing(&[&[("oauth2", &["a:read", "b:read"])]], "a:read", &["b:read"]);
        check_missing(&[&[("oauth2", &["a:read"]), ("bearer", &["b"])]], "a:read", &["b"]);
    }

    #[test]
    fn of_several_alternatives_one_is_enough_and_the_nearest_is_named() {
        let either: Alternatives = &[&[("oauth2", &["a", "b"])], &[("oauth2", &["c"])]];
        check_missing(either, "a b", &[]);
        check_missing(either, "x", &["c"]);
        check_missing(&[&[("oauth2", &["a"])], &[]], "x", &[]);
    }

    #[test]
    fn an_alternative_that_takes_no_token_asks_it_for_no_scope() {
        check_missing(&[&[("basic", &["a"])], &[("oauth2", &["b"])]], "b", &[]);
        check_missing(&[&[("basic", &[])], &[("oauth2", &["b"])]], "x", &["b"]);
    }

    #[test]
    fn an_unknown_scheme_is_never_taken_for_none() {
        check(&[&[("lost", &[])]], Err(Unsatisfied::Scheme), Err(Unsatisfied::NoCredentials));
    }
}
