//! Which of the documented ways to authenticate a call takes.

use std::fmt;

use specwright_core::security::{Scheme, SchemeKind};

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

    #[test]
    fn an_unknown_scheme_is_never_taken_for_none() {
        check(&[&[("lost", &[])]], Err(Unsatisfied::Scheme), Err(Unsatisfied::NoCredentials));
    }
}
