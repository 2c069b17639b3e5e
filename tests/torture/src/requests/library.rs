//! A server of lists whose pages are whatever somebody says.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Value, json};
use specwright_testkit::Sandbox;
use specwright_testkit::sandbox::Options;
use stora_2025_09::runtime::{Method, StaticToken};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

use super::walk::LIMIT;
use crate::codes::Vendor;
use crate::setting::Trouble;

/// Answers every request with a page. It stops when it is dropped.
#[derive(Debug)]
pub struct Library {
    address: SocketAddr,
    asked: Arc<AtomicU64>,
    task: JoinHandle<()>,
}

/// A page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The numbers of its entries.
    pub entries: Vec<u64>,
    /// What it says of the page after it.
    pub next: Next,
    /// How many pages it says that there are.
    pub pages: u64,
}

/// What a page says of the one after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// It has this number, or a cursor with this number in it.
    Page(u64),
    /// There is none.
    Null,
    /// Nothing, nor of the list.
    Absent,
}

/// A page as the vendor writes it.
#[derive(Clone, Debug)]
pub struct Template {
    vendor: Vendor,
    page: Value,
    entry: Value,
}

type Script = dyn Fn(u64) -> Page + Send + Sync;

impl Library {
    /// Answers with the page that belongs to the number that was asked for; the first one is 1.
    pub async fn start(
        template: Template,
        page: impl Fn(u64) -> Page + Send + Sync + 'static,
    ) -> Result<Self, Trouble> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let (address, asked) = (listener.local_addr()?, Arc::<AtomicU64>::default());
        let task = tokio::spawn(serve(listener, template, Arc::new(page), Arc::clone(&asked)));
        Ok(Self { address, asked, task })
    }

    /// Where it listens.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// How many pages were asked for.
    pub fn asked(&self) -> u64 {
        self.asked.load(Ordering::SeqCst)
    }
}

impl Drop for Library {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Template {
    /// Of the list that [`Walk`](super::walk::Walk) goes through, as the sandbox writes it.
    pub async fn of(vendor: Vendor) -> Result<Self, Trouble> {
        let sandbox =
            Sandbox::start_with(Options::new().with_api(vendor.api()).with_examples()).await?;
        let client = stora_2025_09::Client::builder("Specwright/Torture")
            .base_url(sandbox.base_url())
            .credentials(StaticToken::new(sandbox.static_token().to_owned()))
            .build()?;
        let path = match vendor {
            Vendor::Stora => "/2025-09/contacts",
            Vendor::Understory => "/v1/orders",
        };
        let answer = client.request(Method::GET, path).send().await?;
        let page: Value = serde_json::from_slice(answer.body())?;
        let first = page.get(entries(vendor)).and_then(|entries| entries.get(0));
        let entry = first.ok_or("the sandbox has no entry")?.clone();
        Ok(Self { vendor, page, entry })
    }

    /// The page of this number.
    fn write(&self, number: u64, page: &Page) -> String {
        let mut written = self.page.clone();
        let entries = page.entries.iter().map(|entry| {
            let mut written = self.entry.clone();
            written["id"] = json!(format!("entry_{entry}"));
            written
        });
        written[self::entries(self.vendor)] = entries.collect();
        match (self.vendor, page.next) {
            (Vendor::Stora, Next::Absent) => written["meta"] = Value::Null,
            (Vendor::Stora, next) => {
                let next = if let Next::Page(next) = next { Some(next) } else { None };
                written["meta"]["pagination"] = json!({
                    "page": number,
                    "next": next,
                    "pages": page.pages,
                    "count": page.pages.saturating_mul(LIMIT.into()),
                });
            }
            (Vendor::Understory, Next::Page(next)) => written["next"] = json!(cursor(next)),
            (Vendor::Understory, Next::Null) => written["next"] = Value::Null,
            (Vendor::Understory, Next::Absent) => {
                if let Some(members) = written.as_object_mut() {
                    members.remove("next");
                }
            }
        }
        written.to_string()
    }
}

/// The member that holds the entries.
fn entries(vendor: Vendor) -> &'static str {
    match vendor {
        Vendor::Stora => "contacts",
        Vendor::Understory => "items",
    }
}

const CURSOR: &str = "cursor-";

fn cursor(number: u64) -> String {
    format!("{CURSOR}{number}")
}

/// The number that a request asks for.
fn asked_for(head: &str) -> u64 {
    let target = head.split(' ').nth(1).unwrap_or_default();
    let (_, query) = target.split_once('?').unwrap_or_default();
    let asked = query.split('&').filter_map(|pair| pair.split_once('='));
    let mut number = asked.filter_map(|(name, value)| match name {
        "page" => value.parse().ok(),
        "cursor" => value.strip_prefix(CURSOR)?.parse().ok(),
        _ => None,
    });
    number.next_back().unwrap_or(1)
}

async fn serve(
    listener: TcpListener,
    template: Template,
    page: Arc<Script>,
    asked: Arc<AtomicU64>,
) {
    let mut connections = JoinSet::new();
    while let Ok((connection, _)) = listener.accept().await {
        let (template, page, asked) = (template.clone(), Arc::clone(&page), Arc::clone(&asked));
        // It ends in an error when the client goes away.
        connections.spawn(async move { drop(answer(connection, &template, &*page, &asked).await) });
    }
}

/// Answers request after request. None of them has a body.
async fn answer(
    mut connection: TcpStream,
    template: &Template,
    page: &Script,
    asked: &AtomicU64,
) -> io::Result<()> {
    let mut heard = String::new();
    loop {
        let Some((head, rest)) = heard.split_once("\r\n\r\n") else {
            let mut bytes = [0; 4096];
            let read = connection.read(&mut bytes).await?;
            if read == 0 {
                return Ok(());
            }
            heard.push_str(&String::from_utf8_lossy(bytes.get(..read).unwrap_or_default()));
            continue;
        };
        asked.fetch_add(1, Ordering::SeqCst);
        let number = asked_for(head);
        let body = template.write(number, &page(number));
        heard = rest.to_owned();
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        connection.write_all((head + &body).as_bytes()).await?;
    }
}
