//! A redirect that leads back to a program on the user's own machine (RFC 8252 §7.3).

mod page;

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use specwright_core::clock::Clock;
use tokio::io::AsyncReadExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use url::Url;
use zeroize::Zeroizing;

use crate::authorize::AuthorizationUrl;
use crate::callback::Callback;
use page::Page;
pub use page::WaitingBrowser;

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
///
/// ```no_run
/// # use std::sync::Arc;
/// # use specwright_core::{clock::Clock, random::OsRandom};
/// # use specwright_oauth::{AuthorizationRequest, ClientRegistration, LoopbackRedirect, Session};
/// # async fn example(clock: Arc<dyn Clock>) -> Result<(), Box<dyn std::error::Error>> {
/// let redirect = LoopbackRedirect::bind("/callback").await?;
/// let client = ClientRegistration::public("client id");
/// let endpoint = "https://auth.example/authorize".parse()?;
/// let started = AuthorizationRequest::new(endpoint, &client, redirect.redirect_uri())?
///     .start(Session::None, clock.now(), &OsRandom);
///
/// println!("Open {}", started.url.as_str());
/// let (callback, browser) = redirect.callback(&started.url, Arc::clone(&clock)).await?;
/// let grant = started.pending.redeem(callback, Session::None, clock.now(), client);
/// // Show the grant to the token endpoint, and then say what came of it.
/// browser.tell(&grant);
/// # Ok(())
/// # }
/// ```
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

    /// Waits for the answer to the authorization that `url` starts, as long as that may be answered. It comes with the
    /// browser that brought it, which shows nothing until it is [told](WaitingBrowser::tell) what became of it.
    ///
    /// Requests to other paths get a 404, and an answer to another authorization a 400: any page in that browser can
    /// make it come here, and so can other programs. Neither ends the wait, nor does a connection that says nothing.
    ///
    /// Runs its connections as tasks of the Tokio runtime that it is polled on; they end with it.
    pub async fn callback(
        self,
        url: &AuthorizationUrl,
        clock: Arc<dyn Clock>,
    ) -> Result<(Callback, WaitingBrowser), LoopbackError> {
        if !url.leads_back_to(&self.redirect_uri) {
            return Err(LoopbackError::Elsewhere);
        }
        let door = Arc::new(Door { path: self.path, pending_id: url.pending_id().to_owned() });
        let left = url.expires_at().duration_since(clock.now()).unwrap_or_default();
        let mut end = clock.sleep(left);
        // Dropped with this future, and then it ends every visit.
        let mut visits = JoinSet::new();
        loop {
            tokio::select! {
                Some(visit) = visits.join_next() => {
                    if let Ok(Some(answer)) = visit {
                        return Ok(answer);
                    }
                }
                visitor = self.listener.accept(), if visits.len() < MAX_VISITS => match visitor {
                    Ok((stream, _)) => {
                        visits.spawn(visit(stream, Arc::clone(&door), Arc::clone(&clock)));
                    }
                    Err(error) if is_of_the_visitor(error.kind()) => {}
                    Err(error) => return Err(LoopbackError::Listen(error)),
                },
                () = &mut end => return Err(LoopbackError::Expired),
            }
        }
    }
}

/// Whether a connection broke off before it was taken, which says nothing about the next one.
fn is_of_the_visitor(kind: io::ErrorKind) -> bool {
    matches!(
        kind,
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::Interrupted
    )
}

/// Who is let in.
struct Door {
    path: String,
    pending_id: String,
}

/// Serves one connection, and gives the callback with its browser if this was it.
async fn visit(
    mut stream: TcpStream,
    door: Arc<Door>,
    clock: Arc<dyn Clock>,
) -> Option<(Callback, WaitingBrowser)> {
    let head = tokio::select! {
        head = read_head(&mut stream) => head?,
        () = clock.sleep(VISIT) => return None,
    };
    match door.answer(&head) {
        Ok(callback) => Some((callback, WaitingBrowser::new(stream))),
        Err(page) => {
            tokio::select! {
                // Nobody depends on a page for somebody who was not waited for.
                _ = page.write(&mut stream) => {}
                () = clock.sleep(VISIT) => {}
            }
            None
        }
    }
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
    /// The callback that is waited for, or the page for a request that does not bring it.
    fn answer(&self, head: &[u8]) -> Result<Callback, Page> {
        let line = head.split(|byte| *byte == b'\r').next().unwrap_or_default();
        let line = std::str::from_utf8(line).map_err(|_| Page::BadRequest)?;
        if head.len() >= MAX_HEAD_BYTES {
            return Err(Page::TooLarge);
        }
        let mut parts = line.split(' ');
        let (Some(method), Some(target)) = (parts.next(), parts.next()) else {
            return Err(Page::BadRequest);
        };
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        if path != self.path {
            return Err(Page::NotFound);
        }
        if method != "GET" {
            return Err(Page::MethodNotAllowed);
        }
        match Callback::from_query(query) {
            Ok(callback) if callback.pending_id() == self.pending_id => Ok(callback),
            Ok(_) | Err(_) => Err(Page::BadRequest),
        }
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
    /// The authorization was started with another redirect URI, so its browser would never come here.
    Elsewhere,
    /// The browser did not come in time.
    Expired,
}

impl fmt::Display for LoopbackError {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(match self {
            Self::Path => "the path of a loopback redirect begins with `/` and needs no escapes",
            Self::Listen(_) => "the program cannot listen on this machine",
            Self::Elsewhere => "the authorization was started with another redirect URI",
            Self::Expired => "the browser did not come back in time",
        })
    }
}

impl StdError for LoopbackError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::Listen(error) => Some(error),
            Self::Path | Self::Elsewhere | Self::Expired => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(head: &str) -> Option<Page> {
        let pending_id = Callback::from_query("code=c&state=ours").unwrap().pending_id();
        let door = Door { path: "/back".to_owned(), pending_id };
        door.answer(head.as_bytes()).err()
    }

    #[test]
    fn only_the_answer_that_is_waited_for_is_let_in() {
        for (line, expected) in [
            ("GET /back?code=c&state=ours HTTP/1.1", None),
            ("GET /back?error=access_denied&state=ours HTTP/1.1", None),
            ("GET /back?code=c&state=theirs HTTP/1.1", Some(Page::BadRequest)),
            ("GET /back?code=c HTTP/1.1", Some(Page::BadRequest)),
            ("GET /back HTTP/1.1", Some(Page::BadRequest)),
            ("GET /back/?code=c&state=ours HTTP/1.1", Some(Page::NotFound)),
            ("GET /favicon.ico HTTP/1.1", Some(Page::NotFound)),
            ("POST /back?code=c&state=ours HTTP/1.1", Some(Page::MethodNotAllowed)),
            ("GET", Some(Page::BadRequest)),
            ("", Some(Page::BadRequest)),
        ] {
            assert_eq!(refusal(&format!("{line}\r\nHost: x\r\n\r\n")), expected, "{line}");
        }
    }

    #[test]
    fn a_head_beyond_the_limit_is_refused_whatever_it_begins_with() {
        let head = format!("GET /back?code=c&state=ours HTTP/1.1\r\nX: {}", "x".repeat(16 * 1024));
        assert_eq!(refusal(&head), Some(Page::TooLarge));
    }

    #[test]
    fn a_visitor_who_broke_off_is_told_from_a_machine_that_does_not_let_us_listen() {
        assert!(is_of_the_visitor(io::ErrorKind::ConnectionAborted));
        assert!(!is_of_the_visitor(io::ErrorKind::PermissionDenied));
    }
}
