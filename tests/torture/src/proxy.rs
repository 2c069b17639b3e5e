//! A proxy that stops in the middle.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinSet;

/// Where a connection stops, for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// Nothing of the request is read.
    BeforeRequest,
    /// So many bytes of the request are passed on.
    InRequest(usize),
    /// The whole request is passed on, and so many bytes of the answer.
    InAnswer(usize),
}

/// Stands before a server. One connection stops where it is told to; all others pass.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    state: Arc<State>,
    task: tokio::task::JoinHandle<()>,
}

#[derive(Debug, Default)]
struct State {
    stop: Mutex<Option<Stop>>,
    stopped: Notify,
    released: Notify,
}

impl Proxy {
    /// A proxy before the server at this address.
    pub async fn start(server: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let state = Arc::new(State::default());
        let task = tokio::spawn(serve(listener, server, Arc::clone(&state)));
        Ok(Self { address, state, task })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The next connection stops here.
    pub fn stop_next(&self, stop: Stop) {
        *self.state.stop.lock().unwrap_or_else(PoisonError::into_inner) = Some(stop);
    }

    /// Waits until a connection has stopped.
    pub async fn stopped(&self) {
        self.state.stopped.notified().await;
    }

    /// Lets a stopped answer go on.
    pub fn release(&self) {
        self.state.released.notify_one();
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(listener: TcpListener, server: SocketAddr, state: Arc<State>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((client, _)) = accepted else { continue };
                let stop = state.stop.lock().unwrap_or_else(PoisonError::into_inner).take();
                let state = Arc::clone(&state);
                // It ends in an error when either side goes away, which is what is played here.
                connections.spawn(async move { drop(pass(client, server, stop, &state).await) });
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn pass(
    mut client: TcpStream,
    server: SocketAddr,
    stop: Option<Stop>,
    state: &State,
) -> io::Result<()> {
    let mut upstream = TcpStream::connect(server).await?;
    match stop {
        None => {
            tokio::io::copy_bidirectional(&mut client, &mut upstream).await?;
        }
        Some(Stop::BeforeRequest) => {
            state.stopped.notify_one();
            std::future::pending::<()>().await;
        }
        Some(Stop::InRequest(bytes)) => {
            let mut part = vec![0; bytes];
            client.read_exact(&mut part).await?;
            upstream.write_all(&part).await?;
            state.stopped.notify_one();
            std::future::pending::<()>().await;
        }
        Some(Stop::InAnswer(bytes)) => {
            let (mut from_client, mut to_client) = client.split();
            let (mut from_server, mut to_server) = upstream.split();
            let asking = tokio::io::copy(&mut from_client, &mut to_server);
            let answering = async {
                let mut first = vec![0; bytes.max(1)];
                let read = from_server.read_exact(&mut first).await?;
                to_client.write_all(first.get(..bytes.min(read)).unwrap_or_default()).await?;
                to_client.flush().await?;
                state.stopped.notify_one();
                state.released.notified().await;
                to_client.write_all(first.get(bytes..).unwrap_or_default()).await?;
                tokio::io::copy(&mut from_server, &mut to_client).await
            };
            tokio::try_join!(asking, answering)?;
        }
    }
    Ok(())
}
