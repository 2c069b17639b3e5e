//! The sandbox as a process: prints where it listens and with which credentials, then serves until
//! it is interrupted.

use std::error::Error;
use std::fmt;
use std::fs;
use std::future::{Future, poll_fn};
use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::process::ExitCode;
use std::task::Poll;
use std::time::Duration;

use clap::{Parser, ValueEnum};
use specwright_sandbox::{
    Api, BeyondTheEnd, ConcurrentKeys, ExpiresIn, Limits, Options, OtherBody, Profile, RateHeaders,
    Rotation, Sandbox, StartError, Window, WindowKind,
};

/// Plays the API of a vendor for tests and first steps.
#[derive(Debug, Parser)]
#[command(version, after_help = AFTER_HELP)]
struct Arguments {
    /// The API to play.
    #[arg(value_enum, default_value_t = ApiArgument::Stora)]
    api: ApiArgument,
    /// Port to listen on; 0 takes a free one.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Address to listen on. Anything but loopback lets others in.
    #[arg(long, value_name = "IP", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    listen: IpAddr,
    /// Effective document to play instead of the API's: OpenAPI 3.1 in JSON, overlays applied.
    #[arg(long, value_name = "FILE")]
    document: Option<PathBuf>,
    /// Profile to play the document with instead of the API's: YAML. Given again, a further topic.
    #[arg(long, value_name = "FILE")]
    profile: Vec<PathBuf>,
    /// Start with so many resources of a collection, such as `contacts=3`. May be given again.
    #[arg(long, value_name = "COLLECTION=N", value_parser = seeds)]
    seed: Vec<(String, usize)>,
    /// Start with so many contacts. Short for `--seed contacts=N`.
    #[arg(long, value_name = "N", default_value_t = 0)]
    contacts: usize,
    /// Start with every resource that an example of the document shows or names.
    #[arg(long)]
    examples: bool,
    /// Which rate windows hold.
    #[arg(long, value_enum, default_value_t = LimitsArgument::Off)]
    limits: LimitsArgument,
    /// A rate window instead of those of the document, such as `10/1`: ten requests in a second. May be given again.
    #[arg(long, value_name = "REQUESTS/SECONDS", value_parser = window, conflicts_with = "limits")]
    window: Vec<Window>,
    /// When requests no longer count in a rate window.
    #[arg(long, value_enum, default_value_t = WindowKindArgument::Fixed)]
    window_kind: WindowKindArgument,
    /// Which answers have headers that say how full the rate windows are.
    #[arg(long, value_enum, default_value_t = RateHeadersArgument::Refusal)]
    rate_headers: RateHeadersArgument,
    /// What a request is answered whose idempotency key came with another body before.
    #[arg(long, value_enum, default_value_t = OtherBodyArgument::Replayed)]
    other_body: OtherBodyArgument,
    /// What becomes of two requests with one idempotency key at the same time.
    #[arg(long, value_enum, default_value_t = ConcurrentKeysArgument::OneActs)]
    concurrent_keys: ConcurrentKeysArgument,
    /// What a page is that comes after the last one of its list.
    #[arg(long, value_enum, default_value_t = BeyondTheEndArgument::Empty)]
    beyond_the_end: BeyondTheEndArgument,
    /// What `expires_in` of a token answer holds.
    #[arg(long, value_enum, default_value_t = ExpiresInArgument::Seconds)]
    expires_in: ExpiresInArgument,
    /// How refresh tokens are rotated, instead of as the vendor does: M1 to M6 or R.
    #[arg(long, value_name = "MODEL")]
    rotation: Option<Rotation>,
    /// How many seconds an access token lasts, instead of the vendor's time.
    #[arg(long, value_name = "SECONDS")]
    token_lifetime: Option<u64>,
    /// Where the client may have people sent back to. May be given again.
    #[arg(long, value_name = "URI")]
    redirect_uri: Vec<String>,
    /// An account that the client can be connected to, instead of `operator-1` and `operator-2`. May be given again.
    #[arg(long, value_name = "NAME")]
    operator: Vec<String>,
    /// The token of the control API is in this file, instead of an invented one that is printed.
    #[arg(long, value_name = "FILE")]
    control_token_file: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ApiArgument {
    /// Stora, version 2025-09.
    Stora,
    /// Understory, version v1.
    Understory,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum LimitsArgument {
    /// None.
    Off,
    /// Those of the document.
    Documented,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum WindowKindArgument {
    /// All at once, at each multiple of the window's length since 1970.
    Fixed,
    /// Each by itself, the window's length after it was let in.
    Sliding,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum RateHeadersArgument {
    /// Those to a request too many, as the vendor documents it.
    Refusal,
    /// All, with how many requests are left.
    Every,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum OtherBodyArgument {
    /// The answer that was kept for the key.
    Replayed,
    /// 422.
    Refused,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum BeyondTheEndArgument {
    /// One without items.
    Empty,
    /// 404.
    NotFound,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ConcurrentKeysArgument {
    /// One acts, and the other gets its answer.
    OneActs,
    /// Both act: the server holds nothing back.
    BothAct,
    /// The second is answered 409.
    Conflict,
    /// The second is answered 429, without a word on when to come back.
    TooManyRequests,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ExpiresInArgument {
    /// The lifetime in seconds.
    Seconds,
    /// The moment of expiry in seconds since 1970.
    Epoch,
    /// The lifetime in seconds, as a text.
    Text,
    /// The lifetime in seconds, with a fraction.
    Float,
    /// Nothing.
    Absent,
    /// The lifetime in seconds, below zero.
    Negative,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            // Nothing is left to do if the standard error cannot be written.
            let _ = writeln!(io::stderr(), "error: {failure}");
            if let Some(source) = failure.source() {
                let _ = writeln!(io::stderr(), "  because: {source}");
            }
            failure.exit_code()
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), Failure> {
    let options = options(arguments)?;
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Failure::Run)?;
    runtime.block_on(async {
        let sandbox = Sandbox::start(options).await.map_err(Failure::Start)?;
        // Listened for before anyone is told of us: who reads the line may interrupt at once.
        let mut interrupt = pin!(tokio::signal::ctrl_c());
        let early = poll_fn(|context| Poll::Ready(interrupt.as_mut().poll(context))).await;
        announce(&sandbox, arguments).map_err(Failure::Run)?;
        match early {
            Poll::Ready(heard) => heard,
            Poll::Pending => interrupt.await,
        }
        .map_err(Failure::Run)?;
        sandbox.shutdown().await;
        Ok(())
    })
}

fn options(arguments: &Arguments) -> Result<Options, Failure> {
    let mut options = Options::new()
        .with_api(match arguments.api {
            ApiArgument::Stora => Api::Stora,
            ApiArgument::Understory => Api::Understory,
        })
        .with_listen(SocketAddr::new(arguments.listen, arguments.port))
        .with_limits(match arguments.limits {
            _ if !arguments.window.is_empty() => Limits::Windows(arguments.window.clone()),
            LimitsArgument::Off => Limits::Off,
            LimitsArgument::Documented => Limits::Documented,
        })
        .with_window_kind(match arguments.window_kind {
            WindowKindArgument::Fixed => WindowKind::Fixed,
            WindowKindArgument::Sliding => WindowKind::Sliding,
        })
        .with_rate_headers(match arguments.rate_headers {
            RateHeadersArgument::Refusal => RateHeaders::OnRefusal,
            RateHeadersArgument::Every => RateHeaders::OnEveryAnswer,
        })
        .with_other_body(match arguments.other_body {
            OtherBodyArgument::Replayed => OtherBody::Replayed,
            OtherBodyArgument::Refused => OtherBody::Refused,
        })
        .with_concurrent_keys(match arguments.concurrent_keys {
            ConcurrentKeysArgument::OneActs => ConcurrentKeys::OneActs,
            ConcurrentKeysArgument::BothAct => ConcurrentKeys::BothAct,
            ConcurrentKeysArgument::Conflict => ConcurrentKeys::Conflict,
            ConcurrentKeysArgument::TooManyRequests => ConcurrentKeys::TooManyRequests,
        })
        .with_beyond_the_end(match arguments.beyond_the_end {
            BeyondTheEndArgument::Empty => BeyondTheEnd::Empty,
            BeyondTheEndArgument::NotFound => BeyondTheEnd::NotFound,
        })
        .with_expires_in(match arguments.expires_in {
            ExpiresInArgument::Seconds => ExpiresIn::Seconds,
            ExpiresInArgument::Epoch => ExpiresIn::Epoch,
            ExpiresInArgument::Text => ExpiresIn::Text,
            ExpiresInArgument::Float => ExpiresIn::Float,
            ExpiresInArgument::Absent => ExpiresIn::Absent,
            ExpiresInArgument::Negative => ExpiresIn::Negative,
        });
    if let Some(path) = &arguments.document {
        options = options.with_document(read(path)?);
    }
    if arguments.contacts > 0 {
        options = options.with_contacts(arguments.contacts);
    }
    if arguments.examples {
        options = options.with_examples();
    }
    if let Some(rotation) = &arguments.rotation {
        options = options.with_rotation(rotation.clone());
    }
    if let Some(seconds) = arguments.token_lifetime {
        options = options.with_token_lifetime(Duration::from_secs(seconds));
    }
    for uri in &arguments.redirect_uri {
        options = options.with_redirect_uri(uri);
    }
    for name in &arguments.operator {
        options = options.with_operator(name);
    }
    if let Some(path) = &arguments.control_token_file {
        options = options.with_control_token(read(path)?.trim());
    }
    for (collection, count) in &arguments.seed {
        options = options.with_seeds(collection, *count);
    }
    if let Some((first, topics)) = arguments.profile.split_first() {
        let profile = Profile::from_yaml(&read(first)?).map_err(Failure::Start)?;
        let profile = topics.iter().try_fold(profile, |profile, topic| {
            profile.with_topic(&read(topic)?).map_err(Failure::Start)
        })?;
        options = options.with_profile(profile);
    }
    Ok(options)
}

fn seeds(text: &str) -> Result<(String, usize), String> {
    let pair = text.split_once('=').and_then(|(name, count)| Some((name, count.parse().ok()?)));
    let (name, count) = pair.ok_or("a collection, `=` and a number are wanted")?;
    Ok((name.to_owned(), count))
}

fn window(text: &str) -> Result<Window, String> {
    let pair = text.split_once('/');
    let numbers = pair
        .and_then(|(requests, seconds)| Window::new(requests.parse().ok()?, seconds.parse().ok()?));
    numbers.ok_or_else(|| "a number of requests, `/` and a number of seconds are wanted".to_owned())
}

/// One line on the standard output, for people and for scripts; words go to the standard error.
fn announce(sandbox: &Sandbox, arguments: &Arguments) -> io::Result<()> {
    if !sandbox.address().ip().is_loopback() {
        writeln!(
            io::stderr(),
            "warning: everyone who reaches {} can use this sandbox",
            sandbox.address()
        )?;
    }
    let mut out = io::stdout();
    write!(
        out,
        "base_url={} client_id={} client_secret={}",
        sandbox.base_url(),
        sandbox.client_id(),
        sandbox.client_secret()
    )?;
    // Whoever gave the token knows it.
    if arguments.control_token_file.is_none() {
        write!(out, " control_token={}", sandbox.control_token())?;
    }
    writeln!(out)?;
    out.flush()
}

fn read(path: &Path) -> Result<String, Failure> {
    fs::read_to_string(path).map_err(|source| Failure::Unreadable { path: path.to_owned(), source })
}

#[derive(Debug)]
enum Failure {
    Unreadable { path: PathBuf, source: io::Error },
    Start(StartError),
    Run(io::Error),
}

impl Failure {
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::Run(_) | Self::Start(StartError::Listen { .. } | StartError::Randomness) => {
                ExitCode::from(1)
            }
            Self::Unreadable { .. } | Self::Start(_) => ExitCode::from(3),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable { path, .. } => write!(f, "cannot read {}", path.display()),
            Self::Start(error) => error.fmt(f),
            Self::Run(_) => f.write_str("the operating system refused something"),
        }
    }
}

impl Error for Failure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Unreadable { source, .. } | Self::Run(source) => Some(source),
            Self::Start(error) => error.source(),
        }
    }
}

const AFTER_HELP: &str = "\
Example:
  specwright-sandbox --port 4010 --seed contacts=3
  specwright-sandbox understory --examples
  specwright-sandbox --redirect-uri http://127.0.0.1/callback --rotation M3

Prints one line, `base_url=… client_id=… client_secret=… control_token=…`, and serves until Ctrl-C. The
credentials are invented at each start, and everything is forgotten at the end. What the server saw is at
GET /__sandbox/ledger, for `Authorization: Bearer CONTROL_TOKEN`; docs/sandbox.md has the other calls.

Exit codes:
  0  stopped by Ctrl-C
  1  the address cannot be listened on, or the operating system refused something else
  2  the command line is wrong
  3  the document or the profile cannot be read or played";
