//! Any text in the row of a grant: nothing panics, a token is sent only if the record is whole, and a text that is no
//! record is left as it is.
//!
//! Input: a digit for what the server answers, then either `t` and the text of the row, in which [`SEALED`] stands for a
//! sealed pair that opens, or `e` and changes of a row that is whole: two bytes for the place and one to be there.

#![no_main]

use std::sync::{Arc, LazyLock};
use std::time::{Duration, SystemTime};

use http::{HeaderMap, HeaderValue, StatusCode};
use libfuzzer_sys::fuzz_target;
use serde::Deserialize;
use specwright_fuzz::{Answer, AtOnce, Counting, JumpingClock, START, Server, run};
use specwright_oauth::{ClientRegistration, IssuedToken, TokenEndpoint};
use specwright_refresh::{
    Credentials as _, GrantKey, GrantParts, GrantProblem, GrantSource, GrantStore as _, Grants,
    KeyRing, MemoryStore, NewRow, RefreshPolicy, RotationModel, SealingKey, StoreTime, Unobserved,
};
use url::Url;

/// In a text of an input: the sealed pair.
const SEALED: &str = "%P";

/// The row of a grant that was just connected, and the sealed pair in it.
static WHOLE: LazyLock<(String, String)> = LazyLock::new(|| {
    let world = World::new(b'0');
    let token = IssuedToken::new("fake-access", Duration::from_secs(3_600));
    run(world.grants.adopt(&world.key, token.refresh_token("fake-refresh"))).expect("connected");
    let row = world.row().expect("a row");
    let read: Row = serde_json::from_str(&row).expect("a row");
    let sealed = read.sealed().expect("a pair").to_owned();
    (row, sealed)
});

fuzz_target!(|input: &[u8]| {
    let Some((&answer, rest)) = input.split_first() else { return };
    let Some(text) = text(rest) else { return };
    let world = World::new(answer);
    world.write(&text);
    let readable = run(world.grants.status(&world.key));
    let bearer = run(world.grants.credentials(world.key.clone()).bearer());
    let received = world.server.received();
    if !received.is_empty() {
        assert!(is_whole(&text), "a request for a record that is not whole");
    }
    for request in &received {
        let form: Vec<_> = url::form_urlencoded::parse(request).collect();
        let shown = form.iter().find(|(name, _)| name == "refresh_token");
        assert_eq!(shown.map(|(_, token)| &**token), Some("fake-refresh"));
    }
    if let Ok(bearer) = &bearer {
        let header = bearer.header().to_str().expect("a token");
        assert!(matches!(header, "Bearer fake-access" | "Bearer fake-next"));
    }
    if readable.is_err() {
        assert_eq!(readable, Err(GrantProblem::Record));
        assert!(bearer.is_err() && received.is_empty());
        assert_eq!(world.row().as_deref(), Some(&*text), "a text that is no record was changed");
    } else {
        assert!(run(world.grants.status(&world.key)).is_ok(), "a record was damaged");
    }
    let _ = run(world.grants.attend_once(8));
    let _ = run(world.grants.disconnect(&world.key));
    assert_eq!(run(world.grants.status(&world.key)).is_ok(), readable.is_ok());
});

/// The text of the row.
fn text(input: &[u8]) -> Option<String> {
    let (whole, sealed) = &*WHOLE;
    match input.split_first()? {
        (b't', text) => Some(std::str::from_utf8(text).ok()?.replace(SEALED, sealed)),
        (b'e', edits) => {
            let mut row = whole.clone().into_bytes();
            for edit in edits.chunks_exact(3) {
                let place = usize::from(u16::from_be_bytes([edit[0], edit[1]])) % row.len();
                row[place] = edit[2];
            }
            String::from_utf8(row).ok()
        }
        _ => None,
    }
}

/// Whether a text holds the sealed pair in the place for which it was sealed.
fn is_whole(text: &str) -> bool {
    let Ok(row) = serde_json::from_str::<Row>(text) else { return false };
    row.form <= 1 && row.generation == 1 && row.sealed() == Some(&*WHOLE.1)
}

/// What must be right in a row before anything is sent.
#[derive(Deserialize)]
struct Row {
    form: u32,
    generation: u64,
    pair: Option<Pair>,
}

#[derive(Deserialize)]
struct Pair {
    sealed: String,
}

impl Row {
    fn sealed(&self) -> Option<&str> {
        self.pair.as_ref().map(|pair| &*pair.sealed)
    }
}

struct World {
    grants: Grants,
    key: GrantKey,
    store: Arc<MemoryStore>,
    server: Arc<Server>,
}

impl World {
    fn new(answer: u8) -> Self {
        let clock = Arc::new(JumpingClock::default());
        let store = Arc::new(MemoryStore::volatile(Arc::<JumpingClock>::clone(&clock)));
        let server = Arc::new(Server::new(self::answer(answer)));
        let endpoint = TokenEndpoint::new(
            Url::parse("https://auth.example/token").expect("a URL"),
            HeaderValue::from_static("Fuzz/1"),
            Arc::<Server>::clone(&server),
            Arc::<JumpingClock>::clone(&clock),
        );
        let grants = Grants::new(GrantParts {
            endpoint,
            revocation: None,
            source: GrantSource::Users(ClientRegistration::public("fake-id")),
            policy: RefreshPolicy::new(RotationModel::OnFirstUse),
            store: Arc::<MemoryStore>::clone(&store),
            spill: None,
            keys: Arc::new(KeyRing::new("fake", SealingKey::new([1; 32]))),
            clock,
            random: Arc::new(Counting::default()),
            spawn: Arc::new(AtOnce),
            identify: None,
            observer: Arc::new(Unobserved),
        });
        Self { grants, key: GrantKey::new("tenant", "grant"), store, server }
    }

    fn write(&self, text: &str) {
        let due = Some(StoreTime::from(SystemTime::UNIX_EPOCH + Duration::from_secs(START)));
        let row = NewRow { text: text.to_owned(), due };
        run(self.store.swap(&self.key, None, row)).expect("a row");
    }

    fn row(&self) -> Option<String> {
        let loaded = run(self.store.load(&self.key)).expect("a row");
        loaded.row.map(|row| row.text)
    }
}

/// What the server answers, for the first byte of an input.
fn answer(choice: u8) -> Option<Answer> {
    let (status, body) = match choice % 8 {
        0 => (200, r#"{"access_token":"fake-next","refresh_token":"fake-new","expires_in":7200}"#),
        1 => (400, r#"{"error":"invalid_grant"}"#),
        2 => (401, r#"{"error":"invalid_client"}"#),
        3 => (503, "busy"),
        4 => (429, ""),
        5 => (200, r#"{"access_token":null,"refresh_token":"fake-refresh"}"#),
        6 => (200, "<html>"),
        _ => return None,
    };
    let status = StatusCode::from_u16(status).expect("a status");
    Some(Answer { status, headers: HeaderMap::new(), body: body.into() })
}
