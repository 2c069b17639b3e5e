//! A proxy that cuts a connection after an exact number of bytes.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

/// Stands before a server, and passes everything on but what comes after a cut. One exchange at a time goes through it.
#[derive(Debug)]
pub struct Slicer {
    address: SocketAddr,
    plan: Arc<Mutex<Plan>>,
    task: JoinHandle<()>,
}

/// Where an exchange ends, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    /// After which byte.
    pub place: Place,
    /// How its caller notices.
    pub end: End,
    /// How many exchanges end so; those after them pass.
    pub times: u32,
}

/// A byte of an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// So many bytes of the request have passed, and none of the answer.
    Request(usize),
    /// So many bytes of the answer have passed.
    Answer(usize),
}

/// How a caller notices that a connection has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// It is closed.
    Close,
    /// It is reset.
    Reset,
}

/// Bytes that have come from either side, in one exchange.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Passed {
    /// Of the request.
    pub request: usize,
    /// Of the answer.
    pub answer: usize,
}

#[derive(Debug, Default)]
struct Plan {
    cut: Option<Cut>,
    /// Counts the plans: what a connection has said before this one is of no matter.
    number: u64,
    passed: Passed,
}

/// What one connection has said under one plan.
#[derive(Clone, Copy, Debug, Default)]
struct Said {
    plan: u64,
    passed: Passed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Client,
    Server,
}

impl Slicer {
    /// A slicer before the server at this address.
    pub async fn start(server: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let plan = Arc::<Mutex<Plan>>::default();
        let task = tokio::spawn(serve(listener, server, Arc::clone(&plan)));
        Ok(Self { address, plan, task })
    }

    /// Where it listens.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// From now on exchanges are cut so, or pass.
    pub fn plan(&self, cut: Option<Cut>) {
        let mut plan = locked(&self.plan);
        *plan = Plan { cut, number: plan.number + 1, passed: Passed::default() };
    }

    /// What has come of the last exchange under this plan.
    pub fn passed(&self) -> Passed {
        locked(&self.plan).passed
    }
}

impl Drop for Slicer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Plan {
    /// Counts what has come from one side; gives how much of it may pass, and how the connection ends then.
    fn count(&mut self, said: &mut Said, side: Side, read: usize) -> (usize, Option<End>) {
        if said.plan != self.number {
            *said = Said { plan: self.number, passed: Passed::default() };
        }
        let so_far = match side {
            Side::Client => &mut said.passed.request,
            Side::Server => &mut said.passed.answer,
        };
        let before = *so_far;
        *so_far += read;
        let after = *so_far;
        self.passed = said.passed;
        let Some(cut) = &mut self.cut else { return (read, None) };
        let at = match (cut.place, side) {
            (Place::Request(at), Side::Client) | (Place::Answer(at), Side::Server) => at,
            (Place::Request(_), Side::Server) | (Place::Answer(_), Side::Client) => {
                return (read, None);
            }
        };
        if cut.times == 0 || after < at {
            return (read, None);
        }
        cut.times -= 1;
        (at.saturating_sub(before), Some(cut.end))
    }
}

async fn serve(listener: TcpListener, server: SocketAddr, plan: Arc<Mutex<Plan>>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((client, _)) = accepted else { continue };
                let plan = Arc::clone(&plan);
                // It ends in an error when either side goes away, which is what is played here.
                connections.spawn(async move { drop(pass(client, server, &plan).await) });
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn pass(mut client: TcpStream, server: SocketAddr, plan: &Mutex<Plan>) -> io::Result<()> {
    let mut server = TcpStream::connect(server).await?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let (mut request, mut answer) = (vec![0; 16 * 1024], vec![0; 16 * 1024]);
    let mut said = Said::default();
    loop {
        let (side, read) = tokio::select! {
            read = client.read(&mut request) => (Side::Client, read?),
            read = server.read(&mut answer) => (Side::Server, read?),
        };
        if read == 0 {
            return Ok(());
        }
        let (part, end) = locked(plan).count(&mut said, side, read);
        match side {
            Side::Client => server.write_all(request.get(..part).unwrap_or_default()).await?,
            Side::Server => client.write_all(answer.get(..part).unwrap_or_default()).await?,
        }
        match end {
            None => {}
            Some(End::Close) => return Ok(()),
            Some(End::Reset) => return client.set_zero_linger(),
        }
    }
}

fn locked(plan: &Mutex<Plan>) -> MutexGuard<'_, Plan> {
    plan.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(place: Place) -> Plan {
        Plan { cut: Some(Cut { place, end: End::Close, times: 1 }), ..Plan::default() }
    }

    #[test]
    fn a_cut_is_exact_wherever_the_bytes_are_parted() {
        let (mut plan, mut said) = (plan(Place::Request(7)), Said::default());
        assert_eq!(plan.count(&mut said, Side::Client, 5), (5, None));
        assert_eq!(plan.count(&mut said, Side::Server, 9), (9, None));
        assert_eq!(plan.count(&mut said, Side::Client, 5), (2, Some(End::Close)));
    }

    #[test]
    fn after_so_many_cuts_everything_passes() {
        let mut plan = plan(Place::Answer(0));
        assert_eq!(plan.count(&mut Said::default(), Side::Server, 9), (0, Some(End::Close)));
        assert_eq!(plan.count(&mut Said::default(), Side::Server, 9), (9, None));
    }
}
