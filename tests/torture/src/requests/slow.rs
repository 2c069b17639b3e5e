//! Servers that take for ever, at each stage of a request.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use stora_2025_09::Client;
use stora_2025_09::model::{NoteCreate, ResourceReference};
use stora_2025_09::runtime::{ErrorKind, ErrorReport, Proxy, StaticToken};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

use crate::setting::{Trouble, wait};
use crate::table::{Line, Row};

/// The row.
pub fn rows() -> Vec<Row> {
    let name = "slow server at connect, TLS, request, head, body and stream, shipped limits, and at all attempts of 45 s";
    vec![Row::new(name, |_| async {
        let ends = ends(Limits::Shipped).await?;
        Ok(Line {
            expected:
                "an error at each limit: 5, 5, 30 to 60, 30, 30, 30 and 45 s, at most 0.05 s late"
                    .to_owned(),
            found: ends.iter().map(End::told).collect::<Vec<_>>().join(", "),
            met: are_met(&ends, Limits::Shipped, LATE),
        })
    })]
}

/// What a caller has set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limits {
    /// Nothing, but for 45 s for all attempts together.
    Shipped,
    /// [`CONNECT`] for a connection, and [`CALL`] for a call.
    Short,
}

/// See [`Limits::Short`].
pub const CONNECT: Duration = Duration::from_millis(300);
/// See [`Limits::Short`].
pub const CALL: Duration = Duration::from_millis(600);

/// Where a server takes for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// It takes no connection.
    Connect,
    /// It says nothing in the handshake of TLS.
    Handshake,
    /// It does not read the request.
    Request,
    /// It sends a byte of the head in a while, again and again.
    Head,
    /// It sends a byte of the body in a while, again and again.
    Body,
    /// It stops in the middle of a body that is streamed.
    Stream,
    /// It does what it does at the head, at each of three attempts.
    Attempts,
}

/// How a call ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct End {
    /// Where the server was slow.
    pub stage: Stage,
    /// What the caller was told.
    pub kind: ErrorKind,
    /// When, from the beginning of the call, or of the silence in a stream.
    pub after: Duration,
}

/// How late an error may be. Longer than a machine that has other work lets a process wait.
const LATE: Duration = Duration::from_millis(50);

/// How long a slow server takes for a byte.
const BYTE: Duration = Duration::from_millis(100);

/// More than the buffers of two sockets take.
const LARGE: usize = 12 * 1024 * 1024;

impl Stage {
    /// Those that end with limits like these. A silence in a stream has a limit that no caller sets.
    pub fn of(limits: Limits) -> Vec<Self> {
        let all = [
            Self::Connect,
            Self::Handshake,
            Self::Request,
            Self::Head,
            Self::Body,
            Self::Stream,
            Self::Attempts,
        ];
        let has_end = |stage: &Self| limits == Limits::Shipped || *stage != Self::Stream;
        all.into_iter().filter(has_end).collect()
    }

    /// How much earlier the caller may be told: what nobody reads for 30 s is given up by the connection itself, where the
    /// system can tell (`LONGEST_DEAFNESS` in `transport-reqwest`).
    fn spare(self, limits: Limits) -> Duration {
        match (limits, self) {
            (Limits::Shipped, Self::Request) => Duration::from_secs(30),
            _ => Duration::ZERO,
        }
    }

    /// When the caller must be told, and what.
    fn expected(self, limits: Limits) -> (Duration, ErrorKind) {
        let shipped = |seconds| Duration::from_secs(seconds);
        match (limits, self) {
            (Limits::Shipped, Self::Connect | Self::Handshake) => (shipped(5), ErrorKind::Connect),
            (Limits::Shipped, Self::Request) => (shipped(60), ErrorKind::OutcomeUnknown),
            (Limits::Shipped, Self::Head | Self::Body | Self::Stream) => {
                (shipped(30), ErrorKind::Transport)
            }
            (Limits::Shipped, Self::Attempts) => (shipped(45), ErrorKind::Deadline),
            (Limits::Short, Self::Connect | Self::Handshake) => (CONNECT, ErrorKind::Connect),
            (Limits::Short, Self::Request) => (CALL, ErrorKind::OutcomeUnknown),
            (Limits::Short, Self::Head | Self::Body | Self::Stream | Self::Attempts) => {
                (CALL, ErrorKind::Deadline)
            }
        }
    }
}

impl End {
    fn told(&self) -> String {
        format!("{:?}: {:?} at {:.3} s", self.stage, self.kind, self.after.as_secs_f64())
    }
}

/// Whether each stage was tried, and ended at its limit.
pub fn are_met(ends: &[End], limits: Limits, late: Duration) -> bool {
    let is_met = |end: &End| {
        let (limit, kind) = end.stage.expected(limits);
        let first = limit.saturating_sub(end.stage.spare(limits));
        end.kind == kind && end.after >= first && end.after <= limit + late
    };
    ends.iter().map(|end| end.stage).eq(Stage::of(limits)) && ends.iter().all(is_met)
}

/// Calls a server that is slow at each stage, all at once.
pub async fn ends(limits: Limits) -> Result<Vec<End>, Trouble> {
    let mut calls = JoinSet::new();
    for stage in Stage::of(limits) {
        calls.spawn(end(stage, limits));
    }
    let mut ends = calls.join_all().await.into_iter().collect::<Result<Vec<_>, _>>()?;
    let stages = Stage::of(limits);
    ends.sort_by_key(|end| stages.iter().position(|stage| *stage == end.stage));
    Ok(ends)
}

#[expect(clippy::disallowed_methods, reason = "how long a caller waits is what the row tells")]
async fn end(stage: Stage, limits: Limits) -> Result<End, Trouble> {
    let server = Server::start(stage).await?;
    let builder = Client::builder("Specwright/Torture")
        .base_url(server.url(stage))
        .credentials(StaticToken::new("fake-static"))
        .proxy(Proxy::None)
        .without_rate_limits()
        .max_attempts(if stage == Stage::Attempts { 3 } else { 1 });
    let client = match (limits, stage) {
        (Limits::Shipped, Stage::Attempts) => builder.deadline(Duration::from_secs(45)),
        (Limits::Shipped, _) => builder,
        (Limits::Short, _) => builder.connect_timeout(CONNECT).deadline(CALL),
    }
    .build()?;
    let mut start = Instant::now();
    let list = client.contacts().list().limit(1);
    let kind = match stage {
        Stage::Connect | Stage::Handshake | Stage::Head | Stage::Body | Stage::Attempts => {
            list.await.err().map(|error| kind(&error))
        }
        Stage::Request => {
            let note = NoteCreate::new("x".repeat(LARGE), ResourceReference::new("con_1"));
            let call = client.notes().create(note);
            start = Instant::now();
            call.await.err().map(|error| kind(&error))
        }
        Stage::Stream => {
            let mut download = list.download("application/json").await?;
            loop {
                match download.chunk().await {
                    Ok(Some(_)) => start = Instant::now(),
                    Ok(None) => break None,
                    Err(error) => break Some(kind(&error)),
                }
            }
        }
    };
    let after = start.elapsed();
    let kind = kind.ok_or("a call succeeded whose answer never came")?;
    Ok(End { stage, kind, after })
}

fn kind(report: &ErrorReport) -> ErrorKind {
    report.kind()
}

/// A server that is slow.
struct Server {
    address: SocketAddr,
    task: JoinHandle<()>,
    /// Those who wait to be taken in.
    _waiting: Vec<TcpStream>,
}

impl Server {
    async fn start(stage: Stage) -> Result<Self, Trouble> {
        let socket = TcpSocket::new_v4()?;
        socket.bind(([127, 0, 0, 1], 0).into())?;
        let listener = socket.listen(if stage == Stage::Connect { 1 } else { 16 })?;
        let address = listener.local_addr()?;
        let mut waiting = Vec::new();
        if stage == Stage::Connect {
            // Whoever comes after them is not taken in before one of them has gone.
            while let Some(connection) = soon(TcpStream::connect(address)).await {
                waiting.push(connection?);
            }
        }
        let task = tokio::spawn(serve(listener, stage));
        Ok(Self { address, task, _waiting: waiting })
    }

    fn url(&self, stage: Stage) -> String {
        let scheme = if stage == Stage::Handshake { "https" } else { "http" };
        format!("{scheme}://{}", self.address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(listener: TcpListener, stage: Stage) {
    let mut connections = Vec::new();
    if stage == Stage::Connect {
        std::future::pending::<()>().await;
    }
    while let Ok((connection, _)) = listener.accept().await {
        // It ends in an error when the caller has had enough.
        connections.push(tokio::spawn(async move { drop(take_for_ever(connection, stage).await) }));
    }
}

async fn take_for_ever(mut connection: TcpStream, stage: Stage) -> std::io::Result<()> {
    const HEAD: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";
    let mut request = vec![0; 16 * 1024];
    match stage {
        Stage::Connect | Stage::Handshake | Stage::Request => {
            std::future::pending::<()>().await;
        }
        Stage::Head | Stage::Attempts => {
            let _ = connection.read(&mut request).await?;
            connection.write_all(HEAD).await?;
            connection.write_all(b"X-Slow: ").await?;
            drip(&mut connection).await?;
        }
        Stage::Body | Stage::Stream => {
            let _ = connection.read(&mut request).await?;
            connection.write_all(HEAD).await?;
            connection.write_all(b"Content-Length: 1000000\r\n\r\n").await?;
            if stage == Stage::Body {
                drip(&mut connection).await?;
            }
            for _ in 0..5 {
                connection.write_all(b" ").await?;
                wait(BYTE).await;
            }
            std::future::pending::<()>().await;
        }
    }
    Ok(())
}

async fn drip(connection: &mut TcpStream) -> std::io::Result<()> {
    loop {
        connection.write_all(b" ").await?;
        wait(BYTE).await;
    }
}

/// What `work` gives, if it does so without anybody who helps it.
#[expect(clippy::disallowed_methods, reason = "whether the queue is full shows in time alone")]
async fn soon<T>(work: impl Future<Output = T>) -> Option<T> {
    tokio::time::timeout(Duration::from_millis(100), work).await.ok()
}
