//! What an answer says about itself: who wrote it, and its name for the request.

use http::HeaderMap;
use specwright_backoff::Author;
use specwright_core::operation::Answer;
use specwright_core::security::ErrorEnvelope;
use specwright_core::types::Json;

/// Headers in which servers name a request.
const REQUEST_ID_HEADERS: [&str; 2] = ["x-request-id", "request-id"];

/// What is known of an error answer beyond its status.
#[derive(Clone, Debug)]
pub(crate) struct Provenance {
    pub(crate) author: Author,
    pub(crate) code: Option<String>,
    /// The one in the envelope; the headers may have one too.
    pub(crate) request_id: Option<String>,
}

impl Provenance {
    /// Reads an error answer. Another one has no envelope.
    ///
    /// The application signs its errors with a request id in their envelope, or with a code where it names no request. A
    /// page of a gateway has neither, whatever its status. It was not stored under an idempotency key, and that is why
    /// the difference matters. Of an API whose envelope is not known every answer counts as the application's: to repeat
    /// less is the safe side.
    pub(crate) fn read(answer: &Answer, envelope: Option<&ErrorEnvelope>) -> Self {
        // A success may be large, and nobody asks who wrote it.
        let error = (answer.status() >= 400).then(|| answer.json::<Json>().ok()).flatten();
        let body = error.unwrap_or_default();
        let text = |pointer: &str| body.pointer(pointer).and_then(Json::as_str);
        let code = envelope.and_then(|envelope| text(envelope.code));
        let request_id = envelope.and_then(|envelope| text(envelope.request_id?));
        let author = match envelope {
            None => Author::Application,
            Some(envelope) => {
                let signature = if envelope.request_id.is_some() { request_id } else { code };
                match signature {
                    None => Author::Edge,
                    Some(_) if code.is_some_and(|code| envelope.server_faults.contains(&code)) => {
                        Author::ApplicationAtFault
                    }
                    Some(_) => Author::Application,
                }
            }
        };
        Self { author, code: code.map(str::to_owned), request_id: request_id.map(str::to_owned) }
    }
}

/// Whether a success was surely not written by the application: JSON was asked for, and what came neither says that it is
/// JSON nor is it. So looks the page of a gateway that is closed for maintenance. JSON that does not fit the document is the
/// application's all the same, and so is JSON that says it is something else.
pub(crate) fn is_of_another(answer: &Answer, accept: &str) -> bool {
    let says_other = answer
        .content_type()
        .is_some_and(|media_type| !media_type.contains("json") && !accept.contains(&media_type));
    (200..=299).contains(&answer.status())
        && accept.contains("json")
        && !accept.contains('*')
        && says_other
        && answer.json::<Json>().is_err()
}

/// The server's name for the request, as the headers of any answer have it.
pub(crate) fn request_id_in(headers: &HeaderMap) -> Option<&str> {
    REQUEST_ID_HEADERS.iter().find_map(|name| headers.get(*name)?.to_str().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENVELOPE: ErrorEnvelope = ErrorEnvelope {
        request_id: Some("/error/request_id"),
        code: "/error/code",
        server_faults: &["api_error"],
    };

    fn read(body: &'static str) -> Provenance {
        Provenance::read(&answer(body), Some(&ENVELOPE))
    }

    fn answer(body: &'static str) -> Answer {
        Answer::new(500, HeaderMap::new(), body)
    }

    #[test]
    fn without_a_known_envelope_every_answer_is_the_applications() {
        let read = Provenance::read(&answer("<html>"), None);
        assert_eq!(read.author, Author::Application);
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
    fn where_no_request_is_named_a_code_is_the_signature() {
        const FLAT: ErrorEnvelope =
            ErrorEnvelope { request_id: None, code: "/code", server_faults: &["INTERNAL"] };
        for (body, author) in [
            (r#"{"code":"UNAUTHORIZED","message":"no"}"#, Author::Application),
            (r#"{"code":"INTERNAL","message":"no"}"#, Author::ApplicationAtFault),
            (r#"{"message":"no"}"#, Author::Edge),
            (r#"{"code":500}"#, Author::Edge),
            ("<html>", Author::Edge),
        ] {
            let read = Provenance::read(&answer(body), Some(&FLAT));
            assert_eq!(read.author, author, "{body}");
        }
    }

    #[test]
    fn a_success_is_of_another_only_if_it_neither_says_that_it_is_json_nor_is_it() {
        for (media_type, body, expected) in [
            ("text/html; charset=utf-8", "<html>", true),
            ("text/html", "{}", false),
            ("application/problem+json", "<html>", false),
            ("application/json", "{", false),
        ] {
            let value = http::HeaderValue::from_static(media_type);
            let headers = HeaderMap::from_iter([(http::header::CONTENT_TYPE, value)]);
            let answer = Answer::new(200, headers.clone(), body);
            assert_eq!(is_of_another(&answer, "application/json"), expected, "{media_type}");
            for other in ["text/csv", "*/*", "application/json, text/html", "application/json, */*"]
            {
                assert!(!is_of_another(&answer, other), "{media_type}, {other}");
            }
            assert!(!is_of_another(&Answer::new(404, headers, body), "application/json"));
        }
        let empty = Answer::new(204, HeaderMap::new(), "");
        assert!(!is_of_another(&empty, "application/json"));
    }

    #[test]
    fn anything_else_is_the_edges() {
        for body in ["", "<html>", "[]", "null", r#"{"error":"busy"}"#, r#"{"error":{"code":"x"}}"#]
        {
            assert_eq!(read(body).author, Author::Edge, "{body}");
        }
    }
}
