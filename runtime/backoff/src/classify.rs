//! From an answer or a failure to a row of the retry matrix.

use std::time::SystemTime;

use http::{HeaderMap, Method, StatusCode};

use crate::hint;
use crate::matrix::{Class, Event};

/// Who wrote an answer. A gateway's 500 was not stored under an idempotency key; the application's was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Author {
    /// The application: the body is the vendor's error envelope with a request id.
    Application,
    /// The application, with the envelope's code for a fault that is not the caller's (`api_error`).
    ApplicationAtFault,
    /// Something in front of it, or unknown.
    Edge,
}

/// Whether an earlier attempt of the same call may have been executed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Earlier {
    /// Every earlier attempt surely had no effect, or there was none.
    WithoutEffect,
    /// At least one may have had its effect.
    Unknown,
}

/// How the document describes repeating an operation, reduced to what the matrix needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeat {
    /// Changes nothing.
    Safe,
    /// The second time has no further effect.
    Idempotent,
    /// This request carries an idempotency key.
    Keyed,
    /// Each time has its effect.
    Unsafe,
}

/// The column of the matrix for a request.
///
/// What the document says wins over the method: a POST that is said to be safe is retried as a GET.
pub fn class_of(method: &Method, repeat: Repeat) -> Class {
    match repeat {
        Repeat::Safe => Class::Safe,
        Repeat::Idempotent if *method == Method::DELETE => Class::Delete,
        Repeat::Idempotent => Class::Put,
        Repeat::Keyed => Class::Keyed,
        Repeat::Unsafe if *method == Method::PATCH => Class::Patch,
        Repeat::Unsafe => Class::Post,
    }
}

/// The row of the matrix for an answer.
///
/// `local_now` is needed to tell whether a `Retry-After` is usable; see [`hint`].
pub fn classify(
    status: StatusCode,
    headers: &HeaderMap,
    author: Author,
    earlier: Earlier,
    local_now: SystemTime,
) -> Event {
    match (status.as_u16(), author, earlier) {
        (200..=299, ..) => Event::Success,
        (300..=399, ..) => Event::Redirect,
        (400, Author::ApplicationAtFault, _) => Event::UpstreamFault,
        (401, ..) => Event::Unauthorized,
        (404 | 410, _, Earlier::Unknown) => Event::GoneAfterUnknown,
        (408, ..) => Event::RequestTimeout,
        (429, ..) => Event::Throttled,
        (503, ..) if hint::retry_after(headers, local_now).is_some() => Event::Busy,
        (503, ..) => Event::Unavailable,
        // 502 and 504 speak of the application, so it did not write them, whatever the body looks like.
        (502 | 504, ..) | (500.., Author::Edge, _) => Event::EdgeFault,
        (500.., ..) => Event::AppFault,
        // 1xx cannot be a final answer; everything else of the 400 family was looked at and refused.
        _ => Event::Refused,
    }
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use http::HeaderValue;
    use http::header::RETRY_AFTER;

    use super::*;

    fn event(status: u16, author: Author) -> Event {
        let status = StatusCode::from_u16(status).unwrap();
        classify(status, &HeaderMap::new(), author, Earlier::WithoutEffect, UNIX_EPOCH)
    }

    #[test]
    fn each_status_has_its_row() {
        let rows = [
            (200, Event::Success),
            (204, Event::Success),
            (301, Event::Redirect),
            (308, Event::Redirect),
            (400, Event::Refused),
            (401, Event::Unauthorized),
            (403, Event::Refused),
            (404, Event::Refused),
            (406, Event::Refused),
            (408, Event::RequestTimeout),
            (409, Event::Refused),
            (422, Event::Refused),
            (429, Event::Throttled),
            (500, Event::AppFault),
            (502, Event::EdgeFault),
            (503, Event::Unavailable),
            (504, Event::EdgeFault),
        ];
        for (status, expected) in rows {
            assert_eq!(event(status, Author::Application), expected, "{status}");
        }
    }

    #[test]
    fn a_500_that_the_application_did_not_write_is_the_edge() {
        assert_eq!(event(500, Author::Edge), Event::EdgeFault);
    }

    #[test]
    fn a_400_with_the_code_of_a_foreign_fault_is_not_a_refusal() {
        assert_eq!(event(400, Author::ApplicationAtFault), Event::UpstreamFault);
    }

    #[test]
    fn a_503_is_busy_only_with_a_usable_hint() {
        let with = |value| {
            let headers = HeaderMap::from_iter([(RETRY_AFTER, HeaderValue::from_static(value))]);
            classify(
                StatusCode::SERVICE_UNAVAILABLE,
                &headers,
                Author::Edge,
                Earlier::WithoutEffect,
                UNIX_EPOCH,
            )
        };
        assert_eq!(with("3"), Event::Busy);
        assert_eq!(with("inf"), Event::Unavailable);
    }

    #[test]
    fn not_found_after_an_unknown_outcome_has_its_own_row() {
        let headers = HeaderMap::new();
        let event = classify(
            StatusCode::NOT_FOUND,
            &headers,
            Author::Application,
            Earlier::Unknown,
            UNIX_EPOCH,
        );
        assert_eq!(event, Event::GoneAfterUnknown);
    }

    #[test]
    fn what_the_document_says_wins_over_the_method() {
        assert_eq!(class_of(&Method::POST, Repeat::Safe), Class::Safe);
        assert_eq!(class_of(&Method::POST, Repeat::Keyed), Class::Keyed);
        assert_eq!(class_of(&Method::POST, Repeat::Unsafe), Class::Post);
        assert_eq!(class_of(&Method::PATCH, Repeat::Unsafe), Class::Patch);
        assert_eq!(class_of(&Method::DELETE, Repeat::Idempotent), Class::Delete);
        assert_eq!(class_of(&Method::PATCH, Repeat::Idempotent), Class::Put);
    }
}
