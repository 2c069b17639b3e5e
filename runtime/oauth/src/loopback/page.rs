//! What a browser is shown.

use std::fmt;
use std::io::{self, Write as _};

use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

/// The browser that brought a callback. It waits, and its user with it, to be told what became of the callback.
///
/// If it is dropped without a word, it sends its user to the program.
#[must_use = "the user sees nothing until `tell`"]
pub struct WaitingBrowser {
    /// `None` once it was told something.
    stream: Option<std::net::TcpStream>,
}

impl WaitingBrowser {
    pub(super) fn new(stream: TcpStream) -> Self {
        // A stream that cannot be had from the runtime leaves a browser without a page, and the callback is there.
        Self { stream: stream.into_std().ok() }
    }

    /// Shows the user whether the grant is connected. Of an error nothing is shown: the program has it.
    ///
    /// Does not wait: the system hands the page over, even if the program ends now.
    pub fn tell<T, E>(mut self, outcome: &Result<T, E>) {
        self.show(match outcome {
            Ok(_) => Page::Connected,
            Err(_) => Page::NotConnected,
        });
    }

    fn show(&mut self, page: Page) {
        if let Some(mut stream) = self.stream.take() {
            // Nothing was sent on this connection before, and a page is shorter than what the system takes at once.
            // The browser may have gone; then there is nobody to tell.
            let _ = stream.write_all(page.response().as_bytes());
        }
    }
}

impl Drop for WaitingBrowser {
    fn drop(&mut self) {
        self.show(Page::Unsaid);
    }
}

impl fmt::Debug for WaitingBrowser {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.debug_struct("WaitingBrowser").finish_non_exhaustive()
    }
}

/// A page. No word of the request is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Page {
    Connected,
    NotConnected,
    Unsaid,
    BadRequest,
    NotFound,
    MethodNotAllowed,
    TooLarge,
}

impl Page {
    /// Writes it to somebody who may have sent more than was read: a connection that is closed with something unread
    /// takes the page with it.
    pub(super) async fn write(self, stream: &mut TcpStream) -> io::Result<()> {
        stream.write_all(self.response().as_bytes()).await?;
        stream.shutdown().await?;
        tokio::io::copy(stream, &mut tokio::io::sink()).await?;
        Ok(())
    }

    fn response(self) -> String {
        let (status, words) = match self {
            Self::Connected => {
                ("200 OK", "Connected. You can close this page and go back to the program.")
            }
            Self::NotConnected => ("200 OK", "Not connected. The program says why."),
            Self::Unsaid => ("200 OK", "Go back to the program. It says what came of this."),
            Self::BadRequest => ("400 Bad Request", "Nobody waits for this answer."),
            Self::NotFound => ("404 Not Found", "There is nothing here."),
            Self::MethodNotAllowed => ("405 Method Not Allowed", "There is nothing to do here."),
            Self::TooLarge => ("431 Request Header Fields Too Large", "This is too long."),
        };
        let body = format!(
            "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Authorization</title>\
             <p>{words}</p>"
        );
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
