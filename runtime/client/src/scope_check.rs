//! Who looks whether a token has the scopes that a call needs.

/// Who looks whether a token has the scopes that the document names for a call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ScopeCheck {
    /// The client, if it knows the token's scopes: a call that lacks one fails as
    /// [`GrantProblem::MissingScopes`](crate::GrantProblem::MissingScopes) without a request. This is the default.
    #[default]
    BeforeCalls,
    /// The API alone, whose refusal is a 403. For documents that name other scopes than the API asks for, and for APIs where
    /// one scope includes another.
    ByServer,
}
