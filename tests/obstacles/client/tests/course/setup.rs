//! A client that answers from a script, and its requests as text.

use std::sync::Arc;

use obstacles_client::runtime::StaticToken;
use obstacles_client::runtime::json::{self, Decode, Encode};
use obstacles_client::runtime::operation::Operation;
use obstacles_client::{Call, Client};
use serde_json::Value;
use specwright_testkit::{RecordedRequest, Script, ScriptedTransport, SeededRandom, VirtualClock};

/// Whether the client has a token.
#[derive(Clone, Copy)]
pub(crate) enum Token {
    Given,
    None,
}

pub(crate) fn client(token: Token) -> (Client, ScriptedTransport) {
    let clock = VirtualClock::automatic();
    let transport = ScriptedTransport::new(clock.clone());
    let builder = Client::builder("Example/Tests")
        .clock(Arc::new(clock))
        .random(Arc::new(SeededRandom::new(1)))
        .transport(Arc::new(transport.clone()));
    let builder = match token {
        Token::Given => builder.credentials(StaticToken::new("an-invented-token")),
        Token::None => builder,
    };
    (builder.build().unwrap(), transport)
}

/// The request that a call sends. The answer is 204; what becomes of it is not looked at.
pub(crate) async fn request<O: Operation>(
    path: &str,
    call: impl FnOnce(&Client) -> Call<O>,
) -> RecordedRequest {
    let (client, transport) = client(Token::Given);
    transport.always(path, Script::status(204));
    let _ = call(&client).await;
    let requests = transport.requests();
    let [request] = requests.as_slice() else { panic!("{} requests", requests.len()) };
    request.clone()
}

/// Path and query of the request that a call sends, below the API's base.
#[track_caller]
pub(crate) fn target(request: &RecordedRequest) -> String {
    let text = request.uri.path_and_query().unwrap().as_str();
    text.strip_prefix("/v1").unwrap().to_owned()
}

/// The text of a header; empty if it is not there.
pub(crate) fn header(request: &RecordedRequest, name: &str) -> String {
    request.headers.get(name).map_or(String::new(), |value| value.to_str().unwrap().to_owned())
}

/// The body as text.
pub(crate) fn body(request: &RecordedRequest) -> String {
    String::from_utf8(request.body.to_vec()).unwrap()
}

/// Reads a JSON text as a type and gives what the type writes.
#[track_caller]
pub(crate) fn written_back<T: Decode + Encode>(text: &str) -> Value {
    let value: T = json::from_slice(text.as_bytes()).unwrap();
    serde_json::from_slice(&json::to_vec(&value).unwrap()).unwrap()
}

/// Asserts that a JSON text is read as a type and written back equal.
#[track_caller]
pub(crate) fn round_trip<T: Decode + Encode>(text: &str) {
    let expected: Value = serde_json::from_str(text).unwrap();
    assert_eq!(written_back::<T>(text), expected);
}
