//! Any headers and any body: what nobody has signed is refused, and what the vendor has signed is taken if its headers are
//! those of the scheme.
//!
//! Input: an answer, as [`Answer::read`] reads it; its headers and its body are those of a delivery. Where a signature
//! belongs, `{v1}` in a header stands for the right one.

#![no_main]

use std::time::{Duration, SystemTime};

use http::{HeaderMap, HeaderValue};
use libfuzzer_sys::fuzz_target;
use specwright_fuzz::{Answer, START};
use specwright_webhooks::{EventId, Scheme, SecretForm, Signer, Verifier, VerifyErrorKind};

const HEADER: &str = "x-fake-signature";
const TIMESTAMPED: Scheme =
    Scheme::timestamped(HEADER, "/event/id").with_secret_form(SecretForm::Base64);
const SECRET: &str = "whsec_aW52ZW50ZWQgZm9yIGZ1enppbmcsIDMyIGJ5dGVzLi4=";
const OTHER: &str = "whsec_aW52ZW50ZWQgYXMgdGhlIHNlY3JldCBvZiBub2JvZHk=";

fuzz_target!(|input: &[u8]| {
    let Answer { mut headers, body, .. } = Answer::read(input);
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(START);
    let [ours, others] = [[OTHER, SECRET], [OTHER, OTHER]];
    for (scheme, header, before) in
        [(TIMESTAMPED, HEADER, "v1="), (Scheme::STANDARD, "webhook-signature", "v1,")]
    {
        let verify = |secrets, headers: &HeaderMap, body: &[u8]| {
            let verifier = Verifier::new(scheme, secrets).expect("secrets");
            verifier.verify(headers, body.to_vec(), now)
        };
        let claim = Claim::read(scheme, &headers);
        let signature = claim.as_ref().and_then(|claim| claim.signature(scheme, header, &body));
        let separator = if scheme == TIMESTAMPED { ',' } else { ' ' };
        let is_signed = |headers: &HeaderMap| {
            signature.as_ref().is_some_and(|signature| {
                let item = signature.split(separator).next_back().unwrap_or_default();
                list(headers, header, separator).is_some_and(|items| items.contains(&item))
            })
        };
        // A fuzzer sees what is compared here, so in time it knows signatures.
        if !is_signed(&headers) {
            assert!(verify(ours, &headers, &body).is_err(), "nobody has signed it");
        }
        if let Some(signature) = &signature {
            let signature = signature.split(before).last().unwrap_or_default();
            fill_in(&mut headers, header, signature);
            assert!(verify(others, &headers, &body).is_err(), "it has another secret");
        }
        let verified = verify(ours, &headers, &body);
        let expected = is_signed(&headers)
            && claim.is_some_and(|claim| claim.is_now())
            && body.len() <= 1_048_576
            && (scheme == TIMESTAMPED || !is_ambiguous(&headers, &body));
        assert_eq!(verified.is_ok(), expected, "{headers:?}");
        if let Ok(delivery) = verified {
            let _ = (delivery.id(), delivery.event::<Vec<bool>>(), format!("{delivery:?}"));
            let longer = [&body[..], b" "].concat();
            let kind = verify(ours, &headers, &longer).map_err(|error| error.kind()).err();
            assert!(matches!(kind, Some(VerifyErrorKind::Forged | VerifyErrorKind::TooLarge)));
        }
    }
});

/// What a delivery says of itself, by the letter of its scheme.
struct Claim {
    id: EventId,
    /// As a number that has one spelling: a signer writes no other one.
    seconds: u64,
}

impl Claim {
    fn read(scheme: Scheme, headers: &HeaderMap) -> Option<Self> {
        let (id, time) = if scheme == TIMESTAMPED {
            let items = list(headers, HEADER, ',')?;
            let mut times = items.iter().filter_map(|item| item.strip_prefix("t="));
            let (time, None) = (times.next()?, times.next()) else { return None };
            ("evt_fake", time)
        } else {
            (one(headers, "webhook-id")?, one(headers, "webhook-timestamp")?)
        };
        let seconds: u64 = time.parse().ok().filter(|seconds: &u64| seconds.to_string() == time)?;
        Some(Self { id: EventId::new(id).ok()?, seconds })
    }

    /// The value of the header with a signature, as the vendor writes it.
    fn signature(&self, scheme: Scheme, header: &str, body: &[u8]) -> Option<String> {
        let at = SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(self.seconds))?;
        let signed = Signer::new(scheme, SECRET).ok()?.sign(&self.id, at, body).ok()?;
        signed.get(header)?.to_str().ok().map(str::to_owned)
    }

    fn is_now(&self) -> bool {
        (START - 300..=START + 60).contains(&self.seconds)
    }
}

/// Puts the signature where the input wants it.
fn fill_in(headers: &mut HeaderMap, name: &str, signature: &str) {
    if let Some(value) = headers.get_mut(name)
        && let Ok(text) = value.to_str()
        && let Ok(filled) = HeaderValue::from_str(&text.replace("{v1}", signature))
    {
        *value = filled;
    }
}

/// The items of a header that is there once and not too long.
fn list<'h>(headers: &'h HeaderMap, name: &str, separator: char) -> Option<Vec<&'h str>> {
    let items: Vec<&str> = one(headers, name)?.split(separator).collect();
    (items.len() <= 16).then_some(items)
}

fn one<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let values: Vec<&HeaderValue> = headers.get_all(name).iter().collect();
    let [value] = values[..] else { return None };
    value.to_str().ok().filter(|text| text.len() <= 1_024)
}

/// Whether id, time and body, written with dots between, could be cut in another way.
fn is_ambiguous(headers: &HeaderMap, body: &[u8]) -> bool {
    let number = |text: &str| !text.is_empty() && text.chars().all(|it| it.is_ascii_digit());
    let id = one(headers, "webhook-id").unwrap_or_default();
    let body = String::from_utf8_lossy(body);
    let (before, after) = (id.rsplit_once('.'), body.split_once('.'));
    before.is_some_and(|(_, end)| number(end)) || after.is_some_and(|(start, _)| number(start))
}
