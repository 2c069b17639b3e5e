//! A call, encoded: what goes into the request loop.

use http::Method;
use specwright_core::error::{ErrorKind, ErrorReport};
use specwright_core::operation::{
    EncodedRequest, Idempotency, Operation, OperationMeta, RequestEncoder,
};

use crate::options::CallOptions;
use crate::security::Requirement;

/// A call, encoded: what every attempt of it sends, and what decides about attempts.
#[derive(Debug)]
pub(crate) struct Prepared {
    /// What the document says of the operation, if it describes the request.
    pub(crate) operation: Option<&'static OperationMeta>,
    pub(crate) method: Method,
    pub(crate) accept: &'static str,
    pub(crate) security: Requirement,
    pub(crate) idempotency: Idempotency,
    pub(crate) encoded: EncodedRequest,
    pub(crate) delivery: Delivery,
    pub(crate) options: CallOptions,
}

/// How a caller wants the body of a success. The body of an error is always read whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Delivery {
    /// As a part of the answer.
    Whole,
    /// As it comes.
    Streamed,
}

impl Prepared {
    /// Encodes a call, once for all its attempts.
    pub(crate) fn of<O: Operation>(
        request: &O,
        accept: &'static str,
        delivery: Delivery,
        options: CallOptions,
    ) -> Result<Self, ErrorReport> {
        let mut encoder = RequestEncoder::new(O::META.path);
        // The options come first, so that a parameter of the operation wins over a header by hand.
        let encoded = options
            .write(&mut encoder)
            .and_then(|()| request.encode(&mut encoder))
            .and_then(|()| encoder.finish())
            .map_err(|error| {
                ErrorReport::new(ErrorKind::Encode).with_operation(O::META.id).with_source(error)
            })?;
        Ok(Self {
            operation: Some(O::META),
            method: O::META.method.clone(),
            accept,
            security: Requirement::Documented(O::META.security),
            idempotency: O::META.idempotency,
            encoded,
            delivery,
            options,
        })
    }
}
