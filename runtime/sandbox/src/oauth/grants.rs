//! The token endpoint: a function a grant type.

use std::collections::BTreeSet;

use crate::answer::Answer;
use crate::body::ReadBody;
use crate::clock::Moment;
use crate::ledger::{Journal, TokenEvent, TokenKind, TokenOutcome, TokenRequest};
use crate::oauth::book::Holder;
use crate::oauth::error::TokenError;
use crate::oauth::rotation::Fate;
use crate::oauth::{
    AUTHORIZATION_CODE, AuthorizationServer, CLIENT_CREDENTIALS, Client, EarlierTokens, Issue,
    REFRESH_TOKEN, Renewable,
};

impl AuthorizationServer {
    /// Answers a token request.
    pub(crate) fn answer(&mut self, body: &ReadBody, journal: &mut Journal, now: Moment) -> Answer {
        let mut request = TokenRequest {
            grant_type: body.text("grant_type").to_owned(),
            ..TokenRequest::default()
        };
        match self.grant(body, &mut request, journal, now) {
            Ok(issue) => {
                request.issued =
                    [Some(issue.access), issue.refresh].into_iter().flatten().collect();
                journal.token_request(now, request, TokenOutcome::Issued);
                self.handed_out(&issue, now)
            }
            Err(error) => {
                let outcome = TokenOutcome::Refused { error: error.error.to_owned() };
                journal.token_request(now, request, outcome);
                error.into_answer()
            }
        }
    }

    fn grant(
        &mut self,
        body: &ReadBody,
        request: &mut TokenRequest,
        journal: &mut Journal,
        now: Moment,
    ) -> Result<Issue, TokenError> {
        let grant = body.text("grant_type");
        if !grant.is_empty() && !GRANTS.contains(&grant) {
            return Err(TokenError::new("unsupported_grant_type", "The grant type is not known."));
        }
        body.check()?;
        let client = self.clients.authenticated(body)?.clone();
        request.client = Some(client.id.clone());
        if !client.grants.contains(grant) {
            let description = "The client may not use this grant type.";
            return Err(TokenError::new("unauthorized_client", description));
        }
        match grant {
            AUTHORIZATION_CODE => self.exchange_code(&client, body, request, journal, now),
            REFRESH_TOKEN => self.refresh(&client, body, request, journal, now),
            _ => self.client_credentials(&client, body, journal, now),
        }
    }

    /// RFC 6749, section 4.4.
    fn client_credentials(
        &mut self,
        client: &Client,
        body: &ReadBody,
        journal: &mut Journal,
        now: Moment,
    ) -> Result<Issue, TokenError> {
        if self.rules.audience.as_deref().is_some_and(|audience| audience != body.text("audience"))
        {
            let description = "The audience is missing, or is not one of this server.";
            return Err(TokenError::new("invalid_request", description));
        }
        let scopes = scopes_of(body.text("scope"));
        if !client.may_have(&scopes) {
            let description = "The scope is unknown, or more than the client may have.";
            return Err(TokenError::new("invalid_scope", description));
        }
        let holder =
            Holder { client: client.id.clone(), operator: None, family: None, generation: 0 };
        match self.settings.earlier_tokens {
            EarlierTokens::Kept => {}
            EarlierTokens::Revoked => {
                self.tokens.revoke_all(|other| *other == holder, journal, now);
            }
            EarlierTokens::Reused => {
                if let Some(issue) = self.alive(&client.id, None, &scopes) {
                    return Ok(issue);
                }
            }
        }
        Ok(self.issue(&holder, &scopes, Renewable::No, journal, now)?)
    }

    /// RFC 6749, section 4.1.3.
    fn exchange_code(
        &mut self,
        client: &Client,
        body: &ReadBody,
        request: &mut TokenRequest,
        journal: &mut Journal,
        now: Moment,
    ) -> Result<Issue, TokenError> {
        let presented = body.text("code");
        let refused = TokenError::invalid_grant;
        let Some(code) =
            self.codes.find(presented).filter(|code| code.client == client.id).cloned()
        else {
            return Err(refused("The code is not known, or was issued to another client."));
        };
        request.operator = Some(code.operator.clone());
        request.family = code.family;
        if let Some(family) = code.family {
            // Section 4.1.2: whoever has the code may be a thief, so what it gave is taken back.
            self.tokens.revoke_family(family, journal, now);
            return Err(refused("The code was exchanged before. What it gave is revoked."));
        }
        if code.expires <= now {
            return Err(refused("The code has expired."));
        }
        if code.redirect_uri != body.text("redirect_uri") {
            return Err(refused("The redirect_uri is not that of the authorization request."));
        }
        if let Some(reason) = code.mismatch(body.text("code_verifier")) {
            return Err(refused(reason));
        }
        if self.settings.earlier_tokens == EarlierTokens::Reused
            && let Some(issue) = self.alive(&client.id, Some(&code.operator), &code.scopes)
        {
            let family = self.tokens.get(issue.access).and_then(|token| token.holder.as_ref());
            let family = family.and_then(|holder| holder.family).unwrap_or_default();
            self.codes.exchanged(presented, family);
            request.family = Some(family);
            return Ok(issue);
        }
        let renewable = match &self.rules.refresh_scope {
            Some(scope) if !code.scopes.contains(scope) => Renewable::No,
            Some(_) | None => Renewable::Yes,
        };
        let family = self.tokens.new_family();
        let holder = Holder {
            client: client.id.clone(),
            operator: Some(code.operator),
            family: Some(family),
            generation: 1,
        };
        let issue = self.issue(&holder, &code.scopes, renewable, journal, now)?;
        self.codes.exchanged(presented, family);
        request.family = Some(family);
        Ok(issue)
    }

    /// RFC 6749, section 6, with what the model of rotation makes of it.
    fn refresh(
        &mut self,
        client: &Client,
        body: &ReadBody,
        request: &mut TokenRequest,
        journal: &mut Journal,
        now: Moment,
    ) -> Result<Issue, TokenError> {
        let known = self.tokens.find(body.text("refresh_token")).and_then(|token| {
            let holder = token.holder.clone()?;
            (token.kind == TokenKind::Refresh && holder.client == client.id)
                .then_some((token, holder))
        });
        let Some((token, holder)) = known else {
            let description = "The refresh token is not known, or was issued to another client.";
            return Err(TokenError::invalid_grant(description));
        };
        let old = token.ordinal;
        request.presented = Some(old);
        request.operator.clone_from(&holder.operator);
        request.family = holder.family;
        if !token.is_live() {
            let reuse = token.was_traded() && self.settings.rotation.notices_reuse();
            journal.token(now, old, TokenEvent::Refused);
            if let Some(family) = holder.family.filter(|_| reuse) {
                journal.token(now, old, TokenEvent::Reused);
                self.tokens.revoke_family(family, journal, now);
            }
            return Err(TokenError::invalid_grant(
                "The refresh token was revoked, traded or has expired.",
            ));
        }
        let asked = scopes_of(body.text("scope"));
        if !asked.is_subset(&token.scopes) {
            let description = "The scope is more than was consented to.";
            return Err(TokenError::new("invalid_scope", description));
        }
        let scopes = if asked.is_empty() { token.scopes.clone() } else { asked };
        let renewable = match self.settings.rotation.fate() {
            Fate::Kept => Renewable::No,
            Fate::Ended | Fate::EndedByUse | Fate::EndedAfter(_) => Renewable::Yes,
        };
        let holder = Holder { generation: holder.generation + 1, ..holder };
        let issue = self.issue(&holder, &scopes, renewable, journal, now)?;
        self.tokens.trade(old, issue.access, &self.settings.rotation, journal, now);
        Ok(issue)
    }

    /// What lives already for this holder with these scopes.
    fn alive(
        &self,
        client: &str,
        operator: Option<&str>,
        scopes: &BTreeSet<String>,
    ) -> Option<Issue> {
        let same =
            |holder: &Holder| holder.client == client && holder.operator.as_deref() == operator;
        let mut live = self.tokens.live().filter(|token| token.kind == TokenKind::Access);
        let token =
            live.find(|token| token.holder.as_ref().is_some_and(same) && token.scopes == *scopes)?;
        Some(Issue { access: token.ordinal, refresh: token.partner() })
    }
}

/// The scopes of a request, which come with spaces between them (RFC 6749, section 3.3).
pub(super) fn scopes_of(text: &str) -> BTreeSet<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

/// The grants that are understood.
const GRANTS: [&str; 3] = [CLIENT_CREDENTIALS, REFRESH_TOKEN, AUTHORIZATION_CODE];
