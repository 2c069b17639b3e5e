//! The authorization server (RFC 6749): who may ask for tokens, what they get, and what becomes of it.
//!
//! One value holds all of it, and every change happens under the lock that the caller holds: a
//! request sees the state before another one or after it, never between.

mod authorize;
pub(crate) mod book;
mod client;
mod codes;
pub(crate) mod consent;
mod error;
mod expires_in;
mod grants;
mod revocation;
mod rotation;

use std::collections::BTreeSet;
use std::time::Duration;

use http::StatusCode;
use serde_json::json;

use crate::answer::Answer;
use crate::clock::Moment;
use crate::error::StartError;
use crate::ledger::{Journal, TokenKind};
use crate::profile::vendor::TokenRules;
use crate::secret::{Secret, SecretSource};
use book::NewToken;
pub(crate) use book::{Holder, TokenBook, TokenState};
pub(crate) use client::Clients;
pub use client::{Client, EarlierTokens};
use codes::Codes;
use consent::Consents;
pub use expires_in::ExpiresIn;
pub use rotation::{Rotation, UnknownRotation};

/// Everything the authorization server knows.
#[derive(Debug)]
pub(crate) struct AuthorizationServer {
    pub(crate) rules: TokenRules,
    pub(crate) settings: Settings,
    pub(crate) clients: Clients,
    /// The accounts that a client can be connected to.
    pub(crate) operators: BTreeSet<String>,
    pub(crate) tokens: TokenBook,
    pub(crate) secrets: SecretSource,
    consents: Consents,
    codes: Codes,
}

/// What a test may change while the server runs.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) rotation: Rotation,
    /// Of an access token.
    pub(crate) lifetime: Duration,
    pub(crate) expires_in: ExpiresIn,
    pub(crate) earlier_tokens: EarlierTokens,
}

/// Tokens that go out together.
struct Issue {
    access: usize,
    refresh: Option<usize>,
}

impl AuthorizationServer {
    pub(crate) fn new(
        rules: TokenRules,
        settings: Settings,
        clients: Clients,
        operators: BTreeSet<String>,
        secrets: SecretSource,
    ) -> Self {
        let (tokens, consents, codes) =
            (TokenBook::default(), Consents::default(), Codes::default());
        Self { rules, settings, clients, operators, tokens, secrets, consents, codes }
    }

    /// Adds a token that was made by hand: it belongs to no client and does not expire.
    pub(crate) fn mint_static(
        &mut self,
        value: Secret,
        scopes: BTreeSet<String>,
        journal: &mut Journal,
        now: Moment,
    ) {
        let kind = TokenKind::Access;
        let new = NewToken { value, kind, holder: None, scopes, expires: None };
        self.tokens.mint(new, journal, now);
    }

    /// Mints an access token, and a refresh token if `renewable` says so.
    fn issue(
        &mut self,
        holder: &Holder,
        scopes: &BTreeSet<String>,
        renewable: Renewable,
        journal: &mut Journal,
        now: Moment,
    ) -> Result<Issue, StartError> {
        let access = NewToken {
            value: self.secrets.invent()?,
            kind: TokenKind::Access,
            holder: Some(holder.clone()),
            scopes: scopes.clone(),
            expires: Some(now.plus(self.settings.lifetime)),
        };
        let refresh = match renewable {
            Renewable::No => None,
            Renewable::Yes => Some(NewToken {
                value: self.secrets.invent()?,
                kind: TokenKind::Refresh,
                holder: Some(holder.clone()),
                scopes: scopes.clone(),
                expires: self.rules.refresh_lifetime().map(|lifetime| now.plus(lifetime)),
            }),
        };
        let access = self.tokens.mint(access, journal, now);
        let refresh = refresh.map(|refresh| self.tokens.mint(refresh, journal, now));
        if let Some(refresh) = refresh {
            self.tokens.pair(access, refresh);
        }
        Ok(Issue { access, refresh })
    }

    /// The answer that hands tokens out (RFC 6749, section 5.1).
    fn handed_out(&self, issue: &Issue, now: Moment) -> Answer {
        let access = self.tokens.get(issue.access);
        let refresh = issue.refresh.and_then(|ordinal| self.tokens.get(ordinal));
        let expires = access.and_then(|token| token.expires).unwrap_or(now);
        let left = expires.unix_seconds().saturating_sub(now.unix_seconds());
        let expires_in = self.settings.expires_in.documented(left, expires.unix_seconds());
        let scopes = access.map(|token| token.scopes.iter().map(String::as_str));
        let scopes: Vec<&str> = scopes.into_iter().flatten().collect();
        let answer = self.rules.answer.filled(&mut |blank| match blank.name.as_str() {
            "access_token" => access.map(|token| json!(token.value.expose())),
            "refresh_token" => refresh.map(|token| json!(token.value.expose())),
            "expires_in" => Some(json!(expires_in)),
            "scope" => Some(json!(scopes.join(" "))),
            "created_at" => Some(json!(now.unix_seconds())),
            _ => None,
        });
        Answer::json(StatusCode::OK, answer.unwrap_or_default()).uncached()
    }
}

/// Whether a refresh token comes with an access token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Renewable {
    Yes,
    No,
}

pub(crate) const AUTHORIZATION_CODE: &str = "authorization_code";
pub(crate) const CLIENT_CREDENTIALS: &str = "client_credentials";
pub(crate) const REFRESH_TOKEN: &str = "refresh_token";
