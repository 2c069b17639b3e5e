//! Signatures of webhooks, in the words of the vendors. No code of the receiver's is in here: it is what is judged.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac as _};
use http::{HeaderMap, HeaderName, HeaderValue};
use sha2::Sha256;

use crate::profile::webhooks::SignatureRule;

/// The headers that sign a body. `None` if the secret or the id is not one.
pub(crate) fn headers(
    rule: SignatureRule,
    secret: &str,
    id: &str,
    seconds: u64,
    body: &[u8],
) -> Option<HeaderMap> {
    let mut headers = HeaderMap::new();
    let mut put = |name: &'static str, value: &str| {
        let value = HeaderValue::from_str(value).ok()?;
        headers.insert(HeaderName::from_static(name), value);
        Some(())
    };
    match rule {
        SignatureRule::Stora => {
            let code = code(secret.as_bytes(), &format!("{seconds}."), body)?;
            let hex: Vec<String> = code.iter().map(|byte| format!("{byte:02x}")).collect();
            put("x-stora-signature", &format!("t={seconds},v1={}", hex.concat()))?;
        }
        SignatureRule::StandardWebhooks => {
            let key = STANDARD.decode(secret.strip_prefix("whsec_")?).ok()?;
            let code = code(&key, &format!("{id}.{seconds}."), body)?;
            put("webhook-id", id)?;
            put("webhook-timestamp", &seconds.to_string())?;
            put("webhook-signature", &format!("v1,{}", STANDARD.encode(code)))?;
        }
    }
    Some(headers)
}

fn code(key: &[u8], head: &str, body: &[u8]) -> Option<Vec<u8>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    mac.update(head.as_bytes());
    mac.update(body);
    Some(mac.finalize().into_bytes().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `printf '1700000000.{}' | openssl dgst -sha256 -hmac fake-secret`
    #[test]
    fn the_code_of_stora_is_that_of_openssl() {
        let signed = headers(SignatureRule::Stora, "fake-secret", "evt_1", 1_700_000_000, b"{}");
        assert_eq!(
            signed.unwrap()["x-stora-signature"],
            "t=1700000000,v1=b9a7bd039667fb22fa561c6524d519b9804568e0d595ce0e870eaea8254f6ae2"
        );
    }

    /// `printf 'msg_1.1700000000.{}' | openssl dgst -sha256 -hmac fake-key -binary | base64`
    #[test]
    fn the_code_of_standard_webhooks_is_that_of_openssl() {
        let rule = SignatureRule::StandardWebhooks;
        let signed = headers(rule, "whsec_ZmFrZS1rZXk=", "msg_1", 1_700_000_000, b"{}").unwrap();
        assert_eq!(signed["webhook-signature"], "v1,naN8sJOUyvgvZpPUsgSCIqTR4twZhKOlXQlSN/GUwmI=");
        assert_eq!(
            (&signed["webhook-id"], &signed["webhook-timestamp"]),
            (&HeaderValue::from_static("msg_1"), &HeaderValue::from_static("1700000000"),)
        );
    }

    #[test]
    fn a_secret_without_its_prefix_signs_nothing() {
        assert_eq!(headers(SignatureRule::StandardWebhooks, "ZmFrZS1rZXk=", "msg_1", 0, b""), None);
    }
}
