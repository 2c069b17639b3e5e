//! The book of tokens: what was minted, for whom, and what became of it.
//!
//! A *family* is everything that came from one consent. Its first pair is generation 1; whatever a
//! refresh token is traded for is one generation later. A token without a consent, such as one for
//! client credentials, is in no family.

use std::collections::{BTreeMap, BTreeSet};

use crate::clock::Moment;
use crate::ledger::{Journal, TokenEvent, TokenKind};
use crate::oauth::rotation::{Fate, Rotation};
use crate::secret::{Digest, Secret};
use crate::security::Caller;

/// Every token that was ever minted.
#[derive(Debug, Default)]
pub(crate) struct TokenBook {
    /// By ordinal, less one.
    tokens: Vec<Token>,
    /// By the digest of the value: a lookup that neither walks the book nor compares secrets.
    ordinals: BTreeMap<Digest, usize>,
    /// When which token is over, the soonest first.
    ends: BTreeSet<(Moment, usize)>,
    /// The ordinals of each family, by its number, less one.
    families: Vec<Vec<usize>>,
}

/// A token.
#[derive(Debug)]
pub(crate) struct Token {
    /// Counted from 1. The ledger knows tokens by it and never by their value.
    pub(crate) ordinal: usize,
    pub(crate) value: Secret,
    pub(crate) kind: TokenKind,
    /// `None` for a static token.
    pub(crate) holder: Option<Holder>,
    pub(crate) scopes: BTreeSet<String>,
    /// `None` if it does not expire.
    pub(crate) expires: Option<Moment>,
    end: Option<End>,
    /// A refresh token that was traded.
    traded: bool,
    /// The other token of its pair.
    partner: Option<usize>,
    /// The refresh token that ends, with its partner, when this access token is used.
    replaces: Option<usize>,
}

/// Whose a token is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Holder {
    pub(crate) client: String,
    /// `None` for client credentials: the client acts for itself.
    pub(crate) operator: Option<String>,
    /// `None` for client credentials.
    pub(crate) family: Option<usize>,
    pub(crate) generation: u64,
}

/// A token to be.
pub(crate) struct NewToken {
    pub(crate) value: Secret,
    pub(crate) kind: TokenKind,
    pub(crate) holder: Option<Holder>,
    pub(crate) scopes: BTreeSet<String>,
    pub(crate) expires: Option<Moment>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Expired,
    Revoked,
}

/// What a presented access token is.
#[derive(Debug)]
pub(crate) enum TokenState<'b> {
    Live(&'b Token),
    Unknown,
    Expired(usize),
    Revoked(usize),
}

impl TokenBook {
    /// Adds a token; gives its ordinal.
    pub(crate) fn mint(&mut self, new: NewToken, journal: &mut Journal, now: Moment) -> usize {
        let NewToken { value, kind, holder, scopes, expires } = new;
        let ordinal = self.tokens.len() + 1;
        journal.hide(&value, format!("[token {ordinal}]"));
        let whose = holder.as_ref();
        let event = TokenEvent::Minted {
            kind,
            client: whose.map(|holder| holder.client.clone()),
            operator: whose.and_then(|holder| holder.operator.clone()),
            family: whose.and_then(|holder| holder.family),
            generation: whose.map_or(0, |holder| holder.generation),
            scopes: scopes.iter().cloned().collect(),
        };
        journal.token(now, ordinal, event);
        let family = whose.and_then(|holder| self.families.get_mut(holder.family?.checked_sub(1)?));
        if let Some(members) = family {
            members.push(ordinal);
        }
        self.ordinals.insert(value.digest(), ordinal);
        self.ends.extend(expires.map(|expires| (expires, ordinal)));
        self.tokens.push(Token {
            ordinal,
            value,
            kind,
            holder,
            scopes,
            expires,
            end: None,
            traded: false,
            partner: None,
            replaces: None,
        });
        ordinal
    }

    /// The number of a family that has no token yet.
    pub(crate) fn new_family(&mut self) -> usize {
        self.families.push(Vec::new());
        self.families.len()
    }

    /// Makes two tokens a pair: whoever revokes one revokes both.
    pub(crate) fn pair(&mut self, access: usize, refresh: usize) {
        self.change(access, |token| token.partner = Some(refresh));
        self.change(refresh, |token| token.partner = Some(access));
    }

    /// Notes that `old`, a refresh token, was traded for `access`.
    pub(crate) fn trade(
        &mut self,
        old: usize,
        access: usize,
        rotation: &Rotation,
        journal: &mut Journal,
        now: Moment,
    ) {
        journal.token(now, old, TokenEvent::Traded);
        let partner = self.get(old).and_then(|token| token.partner);
        match rotation.fate() {
            Fate::Ended => {
                self.change(old, |token| token.traded = true);
                self.revoke_pair(old, journal, now);
            }
            Fate::EndedByUse => self.change(access, |token| token.replaces = Some(old)),
            Fate::EndedAfter(window) => {
                let first = self.get(old).is_some_and(|token| !token.traded);
                self.change(old, |token| token.traded = true);
                // The window begins with the first trade; a further one does not make it longer.
                if first {
                    self.end_at(old, now.plus(window));
                }
                if let Some(partner) = partner {
                    self.revoke(partner, journal, now);
                }
            }
            Fate::Kept => {}
        }
    }

    /// Notes that a request with this access token was let in.
    pub(crate) fn used(&mut self, ordinal: usize, journal: &mut Journal, now: Moment) {
        journal.token(now, ordinal, TokenEvent::Used);
        let token = self.at(ordinal);
        if let Some(replaced) = token.and_then(|token| token.replaces.take()) {
            self.revoke_pair(replaced, journal, now);
        }
    }

    /// Ends every token whose time is over by `now`.
    pub(crate) fn expire(&mut self, journal: &mut Journal, now: Moment) {
        while let Some(&(moment, ordinal)) = self.ends.first() {
            if moment > now {
                return;
            }
            self.ends.pop_first();
            // The moment is another one by now if it was brought forward.
            let due = |token: &&mut Token| token.expires == Some(moment) && token.end.is_none();
            if let Some(token) = self.at(ordinal).filter(due) {
                token.end = Some(End::Expired);
                journal.token(moment, ordinal, TokenEvent::Expired);
            }
        }
    }

    /// Ends the token with this ordinal before its time. Nothing happens if it has ended already.
    pub(crate) fn revoke(&mut self, ordinal: usize, journal: &mut Journal, now: Moment) {
        if let Some(token) = self.at(ordinal).filter(|token| token.end.is_none()) {
            token.end = Some(End::Revoked);
            journal.token(now, ordinal, TokenEvent::Revoked);
        }
    }

    /// Ends a token and the other one of its pair.
    pub(crate) fn revoke_pair(&mut self, ordinal: usize, journal: &mut Journal, now: Moment) {
        let partner = self.get(ordinal).and_then(|token| token.partner);
        self.revoke(ordinal, journal, now);
        if let Some(partner) = partner {
            self.revoke(partner, journal, now);
        }
    }

    /// Ends every token of a family.
    pub(crate) fn revoke_family(&mut self, family: usize, journal: &mut Journal, now: Moment) {
        let members = family.checked_sub(1).and_then(|at| self.families.get(at));
        for ordinal in members.cloned().unwrap_or_default() {
            self.revoke(ordinal, journal, now);
        }
    }

    /// Ends every token whose holder is meant; gives how many lived.
    pub(crate) fn revoke_all(
        &mut self,
        meant: impl Fn(&Holder) -> bool,
        journal: &mut Journal,
        now: Moment,
    ) -> usize {
        let held = |token: &&Token| token.holder.as_ref().is_some_and(&meant);
        let live = self.tokens.iter().filter(|token| token.end.is_none()).filter(held);
        let ordinals: Vec<usize> = live.map(|token| token.ordinal).collect();
        for ordinal in &ordinals {
            self.revoke(*ordinal, journal, now);
        }
        ordinals.len()
    }

    /// All tokens that are neither expired nor revoked.
    pub(crate) fn live(&self) -> impl Iterator<Item = &Token> {
        self.tokens.iter().filter(|token| token.end.is_none())
    }

    /// Whether the caller's token has all these scopes. Who needs no token has every scope.
    pub(crate) fn has_scopes(&self, caller: Caller, scopes: &BTreeSet<String>) -> bool {
        match caller {
            Caller::Anonymous => true,
            Caller::Token(ordinal) => {
                self.get(ordinal).is_some_and(|token| scopes.is_subset(&token.scopes))
            }
        }
    }

    /// Looks up a value that was presented as an access token.
    pub(crate) fn present(&self, presented: &str) -> TokenState<'_> {
        match self.find(presented).filter(|token| token.kind == TokenKind::Access) {
            None => TokenState::Unknown,
            Some(token) => match token.end {
                None => TokenState::Live(token),
                Some(End::Expired) => TokenState::Expired(token.ordinal),
                Some(End::Revoked) => TokenState::Revoked(token.ordinal),
            },
        }
    }

    /// Looks a value up, whatever kind of token it is.
    pub(crate) fn find(&self, presented: &str) -> Option<&Token> {
        self.ordinals.get(&Digest::of(presented)).and_then(|ordinal| self.get(*ordinal))
    }

    pub(crate) fn get(&self, ordinal: usize) -> Option<&Token> {
        self.tokens.get(ordinal.checked_sub(1)?)
    }

    fn at(&mut self, ordinal: usize) -> Option<&mut Token> {
        self.tokens.get_mut(ordinal.checked_sub(1)?)
    }

    fn change(&mut self, ordinal: usize, change: impl FnOnce(&mut Token)) {
        if let Some(token) = self.at(ordinal) {
            change(token);
        }
    }

    /// Lets a token end at `moment`, unless it ends sooner.
    fn end_at(&mut self, ordinal: usize, moment: Moment) {
        let Some(token) = self.at(ordinal) else { return };
        if token.expires.is_none_or(|expires| moment < expires) {
            token.expires = Some(moment);
            self.ends.insert((moment, ordinal));
        }
    }
}

impl Token {
    pub(crate) fn is_live(&self) -> bool {
        self.end.is_none()
    }

    /// Whether it is a refresh token that was traded.
    pub(crate) fn was_traded(&self) -> bool {
        self.traded
    }

    /// The other token of its pair.
    pub(crate) fn partner(&self) -> Option<usize> {
        self.partner
    }
}
