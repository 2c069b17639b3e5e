//! The whole API: types, operations, groups, webhooks and what the runtime must know.

use specwright_source::{Pointer, Span};

use crate::guess::Guess;
use crate::operation::Operation;
use crate::security::SecurityScheme;
use crate::ty::{Ty, TypeDef};
use crate::words::Words;

/// An API as its document means it.
#[derive(Clone, Debug, Default)]
pub struct Api {
    /// `info.title`.
    pub title: String,
    /// `info.version`, verbatim.
    pub version: String,
    /// `info.description` and the like.
    pub docs: Docs,
    /// Base URL of the first server, variables replaced by their defaults; without a final `/`.
    pub server: Option<String>,
    /// Named types, sorted by [`TypeDef::key`]. [`crate::TypeId`] indexes this list.
    pub types: Vec<TypeDef>,
    /// Operations, sorted by [`Operation::key`].
    pub operations: Vec<Operation>,
    /// Groups of operations, sorted by their words.
    pub groups: Vec<Group>,
    /// Security schemes, sorted by name.
    pub schemes: Vec<SecurityScheme>,
    /// Events that the API sends, sorted by name.
    pub webhooks: Vec<Webhook>,
    /// Where a webhook payload says which event it is; `None` if the payloads do not agree.
    pub webhook_tag: Option<WebhookTag>,
    /// How webhooks are signed; `None` if the document does not say, or says different things.
    pub webhook_signature: Option<WebhookSignature>,
    /// Request quotas, all of which hold at once. Empty if the document states none.
    pub rate_windows: Vec<RateWindow>,
    /// What a `RateLimit-Reset` header counts.
    pub rate_reset: ResetUnit,
    /// Seconds to wait at least after a 429, if the document states them.
    pub rate_limit_wait: Option<u32>,
    /// How errors that the API itself made are told from those of what stands before it.
    pub error_envelope: Option<ErrorEnvelope>,
    /// Decisions that the document left open, sorted by key and kind.
    pub guesses: Vec<Guess>,
}

/// Where something stands in the documents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The node's place in its document.
    pub pointer: Pointer,
    /// The node's bytes; inside an overlay file if an overlay wrote the node.
    pub span: Span,
}

/// Prose of a document. Untrusted Markdown: a back end escapes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Docs {
    /// One line.
    pub summary: Option<String>,
    /// Any number of paragraphs.
    pub description: Option<String>,
}

/// Index into [`Api::groups`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct GroupId(pub usize);

/// Operations that share a handle: a tag of the document, or the first path segment.
#[derive(Clone, Debug)]
pub struct Group {
    /// The path of the group: `Orders / Line Items` gives `[orders, line items]`.
    pub path: Vec<Words>,
    /// The tag as written; `None` if the group comes from a path.
    pub tag: Option<String>,
    /// Prose of the tag.
    pub docs: Docs,
}

/// An event that the API sends to its user.
#[derive(Clone, Debug)]
pub struct Webhook {
    /// The key under `webhooks`, for instance `contact.created`.
    pub name: String,
    /// The value of [`WebhookTag`] that announces this event.
    pub tag: Option<String>,
    /// The body.
    pub payload: Ty,
    /// Prose.
    pub docs: Docs,
    /// Where the webhook stands.
    pub origin: Origin,
}

/// The place in a webhook payload that names the event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookTag {
    /// JSON Pointer into the payload, for instance `/event/type`.
    pub pointer: Pointer,
}

/// How the API signs what it sends, with an HMAC-SHA256 of a time and the body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WebhookSignature {
    /// One header of the form `t=TIME,v1=HEX`.
    Timestamped {
        /// Its name.
        header: String,
        /// JSON Pointer to the id of the event in the payload.
        id: String,
    },
    /// The three headers of Standard Webhooks.
    Standard,
}

/// At most `requests` in any `seconds`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateWindow {
    /// Number of requests.
    pub requests: u32,
    /// Length of the window in seconds.
    pub seconds: u32,
}

/// Where an error of the API says what it is. An answer without a request id there, or without a
/// code if the API names no request, was made by something else on the way: a gateway, a load
/// balancer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorEnvelope {
    /// JSON Pointer to the API's name for the request, if errors have one.
    pub request_id: Option<String>,
    /// JSON Pointer to the kind of the error.
    pub code: String,
    /// Kinds that are a failure of the server although their status is 4XX.
    pub server_faults: Vec<String>,
}

/// The unit of `RateLimit-Reset`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ResetUnit {
    /// Not stated: small numbers are a delay, large ones an instant.
    #[default]
    Unknown,
    /// Seconds from the response on (the IETF draft).
    DeltaSeconds,
    /// Seconds since 1970-01-01T00:00:00Z.
    EpochSeconds,
}
