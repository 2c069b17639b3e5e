//! Authorization codes (RFC 6749, section 4.1.2).

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

use crate::clock::Moment;
use crate::secret::{Digest, Secret};

/// The codes that were issued. Each is bound to whoever asked for it.
#[derive(Debug, Default)]
pub(crate) struct Codes {
    by_digest: BTreeMap<Digest, Code>,
}

/// What a code stands for.
#[derive(Clone, Debug)]
pub(crate) struct Code {
    pub(crate) client: String,
    pub(crate) operator: String,
    pub(crate) redirect_uri: String,
    pub(crate) scopes: BTreeSet<String>,
    /// Of PKCE, by the method `S256`.
    pub(crate) challenge: Option<String>,
    pub(crate) expires: Moment,
    /// The family that it was exchanged for.
    pub(crate) family: Option<usize>,
}

impl Codes {
    pub(crate) fn issue(&mut self, value: &Secret, code: Code) {
        self.by_digest.insert(value.digest(), code);
    }

    pub(crate) fn find(&self, presented: &str) -> Option<&Code> {
        self.by_digest.get(&Digest::of(presented))
    }

    /// Notes what a code was exchanged for. It is kept, so that a second exchange is noticed.
    pub(crate) fn exchanged(&mut self, presented: &str, family: usize) {
        if let Some(code) = self.by_digest.get_mut(&Digest::of(presented)) {
            code.family = Some(family);
        }
    }
}

impl Code {
    /// Why the holder of a verifier may not exchange it, if so (RFC 7636, section 4.6). A verifier without a challenge is
    /// refused too: somebody took the challenge away on the way (RFC 9700, section 2.1.1).
    pub(crate) fn mismatch(&self, verifier: &str) -> Option<&'static str> {
        match &self.challenge {
            None if verifier.is_empty() => None,
            None => {
                Some("There is a code_verifier, but the code was asked for without a challenge.")
            }
            Some(_) if verifier.is_empty() => Some("The code_verifier is missing."),
            Some(challenge) => {
                let answer = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier));
                (answer != *challenge).then_some("The code_verifier does not fit the challenge.")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SandboxClock;

    fn code(challenge: Option<&str>) -> Code {
        Code {
            client: "fake-client".to_owned(),
            operator: "fake-operator".to_owned(),
            redirect_uri: "https://partner.example/callback".to_owned(),
            scopes: BTreeSet::new(),
            challenge: challenge.map(str::to_owned),
            expires: SandboxClock::fixed_at(60).now(),
            family: None,
        }
    }

    /// The pair of RFC 7636, appendix B.
    #[test]
    fn the_verifier_of_the_specification_fits_its_challenge() {
        let code = code(Some("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"));
        assert_eq!(code.mismatch("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"), None);
        assert!(code.mismatch("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXl").is_some());
        assert!(code.mismatch("").is_some());
    }

    #[test]
    fn a_verifier_without_a_challenge_does_not_fit() {
        assert_eq!(code(None).mismatch(""), None);
        assert!(code(None).mismatch("a").is_some());
    }
}
