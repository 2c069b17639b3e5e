//! What is received, and what is not: deliveries as a vendor, or somebody else, would send them.

#![expect(clippy::unwrap_used, reason = "what a test cannot do without stops it")]

mod axum_server;
mod forged;
mod handing_off;
mod headers;
mod interop;
mod rotation;
mod times;
mod vectors;

use std::time::{Duration, SystemTime};

use http::{HeaderMap, HeaderValue};
use specwright_webhooks::{
    Delivery, EventId, Scheme, SecretsError, Signer, Verifier, VerifyError, VerifyErrorKind,
};

const TIMESTAMPED: Scheme = Scheme::timestamped("X-Fake-Signature", "/event/id");
const HEADER: &str = "x-fake-signature";
const SECRET: &str = "fake-endpoint-secret-0001";
const STANDARD_SECRET: &str = "whsec_aW52ZW50ZWQgZm9yIHRlc3RzLCAzMiBieXRlcyBub3c=";
const BODY: &str = r#"{"event":{"id":"evt_fake_0001","type":"contact.created"}}"#;

/// Tuesday, 10 March 2026, 08:00:00 UTC.
const NOW: u64 = 1_773_129_600;

fn now() -> SystemTime {
    at(NOW)
}

fn at(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

fn verifier() -> Verifier {
    Verifier::new(TIMESTAMPED, [SECRET]).unwrap()
}

fn standard_verifier() -> Verifier {
    Verifier::new(Scheme::STANDARD, [STANDARD_SECRET]).unwrap()
}

fn id() -> EventId {
    EventId::new("msg_fake_0001").unwrap()
}

/// The headers of a delivery that is signed now.
fn signed(scheme: Scheme, secret: &str, body: &str) -> HeaderMap {
    signed_at(scheme, secret, NOW, body)
}

fn signed_at(scheme: Scheme, secret: &str, seconds: u64, body: &str) -> HeaderMap {
    Signer::new(scheme, secret).unwrap().sign(&id(), at(seconds), body.as_bytes()).unwrap()
}

/// Headers with one header.
fn header(value: impl AsRef<[u8]>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(HEADER, HeaderValue::from_bytes(value.as_ref()).unwrap());
    headers
}

/// The value of the header of a delivery that is signed now.
fn header_text() -> String {
    signed(TIMESTAMPED, SECRET, BODY)[HEADER].to_str().unwrap().to_owned()
}

/// The signature of a delivery that is signed now, in hex.
fn hex() -> String {
    header_text().rsplit('=').next().unwrap().to_owned()
}

/// What the verifier says of a header beside [`BODY`].
fn verify(value: impl AsRef<[u8]>) -> Result<Delivery, VerifyError> {
    verifier().verify(&header(value), BODY, now())
}

fn kind<T>(result: Result<T, VerifyError>) -> Option<VerifyErrorKind> {
    result.err().map(VerifyError::kind)
}

/// Verifies with a secret that may not even be one.
fn verify_with(scheme: Scheme, secret: &str, headers: &HeaderMap) -> Result<bool, SecretsError> {
    Verifier::new(scheme, [secret]).map(|verifier| verifier.verify(headers, BODY, now()).is_ok())
}
