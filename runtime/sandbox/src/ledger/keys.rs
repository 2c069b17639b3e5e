//! What was done under which idempotency key.

use std::collections::{BTreeMap, BTreeSet};

use super::{EffectEntry, Ledger};
use crate::account::Account;

impl Ledger {
    /// The changes that were made under this key.
    pub fn effects_for_key(&self, key: &str) -> Vec<&EffectEntry> {
        let made = |entry: &&EffectEntry| entry.idempotency_key.as_deref() == Some(key);
        self.effects.iter().filter(made).collect()
    }

    /// The keys under which more than one request of an account changed something, sorted: what must
    /// never happen, unless a client uses a key again after the vendor has forgotten it.
    pub fn doubled_keys(&self) -> Vec<&str> {
        let accounts: BTreeMap<u64, Option<&Account>> =
            self.requests.iter().map(|request| (request.seq, request.account.as_ref())).collect();
        let mut acting: BTreeMap<(&str, Option<&Account>), BTreeSet<u64>> = BTreeMap::new();
        for effect in &self.effects {
            let Some(key) = effect.idempotency_key.as_deref() else { continue };
            let account = accounts.get(&effect.request).copied().flatten();
            acting.entry((key, account)).or_default().insert(effect.request);
        }
        let doubled = acting.into_iter().filter(|(_, requests)| requests.len() > 1);
        let keys: BTreeSet<&str> = doubled.map(|((key, _), _)| key).collect();
        keys.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, Method};

    use super::*;
    use crate::clock::SandboxClock;
    use crate::ledger::{Arrival, EffectKind, Journal};

    /// The ledger of requests with these keys and this many effects each, of one operator each.
    fn ledger(requests: &[(&str, &str, usize)]) -> Ledger {
        let (mut journal, now) = (Journal::new("token"), SandboxClock::fixed_at(0).now());
        for &(operator, key, effects) in requests {
            let arrival = Arrival {
                method: &Method::POST,
                path: "/",
                query: "",
                headers: &HeaderMap::new(),
                body: None,
                operation: None,
                account: Some(Account::operator(operator)),
                let_in: true,
            };
            let number = journal.request(now, &arrival);
            for _ in 0..effects {
                journal.effect(now, number, EffectKind::Created, "contacts", "con_1", Some(key));
            }
        }
        journal.snapshot()
    }

    #[test]
    fn a_key_is_doubled_if_two_requests_acted_under_it() {
        let ledger = ledger(&[("one", "a", 1), ("one", "b", 1), ("one", "a", 1)]);
        assert_eq!(ledger.doubled_keys(), ["a"]);
        assert_eq!(ledger.effects_for_key("a").len(), 2);
    }

    #[test]
    fn a_request_may_change_several_things() {
        assert_eq!(ledger(&[("one", "a", 2), ("one", "a", 0)]).doubled_keys(), [""; 0]);
    }

    #[test]
    fn two_operators_may_use_one_key() {
        assert_eq!(ledger(&[("one", "a", 1), ("two", "a", 1)]).doubled_keys(), [""; 0]);
    }
}
