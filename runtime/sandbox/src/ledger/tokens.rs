//! What became of tokens, and what was asked of the token endpoint.

use std::collections::BTreeSet;

use serde::Serialize;

use super::{Journal, Ledger};
use crate::clock::Moment;

/// Something that became of a token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct TokenEntry {
    /// Position in the ledger.
    pub seq: u64,
    /// RFC 3339, by the sandbox clock. Of an expiry, the moment it was due.
    pub at: String,
    /// The token's ordinal, counted from 1 over access and refresh tokens.
    pub token: usize,
    /// What became of it.
    pub event: TokenEvent,
}

/// What became of a token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TokenEvent {
    /// It was made.
    #[non_exhaustive]
    Minted {
        /// What it is for.
        kind: TokenKind,
        /// The client that got it; `None` for a static token.
        client: Option<String>,
        /// The operator who consented; `None` if nobody had to.
        operator: Option<String>,
        /// All tokens that came from one consent have this number, counted from 1; `None` if nobody
        /// had to consent.
        family: Option<usize>,
        /// How many times the family was refreshed up to it, counted from 1; 0 without a family.
        generation: u64,
        /// Its scopes, sorted.
        scopes: Vec<String>,
    },
    /// A request with this access token was let in.
    Used,
    /// This refresh token was traded for the next generation.
    Traded,
    /// It was presented after it had ended.
    Refused,
    /// This refresh token was presented after it had been traded, and its family is revoked for it.
    Reused,
    /// Its time is over; of a traded refresh token, the window in which it could be traded again.
    Expired,
    /// It was revoked.
    Revoked,
}

/// What a token is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TokenKind {
    /// To call the API.
    Access,
    /// To get the next access token.
    Refresh,
}

/// A request that reached the token endpoint itself. One that a fault kept from it is among the
/// [`requests`](Ledger::requests) only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct TokenRequestEntry {
    /// Position in the ledger.
    pub seq: u64,
    /// RFC 3339, by the sandbox clock.
    pub at: String,
    /// What it names as `grant_type`.
    pub grant_type: String,
    /// The client, if it proved to be that client.
    pub client: Option<String>,
    /// The operator of the code or refresh token, if that is known.
    pub operator: Option<String>,
    /// The family of the code or refresh token, if that is known; of a code's first exchange, the new
    /// one.
    pub family: Option<usize>,
    /// The ordinal of the refresh token, if that is known.
    pub presented: Option<usize>,
    /// The ordinals of the tokens in the answer.
    pub issued: Vec<usize>,
    /// How it ended.
    pub outcome: TokenOutcome,
}

/// How a token request ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TokenOutcome {
    /// Tokens were issued.
    Issued,
    /// There were none.
    Refused {
        /// The code of RFC 6749, section 5.2.
        error: String,
    },
}

/// What is known of a token request before it is written down.
#[derive(Clone, Debug, Default)]
pub(crate) struct TokenRequest {
    pub(crate) grant_type: String,
    pub(crate) client: Option<String>,
    pub(crate) operator: Option<String>,
    pub(crate) family: Option<usize>,
    pub(crate) presented: Option<usize>,
    pub(crate) issued: Vec<usize>,
}

impl Ledger {
    /// The ordinals of an operator's tokens that have neither expired nor been revoked, sorted. A
    /// refresh token that was traded and still can be is one of them.
    pub fn live_tokens(&self, operator: &str) -> Vec<usize> {
        let mut live = BTreeSet::new();
        for entry in &self.tokens {
            match &entry.event {
                TokenEvent::Minted { operator: Some(owner), .. } if owner == operator => {
                    live.insert(entry.token);
                }
                TokenEvent::Expired | TokenEvent::Revoked => {
                    live.remove(&entry.token);
                }
                TokenEvent::Minted { .. }
                | TokenEvent::Used
                | TokenEvent::Traded
                | TokenEvent::Refused
                | TokenEvent::Reused => {}
            }
        }
        live.into_iter().collect()
    }

    /// The families of an operator, sorted.
    pub fn families_of(&self, operator: &str) -> Vec<usize> {
        let families = self.tokens.iter().filter_map(|entry| match &entry.event {
            TokenEvent::Minted { operator: Some(owner), family, .. } if owner == operator => {
                *family
            }
            _ => None,
        });
        families.collect::<BTreeSet<usize>>().into_iter().collect()
    }

    /// The token requests about this family that reached the token endpoint, in the order of arrival.
    pub fn token_posts_for(&self, family: usize) -> Vec<&TokenRequestEntry> {
        self.token_requests.iter().filter(|entry| entry.family == Some(family)).collect()
    }

    /// How a token was made. `None` if there is none with this ordinal.
    pub fn minted(&self, token: usize) -> Option<&TokenEntry> {
        let mut life = self.tokens.iter().filter(|entry| entry.token == token);
        life.find(|entry| matches!(entry.event, TokenEvent::Minted { .. }))
    }

    /// The requests with this access token that were let in, in the order of arrival.
    pub fn api_uses_of(&self, token: usize) -> Vec<&TokenEntry> {
        let life = self.tokens.iter().filter(|entry| entry.token == token);
        life.filter(|entry| entry.event == TokenEvent::Used).collect()
    }
}

impl Journal {
    pub(crate) fn token(&mut self, at: Moment, token: usize, event: TokenEvent) {
        let (seq, at) = self.next(at);
        self.ledger.tokens.push(TokenEntry { seq, at, token, event });
    }

    pub(crate) fn token_request(
        &mut self,
        at: Moment,
        request: TokenRequest,
        outcome: TokenOutcome,
    ) {
        let (seq, at) = self.next(at);
        let TokenRequest { grant_type, client, operator, family, presented, issued } = request;
        self.ledger.token_requests.push(TokenRequestEntry {
            seq,
            at,
            grant_type: self.clean(&grant_type),
            client,
            operator,
            family,
            presented,
            issued,
            outcome,
        });
    }
}
