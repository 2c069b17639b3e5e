//! What an answer says about itself: who wrote it, and its name for the request.

use specwright_backoff::Author;
use specwright_core::operation::Answer;
use specwright_core::types::Json;

/// Headers in which servers name a request.
const REQUEST_ID_HEADERS: [&str; 2] = ["x-request-id", "request-id"];

/// The code of an error that is not the caller's fault although its status says so.
const FOREIGN_FAULT: &str = "api_error";

/// What is known of an error answer beyond its status.
#[derive(Clone, Debug)]
pub(crate) struct Provenance {
    pub(crate) author: Author,
    pub(crate) request_id: Option<String>,
}

impl Provenance {
    /// Reads an error answer.
    ///
    /// The application signs its errors with a request id inside of `error`. A page of a gateway has none, whatever its
    /// status; it was not stored under an idempotency key, and that is why the difference matters.
    pub(crate) fn read(answer: &Answer) -> Self {
        let body = answer.json::<Json>().unwrap_or_default();
        let error = &body["error"];
        let signature = error["request_id"].as_str();
        let author = match (signature, error["code"].as_str()) {
            (Some(_), Some(FOREIGN_FAULT)) => Author::ApplicationAtFault,
            (Some(_), _) => Author::Application,
            (None, _) => Author::Edge,
        };
        let in_header = || {
            REQUEST_ID_HEADERS.iter().find_map(|name| answer.headers().get(*name)?.to_str().ok())
        };
        Self { author, request_id: signature.or_else(in_header).map(str::to_owned) }
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::*;

    fn read(body: &'static str) -> Provenance {
        let mut headers = HeaderMap::new();
        headers.insert("x-request-id", "from-header".parse().unwrap());
        Provenance::read(&Answer::new(500, headers, body))
    }

    #[test]
    fn an_envelope_with_a_request_id_is_the_applications() {
        let read = read(r#"{"error":{"code":"internal_server_error","request_id":"r-1"}}"#);
        assert_eq!(read.author, Author::Application);
        assert_eq!(read.request_id.as_deref(), Some("r-1"));
    }

    #[test]
    fn the_code_of_a_foreign_fault_is_told_apart() {
        let read = read(r#"{"error":{"code":"api_error","request_id":"r-1"}}"#);
        assert_eq!(read.author, Author::ApplicationAtFault);
    }

    #[test]
    fn anything_else_is_the_edges() {
        for body in ["", "<html>", "[]", "null", r#"{"error":"busy"}"#, r#"{"error":{"code":"x"}}"#]
        {
            let read = read(body);
            assert_eq!(read.author, Author::Edge, "{body}");
            assert_eq!(read.request_id.as_deref(), Some("from-header"), "{body}");
        }
    }
}
