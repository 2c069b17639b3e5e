//! What the runtime needs to know of an operation.

use std::fmt::Debug;

pub use http::Method;

pub use crate::answer::Answer;
pub use crate::body::RequestBody;
pub use crate::json::DecodeError;
pub use crate::page::{ItemKey, Keyed, NextPage, PageItems, PageNumbers, Paginated, fill_page};
pub use crate::param::{ParamValue, ToParam};
pub use crate::redirect::Redirect;
pub use crate::request::{BodyCodec, EncodeError, EncodedRequest, RequestEncoder};
pub use crate::style::{PathStyle, QueryStyle};

/// One operation of an API, as a value that holds its inputs.
///
/// Generated code implements it. The runtime calls [`Self::encode`] once for a call, sends the result as often as its
/// rules allow, and gives the last answer to [`Self::decode`].
pub trait Operation: Clone + Send + Sync + 'static {
    /// What is the same for every call.
    const META: &'static OperationMeta;
    /// The `Accept` header: what the API is asked to answer in.
    const ACCEPT: &'static str = "application/json";
    /// What a call gives.
    type Output: Send + 'static;
    /// The error model of the document.
    type Error: Debug + Send + Sync + 'static;

    /// Writes the inputs as a request.
    fn encode(&self, to: &mut RequestEncoder) -> Result<(), EncodeError>;

    /// Reads an answer. It sorts by status first: an error's body never is read as a success.
    fn decode(answer: &Answer) -> Decoded<Self>;
}

/// What [`Operation::decode`] gives: a [`Reply`], or the answer does not fit the document.
pub type Decoded<O> = Result<Reply<<O as Operation>::Output, <O as Operation>::Error>, DecodeError>;

/// An answer that was understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply<T, E> {
    /// The operation did what it is for.
    Success(T),
    /// The API refused, in the words of the document's error model.
    Failure(E),
    /// The document says nothing of this status.
    Undocumented,
}

/// What is the same for every call of an operation.
///
/// Not `#[non_exhaustive]`, because generated code writes it as a literal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperationMeta {
    /// The `operationId` of the document.
    pub id: &'static str,
    /// The HTTP method.
    pub method: Method,
    /// The path below the server's URL, with `{name}` for each path parameter.
    pub path: &'static str,
    /// Each entry is one way to authenticate: pairs of scheme and scopes, all of which must hold.
    ///
    /// Empty: the operation needs no credentials. An empty entry: it accepts a call without, too.
    pub security: &'static [&'static [(&'static str, &'static [&'static str])]],
    /// What a second execution of the same request does.
    pub idempotency: Idempotency,
}

/// What a second execution of the same request does (RFC 9110 §9.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Idempotency {
    /// It reads only.
    Safe,
    /// It leaves what one execution leaves.
    Idempotent,
    /// The same, as long as both carry the same key.
    Key {
        /// The header that carries the key.
        header: &'static str,
        /// For how long the server keeps its answer to a key, in seconds, if the document says so.
        retention_seconds: Option<u64>,
    },
    /// It may do the thing twice.
    Unsafe,
}
