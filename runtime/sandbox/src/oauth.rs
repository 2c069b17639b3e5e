//! The token endpoint (RFC 6749) and the book of tokens.
//!
//! Client credentials are granted. The other two grants are understood and refused the way a server
//! refuses them when it knows no such code or refresh token.

use std::collections::BTreeSet;
use std::time::Duration;

use http::StatusCode;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::body::ReadBody;
use crate::clock::Moment;
use crate::error::StartError;
use crate::ledger::{Journal, TokenEvent};
use crate::options::{Client, ExpiresIn};
use crate::profile::vendor::TokenRules;
use crate::secret::Secret;
use crate::security::Caller;

/// Every token that was ever minted.
#[derive(Debug)]
pub(crate) struct TokenBook {
    clients: Vec<Client>,
    lifetime: Duration,
    expires_in: ExpiresIn,
    tokens: Vec<Token>,
}

/// An access token.
#[derive(Debug)]
pub(crate) struct Token {
    /// Counted from 1. The ledger knows tokens by it and never by their value.
    pub(crate) ordinal: usize,
    value: Secret,
    /// `None` for a static token.
    client: Option<String>,
    pub(crate) scopes: BTreeSet<String>,
    /// `None` for a static token.
    expires: Option<Moment>,
    end: Option<End>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Expired,
    Revoked,
}

/// What a presented value is.
#[derive(Debug)]
pub(crate) enum TokenState<'b> {
    Live(&'b Token),
    Unknown,
    Expired,
    Revoked,
}

impl TokenBook {
    pub(crate) fn new(clients: Vec<Client>, lifetime: Duration, expires_in: ExpiresIn) -> Self {
        Self { clients, lifetime, expires_in, tokens: Vec::new() }
    }

    /// Adds a token. One that was not issued to a client does not expire.
    pub(crate) fn mint(
        &mut self,
        value: Secret,
        scopes: BTreeSet<String>,
        issued: Option<(String, Moment)>,
        journal: &mut Journal,
        now: Moment,
    ) {
        let ordinal = self.tokens.len() + 1;
        journal.hide(value.clone(), format!("[token {ordinal}]"));
        journal.token(
            now,
            ordinal,
            TokenEvent::Minted { scopes: scopes.iter().cloned().collect() },
        );
        let (client, expires) = issued.unzip();
        self.tokens.push(Token { ordinal, value, client, scopes, expires, end: None });
    }

    /// Ends every token whose time is over by `now`.
    pub(crate) fn expire(&mut self, journal: &mut Journal, now: Moment) {
        for token in &mut self.tokens {
            let over = token.expires.filter(|expires| *expires <= now);
            if let (Some(expires), None) = (over, token.end) {
                token.end = Some(End::Expired);
                journal.token(expires, token.ordinal, TokenEvent::Expired);
            }
        }
    }

    /// Ends the token with this ordinal before its time. Nothing happens if it has ended already.
    pub(crate) fn revoke(&mut self, ordinal: usize, journal: &mut Journal, now: Moment) {
        let token = self.tokens.iter_mut().find(|token| token.ordinal == ordinal);
        if let Some(token) = token.filter(|token| token.end.is_none()) {
            token.end = Some(End::Revoked);
            journal.token(now, ordinal, TokenEvent::Revoked);
        }
    }

    /// The ordinals of all tokens that are neither expired nor revoked.
    pub(crate) fn live(&self) -> Vec<usize> {
        self.tokens.iter().filter(|token| token.end.is_none()).map(|token| token.ordinal).collect()
    }

    /// Whether the caller's token has all these scopes. Who needs no token has every scope.
    pub(crate) fn has_scopes(&self, caller: Caller, scopes: &BTreeSet<String>) -> bool {
        match caller {
            Caller::Anonymous => true,
            Caller::Token(ordinal) => {
                let mut tokens = self.tokens.iter();
                let token = tokens.find(|token| token.ordinal == ordinal);
                token.is_some_and(|token| scopes.is_subset(&token.scopes))
            }
        }
    }

    /// Looks a presented value up.
    pub(crate) fn present(&self, presented: &str) -> TokenState<'_> {
        match self.tokens.iter().find(|token| token.value.matches(presented)) {
            None => TokenState::Unknown,
            Some(token) => match token.end {
                None => TokenState::Live(token),
                Some(End::Expired) => TokenState::Expired,
                Some(End::Revoked) => TokenState::Revoked,
            },
        }
    }

    /// Answers a token request.
    pub(crate) fn answer(
        &mut self,
        rules: &TokenRules,
        body: &ReadBody,
        journal: &mut Journal,
        now: Moment,
    ) -> Answer {
        self.grant(rules, body, journal, now).unwrap_or_else(TokenError::into_answer)
    }

    /// Answers a request to revoke a token (RFC 7009). One that is not known is no error
    /// (section 2.2).
    pub(crate) fn answer_revocation(
        &mut self,
        body: &ReadBody,
        success: StatusCode,
        journal: &mut Journal,
        now: Moment,
    ) -> Answer {
        let revoked = self.revoke_presented(body, journal, now);
        revoked.map_or_else(TokenError::into_answer, |()| Answer::empty(success).uncached())
    }

    fn grant(
        &mut self,
        rules: &TokenRules,
        body: &ReadBody,
        journal: &mut Journal,
        now: Moment,
    ) -> Result<Answer, TokenError> {
        let grant = body.text("grant_type");
        if !grant.is_empty() && !GRANTS.contains(&grant) {
            return Err(TokenError::new("unsupported_grant_type", "The grant type is not known."));
        }
        body.check()?;
        let client = self.client(body)?;
        if !client.grants.contains(grant) {
            let description = "The client may not use this grant type.";
            return Err(TokenError::new("unauthorized_client", description));
        }
        if grant != CLIENT_CREDENTIALS {
            let description = "The code or refresh token is not known to this server.";
            return Err(TokenError::new("invalid_grant", description));
        }
        if rules.audience.as_deref().is_some_and(|audience| audience != body.text("audience")) {
            let description = "The audience is missing, or is not one of this server.";
            return Err(TokenError::new("invalid_request", description));
        }
        let scopes: BTreeSet<String> =
            body.text("scope").split_whitespace().map(str::to_owned).collect();
        let allowed = client.scopes.as_ref().is_some_and(|allowed| scopes.is_subset(allowed));
        if scopes.is_empty() || !allowed {
            let description = "The scope is unknown, or more than the client may have.";
            return Err(TokenError::new("invalid_scope", description));
        }
        let value = Secret::invent().map_err(|error| TokenError::server_error(&error))?;
        let expires = now.plus(self.lifetime);
        let expires_in = match self.expires_in {
            ExpiresIn::Seconds => self.lifetime.as_secs(),
            ExpiresIn::Epoch => expires.unix_seconds(),
        };
        let written: Vec<&str> = scopes.iter().map(String::as_str).collect();
        let answer = rules.answer.filled(&mut |blank| match blank.name.as_str() {
            "access_token" => Some(json!(value.expose())),
            "expires_in" => Some(json!(expires_in)),
            "scope" => Some(json!(written.join(" "))),
            "created_at" => Some(json!(now.unix_seconds())),
            _ => None,
        });
        let issued = Some((client.id.clone(), expires));
        self.mint(value, scopes, issued, journal, now);
        Ok(Answer::json(StatusCode::OK, answer.unwrap_or_default()).uncached())
    }

    fn revoke_presented(
        &mut self,
        body: &ReadBody,
        journal: &mut Journal,
        now: Moment,
    ) -> Result<(), TokenError> {
        body.check()?;
        let client = self.client(body)?;
        let presented = body.text("token");
        let Some(token) = self.tokens.iter().find(|token| token.value.matches(presented)) else {
            return Ok(());
        };
        if token.client.as_ref() != Some(&client.id) {
            let description = "The token was not issued to this client.";
            return Err(TokenError::new("unauthorized_client", description));
        }
        self.revoke(token.ordinal, journal, now);
        Ok(())
    }

    /// The client that a request names, if its secret is right.
    fn client(&self, body: &ReadBody) -> Result<&Client, TokenError> {
        self.clients
            .iter()
            .find(|client| client.id == body.text("client_id"))
            .filter(|client| client.secret.matches(body.text("client_secret")))
            .ok_or_else(TokenError::invalid_client)
    }
}

impl ReadBody {
    fn text(&self, name: &str) -> &str {
        self.value.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    fn check(&self) -> Result<(), TokenError> {
        if self.violations.is_empty() {
            return Ok(());
        }
        let reasons: Vec<String> = self.violations.iter().map(ToString::to_string).collect();
        Err(TokenError::new("invalid_request", reasons.join("; ")))
    }
}

/// RFC 6749, section 5.2.
struct TokenError {
    status: StatusCode,
    error: &'static str,
    description: String,
}

impl TokenError {
    fn new(error: &'static str, description: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, error, description: description.into() }
    }

    fn invalid_client() -> Self {
        let description = "The client is not known, or its secret is wrong.";
        Self { status: StatusCode::UNAUTHORIZED, ..Self::new("invalid_client", description) }
    }

    fn into_answer(self) -> Answer {
        Answer::oauth_error(self.status, self.error, &self.description)
    }

    fn server_error(error: &StartError) -> Self {
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        Self { status, ..Self::new("server_error", error.to_string()) }
    }
}

pub(crate) const CLIENT_CREDENTIALS: &str = "client_credentials";

/// The grants of the document.
const GRANTS: [&str; 3] = [CLIENT_CREDENTIALS, "refresh_token", "authorization_code"];
