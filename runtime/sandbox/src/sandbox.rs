//! A vendor that listens on a socket.

use std::fmt;
use std::net::SocketAddr;
use std::ops::Deref;

use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::error::StartError;
use crate::options::Options;
use crate::server;
use crate::service::Service;
use crate::webhooks;

/// A running sandbox. It stops when it is dropped.
///
/// Whatever it is asked about, and whatever is changed while it runs, goes through its [`Service`].
pub struct Sandbox {
    service: Service,
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl Sandbox {
    /// Starts a sandbox on the current tokio runtime.
    ///
    /// # Errors
    /// See [`StartError`].
    pub async fn start(options: Options) -> Result<Self, StartError> {
        let address = options.listen;
        let service = Service::new(options)?;
        let listen = |source| StartError::Listen { address, source };
        let listener = TcpListener::bind(address).await.map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        let (serving, posting) = (service.clone(), service.clone());
        let task = tokio::spawn(async move {
            tokio::join!(server::serve(listener, serving), webhooks::post_all(posting));
        });
        Ok(Self { service, address, task })
    }

    /// Where the sandbox listens, such as `http://127.0.0.1:49152`. Paths of the document follow it.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The address and port.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Stops listening and closes every connection.
    pub async fn shutdown(mut self) {
        self.task.abort();
        // It was aborted, so it ends in that error and in no other.
        let _ = (&mut self.task).await;
    }
}

impl Deref for Sandbox {
    type Target = Service;

    fn deref(&self) -> &Service {
        &self.service
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sandbox").field("address", &self.address).finish_non_exhaustive()
    }
}
