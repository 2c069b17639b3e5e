//! Bodies that are read while they are sent.

use std::error::Error as _;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use specwright_core::transport::{
    BoxError, BoxFuture, RequestBody, SendError, SendErrorKind, Sent, Transport, TransportRequest,
    TransportResponse, UploadReader, UploadSource,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::server::{limits, transport};

const CHUNK: usize = 64 * 1024;

/// What hyper buffers for a connection, in chunks, and the one that is handed over.
const MOST_HELD: usize = 10;

/// A body of zeros, counted.
#[derive(Debug, Default)]
struct Zeros {
    stated: Option<u64>,
    /// How many chunks it has, all of the same length.
    chunks: usize,
    then: Then,
    watch: Arc<Watch>,
}

/// What comes after the last chunk.
#[derive(Clone, Copy, Debug, Default)]
enum Then {
    #[default]
    End,
    Error,
    Silence,
}

#[derive(Debug, Default)]
struct Watch {
    opened: AtomicUsize,
    /// Chunks that somebody has.
    held: Arc<AtomicUsize>,
    most_held: AtomicUsize,
    given: AtomicUsize,
    dropped: AtomicBool,
}

struct Reader {
    chunks: usize,
    then: Then,
    watch: Arc<Watch>,
}

/// A chunk that counts as held until it is dropped.
struct Held(&'static [u8], Arc<AtomicUsize>);

static ZEROS: [u8; CHUNK] = [0; CHUNK];

impl UploadSource for Zeros {
    fn length(&self) -> Option<u64> {
        self.stated
    }

    fn open(&self) -> Option<Box<dyn UploadReader>> {
        self.watch.opened.fetch_add(1, Ordering::SeqCst);
        let watch = Arc::clone(&self.watch);
        Some(Box::new(Reader { chunks: self.chunks, then: self.then, watch }))
    }

    fn is_spent(&self) -> bool {
        false
    }
}

impl UploadReader for Reader {
    fn next(&mut self) -> BoxFuture<'_, Result<Option<Bytes>, BoxError>> {
        Box::pin(async move {
            if let Some(left) = self.chunks.checked_sub(1) {
                self.chunks = left;
                let held = self.watch.held.fetch_add(1, Ordering::SeqCst) + 1;
                self.watch.most_held.fetch_max(held, Ordering::SeqCst);
                self.watch.given.fetch_add(1, Ordering::SeqCst);
                let chunk = Held(&ZEROS, Arc::clone(&self.watch.held));
                return Ok(Some(Bytes::from_owner(chunk)));
            }
            match self.then {
                Then::End => Ok(None),
                Then::Error => Err("the disk is gone".into()),
                Then::Silence => std::future::pending().await,
            }
        })
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.watch.dropped.store(true, Ordering::SeqCst);
    }
}

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        self.0
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.1.fetch_sub(1, Ordering::SeqCst);
    }
}

/// So many chunks, whose length is said.
fn zeros(chunks: usize) -> Zeros {
    Zeros { stated: Some((chunks * CHUNK) as u64), chunks, ..Zeros::default() }
}

/// A server for one connection, and where it is.
async fn serve<T: Send + 'static, F: Future<Output = T> + Send>(
    work: impl FnOnce(TcpStream) -> F + Send + 'static,
) -> (String, JoinHandle<T>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let uri = format!("http://{}/", listener.local_addr().unwrap());
    let task = tokio::spawn(async move {
        let (socket, _) = listener.accept().await.unwrap();
        work(socket).await
    });
    (uri, task)
}

fn put(uri: &str, body: Zeros) -> TransportRequest {
    http::Request::put(uri).body(RequestBody::Upload(Arc::new(body))).unwrap()
}

async fn send(uri: &str, body: Zeros) -> Result<TransportResponse, SendError> {
    transport().send(put(uri, body), limits()).await
}

/// The head of a request, and what came of the body with it.
async fn head(socket: &mut TcpStream) -> (String, usize) {
    let mut read = Vec::new();
    loop {
        if let Some(end) = read.windows(4).position(|part| part == b"\r\n\r\n") {
            let head = String::from_utf8(read[..end].to_vec()).unwrap();
            return (head, read.len() - end - 4);
        }
        let mut byte = [0];
        assert_eq!(socket.read(&mut byte).await.unwrap(), 1);
        read.push(byte[0]);
    }
}

/// Reads so much of a body.
async fn read(socket: &mut TcpStream, mut missing: usize) {
    let mut buffer = vec![0; CHUNK];
    while missing > 0 {
        let most = missing.min(CHUNK);
        let count = socket.read(&mut buffer[..most]).await.unwrap();
        assert_ne!(count, 0, "{missing} bytes are missing");
        missing -= count;
    }
}

/// What arrives until the other side closes.
async fn everything(mut socket: TcpStream) -> Vec<u8> {
    let mut read = Vec::new();
    drop(socket.read_to_end(&mut read).await);
    read
}

async fn answer(socket: &mut TcpStream, status: &str) {
    let text = format!("HTTP/1.1 {status}\r\ncontent-length: 2\r\n\r\nok");
    socket.write_all(text.as_bytes()).await.unwrap();
}

/// The text of the error that a reader ended with.
#[track_caller]
fn failure(outcome: Result<TransportResponse, SendError>) -> String {
    let error = outcome.unwrap_err();
    assert_eq!(error.kind, SendErrorKind::Upload);
    error.source().unwrap().to_string()
}

#[tokio::test]
async fn a_gibibyte_is_sent_and_a_few_chunks_of_it_are_held() {
    let chunks = 16 * 1024;
    let body = zeros(chunks);
    let watch = Arc::clone(&body.watch);
    let (uri, server) = serve(move |mut socket| async move {
        let (head, rest) = head(&mut socket).await;
        read(&mut socket, chunks * CHUNK - rest).await;
        answer(&mut socket, "200 OK").await;
        head
    })
    .await;
    assert_eq!(send(&uri, body).await.unwrap().status(), 200);
    assert!(server.await.unwrap().contains("content-length: 1073741824"));
    let most = watch.most_held.load(Ordering::SeqCst);
    assert!(most <= MOST_HELD, "{most} chunks were held at once");
}

#[tokio::test]
async fn a_server_that_does_not_read_holds_the_reader_back() {
    let body = zeros(16 * 1024);
    let watch = Arc::clone(&body.watch);
    let (go_on, told) = oneshot::channel::<()>();
    let (uri, server) = serve(|mut socket| async move {
        head(&mut socket).await;
        told.await.unwrap();
    })
    .await;
    let sending = tokio::spawn(async move { send(&uri, body).await.map(drop) });
    let mut given = usize::MAX;
    // Until the buffers of the machine are full.
    loop {
        for _ in 0..1_000 {
            tokio::task::yield_now().await;
        }
        let now = watch.given.load(Ordering::SeqCst);
        if now == given && now > 0 {
            break;
        }
        given = now;
    }
    assert!(given < 1_000, "{given} chunks went to nobody");
    go_on.send(()).unwrap();
    server.await.unwrap();
    let error = sending.await.unwrap().unwrap_err();
    assert_eq!((error.sent, error.kind), (Sent::Maybe, SendErrorKind::Interrupted));
}

#[tokio::test]
async fn a_body_of_unknown_length_is_sent_in_chunks() {
    let body = Zeros { stated: None, ..zeros(3) };
    let (uri, server) = serve(|mut socket| async move {
        let (head, rest) = head(&mut socket).await;
        // Each chunk has a line with its length, and the last one is empty.
        read(&mut socket, 3 * (CHUNK + "10000\r\n\r\n".len()) + "0\r\n\r\n".len() - rest).await;
        answer(&mut socket, "200 OK").await;
        head
    })
    .await;
    assert_eq!(&**send(&uri, body).await.unwrap().body(), b"ok");
    let head = server.await.unwrap();
    assert!(head.contains("transfer-encoding: chunked") && !head.contains("content-length"));
}

#[tokio::test]
async fn a_refused_connection_opens_no_upload() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let uri = format!("http://{}/", listener.local_addr().unwrap());
    drop(listener);
    let body = zeros(1);
    let watch = Arc::clone(&body.watch);
    let error = send(&uri, body).await.unwrap_err();
    assert_eq!((error.sent, error.kind), (Sent::No, SendErrorKind::Connect));
    assert_eq!(watch.opened.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_connection_that_breaks_in_the_middle_may_have_been_seen() {
    let body = zeros(1_000);
    let watch = Arc::clone(&body.watch);
    let (uri, _) = serve(|mut socket| async move {
        head(&mut socket).await;
        read(&mut socket, 10 * CHUNK).await;
    })
    .await;
    let error = send(&uri, body).await.unwrap_err();
    assert_eq!((error.sent, error.kind), (Sent::Maybe, SendErrorKind::Interrupted));
    assert_eq!(watch.opened.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn an_answer_before_the_end_of_the_body_is_the_answer() {
    for closes in [true, false] {
        for status in ["413 Payload Too Large", "401 Unauthorized"] {
            let body = zeros(1_000);
            let watch = Arc::clone(&body.watch);
            let (uri, _server) = serve(move |mut socket| async move {
                head(&mut socket).await;
                answer(&mut socket, status).await;
                if !closes {
                    std::future::pending::<()>().await;
                }
            })
            .await;
            let response = send(&uri, body).await.unwrap();
            assert_eq!(response.status().as_str(), &status[..3], "closes: {closes}");
            assert_eq!(&**response.body(), b"ok");
            assert!(watch.dropped.load(Ordering::SeqCst), "the reader is let go of");
        }
    }
}

#[tokio::test]
async fn a_connection_stays_for_the_answer_of_a_server_that_wants_no_more() {
    let (go_on, told) = oneshot::channel::<()>();
    let (uri, _server) = serve(|mut socket| async move {
        let (_, rest) = head(&mut socket).await;
        socket.write_all(b"HTTP/1.1 413 No\r\ncontent-length: 2\r\n\r\n").await.unwrap();
        // So that the connection asks for more, if it can.
        read(&mut socket, 3 * CHUNK - rest).await;
        told.await.unwrap();
        socket.write_all(b"ok").await.unwrap();
    })
    .await;
    let body = Zeros { then: Then::Silence, stated: None, ..zeros(4) };
    let mut response = transport().stream(put(&uri, body), limits()).await.unwrap();
    for _ in 0..1_000 {
        tokio::task::yield_now().await;
    }
    go_on.send(()).unwrap();
    assert_eq!(response.body_mut().next().await.unwrap().unwrap(), "ok");
}

#[tokio::test]
async fn a_connection_whose_upload_was_given_up_is_closed() {
    let body = Zeros { then: Then::Silence, ..Zeros { stated: Some(1), ..Zeros::default() } };
    let (uri, server) = serve(|mut socket| async move {
        head(&mut socket).await;
        answer(&mut socket, "413 Payload Too Large").await;
        // Ends when the other side closes, and never otherwise.
        socket.read(&mut [0]).await.map_or(0, |count| count)
    })
    .await;
    let transport = transport();
    let response = transport.send(put(&uri, body), limits()).await.unwrap();
    assert_eq!(response.status(), 413);
    assert_eq!(server.await.unwrap(), 0);
}

#[tokio::test]
async fn a_success_before_the_end_of_the_body_is_one_at_its_end() {
    let (uri, server) = serve(|mut socket| async move {
        let (_, rest) = head(&mut socket).await;
        answer(&mut socket, "200 OK").await;
        read(&mut socket, 1_000 * CHUNK - rest).await;
    })
    .await;
    assert_eq!(send(&uri, zeros(1_000)).await.unwrap().status(), 200);
    server.await.unwrap();
}

#[tokio::test]
async fn a_reader_that_fails_is_not_the_servers_fault() {
    for stated in [Some((9 * CHUNK) as u64), None] {
        let (uri, _server) = serve(everything).await;
        let error = send(&uri, Zeros { then: Then::Error, stated, ..zeros(3) }).await.unwrap_err();
        assert_eq!((error.sent, error.kind), (Sent::Maybe, SendErrorKind::Upload));
        let source = error.source().unwrap();
        assert_eq!(source.source().unwrap().to_string(), "the disk is gone");
    }
}

#[tokio::test]
async fn the_server_never_has_the_end_of_a_body_whose_reader_fails() {
    let (uri, server) = serve(everything).await;
    send(&uri, Zeros { then: Then::Error, stated: None, ..zeros(100) }).await.unwrap_err();
    let read = server.await.unwrap();
    assert!(read.len() > CHUNK && !read.ends_with(b"\r\n0\r\n\r\n"));
}

#[tokio::test]
async fn a_body_of_another_length_than_said_is_never_a_success() {
    for (chunks, stated, said) in [
        (3, 4, "the body ends after 196608 of 262144 bytes"),
        (4, 3, "the body goes on after its 196608 bytes"),
        (0, 1, "the body ends after 0 of 65536 bytes"),
        (1, 0, "the body goes on after its 0 bytes"),
    ] {
        let (uri, _server) = serve(move |mut socket| async move {
            let (_, rest) = head(&mut socket).await;
            // A server that answers as soon as it has what was promised.
            let promised: usize = stated * CHUNK;
            read(&mut socket, promised.saturating_sub(rest)).await;
            answer(&mut socket, "200 OK").await;
        })
        .await;
        let body = Zeros { stated: Some((stated * CHUNK) as u64), ..zeros(chunks) };
        assert_eq!(failure(send(&uri, body).await), said);
    }
}

#[tokio::test]
async fn a_reader_that_fails_after_an_early_success_is_no_success() {
    let (uri, _server) = serve(|mut socket| async move {
        head(&mut socket).await;
        answer(&mut socket, "200 OK").await;
        drop(socket.read_to_end(&mut Vec::new()).await);
    })
    .await;
    let body = Zeros { then: Then::Error, stated: None, ..zeros(3) };
    assert_eq!(failure(send(&uri, body).await), "the reader of the body failed");
}

#[tokio::test]
async fn a_request_that_is_dropped_lets_go_of_its_reader() {
    let (arrived, mut told) = mpsc::channel(1);
    let (uri, server) = serve(|mut socket| async move {
        head(&mut socket).await;
        arrived.send(()).await.unwrap();
        drop(socket.read_to_end(&mut Vec::new()).await);
    })
    .await;
    let body = Zeros { then: Then::Silence, ..zeros(2) };
    let body = Zeros { stated: None, ..body };
    let watch = Arc::clone(&body.watch);
    let sending = tokio::spawn(async move { send(&uri, body).await.map(drop) });
    told.recv().await.unwrap();
    sending.abort();
    drop(sending.await);
    // The connection is closed with it.
    server.await.unwrap();
    assert!(watch.dropped.load(Ordering::SeqCst));
}

#[tokio::test]
async fn an_empty_upload_has_a_length_of_zero() {
    let heads = Arc::new(Mutex::new(String::new()));
    let seen = Arc::clone(&heads);
    let (uri, _server) = serve(|mut socket| async move {
        *seen.lock().unwrap() = head(&mut socket).await.0;
        answer(&mut socket, "200 OK").await;
    })
    .await;
    assert_eq!(send(&uri, zeros(0)).await.unwrap().status(), 200);
    let head = heads.lock().unwrap().clone();
    assert!(head.contains("content-length: 0"), "{head}");
}
