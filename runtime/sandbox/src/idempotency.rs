//! Answers kept for the key of a POST.
//!
//! The vendor keeps status and body for 24 hours, success or failure, and gives them again for the
//! same key. What it does with a key that comes with another body, or twice at once, it does not say: a test
//! chooses.

use std::collections::BTreeMap;
use std::time::Duration;

use http::{HeaderName, StatusCode};
use sha2::{Digest as _, Sha256};

use crate::account::Account;
use crate::answer::Answer;
use crate::clock::Moment;
use crate::exchange::Received;
use crate::ledger::RequestNumber;
use crate::refusal::{Cause, Refusal};

/// What a request is answered whose key came before with another method, path, query or body. No vendor
/// says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum OtherBody {
    /// The kept answer, as if it were the same request: whoever keeps no more than an answer cannot tell.
    #[default]
    Replayed,
    /// The vendor's 422, and nothing is done (draft-ietf-httpapi-idempotency-key-header). The kept answer
    /// stays.
    Refused,
}

/// What becomes of a request that arrives while another one with its key has arrived and is not done. No
/// vendor says. A fault that delays or holds the first one makes it happen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConcurrentKeys {
    /// Whichever is done first acts, and the other one gets its answer: the server holds one back.
    #[default]
    OneActs,
    /// Both act. The server looks for a kept answer when a request arrives, and holds nothing back.
    BothAct,
    /// It is answered the vendor's 409, and nothing is kept of it
    /// (draft-ietf-httpapi-idempotency-key-header).
    Conflict,
    /// It is answered 429 without a word on when to come back, and nothing is kept of it: so do some
    /// libraries for servers.
    TooManyRequests,
}

/// The answers that are kept, and the keys of requests that are not done.
#[derive(Debug)]
pub(crate) struct KeptAnswers {
    other_body: OtherBody,
    concurrent_keys: ConcurrentKeys,
    by_key: BTreeMap<Key, Kept>,
    /// How many requests are not done.
    under_way: BTreeMap<Key, usize>,
}

/// An answer, and which request it was given to.
#[derive(Debug)]
pub(crate) struct Kept {
    pub(crate) answer: Answer,
    pub(crate) request: RequestNumber,
    fingerprint: Fingerprint,
    until: Moment,
}

/// What a request has in the place of a key. It is decided when the request arrives: what a test changes
/// while it is under way holds for those that come after it.
#[derive(Debug)]
pub(crate) enum Keyed {
    /// Nothing, or its operation takes no key.
    No,
    /// This header, without a value.
    NoValue(HeaderName),
    Yes(Claim),
}

/// A key that a request has.
#[derive(Debug)]
pub(crate) struct Claim {
    key: Key,
    /// How long the answer is kept.
    retention: Duration,
    fingerprint: Fingerprint,
    seen: Seen,
}

/// What a key was when a request with it arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Seen {
    New,
    /// A request with it was not done.
    UnderWay,
    Kept,
}

/// Whose a key is. Nobody is given what is kept for the key of another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Owner {
    /// Whose token the request brought.
    Account(Option<Account>),
    /// At the token endpoint: the client with this id, which showed its secret.
    Client(String),
}

/// A key, which nobody shares with another owner.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    owner: Owner,
    text: String,
}

/// Why a request may not act, because of its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyRefusal {
    /// A request with the key is not done yet, and the server says that the two conflict.
    Conflict,
    /// A request with the key is not done yet, and the server says that this is one too many.
    TooMany,
    /// The key came with another request before.
    OtherRequest,
}

/// Two requests with one fingerprint ask for the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Fingerprint([u8; 32]);

impl KeptAnswers {
    pub(crate) fn new(other_body: OtherBody, concurrent_keys: ConcurrentKeys) -> Self {
        let (by_key, under_way) = (BTreeMap::new(), BTreeMap::new());
        Self { other_body, concurrent_keys, by_key, under_way }
    }

    /// Takes note of a request that has this key, until it [leaves](Self::leave).
    pub(crate) fn arrive(
        &mut self,
        owner: Owner,
        text: &str,
        retention: Duration,
        received: &Received,
        now: Moment,
    ) -> Claim {
        let key = Key { owner, text: text.to_owned() };
        let under_way = self.under_way.entry(key.clone()).or_default();
        let seen = match self.by_key.get(&key) {
            Some(kept) if now < kept.until => Seen::Kept,
            _ if *under_way > 0 => Seen::UnderWay,
            _ => Seen::New,
        };
        *under_way += 1;
        Claim { key, retention, fingerprint: Fingerprint::of(received), seen }
    }

    /// The request is done.
    pub(crate) fn leave(&mut self, claim: &Claim) {
        if let Some(under_way) = self.under_way.get_mut(&claim.key) {
            *under_way = under_way.saturating_sub(1);
            if *under_way == 0 {
                self.under_way.remove(&claim.key);
            }
        }
    }

    /// The answer that is kept for a key. `None` if the request may act.
    pub(crate) fn known(&self, claim: &Claim, now: Moment) -> Result<Option<&Kept>, KeyRefusal> {
        match (claim.seen, self.concurrent_keys) {
            (Seen::UnderWay, ConcurrentKeys::Conflict) => return Err(KeyRefusal::Conflict),
            (Seen::UnderWay, ConcurrentKeys::TooManyRequests) => return Err(KeyRefusal::TooMany),
            (Seen::New | Seen::UnderWay, ConcurrentKeys::BothAct) => return Ok(None),
            (Seen::Kept, _)
            | (_, ConcurrentKeys::OneActs)
            | (Seen::New, ConcurrentKeys::Conflict | ConcurrentKeys::TooManyRequests) => {}
        }
        let Some(kept) = self.by_key.get(&claim.key).filter(|kept| now < kept.until) else {
            return Ok(None);
        };
        match self.other_body {
            OtherBody::Refused if kept.fingerprint != claim.fingerprint => {
                Err(KeyRefusal::OtherRequest)
            }
            OtherBody::Refused | OtherBody::Replayed => Ok(Some(kept)),
        }
    }

    /// Keeps an answer, and forgets those whose time is over.
    pub(crate) fn keep(
        &mut self,
        claim: &Claim,
        request: RequestNumber,
        answer: &Answer,
        now: Moment,
    ) {
        self.by_key.retain(|_, kept| now < kept.until);
        let (fingerprint, until) = (claim.fingerprint, now.plus(claim.retention));
        let kept = Kept { answer: answer.clone(), request, fingerprint, until };
        self.by_key.insert(claim.key.clone(), kept);
    }
}

impl Keyed {
    pub(crate) fn claim(&self) -> Option<&Claim> {
        match self {
            Self::Yes(claim) => Some(claim),
            Self::No | Self::NoValue(_) => None,
        }
    }
}

impl KeyRefusal {
    /// The status where no table of errors names one: at the token endpoints
    /// (draft-ietf-httpapi-idempotency-key-header).
    pub(crate) fn status(self) -> StatusCode {
        match self {
            Self::Conflict => StatusCode::CONFLICT,
            Self::TooMany => StatusCode::TOO_MANY_REQUESTS,
            Self::OtherRequest => StatusCode::UNPROCESSABLE_ENTITY,
        }
    }
}

impl From<KeyRefusal> for Refusal {
    fn from(refusal: KeyRefusal) -> Self {
        let under_way = "A request with this key is not done yet.";
        match refusal {
            KeyRefusal::Conflict => Self::new(Cause::Conflict, under_way),
            KeyRefusal::TooMany => Self::new(Cause::Limit, under_way),
            KeyRefusal::OtherRequest => {
                Self::new(Cause::Content, "The key came with another request before.")
            }
        }
    }
}

impl Claim {
    /// The key, as it was sent.
    pub(crate) fn text(&self) -> &str {
        &self.key.text
    }
}

impl Fingerprint {
    fn of(received: &Received) -> Self {
        let body = received.body.as_deref().unwrap_or_default();
        let head = [received.method.as_str(), &received.path, &received.query];
        let parts = head.map(str::as_bytes).into_iter().chain([body]);
        // Each part begins with its size, so that no two requests read the same.
        let hash = parts.fold(Sha256::new(), |hash, part| {
            hash.chain_update(part.len().to_be_bytes()).chain_update(part)
        });
        Self(hash.finalize().into())
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::Request;

    use super::*;
    use crate::clock::SandboxClock;

    fn kept() -> KeptAnswers {
        KeptAnswers::new(OtherBody::default(), ConcurrentKeys::default())
    }

    fn arrive(kept: &mut KeptAnswers, account: Option<Account>, now: Moment) -> Claim {
        let received = Received::from(Request::new(Bytes::from_static(b"{}")));
        kept.arrive(Owner::Account(account), "key", Duration::from_secs(10), &received, now)
    }

    fn keep(kept: &mut KeptAnswers, claim: &Claim, now: Moment) {
        let answer = Answer::empty(StatusCode::BAD_REQUEST);
        kept.keep(claim, RequestNumber::default(), &answer, now);
    }

    #[test]
    fn an_answer_is_kept_until_its_time_is_over() {
        let (mut kept, clock) = (kept(), SandboxClock::fixed_at(0));
        let claim = arrive(&mut kept, None, clock.now());
        keep(&mut kept, &claim, clock.now());

        clock.advance(Duration::from_secs(9));
        let replay = kept.known(&claim, clock.now()).unwrap().map(|kept| kept.answer.status);
        assert_eq!(replay, Some(StatusCode::BAD_REQUEST));

        clock.advance(Duration::from_secs(1));
        assert!(kept.known(&claim, clock.now()).unwrap().is_none());
    }

    #[test]
    fn a_key_belongs_to_its_account() {
        let (mut kept, now) = (kept(), SandboxClock::fixed_at(0).now());
        let one = arrive(&mut kept, Some(Account::operator("one")), now);
        let two = arrive(&mut kept, Some(Account::operator("two")), now);
        keep(&mut kept, &one, now);
        assert!(kept.known(&one, now).unwrap().is_some());
        assert!(kept.known(&two, now).unwrap().is_none());
    }

    #[test]
    fn a_key_is_under_way_until_the_last_of_its_requests_has_left() {
        let (mut kept, now) = (kept(), SandboxClock::fixed_at(0).now());
        let claims = [(); 2].map(|()| arrive(&mut kept, None, now));
        assert_eq!(claims.each_ref().map(|claim| claim.seen), [Seen::New, Seen::UnderWay]);
        kept.leave(&claims[0]);
        let third = arrive(&mut kept, None, now);
        assert_eq!(third.seen, Seen::UnderWay);
        kept.leave(&claims[1]);
        kept.leave(&third);
        assert_eq!(arrive(&mut kept, None, now).seen, Seen::New);
    }

    #[test]
    fn a_part_that_moves_into_the_next_makes_another_request() {
        let of = |uri: &'static str, body: &'static str| {
            let mut request = Request::new(Bytes::from_static(body.as_bytes()));
            *request.uri_mut() = http::Uri::from_static(uri);
            Fingerprint::of(&Received::from(request))
        };
        assert_eq!(of("/a?b", "c"), of("/a?b", "c"));
        assert_ne!(of("/a?b", "c"), of("/a?bc", ""));
        assert_ne!(of("/ab", "c"), of("/a?b", "c"));
    }
}
