//! Request bodies.

use specwright_ir::Body;
use specwright_openapi::document::RequestBody;

use super::media;
use crate::lowering::{Lowering, docs};

/// `None` if `content` has no media type: then there is nothing that could be sent.
pub(super) fn lower(lowering: &mut Lowering<'_>, body: &RequestBody) -> Option<Body> {
    let media = media::lower_all(lowering, &body.content);
    (!media.is_empty()).then(|| Body {
        required: body.required,
        media,
        docs: docs(None, body.description.as_ref()),
    })
}
