//! Which credentials an operation asks for, and whether a request brings them.

use std::collections::BTreeSet;

use http::HeaderMap;
use http::header::AUTHORIZATION;

use crate::account::Account;
use crate::clock::Moment;
use crate::document::Place;
use crate::error::StartError;
use crate::ledger::{Journal, TokenEvent};
use crate::oauth::{TokenBook, TokenState};
use crate::refusal::{Cause, Refusal};

/// The `security` of an operation: any one of the alternatives is enough.
#[derive(Debug, Default)]
pub(crate) struct Security {
    /// Each holds the scopes that are needed at once. An empty list of alternatives asks for nothing.
    alternatives: Vec<Alternative>,
}

#[derive(Debug)]
enum Alternative {
    /// `{}`: the request may come without credentials.
    Anonymous,
    /// A bearer token with these scopes.
    Bearer(BTreeSet<String>),
}

/// Who sends a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Caller {
    Anonymous,
    /// The holder of a token, by the token's ordinal.
    Token(usize),
}

/// A request that may not pass.
#[derive(Debug)]
pub(crate) struct Stranger {
    refusal: Refusal,
    /// The ordinal of its token, which was alive once.
    ended: Option<usize>,
}

impl Security {
    /// Reads the requirement of the operation at `place`, or the document's own.
    pub(crate) fn read(root: &Place<'_>, place: &Place<'_>) -> Result<Self, StartError> {
        let holder = if place.get("security").is_some() { place } else { root };
        let mut alternatives = Vec::new();
        for requirement in holder.items("security") {
            alternatives.push(Alternative::read(root, &requirement)?);
        }
        Ok(Self { alternatives })
    }

    /// Every scope that some alternative names.
    pub(crate) fn scopes(&self) -> BTreeSet<String> {
        self.alternatives.iter().flat_map(|alternative| alternative.scopes().clone()).collect()
    }

    /// Lets the request pass, or says why not, in the ledger too if its token has ended.
    pub(crate) fn admit(
        &self,
        headers: &HeaderMap,
        tokens: &TokenBook,
        journal: &mut Journal,
        now: Moment,
    ) -> Result<Caller, Refusal> {
        self.caller(headers, tokens).map_err(|Stranger { refusal, ended }| {
            if let Some(ordinal) = ended {
                journal.token(now, ordinal, TokenEvent::Refused);
            }
            refusal
        })
    }

    /// Who sends the request, if it may pass: 401 before 403.
    pub(crate) fn caller(
        &self,
        headers: &HeaderMap,
        tokens: &TokenBook,
    ) -> Result<Caller, Stranger> {
        let optional = self.alternatives.iter().any(|it| matches!(it, Alternative::Anonymous));
        if self.alternatives.is_empty() || optional && !headers.contains_key(AUTHORIZATION) {
            return Ok(Caller::Anonymous);
        }
        let Some(presented) = bearer(headers)? else {
            return Err(Refusal::token("The request has no bearer token.").into());
        };
        let token = match tokens.present(presented) {
            TokenState::Live(token) => token,
            TokenState::Unknown => {
                return Err(Refusal::token("The access token is not known.").into());
            }
            TokenState::Expired(ordinal) => {
                let refusal = Refusal::token("The access token has expired.");
                return Err(Stranger { refusal, ended: Some(ordinal) });
            }
            TokenState::Revoked(ordinal) => {
                let refusal = Refusal::token("The access token was revoked.");
                return Err(Stranger { refusal, ended: Some(ordinal) });
            }
        };
        let enough = |alternative: &Alternative| alternative.scopes().is_subset(&token.scopes);
        if self.alternatives.iter().any(enough) {
            return Ok(Caller::Token(token.ordinal));
        }
        let needed: Vec<String> = self.scopes().into_iter().collect();
        let message = format!("The scope {} is needed.", needed.join(" "));
        Err(Refusal::new(Cause::Scope, message).into())
    }
}

impl From<Refusal> for Stranger {
    fn from(refusal: Refusal) -> Self {
        Self { refusal, ended: None }
    }
}

/// Whose token a request brings, whether or not that is still alive.
pub(crate) fn account(headers: &HeaderMap, tokens: &TokenBook) -> Option<Account> {
    let token = tokens.find(bearer(headers).ok()??)?;
    Some(token.holder.as_ref().into())
}

impl Alternative {
    fn read(root: &Place<'_>, requirement: &Place<'_>) -> Result<Self, StartError> {
        let Some(schemes) = requirement.value.as_object() else {
            return Err(requirement.error("a security requirement is an object"));
        };
        if schemes.is_empty() {
            return Ok(Self::Anonymous);
        }
        let mut scopes = BTreeSet::new();
        for (name, asked) in schemes {
            let scheme = root
                .get("components")
                .and_then(|components| components.get("securitySchemes"))
                .and_then(|known| known.get(name))
                .ok_or_else(|| requirement.error(format!("no security scheme `{name}`")))?
                .resolved()?;
            let bearer = match scheme.text("type") {
                Some("oauth2") => true,
                Some("http") => scheme
                    .text("scheme")
                    .is_some_and(|scheme| scheme.eq_ignore_ascii_case("bearer")),
                _ => false,
            };
            if !bearer {
                return Err(scheme.error("only bearer and oauth2 schemes can be played"));
            }
            let asked = asked.as_array().into_iter().flatten();
            scopes.extend(asked.filter_map(|scope| scope.as_str()).map(str::to_owned));
        }
        Ok(Self::Bearer(scopes))
    }

    fn scopes(&self) -> &BTreeSet<String> {
        static NONE: BTreeSet<String> = BTreeSet::new();
        match self {
            Self::Anonymous => &NONE,
            Self::Bearer(scopes) => scopes,
        }
    }
}

/// The token of `Authorization: Bearer TOKEN` (RFC 6750, section 2.1).
fn bearer(headers: &HeaderMap) -> Result<Option<&str>, Refusal> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(Refusal::token("The header Authorization is given twice."));
    }
    let parts = value.to_str().ok().and_then(|text| text.split_once(' '));
    match parts {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Ok(Some(token)),
        _ => Err(Refusal::token("The header Authorization has no bearer token.")),
    }
}
