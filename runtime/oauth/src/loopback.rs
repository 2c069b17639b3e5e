//! A redirect that leads back to a program on the user's own machine (RFC 8252 §7.3).

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use specwright_core::clock::Clock;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use url::Url;
use zeroize::Zeroizing;

use crate::callback::Callback;
use crate::pending::PendingAuthorization;

/// The longest head of a request: a callback of 8 KiB, and what a browser says besides.
const MAX_HEAD_BYTES: usize = 16 * 1024;

/// Time for a browser to say what it wants, and again for reading the page. It stands on the same machine.
const VISIT: Duration = Duration::from_secs(10);

/// Connections at a time. Browsers open one or two before they need them, and say nothing on them.
const MAX_VISITS: usize = 16;

/// Listens on this machine for the browser that brings the answer to one authorization.
///
/// For programs without a server of their own: command lines, desktop programs. Bind it, start the authorization with
/// [`Self::redirect_uri`] and [`Session::None`](crate::Session::None), open the address in the user's browser, and
/// wait for [`Self::callback`]. Dropping it, or that future, ends it.
///
/// The authorization server must allow any port for a loopback redirect, as RFC 8252 §7.3 asks of it.
#[derive(Debug)]
pub struct LoopbackRedirect {
    listener: TcpListener,
    path: String,
    redirect_uri: String,
}

impl LoopbackRedirect {
    /// Listens at `127.0.0.1`, at a port that the system chooses, for requests to `path`, such as `/callback`.
    ///
    /// The name `localhost` is not used: a machine may have it lead elsewhere (RFC 8252 §8.3).
    pub async fn bind(path: &str) -> Result<Self, LoopbackError> {
        // Written as it will be, or the browser would ask for another path than this one.
        let kept =
            Url::parse(&format!("http://127.0.0.1{path}")).is_ok_and(|url| url.path() == path);
        if !kept || !path.starts_with('/') {
            return Err(LoopbackError::Path);
        }
        let listener =
            TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(LoopbackError::Listen)?;
        let address = listener.local_addr().map_err(LoopbackError::Listen)?;
        let redirect_uri = format!("http://{address}{path}");
        Ok(Self { listener, path: path.to_owned(), redirect_uri })
    }

    /// The redirect URI of this authorization.
    pub fn redirect_uri(&self) -> &str {
        &self.redirect_uri
    }

    /// Waits for the answer to `pending`, as long as that may be answered.
    ///
    /// The browser gets a page that says to go back to the program. Requests to other paths get a 404, and an answer to
    /// another authorization a 400: any page in that browser can make it come here. Neither ends the wait.
    ///
    /// Runs its connections as tasks of the Tokio runtime that it is polled on; they end with it.
    pub async fn callback(
        self,
        pending: &PendingAuthorization,
        clock: Arc<dyn Clock>,
    ) -> Result<Callback, LoopbackError> {
        let door = Arc::new(Door { path: self.path, pending_id: pending.id() });
        let left = pending.expires_at().duration_since(clock.now()).unwrap_or_default();
        let mut end = clock.sleep(left);
        // Dropped with this future, and then it ends every visit.
        let mut visits = JoinSet::new();
        loop {
            tokio::select! {
                Some(visit) = visits.join_next() => {
                    if let Ok(Some(callback)) = visit {
                        return Ok(callback);
                    }
                }
                visitor = self.listener.accept(), if visits.len() < MAX_VISITS => {
                    let (stream, _) = visitor.map_err(LoopbackError::Listen)?;
                    visits.spawn(visit(stream, Arc::clone(&door), Arc::clone(&clock)));
                }
                () = &mut end => return Err(LoopbackError::Expired),
            }
        }
    }
}

/// Who is let in.
struct Door {
    path: String,
    pending_id: String,
}

/// Serves one connection, and gives the callback if this was it.
async fn visit(mut stream: TcpStream, door: Arc<Door>, clock: Arc<dyn Clock>) -> Option<Callback> {
    let head = tokio::select! {
        head = read_head(&mut stream) => head?,
        () = clock.sleep(VISIT) => return None,
    };
    let (page, callback) = door.answer(&head);
    tokio::select! {
        // A browser that does not take the page has brought the answer all the same.
        _ = write_page(&mut stream, page) => {}
        () = clock.sleep(VISIT) => {}
    }
    callback
}

/// The head of a request, or as much of it as is allowed. `None` if the connection ends before that.
async fn read_head(stream: &mut TcpStream) -> Option<Zeroizing<Vec<u8>>> {
    let mut head = Zeroizing::new(Vec::with_capacity(MAX_HEAD_BYTES));
    while head.len() < MAX_HEAD_BYTES && !head.windows(4).any(|end| end == b"\r\n\r\n") {
        let room = (MAX_HEAD_BYTES - head.len()) as u64;
        if (&mut *stream).take(room).read_buf(&mut *head).await.ok()? == 0 {
            return None;
        }
    }
    Some(head)
}

impl Door {
    /// The page for a request, and the callback if it brings the one that is waited for.
    fn answer(&self, head: &[u8]) -> (Page, Option<Callback>) {
        let line = head.split(|byte| *byte == b'\r').next().unwrap_or_default();
        let Ok(line) = std::str::from_utf8(line) else { return (Page::BadRequest, None) };
        if head.len() >= MAX_HEAD_BYTES {
            return (Page::TooLarge, None);
        }
        let mut parts = line.split(' ');
        let (Some(method), Some(target)) = (parts.next(), parts.next()) else {
            return (Page::BadRequest, None);
        };
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        if path != self.path {
            return (Page::NotFound, None);
        }
        if method != "GET" {
            return (Page::MethodNotAllowed, None);
        }
        match Callback::from_query(query) {
            Ok(callback) if callback.pending_id() == self.pending_id => {
                (Page::Done, Some(callback))
            }
            Ok(_) | Err(_) => (Page::BadRequest, None),
        }
    }
}

async fn write_page(stream: &mut TcpStream, page: Page) -> io::Result<()> {
    stream.write_all(page.response().as_bytes()).await?;
    stream.shutdown().await?;
    // A connection that is closed with something unread takes the page with it. A callback was read whole.
    if page != Page::Done {
        tokio::io::copy(stream, &mut tokio::io::sink()).await?;
    }
    Ok(())
}

/// What a browser is shown. No word of the request is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Page {
    Done,
    BadRequest,
    NotFound,
    MethodNotAllowed,
    TooLarge,
}

impl Page {
    fn response(self) -> String {
        let (status, words) = match self {
            Self::Done => ("200 OK", "You can close this page and go back to the program."),
            Self::BadRequest => ("400 Bad Request", "Nobody waits for this answer."),
            Self::NotFound => ("404 Not Found", "There is nothing here."),
            Self::MethodNotAllowed => ("405 Method Not Allowed", "There is nothing to do here."),
            Self::TooLarge => ("431 Request Header Fields Too Large", "This is too long."),
        };
        let body = format!("<!doctype html><meta charset=\"utf-8\"><p>{words}</p>");
        let length = body.len();
        // The address of this page holds the code: it goes to nobody, and nothing is kept.
        format!(
            "HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\n\
             Content-Length: {length}\r\nCache-Control: no-store\r\nReferrer-Policy: no-referrer\r\n\
             Content-Security-Policy: default-src 'none'\r\nX-Content-Type-Options: nosniff\r\n\
             Allow: GET\r\nConnection: close\r\n\r\n{body}"
        )
    }
}

/// A loopback redirect that brings no callback.
#[derive(Debug)]
#[non_exhaustive]
pub enum LoopbackError {
    /// The path does not begin with `/`, or is written in another way than URLs write it.
    Path,
    /// The machine does not let the program listen.
    Listen(io::Error),
    /// The browser did not come in time.
    Expired,
}

impl fmt::Display for LoopbackError {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(match self {
            Self::Path => "the path of a loopback redirect begins with `/` and needs no escapes",
            Self::Listen(_) => "the program cannot listen on this machine",
            Self::Expired => "the browser did not come back in time",
        })
    }
}

impl StdError for LoopbackError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::Listen(error) => Some(error),
            Self::Path | Self::Expired => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(head: &str) -> Page {
        let pending_id = Callback::from_query("code=c&state=ours").unwrap().pending_id();
        let door = Door { path: "/back".to_owned(), pending_id };
        let (page, callback) = door.answer(head.as_bytes());
        assert_eq!(page == Page::Done, callback.is_some());
        page
    }

    #[test]
    fn only_the_answer_that_is_waited_for_is_let_in() {
        for (line, expected) in [
            ("GET /back?code=c&state=ours HTTP/1.1", Page::Done),
            ("GET /back?error=access_denied&state=ours HTTP/1.1", Page::Done),
            ("GET /back?code=c&state=theirs HTTP/1.1", Page::BadRequest),
            ("GET /back?code=c HTTP/1.1", Page::BadRequest),
            ("GET /back HTTP/1.1", Page::BadRequest),
            ("GET /back/?code=c&state=ours HTTP/1.1", Page::NotFound),
            ("GET /favicon.ico HTTP/1.1", Page::NotFound),
            ("POST /back?code=c&state=ours HTTP/1.1", Page::MethodNotAllowed),
            ("GET", Page::BadRequest),
            ("", Page::BadRequest),
        ] {
            assert_eq!(page(&format!("{line}\r\nHost: x\r\n\r\n")), expected, "{line}");
        }
    }

    #[test]
    fn a_head_beyond_the_limit_is_refused_whatever_it_begins_with() {
        let head = format!("GET /back?code=c&state=ours HTTP/1.1\r\nX: {}", "x".repeat(16 * 1024));
        assert_eq!(page(&head), Page::TooLarge);
    }
}
