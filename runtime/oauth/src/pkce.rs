//! Proof key for code exchange (RFC 7636).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use specwright_core::random::Random;
use specwright_core::types::SecretString;

use crate::fingerprint::random_text;

/// The only method that is used. `plain` shows the verifier to whoever sees the address (RFC 7636 §7.2).
pub(crate) const METHOD: &str = "S256";

/// A secret that ties the exchange of a code to the request that led to it (RFC 7636 §4.1).
///
/// It is sent with confidential clients as well: it stops a code that was slipped into somebody else's session
/// (RFC 9700 §2.1.1). A server that does not know it ignores it (RFC 6749 §3.1).
#[derive(Clone, Debug)]
pub(crate) struct CodeVerifier(pub(crate) SecretString);

impl CodeVerifier {
    /// Draws one from 32 random bytes, as RFC 7636 §4.1 recommends: 43 characters, the least that is allowed.
    pub(crate) fn draw(random: &dyn Random) -> Self {
        Self(random_text(random))
    }

    /// The `code_challenge` (RFC 7636 §4.2).
    pub(crate) fn challenge(&self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(self.0.expose()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives the bytes of RFC 7636 appendix B.
    #[derive(Debug)]
    struct AppendixB;

    impl Random for AppendixB {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.copy_from_slice(&[
                116, 24, 223, 180, 151, 153, 224, 37, 79, 250, 96, 125, 216, 173, 187, 186, 22,
                212, 37, 77, 105, 214, 191, 240, 91, 88, 5, 88, 83, 132, 141, 121,
            ]);
        }
    }

    #[test]
    fn verifier_and_challenge_are_those_of_the_specification() {
        let verifier = CodeVerifier::draw(&AppendixB);
        assert_eq!(verifier.0.expose(), "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
        assert_eq!(verifier.challenge(), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }
}
