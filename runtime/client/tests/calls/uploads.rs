//! Bodies that are read while they are sent.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use specwright_client::operation::Idempotency;
use specwright_client::transport::{
    BoxError, BoxFuture, RequestBody, SendErrorKind, Sent, UploadReader,
};
use specwright_client::types::{Bytes, Json};
use specwright_client::{
    AnyError, Clock as _, ErrorKind, GaveUp, Happened, Method, RawRequest, Response, StaticToken,
    Upload,
};
use specwright_testkit::{Script, VirtualClock};

use crate::shelf::{BOOKS, Shelf, found, signed};

const SECOND: Duration = Duration::from_secs(1);
const KEYED: Idempotency =
    Idempotency::Key { header: "Idempotency-Key", retention_seconds: Some(86_400) };

/// A body of three words, each of which takes its time.
#[derive(Clone)]
struct Words {
    clock: VirtualClock,
    pause: Duration,
    given: usize,
    /// It fails after so many.
    fails_after: usize,
}

impl UploadReader for Words {
    fn next(&mut self) -> BoxFuture<'_, Result<Option<Bytes>, BoxError>> {
        Box::pin(async move {
            if !self.pause.is_zero() {
                self.clock.sleep(self.pause).await;
            }
            if self.given == self.fails_after {
                return Err("the disk is gone".into());
            }
            let word = ["one ", "two ", "three"].get(self.given);
            self.given += 1;
            Ok(word.map(|word| Bytes::from_static(word.as_bytes())))
        })
    }
}

const WORDS: &str = "one two three";

fn words(shelf: &Shelf) -> Words {
    Words { clock: shelf.clock.clone(), pause: Duration::ZERO, given: 0, fails_after: usize::MAX }
}

/// An upload that can be opened as often as it is asked for.
fn anew(words: Words) -> Upload {
    Upload::new(move || words.clone()).with_length(WORDS.len() as u64)
}

fn request(shelf: &Shelf, method: Method, body: impl Into<RequestBody>) -> RawRequest {
    shelf.client.request(method, BOOKS).body("application/octet-stream", body)
}

async fn put(shelf: &Shelf, body: impl Into<RequestBody>) -> Result<Response<()>, AnyError> {
    request(shelf, Method::PUT, body).send().await
}

fn lost() -> Script {
    Script::failure(Sent::Maybe, SendErrorKind::Interrupted)
}

fn refused() -> Script {
    Script::failure(Sent::No, SendErrorKind::Connect)
}

/// What of the body came with each request.
fn bodies(shelf: &Shelf) -> Vec<String> {
    let text = |body: Bytes| String::from_utf8(body.to_vec()).unwrap();
    shelf.sent().into_iter().map(|request| text(request.body)).collect()
}

fn gave_up(error: &AnyError) -> Option<GaveUp> {
    match error.timeline().entries().last()?.happened {
        Happened::GaveUp(reason) => Some(reason),
        _ => None,
    }
}

#[tokio::test]
async fn an_upload_goes_out_with_its_media_type() {
    let shelf = Shelf::with_static_token();
    shelf.transport.push(BOOKS, found());
    put(&shelf, anew(words(&shelf))).await.unwrap();
    assert_eq!(bodies(&shelf), [WORDS]);
    assert_eq!(shelf.sent()[0].header("content-type"), Some("application/octet-stream"));
}

#[tokio::test]
async fn each_attempt_reads_the_same_bytes_from_the_beginning() {
    let shelf = Shelf::with_refresh();
    for script in [lost().reading(2), signed(401, "invalid_token"), Script::status(503), found()] {
        shelf.transport.push(BOOKS, script);
    }
    put(&shelf, anew(words(&shelf))).await.unwrap();
    assert_eq!(bodies(&shelf), ["one two ", WORDS, WORDS, WORDS]);
    assert_eq!(shelf.tokens()[1..3], ["Bearer fake-token-1", "Bearer fake-token-2"]);
}

#[tokio::test]
async fn an_upload_that_may_have_had_its_effect_is_not_sent_again() {
    let shelf = Shelf::with_static_token();
    shelf.transport.always(BOOKS, lost());
    let error = request(&shelf, Method::POST, anew(words(&shelf))).send().await.unwrap_err();
    assert_eq!((error.kind(), shelf.sent().len()), (ErrorKind::OutcomeUnknown, 1));
}

#[tokio::test]
async fn every_attempt_of_a_keyed_upload_has_its_key() {
    let shelf = Shelf::with_static_token();
    shelf.transport.push(BOOKS, lost());
    shelf.transport.push(BOOKS, found());
    let call = request(&shelf, Method::POST, anew(words(&shelf))).idempotency(KEYED);
    call.send().await.unwrap();
    let sent = shelf.sent();
    let keys: Vec<_> = sent.iter().map(|request| request.header("idempotency-key")).collect();
    assert!(keys.len() == 2 && keys[0].is_some() && keys[0] == keys[1]);
}

#[tokio::test]
async fn an_upload_that_is_read_once_is_sent_again_if_nothing_was_read() {
    for unread in [refused(), lost().reading(0), Script::status(503).reading(0)] {
        let shelf = Shelf::with_static_token();
        shelf.transport.push(BOOKS, unread);
        shelf.transport.push(BOOKS, found());
        put(&shelf, Upload::once(words(&shelf))).await.unwrap();
        assert_eq!(bodies(&shelf), ["", WORDS]);
    }
}

#[tokio::test]
async fn an_upload_that_is_read_once_is_not_sent_again_after_its_first_byte() {
    for (script, kind) in [
        (lost().reading(1), ErrorKind::Transport),
        (Script::status(503), ErrorKind::Status),
        (signed(429, "too_many_requests"), ErrorKind::RateLimited),
        (signed(401, "invalid_token"), ErrorKind::Credentials),
    ] {
        let shelf = Shelf::with_refresh();
        shelf.transport.push(BOOKS, script);
        shelf.transport.always(BOOKS, found());
        let error = put(&shelf, Upload::once(words(&shelf))).await.unwrap_err();
        assert_eq!((error.kind(), shelf.sent().len()), (kind, 1));
        // By a caller who has the bytes once more.
        assert!(error.is_retryable(), "{kind:?}");
        assert_eq!(gave_up(&error), Some(GaveUp::BodySpent));
    }
}

#[tokio::test]
async fn a_refused_token_is_renewed_for_the_next_call_if_this_one_cannot_go_on() {
    let shelf = Shelf::with_refresh();
    shelf.transport.push(BOOKS, signed(401, "invalid_token"));
    shelf.transport.push(BOOKS, found());
    put(&shelf, Upload::once(words(&shelf))).await.unwrap_err();
    put(&shelf, Upload::once(words(&shelf))).await.unwrap();
    assert_eq!(shelf.tokens(), ["Bearer fake-token-1", "Bearer fake-token-2"]);
}

#[tokio::test]
async fn an_upload_that_was_read_before_is_not_sent_at_all() {
    let shelf = Shelf::with_static_token();
    shelf.transport.always(BOOKS, found());
    let upload = Upload::once(words(&shelf));
    put(&shelf, upload.clone()).await.unwrap();
    let error = put(&shelf, upload).await.unwrap_err();
    assert_eq!((error.kind(), shelf.sent().len()), (ErrorKind::Upload, 1));
}

#[tokio::test]
async fn a_reader_that_fails_ends_the_call() {
    for method in [Method::PUT, Method::POST] {
        let shelf = Shelf::with_static_token();
        shelf.transport.always(BOOKS, found());
        let failing = Words { fails_after: 2, ..words(&shelf) };
        let error = request(&shelf, method, anew(failing)).send().await.unwrap_err();
        assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::Upload, false));
        assert!(causes(&error).ends_with(&["the disk is gone".to_owned()]), "{error:?}");
        assert_eq!(bodies(&shelf), ["one two "]);
    }
}

fn causes(error: &AnyError) -> Vec<String> {
    let first = std::error::Error::source(&**error);
    std::iter::successors(first, |cause| cause.source()).map(ToString::to_string).collect()
}

#[tokio::test]
async fn a_reader_that_fails_in_the_second_attempt_leaves_the_first_one_open() {
    let shelf = Shelf::with_static_token();
    shelf.transport.push(BOOKS, lost());
    shelf.transport.always(BOOKS, found());
    let opened = Arc::new(AtomicUsize::new(0));
    let words = words(&shelf);
    let upload = Upload::new(move || {
        let fails_after = if opened.fetch_add(1, Ordering::SeqCst) == 0 { usize::MAX } else { 1 };
        Words { fails_after, ..words.clone() }
    });
    let call = request(&shelf, Method::POST, upload).idempotency(KEYED);
    assert_eq!(call.send().await.unwrap_err().kind(), ErrorKind::OutcomeUnknown);
}

#[tokio::test]
async fn an_upload_of_another_length_than_said_is_never_a_success() {
    for length in [5, 12, 14] {
        let shelf = Shelf::with_static_token();
        shelf.transport.always(BOOKS, found());
        let upload = anew(words(&shelf)).with_length(length);
        let error = put(&shelf, upload).await.unwrap_err();
        assert_eq!((error.kind(), shelf.sent().len()), (ErrorKind::Upload, 1), "{length}");
    }
}

#[tokio::test]
async fn an_upload_of_an_hour_is_within_the_deadline_of_the_client() {
    let shelf = Shelf::with_static_token();
    shelf.transport.push(BOOKS, Script::status(503));
    shelf.transport.push(BOOKS, found());
    let slow = Words { pause: 29 * SECOND, ..words(&shelf) };
    // Sixteen times with a pause before each of four chunks, in each of two attempts: an hour.
    let upload = Upload::new(move || Many { words: slow.clone(), left: 15 });
    put(&shelf, upload).await.unwrap();
    assert_eq!(shelf.sent().len(), 2);
    assert!(shelf.elapsed() > 3_000 * SECOND, "{:?}", shelf.elapsed());
}

/// The same words again and again.
struct Many {
    words: Words,
    left: usize,
}

impl UploadReader for Many {
    fn next(&mut self) -> BoxFuture<'_, Result<Option<Bytes>, BoxError>> {
        Box::pin(async move {
            let word = self.words.next().await?;
            if word.is_some() || self.left == 0 {
                return Ok(word);
            }
            self.left -= 1;
            self.words.given = 0;
            Ok(Some(Bytes::from_static(b" ")))
        })
    }
}

#[tokio::test]
async fn a_deadline_of_the_call_holds_for_its_upload() {
    let shelf = Shelf::with_static_token();
    shelf.transport.always(BOOKS, found());
    let upload = anew(Words { pause: 20 * SECOND, ..words(&shelf) });
    let call = request(&shelf, Method::PUT, upload).with_deadline(50 * SECOND);
    assert_eq!(call.send().await.unwrap_err().kind(), ErrorKind::Deadline);
    assert_eq!(shelf.elapsed(), 50 * SECOND);
}

#[tokio::test]
async fn a_server_that_takes_nothing_for_half_a_minute_is_given_up() {
    let shelf = Shelf::with_static_token();
    shelf.transport.always(BOOKS, Script::silence().reading(2));
    let upload = Upload::once(Words { pause: 10 * SECOND, ..words(&shelf) });
    let error = put(&shelf, upload).await.unwrap_err();
    assert_eq!((error.kind(), bodies(&shelf)), (ErrorKind::Transport, vec!["one two ".to_owned()]));
    assert_eq!(shelf.elapsed(), 50 * SECOND);
}

#[tokio::test]
async fn a_reader_that_gives_nothing_for_half_a_minute_is_at_fault_itself() {
    let shelf = Shelf::with_static_token();
    shelf.transport.always(BOOKS, found());
    let upload = anew(Words { pause: 31 * SECOND, ..words(&shelf) });
    let error = put(&shelf, upload).await.unwrap_err();
    assert_eq!((error.kind(), shelf.sent().len()), (ErrorKind::Upload, 1));
    assert_eq!(shelf.elapsed(), 30 * SECOND);
}

#[tokio::test]
async fn an_answer_has_a_minute_after_the_last_byte() {
    for (wait, kind) in [(59, None), (61, Some(ErrorKind::Transport))] {
        let shelf = Shelf::with_static_token();
        shelf.transport.always(BOOKS, found().after(wait * SECOND));
        let upload = Upload::once(Words { pause: 20 * SECOND, ..words(&shelf) });
        let outcome = put(&shelf, upload).await;
        assert_eq!(outcome.err().map(|error| error.kind()), kind, "{wait}");
        assert_eq!(shelf.elapsed(), 80 * SECOND + wait.min(60) * SECOND);
    }
}

#[tokio::test]
async fn a_connection_has_the_time_of_an_attempt_before_the_first_byte() {
    let shelf = Shelf::with_static_token();
    shelf.transport.always(BOOKS, Script::silence().reading(0));
    let call = request(&shelf, Method::POST, anew(words(&shelf)));
    assert_eq!(call.send().await.unwrap_err().kind(), ErrorKind::OutcomeUnknown);
    assert_eq!(shelf.elapsed(), 60 * SECOND);
}

#[tokio::test]
async fn a_large_chunk_is_handed_over_in_small_ones() {
    let shelf = with_real_reading();
    shelf.transport.push(BOOKS, Script::status(413).reading(1));
    let zeros = vec![0; 1024 * 1024];
    let upload = Upload::from_read(move || Ok(std::io::Cursor::new(zeros.clone())));
    assert_eq!(put(&shelf, upload).await.unwrap_err().status(), Some(413));
    assert_eq!(shelf.sent()[0].body.len(), 16 * 1024);
}

#[tokio::test]
async fn bytes_that_are_there_need_no_upload() {
    let shelf = Shelf::with_static_token();
    shelf.transport.push(BOOKS, lost());
    shelf.transport.push(BOOKS, found());
    put(&shelf, Bytes::from_static(b"bytes")).await.unwrap();
    assert_eq!(bodies(&shelf), ["bytes", "bytes"]);
}

#[tokio::test]
async fn an_upload_may_be_answered_by_a_download() {
    let shelf = Shelf::with_static_token();
    shelf.transport.push(BOOKS, lost());
    shelf.transport.push(BOOKS, Script::status(200).chunks(["a", "b"]));
    let call = request(&shelf, Method::PUT, anew(words(&shelf)));
    let download = call.download("application/pdf").await.unwrap();
    assert_eq!(download.bytes().await.unwrap(), "ab");
    assert_eq!(bodies(&shelf), [WORDS, WORDS]);
}

/// A client whose clock stands still: a thread that reads a file is nothing that a virtual clock knows of.
fn with_real_reading() -> Shelf {
    Shelf::with_credentials_on(VirtualClock::new(), StaticToken::new("fake-static"))
}

/// A file of this test alone.
struct Scratch(std::path::PathBuf);

impl Scratch {
    fn new(name: &str, text: &str) -> Self {
        let name = format!("specwright-upload-{name}-{}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::write(&path, text).unwrap();
        Self(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        drop(std::fs::remove_file(&self.0));
    }
}

#[tokio::test]
async fn a_file_is_sent_with_its_length() {
    let shelf = with_real_reading();
    shelf.transport.push(BOOKS, found());
    let file = Scratch::new("length", WORDS);
    let upload = Upload::from_path(&file.0).await.unwrap();
    assert_eq!(format!("{upload:?}"), "Upload(13 bytes)");
    put(&shelf, upload).await.unwrap();
    assert_eq!(bodies(&shelf), [WORDS]);
}

#[tokio::test]
async fn a_file_that_grows_or_shrinks_meanwhile_is_an_error() {
    for text in ["one two", "one two three four"] {
        let shelf = with_real_reading();
        shelf.transport.push(BOOKS, found());
        let file = Scratch::new("change", WORDS);
        let upload = Upload::from_path(&file.0).await.unwrap();
        std::fs::write(&file.0, text).unwrap();
        assert_eq!(put(&shelf, upload).await.unwrap_err().kind(), ErrorKind::Upload, "{text}");
    }
}

#[tokio::test]
async fn a_file_that_is_not_there_is_an_error_before_any_call() {
    let error = Upload::from_path("/nowhere/at/all").await.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::NotFound);
}

#[tokio::test]
async fn a_file_that_is_gone_is_an_error_of_the_caller() {
    let shelf = with_real_reading();
    shelf.transport.push(BOOKS, found());
    let file = Scratch::new("gone", WORDS);
    let upload = Upload::from_path(&file.0).await.unwrap();
    drop(file);
    let error = put(&shelf, upload).await.unwrap_err();
    assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::Upload, false));
}

#[tokio::test]
async fn nothing_shows_a_byte_of_an_upload() {
    let shelf = Shelf::with_static_token();
    let upload = Upload::from_read(|| Ok(std::io::Cursor::new("canary")));
    let call = request(&shelf, Method::PUT, upload.clone());
    let shown = format!("{upload:?} {call:?} {:?}", RequestBody::from(upload.clone()));
    assert!(!shown.contains("canary"), "{shown}");
}

#[tokio::test]
async fn json_is_no_upload() {
    let shelf = Shelf::with_static_token();
    shelf.transport.push(BOOKS, found());
    shelf.client.request(Method::PUT, BOOKS).json(&Json::from(7)).send().await.unwrap();
    assert_eq!(shelf.sent()[0].limits.timeout, 60 * SECOND);
}

#[cfg(feature = "stream")]
mod streams {
    use std::pin::Pin;
    use std::task::{Context, Poll};

    use specwright_client::Stream;

    use super::*;

    /// Words without a wait.
    #[derive(Clone)]
    struct WordStream(std::slice::Iter<'static, &'static str>);

    impl Stream for WordStream {
        type Item = Result<Bytes, std::io::Error>;

        fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
            Poll::Ready(self.0.next().map(|word| Ok(Bytes::from_static(word.as_bytes()))))
        }
    }

    #[tokio::test]
    async fn a_stream_is_begun_anew_or_sent_once() {
        static SAID: [&str; 2] = ["one ", "two"];
        let words = || WordStream(SAID.iter());
        let shelf = Shelf::with_static_token();
        for script in [lost(), found(), lost()] {
            shelf.transport.push(BOOKS, script);
        }
        put(&shelf, Upload::from_stream(words)).await.unwrap();
        put(&shelf, Upload::once_from_stream(words())).await.unwrap_err();
        assert_eq!(bodies(&shelf), ["one two"; 3]);
    }
}
