//! A proxy that writes down what passes, and knows the secrets in it.

use std::collections::BTreeSet;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

/// Stands before a server, and passes everything on unchanged.
#[derive(Debug)]
pub struct Tap {
    address: SocketAddr,
    heard: Heard,
    task: JoinHandle<()>,
}

/// What was said, by connection and direction.
type Heard = Arc<Mutex<Vec<Vec<u8>>>>;

/// A value that nobody else may see.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Secret {
    /// What it is called in the protocol.
    pub name: String,
    /// The value.
    pub value: String,
}

impl Secret {
    /// A secret of this name.
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { name: name.into(), value: value.into() }
    }
}

impl Tap {
    /// A tap before the server at this address.
    pub async fn start(server: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let heard = Heard::default();
        let task = tokio::spawn(serve(listener, server, Arc::clone(&heard)));
        Ok(Self { address, heard, task })
    }

    /// Where it listens.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Every secret that has passed: of forms, of the JSON of token answers, and of headers.
    pub fn secrets(&self) -> BTreeSet<Secret> {
        let heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        heard.iter().flat_map(|bytes| secrets_in(&String::from_utf8_lossy(bytes))).collect()
    }
}

impl Drop for Tap {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(listener: TcpListener, server: SocketAddr, heard: Heard) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((client, _)) = accepted else { continue };
                let heard = Arc::clone(&heard);
                // It ends in an error when either side goes away, which clients may do at any time.
                connections.spawn(async move { drop(pass(client, server, &heard).await) });
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn pass(mut client: TcpStream, server: SocketAddr, heard: &Heard) -> io::Result<()> {
    let mut server = TcpStream::connect(server).await?;
    let (from_client, to_client) = client.split();
    let (from_server, to_server) = server.split();
    tokio::try_join!(copy(from_client, to_server, heard), copy(from_server, to_client, heard))?;
    Ok(())
}

async fn copy(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    heard: &Heard,
) -> io::Result<()> {
    let place = {
        let mut heard = heard.lock().unwrap_or_else(PoisonError::into_inner);
        heard.push(Vec::new());
        heard.len() - 1
    };
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let read = from.read(&mut buffer).await?;
        let part = buffer.get(..read).unwrap_or_default();
        if part.is_empty() {
            return to.shutdown().await;
        }
        if let Some(said) = heard.lock().unwrap_or_else(PoisonError::into_inner).get_mut(place) {
            said.extend_from_slice(part);
        }
        to.write_all(part).await?;
    }
}

/// What stands before a secret, and what ends it.
const MARKS: [(&str, &str); 12] = [
    ("\"access_token\":\"", "\""),
    ("\"refresh_token\":\"", "\""),
    ("client_secret=", "&\r\n"),
    ("code=", "&\r\n"),
    ("code_verifier=", "&\r\n"),
    ("refresh_token=", "&\r\n"),
    ("&token=", "&\r\n"),
    ("\ntoken=", "&\r\n"),
    ("\nauthorization: Bearer ", "\r\n"),
    ("\nAuthorization: Bearer ", "\r\n"),
    ("\nidempotency-key: ", "\r\n"),
    ("\nIdempotency-Key: ", "\r\n"),
];

fn secrets_in(text: &str) -> Vec<Secret> {
    let of_mark = |&(before, ends): &(&str, &'static str)| {
        let name = before.trim_matches(|mark: char| !mark.is_ascii_alphanumeric()).to_lowercase();
        let values = text.match_indices(before).filter_map(move |(at, mark)| {
            let rest = text.get(at + mark.len()..)?;
            rest.split(|end| ends.contains(end)).next().filter(|value| !value.is_empty())
        });
        values.map(|value| Secret::new(name.clone(), value)).collect::<Vec<_>>()
    };
    MARKS.iter().flat_map(of_mark).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_an_answer_and_headers_show_their_secrets() {
        let said = "POST / HTTP/1.1\r\nauthorization: Bearer fake-a\r\nidempotency-key: fake-k\r\n\r\n\
                    grant_type=x&code=fake-c&code_verifier=fake-v&client_secret=fake-s&refresh_token=fake-r";
        let values: Vec<_> = secrets_in(said).into_iter().map(|secret| secret.value).collect();
        assert_eq!(values, ["fake-s", "fake-c", "fake-v", "fake-r", "fake-a", "fake-k"]);
        let answer = secrets_in(r#"{"access_token":"fake-1","refresh_token":"fake-2"}"#);
        assert_eq!(answer.len(), 2);
    }

    #[test]
    fn the_token_of_a_revocation_is_one_wherever_it_stands() {
        for said in ["\r\n\r\ntoken=fake-t&client_id=x", "\r\n\r\nclient_id=x&token=fake-t"] {
            assert_eq!(secrets_in(said), [Secret::new("token", "fake-t")]);
        }
    }
}
