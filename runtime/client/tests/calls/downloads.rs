//! Bodies that are read while they arrive.

use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;

use specwright_client::operation::Operation;
use specwright_client::transport::{
    AttemptLimits, BoxFuture, SendError, SendErrorKind, Sent, Transport, TransportRequest,
    TransportResponse,
};
use specwright_client::{AnyError, CallOptions, Client, Download, Error, ErrorKind, StaticToken};
use specwright_testkit::{Script, ScriptedTransport};

use crate::shelf::{BOOKS, CreateBook, Failure, GetBook, Shelf, builder, signed};

const PDF: &str = "application/pdf";

const MEBIBYTE: usize = 1024 * 1024;

async fn download<O: Operation>(shelf: &Shelf, request: O) -> Result<Download, Error<O::Error>> {
    shelf.client.download(&request, PDF, CallOptions::default()).await
}

fn file() -> Script {
    Script::status(200).header("content-type", "application/pdf; v=1").chunks(["one ", "two"])
}

/// A client that gets this answer to everything, and the download that begins with it.
async fn begun(script: Script) -> (Shelf, Download) {
    let shelf = Shelf::with_static_token();
    shelf.transport.always(BOOKS, script);
    let download = download(&shelf, GetBook).await.unwrap();
    (shelf, download)
}

/// The chunks up to the error that ends them.
async fn broken(mut download: Download) -> (Vec<String>, AnyError) {
    let mut chunks = Vec::new();
    loop {
        match download.chunk().await {
            Ok(chunk) => chunks.push(String::from_utf8(chunk.unwrap().to_vec()).unwrap()),
            Err(error) => return (chunks, error),
        }
    }
}

#[tokio::test]
async fn a_file_is_asked_for_by_its_media_type_with_the_clients_credentials() {
    let (shelf, download) = begun(file()).await;
    assert_eq!(download.status(), 200);
    assert_eq!(download.content_type().as_deref(), Some(PDF));
    assert_eq!(download.bytes().await.unwrap(), "one two");
    let request = shelf.sent().remove(0);
    assert_eq!(request.header("accept"), Some(PDF));
    assert_eq!(request.header("authorization"), Some("Bearer fake-static"));
}

#[tokio::test]
async fn chunks_come_one_by_one_and_the_end_stays_the_end() {
    let (_, mut download) = begun(file().header("content-length", "7")).await;
    assert_eq!(download.content_length(), Some(7));
    assert_eq!(download.chunk().await.unwrap().unwrap(), "one ");
    assert_eq!(download.chunk().await.unwrap().unwrap(), "two");
    assert!(download.chunk().await.unwrap().is_none());
    assert!(download.chunk().await.unwrap().is_none());
}

#[tokio::test]
async fn a_file_that_breaks_off_is_never_a_short_success() {
    let (_, download) = begun(file().breaking(SendErrorKind::Interrupted)).await;
    let (chunks, error) = broken(download).await;
    assert_eq!(chunks, ["one ", "two"]);
    assert_eq!((error.kind(), error.status()), (ErrorKind::Transport, Some(200)));
    assert_eq!((error.operation(), error.is_retryable()), (Some("get_book"), true));
    let (_, download) = begun(file().breaking(SendErrorKind::Interrupted)).await;
    assert_eq!(download.bytes().await.unwrap_err().kind(), ErrorKind::Transport);
}

#[tokio::test]
async fn a_file_that_breaks_off_has_the_request_id_for_support() {
    let script = file().header("x-request-id", "r-7").breaking(SendErrorKind::Interrupted);
    let (_, download) = begun(script).await;
    assert_eq!(download.bytes().await.unwrap_err().request_id(), Some("r-7"));
}

#[tokio::test]
async fn a_download_that_has_failed_never_ends_well() {
    let (_, mut download) = begun(Script::status(200).breaking(SendErrorKind::Protocol)).await;
    for _ in 0..3 {
        assert_eq!(download.chunk().await.unwrap_err().kind(), ErrorKind::Transport);
    }
}

#[tokio::test]
async fn nothing_is_asked_for_again_once_a_file_has_begun() {
    let (shelf, download) = begun(Script::status(200).breaking(SendErrorKind::Interrupted)).await;
    broken(download).await;
    assert_eq!(shelf.sent().len(), 1);
}

#[tokio::test]
async fn a_file_that_has_not_begun_is_asked_for_as_any_other_answer() {
    let shelf = Shelf::with_refresh();
    for script in [
        Script::failure(Sent::Maybe, SendErrorKind::Interrupted),
        signed(401, "invalid_token"),
        Script::status(503),
        file(),
    ] {
        shelf.transport.push(BOOKS, script);
    }
    assert_eq!(download(&shelf, GetBook).await.unwrap().bytes().await.unwrap(), "one two");
    assert_eq!(shelf.sent().len(), 4);
}

#[tokio::test]
async fn an_error_status_is_the_documents_error() {
    let shelf = Shelf::with_static_token();
    shelf.transport.push(BOOKS, signed(406, "invalid_format"));
    let error = download(&shelf, GetBook).await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Status, Some(406)));
    assert_eq!(error.api(), Some(&Failure { message: "no".to_owned() }));
    assert_eq!((error.request_id(), error.body().unwrap().is_empty()), (Some("r-1"), false));
}

#[tokio::test]
async fn an_error_body_that_breaks_off_is_no_answer() {
    let shelf = Shelf::with_static_token();
    let broken = Script::status(422).body("{").breaking(SendErrorKind::Interrupted);
    shelf.transport.always(BOOKS, broken);
    let error = download(&shelf, GetBook).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Transport, 3));
}

#[tokio::test]
async fn a_redirect_is_not_followed_to_the_file() {
    let shelf = Shelf::with_static_token();
    let elsewhere = Script::status(302).header("location", "https://files.example/1");
    shelf.transport.always(BOOKS, elsewhere);
    let error = download(&shelf, GetBook).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Redirect);
    assert_eq!(shelf.transport.requests().len(), 1);
}

#[tokio::test]
async fn the_deadline_ends_with_the_head_of_the_answer() {
    let shelf = Shelf::with_static_token();
    shelf.transport.always(BOOKS, file().pausing(Duration::from_secs(25)));
    let short = CallOptions::default().with_deadline(Duration::from_secs(5));
    let download = shelf.client.download(&GetBook, PDF, short).await.unwrap();
    assert_eq!(download.bytes().await.unwrap(), "one two");
    assert_eq!(shelf.elapsed(), Duration::from_secs(75));
}

#[tokio::test]
async fn the_deadline_holds_until_the_head_is_there() {
    let shelf = Shelf::with_static_token();
    shelf.transport.always(BOOKS, Script::silence());
    let short = CallOptions::default().with_deadline(Duration::from_secs(5));
    let error = shelf.client.download(&GetBook, PDF, short.clone()).await.unwrap_err();
    assert!(error.is_timeout());
    shelf.transport.always(BOOKS, Script::status(422).falling_silent());
    let error = shelf.client.download(&GetBook, PDF, short).await.unwrap_err();
    assert!(error.is_timeout());
    assert_eq!(shelf.elapsed(), Duration::from_secs(10));
}

#[tokio::test]
async fn half_a_minute_of_silence_ends_a_download() {
    let (shelf, download) = begun(file().falling_silent()).await;
    let (chunks, error) = broken(download).await;
    assert_eq!((chunks.len(), error.kind()), (2, ErrorKind::Transport));
    let cause = error.source().unwrap().downcast_ref::<SendError>().unwrap();
    assert_eq!(cause.kind, SendErrorKind::Timeout);
    assert_eq!(shelf.elapsed(), Duration::from_secs(30));
}

#[tokio::test]
async fn a_body_that_only_drips_ends_a_download() {
    let drops = Script::status(200).chunks(["."; 100]).pausing(Duration::from_secs(29));
    let (shelf, download) = begun(drops).await;
    let (chunks, error) = broken(download).await;
    assert_eq!((chunks.len(), error.kind()), (2, ErrorKind::Transport));
    assert!(error.is_retryable());
    assert!(shelf.elapsed() <= Duration::from_secs(90), "{:?}", shelf.elapsed());
}

#[tokio::test]
async fn silence_counts_only_while_somebody_waits_for_bytes() {
    let (shelf, mut download) = begun(file()).await;
    download.chunk().await.unwrap().unwrap();
    shelf.clock.advance(Duration::from_secs(3_600));
    assert_eq!(download.chunk().await.unwrap().unwrap(), "two");
}

#[tokio::test]
async fn who_stops_waiting_for_a_chunk_loses_nothing() {
    let (shelf, mut download) = begun(file().pausing(Duration::from_secs(10))).await;
    for _ in 0..3 {
        tokio::select! {
            biased;
            chunk = download.chunk() => panic!("{chunk:?}"),
            () = std::future::ready(()) => {}
        }
    }
    assert_eq!(download.bytes().await.unwrap(), "one two");
    assert_eq!(shelf.elapsed(), Duration::from_secs(30));
}

#[tokio::test]
async fn a_file_larger_than_memory_should_hold_is_read_by_chunks_only() {
    let large = || Script::status(200).chunks(vec![vec![b'x'; MEBIBYTE]; 17]);
    let (_, download) = begun(large()).await;
    let error = download.bytes().await.unwrap_err();
    assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::TooLarge, false));
    let (_, mut download) = begun(large()).await;
    let mut read = 0;
    while let Some(chunk) = download.chunk().await.unwrap() {
        read += chunk.len();
    }
    assert_eq!(read, 17 * MEBIBYTE);
}

#[tokio::test]
async fn the_caller_says_how_large_an_answer_may_be() {
    let shelf = Shelf::with_static_token();
    shelf.transport.always(BOOKS, Script::json(200, r#"{"title":"Emma"}"#));
    for (bytes, fits) in [(16, true), (15, false)] {
        let options = CallOptions::default().with_max_bytes(bytes);
        let sent = shelf.client.send(&GetBook, options.clone()).await;
        assert_eq!(sent.map(drop).map_err(|error| error.kind()), outcome(fits), "{bytes}");
        let mut download = shelf.client.download(&GetBook, PDF, options).await.unwrap();
        let chunk = download.chunk().await;
        assert_eq!(chunk.map(drop).map_err(|error| error.kind()), outcome(fits), "{bytes}");
    }
}

/// How a call ends that gets `script`, as a whole answer and as a download.
async fn refused(script: Script, max_bytes: usize) -> [Error<Failure>; 2] {
    let shelf = Shelf::with_static_token();
    shelf.transport.always(BOOKS, script);
    let options = CallOptions::default().with_max_bytes(max_bytes);
    let sent = shelf.client.send(&GetBook, options.clone()).await.unwrap_err();
    [sent, shelf.client.download(&GetBook, PDF, options).await.unwrap_err()]
}

#[tokio::test]
async fn who_expects_a_small_answer_still_reads_the_documents_error() {
    for error in refused(signed(422, "invalid_content"), 1).await {
        assert_eq!(error.api(), Some(&Failure { message: "no".to_owned() }));
    }
}

#[tokio::test]
async fn no_caller_makes_a_client_hold_a_huge_error() {
    let huge = Script::status(422).chunks(vec![vec![b'x'; MEBIBYTE]; 17]);
    for error in refused(huge, usize::MAX).await {
        assert_eq!(error.kind(), ErrorKind::TooLarge);
    }
}

#[cfg(feature = "stream")]
#[tokio::test]
async fn the_chunks_are_a_stream_that_ends_with_the_error() {
    use std::future::poll_fn;
    use std::pin::Pin;

    use specwright_client::Stream;

    let (_, mut download) = begun(file().breaking(SendErrorKind::Interrupted)).await;
    let mut seen = Vec::new();
    while let Some(item) = poll_fn(|context| Pin::new(&mut download).poll_next(context)).await {
        seen.push(item.map_err(|error| error.kind()));
    }
    let broken = Err(ErrorKind::Transport);
    assert_eq!(seen, [Ok("one ".into()), Ok("two".into()), broken]);
}

fn outcome(fits: bool) -> Result<(), ErrorKind> {
    if fits { Ok(()) } else { Err(ErrorKind::TooLarge) }
}

#[tokio::test]
async fn a_download_that_changed_something_is_not_to_be_repeated() {
    let shelf = Shelf::with_static_token();
    shelf.transport.always(BOOKS, file().breaking(SendErrorKind::Interrupted));
    let error = download(&shelf, CreateBook).await.unwrap().bytes().await.unwrap_err();
    assert!(!error.is_retryable());
}

#[tokio::test]
async fn a_media_type_that_no_header_can_hold_is_refused() {
    let shelf = Shelf::with_static_token();
    let options = CallOptions::default();
    let error = shelf.client.download(&GetBook, "a\r\nb: c", options).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert!(shelf.transport.requests().is_empty());
}

#[tokio::test]
async fn debug_shows_neither_headers_nor_bytes() {
    let script = Script::status(200).header("set-cookie", "canary").body("canary");
    let (_, mut download) = begun(script).await;
    let before = format!("{download:?}");
    download.chunk().await.unwrap().unwrap();
    let shown = format!("{before} {download:#?}");
    assert!(!shown.contains("canary"), "{shown}");
}

/// A transport that has no way to stream.
#[derive(Debug)]
struct WholeOnly(ScriptedTransport);

impl Transport for WholeOnly {
    fn send(
        &self,
        request: TransportRequest,
        limits: AttemptLimits,
    ) -> BoxFuture<'_, Result<TransportResponse, SendError>> {
        self.0.send(request, limits)
    }
}

async fn unstreamed(script: Script) -> Result<Download, Error<Failure>> {
    let shelf = Shelf::with_static_token();
    shelf.transport.always(BOOKS, script);
    let client: Client = builder(&shelf.transport, &shelf.clock)
        .transport(Arc::new(WholeOnly(shelf.transport.clone())))
        .credentials(StaticToken::new("fake-static"))
        .build()
        .unwrap();
    client.download(&GetBook, PDF, CallOptions::default()).await
}

#[tokio::test]
async fn a_transport_that_cannot_stream_gives_the_body_in_one_chunk() {
    let mut download = unstreamed(file()).await.unwrap();
    assert_eq!(download.chunk().await.unwrap().unwrap(), "one two");
    assert!(download.chunk().await.unwrap().is_none());
}

#[tokio::test]
async fn a_transport_that_cannot_stream_holds_no_body_without_bound() {
    let large = Script::status(200).chunks(vec![vec![b'x'; MEBIBYTE]; 17]);
    assert_eq!(unstreamed(large).await.unwrap_err().kind(), ErrorKind::TooLarge);
}
