//! The meaning of an API.
//!
//! Input: what `specwright-lower` understood of a document. Output: an [`Api`] that any back end can
//! read. The crate holds types, a stable text dump and a verifier; it decides nothing.
//!
//! Invariants, asserted by [`verify()`] after every pass in tests:
//!
//! - I1 no `$ref`, no file name and no question of OpenAPI version is left.
//! - I2 no word of a target language: names are [`Words`], never identifiers.
//! - I3 every id is valid; types and operations stand in the order of their keys.
//! - I4 every named node has an [`Origin`].
//! - I5 every cycle of definitions passes a list, a map or a field marked `indirect`.
//! - I6 every style, media type and status is explicit; statuses do not overlap.
//! - I7 [`dump()`] of equal input is equal text, whatever the order of maps in which OpenAPI gives
//!   order no meaning.

pub mod api;
pub mod dump;
pub mod guess;
pub mod literal;
pub mod lock;
pub mod operation;
mod resolve;
pub mod security;
pub mod ty;
pub mod verify;
mod visit;
pub mod words;

pub use api::{
    Api, Docs, ErrorEnvelope, Group, GroupId, Origin, RateWindow, ResetUnit, Webhook,
    WebhookSignature, WebhookTag,
};
pub use dump::dump;
pub use guess::{Guess, GuessKind};
pub use literal::Literal;
pub use operation::{
    Body, Case, CaseBody, Codec, IdempotencyKey, Media, Method, Operation, OperationId, PagesBy,
    Pagination, Param, ParamStyle, PathPart, PathTemplate, Place, Status,
};
pub use security::{
    OAuthFlows, Requirement, Rotation, SchemeId, SchemeKind, SecurityScheme, TokenKey,
};
pub use ty::{
    Access, ChoiceValue, Constraints, Dispatch, Field, JsonKind, MembersQuestion, Presence, Rest,
    Scalar, Shape, Takes, Ty, TypeDef, TypeId, Usage, Variant,
};
pub use verify::{Violation, verify};
pub use words::Words;
